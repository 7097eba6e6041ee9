"""Renaming of values throughout a function."""

from __future__ import annotations

from dataclasses import replace

from ..ir.ops import Block, Func
from ..ir.values import Operand, Value
from ..ir.walk import blocks, map_operands, results, with_blocks, with_results


def rename(func: Func, new: dict[Value, Value]) -> Func:
    """The function with values (definitions and uses) replaced."""

    def use(o: Operand) -> Operand:
        return new.get(o, o) if isinstance(o, Value) else o

    def block(b: Block) -> Block:
        ops = []
        for op in b.ops:
            op = with_blocks(map_operands(op, use), tuple(block(i) for i in blocks(op)))
            ops.append(with_results(op, tuple(new.get(r, r) for r in results(op))) if results(op) else op)
        return Block(tuple(new.get(p, p) for p in b.params), tuple(ops))

    return replace(func, params=tuple(new.get(p, p) for p in func.params), body=block(func.body))
