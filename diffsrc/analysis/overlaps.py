"""Which parameters of a function may share memory with one another.

Parameters are taken to lie apart. Where a call, or the caller of the whole program, passes arrays that may overlap, and one
of them is written, the callee is differentiated for that case: its `Func.overlap` names the positions, and the alias
classes of those parameters are one from the start. So are those of their shadows and tangents in what is derived.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from ..errors import UnsupportedError
from ..ir.ops import Apply, Func
from ..ir.types import Array, strip
from ..ir.values import Operand, Value
from .alias import Aliases
from .mems import Mem, find, reachable

Overlap = tuple[tuple[int, ...], ...]


def grouped(pairs: Iterable[tuple[int, int]]) -> Overlap:
    """The positions that pairs connect, in order."""
    groups: list[set[int]] = []
    for a, b in pairs:
        joined = {a, b}.union(*(g for g in groups if a in g or b in g))
        groups = [g for g in groups if not g & joined] + [joined]
    return tuple(sorted(tuple(sorted(g)) for g in groups))


def at_call(aliases: Aliases, op: Apply) -> Overlap:
    """The arguments of a call that may share memory which the call writes.

    Raises:
        UnsupportedError: one of them holds the other.
    """
    written = {find(n) for n in aliases.written_by.get(op, ())}
    reached = [_reached(aliases, a) & written for a in op.args] if written else []
    pairs = [(i, j) for j in range(len(reached)) for i in range(j) if reached[i] & reached[j]]
    for i, j in pairs:
        if aliases.of(op.args[i]) is not aliases.of(op.args[j]) or not _alike(op.args[i], op.args[j]):
            raise UnsupportedError(
                f"`{op.fn.name}` gets an array and what holds it, and writes it", loc=op.loc, code="DS319",
                hint="pass a copy of one of them",
            )  # fmt: skip
    return grouped(pairs)


def _reached(aliases: Aliases, operand: Operand) -> set[Mem]:
    node = aliases.of(operand)
    return set() if node is None else set(reachable(node))


def _alike(a: Operand, b: Operand) -> bool:
    return isinstance(strip(a.type), Array) == isinstance(strip(b.type), Array)


def carried(func: Func, params: Sequence[Value], mirrors: Mapping[Value, Operand]) -> Overlap:
    """The overlap of a function made from another: of its parameters, and of their shadows or tangents."""
    place = {p: i for i, p in enumerate(params)}
    groups = []
    for group in func.overlap:
        own = [func.params[i] for i in group]
        for members in (own, [mirrors[p] for p in own if p in mirrors]):
            found = tuple(sorted(place[m] for m in members if isinstance(m, Value) and m in place))
            groups += [found] if len(found) > 1 else []
    return tuple(groups)
