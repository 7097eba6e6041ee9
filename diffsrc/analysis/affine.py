"""Affine indices: an index as (loop variable or other value, constant offset), and two questions asked of them."""

from __future__ import annotations

from ..ir.ops import Apply, For, Index, Load, Range, Slice, Store
from ..ir.values import Literal, Operand, Value, is_literal
from .positions import Loop, Positions

Affine = tuple[Value | None, int]


def affine(pos: Positions, operand: Operand | Slice) -> Affine | None:
    """`i + c` as (i, c), a literal as (None, c); None for anything else."""
    if isinstance(operand, Literal):
        return (None, operand.value) if type(operand.value) is int else None
    if not isinstance(operand, Value):
        return None
    op = pos.def_of.get(operand)
    if isinstance(op, Apply) and op.fn.name in ("add", "sub") and len(op.args) == 2:
        a, b = affine(pos, op.args[0]), affine(pos, op.args[1])
        if a is not None and b is not None and b[0] is None:
            return (a[0], a[1] + b[1] if op.fn.name == "add" else a[1] - b[1])
        if a is not None and b is not None and a[0] is None and op.fn.name == "add":
            return (b[0], a[1] + b[1])
    return (operand, 0)


def counter(loop: Loop) -> Value | None:
    """The variable of a `for` over a range of step 1."""
    if not isinstance(loop, For) or not isinstance(loop.space, Range):
        return None
    step = loop.space.step
    return loop.body.params[0] if is_literal(step, 1) else None


def reads_behind(pos: Positions, load: Load, store: Store, roots: list[Value]) -> bool:
    """Whether a load reads only elements that the store has written in an earlier iteration (and never writes again)."""
    loops = pos.loops(pos.block_of[store])
    if not loops or (pos.block_of[load] is not pos.block_of[store] and loops != pos.loops(pos.block_of[load])):
        return False
    inner = loops[0]
    i = counter(inner)
    if i is None or not isinstance(load.place, Index) or not isinstance(store.place, Index):
        return False
    outside = loops[1:]
    for root in roots:  # no outer loop within the life of the array
        if pos.loops(pos.region_of[root]) != outside:
            return False
    if load.src is not store.dst or store.add or len(load.place.items) != len(store.place.items):
        return False
    behind = False
    for mine, theirs in zip(load.place.items, store.place.items):
        a, b = affine(pos, mine), affine(pos, theirs)
        if a is None or b is None or a[0] is not b[0]:
            return False
        if a[0] is i:
            if not _never_negative(inner, a[1]):
                return False  # index -1 is the last element, which may be stored to later
            behind = behind or a[1] < b[1]
            if a[1] > b[1]:
                return False
        elif a[1] != b[1]:
            return False
    return behind


def _never_negative(loop: Loop, offset: int) -> bool:
    assert isinstance(loop, For) and isinstance(loop.space, Range)
    start = loop.space.start
    return isinstance(start, Literal) and type(start.value) is int and start.value + offset >= 0


def writes_each_once(pos: Positions, store: Store, roots: list[Value]) -> bool:
    """Whether every element is stored at most once in the life of the array: the index holds each loop variable."""
    loops = pos.loops(pos.block_of[store])
    if len(roots) != 1 or not isinstance(store.place, Index):
        return False
    life = pos.loops(pos.region_of[roots[0]])
    around = loops[: len(loops) - len(life)]
    if loops[len(around) :] != life:
        return False
    found = {a[0]: a[1] for item in store.place.items if (a := affine(pos, item)) is not None}
    return all((c := counter(loop)) is not None and c in found and _never_negative(loop, found[c]) for loop in around)
