"""Stores with simpler adjoints: updates (`a[i] += v`), and stores whose shadow need not be zeroed."""

from __future__ import annotations

from collections import Counter

from ..analysis.affine import writes_each_once
from ..ir.ops import Apply, Index, Load, Op, Slice, Store, is_whole
from ..ir.values import Literal, Operand, Pack, Value, is_undef, same_literal
from ..ir.walk import used_values, walk
from .reverse_stores import may_repeat
from .slots import is_container
from .sweep import Sweep

_CONSTANT_ALLOCATIONS = frozenset({"np.zeros", "np.ones", "np.empty", "np.zeros_like", "np.ones_like", "np.empty_like"})


def note_patterns(s: Sweep) -> None:
    """Enter the function's update stores and dead zeroings into the sweep."""
    uses = Counter(v for op in walk(s.func.body) for v in used_values(op))
    for op in walk(s.func.body):
        if isinstance(op, Store):
            update = (op.value, False) if op.add else _update(s, op, uses)
            if update is not None:
                s.updates[op] = update
            elif _zeroing_is_dead(s, op):
                s.dead_zeroing.add(op)


def _update(s: Sweep, op: Store, uses: Counter[Value]) -> tuple[Operand, bool] | None:
    """The addend of `dst[place] = dst[place] + v`, and whether it is subtracted."""
    made = s.pos.def_of.get(op.value) if isinstance(op.value, Value) else None
    if not isinstance(made, Apply) or made.fn.name not in ("add", "sub") or len(made.args) != 2:
        return None
    if not isinstance(op.value, Value) or uses[op.value] != 1 or s.pos.block_of[made] is not s.pos.block_of[op]:
        return None
    first, second = made.args
    if _reads_same(s, first, op, uses):
        return second, made.fn.name == "sub"
    if made.fn.name == "add" and _reads_same(s, second, op, uses):
        return first, False
    return None


def _reads_same(s: Sweep, operand: Operand, op: Store, uses: Counter[Value]) -> bool:
    """Whether an operand of the sum is what stands at the place of the store just before it."""
    if not isinstance(op.place, Index) or not isinstance(operand, Value):
        return False
    if is_whole(op.place):
        return operand is op.dst
    load = s.pos.def_of.get(operand)
    if not isinstance(load, Load) or load.src is not op.dst or not isinstance(load.place, Index) or uses[operand] != 1:
        return False
    if s.pos.block_of[load] is not s.pos.block_of[op] or _may_repeat(op) or not _same_place(load.place, op.place):
        return False
    node = s.aliases.of(op.dst)
    return node is not None and not any(s.pos.order[load] < s.pos.order[w] < s.pos.order[op] for w in node.writes)


def _may_repeat(op: Store) -> bool:
    """Whether one element may be written twice; a key of a dict, a tuple for one, names one slot."""
    return isinstance(op.place, Index) and not is_container(op.dst) and may_repeat(op.place)


def _same_place(a: Index, b: Index) -> bool:
    if len(a.items) != len(b.items):
        return False
    return all(_same_item(x, y) for x, y in zip(a.items, b.items))


def _same_item(a: Operand | Slice, b: Operand | Slice) -> bool:
    if isinstance(a, Slice) and isinstance(b, Slice):
        return _same_item(a.lower, b.lower) and _same_item(a.upper, b.upper) and _same_item(a.step, b.step)
    if isinstance(a, Literal) and isinstance(b, Literal):
        return same_literal(a, b) and not is_undef(a)
    if isinstance(a, Pack) and isinstance(b, Pack):
        return len(a.items) == len(b.items) and all(map(_same_item, a.items, b.items))
    return a is b


def _zeroing_is_dead(s: Sweep, op: Store) -> bool:
    """Whether nothing reversed later reads the place: constant allocation here, not joined, one store, each element once."""
    node = s.aliases.of(op.dst)
    if node is None or node.params or node.joins or len(node.writes) != 1 or len(node.roots) != 1:
        return False
    made: Op | None = s.pos.def_of.get(node.roots[0])
    if not isinstance(made, Apply) or made.fn.name not in _CONSTANT_ALLOCATIONS or op.dst is not node.roots[0]:
        return False
    return writes_each_once(s.pos, op, node.roots)
