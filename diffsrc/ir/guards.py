"""Rewritings of guards: copies of handlers, and a `try` cut in two.

    try {                                     %a, %ok = try {
      A                                         A
      B                                         yield %a, True
      yield %b                                } except C (%err) { H'; yield undef, False }
    } except C (%err) { H; yield %h }   =>    if %ok {
                                                %b = try { B; yield %b } except C (%err) { H; yield %h }
                                              }

Cut apart, the handlers of A see the variables as they were at its start, and what A did is done when B raises.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from .ops import Block, Guard, If, Op, Unreachable, Yield
from .types import BOOL
from .values import UNDEF, Literal, Operand, Value
from .verify import never_completes
from .walk import (
    blocks,
    completes,
    defined,
    map_operands,
    results,
    substitute_block,
    used_values,
    walk,
    with_blocks,
    with_results,
)


def copied(block: Block) -> Block:
    """The block with values of its own."""
    new = {v: replace(v) for v in defined(block)}

    def use(o: Operand) -> Operand:
        return new.get(o, o) if isinstance(o, Value) else o

    def visit(b: Block) -> Block:
        ops = []
        for op in b.ops:
            op = with_blocks(map_operands(op, use), tuple(visit(i) for i in blocks(op)))
            ops.append(with_results(op, tuple(new[r] for r in results(op))) if results(op) else op)
        return Block(tuple(new.get(p, p) for p in b.params), tuple(ops))

    return visit(block)


def cut(op: Guard, at: int) -> list[Op]:
    """The ops that stand for a `try` whose body is cut before its op `at`."""
    first, second = op.body.ops[:at], op.body.ops[at:]
    rest = Block((), second)
    read = {v for inner in walk(rest) for v in used_values(inner)}
    handed = [v for o in first for v in results(o) if v in read]
    out = {v: replace(v) for v in handed}
    renamed = substitute_block(rest, lambda o: out.get(o, o) if isinstance(o, Value) else o)
    if not any(map(completes, op.handlers)):
        body = Block((), (*first, Yield(tuple(handed), op.loc)))
        ahead = replace(op, body=body, handlers=tuple(map(copied, op.handlers)), results=tuple(out.values()))
        return [ahead, replace(op, body=renamed)]
    ok = Value("completed", BOOL, loc=op.loc)
    failed = tuple(replace(r) for r in op.results)
    undefined = (UNDEF,) * len(op.results)
    body = Block((), (*first, Yield((*undefined, *handed, Literal(True)), op.loc)))
    handlers = tuple(
        _extended(copied(h), lambda vs: (*vs, *(UNDEF for _ in handed), Literal(False))) for h in op.handlers
    )
    ahead = replace(op, body=body, handlers=handlers, results=(*failed, *out.values(), ok))
    given = tuple(replace(r) for r in op.results)
    behind = replace(op, body=renamed, results=given)
    end: Op = Unreachable(op.loc) if never_completes(behind) else Yield(given, op.loc)
    return [ahead, If(ok, Block((), (behind, end)), Block((), (Yield(failed, op.loc),)), op.results, op.loc)]


def _extended(block: Block, more: Callable[[tuple[Operand, ...]], tuple[Operand, ...]]) -> Block:
    last = block.terminator
    if not isinstance(last, Yield):
        return block
    return replace(block, ops=(*block.body, replace(last, values=more(last.values))))
