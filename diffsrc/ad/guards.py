"""`try` in reverse mode: what its body did to memory before it raised.

The reverse sweep undoes the body of a `try` as a whole, if it came to its end. Values that the body made are gone when it
raises, but memory outside of it stays written. So the body is cut behind each such write: every piece is a `try` of its own,
that raises before it writes or not at all. Where a piece can't be so (writes in a loop, in a callee) it is refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from ..analysis.alias import SummaryOf
from ..analysis.positions import Positions
from ..analysis.raises import header_raises, may_raise
from ..defs.structural import LIST_CUT
from ..errors import UnsupportedError
from ..ir.guards import cut, pushed_in
from ..ir.ops import Apply, Block, Break, Continue, For, Func, FuncRef, Guard, If, Op, Return, While, Yield
from ..ir.types import carries_derivative
from ..ir.values import Operand, Value
from ..ir.walk import blocks, completes, defined, values_in, walk, with_blocks
from ..transform.memory import Memory, written
from .activity import Activity

EVERYTHING = (BaseException,)


def cut_at_writes(func: Func, summary: SummaryOf) -> Func:
    """The function with each `try` cut behind the writes to outer memory."""
    return replace(func, body=_Cutter(func, summary).block(func.body))


def survives(op: Op) -> bool:
    """Whether an op is a `try` behind which the program may go on though the body raised."""
    return isinstance(op, Guard) and any(
        completes(h) or any(isinstance(o, (Return, Break, Continue)) for o in walk(h)) for h in op.handlers
    )


def _raise(ops: Iterable[Op]) -> bool:
    return any(may_raise(o, EVERYTHING) for o in ops)


class _Cutter:
    def __init__(self, func: Func, summary: SummaryOf) -> None:
        self.memory = Memory(func)
        self.summary = summary

    def block(self, block: Block) -> Block:
        ops: list[Op] = []
        for op in block.ops:
            op = with_blocks(op, tuple(map(self.block, blocks(op))))
            ops += self.pieces(op) if isinstance(op, Guard) and survives(op) else [op]
        return Block(block.params, tuple(ops))

    def pieces(self, op: Guard) -> list[Op]:
        inside = set(defined(op.body))
        for at, inner in enumerate(op.body.ops[:-1]):
            if not any(True for o in walk(Block((), (inner,))) for _ in self.outer_writes(o, inside)):
                continue
            if isinstance(inner, (For, While)) and may_raise(inner, EVERYTHING) and not header_raises(inner, EVERYTHING):
                return self.around_loop(op, at)
            if _raise(op.body.ops[at + 1 :]):
                return self.cut(op, at + 1)
        return [op]

    def cut(self, op: Guard, at: int) -> list[Op]:
        ahead, behind = cut(op, at)
        assert isinstance(ahead, Guard)
        return [*self.pieces(ahead), *self.behind(behind)]

    def around_loop(self, op: Guard, at: int) -> list[Op]:
        """A loop that writes and may raise then: the `try` goes into it."""
        if _raise(op.body.ops[:at]):
            return self.cut(op, at)
        if _raise(op.body.ops[at + 1 :]):
            return self.cut(op, at + 1)
        ops = pushed_in(op, at)
        return [op] if ops is None else list(self.block(Block((), (*ops, Yield()))).body)

    def behind(self, op: Op) -> list[Op]:
        if not isinstance(op, If):
            assert isinstance(op, Guard)
            return self.pieces(op)
        rest, end = op.then.ops
        assert isinstance(rest, Guard)
        return [replace(op, then=Block((), (*self.pieces(rest), end)))]

    def outer_writes(self, op: Op, inside: set[Value]) -> Iterator[Operand]:
        """What an op writes that carries derivatives and wasn't made in the body."""
        for operand in writes_of(op, self.summary):
            if carries_derivative(operand.type) and self.memory.allocation(operand) not in inside:
                yield operand


def writes_of(op: Op, summary: SummaryOf) -> tuple[Operand, ...]:
    """The operands that an op writes, those that a callee writes too."""
    if isinstance(op, Apply) and isinstance(op.fn, FuncRef) and getattr(op.fn.target, "func", None) is not None:
        return tuple(op.args[i] for i in sorted(summary(op.fn).writes))
    return written(op)


def check_guards(func: Func, activity: Activity, summary: SummaryOf) -> None:
    """Refuse a `try` whose body may raise when it has written active memory from outside.

    Raises:
        UnsupportedError: it may, in a loop, a branch or a callee.
    """
    for op in walk(func.body):
        if isinstance(op, Apply) and op.fn is LIST_CUT and activity.active(op.args[0]):
            raise UnsupportedError(
                "the rest of a list with active values is deleted", loc=op.loc, code="DS331", hint="make a new list: `xs[:n]`"
            )
    guards = [op for op in walk(func.body) if isinstance(op, Guard) and survives(op)]
    if not guards:
        return
    memory, pos = Memory(func), Positions(func)
    for guard in guards:
        inside = set(defined(guard.body))
        raising = [o for o in walk(guard.body) if may_raise(o, EVERYTHING)]
        own = set(walk(guard.body))
        for op in own:
            active = [
                v for o in writes_of(op, summary) for v in values_in(o)
                if activity.active(v) and memory.allocation(v) not in inside
            ]  # fmt: skip
            if active and (_may_follow(op, raising, own, pos) or (isinstance(op, Apply) and isinstance(op.fn, FuncRef))):
                shown = f"`{active[0].name}`" if active[0].name else "an array"
                raise UnsupportedError(
                    f"{shown} is written in a `try`, and an exception that is caught may come after that", loc=op.loc,
                    code="DS330", hint="compute the values in the `try`, and store them behind it",
                )  # fmt: skip


def _may_follow(op: Op, raising: list[Op], own: set[Op], pos: Positions) -> bool:
    return any(
        (pos.follows(r, op) and not blocks(r)) or any(loop in own for loop in pos.common_loops(r, op)) for r in raising
    )
