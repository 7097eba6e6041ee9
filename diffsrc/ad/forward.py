"""Forward mode: each op of the primal, followed by the ops of its tangent.

`f_jvp(*args, *tangents) -> (out, out_dot)`. Active numbers have a tangent value, active memory a tangent of the same
structure and aliasing, written alongside; joins, exits and calls carry tangents beside the primal's values.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import numpy as np

from ..analysis.alias import Aliases, SummaryOf
from ..analysis.items import constant_type
from ..analysis.mems import Mem, reachable, shared
from ..analysis.outside import is_inert
from ..analysis.overlaps import at_call, carried
from ..defs.special import as_function_takes_it, as_numpy_takes_it, option_as_numpy_takes_it
from ..defs.structural import CONSTRUCT, DICT_POP, LIST_CUT, LIST_INSERT, LIST_POP, SNAPSHOT, UNPACK
from ..defs.table import Def, Partial
from ..errors import InternalError, NoRuleError, UnsupportedError, placed
from ..ir.build import Builder
from ..ir.ops import (
    Apply,
    Block,
    Break,
    Continue,
    Enumerate,
    For,
    Func,
    FuncRef,
    Guard,
    If,
    Index,
    Load,
    Op,
    Raise,
    Return,
    Reversed,
    Seq,
    Space,
    Store,
    Unreachable,
    View,
    While,
    Yield,
    Zip,
)  # fmt: skip
from ..ir.types import (
    Array,
    FuncType,
    Scalar,
    Struct,
    Tuple,
    carries_derivative,
    same_shape,
    strip,
)
from ..ir.values import Literal, Operand, Pack, Value, is_flag, is_undef
from ..ir.walk import results, walk
from ..runtime import helpers
from ..source import NOWHERE, Loc
from ..timing import phase
from .activity import Activity
from .check import check_known, is_count
from .inserts import without_inserts
from .layout import differs, is_array_source, is_helper, is_plain_copy, is_view_for_sure, layout_matters, of_tangent
from .parts import part_key, part_places
from .quiet import catches_errors, quiet
from .reverse_rules import QUOTIENTS, reciprocal
from .slots import ZERO, conformed, is_array, is_empty_container, is_number, table
from .templates import for_arguments
from .trace import Tracer, Tracing

Mask = tuple[bool, ...]
#: helpers whose tangent is the same of the tangents
MIRRORED = (helpers.added, helpers.filled)


def derive_jvp(
    func: Func, active: tuple[bool, ...], outs: tuple[bool, ...], summary: SummaryOf, calls: Any, quietly: bool = False
) -> Func:
    """Forward mode of a typed function with respect to the marked parameters; `quietly`: see `ad/quiet.py`."""
    with phase("activity"):
        func = without_inserts(func)
        aliases = Aliases(func, summary)
        wrt = [i for i, a in enumerate(active) if a]
        activity = Activity(func, aliases, wrt, wrt, shared(aliases.returned) if any(outs) else ())
        check_known(func, activity)
    with phase("differentiate"):
        return _Jvp(func, aliases, activity, calls, active, outs, quietly).run()


def _is_place(op: Apply, i: int) -> bool:
    """Whether an argument is a class, a key or a position, which have no tangent."""
    if op.fn is CONSTRUCT:
        return i == 0
    if op.fn in (DICT_POP, LIST_CUT, LIST_POP):
        return i > 0
    return op.fn is LIST_INSERT and i == 1


class _Jvp:
    def __init__(
        self,
        func: Func,
        aliases: Aliases,
        activity: Activity,
        calls: Any,
        active: tuple[bool, ...],
        outs: tuple[bool, ...],
        quietly: bool,
    ) -> None:
        #: whether a handler around may catch what tangents raise
        self.quietly = quietly
        self.func, self.aliases, self.activity, self.calls = func, aliases, activity, calls
        self.wrt, self.outs = active, outs
        self.b = Builder()
        self.made_by: dict[Value, Op] = {r: op for op in walk(func.body) for r in results(op)}
        self.dots: dict[Value, Operand] = {}
        self.loc: Loc = NOWHERE
        #: per loop around: which carried values, and which results, have tangents
        self.loops: list[tuple[Mask, Mask]] = []
        #: memory that others get: they may write it
        self.leaving = {n for held in (*aliases.result, *aliases.given) for n in reachable(held)}
        #: the memory whose tangent an array of tangents is, where that is more than one
        self.holders: dict[Operand, list[Mem | None]] = {}

    def run(self) -> Func:
        tangents = []
        for p, on in zip(self.func.params, self.wrt):
            if on:
                dot = Value(dot_name(p), p.type, loc=p.loc)
                tangents.append(dot)
                self.dots[p] = dot
        with self.b.block() as first:
            for p in self.func.params:
                if p not in self.dots and self.active(p):
                    self.dots[p] = self.whole_of(p)
        body = self.block(self.func.body)
        body = Block(body.params, (*first, *body.ops))
        params = (*self.func.params, *tangents)
        overlap = carried(self.func, params, self.dots)
        return Func(f"{self.func.name}_jvp", params, body, loc=self.func.loc, overlap=overlap)

    # -- blocks

    def block(self, block: Block, more: tuple[Value, ...] = ()) -> Block:
        with self.b.block() as ops:
            for op in block.ops:
                self.loc = op.loc
                self.op(op)
        return Block((*block.params, *more), tuple(ops))

    def op(self, op: Op) -> None:
        if not self.quietly or not isinstance(op, (Apply, Load, View, Store)):
            self.one(op)
            return
        with self.b.block() as ops:
            self.one(op)
        self.b.extend(quiet(ops, op, self.dots))

    def one(self, op: Op) -> None:
        match op:
            case Apply():
                self.apply(op)
            case Load() | View():
                self.b.emit(op)
                if self.active(op.result):
                    self.dots[op.result] = self.read(op)
            case Store():
                self.store(op)
            case If():
                self.branch(op)
            case Guard():
                self.guard(op)
            case For() | While():
                self.loop(op)
            case Return():
                self.b.emit(replace(op, value=Pack((op.value, self.result_dot(op.value)))))
            case Raise() | Unreachable():
                self.b.emit(op)
            case Yield() | Break() | Continue():
                raise InternalError("an exit outside a region", loc=op.loc)

    def active(self, operand: Operand) -> bool:
        return self.activity.active(operand)

    def dot(self, operand: Operand) -> Operand | None:
        """The tangent of an operand; None where it is zero."""
        if isinstance(operand, Value) and operand in self.dots:
            return self.dots[operand]
        if isinstance(operand, Pack):
            dots = [self.dot(i) for i in operand.items]
            if all(d is None for d in dots):
                return None
            return Pack(tuple(self.whole(i) if d is None else d for i, d in zip(operand.items, dots)), operand.kind)
        if not isinstance(operand, Value) or not self.active(operand):
            return None
        found = self.dots.get(operand)
        if found is None:
            raise InternalError(f"no tangent of {operand.name or 'a temporary'}", loc=operand.loc)
        return found

    def whole(self, operand: Operand) -> Operand:
        """The tangent of an operand, zeros of its structure where it is zero."""
        d = None if is_undef(operand) else self.dot(operand)
        if is_undef(operand):
            return operand
        if isinstance(d, Pack) and isinstance(t := strip(operand.type), Struct):
            return self.b.apply(CONSTRUCT, (Literal(t.cls, t.cls.__name__), *d.items), loc=self.loc, type=t)
        if d is not None:
            return d
        t = strip(constant_type(operand.value) if isinstance(operand, Literal) else operand.type)
        if isinstance(operand, Pack):
            return Pack(tuple(self.whole(i) for i in operand.items), operand.kind)
        if isinstance(t, Array):
            return self.b.apply(table(np.zeros_like), (operand,), loc=self.loc, type=t)
        if isinstance(t, Scalar):
            return ZERO  # of an int too, which may stand among floats: `np.array([x, 1])`
        if not carries_derivative(t):
            return operand if not is_empty_container(t) else self.b.apply(
                table(helpers.zeros_of), (operand,), loc=self.loc, type=t
            )
        return self.b.apply(table(helpers.zeros_of), (operand,), loc=self.loc, type=t)

    def same(self, op: Load | View, src: Operand, v: Value) -> Operand:
        dot = self.dot(src)
        whole = dot if isinstance(dot, Pack) else self.whole(src)
        if isinstance(whole, Pack) and (key := part_key(src.type, op.place)) is not None:
            return whole.items[[k for k, _, _ in part_places(src.type)].index(key)]
        out = Value(dot_name(v), v.type, loc=op.loc)
        self.b.emit(replace(op, src=whole, result=out))
        return out

    # -- leaf ops

    def read(self, op: Load | View) -> Operand:
        """The tangent of what is read: from the tangent of its container, zeros where that is a constant."""
        if self.active(op.src):
            return self.same(op, op.src, op.result)
        if self.aliases.written(op.result):
            raise UnsupportedError(
                "memory held by a constant is written, and meets active memory", loc=op.loc, code="DS311",
                hint="copy it first (`.copy()`)",
            )  # fmt: skip
        return self.zeros(op.result)

    def store(self, op: Store) -> None:
        self.b.emit(op)
        if self.active(op.dst) and not is_count(op):
            dst = self.dot(op.dst)
            assert dst is not None
            value = self.dot(op.value)
            if value is None:
                value = self._stored_zero(op.value)
            self.b.emit(replace(op, dst=dst, value=value))

    def _stored_zero(self, value: Operand) -> Operand:
        """What is stored beside an inactive value: zero, or for a reference the zeros of its structure."""
        t = strip(value.type)
        return ZERO if isinstance(t, Array) or is_number(value) else self.whole(value)

    def apply(self, op: Apply) -> None:
        if is_inert(op):
            self.b.emit(op)
            return
        if isinstance(op.fn, FuncRef):
            self.call(op)
            return
        active = [r for r in op.results if self.active(r)]
        writes = [a for i in getattr(op.fn, "writes", ()) if self.active(a := op.args[i])]
        if not active and not writes:
            self.b.emit(op)
            return
        if not isinstance(op.fn, Def):
            raise NoRuleError(f"the callee of this call isn't known: `{op.fn.name}`", loc=op.loc)
        if op.fn.family == "structural" or op.fn.fn in MIRRORED:
            self.structural(op)
            return
        self.b.emit(op)
        if op.fn.effect == "list":  # what is done to a container is done to its tangent
            twins = tuple(Value(dot_name(r), r.type, loc=r.loc) for r in op.results)
            more = tuple(self.dot(a) or a for a in op.args[1:])
            self.b.emit(replace(op, args=(self.whole(op.args[0]), *more), results=twins))
            self.dots.update(zip(op.results, twins))
            return
        out = op.results[0]
        with placed(op.loc), for_arguments(op):
            dot = self.dot(op.args[0]) if is_plain_copy(op) else self.tangent(op, op.fn, out)
            dot = dot and conformed(self.b, dot, out.type, op.loc)
        if dot is None:
            self.dots[out] = self.zeros(out)
            return
        if is_plain_copy(op):
            dot = self.b.apply(SNAPSHOT, (dot,), loc=op.loc, type=strip(out.type))
        elif layout_matters(self.aliases, out) and differs(op, dot, self.b.ops[-1:]):
            dot = self.b.apply(table(helpers.laid_out), (dot, out), loc=op.loc, type=strip(out.type))
        elif self.parts_company(op, out, dot):
            dot = self.b.apply(SNAPSHOT, (dot,), loc=op.loc, type=strip(out.type))
        elif op.fn.alias == "fresh" and self.is_written(out):
            dot = self.own(dot)
        self.dots[out] = self.named(dot, out)

    def parts_company(self, op: Apply, out: Value, dot: Operand) -> bool:
        """Whether a new array, whose tangent is the one of an operand (`x + 1.0`), needs one of its own: one of those that
        would share it is written, or two of them get to others, who may write them."""
        sources = [a for a in op.args if isinstance(a, Value) and self.dots.get(a) is dot]
        if not is_array(out) or not sources or getattr(op.fn, "alias", "") != "fresh":
            return False
        held = [*self.holders.get(dot, ()), self.aliases.of(sources[0]), self.aliases.of(out)]
        apart = any(node is not None and node.writes for node in held) or sum(n in self.leaving for n in held) > 1
        if not apart:
            self.holders[dot] = held
        return apart

    def is_written(self, out: Value) -> bool:
        node = self.aliases.of(out)
        return node is not None and any(n.writes for n in reachable(node))

    def own(self, dot: Operand) -> Operand:
        """The tangent of a new array that is written, or of several: a rule may give views."""
        if isinstance(dot, Pack):
            return Pack(tuple(map(self.own, dot.items)), dot.kind)
        made = next((op for op in self.b.ops if dot in results(op)), None)
        if not is_array(dot) or (isinstance(made, Apply) and getattr(made.fn, "alias", "") == "fresh"):
            return dot
        return self.b.apply(SNAPSHOT, (dot,), loc=self.loc, type=strip(dot.type))

    def zeros(self, out: Value) -> Operand:
        """The tangent of a value that is made without active operands."""
        if is_number(out):
            return ZERO
        row = table(np.zeros_like) if is_array(out) else table(helpers.zeros_of)
        return self.b.apply(row, (out,), name=dot_name(out), loc=self.loc, type=strip(out.type))

    def named(self, dot: Operand, out: Value) -> Operand:
        """Give a tangent just made the name of its primal."""
        last = self.b.ops[-1] if self.b.ops else None
        if out.name and isinstance(dot, Value) and isinstance(last, Apply) and last.results == (dot,):
            new = Value(dot_name(out), dot.type, loc=dot.loc)
            self.b.ops[-1] = replace(last, results=(new,))
            return new
        return dot

    def tangent(self, op: Apply, d: Def, out: Value) -> Operand | None:
        if d.family == "elementwise":
            return self.elementwise(op, d, out)
        if d.family == "select":
            return self.select(op, d, out)
        if d.family == "general" and (d.rules or d.alias != "fresh"):
            return self.general(op, d, out)
        if d.family == "zero":
            return None
        every: list[tuple[int | str, Operand]] = [*enumerate(op.args), *op.kwargs]
        first = next((where for where, a in every if self.active(a)), None)
        if first is None:
            return None
        why = d.refusal(first) if d.refusals else f"`{d.name}` has no derivative rule"
        raise NoRuleError(why, loc=op.loc, hint="write one with `ds.rule`")

    def elementwise(self, op: Apply, d: Def, out: Value) -> Operand | None:
        terms: list[tuple[Operand, bool]] = []
        covered: set[str] = set()
        for name, arg, row in zip(d.params, op.args, d.partials):
            dot = self.dot(arg) if row is not None else None
            if row is None or dot is None:
                continue
            covered |= {name} | row.free
            terms.append(self.term(op, d, dot, row))
        if not terms:
            return None
        total, negative = terms[0]
        if negative:
            total = self.arith("neg", total)
        for term, minus in terms[1:]:
            total = self.arith("sub" if minus else "add", total, term)
        total = conformed(self.b, total, out.type, self.loc)
        return self.fill(total, op, d, out, covered)

    def term(self, op: Apply, d: Def, dot: Operand, row: Partial) -> tuple[Operand, bool]:
        text = row.text.replace(" ", "")
        if text in ("1", "1.0", "-1", "-1.0"):
            return dot, text.startswith("-")
        tracing = Tracing(self.b, op.loc)
        names = {n: tracing.wrap(a) for n, a in zip(d.params, op.args)} | {"out": tracing.wrap(op.results[0])}
        if isinstance(op.args[-1], Literal) and d.name in QUOTIENTS:
            names[d.params[-1]] = Tracer(op.args[-1], tracing)
        p = tracing.operand(tracing.evaluate(row, names))
        last = self.b.ops[-1] if self.b.ops else None

        if isinstance(last, Apply) and last.results == (p,) and reciprocal(last):
            self.b.ops.pop()
            return self.b.apply(last.fn, (dot, last.args[1]), loc=op.loc), False
        return self.arith("mul", dot, p), False

    def arith(self, name: str, *operands: Operand) -> Value:
        import operator

        return self.b.apply(table(getattr(operator, name)), operands, loc=self.loc)

    def fill(self, total: Operand, op: Apply, d: Def, out: Value, covered: set[str]) -> Operand:
        """Broadcast a tangent to the primal's shape where an inactive operand alone gives it that shape."""
        arrays = {n for n, a in zip(d.params, op.args) if is_array(a) or isinstance(a, Pack)}
        if arrays <= covered or same_shape(total.type, out.type):
            return total
        shape = self.b.apply(_shape_row(), (out,), loc=op.loc)
        spread = self.b.apply(table(np.broadcast_to), (total, shape), loc=op.loc, type=strip(out.type))
        return (
            self.b.apply(SNAPSHOT, (spread,), loc=op.loc, type=strip(out.type)) if self.aliases.written(out) else spread
        )

    def select(self, op: Apply, d: Def, out: Value) -> Operand | None:
        dots = [(i, self.dot(a)) for i, (a, m) in enumerate(zip(op.args, d.partials)) if m is not None]
        if all(dot is None for _, dot in dots):
            return None
        covered = {n for n, a in zip(d.params, op.args) if self.dot(a) is not None}
        covered |= {n for row in d.partials if row is not None for n in row.free}
        if len(dots) == 2:
            (i, first), (_, second) = dots
            chosen = self.choose(self.selection(op, d, i), first or ZERO, second or ZERO, out)
            return self.fill(chosen, op, d, out, covered)
        total: Operand | None = None
        for i, dot in dots:
            if dot is not None:
                term = self.choose(self.selection(op, d, i), dot, ZERO, out)
                total = term if total is None else self.arith("add", total, term)
        return None if total is None else self.fill(total, op, d, out, covered)

    def selection(self, op: Apply, d: Def, i: int) -> Operand:
        tracing = Tracing(self.b, op.loc)
        names = {n: tracing.wrap(a) for n, a in zip(d.params, op.args)} | {"out": tracing.wrap(op.results[0])}
        row = d.partials[i]
        assert row is not None
        return tracing.operand(tracing.evaluate(row, names))

    def choose(self, mask: Operand, yes: Operand, no: Operand, out: Value) -> Operand:
        if isinstance(mask, Literal) and is_flag(mask):
            return yes if mask.value else no
        if is_array(out):
            return self.b.apply(table(np.where), (mask, yes, no), loc=self.loc)
        r = Value(None, out.type, loc=self.loc)
        self.b.emit(If(mask, Block((), (Yield((yes,)),)), Block((), (Yield((no,)),)), (r,), self.loc))
        return r

    def general(self, op: Apply, d: Def, out: Value) -> Operand | None:
        tracing = Tracing(self.b, op.loc)
        args = [tracing.wrap(a) for a in op.args]
        named = {k: tracing.wrap(v) for k, v in op.kwargs}
        total: Operand | None = None
        every: list[tuple[int | str, Operand]] = [*enumerate(op.args), *op.kwargs]
        if d.joint is not None:
            dots = {k: tracing.wrap(dot) for k, v in every if k in d.rules and (dot := self.dot(v)) is not None}
            if dots:
                total = tracing.operand(d.joint.jvp(dots, tracing.wrap(out), *args, **named))
        for i, arg in every:
            dot = self.dot(arg)
            if dot is None or (d.joint is not None and i in d.rules):
                continue
            if i == 0 and d.alias != "fresh" and is_array_source(op) and not d.printed:
                return self.view(op, d, dot, out)
            if i not in d.rules:
                raise NoRuleError(d.refusal(i), loc=op.loc)
            taken = [as_numpy_takes_it(d, tracing.wrap(dot)), *(as_function_takes_it(d, k, a) for k, a in enumerate(args))]
            options = {k: option_as_numpy_takes_it(d, v) for k, v in named.items()}
            given = d.rules[i].jvp(taken[0], tracing.wrap(out), *taken[1:], **options)
            if given is None:
                continue
            term = tracing.operand(given)
            total = term if total is None else self._add_tangents(total, term)
        return total

    def _add_tangents(self, a: Operand, b: Operand) -> Operand:
        if isinstance(a, Pack) or isinstance(strip(a.type), Tuple):
            kind = a.kind if isinstance(a, Pack) else "tuple"
            return Pack(tuple(map(self._add_tangents, self._items(a), self._items(b))), kind)
        return self.arith("add", a, b)

    def _items(self, tangent: Operand) -> tuple[Operand, ...]:
        """The items of a tuple of tangents."""
        if isinstance(tangent, Pack):
            return tangent.items
        t = strip(tangent.type)
        assert isinstance(tangent, Value) and isinstance(t, Tuple)
        return tuple(
            self.b.load(tangent, Index((Literal(i),)), loc=self.loc, type=item) for i, item in enumerate(t.items)
        )

    def view(self, op: Apply, d: Def, dot: Operand, out: Value) -> Operand:
        """A view of the tangent as the result is one of the primal."""
        if is_helper(op):
            r = Value(dot_name(out), out.type, loc=op.loc)
            self.b.emit(replace(op, args=(dot, self.whole(op.args[1]), *op.args[2:]), results=(r,)))
            return r
        if d.alias == "maybe" and self.aliases.written(out) and not is_view_for_sure(op, self.made_by):
            r = Value(dot_name(out), out.type, loc=op.loc)
            self.b.extend(of_tangent(op, dot, r))
            return r
        r = Value(dot_name(out), out.type, loc=op.loc)
        self.b.emit(replace(op, args=(dot, *op.args[1:]), results=(r,)))
        return r

    def structural(self, op: Apply) -> None:
        self.b.emit(op)
        if op.fn is UNPACK and (parts := self._parts_of_tangent(op)) is not None:
            self.dots.update(parts)
            return
        twins = tuple(Value(dot_name(r), r.type, loc=op.loc) for r in op.results)
        args = tuple(a if _is_place(op, i) else self._structural_dot(op, a) for i, a in enumerate(op.args))
        self.b.emit(replace(op, args=args, results=twins))
        self.dots.update((r, twin) for r, twin in zip(op.results, twins) if carries_derivative(r.type))

    def _parts_of_tangent(self, op: Apply) -> dict[Value, Operand] | None:
        """The tangents of what is unpacked, where they are known one by one and apart from each other."""
        whole = self.whole(op.args[0])
        if not isinstance(whole, Pack) or len(whole.items) != len(op.results):
            return None
        active = {r: item for r, item in zip(op.results, whole.items) if carries_derivative(r.type)}
        apart = len(set(active.values())) == len(active)
        fit = all(isinstance(item, Value) and strip(item.type) == strip(r.type) for r, item in active.items())
        return active if apart and fit else None

    def _structural_dot(self, op: Apply, a: Operand) -> Operand:
        if op.fn.name == "dict_of" and isinstance(a, Pack):
            key, value = a.items
            number = isinstance(strip(value.type), Scalar) and not carries_derivative(value.type)
            return Pack((key, value if number else self.whole(value)))
        return self.whole(a)

    def call(self, op: Apply) -> None:
        summary = self.aliases.summary(op.fn) if isinstance(op.fn, FuncRef) else None
        assert summary is not None
        on = tuple(self.active(a) for a in op.args)
        outs = any(self.active(r) for r in op.results)
        mixed = any(n.writes for r in op.results for n in shared(self.aliases.of(r)))  # with tangents that are shared too
        if not (any(on) or mixed) or not (outs or any(on[i] for i in summary.writes)):
            self.b.emit(op)
            for r in op.results:
                if self.active(r):
                    self.dots[r] = self.whole_of(r)
            return
        fn, mask = self.calls.jvp(op, on, outs, self.quietly, at_call(self.aliases, op))
        result = op.results[0] if op.results else Value(None)
        dot = Value(dot_name(result), result.type, loc=op.loc)
        given = tuple(self.whole(a) for a, m in zip(op.args, mask) if m)
        self.b.emit(Apply(fn, (*op.args, *given), (), (result, dot), op.loc))
        if outs:
            self.dots[result] = dot

    def whole_of(self, v: Value) -> Operand:
        return self.zeros(v)

    # -- regions

    def mask(self, values: Iterable[Value]) -> Mask:
        """Which values of a join have tangents."""
        return tuple(self.active(v) and not isinstance(strip(v.type), FuncType) for v in values)

    def twins(self, values: Iterable[Value], on: Mask | None = None) -> tuple[Value, ...]:
        out = []
        for v, wanted in zip(values, self.mask(values) if on is None else on):
            if wanted:
                self.dots[v] = twin = Value(dot_name(v), v.type, loc=v.loc)
                out.append(twin)
        return tuple(out)

    def sources(self, on: Mask, operands: tuple[Operand, ...]) -> tuple[Operand, ...]:
        return tuple(self.whole(o) for wanted, o in zip(on, operands) if wanted)

    def branch(self, op: If) -> None:
        arms = [self.arm(b, self.mask(op.results)) for b in (op.then, op.other)]
        results = (*op.results, *self.twins(op.results))
        self.b.emit(replace(op, then=arms[0], other=arms[1], results=results))

    def guard(self, op: Guard) -> None:
        outside = self.quietly
        self.quietly |= catches_errors(op, self.calls.errors_set)
        body = self.arm(op.body, self.mask(op.results))
        self.quietly = outside
        handlers = [self.arm(b, self.mask(op.results)) for b in op.handlers]
        results = (*op.results, *self.twins(op.results))
        self.b.emit(replace(op, body=body, handlers=tuple(handlers), results=results))

    def arm(self, block: Block, on: Mask) -> Block:
        with self.b.block() as ops:
            for op in block.body:
                self.loc = op.loc
                self.op(op)
            self.leave(block.terminator, on)
        return Block(block.params, tuple(ops))

    def leave(self, op: Op, on: Mask) -> None:
        """A terminator: the tangents of what it passes are passed too."""
        self.loc = op.loc
        match op:
            case Yield():
                self.b.emit(replace(op, values=(*op.values, *self.sources(on, op.values))))
            case Continue():
                carried = self.loops[-1][0]
                self.b.emit(replace(op, values=(*op.values, *self.sources(carried, op.values))))
            case Break():
                given = self.loops[-1][1]
                self.b.emit(replace(op, values=(*op.values, *self.sources(given, op.values))))
            case Return():
                self.op(op)
            case _:
                self.b.emit(op)

    def loop(self, op: For | While) -> None:
        n = len(op.body.params) - len(op.inits)
        carried = op.body.params[n:]
        sides = [carried, op.orelse.params, *([op.cond.params] if isinstance(op, While) else [])]
        on = tuple(any(m) for m in zip(*map(self.mask, sides), strict=True))
        inits = (*op.inits, *self.sources(on, op.inits))
        leaf_params: tuple[Value, ...] = ()
        space = None
        if isinstance(op, For):
            params = iter(op.body.params[:n])
            space, leaf_params = self.space(op.space, params)
        twins = self.twins(carried, on)
        self.loops.append((on, self.mask(op.results)))
        body_ops = self.arm(op.body, on)
        self.loops.pop()
        body = Block((*leaf_params, *carried, *twins), body_ops.ops)
        else_twins = self.twins(op.orelse.params, on)
        orelse_ops = self.arm(op.orelse, self.mask(op.results))
        orelse = Block((*op.orelse.params, *else_twins), orelse_ops.ops)
        if isinstance(op, While):
            cond_twins = self.twins(op.cond.params, on)
            cond = Block((*op.cond.params, *cond_twins), op.cond.ops)
            results = (*op.results, *self.twins(op.results))
            self.b.emit(replace(op, inits=inits, cond=cond, body=body, orelse=orelse, results=results))
            return
        assert space is not None
        results = (*op.results, *self.twins(op.results))
        self.b.emit(replace(op, space=space, inits=inits, body=body, orelse=orelse, results=results))

    def space(self, space: Space, params: Any) -> tuple[Space, tuple[Value, ...]]:
        """The iteration space with the tangents of active sequences run alongside, and its leaf parameters."""
        match space:
            case Seq(value):
                p = next(params)
                if not self.active(p):
                    return space, (p,)
                dot = self.twins((p,))
                return Zip((space, Seq(self.whole(value)))), (p, *dot)
            case Zip(items):
                pairs = [self.space(i, params) for i in items]
                flat: list[Space] = []
                for s, _ in pairs:
                    flat += s.items if isinstance(s, Zip) else [s]
                return Zip(tuple(flat)), tuple(p for _, ps in pairs for p in ps)
            case Enumerate(item, start):
                counter = next(params)
                inner, ps = self.space(item, params)
                return Enumerate(inner, start), (counter, *ps)
            case Reversed(item):
                inner, ps = self.space(item, params)
                if isinstance(inner, Zip):
                    inner = Zip(tuple(Reversed(i) for i in inner.items))
                    return inner, ps
                return Reversed(inner), ps
        return space, (next(params),)

    # -- result

    def result_dot(self, value: Operand) -> Operand:
        if not any(self.outs):
            return Literal(None)
        if isinstance(value, Pack):
            return self._pack_dot(value)
        return self.whole(value) if carries_derivative(value.type) else Literal(None)

    def _pack_dot(self, value: Pack) -> Operand:
        items = [
            self._pack_dot(i) if isinstance(i, Pack) else self.whole(i) if carries_derivative(i.type) else Literal(None)
            for i in value.items
        ]
        return Pack(tuple(items), value.kind)


def dot_name(v: Value) -> str | None:
    return f"{v.name}_dot" if v.name else None


def _shape_row() -> Def:
    from ..defs.methods import ATTRIBUTES

    return ATTRIBUTES["shape"]
