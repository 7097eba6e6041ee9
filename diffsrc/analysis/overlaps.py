"""Which parameters of a function may share memory with one another.

Parameters are taken to lie apart. Where a call, or the caller of the whole program, passes arrays that may overlap, and one
of them is written, the callee is differentiated for that case: its `Func.overlap` names the parameters, or what they
hold, and the alias classes of those are one from the start. So are those of their shadows and tangents in what is derived.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from ..ir.ops import Apply, Func
from ..ir.values import Operand, Pack, Value
from .alias import Aliases
from .mems import Mem, find

Path = tuple[str, ...]
#: a parameter, or a parameter and the slots that lead to what it holds
Spot = int | tuple[int | str, ...]
#: groups of parameters that are one memory
Overlap = tuple[tuple[int, ...], ...]
#: groups of places that are one memory
Pattern = tuple[tuple[Spot, ...], ...]


def grouped(pairs: Iterable[tuple[int, int]]) -> Overlap:
    """The positions that pairs connect, in order."""
    groups: list[set[int]] = []
    for a, b in pairs:
        joined = {a, b}.union(*(g for g in groups if a in g or b in g))
        groups = [g for g in groups if not g & joined] + [joined]
    return tuple(sorted(tuple(sorted(g)) for g in groups))


def at_call(aliases: Aliases, op: Apply) -> Pattern:
    """The places of a call's arguments that may be one memory which the call writes."""
    places: dict[Mem, list[Spot]] = {find(n): [] for n in aliases.written_by.get(op, ())}
    for i, arg in enumerate(op.args) if places else ():
        for node, path in reached(aliases, arg):
            if node in places:
                places[node].append((i, *path) if path else i)
    return tuple(tuple(spots) for spots in places.values() if len(spots) > 1)


def reached(aliases: Aliases, arg: Operand) -> Iterator[tuple[Mem, Path]]:
    """What an argument refers to, and the slots by which; a class that holds itself once."""
    todo: list[tuple[Mem, Path, tuple[Mem, ...]]] = []
    for operand, path in opened(arg, ()):
        if (node := aliases.of(operand)) is not None:
            todo.append((node, path, ()))
    while todo:
        node, path, around = todo.pop(0)
        yield node, path
        todo += [
            (find(held), (*path, slot), (*around, node)) for slot, held in node.slots.items()
            if find(held) not in (*around, node)
        ]  # fmt: skip


def opened(operand: Operand, path: Path) -> Iterator[tuple[Operand, Path]]:
    """The operands of a display, with their positions."""
    if not isinstance(operand, Pack):
        yield operand, path
        return
    for i, item in enumerate(operand.items):
        yield from opened(item, (*path, str(i) if operand.kind == "tuple" else "[]"))


def carried(func: Func, params: Sequence[Value], mirrors: Mapping[Value, Operand]) -> Pattern:
    """The overlap of a function made from another: of its parameters, and of their shadows or tangents."""
    place: dict[Operand, int] = {p: i for i, p in enumerate(params)}
    groups: list[tuple[Spot, ...]] = []
    for group in func.overlap:
        spots = [(func.params[s], ()) if isinstance(s, int) else (func.params[_first(s)], s[1:]) for s in group]
        for members in (spots, [(mirrors[p], path) for p, path in spots if p in mirrors]):
            found = [(place[m], path) for m, path in members if m in place]
            groups += [tuple((i, *path) if path else i for i, path in found)] if len(found) > 1 else []
    return tuple(groups)


def _first(spot: tuple[int | str, ...]) -> int:
    assert isinstance(spot[0], int)
    return spot[0]
