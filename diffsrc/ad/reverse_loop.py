"""Reverse mode of loops: iterations backwards.

A loop's carried values have adjoints carried the other way: at the start of a reversed iteration they are what the leaf
taken (next iteration or break) passed on, at the end what the parameters received. Adjoints of outer numbers that the body
reads are carried besides; outer arrays get an owned buffer before the loop, updated in place.
"""

from __future__ import annotations

import operator
from collections.abc import Callable

from ..analysis.alias import exits
from ..errors import InternalError
from ..ir.ops import (
    Apply,
    Block,
    Break,
    Continue,
    Enumerate,
    For,
    Guard,
    If,
    Index,
    Load,
    Op,
    Raise,
    Range,
    Reversed,
    Seq,
    Space,
    Unreachable,
    While,
    Yield,
    Zip,
)  # fmt: skip
from ..ir.types import BOOL, INT, Array, List, Type, strip
from ..ir.values import Literal, Operand, Value, is_literal, is_undef
from ..ir.walk import free_values, leaves, used_values, walk
from . import reverse_stores
from .parts import is_aggregate
from .reverse import branch, plain, reverse_block
from .slots import ZERO, Adj, Frame, adj_name, is_array, table
from .sweep import Sweep

ONE = Literal(1)


class LoopReversal:
    """One loop, iterations backwards."""

    def __init__(self, s: Sweep, op: For | While) -> None:
        self.s, self.op, self.loc = s, op, op.loc
        self.n_leaves = len(op.body.params) - len(op.inits)
        self.params = op.body.params[self.n_leaves :]
        self.left = any(isinstance(e, Break) for e in exits(op.body))
        self.counted = self.left or isinstance(op, While)
        self.breaks = 0

    def run(self) -> None:
        s, op = self.s, self.op
        results = [s.handed_back(r) if s.activity.active(r) else None for r in op.results]
        self.seeds = [plain(s, g, r) for g, r in zip(results, op.results)]
        passing = [self._only_passed(j) for j in range(len(self.params))]
        number = [
            s.by_value(p) or s.by_value(r) or (not s.shadowed(p) and not s.shadowed(r))
            for p, r in zip(self.params, op.results)
        ]
        active = [s.activity.active(p) or self._renewed(j) for j, p in enumerate(self.params)]
        given = [s.activity.active(r) for r in op.results]
        self.carried = [j for j, n in enumerate(number) if n and active[j] and not passing[j]]
        self.passing = [j for j, n in enumerate(number) if n and given[j] and (passing[j] or not active[j])]
        inits = [self._initial(j) for j in self.carried]
        outer = self._outer_numbers()
        outer_inits = [s.realise(s.adj[v], v) if v in s.adj else ZERO for v in outer]
        self._reversed(inits, outer, outer_inits)

    def _only_passed(self, j: int) -> bool:
        """A value that only a `break` gives: its parameter is handed on and not read."""
        p = self.params[j]
        for inner in walk(self.op.body):
            from ..ir.walk import used_values

            if isinstance(inner, (Yield, Continue)) and len(inner.values) == len(self.params):
                others = [v for k, v in enumerate(inner.values) if k != j]
                if p in others:
                    return False
                continue
            if p in used_values(inner):
                return False
        leaves_ = [e for e in exits(self.op.body) if isinstance(e, (Yield, Continue))]
        return is_undef(self.op.inits[j]) and all(e.values[j] is p for e in leaves_)

    def _renewed(self, j: int) -> bool:
        """A carried value that no iteration reads: the last one made it, or it is the initial one where none runs."""
        active = self.s.activity.active
        ends = [e.values[j] for e in exits(self.op.body) if isinstance(e, (Yield, Continue))]
        made = any(v is not self.params[j] and active(v) for v in ends)
        return active(self.op.results[j]) and (made or active(self.op.inits[j]))

    def _initial(self, j: int) -> Operand:
        s, g, r = self.s, self.seeds[j], self.op.results[j]
        return s.zero_of(r) if g is None else s.realise(g, r)

    def _outer_numbers(self) -> list[Value]:
        """Outer values whose adjoint grows in the body: numbers (carried); arrays get a buffer here, before the loop."""
        s, found = self.s, []
        for v in self._read_actively():
            if s.shadowed(v):
                s.shadow(v)
            elif is_array(v):
                s.buffer(v)
            elif not is_aggregate(v.type):  # cotangents of an aggregate go to its parts
                found.append(v)
        return found

    def _read_actively(self) -> list[Value]:
        s = self.s
        free = free_values(self.op.body)
        rows = (
            [leaf.value for leaf in leaves(self.op.space) if isinstance(leaf, Seq)] if isinstance(self.op, For) else []
        )
        for row in rows:
            if isinstance(row, Value):
                free[row] = None
        for v in [v for v in free if is_aggregate(v.type)]:  # passed whole: its parts take the cotangents
            free.update((part, None) for part in _parts_read(s, v))
        return [v for v in free if s.activity.active(v)]

    def _reversed(self, inits: list[Operand], outer: list[Value], outer_inits: list[Operand]) -> None:
        s, op = self.s, self.op
        start = dict(s.adj)
        space, index = self._space()
        adj_params = [Value(adj_name(self.params[j]), _stripped(self.params[j])) for j in self.carried]
        outer_params = [Value(adj_name(v), v.type) for v in outer]
        ex = Value("ex", INT, loc=self.loc) if self.left else None
        with s.mirrored(op.body) as frame, s.builder.block() as ops:
            self._leaf_values(frame, index)
            self.ex = ex
            self.now = {j: Adj(p, selected=s.has_select) for j, p in zip(self.carried, adj_params)}
            always = {v for inner in op.body.ops if not isinstance(inner, (If, Guard)) for v in used_values(inner)}
            for v, p in zip(outer, outer_params):
                s.adj[v] = Adj(p, selected=s.has_select or v not in always)
            self._tail(op.body)
            ends: list[Operand] = []
            for j in self.carried:
                g = s.handed_back(self.params[j])
                ends.append(s.zero_of(self.params[j]) if g is None else s.realise(g, self.params[j]))
            outer_ends = [s.realise(s.adj[v], v) for v in outer]
            self._rows(index)
        s.check_spent(op.body)
        more: list[Operand] = [Literal(0)] if ex is not None else []
        body = Block(
            (index, *adj_params, *outer_params, *((ex,) if ex else ())),
            (*s.close(frame, ops), Yield((*ends, *outer_ends, *more), self.loc)),
        )
        self._emit(space, body, [*inits, *outer_inits, *([s.need(op.results[-1])] if ex else [])], start, outer)

    def _emit(
        self, space: Space, body: Block, inits: list[Operand], start: dict[Value, Adj], outer: list[Value]
    ) -> None:
        s, op = self.s, self.op
        results = tuple(Value(p.name, p.type, loc=self.loc) for p in body.params[1:])
        forward = tuple(Value(p.name, p.type) for p in body.params[1:])
        s.builder.emit(For(space, tuple(inits), body, Block(forward, (Yield(forward),)), results, self.loc))
        for v, g in start.items():
            if is_array(v) and v in s.adj and s.adj[v].value is not g.value:
                raise InternalError("the adjoint of an array changed its buffer inside a loop", loc=self.loc)
        sometimes = {v for v in outer if s.adj[v].selected}
        s.adj = start
        s.loc = self.loc
        for v, r in zip(outer, results[len(self.carried) :]):
            s.adj[v] = Adj(r, selected=s.has_select or v in sometimes)
        for j, r in zip(self.carried, results):
            s.contribute(op.inits[j], Adj(r, selected=s.has_select))

    # the iterations

    def _space(self) -> tuple[Space, Value]:
        """The reversed iteration space and its index."""
        s, op = self.s, self.op
        turned = isinstance(op, For) and isinstance(op.space, Reversed)
        base = op.space.item if isinstance(op, For) and isinstance(op.space, Reversed) else getattr(op, "space", None)
        if isinstance(base, Range) and not self.counted:
            index = Value(op.body.params[0].name, INT, loc=self.loc)
            forwards = Range(s.need(base.start), s.need(base.stop), s.need(base.step))
            self.direct = True
            return forwards if turned else Reversed(forwards), index
        self.direct = False
        index = Value("k" if isinstance(op, For) else "_", INT, loc=self.loc)
        return Reversed(Range(Literal(0), self._count(), ONE)), index

    def _count(self) -> Operand:
        s, op = self.s, self.op
        if self.counted:
            at = -2 if self.left else -1
            return s.need(op.results[at])
        assert isinstance(op, For)
        return self._length(op.space)

    def _length(self, space: Space) -> Operand:
        s = self.s
        match space:
            case Range(start, stop, step):
                if is_literal(start, 0) and is_literal(step, 1):
                    return s.need(stop)
                r = s.builder.apply(table(range), (s.need(start), s.need(stop), s.need(step)), loc=self.loc)
                return s.builder.apply(table(len), (r,), loc=self.loc, type=INT)
            case Seq(value):
                # a list may be longer by now; a shadow that the reverse sweep makes has the length that the list had
                if s.is_twinned(value) and (known := self._length_before(value)) is not None:
                    return s.need(known)
                grown = isinstance(strip(value.type), List) and s.shadowed(value)
                of = s.shadow(value) if grown else s.need(value)
                return s.builder.apply(table(len), (of,), loc=self.loc, type=INT)
            case Enumerate(item, _) | Reversed(item):
                return self._length(item)
            case Zip(items):
                sizes = tuple(self._length(i) for i in items)
                return sizes[0] if len(sizes) == 1 else s.builder.apply(table(min), sizes, loc=self.loc, type=INT)

    def _length_before(self, value: Operand) -> Value | None:
        """The length that a list had when the loop over it began, which stands before the loop (`ad/prepare.py`)."""
        ops = self.s.pos.block_of[self.op].ops
        for op in reversed(ops[: ops.index(self.op)]):
            if not isinstance(op, Apply) or op.fn is not table(len):
                return None
            if op.args[0] is value:
                return op.results[0]
        return None

    def _leaf_values(self, frame: Frame, index: Value) -> None:
        """The loop variables of the primal, from the index of the reversed loop."""
        op = self.op
        if not isinstance(op, For):
            return
        self.positions: dict[Value, Operand] = {}
        params = iter(op.body.params[: self.n_leaves])
        if self.direct:
            frame.fixed[next(params)] = index
            return
        with self.s.at_head(frame, first=True):
            self._assign(op.space, index, params, frame)

    def _assign(self, space: Space, k: Operand, params: object, frame: Frame) -> None:
        from collections.abc import Iterator

        assert isinstance(params, Iterator)
        s = self.s
        match space:
            case Range(start, _, step):
                frame.fixed[next(params)] = self._affine(s.need(start), k, s.need(step))
            case Enumerate(item, start):
                frame.fixed[next(params)] = self._affine(s.need(start), k, ONE)
                self._assign(item, k, params, frame)
            case Zip(items):
                for item in items:
                    self._assign(item, k, params, frame)
            case Reversed(item):
                last = s.builder.apply(table(operator.sub), (self._length(item), ONE), loc=self.loc, type=INT)
                k = s.builder.apply(table(operator.sub), (last, k), loc=self.loc, type=INT)
                self._assign(item, k, params, frame)
            case Seq(value):
                self._element(next(params), value, k, frame)

    def _affine(self, start: Operand, k: Operand, step: Operand) -> Operand:
        b = self.s.builder
        if not is_literal(step, 1):
            k = b.apply(table(operator.mul), (k, step), loc=self.loc, type=INT)
        if not is_literal(start, 0):
            k = b.apply(table(operator.add), (start, k), loc=self.loc, type=INT)
        return k

    def _element(self, param: Value, value: Operand, k: Operand, frame: Frame) -> None:
        """An element of a sequence: read again where nothing wrote the sequence since, else wanted like any value."""
        s = self.s
        self.positions[param] = k
        place = Index((k,))
        if s.shadowed(param) and isinstance(value, Value):
            read = s.builder.view if isinstance(strip(value.type), Array) else s.builder.load
            frame.shadows[param] = read(s.shadow(value), place, adj_name(param), self.loc, param.type)
        inside = (s.pos.order[self.op] < s.pos.order[w] <= s.pos.last[self.op] for w in self._writes(value))
        is_row = is_array(param) and is_array(value)  # a view, of which only the contents change
        if not is_row and (not s.stable(value, self.op) or any(inside)):
            return
        read = s.builder.view if is_row else s.builder.load
        frame.fixed[param] = read(s.need(value), place, param.name, self.loc, param.type)

    def _writes(self, value: Operand) -> list[Op]:
        node = self.s.aliases.of(value)
        return [] if node is None else node.writes

    def _rows(self, index: Value) -> None:
        """Hand the adjoints of elements back to their sequence."""
        s, op = self.s, self.op
        if not isinstance(op, For):
            return
        params = op.body.params[: self.n_leaves]
        for leaf, param in zip(leaves(op.space), params):
            if not isinstance(leaf, Seq) or not s.activity.active(param) or s.shadowed(param):
                continue
            place = Index((self.positions[param],))
            if is_aggregate(param.type):
                parts = s.parts.pop(param, None)
                if parts and isinstance(leaf.value, Value):
                    reverse_stores.add_aggregate(s, s.shadow(leaf.value), place, strip(param.type), parts)
                continue
            g = s.take(param)
            if g is not None and isinstance(leaf.value, Value):
                reverse_stores.add_part(s, leaf.value, Index((self.positions[param],)), g, param)

    # the leaves of the body: next iteration, or break

    def _tail(self, block: Block) -> None:
        s = self.s
        last = block.terminator
        if isinstance(last, (Yield, Continue, Break)):
            self._pass(last.values)
        elif isinstance(last, Unreachable) and len(block.ops) > 1 and isinstance(tail := block.ops[-2], If):
            s.loc = tail.loc
            self._tail_if(tail)
            reverse_block(s, block, 2)
            return
        elif isinstance(last, Raise):
            return
        reverse_block(s, block)

    def _pass(self, values: tuple[Operand, ...]) -> None:
        s = self.s
        for j in self.carried:
            s.contribute(values[j], self.now[j])
        for j in self.passing:
            g = self.seeds[j]
            if g is not None and values[j] is not self.params[j]:
                s.contribute(values[j], g)

    def _tail_if(self, op: If) -> None:
        s = self.s
        arms = [(b, self._arm(b)) for b in (op.then, op.other)]
        dead = [_raises(b) for b in (op.then, op.other)]
        if any(dead):
            block, run = arms[dead.index(False)] if not all(dead) else arms[0]
            with s.mirrored(block) as frame, s.builder.block() as ops:
                run()
            s.check_spent(block)
            s.builder.extend(s.close(frame, ops))
            return
        branch(s, self._taken(op), arms[0], arms[1])

    def _arm(self, block: Block) -> Callable[[], None]:
        return lambda: self._tail(block)

    def _taken(self, op: If) -> Operand:
        """The condition in the reversed iteration: which break was taken tells it, where one arm only breaks."""
        s = self.s
        for block, negate in ((op.then, False), (op.other, True)):
            out = [e for e in exits(block) if not isinstance(e, Unreachable)]
            if self.ex is not None and all(isinstance(e, Break) for e in out):
                return self._is_exit([e for e in out if isinstance(e, Break)], negate)
        return s.need(op.cond)

    def _is_exit(self, breaks: list[Break], negate: bool) -> Operand:
        assert self.ex is not None
        b, numbers = self.s.builder, [e.values[-1] for e in breaks]
        total = sum(isinstance(e, Break) for e in exits(self.op.body))
        if len(breaks) == total:
            return b.apply(
                table(operator.eq if negate else operator.ne), (self.ex, Literal(0)), loc=self.loc, type=BOOL
            )
        if len(numbers) == 1:
            fn = operator.ne if negate else operator.eq
            return b.apply(table(fn), (self.ex, numbers[0]), loc=self.loc, type=BOOL)
        from ..ir.values import Pack

        test = b.apply(table(operator.contains), (Pack(tuple(numbers)), self.ex), loc=self.loc, type=BOOL)
        return b.apply(table(operator.not_), (test,), loc=self.loc, type=BOOL) if negate else test


def _parts_read(s: Sweep, v: Value) -> list[Value]:
    """The values of the parts of an aggregate, nested ones included, where they are taken at its definition."""
    found: list[Value] = []
    for op in s.pos.region_of[v].ops:
        if isinstance(op, Load) and op.src is v:
            found += _parts_read(s, op.result) if is_aggregate(op.result.type) else [op.result]
    return found


def _raises(block: Block) -> bool:
    return all(isinstance(e, (Raise, Unreachable)) for e in exits(block)) and any(
        isinstance(e, Raise) for e in exits(block)
    )


def _stripped(v: Value) -> Type:
    return strip(v.type)
