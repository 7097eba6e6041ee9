"""Arguments that are there for the derivative only, and that the printed text of a call leaves out (`Def.printed`), after
everything that looks at derivatives:

    %c = contents(%s)                      s(%t)  no longer needs the coefficients of the spline `s`
    %0 = at(%s, %c, %t)              ->    %0 = at(%s, None, %t)
"""

from __future__ import annotations

from dataclasses import replace

from ..defs.objects import template
from ..defs.table import Def
from ..ir.ops import Apply, Block, Func, Op
from ..ir.values import Literal
from ..ir.walk import blocks, walk, with_blocks, with_body


def without_unprinted(func: Func) -> Func:
    """The function without the arguments that no text shows."""
    if not any(_is_printed(op) for op in walk(func.body)):
        return func
    return with_body(func, _block(func.body))


def _is_printed(op: Op) -> bool:
    return isinstance(op, Apply) and isinstance(op.fn, Def) and bool(op.fn.printed)


def _block(block: Block) -> Block:
    return Block(block.params, tuple(map(_op, block.ops)))


def _op(op: Op) -> Op:
    if isinstance(op, Apply) and isinstance(op.fn, Def) and op.fn.printed:
        hidden = template(op.fn).left_out(len(op.args))
        return replace(op, args=tuple(Literal(None) if i in hidden else a for i, a in enumerate(op.args)))
    inner = blocks(op)
    return with_blocks(op, tuple(map(_block, inner))) if inner else op
