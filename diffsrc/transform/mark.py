"""Mark and sweep over the structured IR: which ops and values are needed; the function without the others.

Everything hangs on values, so loops need no iteration: a needed result of a loop makes what the `break`s
and the `orelse` pass needed, a needed carried parameter makes the init and what the next iteration gets
needed, a needed op makes the ops around it needed, and a needed loop the `if`s that hold its exits.  A
write is needed when the memory is: the root of the memory (through views) is a needed value, or isn't known.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from ..analysis.raises import may_raise
from ..defs.structural import COMMENT
from ..ir.ops import (
    Apply,
    Block,
    Break,
    Continue,
    For,
    Func,
    Guard,
    If,
    Op,
    Raise,
    Return,
    While,
    Yield,
)
from ..ir.values import Operand, Value
from ..ir.walk import (
    blocks,
    completing,
    leaves,
    operands,
    space_operands,
    values_in,
    walk,
    with_blocks,
    with_body,
    with_ops,
    with_results,
)
from .memory import is_pure, memory_of, written

Loop = For | While
Needed = Callable[[Op], bool]
T = TypeVar("T")


def exits_of(loop: Loop) -> Iterator[Op]:
    """The terminators of a loop's body that end an iteration or leave the loop."""
    yield from _loop_exits(loop.body, True)


def _loop_exits(block: Block, own: bool) -> Iterator[Op]:
    for op in block.ops:
        if isinstance(op, (Break, Continue)) or (own and isinstance(op, Yield)):
            yield op
        if isinstance(op, (If, Guard)):
            for inner in blocks(op):
                yield from _loop_exits(inner, False)
        if isinstance(op, (For, While)):
            yield from _loop_exits(op.orelse, False)


def result_ends(op: If | Guard | Loop) -> list[Op]:
    """The terminators that pass an op's results."""
    if isinstance(op, (If, Guard)):
        return [b.terminator for b in completing(op)]
    normal = [op.orelse.terminator] if isinstance(op.orelse.terminator, Yield) else []
    return [*(e for e in exits_of(op) if isinstance(e, Break)), *normal]


def next_ends(loop: Loop) -> list[Op]:
    """The terminators that pass the carried values to the next iteration."""
    return [e for e in exits_of(loop) if not isinstance(e, Break)]


def carried_params(loop: Loop) -> tuple[tuple[Value, ...], ...]:
    """Per carried value: its parameters in the regions of the loop."""
    fixed = len(list(leaves(loop.space))) if isinstance(loop, For) else 0
    regions = [loop.body.params[fixed:], loop.orelse.params]
    if isinstance(loop, While):
        regions.append(loop.cond.params)
    return tuple(zip(*regions))


def is_comment(op: Op) -> bool:
    """Comments stay in blocks that stay, and keep nothing alive."""
    return isinstance(op, Apply) and op.fn is COMMENT


class Marks:
    """The needed ops and values of a function. `always` tells the ops that are needed for themselves."""

    def __init__(self, func: Func, always: Needed) -> None:
        self.ops: set[Op] = set()
        self.values: set[Value] = set()
        self._around: dict[Op, Op] = {}
        #: where values that are passed come from: the op they belong to, and what is passed
        self._sources: dict[Value, tuple[Op, list[Operand]]] = {}
        self._writers: dict[Value, list[Op]] = {}
        self._todo: list[Value] = []
        self._memory = memory_of(func)
        for op in walk(func.body):
            self._enter(op)
        for op in walk(func.body):
            if isinstance(op, (Return, Raise)) or self._writes_unknown(op) or always(op) or self._enters(op):
                self.need_op(op)
        while self._todo:
            value = self._todo.pop()
            if value in self._sources:
                op, passed = self._sources[value]
                self.need_op(op)
                self.need_values(passed)
            elif value in self._memory.made_by:
                self.need_op(self._memory.made_by[value])
            for op in self._writers.get(value, ()):
                self.need_op(op)

    def _writes_unknown(self, op: Op) -> bool:
        """Whether an op writes memory not allocated here; other writers are needed when the memory is."""
        unknown = False
        for operand in written(op):
            root = self._memory.allocation(operand)
            if root is None:
                unknown = True
            else:
                self._writers.setdefault(root, []).append(op)
        return unknown

    def _enters(self, op: Op) -> bool:
        """Whether an op enters a context that does something besides the body."""
        if not isinstance(op, Guard) or op.context is None:
            return False
        made = self._memory.made_by.get(op.context) if isinstance(op.context, Value) else None
        return not (isinstance(made, Apply) and is_pure(made))

    def _enter(self, op: Op) -> None:
        for block in blocks(op):
            for inner in block.ops:
                self._around[inner] = op
        match op:
            case If() | Guard():
                self._passed(op)
            case For() | While():
                self._passed(op)
                nexts = next_ends(op)
                for k, params in enumerate(carried_params(op)):
                    source = op, [op.inits[k], *column(nexts, k)]
                    self._sources.update((param, source) for param in params)

    def _passed(self, op: If | Guard | Loop) -> None:
        ends = result_ends(op) if op.results else []
        self._sources.update((value, (op, column(ends, n))) for n, value in enumerate(op.results))

    def need_values(self, found: Iterable[Operand]) -> None:
        for value in values_in(*found):
            if value not in self.values:
                self.values.add(value)
                self._todo.append(value)

    def need_op(self, op: Op) -> None:
        while op not in self.ops:
            self.ops.add(op)
            match op:
                case If(cond):
                    self.need_values([cond])
                case For():
                    self.need_values(space_operands(op.space))
                case While():
                    self.need_values(operands(op.cond.terminator))
                case Yield() | Break() | Continue():
                    pass
                case _:
                    self.need_values(operands(op))
            if isinstance(op, (For, While)):
                for end in exits_of(op):
                    self.need_op(self._around[end])
            if isinstance(op, Guard):
                self._need_arms(op)
            if op not in self._around:
                return
            op = self._around[op]


    def _need_arms(self, op: Guard) -> None:
        """How a guard is left is a fact of the program: exits, and what may raise in the body of a `try`."""
        for inner in (o for b in blocks(op) for o in walk(b)):
            if isinstance(inner, (Break, Continue)):
                self.need_op(self._around[inner])
        if not op.handlers:
            return
        for inner in walk(op.body):
            if not is_comment(inner) and may_raise(inner, (BaseException,)):
                self.need_op(inner)


