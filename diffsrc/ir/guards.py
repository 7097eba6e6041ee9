"""Rewritings of guards: copies of handlers, and a `try` cut in two.

    try {                                     %a, %ok = try {
      A                                         A
      B                                         yield %a, True
      yield %b                                } except C (%err) { H'; yield undef, False }
    } except C (%err) { H; yield %h }   =>    if %ok {
                                                %b = try { B; yield %b } except C (%err) { H; yield %h }
                                              }

Cut apart, the handlers of A see the variables as they were at its start, and what A did is done when B raises. A loop in a
`try` becomes a loop of `try`s in the same way, which the handler leaves by `break`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from .ops import Block, Break, Continue, For, Guard, If, Op, Unreachable, While, Yield
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
    """The block with ops and values of its own."""
    new = {v: replace(v) for v in defined(block)}

    def use(o: Operand) -> Operand:
        return new.get(o, o) if isinstance(o, Value) else o

    def visit(b: Block) -> Block:
        ops = []
        for op in b.ops:
            op = with_blocks(map_operands(op, use), tuple(visit(i) for i in blocks(op)))
            ops.append(with_results(op, tuple(new[r] for r in results(op))) if results(op) else replace(op))
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


def pushed_in(op: Guard, at: int, notes: tuple[Op, ...] = ()) -> list[Op] | None:
    """The ops that stand for a `try` in which only the loop at `at` may raise: the `try` goes into the loop's body, at whose
    start stand the notes. None where that can't be: the handler leaves an outer loop, or the loop's `else` computes."""
    loop = op.body.ops[at]
    assert isinstance(loop, (For, While))
    if len(loop.orelse.ops) > 1 or any(_leaves_loop(h) for h in op.handlers):
        return None
    goes_on = any(map(completes, op.handlers))
    extra = len(op.results) + 1 if goes_on else 0
    undefined = (UNDEF,) * len(op.results)
    normal = (*undefined, Literal(True))[: extra or 0]
    carried = loop.body.params[len(loop.body.params) - len(loop.inits) :]
    passed, given = tuple(replace(p) for p in carried), tuple(replace(r) for r in op.results)
    ok = Value("completed", BOOL, loc=op.loc)
    body = _extended(_breaking(loop.body, normal), lambda vs: (*vs, *normal))
    handlers = tuple(
        _extended(copied(h), lambda vs: (*(UNDEF for _ in carried), *vs, Literal(False))) for h in op.handlers
    )
    results_ = (*passed, *given, ok) if goes_on else passed
    inner = replace(op, body=Block((), (*notes, *body.ops)), handlers=handlers, results=results_)
    tail: tuple[Op, ...] = (Unreachable(op.loc),)
    if not never_completes(inner):
        left = Break((*(UNDEF for _ in loop.results), *given, Literal(False)), op.loc)
        stop = (If(ok, Block((), (Yield((), op.loc),)), Block((), (left,)), (), op.loc),) if goes_on else ()
        tail = (*stop, Yield(passed, op.loc))
    failed, done = tuple(replace(r) for r in op.results), Value("completed", BOOL, loc=op.loc)
    new = replace(
        loop, body=Block(loop.body.params, (inner, *tail)), orelse=_extended(loop.orelse, lambda vs: (*vs, *normal)),
        results=(*loop.results, *failed, done) if goes_on else loop.results,
    )  # fmt: skip
    before, behind = op.body.ops[:at], op.body.ops[at + 1 :]
    other = Block((), (Yield(failed if goes_on else undefined, op.loc),))
    return [*before, new, If(done if goes_on else Literal(True), Block((), behind), other, op.results, op.loc)]


def _leaves_loop(block: Block) -> bool:
    """Whether a `break` or `continue` of a loop around stands in a block."""
    return any(
        isinstance(o, (Break, Continue))
        or (isinstance(o, (If, Guard)) and any(map(_leaves_loop, blocks(o))))
        or (isinstance(o, (For, While)) and _leaves_loop(o.orelse))
        for o in block.ops
    )


def _breaking(block: Block, more: tuple[Operand, ...]) -> Block:
    """A loop's body whose breaks pass more results."""
    ops: list[Op] = []
    for o in block.ops:
        if isinstance(o, Break):
            o = replace(o, values=(*o.values, *more))
        elif isinstance(o, (If, Guard)):
            o = with_blocks(o, tuple(_breaking(b, more) for b in blocks(o)))
        elif isinstance(o, (For, While)):
            o = replace(o, orelse=_breaking(o.orelse, more))
        ops.append(o)
    return replace(block, ops=tuple(ops))
