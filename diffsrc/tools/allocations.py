"""`ds.profile_allocations`: the arrays that a call allocates, by the user's lines, counted while it runs.

Every block that NumPy takes for data is counted (`blocks.py` says how), whether or not a variable ever held it: so it is
exact, and no sample. Views take none. NumPy makes small arrays of single numbers in many operations (in `2.0 * x`, of 2.0);
these aren't arrays of the program, and are counted apart. A block doesn't tell its dtype: one of 1, 2, 4, 8 or 16 bytes, which
is the size of a number, counts as that.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import CodeType
from typing import Any

from ..source import NOWHERE, Loc
from .blocks import listening
from .places import FORWARD, PRIMAL, function_of, html_table, place_of, short_name, sorted_by, text_table

_NUMBERS = frozenset({1, 2, 4, 8, 16})
_UNITS = ("B", "KiB", "MiB", "GiB", "TiB")
_ELSEWHERE = "(arguments and results)"
_HEAD = ("line", "source", "sweep", "arrays", "bytes", "peak", "numbers")
_PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>Arrays allocated</title></head><body>
<h1>Arrays allocated</h1>
{table}
</body></html>
"""
_RIGHT = (False, False, False, True, True, True, True)


@dataclass(eq=False, slots=True)
class AllocationRow:
    """What one line of the user allocated in one sweep.

    Attributes:
        file, line: the line; an empty name and 0 for what stands between the call and the first line: copies of arguments,
        gradients in the form of their arguments. It has no sweep.
        sweep: "primal" for lines of the function itself, "forward" and "reverse" for its derivative.
        count: arrays that were allocated.
        bytes: of all of them together.
        peak: bytes of those that were alive at one time.
        numbers: arrays of single numbers, which aren't counted otherwise.
    """

    file: str
    line: int
    sweep: str
    count: int = 0
    bytes: int = 0
    peak: int = 0
    numbers: int = 0
    _alive: int = field(default=0, repr=False)

    @property
    def text(self) -> str:
        """The line as it stands in its file."""
        return Loc(self.file, self.line).text().strip()


class AllocationProfile:
    """Arrays allocated by a call; it prints as a table, the lines of most bytes first.

    Attributes:
        rows: an `AllocationRow` for each line and sweep, the most bytes first.
        count: arrays that were allocated.
        bytes: of all of them together.
        peak: the most bytes that were alive at one time, of what was allocated in the call.
        numbers: arrays of single numbers, which aren't counted otherwise.
        result: what the call returned.
    """

    def __init__(self, below: CodeType, sweep: str) -> None:
        """`below`: the code that runs what is profiled. `sweep`: of lines of the user that nothing generated called."""
        self._below, self._sweep = below, sweep
        self.count = self.bytes = self.peak = self.numbers = self._alive = 0
        self.result: Any = None
        self._rows: dict[tuple[Loc, str], AllocationRow] = {}

    def taken(self, size: int) -> AllocationRow:
        """Count a block for the line that runs."""
        loc, sweep = place_of(sys._getframe(1), self._below, self._sweep)
        row = self._rows.get((loc, sweep))
        if row is None:
            where = ("", 0) if loc is NOWHERE else (loc.file, loc.line)
            row = self._rows[loc, sweep] = AllocationRow(*where, sweep)
        if size in _NUMBERS:
            self.numbers += 1
            row.numbers += 1
            return row
        for counted in (self, row):
            counted.count += 1
            counted.bytes += size
            counted._alive += size
            counted.peak = max(counted.peak, counted._alive)
        return row

    def given_back(self, size: int, what: AllocationRow) -> None:
        """A block is no longer alive."""
        if size not in _NUMBERS:
            self._alive -= size
            what._alive -= size

    @property
    def rows(self) -> list[AllocationRow]:
        return sorted(self._rows.values(), key=lambda r: (-r.bytes, r.file, r.line, r.sweep))

    def by_line(self) -> list[AllocationRow]:
        """The rows in the order of the source."""
        return sorted(self._rows.values(), key=lambda r: (r.file, r.line, r.sweep))

    def table(self, sort: str = "total") -> str:
        """The table as text.

        Args:
            sort: "total", the line of most bytes first, or "line", as in the source.
        """
        return text_table(_HEAD, [*self._cells(sorted_by(sort, self))], _RIGHT, self._summary())

    def _cells(self, rows: list[AllocationRow]) -> Iterator[tuple[str, ...]]:
        for r in rows:
            where = f"{short_name(r.file)}:{r.line}" if r.file else _ELSEWHERE
            yield where, r.text, r.sweep, str(r.count), in_bytes(r.bytes), in_bytes(r.peak), str(r.numbers)

    def _summary(self) -> list[str]:
        arrays = f"{self.count} arrays" if self.count != 1 else "1 array"
        return [f"{arrays}, {in_bytes(self.bytes)} allocated, {in_bytes(self.peak)} alive at most"]

    def __str__(self) -> str:
        return self.table()

    def _repr_html_(self) -> str:
        return html_table(_HEAD, [*self._cells(self.rows)], _RIGHT, self._summary())

    def html(self, path: str | Path) -> None:
        """Write the table as an HTML page."""
        Path(path).write_text(_PAGE.format(table=self._repr_html_()), encoding="utf-8")

    def __repr__(self) -> str:
        return f"<AllocationProfile: {self._summary()[0]}>"


def in_bytes(n: int) -> str:
    """A number of bytes in a unit that fits.

    >>> in_bytes(8000000)
    '7.63 MiB'
    """
    power = min(max(n.bit_length() - 1, 0) // 10, len(_UNITS) - 1)
    return f"{n / 1024**power:.2f} {_UNITS[power]}" if power else f"{n} B"


def profile_allocations(f: Callable[..., Any], *args: Any, **kwargs: Any) -> AllocationProfile:
    """Count the arrays that `f(*args, **kwargs)` allocates, by the user's lines.

    Args:
        f: a function, or a derivative (`ds.grad(f)` and its like): then what its generated code allocates is counted for the
        lines of `f` that it was made from, for the forward and the reverse sweep apart.
        args, kwargs: what it is called with. It is called twice, on copies: what is compiled and what is made once only isn't
        counted.

    >>> print(profile_allocations(ds.grad(loss), w, x))
    """
    from ..api.trees import duplicate

    f(*duplicate(list(args)), **duplicate(kwargs))
    given, named = duplicate(list(args)), duplicate(kwargs)
    found = AllocationProfile(called.__code__, PRIMAL if function_of(f) is None else FORWARD)
    with listening(found):
        found.result = called(f, given, named)
    return found


def called(f: Callable[..., Any], args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
    """Calls what is profiled: frames above are not the user's program."""
    return f(*args, **kwargs)
