"""Simpler regions: what loops and ifs pass around without need is passed directly.

    %y, %k = for %i in range(0, %n, 1) carry (%y_1 = %x, %k_1 = 0) {        for %i in range(0, %n, 1) {
      %k_2 = add(%k_1, 1)                                                     store %x[%i] = 0.0
      store %y_1[%i] = 0.0                                             =>     yield
      yield %y_1, %k_2                                                      }
    }                                                                       return %x
    return %y

* A carried value that is the init (or itself) in every iteration is the init.
* A result that is the same operand on every path is that operand.
* An `if` on a literal is its arm.
* Results and carried values that nothing needs are dropped, with the pure ops that only they needed; so are
  ifs and loops without effect.
"""

from __future__ import annotations

from ..analysis.raises import block_raises
from ..ir.ops import Block, For, Func, Guard, If, Op, Raise, While
from ..ir.values import Literal, Operand, Pack, Value, is_undef
from ..ir.verify import is_endless
from ..ir.walk import blocks, completes, defined, substitute, walk, with_blocks, with_body, with_ops
from .dce import PureCall, dce
from .exits import prune_unreachable
from .mark import Loop, carried_params, column, next_ends, result_ends
from .ways import same_operand


def simplify(func: Func, pure_call: PureCall = lambda op: False) -> Func:
    """The function with simpler regions; ops that may raise stay."""
    replaced: dict[Value, Operand] = {}
    while True:
        before = len(replaced)
        for op in walk(func.body):
            _constant_values(op, replaced)
        func, spliced = splice(substitute(func, replaced) if len(replaced) > before else func)
        if before == len(replaced) and not spliced:
            return dce(func, keep_raising=True, pure_call=pure_call)


def _constant_values(op: Op, replaced: dict[Value, Operand]) -> None:
    """Enter the carried values and results of an op that are one operand on every path."""
    if isinstance(op, (For, While)):
        _constant_params(op, replaced)
    if isinstance(op, (If, Guard, For, While)):
        _same_results(op, replaced)


def _constant_params(op: Loop, replaced: dict[Value, Operand]) -> None:
    nexts = next_ends(op)
    for k, params in enumerate(carried_params(op)):
        passed = [_resolved(o, replaced) for o in column(nexts, k)]
        init = _resolved(op.inits[k], replaced)
        if is_undef(init) or params[0] in replaced:
            continue  # what is never bound keeps its name
        if all(o is params[0] or same_operand(o, init) for o in passed):
            replaced.update(dict.fromkeys(params, init))


def _same_results(op: If | Guard | Loop, replaced: dict[Value, Operand]) -> None:
    ends = [e for e in result_ends(op) if not (is_endless(op) and e is blocks(op)[-1].terminator)]
    inside: set[Value] | None = None
    for n, result in enumerate(op.results if ends else ()):
        passed = [_resolved(o, replaced) for o in column(ends, n)]
        first = passed[0]
        if result in replaced or isinstance(first, Pack) or is_undef(first):
            continue
        if not all(same_operand(first, o) for o in passed[1:]):
            continue
        inside = set(defined(Block((), (op,)))) if inside is None else inside
        if first not in inside:
            replaced[result] = first


def _resolved(operand: Operand, replaced: dict[Value, Operand]) -> Operand:
    while isinstance(operand, Value) and operand in replaced:
        operand = replaced[operand]
    return operand


def splice(func: Func) -> tuple[Func, bool]:
    """An `if` on a literal True or False, and a `try` that catches nothing, are replaced by their arm; whether there was one."""
    passed: dict[Value, Operand] = {}
    count = 0

    def visit(block: Block) -> Block:
        nonlocal count
        ops: list[Op] = []
        for op in block.ops:
            op = with_blocks(op, tuple(map(visit, blocks(op))))
            arm = _certain_arm(op)
            if arm is None:
                ops.append(op)
                continue
            count += 1
            assert isinstance(op, (If, Guard))
            if not completes(arm):
                return Block(block.params, (*ops, *arm.ops))
            ops += arm.body
            passed.update(zip(op.results, arm.terminator.values))  # type: ignore[union-attr]
        return with_ops(block, ops)

    func = substitute(with_body(func, visit(func.body)), passed)
    return (prune_unreachable(func), True) if count else (func, False)


def _certain_arm(op: Op) -> Block | None:
    """The arm of an `if` that is taken for sure; the body of a `try` whose handlers only raise again."""
    if isinstance(op, If):
        known = _truth(op.cond)
        return None if known is None else op.then if known else op.other
    if isinstance(op, Guard) and op.is_try:
        caught = not all(map(_only_raises, op.handlers)) and block_raises(op.body, (BaseException,))
        return None if caught else op.body
    return None


def _only_raises(block: Block) -> bool:
    last = block.terminator
    again = isinstance(last, Raise) and isinstance(last.value, Literal) and last.value.value is None
    return again and len(block.ops) == 1


def _truth(operand: Operand) -> bool | None:
    known = isinstance(operand, Literal) and operand.text is None and isinstance(operand.value, bool)
    return operand.value if known else None  # type: ignore[union-attr, return-value]
