"""Loop-invariant code of derivatives in front of the loop.

    for %i in range(0, %n, 1) {                 %0 = mul(%w, %w)
      %0 = mul(%w, %w)                          for %i in range(0, %n, 1) {
      accum %dx[%i] = %0              =>          accum %dx[%i] = %0
      yield                                       yield
    }                                           }

Moved are operators on numbers that can't raise, since the loop may run no iteration, and layout of arrays;
never ops of the primal (`may_move` tells), never ops on variables that may be unbound in front of the loop.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from ..defs.table import Def
from ..ir.ops import Apply, Block, For, Func, Guard, If, Op, While
from ..ir.types import Array, Scalar, strip
from ..ir.values import Literal, Operand, Value, is_undef
from ..ir.walk import blocks, defined, operands, used_values, values_in, walk, with_blocks, with_body, with_ops
from .cse import OF_LAYOUT
from .mark import carried_params, column, next_ends, result_ends
from .memory import is_pure

MayMove = Callable[[Op], bool]
#: they don't raise for any number
_TOTAL = frozenset({"add", "sub", "mul", "neg", "pos", "lt", "le", "gt", "ge", "eq", "ne", "not_"})


def hoist(func: Func, may_move: MayMove = lambda op: True) -> Func:
    """The function with invariant ops moved out of loops where `may_move` allows it."""
    unbound = maybe_unbound(func)

    def movable(op: Op) -> bool:
        return may_move(op) and is_safe(op) and unbound.isdisjoint(used_values(op))

    return with_body(func, _block(func.body, movable))


def _block(block: Block, movable: MayMove) -> Block:
    ops: list[Op] = []
    for op in block.ops:
        op = with_blocks(op, tuple(_block(b, movable) for b in blocks(op)))
        if isinstance(op, (For, While)):
            moved, op = _split(op, movable)
            ops += moved
        ops.append(op)
    return with_ops(block, ops)


def _split(loop: For | While, movable: MayMove) -> tuple[list[Op], For | While]:
    """The invariant ops of a loop's body, and the loop without them."""
    inside = set(defined(Block((), (loop,))))
    moved: list[Op] = []
    kept: list[Op] = []
    for op in loop.body.ops:
        if movable(op) and inside.isdisjoint(used_values(op)):
            assert isinstance(op, Apply)
            inside.difference_update(op.results)
            moved.append(op)
        else:
            kept.append(op)
    return moved, replace(loop, body=replace(loop.body, ops=tuple(kept))) if moved else loop


def is_safe(op: Op) -> bool:
    """Whether an op may run where it wouldn't have run: no effect, and it can always be computed."""
    if not isinstance(op, Apply) or not isinstance(op.fn, Def) or not is_pure(op) or op.fn.raises:
        return False
    kinds = [strip(o.type) for o in operands(op)]
    if not all(isinstance(strip(r.type), Scalar) for r in op.results):
        return op.fn.name in ("np.shape", ".shape") and isinstance(kinds[0], Array)
    if op.fn.name in OF_LAYOUT:
        return isinstance(kinds[0], Array) and (kinds[0].ndim > 0 or op.fn.name != "len")
    if not all(isinstance(k, Scalar) for k in kinds):
        return False
    return op.fn.name in _TOTAL


def maybe_unbound(func: Func) -> set[Value]:
    """Values that may be undefined: joins that receive `undef`, or such a value, on some path."""
    passed: dict[Value, list[Operand]] = {}
    for op in walk(func.body):
        if isinstance(op, (If, Guard, For, While)):
            passed.update((v, column(result_ends(op), n)) for n, v in enumerate(op.results))
        if isinstance(op, (For, While)):
            for k, params in enumerate(carried_params(op)):
                passed.update((p, [op.inits[k], *column(next_ends(op), k)]) for p in params)
    found = {v for v, items in passed.items() if any(_has_undef(o) for o in items)}
    while more := {v for v, items in passed.items() if v not in found and not found.isdisjoint(values_in(*items))}:
        found |= more
    return found


def _has_undef(operand: Operand) -> bool:
    return isinstance(operand, Literal) and is_undef(operand)
