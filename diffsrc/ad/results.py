"""Arrays that a known function gives several of at once, and that the program writes: it writes copies.

The adjoint of such a function reads what it gave (`Q` and `R` of a QR decomposition), and collects the cotangents of its
parts as values.

Before::                                  After::

    %t = np.linalg.qr(%A)                     %t = np.linalg.qr(%A)
    %Q, %R = unpack(%t)                       %0 = load %t[0]
    store %Q[0] = 0.0                         %Q = np.copy(%0)
                                              %R = load %t[1]
                                              store %Q[0] = 0.0
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ..analysis.alias import Aliases, SummaryOf
from ..analysis.mems import reachable
from ..defs.table import Def
from ..errors import UnsupportedError
from ..ir.ops import Apply, Block, Func, Load, Op
from ..ir.values import Value
from ..ir.walk import blocks, used_values, walk, with_blocks
from .parts import hoist, holds_memory, is_aggregate
from .slots import table


def own_results(func: Func, summary: SummaryOf) -> Func:
    """The function with written parts of results as copies."""
    made = [r for op in walk(func.body) for r in _gives_several(op)]
    if not made:
        return func
    aliases = Aliases(func, summary)
    for r in made:
        node = aliases.of(r)
        if node is not None and any(n.writes for n in reachable(node)):
            func = hoist(func, r)
            _check_taken_apart(func, r)
            func = replace(func, body=_with_copies(func.body, r, Aliases(func, summary)))
    return func


def _gives_several(op: Op) -> list[Value]:
    """The tuples of new arrays that a call of a known function gives."""
    if not isinstance(op, Apply) or not isinstance(op.fn, Def) or op.fn.family != "general" or op.fn.alias != "fresh":
        return []
    return [r for r in op.results if is_aggregate(r.type) and holds_memory(r.type)]


def _check_taken_apart(func: Func, r: Value) -> None:
    for op in walk(func.body):
        if not isinstance(op, Load) and r in used_values(op):
            raise UnsupportedError(
                "the arrays of this tuple are written, and the tuple is passed on as a whole", loc=op.loc, code="DS317",
                hint="unpack it into variables where it is made, and pass these on",
            )  # fmt: skip


def _with_copies(block: Block, r: Value, aliases: Aliases) -> Block:
    ops: list[Op] = []
    for op in block.ops:
        op = with_blocks(op, tuple(_with_copies(b, r, aliases) for b in blocks(op)))
        if isinstance(op, Load) and op.src is r and aliases.written(op.result):
            given = replace(op.result, name=None)
            ops.append(replace(op, result=given))
            op = Apply(table(np.copy), (given,), (), (op.result,), op.loc)
        ops.append(op)
    return Block(block.params, tuple(ops))
