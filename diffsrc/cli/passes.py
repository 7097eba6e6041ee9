"""The passes that `diffsrc opt` knows by name: those that clean derivatives, and those that prepare for them.

In a derivative (a dump that has a `comment('reverse')`), what stands before that comment is the user's, and
stays as it was written.
"""

from __future__ import annotations

from ..compiler.pipelines import CLEAN, Mine, Pass
from ..defs.structural import COMMENT
from ..ir.ops import Apply, Func, Op
from ..ir.values import Literal
from ..ir.walk import blocks, defined, results
from ..transform.buffers import reuse_buffers
from ..transform.dce import dce
from ..transform.exits import normalise_exits, prune_unreachable
from ..transform.scalars import scalars
from ..transform.unroll import unroll

PASSES: dict[str, Pass] = {
    **dict(CLEAN),
    "dce": lambda func, mine: dce(func, keep_raising=True),
    "exits": lambda func, mine: normalise_exits(func),
    "buffers": lambda func, mine: reuse_buffers(func, mine)[0],
    "unreachable": lambda func, mine: prune_unreachable(func),
    "unroll": lambda func, mine: unroll(func),
    "scalars": lambda func, mine: scalars(func),
}


def run(name: str, func: Func) -> Func:
    """The function after a pass."""
    return PASSES[name](func, _mine(func))


def _mine(func: Func) -> Mine:
    ops = func.body.ops
    start = next((n for n, op in enumerate(ops) if _is_reverse(op)), 0)
    primal = {v for op in ops[:start] for v in (*results(op), *(v for b in blocks(op) for v in defined(b)))}
    return lambda op: not any(r in primal for r in results(op))


def _is_reverse(op: Op) -> bool:
    return isinstance(op, Apply) and op.fn is COMMENT and [_value(a) for a in op.args] == ["reverse"]


def _value(operand: object) -> object:
    return operand.value if isinstance(operand, Literal) else None
