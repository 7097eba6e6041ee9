"""Renaming of values throughout a function, and putting a function in place of its call."""

from __future__ import annotations

from dataclasses import replace

from ..ir.ops import Block, Func, Op, Return
from ..ir.values import Operand, Value
from ..ir.walk import blocks, defined, map_operands, results, substitute, with_blocks, with_results


def rename(func: Func, new: dict[Value, Value]) -> Func:
    """The function with values (definitions and uses) replaced; its ops are new ones."""

    def use(o: Operand) -> Operand:
        return new.get(o, o) if isinstance(o, Value) else o

    def block(b: Block) -> Block:
        ops = []
        for op in b.ops:
            op = with_blocks(map_operands(op, use), tuple(block(i) for i in blocks(op)))
            ops.append(with_results(op, tuple(new.get(r, r) for r in results(op))) if results(op) else replace(op))
        return Block(tuple(new.get(p, p) for p in b.params), tuple(ops))

    return replace(func, params=tuple(new.get(p, p) for p in func.params), body=block(func.body))


def in_place(func: Func, args: tuple[Operand, ...]) -> tuple[list[Op], Operand]:
    """The ops of a function on given arguments, with values of their own, and its result."""
    fresh = rename(func, {v: replace(v) for v in defined(func.body)})
    put = substitute(fresh, dict(zip(fresh.params, args)))
    last = put.body.terminator
    assert isinstance(last, Return)
    return list(put.body.body), last.value
