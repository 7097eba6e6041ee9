"""The forward sweep: the primal function with what the reverse sweep asked for (`Edits`) put in.

Saved lists at entry, pushes and snapshots beside the ops they serve, variables of `if` arms handed out as results, calls
replaced by their forward halves, and shadows built alongside where a handle passes a join (*twins*): every join of the
primal has its twin in the same parallel copy.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ..analysis.alias import exits
from ..defs.structural import LIST_CUT
from ..ir.ops import Apply, Block, Break, Continue, For, Func, Guard, If, Op, While, Yield
from ..ir.types import INT, Tuple, kind_of, strip
from ..ir.values import UNDEF, Literal, Operand, Value, is_undef
from ..ir.walk import blocks, walk, with_blocks, with_results
from .mirror import Mirror
from .slots import ZERO, Edits, is_number, table


def forward_sweep(func: Func, edits: Edits, split: bool) -> Block:
    """The rebuilt body."""
    return _Rebuild(edits, split).function(func)


class _Rebuild:
    def __init__(self, edits: Edits, split: bool) -> None:
        self.e = edits
        self.split = split
        self.mirror = Mirror(edits)

    def absent(self, v: Value) -> Operand:
        """What stands for a variable of the arm not taken: the pair's residual reads it, so it must be bound."""
        return self.bound(v) if self.split else UNDEF

    def absent_in(self, op: Op, v: Value) -> Operand:
        """Behind a `try` the variables of its body are bound, so that the text is accepted again: its handlers would find
        them bound or not, as the exception came."""
        handled = isinstance(op, Guard) and bool(op.handlers) and not isinstance(strip(v.type), Tuple)
        return self.bound(v) if handled else self.absent(v)

    def bound(self, v: Value) -> Operand:
        return ZERO if kind_of(v.type) in ("float", "f64") and is_number(v) else NONE_

    def function(self, func: Func) -> Block:
        self.unbound = self._started(func.body)
        body = self.block(func.body, ())
        return Block(body.params, (*self.e.entry, *body.ops))

    def _started(self, body: Block) -> set[Value]:
        """What is saved, and every join it comes from: what the program leaves unbound there starts as None."""
        found, size = set(self.e.started), -1
        pairs = [(t, o) for ts, os in joins(body) for t, o in zip(ts, os) if isinstance(o, Value)]
        pairs += [(self.e.twins[t], self.e.twins[o]) for t, o in pairs if t in self.e.twins and o in self.e.twins]
        while size != len(found):
            size = len(found)
            found.update(o for t, o in pairs if t in found)
        return found

    def twins(self, params: tuple[Value, ...]) -> tuple[Value, ...]:
        return tuple(self.e.twins[p] for p in params if p in self.e.twins)

    def block(self, block: Block, params: tuple[Value, ...]) -> Block:
        ops: list[Op] = list(self.e.head.get(block, ()))
        for op in block.ops:
            ops += self.e.before.get(op, ())
            ops += self.op(op)
            ops += self.e.after.get(op, ())
            ops += self.mirror.beside(op) if not blocks(op) else []
            ops += self.e.late.get(op, ())
        if block in self.e.tail:
            ops[-1:-1] = self.e.tail[block]
        return Block((*block.params, *params), tuple(ops))

    def op(self, op: Op) -> list[Op]:
        op = self.e.replace.get(op, op)
        match op:
            case For() | While():
                return [self.loop(op)]
            case If() | Guard():
                return self.cutting(op, self.branch(op))
        return [op]

    def cutting(self, op: Op, new: Op) -> list[Op]:
        """A `try` whose handlers take back what the body has saved."""
        lists = self.e.cut.get(op, ()) if isinstance(op, Guard) else ()
        if not lists:
            return [new]
        assert isinstance(new, Guard)
        marks = tuple(Value("mark", INT, loc=op.loc) for _ in lists)
        ahead = [Apply(table(len), (kept,), (), (m,), op.loc) for kept, m in zip(lists, marks)]
        back = tuple(Apply(LIST_CUT, pair, (), (), op.loc) for pair in zip(lists, marks))
        handlers = tuple(replace(b, ops=(*back, *b.ops)) for b in new.handlers)
        return [*ahead, replace(new, handlers=handlers)]

    # -- joins

    def started(self, targets: tuple[Value, ...], sources: tuple[Operand, ...]) -> tuple[Operand, ...]:
        """What flows into joins; a value that is saved starts as None where the program leaves it unbound."""
        return (
            tuple(NONE_ if is_undef(o) and t in self.unbound else o for t, o in zip(targets, sources))
            + sources[len(targets) :]
        )

    def twin_sources(self, targets: tuple[Value, ...], sources: tuple[Operand, ...]) -> tuple[Operand, ...]:
        pairs = [(self.e.twins[t], self.mirror.twin(o)) for t, o in zip(targets, sources) if t in self.e.twins]
        return tuple(NONE_ if is_undef(o) and t in self.unbound else o for t, o in pairs)

    def branch(self, op: If | Guard) -> Op:
        exports = self.e.exports.get(op, [])
        arms = []
        for block in blocks(op):
            arm = self.block(block, ())
            last = arm.terminator
            if isinstance(last, Yield):
                given = tuple(v if of is block else self.absent_in(op, v) for of, v, _ in exports)
                values = (
                    *self.started(op.results, last.values), *self.twin_sources(op.results, last.values), *given,
                )  # fmt: skip
                arm = Block(arm.params, (*arm.body, replace(last, values=values)))
            arms.append(arm)
        more = (*self.twins(op.results), *(out for _, _, out in exports))
        return with_results(with_blocks(op, tuple(arms)), (*op.results, *more))

    def loop(self, op: For | While) -> For | While:
        n = len(op.body.params) - len(op.inits)
        carried = op.body.params[n:]
        twins = self.twins(carried)
        body = self.leaves(self.block(op.body, twins), carried, op.results)
        orelse = self.block(op.orelse, self.twins(op.orelse.params))
        last = orelse.terminator
        assert isinstance(last, Yield)
        values = (*last.values, *self.twin_sources(op.results, last.values))
        orelse = Block(orelse.params, (*orelse.body, replace(last, values=values)))
        inits = (*self.started(carried, op.inits), *self.twin_sources(carried, op.inits))
        out = (*op.results, *self.twins(op.results))
        if isinstance(op, While):
            cond = self.block(op.cond, self.twins(op.cond.params))
            return replace(op, inits=inits, cond=cond, body=body, orelse=orelse, results=out)
        space, leading = self.mirror.space(op)
        body = replace(body, params=(*leading, *body.params[n:]))
        return replace(op, space=space, inits=inits, body=body, orelse=orelse, results=out)

    def leaves(self, block: Block, carried: tuple[Value, ...], results_: tuple[Value, ...]) -> Block:
        """Extend what the leaves of a loop body pass on."""
        ops = list(block.ops)
        if len(ops) > 1 and isinstance(tail := ops[-2], If) and not isinstance(ops[-1], Yield):
            ops[-2] = replace(
                tail, then=self.leaves(tail.then, carried, results_), other=self.leaves(tail.other, carried, results_)
            )
        last = ops[-1]
        if isinstance(last, (Yield, Continue)):
            values = (*self.started(carried, last.values), *self.twin_sources(carried, last.values))
            ops[-1] = replace(last, values=values)
        elif isinstance(last, Break):
            values = (*self.started(results_, last.values), *self.twin_sources(results_, last.values))
            ops[-1] = replace(last, values=values)
        return Block(block.params, tuple(ops))


def joins(block: Block) -> Iterator[tuple[tuple[Value, ...], tuple[Operand, ...]]]:
    """Every place where values flow into the results of an `if` or a loop, or into carried values."""
    for op in walk(block):
        if isinstance(op, (If, Guard)):
            yield from ((op.results, b.terminator.values) for b in blocks(op) if isinstance(b.terminator, Yield))
        elif isinstance(op, (For, While)):
            carried = op.body.params[len(op.body.params) - len(op.inits) :]
            more = (op.cond.params,) if isinstance(op, While) else ()
            for e in exits(op.body):
                if isinstance(e, Break):
                    yield op.results, e.values
                elif isinstance(e, (Yield, Continue)):
                    yield from ((params, e.values) for params in (carried, op.orelse.params, *more))
            yield from ((params, op.inits) for params in (carried, op.orelse.params, *more))
            if isinstance(op.orelse.terminator, Yield):
                yield op.results, op.orelse.terminator.values


NONE_ = Literal(None)
