"""`ds.pgds`: profile-guided despecialisation: what is compiled too often for what it runs.

    with ds.snoop() as t:
        work()
    with cProfile.Profile() as profile:
        work()
    print(ds.pgds(t, profile))

A row per function: seconds compiling it and seconds running it, in Python and in its derivatives, for how many types it was
compiled, and which share of its calls waits for the run to know types.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FunctionType
from typing import TYPE_CHECKING, Any, overload

from ..api import engine
from ..api.triggers import dispatched_calls
from ..compiler import methods
from ..compiler.keys import type_key
from ..compiler.methods import MethodInstance
from ..defs.unspecialized import parameters
from ..ir.types import Type
from ..source import is_generated
from .advice import Advice, Advised, advise
from .places import html_table, text_table
from .runs import PACKAGE, Key, seconds_by
from .snoop import InferenceTimingNode

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

#: modes of nodes for what an entry point asked for
ENTRIES = frozenset({"grad", "reverse", "split", "forward", "again", "load"})


@dataclass(eq=False, slots=True)
class Specialization:
    """A function as it was compiled for argument types: typed, and with its derivatives.

    Attributes:
        types: of the arguments.
        compile_seconds: exclusive, of all compilations for these types.
        modes: what was compiled, with the seconds of each: "primal", "forward", "reverse", or what an entry point asked for.
        result_type: the type of the result; None where it isn't known.
        activity: of the arguments, where an entry point asked; else empty.
    """

    types: tuple[Type, ...]
    compile_seconds: float = 0.0
    modes: dict[str, float] = field(default_factory=dict)
    result_type: Type | None = None
    activity: tuple[str, ...] = ()
    #: what an entry point asked for
    entry: str = ""
    typed: MethodInstance | None = None

    def __str__(self) -> str:
        return f"({', '.join(map(str, self.types))})"


@dataclass(eq=False, slots=True)
class Row:
    """A function in `ds.pgds`.

    Attributes:
        function: the function; for an inner function, its lowered form.
        name, file, line: where it is.
        parameters: its parameters.
        run_seconds: of the function and of its derivatives, with the library functions that they call, without functions
            that have rows themselves.
        compile_seconds: exclusive seconds of all its compilations.
        instances: for how many tuples of argument types it was compiled.
        unknown_calls: the share of its calls, operators among them, whose types were unknown: what is called is found at run
            time.
        specializations: one per tuple of argument types, the costliest first.
    """

    function: Any
    name: str
    file: str
    line: int
    parameters: tuple[str, ...]
    run_seconds: float = 0.0
    compile_seconds: float = 0.0
    unknown_calls: float = 0.0
    specializations: list[Specialization] = field(default_factory=list)
    _advised: Advised | None = None

    @property
    def instances(self) -> int:
        return len(self.specializations)

    @property
    def saves_at_most(self) -> float:
        """The seconds that compiling only the costliest instance would save."""
        return self.compile_seconds - max((s.compile_seconds for s in self.specializations), default=0.0)

    @property
    def label(self) -> str:
        """Name, parameters and place."""
        return f"{self.name}({', '.join(self.parameters)}) at {Path(self.file).name}:{self.line}"

    @property
    def advised(self) -> Advised:
        """What would let one instance serve for several, and what stands in the way."""
        if self._advised is None:
            self._advised = advise(self.function, self.parameters, self.specializations)
        return self._advised

    @property
    def advice(self) -> tuple[Advice, ...]:
        """What would let one instance serve for several."""
        return self.advised.advice

    def suggest(self) -> str:
        """Which argument to despecialise or standardise, and why."""
        found = self.advised
        if self.instances < 2:
            return f"`{self.name}` is compiled for one tuple of types: nothing to gain"
        lines = [*map(str, found.advice), *found.obstacles]
        if found.advice:
            lines.append(f"{self.instances} instances become {found.left}: {found.saves:.3f} s of compiling less")
            if self.run_seconds > self.compile_seconds:
                lines.append("it ran longer than compiling it took: compare the run time before and after")
        return "\n".join(lines)

    def __repr__(self) -> str:
        return (
            f"<Row {self.label}: run {self.run_seconds:.6f} s, compile {self.compile_seconds:.6f} s, {self.instances} instances,"
            f" {self.unknown_calls:.0%} unknown calls>"
        )


#: which part of the compile time has to be saved for advice to be printed below the table
_WORTH = 0.01


class Pgds(Sequence[Row]):
    """The rows of `ds.pgds`, worst first; printed, a table with what is advised below it."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self.rows = list(rows)

    @overload
    def __getitem__(self, at: int) -> Row: ...
    @overload
    def __getitem__(self, at: slice) -> list[Row]: ...
    def __getitem__(self, at: int | slice) -> Row | list[Row]:
        return self.rows[at]

    def __len__(self) -> int:
        return len(self.rows)

    def __str__(self) -> str:
        return text_table(_HEAD, list(map(cells, self.rows)), _RIGHT, self.advised())

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return html_table(_HEAD, list(map(cells, self.rows)), _RIGHT, self.advised())

    def advised(self) -> list[str]:
        """What is advised about functions that take longer to compile than they run, where that saves something."""
        least = _WORTH * sum(r.compile_seconds for r in self.rows)
        worth = [r for r in self.rows if r.compile_seconds > r.run_seconds and r.saves_at_most > least]
        told = [r for r in worth if r.advice and r.advised.saves > least]
        return [f"{r.name}: {line}" for r in told for line in r.suggest().splitlines()]

    def html(self, path: str | Path) -> None:
        """Write the page of `ds.pgdsgui`."""
        from .pgdsgui import page

        Path(path).write_text(page(self), encoding="utf-8")

    def figure(self, ax: Axes | None = None) -> Figure:
        """The figure of `ds.pgdsgui`."""
        from .pgdsgui import figure

        return figure(self, ax)


