"""Exits in normal form: what the reverse mode needs of a function.

Afterwards the only `return` is the last op of the function's body, and a loop's body is a *tail tree*:
straight ops, then `yield` or `break`, or an `if` whose arms are such trees again (there `continue` is the
leaf that goes on with the next iteration), followed by `unreachable`.  `raise` may end any arm; a function
that always raises has no return.

    for %i in range(0, %n, 1) carry (%s = 0.0) {        for %i in range(0, %n, 1) carry (%s = 0.0) {
      if %c {                                             if %c {
        continue %s                                         continue %s
      }                                        =>         } else {
      %s_1 = add(%s, %i)                                    %s_1 = add(%s, %i)
      yield %s_1                                            continue %s_1
    }                                                     }
                                                          unreachable
                                                        }

* One arm of an `if` completes: the rest of the block is sunk into it.
* Both complete on some paths: the `if` returns which way it was left (a bool `exited`, or an int `exit_id`)
  and what the exits pass on; a second `if` takes them.
* A `try` or `with` left by exits: always so, nothing is sunk into it.
* A loop left by `break`, with an `orelse` of its own: it gives `ex`, 0 or the number of the `break`, and an `if` behind it
  takes the `orelse`.
* A loop left by `return`: the rest of the function moves into the loop's `orelse` and `break` passes the
  function's result. Where that can't be (inside another loop, or when the loop has a `break` of its own)
  the loop returns the flag and the rest is guarded by it.

Ways out are given to a sink, see `ways.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import count

from ..defs import rows, table  # noqa: F401  the rows fill the table
from ..defs.syntax import refusal
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
    Return,
    Unreachable,
    While,
    Yield,
)
from ..ir.types import BOOL, INT
from ..ir.values import UNDEF, Literal, Operand, Value, is_undef
from ..ir.verify import breaks, is_endless, never_completes, read_operands
from ..ir.walk import (
    blocks,
    completes,
    defined,
    map_operands,
    results,
    substitute,
    substitute_block,
    values_in,
    walk,
    with_blocks,
    with_body,
    with_ops,
)
from ..source import Loc
from .returns import Shape, flatten, return_shape, take_apart, whole_lists
from .ways import Exit, FunctionSink, Joined, Sink, Tail, ValueSink

_EQ = table.BY_NAME["eq"]


def normalise_exits(func: Func) -> Func:
    """The function with its exits in normal form.

    Raises:
        DiffTypeError: when two returns have results that can't be joined.
        UnsupportedError: when a variable is read where no path binds it, or the exits nest too deeply.
    """
    func = whole_lists(orelse_behind(prune_unreachable(func)))
    shape = return_shape(func)
    try:
        return _Normaliser(take_apart(func, shape), shape).run()
    except RecursionError:
        raise refusal("too deep", func.loc) from None


def prune_unreachable(func: Func) -> Func:
    """Ops behind one that never completes (`while True` left by return only) are dropped."""

    def prune(block: Block) -> Block:
        ops: list[Op] = []
        for op in block.ops:
            ops.append(with_blocks(op, tuple(map(prune, blocks(op)))))
            if never_completes(ops[-1]):
                return Block(block.params, (*ops, Unreachable(getattr(block.terminator, "loc", op.loc))))
        return with_ops(block, ops)

    return with_body(func, prune(func.body))


def orelse_behind(func: Func) -> Func:
    """Loops left by `break` give `ex`, 0 or the number of the `break`, and what their `orelse` does stands behind them.

    Only where a name has one type, however the loop is left, and no `return` leaves it.
    """

    def behind(block: Block) -> Block:
        ops: list[Op] = []
        for op in block.ops:
            op = with_blocks(op, tuple(map(behind, blocks(op))))
            ops += _branch_behind(op) if isinstance(op, (For, While)) and _is_told_by_break(op) else (op,)
        return Block(block.params, tuple(ops))

    return with_body(func, behind(func.body))


def _is_told_by_break(op: For | While) -> bool:
    returns = any(isinstance(o, Return) for o in walk(op.body))
    same = [r.type for r in op.results] == [p.type for p in op.orelse.params]
    return any(breaks(op.body)) and len(op.orelse.ops) > 1 and not returns and same and not is_endless(op)


def _branch_behind(op: For | While) -> tuple[Op, ...]:
    ex, done = Value("ex", INT, loc=op.loc), Value(None, BOOL, loc=op.loc)
    params = tuple(Value(p.name, p.type, loc=p.loc) for p in op.orelse.params)
    left = tuple(Value(r.name, r.type, loc=r.loc) for r in op.results)
    forward = Block(params, (Yield((*params, Literal(0)), op.loc),))
    loop = replace(op, body=_numbered(op.body, count(1)), orelse=forward, results=(*left, ex))
    given = dict(zip(op.orelse.params, left))
    orelse = substitute_block(Block((), op.orelse.ops), lambda o: given.get(o, o) if isinstance(o, Value) else o)
    test = Apply(_EQ, (ex, Literal(0)), (), (done,), op.loc)
    return (loop, test, If(done, orelse, Block((), (Yield(left, op.loc),)), op.results, op.loc))


def _numbered(block: Block, number: Iterator[int]) -> Block:
    """A part of a loop's body whose breaks pass their numbers too."""
    ops: list[Op] = []
    for op in block.ops:
        match op:
            case Break():
                op = replace(op, values=(*op.values, Literal(next(number))))
            case If() | Guard():
                op = with_blocks(op, tuple(_numbered(b, number) for b in blocks(op)))
            case For() | While():  # only its `orelse` can leave the loop around it
                *own, orelse = blocks(op)
                op = with_blocks(op, (*own, _numbered(orelse, number)))
        ops.append(op)
    return Block(block.params, tuple(ops))


