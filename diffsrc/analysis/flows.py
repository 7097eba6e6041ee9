"""Where values flow in a lowered function: through loop parameters, results of `if` and loops, in-place
operators.

`Flows.rebinds` answers the one hard question: may `s += x` be read as `s = s + x`?  For arrays the two differ
when anything else holds the array. They agree if the arrays that reach `s` are made by arithmetic, are put
nowhere, never stand under two names at once, and no name but the new one is read afterwards.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cached_property

from ..defs.operators import INPLACE
from ..defs.table import Def
from ..ir.ops import (
    NONE_LIT,
    Apply,
    Block,
    Break,
    Continue,
    For,
    Func,
    Guard,
    If,
    Load,
    Op,
    Return,
    Store,
    While,
    Yield,
)
from ..ir.values import Operand, Value, is_undef
from ..ir.walk import blocks, defined, leaves, results, used_values, walk

Edge = tuple[Value, Operand]


def loop_exits(body: Block) -> Iterator[Yield | Continue | Break]:
    """The ops that end an iteration of the loop with this body."""
    for op in body.ops[:-1]:
        if isinstance(op, (If, Guard)):
            yield from _arm_exits(op)
    last = body.terminator
    if isinstance(last, (Yield, Continue, Break)):
        yield last


def _arm_exits(op: If | Guard) -> Iterator[Continue | Break]:
    for arm in blocks(op):
        for inner in arm.ops:
            if isinstance(inner, (Continue, Break)):
                yield inner
            elif isinstance(inner, (If, Guard)):
                yield from _arm_exits(inner)


def carried_params(op: For | While) -> tuple[Value, ...]:
    count = sum(1 for _ in leaves(op.space)) if isinstance(op, For) else 0
    return op.body.params[count:]


def edges(op: Op) -> Iterator[Edge]:
    """The joins of one op: (value, operand that flows into it)."""
    match op:
        case If() | Guard():
            for arm in blocks(op):
                if isinstance(arm.terminator, Yield):
                    yield from zip(op.results, arm.terminator.values)
        case For() | While():
            yield from _loop_edges(op)


def _loop_edges(op: For | While) -> Iterator[Edge]:
    params = carried_params(op)
    yield from zip(params, op.inits)
    yield from zip(op.orelse.params, params)
    if isinstance(op, While):
        yield from zip(op.cond.params, params)
    for exit_ in loop_exits(op.body):
        yield from zip(op.results if isinstance(exit_, Break) else params, exit_.values)
    if isinstance(op.orelse.terminator, Yield):
        yield from zip(op.results, op.orelse.terminator.values)


def may_be_absent(func: Func) -> set[Value]:
    """The values that may be unbound, or None, because some path to a join leaves them so."""
    joins = [edge for op in walk(func.body) for edge in edges(op)]
    found = {target for target, source in joins if is_undef(source) or source == NONE_LIT}
    size = 0
    while size != len(found):
        size = len(found)
        found.update(target for target, source in joins if source in found)
    return found


class Flows:
    """The flow of values in one function."""

    def __init__(self, func: Func) -> None:
        self.func = func

    @cached_property
    def sources(self) -> dict[Value, list[Operand]]:
        """What flows into each value; the result of an in-place operator may be its first operand."""
        out: dict[Value, list[Operand]] = {}
        for op in walk(self.func.body):
            for target, source in edges(op):
                out.setdefault(target, []).append(source)
            if is_inplace(op):
                assert isinstance(op, Apply)
                out.setdefault(op.results[0], []).append(op.args[0])
        return out

    def reaching(self, v: Value) -> list[Operand]:
        """Every operand that may flow into a value, itself first."""
        seen: dict[Operand, None] = {v: None}
        stack: list[Operand] = [v]
        while stack:
            top = stack.pop()
            for source in self.sources.get(top, ()) if isinstance(top, Value) else ():
                if source not in seen:
                    seen[source] = None
                    stack.append(source)
        return list(seen)

    def connected(self, v: Value) -> set[Value]:
        """The values that may be the same array as `v`."""
        out = {v}
        grew = True
        while grew:
            size = len(out)
            for target, given in self.sources.items():
                values = {s for s in given if isinstance(s, Value)}
                if target in out or out & values:
                    out |= {target, *values}
            grew = len(out) > size
        return out

    def rebinds(self, op: Apply, is_number: Callable[[Value], bool]) -> bool:
        """Whether an in-place operator may be read as the plain one; see the module docstring."""
        old = op.args[0]
        assert isinstance(old, Value)
        members = self.connected(old)
        if members.intersection(self.func.params):
            return False
        everything = list(walk(self.func.body))
        if not all(_keeps(each, members, is_number) for each in everything):
            return False
        return not _read_later(self.func.body, op, members)


def is_inplace(op: Op) -> bool:
    return isinstance(op, Apply) and isinstance(op.fn, Def) and op.fn.name in INPLACE


def _keeps(op: Op, members: set[Value], is_number: Callable[[Value], bool]) -> bool:
    """Whether an op makes members by arithmetic only, hands none on, and passes at most one."""
    used = [v for v in used_values(op) if v in members]
    match op:
        case Apply():
            if not used and not members.intersection(op.results):
                return True
            return is_inplace(op) or (
                isinstance(op.fn, Def) and op.fn.alias == "fresh" and op.fn.family not in ("structural", "opaque")
            )
        case Load():
            return op.result not in members and (not used or is_number(op.result))
        case Store():
            return op.value not in members
        case Yield() | Break() | Continue() | For() | While():
            return len(used) <= 1
        case Return() | If() | Guard():
            return True
    return not used


def _read_later(block: Block, op: Op, members: set[Value]) -> bool:
    """Whether a member defined before `op` may be read after it: behind it in its blocks, or, if it was
    defined outside of a loop around, anywhere in the loop."""
    for at, here in enumerate(block.ops):
        inside = here is not op and any(op is each for b in blocks(here) for each in walk(b))
        if here is not op and not inside:
            continue
        behind = Block((), block.ops[at + 1 :])
        late = {*defined(behind), *results(here)}
        if any(v in members and v not in late for each in walk(behind) for v in used_values(each)):
            return True
        if isinstance(here, (For, While)):
            own = {v for b in blocks(here) for v in defined(b)}
            if any(v in members and v not in own for b in blocks(here) for each in walk(b) for v in used_values(each)):
                return True
        return any(_read_later(b, op, members) for b in blocks(here)) if inside else False
    return False