_HEAD = ("function", "run s", "compile s", "instances", "unknown calls")
_RIGHT = (False, True, True, True, True)


def cells(row: Row) -> tuple[str, ...]:
    """A row of the table as text."""
    times = f"{row.run_seconds:.6f}", f"{row.compile_seconds:.6f}"
    return (row.label, *times, str(row.instances), f"{row.unknown_calls:.0%}")


def pgds(t: InferenceTimingNode, profile: Any) -> Pgds:
    """What was compiled against what it runs: which functions are compiled for too many types.

    Compile first, under `ds.snoop`; then run the same again under a profiler. Worst first: the functions whose compile time
    exceeds their run time by most. Functions that aren't compiled have no row; those that didn't run have a run time of zero.

    Args:
        t: the recording of `ds.snoop`.
        profile: a `cProfile.Profile`, a `pstats.Stats`, the result of `ds.profile`, or another object with `functions()`, which
            gives seconds by (file, first line, name).

    Returns:
        Rows with `function`, `run_seconds`, `compile_seconds`, `instances`, `unknown_calls`, and `suggest()`: which argument to
        despecialise (`ds.nospecialize`) or standardise (`ds.standardize`).

    Raises:
        ActivityError: the profile is none.

    >>> with snoop() as t: work()
    >>> with cProfile.Profile() as profile: work()
    >>> print(pgds(t, profile))
    """
    engine.enter_loaded()
    table = _Table()
    table.compiled(t)
    for key, seconds in seconds_by(profile, table.owner).items():
        if seconds:
            table.row(key).run_seconds += seconds
    table.complete()
    rows = list(table.rows.values())
    for row in rows:
        row.specializations.sort(key=lambda s: -s.compile_seconds)
        row.unknown_calls = _unknown(row)
    return Pgds(sorted(rows, key=lambda r: r.run_seconds - r.compile_seconds))


def _unknown(row: Row) -> float:
    counts = [dispatched_calls(s.typed) for s in row.specializations if s.typed is not None]
    calls = sum(n for _, n in counts)
    return sum(n for n, _ in counts) / calls if calls else 0.0


