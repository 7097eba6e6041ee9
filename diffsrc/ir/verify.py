"""The verifier: a table of clauses, each a generator of faults (op, what is wrong).

one definition   a value is defined once; blocks and ops belong to one place
scope            an operand is defined before its use, in the same block or one around it
terminators      exactly one per block, at the end; `unreachable` only behind what never completes
arity            yields, breaks and continues pass as many values as are received; spaces and parameters agree
exits            break and continue stand inside a loop, no exit stands in the condition of a while
undef            only yields, exits, inits and packs pass `undef` on; no other op reads it
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from ..errors import InternalError
from .ops import (
    TERMINATORS,
    Block,
    Break,
    Continue,
    For,
    Func,
    Guard,
    If,
    Op,
    Return,
    Unreachable,
    While,
    Yield,
)
from .text import to_text
from .values import Literal, Operand, Value, is_undef
from .walk import all_blocks, blocks, leaves, operands, results, used_values, walk

Fault = tuple[Op | Func, str]


def verify(func: Func) -> None:
    """Check a function.

    Raises:
        InternalError: with the printed function and the faulty ops marked.
    """
    for clause in CLAUSES:
        faults = list(clause(func))
        if faults:
            raise _error(func, faults)


def _error(func: Func, faults: list[Fault]) -> InternalError:
    notes: dict[object, str] = {}
    for op, text in faults:
        notes.setdefault(op, f"<-- {text}")
    reasons = "; ".join(dict.fromkeys(text for _, text in faults))
    error = InternalError(f"the IR of {func.name!r} is not well formed: {reasons}", loc=faults[0][0].loc)
    error.add_note(to_text(func, notes))
    return error


def _one_definition(func: Func) -> Iterator[Fault]:
    seen: set[Value] = set(func.params)
    if len(seen) < len(func.params):
        yield func, "a parameter is listed twice"
    for op in walk(func.body):
        for value in (*results(op), *(p for b in blocks(op) for p in b.params)):
            if value in seen:
                yield op, f"{_shown(value)} is defined twice"
            seen.add(value)
    once: set[Block | Op] = set()
    for block in all_blocks(func.body):
        for part in (block, *block.ops):
            if part in once and not isinstance(part, TERMINATORS):
                yield (part if not isinstance(part, Block) else part.ops[0]), "stands in two places"
            once.add(part)


def _scope(func: Func) -> Iterator[Fault]:
    known = set(func.params)

    def visit(block: Block) -> Iterator[Fault]:
        own = list(block.params)
        known.update(own)
        for op in block.ops:
            for value in used_values(op):
                if value not in known:
                    yield op, f"{_shown(value)} is not defined here"
            for inner in blocks(op):
                yield from visit(inner)
            own += results(op)
            known.update(results(op))
        known.difference_update(own)

    yield from visit(func.body)
    if func.body.params:
        yield func, "the body of a function has no parameters of its own"


def _terminators(func: Func) -> Iterator[Fault]:
    for block in all_blocks(func.body):
        if not block.ops:
            yield func, "a block is empty"
            continue
        if not isinstance(block.ops[-1], TERMINATORS):
            yield block.ops[-1], "a block ends without terminator"
        for op in block.ops[:-1]:
            if isinstance(op, TERMINATORS):
                yield op, "a terminator stands inside a block"
        ended = len(block.ops) > 1 and never_completes(block.ops[-2])
        if isinstance(block.ops[-1], Unreachable) and not ended:
            yield block.ops[-1], "this can be reached"
    if func.body.ops and isinstance(func.body.ops[-1], Yield):
        yield func.body.ops[-1], "the body of a function ends in a return"


def never_completes(op: Op) -> bool:
    """Whether control never comes past an op: an `if` or guard of which no region yields, a loop left by return only."""
    if isinstance(op, (If, Guard)):
        return not any(isinstance(b.ops[-1], Yield) for b in blocks(op))
    if isinstance(op, (For, While)):
        ends = isinstance(op.orelse.ops[-1], Yield) and not is_endless(op)
        return not ends and not any(breaks(op.body))
    return False


def is_endless(op: Op) -> bool:
    """Whether the condition of a loop is the literal True, so that its `orelse` never runs."""
    if not isinstance(op, While) or len(op.cond.ops) != 1 or not isinstance(op.cond.ops[0], Yield):
        return False
    (condition,) = op.cond.ops[0].values
    return isinstance(condition, Literal) and condition.text is None and condition.value in (True, 1)


def breaks(block: Block) -> Iterator[Break]:
    """The breaks of a block that leave the loop around it."""
    for op in block.ops:
        if isinstance(op, Break):
            yield op
        if isinstance(op, (If, Guard)):
            for inner in blocks(op):
                yield from breaks(inner)
        if isinstance(op, (For, While)):
            yield from breaks(op.orelse)


@dataclass(frozen=True)
class _Exits:
    """What the terminators of a block pass on: how many values, None where the exit isn't allowed."""

    normal: int | None
    next: int | None = None
    leave: int | None = None
    function: bool = True


