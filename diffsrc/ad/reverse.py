"""Reverse mode of regions: blocks backwards, `if` by arms, loops by iterations.

`reverse_sweep` takes a prepared function (exit normal form, loop facts carried) and gives the ops of its reverse sweep, with
`want` ops at the heads of reversed blocks for the primal values they read (resolved by `ad/plan.py`).

A loop's carried values have adjoints carried the other way: at the start of a reversed iteration they are what the leaf
taken (next iteration or break) passed on, at the end what the parameters received. Adjoints of outer numbers that the body
reads are carried besides; outer arrays get an owned buffer before the loop, updated in place.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from dataclasses import replace

from ..defs.contexts import RE_ENTERED
from ..errors import InternalError
from ..ir.ops import (
    Apply,
    Block,
    Break,
    Continue,
    For,
    Guard,
    If,
    Op,
    Raise,
    Return,
    Store,
    Unreachable,
    While,
    Yield,
)  # fmt: skip
from ..ir.types import BOOL
from ..ir.values import Literal, Operand, Value
from ..ir.walk import blocks, results, walk
from ..source import Loc
from . import reverse_ops
from .prepare import arm_of
from .slots import Adj, Frame, adj_name, is_array, table
from .sweep import Sweep


def reverse_block(s: Sweep, block: Block, skip_last: int = 1) -> None:
    """Reverse the ops of a block, last first, without its `skip_last` last ops (the terminator, a tail `if`)."""
    for op in reversed(block.ops[: len(block.ops) - skip_last]):
        s.loc = getattr(op, "loc", s.loc)
        match op:
            case If():
                reverse_if(s, op)
            case Guard():
                reverse_guard(s, op)
            case For() | While():
                reverse_loop(s, op)
            case Return() | Yield() | Break() | Continue() | Raise() | Unreachable():
                raise InternalError("an exit in the middle of a block", loc=op.loc)
            case _:
                reverse_ops.reverse_leaf(s, op)


def is_active_region(s: Sweep, op: Op) -> bool:
    """Whether anything inside has a derivative: an active store or an active result."""
    if any(s.activity.active(r) for r in results(op)):
        return True
    for block in blocks(op):
        for inner in walk(block):
            if isinstance(inner, Store) and s.activity.active(inner.dst):
                return True
            if isinstance(inner, Apply) and any(s.activity.active(a) for a in reverse_ops.written_operands(s, inner)):
                return True
    return False


# -- if


def reverse_if(s: Sweep, op: If) -> None:
    if not is_active_region(s, op):
        return
    then, other = _arms(s, op)
    certain = _certain_arm(op)
    if certain is not None:
        in_line(s, then if certain is op.then else other)
        return
    branch(s, s.need(op.cond), then, other)


def _arms(s: Sweep, op: If | Guard) -> list[Arm]:
    """The regions of an op, each with its reversal."""
    seeds = [s.handed_back(r) for r in op.results]
    seeds = [plain(s, g, r) for g, r in zip(seeds, op.results)]

    def arm(block: Block) -> Callable[[], None]:
        def run() -> None:
            if isinstance(block.terminator, Yield):
                for operand, g in zip(block.terminator.values, seeds):
                    if g is not None:
                        s.contribute(operand, g)
                reverse_block(s, block)

        return run

    return [(b, arm(b)) for b in blocks(op)]


def in_line(s: Sweep, arm: Arm) -> None:
    """The reversal of a region that certainly ran."""
    block, run = arm
    with s.mirrored(block) as frame, s.builder.block() as ops:
        run()
    s.check_spent(block)
    s.builder.extend(s.close(frame, ops))


def _certain_arm(op: If) -> Block | None:
    """The arm that was taken if the reverse sweep runs at all: the condition is known, or the other arm raises."""
    if isinstance(op.cond, Literal):
        return op.then if op.cond.value else op.other
    if isinstance(op.then.terminator, (Raise, Unreachable)):
        return op.other
    return op.then if isinstance(op.other.terminator, (Raise, Unreachable)) else None


# -- guards


def reverse_guard(s: Sweep, op: Guard) -> None:
    """A `try` like an `if` by the region that completed; a `with` under its context again, where that means something for
    the reverse sweep too."""
    if not is_active_region(s, op):
        return
    arms = _arms(s, op)
    completing = [a for a in arms if isinstance(a[0].terminator, Yield)]
    if op.context is not None and (again := _entered_again(s, op.context)) is not None:
        (block,), joined = run_arms(s, arms)
        entered = Value(None, loc=op.loc)
        s.builder.emit(Guard(again, replace(block, params=(entered,)), (), (), joined, (), op.loc))
        return
    if len(completing) == 1:
        in_line(s, completing[0])
        return
    _by_number(s, completing, op)


def _entered_again(s: Sweep, context: Operand) -> Operand | None:
    """A new context like the one of the forward sweep."""
    made = s.pos.def_of.get(context) if isinstance(context, Value) else None
    if not isinstance(made, Apply) or made.fn not in RE_ENTERED:
        return None
    again = Value(None, made.results[0].type, loc=made.loc)
    args = tuple(s.need(a) for a in made.args)
    kwargs = tuple((k, s.need(v)) for k, v in made.kwargs)
    s.builder.emit(Apply(made.fn, args, kwargs, (again,), made.loc))
    return again


def _by_number(s: Sweep, completing: list[Arm], op: Guard) -> None:
    """The region whose number the forward sweep left, by a chain of `if`s."""
    found = arm_of(op)
    assert found is not None
    arm, numbers = s.need(found[0]), found[1]
    regions, joined = run_arms(s, completing)
    rest = regions[-1]
    for number, region in list(zip(numbers, regions))[-2::-1]:
        results = tuple(replace(v) for v in joined)
        if isinstance(number.value, bool):
            then, other = (region, rest) if number.value else (rest, region)
            rest = Block((), (If(arm, then, other, results, s.loc), Yield(results, s.loc)))
            continue
        taken = Value(None, BOOL, loc=s.loc)
        test = Apply(table(operator.eq), (arm, number), (), (taken,), s.loc)
        rest = Block((), (test, If(taken, region, rest, results, s.loc), Yield(results, s.loc)))
    *ops, last = rest.body
    assert isinstance(last, If)
    s.builder.extend(ops)
    s.builder.emit(replace(last, results=joined))


def plain(s: Sweep, g: Adj | None, v: Value) -> Adj | None:
    """A cotangent without a mask, which can cross into a region. Borrowed: both arms may hand it on."""
    if g is None:
        return None
    value = s.realise(g, v, whole=False)
    return Adj(value, uniform=g.uniform and not is_array(value), selected=g.selected or g.mask is not None)


Arm = tuple[Block, Callable[[], None]]


def branch(s: Sweep, cond: Operand, then: Arm, other: Arm) -> None:
    """Run two arms on copies of the slots and join what they changed by the results of one `if`."""
    blocks, joined = run_arms(s, (then, other))
    s.builder.emit(If(cond, blocks[0], blocks[1], joined, s.loc))


def run_arms(s: Sweep, arms: Sequence[Arm]) -> tuple[list[Block], tuple[Value, ...]]:
    """Run arms, of which one was taken, on copies of the slots: their blocks, and the results by which the slots that they
    changed are joined."""
    before, loc = dict(s.adj), s.loc
    done: list[tuple[Frame, list[Op], dict[Value, Adj]]] = []
    places: list[Loc] = []
    for block, run in arms:
        s.adj, s.loc = dict(before), loc
        with s.mirrored(block) as frame, s.builder.block() as ops:
            run()
        s.check_spent(block)
        done.append((frame, ops, s.adj))
        places.append(s.loc)
    slots = [adj for _, _, adj in done]
    first, *others = slots if len(slots) > 1 else [*slots, before]
    every = dict.fromkeys(v for adj in slots for v in adj)
    changed = [v for v in every if not all(_same(first.get(v), o.get(v)) for o in others) and _outer(s, v)]
    joined: list[Value] = []
    yields: list[list[Operand]] = [[] for _ in done]
    s.adj = dict(first)
    for v in changed:
        for i, (frame, ops, adj) in enumerate(done):
            s.loc = places[i]
            yields[i].append(_arm_value(s, frame, ops, adj.get(v), v))
        out = Value(adj_name(v), v.type, loc=v.loc)
        joined.append(out)
        untaken = any(adj.get(v) is None for adj in (first, *others))  # there its cotangent is exactly zero
        owned = is_array(v) and all(_owned(adj.get(v)) for adj in slots)
        s.adj[v] = Adj(out, owned=owned, selected=untaken or s.may_hold_zeros(v))
    s.loc = loc
    blocks = [
        Block((), (*s.close(frame, ops), Yield(tuple(values), s.loc))) for (frame, ops, _), values in zip(done, yields)
    ]
    return blocks, tuple(joined)


def _owned(g: Adj | None) -> bool:
    """Whether what an arm hands on is an array of its own: it was, or is made of a scalar or a mask there."""
    return g is None or g.owned or g.mask is not None or not is_array(g.value)


def _same(a: Adj | None, b: Adj | None) -> bool:
    """Whether two arms left one slot alike: untouched, or one buffer updated in place."""
    if a is None or b is None:
        return a is b
    return a.value is b.value and a.mask == b.mask


def _outer(s: Sweep, v: Value) -> bool:
    """Whether a primal value is defined outside the arms (only those are joined)."""
    return s.pos.region_of[v] in set(s.pos.regions(s.frame.block))


def _arm_value(s: Sweep, frame: Frame, ops: list[Op], g: Adj | None, v: Value) -> Operand:
    s.frames.append(frame)
    s.builder._stack.append(ops)
    try:
        return s.zero_of(v) if g is None else s.realise(g, v)
    finally:
        s.builder._stack.pop()
        s.frames.pop()


def reverse_loop(s: Sweep, op: For | While) -> None:
    if not is_active_region(s, op):
        return
    from .reverse_loop import LoopReversal

    LoopReversal(s, op).run()
