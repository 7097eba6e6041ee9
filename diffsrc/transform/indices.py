"""Neighbouring indices in place: `y[i - 1]` twice, rather than a variable for `i - 1`.

    %t = sub(%i, 1)                       %t = sub(%i, 1)
    %a = load %y[%t]             =>       %a = load %y[%t]
    accum %dy[%t] = %g                    %t1 = sub(%i, 1)
                                          accum %dy[%t1] = %g

Code generation writes a temporary that is used once into its use. Only sums of a variable and a small number, used few
times: anything else is computed once.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from ..ir.ops import Apply, Block, Func, Op
from ..ir.types import INT, Array, strip
from ..ir.values import Literal, Operand, Value
from ..ir.walk import blocks, map_operands, used_values, walk, with_blocks

MAX_USES = 4


def repeat_indices(func: Func) -> Func:
    """The function with cheap index arithmetic repeated at its uses."""
    uses = Counter(v for op in walk(func.body) for v in used_values(op))
    cheap = {
        op.results[0]: op
        for op in walk(func.body)
        if isinstance(op, Apply) and _is_neighbour(op) and 1 < uses[op.results[0]] <= MAX_USES
    }
    return replace(func, body=_block(func.body, cheap)) if cheap else func


def _is_neighbour(op: Apply) -> bool:
    if len(op.results) != 1 or op.results[0].name is not None:
        return False
    if op.fn.name == "len":
        return (
            isinstance(op.args[0], Value) and op.args[0].name is not None and isinstance(strip(op.args[0].type), Array)
        )
    if op.fn.name not in ("add", "sub") or len(op.args) != 2:
        return False
    a, b = op.args
    return (
        isinstance(a, Value)
        and a.name is not None
        and strip(a.type) == INT
        and strip(op.results[0].type) == INT
        and isinstance(b, Literal)
        and type(b.value) is int
    )


class _Instead:
    """What stands for an operand at one op."""

    def __init__(self, again: dict[Operand, Operand]) -> None:
        self.again = again

    def __call__(self, operand: Operand) -> Operand:
        return self.again.get(operand, operand)


def _block(block: Block, cheap: dict[Value, Apply]) -> Block:
    ops: list[Op] = []
    for op in block.ops:
        if isinstance(op, Apply) and op.results and op.results[0] in cheap:
            continue
        op = with_blocks(op, tuple(_block(b, cheap) for b in blocks(op))) if blocks(op) else op
        again: dict[Operand, Operand] = {}
        for v in dict.fromkeys(used_values(op)):
            if v in cheap:
                own = again[v] = Value(None, v.type, loc=op.loc)
                ops.append(replace(cheap[v], results=(own,), loc=op.loc))
        ops.append(map_operands(op, _Instead(again)) if again else op)
    return Block(block.params, tuple(ops))
