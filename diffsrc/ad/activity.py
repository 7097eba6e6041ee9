"""Which values and alias classes are active: they depend on a differentiated input (*varied*) and may change a
differentiated output (*useful*). A fixpoint over the whole function; memory is varied or useful by alias class.
"""

from __future__ import annotations

from collections.abc import Iterable

from ..analysis.alias import Aliases, exits
from ..analysis.mems import Mem, find, reachable
from ..defs.table import Def
from ..ir.ops import (
    Apply,
    Block,
    Break,
    Continue,
    For,
    Func,
    FuncRef,
    Guard,
    If,
    Load,
    Op,
    Return,
    Seq,
    Store,
    View,
    While,
    Yield,
)  # fmt: skip
from ..ir.types import Type, carries_derivative, holds_unknown
from ..ir.values import Operand, Value
from ..ir.walk import blocks, leaves, values_in, walk
from .parts import is_aggregate

Key = Mem | Value


class Activity:
    """`active(v)` after the two fixpoints; `wrt` are positions of differentiated parameters, `seeded` those whose final
    contents carry a cotangent (mutable or written arguments), `leaving` memory that the caller may make active."""

    def __init__(
        self, func: Func, aliases: Aliases, wrt: Iterable[int], seeded: Iterable[int], leaving: Iterable[Mem] = ()
    ) -> None:
        self.func = func
        self.aliases = aliases
        self.varied: set[Key] = set()
        self.useful: set[Key] = set()
        #: what is read from tuples: where one is passed whole, its parts take the cotangents
        self._parts: dict[Operand, list[Value]] = {}
        for op in walk(func.body):
            if isinstance(op, Load) and is_aggregate(op.src.type):
                self._parts.setdefault(op.src, []).append(op.result)
        self.varied.update(leaving)
        for i in wrt:
            self._mark_deep(self.varied, func.params[i])
        for i in seeded:
            self._mark_deep(self.useful, func.params[i])
        self._solve(self.varied, self._forward)
        self._solve(self.useful, self._backward)

    def active(self, operand: Operand) -> bool:
        return any(carries_derivative(v.type) and self._on_path(v) for v in values_in(operand))

    def unknown(self, operand: Operand) -> bool:
        """Whether a value is on the way from an input to an output, and its type isn't known: it must be refused."""
        return any(holds_unknown(v.type) and self._on_path(v) for v in values_in(operand))

    def is_varied(self, operand: Operand) -> bool:
        return any(carries_derivative(v.type) and self._is(self.varied, v) for v in values_in(operand))

    def memory_active(self, node: Mem) -> bool:
        return find(node) in self.varied and find(node) in self.useful

    # -- keys

    def _key(self, v: Value) -> Key:
        node = self.aliases.of(v)
        return v if node is None else node

    def _is(self, marked: set[Key], v: Value) -> bool:
        return _may_carry(v.type) and self._key(v) in marked

    def _on_path(self, v: Value) -> bool:
        return self._is(self.varied, v) and self._is(self.useful, v)

    def _any(self, marked: set[Key], operands: Iterable[Operand]) -> bool:
        return any(self._is(marked, v) for v in values_in(*operands))

    def _mark(self, marked: set[Key], operands: Iterable[Operand]) -> None:
        for v in values_in(*operands):
            if _may_carry(v.type):
                marked.add(self._key(v))

    def _mark_deep(self, marked: set[Key], v: Value) -> None:
        if (node := self.aliases.of(v)) is not None:
            marked.update(reachable(node))
        self._mark(marked, (v,))

    def _solve(self, marked: set[Key], step: object) -> None:
        size, memory = -1, self.aliases.everything()
        while size != len(marked):
            size = len(marked)
            self._visit(self.func.body, step)
            for node in memory:  # what holds active memory has a mirror, by which that is found
                if any(find(held) in marked for held in node.slots.values()):
                    marked.add(node)

    def _visit(self, block: Block, step: object) -> None:
        assert callable(step)
        ops = block.ops if step == self._forward else block.ops[::-1]
        for op in ops:
            step(op)
            if inner := blocks(op):
                for region in inner:
                    self._visit(region, step)
                step(op)

    # -- forward: varied

    def _forward(self, op: Op) -> None:
        marked = self.varied
        match op:
            case Apply():
                self._forward_apply(op)
            case Load() | View():
                if self._any(marked, (op.src,)):
                    self._mark(marked, (op.result,))
            case Store():
                if self._any(marked, (op.value,)):
                    self._mark(marked, (op.dst,))
            case If() | Guard():
                for arm in blocks(op):
                    if isinstance(arm.terminator, Yield):
                        self._flow(arm.terminator.values, op.results)
            case For() | While():
                self._forward_loop(op)

    def _forward_apply(self, op: Apply) -> None:
        if not self._any(self.varied, differentiable_operands(op)):
            return
        self._mark(self.varied, op.results)
        if isinstance(op.fn, FuncRef):
            written = self.aliases.summary(op.fn).writes
        else:
            written = frozenset(getattr(op.fn, "writes", ()))
        for v in values_in(*(op.args[i] for i in sorted(written))):
            self._mark_deep(self.varied, v)  # a callee may write what its argument holds

    def _flow(self, sources: Iterable[Operand], targets: Iterable[Value]) -> None:
        for source, target in zip(sources, targets):
            if self._any(self.varied, (source,)):
                self._mark(self.varied, (target,))

    def _forward_loop(self, op: For | While) -> None:
        n = len(op.body.params) - len(op.inits)
        if isinstance(op, For):
            for leaf, param in zip(leaves(op.space), op.body.params):
                if isinstance(leaf, Seq) and self._any(self.varied, (leaf.value,)):
                    self._mark(self.varied, (param,))
        targets = [op.body.params[n:], op.orelse.params]
        if isinstance(op, While):
            targets.append(op.cond.params)
        for params in targets:
            self._flow(op.inits, params)
            for e in exits(op.body):
                if isinstance(e, (Yield, Continue)):
                    self._flow(e.values, params)
        for e in exits(op.body):
            if isinstance(e, Break):
                self._flow(e.values, op.results)
        if isinstance(op.orelse.terminator, Yield):
            self._flow(op.orelse.terminator.values, op.results)

    # -- backward: useful

    def _backward(self, op: Op) -> None:
        marked = self.useful
        match op:
            case Return():
                for v in values_in(op.value):
                    self._mark_deep(marked, v)
            case Apply():
                self._backward_apply(op)
            case Load() | View():
                if self._any(marked, (op.result,)):
                    self._mark(marked, (op.src,))
            case Store():
                if self._any(marked, (op.dst,)):
                    self._mark(marked, (op.value,))
                    for v in values_in(op.value):
                        self._mark_deep(marked, v)
            case If() | Guard():
                for arm in blocks(op):
                    if isinstance(arm.terminator, Yield):
                        self._flow_back(arm.terminator.values, op.results)
            case For() | While():
                self._backward_loop(op)

    def _backward_apply(self, op: Apply) -> None:
        if isinstance(op.fn, FuncRef):
            written = self.aliases.summary(op.fn).writes
        else:
            written = frozenset(getattr(op.fn, "writes", ()))
        outs = (*op.results, *(op.args[i] for i in sorted(written)))
        if self._any(self.useful, outs):
            self._mark(self.useful, differentiable_operands(op))
            if isinstance(op.fn, Def) and op.fn.family != "structural":
                for v in values_in(*differentiable_operands(op)):
                    self._mark_deep(self.useful, v)  # a row reads lists of lists, and of arrays, as a whole
            for v in values_in(*op.args) if isinstance(op.fn, FuncRef) else ():
                self._mark_deep(self.useful, v)  # a callee may read what its argument holds
                self._mark_parts(v)

    def _mark_parts(self, v: Value) -> None:
        parts = self._parts.get(v, [])
        self._mark(self.useful, parts)
        for part in parts:
            self._mark_parts(part)

    def _flow_back(self, sources: Iterable[Operand], targets: Iterable[Value]) -> None:
        for source, target in zip(sources, targets):
            if self._is(self.useful, target):
                self._mark(self.useful, (source,))

    def _backward_loop(self, op: For | While) -> None:
        n = len(op.body.params) - len(op.inits)
        carried = op.body.params[n:]
        if isinstance(op.orelse.terminator, Yield):
            self._flow_back(op.orelse.terminator.values, op.results)
        for e in exits(op.body):
            if isinstance(e, Break):
                self._flow_back(e.values, op.results)
            elif isinstance(e, (Yield, Continue)):
                self._flow_back(e.values, carried)
                self._flow_back(e.values, op.orelse.params)
        self._flow_back(op.inits, carried)
        self._flow_back(op.inits, op.orelse.params)
        if isinstance(op, For):
            for leaf, param in zip(leaves(op.space), op.body.params):
                if isinstance(leaf, Seq) and self._is(self.useful, param):
                    self._mark(self.useful, (leaf.value,))


def _may_carry(t: Type) -> bool:
    return carries_derivative(t) or holds_unknown(t)


def differentiable_operands(op: Apply) -> tuple[Operand, ...]:
    """The operands through which a derivative can pass; none for functions whose derivative is zero."""
    fn = op.fn
    if isinstance(fn, Def):
        if fn.family == "zero":
            return ()
        if fn.family in ("elementwise", "select"):
            return tuple(a for a, p in zip(op.args, fn.partials) if p is not None)
    return (*op.args, *(v for _, v in op.kwargs))