class _Normaliser:
    def __init__(self, func: Func, shape: Shape) -> None:
        self.func = func
        self.shape = shape
        self._exits: dict[Op, tuple[Exit, ...]] = {}
        self._replaced: dict[Value, Operand] = {}

    def run(self) -> Func:
        ops = self.func.body.ops
        straight = set(self.func.params)  # what is known at the end of the body
        for op in ops:
            if self.exits(op):
                break
            straight.update(results(op))
        exits = [e for op in ops for e in self.exits(op)]
        sink = FunctionSink(self.shape, exits, lambda o: not isinstance(o, Value) or o in straight)
        func = replace(self.func, body=Block((), self.tree(ops, sink)))
        self.check_bound(func)
        return substitute(func, self._replaced)

    def check_bound(self, func: Func) -> None:
        """Sinking shows variables that are never bound where they are read."""
        for op in walk(func.body):
            for value in values_in(*read_operands(op)):
                if is_undef(self.resolve(value)):
                    raise refusal("unbound here", op.loc, name=value.name)

    # -- ways out of an op

    def exits(self, op: Op) -> tuple[Exit, ...]:
        """The exits inside an op (or the op itself) that leave it: not those that end in a loop inside."""
        if op not in self._exits:
            self._exits[op] = tuple(self._find_exits(op))
        return self._exits[op]

    def _find_exits(self, op: Op) -> list[Exit]:
        if isinstance(op, (Continue, Break, Return)):
            return [self.exit_of(op)]
        inner = [[e for o in b.ops for e in self.exits(o)] for b in blocks(op)]
        if isinstance(op, (For, While)):
            *own, orelse = inner
            return [e for part in own for e in part if e.kind == "return"] + orelse
        return [e for part in inner for e in part]

    def exit_of(self, op: Op) -> Exit:
        match op:
            case Yield(values, loc):
                return Exit("normal", values, loc)
            case Continue(values, loc):
                return Exit("continue", values, loc)
            case Break(values, loc):
                return Exit("break", values, loc)
            case Return(value, loc):
                return Exit("return", flatten(value, self.shape), loc)
        raise AssertionError(op)

    def resolve(self, operand: Operand) -> Operand:
        while isinstance(operand, Value) and operand in self._replaced:
            operand = self._replaced[operand]
        return operand

    def joined(self, op: If | Guard | For | While, completing: bool) -> Joined:
        """How the ways out of an op are told apart behind it."""
        inside = set(defined(Block((), (op,))))
        exits = [replace(e, values=tuple(map(self.resolve, e.values))) for e in self.exits(op)]
        return Joined(op.results, exits, completing, lambda o: not isinstance(o, Value) or o not in inside)

    # -- blocks

    def tree(self, ops: tuple[Op, ...], sink: Sink) -> tuple[Op, ...]:
        """Ops up to a terminator, with all ways out given to the sink."""
        done: list[Op] = []
        for n, op in enumerate(ops):
            if isinstance(op, (Yield, Continue, Break, Return)):
                return (*done, *sink.leave(self.exit_of(op)))
            if isinstance(op, (If, Guard, For, While)) and self.exits(op):
                return (*done, *self.through(op, ops[n + 1 :], sink))
            done.append(self.inside(op))
        return tuple(done)

    def through(self, op: If | Guard | For | While, rest: tuple[Op, ...], sink: Sink) -> tuple[Op, ...]:
        if isinstance(op, If):
            return self.through_if(op, rest, sink)
        return self.through_guard(op, rest, sink) if isinstance(op, Guard) else self.through_loop(op, rest, sink)

    def inside(self, op: Op) -> Op:
        """An op that no exit leaves; the loops inside it are made normal."""
        match op:
            case For() | While():
                return self.loop(op, lambda e: e.values, self.plain(op.orelse), op.results)
            case If():
                return replace(op, then=self.plain(op.then), other=self.plain(op.other))
            case Guard():
                return replace(op, body=self.plain(op.body), handlers=tuple(map(self.plain, op.handlers)))
        return op

    def plain(self, block: Block) -> Block:
        return Block(block.params, tuple(map(self.inside, block.ops)))

    def loop(
        self,
        op: For | While,
        leaving: Callable[[Exit], tuple[Operand, ...]],
        orelse: Block,
        new_results: tuple[Value, ...],
    ) -> Op:
        """A loop whose breaks pass what `leaving` says."""
        body = Block(op.body.params, self.tree(op.body.ops, Tail(leaving)))
        return replace(op, body=body, orelse=orelse, results=new_results)

    # -- ops that exits leave

    def through_if(self, op: If, rest: tuple[Op, ...], sink: Sink) -> tuple[Op, ...]:
        completing = [arm for arm in (op.then, op.other) if completes(arm)]
        if len(completing) == 2 and len(rest) > 1:
            joined = self.joined(op, True)
            then, other = (Block((), self.tree(b.ops, ValueSink(joined))) for b in (op.then, op.other))
            dispatch = self.dispatch(joined, rest, sink, op.loc)
            return (replace(op, then=then, other=other, results=joined.results), *dispatch)
        arms = [Block((), self.tree(self.sunk(arm, op.results, rest), sink.inner)) for arm in (op.then, op.other)]
        return sink.branch(op.cond, arms[0], arms[1], op.loc)

    def sunk(self, block: Block, received: tuple[Value, ...], rest: tuple[Op, ...]) -> tuple[Op, ...]:
        """A block's ops, then the rest of the block around it (a lone terminator may be doubled)."""
        end = block.terminator
        if not isinstance(end, Yield):
            return block.ops
        passed = dict(zip(received, end.values))
        if len(rest) == 1:
            return (*block.body, self.with_operands(rest[0], passed))
        self._replaced.update(passed)
        return (*block.body, *rest)

    def with_operands(self, op: Op, passed: dict[Value, Operand]) -> Op:
        return replace(map_operands(op, lambda o: passed.get(o, o) if isinstance(o, Value) else o))

    def through_guard(self, op: Guard, rest: tuple[Op, ...], sink: Sink) -> tuple[Op, ...]:
        """Nothing is sunk into a guard: it says which way it was left."""
        joined = self.joined(op, any(map(completes, blocks(op))))
        body, *handlers = (Block(b.params, self.tree(b.ops, ValueSink(joined))) for b in blocks(op))
        new = replace(op, body=body, handlers=tuple(handlers), results=joined.results)
        return (new, *self.dispatch(joined, rest, sink, op.loc))

    def through_loop(self, op: For | While, rest: tuple[Op, ...], sink: Sink) -> tuple[Op, ...]:
        broken = any(breaks(op.body))
        lone_exit = len(rest) == 1 and isinstance(rest[0], (Yield, Return, Break, Continue))
        if isinstance(sink, ValueSink) and (lone_exit or not broken):
            return self.loop_to_end(op, rest, sink)
        joined = self.joined(op, broken or (completes(op.orelse) and not is_endless(op)))
        orelse = Block(op.orelse.params, self.tree(op.orelse.ops, ValueSink(joined)))

        def leaving(exit: Exit) -> tuple[Operand, ...]:
            return joined.values(replace(exit, kind="normal") if exit.kind == "break" else exit)

        return (self.loop(op, leaving, orelse, joined.results), *self.dispatch(joined, rest, sink, op.loc))

    def loop_to_end(self, op: For | While, rest: tuple[Op, ...], sink: ValueSink) -> tuple[Op, ...]:
        """The rest moves into the loop's `orelse`; the results are those of the sink."""
        fresh = sink.fresh()

        def leaving(exit: Exit) -> tuple[Operand, ...]:
            if exit.kind == "break":
                exit = self.exit_of(self.with_operands(rest[0], dict(zip(op.results, exit.values))))
            return sink.joined.values(exit)

        ops: tuple[Op, ...] = (Yield((UNDEF,) * len(fresh), op.loc),)
        if not is_endless(op):
            ops = self.tree(self.sunk(op.orelse, op.results, rest), sink.inner)
        return (self.loop(op, leaving, Block(op.orelse.params, ops), fresh), *sink.finish(fresh, op.loc))

    def dispatch(self, joined: Joined, rest: tuple[Op, ...], sink: Sink, loc: Loc) -> tuple[Op, ...]:
        """What stands behind an op with several ways out."""

        def way(kind: str, to: Sink) -> tuple[Op, ...]:
            if kind == "normal":
                return self.tree(rest, to)
            return to.leave(Exit(kind, joined.payload(kind), joined.locs[kind]))

        def choose(ways: list[str], to: Sink) -> tuple[Op, ...]:
            if len(ways) == 1:
                return way(ways[0], to)
            tests, condition = _test(joined, ways[0], loc)
            then, other = Block((), way(ways[0], to.inner)), Block((), choose(ways[1:], to.inner))
            return (*tests, *to.branch(condition, then, other, loc))

        return choose([*joined.ways[1:], joined.ways[0]], sink)


def _test(joined: Joined, way: str, loc: Loc) -> tuple[tuple[Op, ...], Value]:
    """The ops that test for a way out, and the condition."""
    assert joined.flag is not None
    if len(joined.ways) == 2:
        return (), joined.flag
    condition = Value(None, BOOL, loc=loc)
    number = Literal(joined.ways.index(way))
    return (Apply(_EQ, (joined.flag, number), (), (condition,), loc),), condition