def column(ends: Sequence[Op], n: int) -> list[Operand]:
    """The values that exits pass at a position."""
    return [end.values[n] for end in ends if isinstance(end, (Yield, Break, Continue))]


@dataclass(frozen=True, slots=True)
class _Kept:
    """Which values a block's exits still pass: normal end, next iteration, break (None: all)."""

    normal: tuple[bool, ...] | None = None
    next: tuple[bool, ...] | None = None
    leave: tuple[bool, ...] | None = None


def sweep(func: Func, marks: Marks) -> Func:
    """The function without the ops, results and carried values that aren't needed."""
    return with_body(func, _swept(func.body, marks, _Kept()))


def _swept(block: Block, marks: Marks, kept: _Kept, params: tuple[bool, ...] | None = None) -> Block:
    ops = [_swept_op(op, marks, kept) for op in block.body if op in marks.ops or is_comment(op)]
    left = _filter(block.params, params)
    ops.append(_swept_exit(block.terminator, kept))
    return with_ops(block, ops) if left is block.params else Block(left, tuple(ops))


def _swept_exit(op: Op, kept: _Kept) -> Op:
    match op:
        case Yield(values):
            left = _filter(values, kept.normal)
        case Continue(values):
            left = _filter(values, kept.next)
        case Break(values):
            left = _filter(values, kept.leave)
        case _:
            return op
    return op if left is values else type(op)(left, op.loc)


def _swept_op(op: Op, marks: Marks, kept: _Kept) -> Op:
    match op:
        case If() | Guard():
            mask = tuple(v in marks.values for v in op.results)
            inner = replace(kept, normal=mask)
            new = with_blocks(op, tuple(_swept(b, marks, inner) for b in blocks(op)))
            return new if all(mask) else with_results(new, _filter(op.results, mask))
        case For() | While():
            return _swept_loop(op, marks, kept)
    return op


def _swept_loop(op: Loop, marks: Marks, kept: _Kept) -> Op:
    mask = tuple(v in marks.values for v in op.results)
    carried = tuple(any(p in marks.values for p in params) for params in carried_params(op))
    fixed = (True,) * (len(op.body.params) - len(carried))
    cond = (_swept(op.cond, marks, _Kept(), carried),) if isinstance(op, While) else ()
    body = _swept(op.body, marks, _Kept(carried, carried, mask), fixed + carried)
    orelse = _swept(op.orelse, marks, replace(kept, normal=mask), carried)
    new = with_blocks(op, (*cond, body, orelse))
    if all(carried) and all(mask):
        return new
    assert isinstance(new, (For, While))
    return replace(new, inits=_filter(op.inits, carried), results=_filter(op.results, mask))


def _filter(items: tuple[T, ...], mask: tuple[bool, ...] | None) -> tuple[T, ...]:
    return items if mask is None or all(mask) else tuple(item for item, keep in zip(items, mask) if keep)
