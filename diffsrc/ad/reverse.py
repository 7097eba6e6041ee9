"""Reverse mode of regions: blocks backwards, `if` by arms, loops by iterations.

`reverse_sweep` takes a prepared function (exit normal form, loop facts carried) and gives the ops of its reverse sweep, with
`want` ops at the heads of reversed blocks for the primal values they read (resolved by `ad/plan.py`).

A loop's carried values have adjoints carried the other way: at the start of a reversed iteration they are what the leaf
taken (next iteration or break) passed on, at the end what the parameters received. Adjoints of outer numbers that the body
reads are carried besides; outer arrays get an owned buffer before the loop, updated in place.
"""

from __future__ import annotations

from collections.abc import Callable

from ..errors import InternalError
from ..ir.ops import (
    Apply,
    Block,
    Break,
    Continue,
    For,
    If,
    Op,
    Raise,
    Return,
    Store,
    Unreachable,
    While,
    Yield,
)  # fmt: skip
from ..ir.values import Literal, Operand, Value
from ..ir.walk import walk
from . import reverse_ops
from .slots import Adj, Frame, adj_name, is_array
from .sweep import Sweep


def reverse_block(s: Sweep, block: Block, skip_last: int = 1) -> None:
    """Reverse the ops of a block, last first, without its `skip_last` last ops (the terminator, a tail `if`)."""
    for op in reversed(block.ops[: len(block.ops) - skip_last]):
        s.loc = getattr(op, "loc", s.loc)
        match op:
            case If():
                reverse_if(s, op)
            case For() | While():
                reverse_loop(s, op)
            case Return() | Yield() | Break() | Continue() | Raise() | Unreachable():
                raise InternalError("an exit in the middle of a block", loc=op.loc)
            case _:
                reverse_ops.reverse_leaf(s, op)


def is_active_region(s: Sweep, op: Op) -> bool:
    """Whether anything inside has a derivative: an active store or an active result."""
    from ..ir.walk import blocks, results

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
    seeds = [None if s.shadowed(r) else s.take(r) for r in op.results]
    seeds = [plain(s, g, r) for g, r in zip(seeds, op.results)]

    def arm(block: Block) -> Callable[[], None]:
        def run() -> None:
            if isinstance(block.terminator, Yield):
                for operand, g in zip(block.terminator.values, seeds):
                    if g is not None:
                        s.contribute(operand, g)
                reverse_block(s, block)

        return run

    certain = _certain_arm(op)
    if certain is not None:
        with s.mirrored(certain) as frame, s.builder.block() as ops:
            arm(certain)()
        s.check_spent(certain)
        s.builder.extend(s.close(frame, ops))
        return
    branch(s, s.need(op.cond), (op.then, arm(op.then)), (op.other, arm(op.other)))


def _certain_arm(op: If) -> Block | None:
    """The arm that was taken if the reverse sweep runs at all: the condition is known, or the other arm raises."""
    if isinstance(op.cond, Literal):
        return op.then if op.cond.value else op.other
    if isinstance(op.then.terminator, (Raise, Unreachable)):
        return op.other
    return op.then if isinstance(op.other.terminator, (Raise, Unreachable)) else None


def plain(s: Sweep, g: Adj | None, v: Value) -> Adj | None:
    """A cotangent without a mask, which can cross into a region. Borrowed: both arms may hand it on."""
    if g is None:
        return None
    value = s.realise(g, v, whole=False)
    return Adj(value, uniform=g.uniform and not is_array(value), selected=g.selected or g.mask is not None)


Arm = tuple[Block, Callable[[], None]]


def branch(s: Sweep, cond: Operand, then: Arm, other: Arm) -> None:
    """Run two arms on copies of the slots and join what they changed by the results of one `if`."""
    before = dict(s.adj)
    done: list[tuple[Frame, list[Op], dict[Value, Adj]]] = []
    for block, run in (then, other):
        s.adj = dict(before)
        with s.mirrored(block) as frame, s.builder.block() as ops:
            run()
        s.check_spent(block)
        done.append((frame, ops, s.adj))
    (_, _, adj_a), (_, _, adj_b) = done
    changed = [v for v in dict.fromkeys([*adj_a, *adj_b]) if not _same(adj_a.get(v), adj_b.get(v)) and _outer(s, v)]
    joined: list[Value] = []
    yields: list[list[Operand]] = [[], []]
    s.adj = {v: g for v, g in adj_a.items() if _same(g, adj_b.get(v))}
    for v in changed:
        for i, (frame, ops, adj) in enumerate(done):
            yields[i].append(_arm_value(s, frame, ops, adj.get(v), v))
        out = Value(adj_name(v), v.type, loc=v.loc)
        joined.append(out)
        s.adj[v] = Adj(out, owned=is_array(v) and _owned(adj_a.get(v)) and _owned(adj_b.get(v)), selected=s.has_select)
    blocks = [
        Block((), (*s.close(frame, ops), Yield(tuple(values), s.loc))) for (frame, ops, _), values in zip(done, yields)
    ]
    s.builder.emit(If(cond, blocks[0], blocks[1], tuple(joined), s.loc))


def _owned(g: Adj | None) -> bool:
    return g is None or g.owned


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
