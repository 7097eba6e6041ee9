"""Reversed ranges as ranges: `reversed(range(a, b))` is `range(b - 1, a - 1, -1)`, and `range(n)` when nobody counts.

Native compilers know no `reversed`. A step other than 1 or -1 keeps `range(a, b, s)[::-1]`.
"""

from __future__ import annotations

import operator
from dataclasses import replace

from ..defs.table import lookup
from ..ir.ops import Apply, Block, For, Func, Op, Range, Reversed
from ..ir.types import INT
from ..ir.values import Literal, Operand, Value
from ..ir.walk import blocks, used_values, walk, with_blocks, with_body, with_ops


def plain_ranges(func: Func) -> Func:
    """The function with reversed ranges of step 1 or -1 counted down."""
    return with_body(func, _block(func.body))


def _block(block: Block) -> Block:
    ops: list[Op] = []
    for op in block.ops:
        op = with_blocks(op, tuple(_block(b) for b in blocks(op))) if blocks(op) else op
        if isinstance(op, For) and isinstance(op.space, Reversed) and isinstance(op.space.item, Range):
            op = replace(op, space=_turned(op, op.space.item, ops))
            op = op if isinstance(op.space, Reversed) or _counts(op) else _uncounted(op)
        ops.append(op)
    return with_ops(block, ops)


def _turned(op: For, r: Range, ops: list[Op]) -> Range | Reversed:
    step = r.step.value if isinstance(r.step, Literal) else None
    if step not in (1, -1) or type(step) is not int:
        return Reversed(r)
    if not _counts(op):
        return r
    return Range(_less(r.stop, step, ops), _less(r.start, step, ops), Literal(-step))


def _counts(op: For) -> bool:
    index = op.body.params[0]
    return any(index in used_values(inner) for inner in walk(op.body))


def _uncounted(op: For) -> For:
    """The loop with its index, which nobody reads, called `_`."""
    index, *rest = op.body.params
    return replace(op, body=Block((replace(index, name="_"), *rest), op.body.ops))


def _less(a: Operand, step: int, ops: list[Op]) -> Operand:
    """`a - step`; where `a` is itself something plus or minus a number, one sum is made of both."""
    if isinstance(a, Literal) and type(a.value) is int:
        return Literal(a.value - step)
    add, sub = lookup(operator.add), lookup(operator.sub)
    assert add is not None and sub is not None
    more = -step
    made = next((op for op in ops if isinstance(op, Apply) and op.results == (a,)), None)
    if made is not None and made.fn in (add, sub):
        by = made.args[1]
        if isinstance(by, Literal) and by.text is None and type(by.value) is int:
            a, more = made.args[0], more + (by.value if made.fn is add else -by.value)
    if more == 0:
        return a
    out = Value(None, INT)
    ops.append(Apply(add if more > 0 else sub, (a, Literal(abs(more))), (), (out,)))
    return out
