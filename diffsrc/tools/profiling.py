"""`ds.profile`: run time on the user's lines, of a function and of the forward and reverse sweep of its derivative.

Lines of generated code know which line of the user they serve and in which sweep they stand (`source.origin_of`), also when
they come from the disk cache. Those of a function that isn't differentiated belong to the sweep that called it. What is
measured is `clock.py`'s; here the lines are put together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter
from typing import Any

from ..defs.transforms import MARK
from ..source import Loc, is_generated, origin_of
from .clock import LineClock, Ran, quieter
from .flame import Bar, drawn
from .places import (
    FORWARD,
    PRIMAL,
    REVERSE,
    SWEEPS,
    function_of,
    html_table,
    is_followed,
    owner_of,
    short_name,
    sorted_by,
    text_table,
)

_COLOURS = {PRIMAL: "#9ecae1", FORWARD: "#a1d99b", REVERSE: "#fdae6b", "outside of the lines": "#d9d9d9"}
_OUTSIDE = "outside of the lines"
_UNITS = ((1.0, "s"), (1e-3, "ms"), (1e-6, "us"))
_SOURCE_WIDTH = 72
_MOST = 1000
#: derivatives that take other arguments than their function
_OTHER_ARGUMENTS = frozenset({"hvp"})


@dataclass(eq=False, slots=True)
class ProfileRow:
    """Seconds on one line of the user.

    Attributes:
        file, line: the line.
        primal: of the function itself.
        forward, reverse: of the sweeps of its derivative.
        total: of what was profiled: of both sweeps, or of the function where that was profiled alone.
        share: the part that this is of all lines.
        hits: how often the line runs in a call.
    """

    file: str
    line: int
    primal: float = 0.0
    forward: float = 0.0
    reverse: float = 0.0
    total: float = 0.0
    share: float = 0.0
    hits: float = 0.0
    #: the sweeps in which it ran
    _sweeps: set[str] = field(default_factory=set, repr=False)

    @property
    def text(self) -> str:
        """The line as it stands in its file."""
        return Loc(self.file, self.line).text().strip()


@dataclass(eq=False, slots=True)
class Line:
    """A line of the user below the line that called its function, in one sweep."""

    loc: Loc
    sweep: str
    seconds: float = 0.0
    children: dict[tuple[Loc, str], Line] = field(default_factory=dict)
    #: how often each line of code that serves it ran
    hits: dict[tuple[Any, int], float] = field(default_factory=dict)

    def walk(self) -> Iterator[Line]:
        waiting = [self]
        while waiting:
            line = waiting.pop()
            yield line
            waiting += line.children.values()


NO_LINE = Loc("", 0)


def lines_of(clock: LineClock, sweep: str) -> Line:
    """What a clock measured, by the user's lines. `sweep`: that of lines of the user which nothing generated called."""
    root = Line(NO_LINE, sweep)
    seconds = clock.seconds()
    waiting = [(clock.root, root)]
    while waiting:
        ran, above = waiting.pop()
        for child in ran.children.values():
            line = _entered(child, above)
            line.seconds += seconds.get(child, 0.0)
            key = child.code, child.line
            line.hits[key] = line.hits.get(key, 0.0) + child.hits / clock.runs
            waiting.append((child, line))
    return root


def _entered(ran: Ran, above: Line) -> Line:
    """The line that code serves. Code that says no sweep is in that of its caller."""
    assert ran.code is not None
    file, sweep = ran.code.co_filename, above.sweep
    loc = Loc(file, ran.line)
    if is_generated(file):
        origin = origin_of(file, ran.line) or Loc(file, ran.line)
        loc, sweep = Loc(origin.file, origin.line), origin.sweep or (FORWARD if sweep == PRIMAL else sweep)
    return above.children.setdefault((loc, sweep), Line(loc, sweep))


@dataclass(eq=False, slots=True)
class Run:
    """What was measured of a function: the lines of a call, how many calls were measured, and the seconds of one without the
    clock. What lines leave of these is outside of them. Code runs slower under the clock, all the more the less a line does:
    where lines take more than the call without it, they are scaled."""

    root: Line
    calls: int
    seconds: float
    outside: float = 0.0

    def __post_init__(self) -> None:
        lines = [line for line in self.root.walk() if line is not self.root]
        measured = sum(line.seconds for line in lines)
        self.outside = max(self.seconds - measured, 0.0)
        scale = min(self.seconds / measured, 1.0) if measured else 1.0
        for line in lines:
            line.seconds *= scale