class _Table:
    """Rows while they are made, by function."""

    def __init__(self) -> None:
        self.rows: dict[Key, Row] = {}
        self.functions: dict[Key, Any] = {}
        #: which function the functions of generated text belong to, by file and name
        self.generated: dict[tuple[str, str], Key] = {}
        self.by_types: dict[tuple[Key, tuple[object, ...]], Specialization] = {}
        for m in methods.instances():
            self.known(m)

    def known(self, m: MethodInstance) -> None:
        """Note an instance: of which function it is, and what was generated for it."""
        key = self.key_of(m.function)
        if key is None:
            return
        if key == key_of(m.function):  # the newest, where one was redefined in its place
            self.functions[key] = m.function
        self.generated |= {(file, name): key for file in m._files for name in m._names}

    def key_of(self, function: Any) -> Key | None:
        """The function of the user's behind one that was compiled; None for what has no place, and for the compiler's own."""
        found = key_of(function)
        return None if found is None else self.origin(found)

    def origin(self, key: Key) -> Key | None:
        file, _, name = key
        if is_generated(file):
            whole = file.partition(" ")[2].rpartition(" ")[0]  # helpers belong to the derivative that the text is for
            return self.generated.get((file, name)) or self.generated.get((file, whole))
        return None if file.startswith(PACKAGE) else key

    def owner(self, key: Key) -> Key | None:
        """Whose seconds those of a profiled function are."""
        found = self.origin(key)
        return found if found in self.functions else None

    def row(self, key: Key) -> Row:
        if key not in self.rows:
            f = self.functions[key]
            self.rows[key] = Row(f, key[2], key[0], key[1], _parameters(f))
        return self.rows[key]

    def compiled(self, t: InferenceTimingNode) -> None:
        """Add up a recording. What is compiled for functions that have no row is charged to the caller."""
        for node in t.walk():
            if node.instance is not None:
                self.known(node.instance)
        waiting: list[tuple[InferenceTimingNode, Row | None, Specialization | None]] = [(c, None, None) for c in t.children]
        while waiting:
            node, row, found = waiting.pop()
            if (key := self.key_of(node.function)) is not None:
                if key == key_of(node.function):
                    self.functions.setdefault(key, node.function)
                row = self.row(key)
                found = self.specialization(key, row, node)
            if row is not None and found is not None:
                row.compile_seconds += node.exclusive
                found.compile_seconds += node.exclusive
                found.modes[node.mode] = found.modes.get(node.mode, 0.0) + node.exclusive
            waiting += [(c, row, found) for c in node.children]

    def complete(self) -> None:
        """Give functions that ran, and were compiled before the recording, the instances that there are; and what came from
        disk its result type."""
        bare = {key: row for key, row in self.rows.items() if not row.specializations}
        for m in methods.instances():
            key = key_of(m.function)
            found = self.by_types.get((key, tuple(map(type_key, m.types)))) if key is not None else None
            if found is None and key in bare:
                found = self.of_types(key, bare[key], m.types)
            if found is None:
                continue
            found.result_type = found.result_type or m.result_type
            if m.mode == "primal":
                found.typed = found.typed or m
            elif key in bare and not m.callers:
                found.activity, found.entry = m.activity, m.mode

    def of_types(self, key: Key, row: Row, types: tuple[Type, ...]) -> Specialization:
        by = (key, tuple(map(type_key, types)))
        if by not in self.by_types:
            self.by_types[by] = Specialization(types)
            row.specializations.append(self.by_types[by])
        return self.by_types[by]

    def specialization(self, key: Key, row: Row, node: InferenceTimingNode) -> Specialization:
        """What a node is a compilation of. A derivative that is compiled again (for one of higher order) starts with the
        arguments of its function."""
        again = key != key_of(node.function)
        found = self.of_types(key, row, node.types[: len(row.parameters)] if again else node.types)
        if again:
            return found
        if node.mode in ENTRIES and node.activity:
            found.activity, found.entry = node.activity, node.mode
        if node.instance is not None:
            found.result_type = node.instance.result_type
            found.typed = node.instance if node.mode == "primal" else found.typed
        return found


def key_of(function: Any) -> Key | None:
    """File, first line and name of a function; None where it has no place."""
    code = getattr(function, "__code__", None)
    if code is not None:
        return code.co_filename, code.co_firstlineno, code.co_name
    loc = getattr(function, "loc", None)
    return (loc.file, loc.line, function.name) if loc is not None else None


def _parameters(function: Any) -> tuple[str, ...]:
    if isinstance(function, FunctionType):
        return tuple(parameters(function.__code__))
    return tuple(p.name or "_" for p in getattr(function, "params", ()))