def _arity(func: Func) -> Iterator[Fault]:
    yield from _block_arity(func.body, _Exits(None))


def _block_arity(block: Block, exits: _Exits) -> Iterator[Fault]:
    for op in block.ops:
        yield from _op_arity(op, exits)
        match op:
            case Yield(values):
                wanted = exits.normal
            case Continue(values):
                wanted = exits.next
            case Break(values):
                wanted = exits.leave
            case Return() if not exits.function:
                yield op, "no exit may stand here"
                continue
            case _:
                continue
        if wanted is None:
            yield op, "no such exit here"
        elif len(values) != wanted:
            yield op, f"passes {len(values)} values, {wanted} are received"


def _op_arity(op: Op, outer: _Exits) -> Iterator[Fault]:
    match op:
        case If():
            arm = _Exits(len(op.results), outer.next, outer.leave, outer.function)
            yield from _block_arity(op.then, arm)
            yield from _block_arity(op.other, arm)
            if op.then.params or op.other.params:
                yield op, "the arms of an if have no parameters"
        case Guard():
            region = _Exits(len(op.results), outer.next, outer.leave, outer.function)
            for block in blocks(op):
                yield from _block_arity(block, region)
            if len(op.body.params) != (op.context is not None):
                yield op, "the body has one parameter if there is a context, else none"
            if len(op.classes) != len(op.handlers):
                yield op, f"{len(op.classes)} classes for {len(op.handlers)} handlers"
            if any(len(b.params) != 1 + len(op.shared) for b in op.handlers):
                yield op, "a handler has the exception and the shared variables as parameters"
        case For() | While():
            count = len(op.inits)
            fixed = len(list(leaves(op.space))) if isinstance(op, For) else 0
            if len(op.body.params) != count + fixed:
                yield op, f"the body has {len(op.body.params)} parameters, {count + fixed} are passed"
            if len(op.orelse.params) != count:
                yield op, f"the else has {len(op.orelse.params)} parameters, {count} are passed"
            if isinstance(op, While):
                if len(op.cond.params) != count:
                    yield op, f"the condition has {len(op.cond.params)} parameters, {count} are passed"
                yield from _block_arity(op.cond, _Exits(1, function=False))
            yield from _block_arity(op.body, _Exits(count, count, len(op.results), outer.function))
            yield from _block_arity(op.orelse, _Exits(len(op.results), outer.next, outer.leave, outer.function))


def read_operands(op: Op) -> tuple[Operand, ...]:
    """The operands that an op reads itself, other than those that it passes on."""
    if isinstance(op, (Yield, Break, Continue, While)):
        return ()
    found = operands(op)
    return found[: len(found) - len(op.inits)] if isinstance(op, For) else found


def _undef(func: Func) -> Iterator[Fault]:
    for op in walk(func.body):
        if any(map(is_undef, read_operands(op))):
            yield op, "reads undef"


def _shown(value: Value) -> str:
    return f"%{value.name}" if value.name else "a temporary"


#: every clause; the later ones may rely on the earlier ones
CLAUSES: tuple[Callable[[Func], Iterator[Fault]], ...] = (
    _terminators,
    _one_definition,
    _scope,
    _arity,
    _undef,
)