class Profile:
    """Run time by the user's lines; it prints as a table, the costliest lines first.

    Attributes:
        name: of what was profiled.
        calls: how often it was called under the clock. Seconds are those of one call, means over the quieter half of them.
        seconds: of a call without the clock; those of lines, and outside of them, add up to it.
        primal_seconds: of a call of the function itself; None where that wasn't profiled apart.
        outside: seconds of a call outside of the lines: finding the derivative, copying arguments and results.
        rows: a `ProfileRow` for each line, the costliest first.
    """

    def __init__(self, name: str, run: Run, primal: Run | None = None, each: str = "per call") -> None:
        self.name, self._each = name, each
        self._runs = [run] if primal is None else [run, primal]
        self.calls, self.seconds, self.outside = run.calls, run.seconds, run.outside
        self.primal_seconds = primal.seconds if primal is not None else None
        self._by_line = _rows(self._runs)

    @property
    def rows(self) -> list[ProfileRow]:
        return sorted(self._by_line, key=lambda r: (-r.total, -r.primal, r.file, r.line))

    def by_line(self) -> list[ProfileRow]:
        """The rows in the order of the source."""
        return sorted(self._by_line, key=lambda r: (r.file, r.line))

    def functions(self) -> dict[tuple[str, int, str], float]:
        """Seconds of a call by function of the user, without what it calls: (file, first line, name) -> seconds. Of a
        derivative, of both sweeps."""
        found: dict[tuple[str, int, str], float] = {}
        for r in self._by_line:
            owner = owner_of(r.file, r.line)
            key = owner.file, owner.line, owner.name
            found[key] = found.get(key, 0.0) + r.total
        return found

    def sweeps(self) -> dict[str, float]:
        """Seconds of a call by sweep: "primal", "forward", "reverse"."""
        return {s: sum(getattr(r, s) for r in self._by_line) for s in SWEEPS}

    def table(self, sort: str = "total") -> str:
        """The table as text.

        Args:
            sort: "total", the costliest line first, or "line", as in the source.
        """
        head, right, cells = self._cells(sort)
        return text_table(head, cells, right, self._summary())

    def _cells(self, sort: str) -> tuple[list[str], list[bool], list[list[str]]]:
        rows = sorted_by(sort, self)
        sums = self.sweeps()
        shown = [s for s in SWEEPS if any(s in r._sweeps for r in rows)]
        scale, unit = unit_for(max([*sums.values(), 1e-9]))
        head = ["line", "source", "hits", *(f"{s} {unit}" for s in shown), f"total {unit}", "share"]
        cells = [
            [
                f"{short_name(r.file)}:{r.line}",
                r.text if len(r.text) <= _SOURCE_WIDTH else r.text[: _SOURCE_WIDTH - 3] + "...",
                f"{r.hits:.0f}" if r.hits >= 10 or isinstance(r.hits, int) else f"{r.hits:.2g}",
                *(f"{getattr(r, s) / scale:.3f}" if s in r._sweeps else "" for s in (*shown, "total")),
                f"{r.share:.1%}" if "total" in r._sweeps else "",
            ]
            for r in rows
        ]
        return head, [False, False, *[True] * (len(head) - 2)], cells

    def _summary(self) -> list[str]:
        sums = self.sweeps()
        parts = ", ".join(f"{s} {in_seconds(sums[s])}" for s in (FORWARD, REVERSE) if sums[s])
        if parts and self.outside > 1e-6 * self.seconds:
            parts += f", {in_seconds(self.outside)} outside of these lines"
        found = [f"{self.name}: {in_seconds(self.seconds)} {self._each}" + (f" ({parts})" if parts else "")]
        if self.primal_seconds is not None:
            ratio = self.seconds / self.primal_seconds if self.primal_seconds else 0.0
            found.append(f"the function itself: {in_seconds(self.primal_seconds)}; the derivative takes {ratio:.1f} times that")
        return found

    def __str__(self) -> str:
        return self.table()

    def _repr_html_(self) -> str:
        head, right, cells = self._cells("total")
        return html_table(head, cells, right, self._summary())

    def __repr__(self) -> str:
        return f"<Profile: {self._summary()[0]}>"

    def flamegraph(self, path: str | Path) -> None:
        """Write an HTML page that needs nothing else: a flame graph by sweep, function and line, and the table."""
        Path(path).write_text(drawn(f"Run time of {self.name}", self._bars(), _COLOURS, self._repr_html_()), encoding="utf-8")

    html = flamegraph

    def _bars(self) -> Bar:
        sweeps: list[Bar] = []
        for run in reversed(self._runs):
            for sweep in SWEEPS:
                above = _functions([c for c in run.root.children.values() if c.sweep == sweep])
                if above:
                    sweeps.append(_bar(sweep, 0.0, sweep, above))
        sweeps.append(_bar(_OUTSIDE, self.outside, _OUTSIDE, []))
        return _bar("ROOT", 0.0, _OUTSIDE, sweeps)


def _bar(label: str, own: float, kind: str, above: list[Bar]) -> Bar:
    seconds = own + sum(b.seconds for b in above)
    tip = f"{label}: {in_seconds(seconds)}" + (f", own {in_seconds(own)}" if own and above else "")
    return Bar(label, seconds, _COLOURS[kind], tip, above)


def _functions(lines: list[Line]) -> list[Bar]:
    """A bar for each function, with its lines on it, and on them what they call."""
    found: dict[Any, list[Bar]] = {}
    kinds = {}
    for line in sorted(lines, key=lambda c: (c.loc.file, c.loc.line)):
        owner = owner_of(line.loc.file, line.loc.line)
        above = _functions([*line.children.values()])
        label = f"{line.loc.line}: {line.loc.text().strip()}"
        found.setdefault(owner, []).append(_bar(label, line.seconds, line.sweep, above))
        kinds[owner] = line.sweep
    return [_bar(owner.name, 0.0, kinds[owner], bars) for owner, bars in found.items()]


def _rows(runs: list[Run]) -> list[ProfileRow]:
    """The lines of all runs; the first is what was profiled."""
    found: dict[Loc, ProfileRow] = {}
    for run in runs:
        ran: dict[Loc, dict[tuple[Any, int], float]] = {}
        for line in run.root.walk():
            if line is run.root:
                continue
            row = found.setdefault(line.loc, ProfileRow(line.loc.file, line.loc.line))
            setattr(row, line.sweep, getattr(row, line.sweep) + line.seconds)
            row._sweeps.add(line.sweep)
            if run is runs[0]:
                row.total += line.seconds
                row._sweeps.add("total")
            for key, hits in line.hits.items():
                each = ran.setdefault(line.loc, {})
                each[key] = each.get(key, 0.0) + hits
        for loc, by_code in ran.items():
            found[loc].hits = max(found[loc].hits, *by_code.values())
    whole = sum(r.total for r in found.values())
    for row in found.values():
        row.share = row.total / whole if whole else 0.0
        row.hits = round(row.hits) if abs(row.hits - round(row.hits)) < 1e-9 * row.hits else row.hits
    return [*found.values()]


def unit_for(seconds: float) -> tuple[float, str]:
    """The unit in which a time is read best: its seconds, and its name."""
    return next((u for u in _UNITS if seconds >= u[0]), _UNITS[-1])


def in_seconds(seconds: float) -> str:
    """A time in the unit that fits.

    >>> in_seconds(0.00123)
    '1.230 ms'
    """
    scale, unit = unit_for(seconds)
    return f"{seconds / scale:.3f} {unit}"


def profile(
    f: Callable[..., Any], *args: Any, seconds: float = 0.5, repeat: int | None = None, **kwargs: Any
) -> Profile:
    """Where the time of `f(*args, **kwargs)` goes, by the user's lines.

    Args:
        f: a function, or a derivative (`ds.grad(f)`, `ds.value_and_grad(f)`, `ds.hvp(f)` and their like): then the time of its
        generated code is shown on the lines of `f` that it was made from, for the forward and the reverse sweep apart,
        beside that of `f` itself.
        args, kwargs: what it is called with, on copies each time.
        seconds: how long to measure.
        repeat: how many calls to measure instead.

    >>> p = profile(ds.grad(loss), w, x)
    >>> print(p)
    >>> p.rows[0].reverse, p.functions(), p.flamegraph("profile.html")
    """
    function = function_of(f)
    default = PRIMAL if function is None else FORWARD
    run, primal = measured(f, args, kwargs, default, seconds, repeat), None
    if function is not None and _takes_the_same(f):
        primal = measured(function, args, kwargs, PRIMAL, seconds, repeat)
    return Profile(getattr(f, "__name__", type(f).__name__), run, primal)


def _takes_the_same(f: Any) -> bool:
    """Whether a derivative takes the arguments of its function."""
    while (made := getattr(f, "__dict__", {}).get(MARK)) is not None:
        if made[0].kind in _OTHER_ARGUMENTS:
            return False
        f = made[1]
    return True


def measured(
    f: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any], sweep: str, seconds: float, repeat: int | None
) -> Run:
    """The lines of calls on copies of the arguments; of one call first, which may compile, nothing is measured."""
    from ..api.trees import duplicate

    def copies() -> tuple[list[Any], dict[str, Any]]:
        return duplicate(list(args)), duplicate(kwargs)

    given, named = copies()
    f(*given, **named)  # compiles
    clock = LineClock(is_followed)
    plain: list[float] = []
    begun = perf_counter()
    while not plain or (len(plain) < repeat if repeat is not None else perf_counter() - begun < seconds and len(plain) < _MOST):
        given, named = copies()
        start = perf_counter()
        f(*given, **named)
        plain.append(perf_counter() - start)
        given, named = copies()
        with clock:
            f(*given, **named)
    chosen = quieter(plain)
    return Run(lines_of(clock, sweep), len(plain), sum(plain[i] for i in chosen) / len(chosen))


__all__ = ["Line", "Profile", "ProfileRow", "Run", "lines_of", "measured", "profile"]
