"""Ops as statements: blocks, copies, loops, conditionals, stores."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import Any

from ..defs.structural import COMMENT, LIST_POP
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
    Index,
    Load,
    Op,
    Raise,
    Return,
    Slice,
    Store,
    Unreachable,
    View,
    While,
    Yield,
    is_whole,
)  # fmt: skip
from ..ir.types import Array, Scalar, is_memory, strip
from ..ir.values import UNDEF, Literal, Operand, Value, is_undef
from ..ir.walk import results, used_values, walk
from ..source import NOWHERE, Loc
from . import spaces
from .comments import Item
from .copies import Copy, in_order
from .defaults import is_default
from .exprs import Exprs, call, name, negated
from .flow import breaks_out, leaf_params, op_sources
from .forms import written_augmented, written_plain
from .leafs import STATEMENTS
from .plan import MAX_TOGETHER
from .stores import Target, as_target, augmented, picks_once
from .syntax import AUGMENTED, destination, inplace, python_function


class Stmts:
    """The statements of one function."""

    def __init__(self, exprs: Exprs, func: Func) -> None:
        self.e = exprs
        self.flow, self.plan, self.variables = exprs.flow, exprs.plan, exprs.variables
        self.unbound = self.find_unbound(func)
        self.head = (func.loc.file, func.loc.line)
        self.read = {v for op in walk(func.body) for v in used_values(op)}

    def block(self, block: Block, loop_tail: bool = False) -> list[Item]:
        """The statements of a block; `loop_tail`: its end is the end of the loop's body."""
        items: list[Item] = []
        ops = [op for op in block.ops if not self.plan.inlined(op)]
        for i, op in enumerate(ops):
            last = i + 1 == len(ops) - 1
            if op in self.plan.together:
                if self.plan.together[op] is op:
                    items += self.together([o for o in ops[i : i + MAX_TOGETHER] if self.plan.together.get(o) is op])
            elif isinstance(op, If):
                tail = loop_tail and last and isinstance(block.terminator, Unreachable)
                items += self.if_(op, tail, loop_tail and last and self.is_end(ops[-1]))
            else:
                items += self.statement(op, loop_tail)
        return items

    def is_end(self, op: Op) -> bool:
        """Whether a terminator prints nothing: what stands before it is the end of the block."""
        return isinstance(op, Unreachable) or (isinstance(op, Yield) and not self.copies(op))

    def statement(self, op: Op, loop_tail: bool) -> list[Item]:
        match op:
            case Apply() | Load() | View():
                return self.leaf(op)
            case Store():
                return [Item(self.store(op), op.loc)]
            case For():
                return self.for_(op)
            case While():
                return self.while_(op)
            case Guard():
                return self.guarded(op)
            case Yield():
                return self.copies(op)
            case Continue():
                return self.copies(op) + ([] if loop_tail else [Item(ast.Continue(), op.loc)])
            case Break():
                return [*self.copies(op), Item(ast.Break(), op.loc)]
            case Return():
                return [Item(ast.Return(self.returned(op.value)), self.place_of_return(op))]
            case Raise(value, loc, cause):
                bare = isinstance(value, Literal) and value.value is None
                source = None if cause is None else self.e.expr(cause)
                return [Item(ast.Raise(None if bare else self.e.expr(value), source), loc)]
        return []

    def together(self, group: list[Op]) -> list[Item]:
        """Assignments of one source line, as one tuple assignment where no order of them is right."""
        if len(group) == 1:
            return self.leaf(group[0])
        ops = {self.variables[results(op)[0]]: op for op in group}
        items = []
        for copies in in_order([(v, self.e.op(op)) for v, op in ops.items()], exchange=False):
            if len(copies) == 1:
                items += self.leaf(ops[copies[0][0]])
            else:
                items.append(Item(_tuple_assign(copies), group[0].loc))
        return items

    def place_of_return(self, op: Return) -> Loc:
        """Where a `return` stands; one that no line of the user is, where most of what it computes stands."""
        if (op.loc.file, op.loc.line) != self.head:
            return op.loc
        places: dict[tuple[str, int], list[Loc]] = {}
        for made in self.plan.written_in(op):
            if made.loc.line and (where := (made.loc.file, made.loc.line)) != self.head:
                places.setdefault(where, []).append(made.loc)
        return max(places.values(), key=len, default=[op.loc])[0]

    def returned(self, value: Operand) -> ast.expr | None:
        is_none = isinstance(value, Literal) and value.value is None and value.text is None
        return None if is_none else self.e.expr(value)

    # -- leaf ops

    def leaf(self, op: Op) -> list[Item]:
        if isinstance(op, Apply):
            if op.fn is COMMENT:
                return [self.marker(op)]
            if op.fn in STATEMENTS:
                return [Item(STATEMENTS[op.fn](self, op), op.loc)]
            if inplace(op):
                return self.inplace(op)
            if (memory := destination(op)) is not None:
                return [Item(self.written(op, memory), op.loc)]
        made = results(op)
        if all(r in self.plan.unread for r in made):
            return [Item(ast.Expr(self.e.op(op)), op.loc)]
        if isinstance(op, If) and (item := self.maybe_assign(op)) is not None:
            return [item]
        if len(made) == 1:
            saved = isinstance(op, Apply) and op.fn is LIST_POP and "saved" in (getattr(op.args[0], "name", "") or "")
            return [Item(self.assign(made[0], op), op.loc, saved)]
        value = self.e.op(op)
        return [Item(ast.Assign([self.target(made)], value), op.loc)]

    def marker(self, op: Apply) -> Item:
        text = op.args[0].value if isinstance(op.args[0], Literal) else ""
        return Item(None, op.loc, comment=str(text))

    def assign(self, target: Value, op: Op) -> ast.stmt:
        """`y = expr`, or `y += v` for a number that is `y + v`."""
        variable = self.variables[target]
        node = self.e.op(op)
        return self.update(variable, node, op, target) or ast.Assign([ast.Name(variable, ast.Store())], node)

    def update(self, variable: str, node: ast.expr, op: Op, result: Operand) -> ast.stmt | None:
        """`y += v` for `y + v` or `v + y`, when it is a number and the user didn't write it out."""
        if not isinstance(node, ast.BinOp) or not isinstance(strip(result.type), Scalar):
            return None
        left, right = node.left, node.right
        if isinstance(node.op, (ast.Add, ast.Mult)) and _is_name(right, variable) and not _is_name(left, variable):
            left, right = right, left
        if not _is_name(left, variable) or written_plain(op, variable) or isinstance(node.op, ast.MatMult):
            return None  # `v @= w` is no inner product
        if any(isinstance(strip(v.type), Array) and self.variables.get(v) == variable for v in used_values(op)):
            return None  # an array without axes is written in place
        return augmented(ast.Name(variable, ast.Store()), node.op, right, written_augmented(op, variable))

    def inplace(self, op: Apply) -> list[Item]:
        """`y += v`, after `y = x` when the result takes another name than the operand."""
        target, (first, second) = op.results[0], op.args
        variable, kind = self.variables[target], inplace(op)
        assert kind is not None
        items = []
        if not (isinstance(first, Value) and self.variables.get(first) == variable and first not in self.plan.folded):
            items.append(Item(ast.Assign([ast.Name(variable, ast.Store())], self.e.expr(first)), op.loc))
        augmented = ast.AugAssign(ast.Name(variable, ast.Store()), kind(), self.e.expr(second))
        return [*items, Item(augmented, op.loc)]

    def written(self, op: Apply, memory: Operand) -> ast.stmt:
        """`y *= v` or `np.exp(y, out=y)`; `z = np.exp(y, out=y)` where the result has another name than the array."""
        into = self.variables[memory] if isinstance(memory, Value) else None
        variable = self.variables.get(op.results[0]) if op.results else into
        if variable is None or variable == into:
            kind = AUGMENTED.get(python_function(op.fn))  # type: ignore[arg-type]
            if kind is not None and into is not None and memory in op.args:
                first, second = op.args
                if first is memory or kind in (ast.Add, ast.Mult):
                    other = second if first is memory else first
                    return augmented(ast.Name(into, ast.Store()), kind(), self.e.expr(other))
            return ast.Expr(self.e.op(op))
        return ast.Assign([ast.Name(variable, ast.Store())], self.e.op(op))

    def target(self, values: Sequence[Value]) -> ast.expr:
        """The target that binds values: a name, or a tuple; parts taken apart at once are nested."""
        items = [self.one_target(v) for v in values]
        return items[0] if len(items) == 1 else ast.Tuple(items, ast.Store())

    def one_target(self, value: Value) -> ast.expr:
        if value in self.plan.unpacked:
            parts = [self.one_target(v) for v in self.plan.unpacked[value].results]
            return ast.Tuple(parts, ast.Store())
        return ast.Name(self.variables.get(value, "_"), ast.Store())

    # -- stores

    def store(self, op: Store) -> ast.stmt:
        if op in self.plan.augmented:
            kind, value = self.plan.augmented[op]
            return ast.AugAssign(self.stored(op.dst, op.place), kind(), self.e.expr(value))
        if op.add:
            return self.accumulate(op)
        made = self.plan.folded.get(op.dst) if isinstance(op.dst, Value) else None
        if is_whole(op.place) and not isinstance(made, View):  # `x.u = v` would put another array there
            target = as_target(self.e.place(op.dst, op.place))
        else:
            target = self.stored(op.dst, op.place)
        return ast.Assign([target], self.e.expr(op.value))

    def stored(self, dst: Operand, place: Any) -> Target:
        """The place as a target: a whole array is its variable, or the subscript that made the view; what a function
        or `.T` makes in place and what a tuple holds can't be assigned to, its contents can.
        """
        made = self.plan.folded.get(dst) if isinstance(dst, Value) else None
        fixed = isinstance(made, Apply) or (isinstance(made, Load) and not is_memory(strip(made.src.type)))
        if is_whole(place) and not fixed:
            return as_target(self.e.expr(dst))
        return as_target(self.e.place(dst, place))

    def accumulate(self, op: Store) -> ast.stmt:
        """`a[i] += v`; an index that may name a place twice needs `np.add.at`."""
        array = isinstance(strip(op.dst.type), Array)
        if array and isinstance(op.place, Index) and not all(map(picks_once, op.place.items)):
            subscript = self.e.subscript(op.place)
            if any(isinstance(i, Slice) for i in op.place.items):
                subscript = ast.Subscript(name("np.s_"), subscript, ast.Load())
            return ast.Expr(call("np.add.at", self.e.expr(op.dst), subscript, self.e.expr(op.value)))
        return augmented(self.stored(op.dst, op.place), ast.Add(), self.e.expr(op.value))

    # -- copies

    def copies(self, op: Op) -> list[Item]:
        """The copies that a terminator or loop head makes, as assignments."""
        sources: dict[str, Operand] = {}
        pairs: list[tuple[str, ast.expr]] = []
        for target, source in self.flow.copies(op):
            variable = self.variables[self.flow.rep(target)]
            if self.flow.is_void(source):
                source = NONE_LIT if variable in self.unbound else UNDEF
            if is_undef(source) or (isinstance(source, Value) and self.is_variable(source, variable)):
                continue
            sources[variable] = source
            pairs.append((variable, self.e.expr(source)))
        return [Item(self.copy(group, sources), self.place_of(sources[group[0][0]])) for group in in_order(pairs)]

    def place_of(self, source: Operand) -> Loc:
        """The line that a copy serves: that of the expression written in it."""
        made = self.plan.folded.get(source) if isinstance(source, Value) else None
        return made.loc if made is not None else NOWHERE

    def find_unbound(self, func: Func) -> set[str]:
        """The variables that may be unbound where they are copied to another one: they start as None."""
        pairs = [pair for op in walk(func.body) for pair in self.flow.copies(op)]
        return {
            self.variables[s]
            for t, s in pairs
            if isinstance(s, Value) and s in self.variables and self.flow.is_loose(s) and not self.flow.is_void(s)
            if self.variables[s] != self.variables.get(self.flow.rep(t))
        }

    def is_variable(self, value: Value, variable: str) -> bool:
        return value not in self.plan.folded and self.variables[value] == variable

    def copy(self, group: list[tuple[str, ast.expr]], sources: dict[str, Operand]) -> ast.stmt:
        if len(group) > 1:
            return _tuple_assign(group)
        (variable, node), source = group[0], sources[group[0][0]]
        made = self.plan.folded.get(source) if isinstance(source, Value) else None
        if made is not None and (update := self.update(variable, node, made, source)) is not None:
            return update
        return ast.Assign([ast.Name(variable, ast.Store())], node)

    # -- conditionals

    def if_(self, op: If, guard: bool, at_end: bool) -> list[Item]:
        """An `if` statement. `guard`: neither arm completes and this is the end of a loop's body."""
        if op in self.plan.expression_ifs:
            return self.leaf(op)
        if guard:
            return self.guard(op)
        then, other = self.block(op.then, at_end), self.block(op.other, at_end)
        cond = self.e.condition(op.cond)
        if not then and not other:
            return [Item(ast.Expr(cond), op.loc)] if op.cond in self.plan.folded else []
        if not then:
            cond, then, other = negated(cond), other, []
        elif other and is_default(op, self.flow, then, other, cond):
            return [*other, Item(ast.If(cond, [], []), op.loc, body=then)]
        return [Item(ast.If(cond, [], []), op.loc, body=then, orelse=other)]

    def maybe_assign(self, op: If) -> Item | None:
        """`if c: y = e` for `y = e if c else y`, where the user didn't write that."""
        variable = self.variables[op.results[0]]
        if written_plain(op, variable):
            return None
        for arm, other, flip in ((op.other, op.then, False), (op.then, op.other, True)):
            kept, new = (op_sources(b.terminator)[0] for b in (arm, other))
            if isinstance(kept, Value) and self.is_variable(kept, variable):
                cond = self.e.condition(op.cond)
                copy = Item(self.copy([(variable, self.e.expr(new))], {variable: new}), op.loc)
                return Item(ast.If(negated(cond) if flip else cond, [], []), op.loc, body=[copy])
        return None

    def guard(self, op: If) -> list[Item]:
        """`if c: ...; continue` and the other arm after it; the other way round if that one only breaks."""
        cond, rest = self.e.condition(op.cond), op.other
        if self.only_breaks(op.other) and not self.only_breaks(op.then):
            cond, rest = negated(cond), op.then
        first = self.block(op.then if rest is op.other else op.other)
        return [Item(ast.If(cond, [], []), op.loc, body=first), *self.block(rest, True)]

    def only_breaks(self, block: Block) -> bool:
        last = block.terminator
        return isinstance(last, Break) and all(map(self.plan.inlined, block.body)) and not self.copies(last)

    # -- guards

    def guarded(self, op: Guard) -> list[Item]:
        """`with` or `try`."""
        body = self.block(op.body)
        if op.context is not None:
            target = self.entered(op.body.params[0])
            node = ast.With([ast.withitem(self.e.expr(op.context), target)], [])
            return [Item(node, op.loc, body=body)]
        handlers = [self.handler(kind, block, op.loc) for kind, block in zip(op.classes, op.handlers)]
        return [Item(ast.Try([], [], [], []), op.loc, body=body, handlers=handlers)]

    def entered(self, value: Value) -> ast.expr | None:
        return ast.Name(self.variables[value], ast.Store()) if value in self.read else None

    def handler(self, kind: Operand, block: Block, loc: Loc) -> Item:
        bare = isinstance(kind, Literal) and kind.value is None
        error = block.params[0]
        name = self.variables[error] if error in self.read else None
        node = ast.ExceptHandler(None if bare else self.e.expr(kind), name, [])
        return Item(node, loc, body=self.block(block))

    # -- loops

    def for_(self, op: For) -> list[Item]:
        target = spaces.target(op.space, list(leaf_params(op)), self.one_target)
        header = ast.For(target, spaces.iterable(self.e, op.space), [], [])
        return [*self.copies(op), *self.loop(Item(header, op.loc, body=self.block(op.body, True)), op)]

    def loop(self, item: Item, op: For | While) -> list[Item]:
        """The loop and its `else` part, which needs the clause only when the body can break."""
        orelse = self.block(op.orelse)
        if orelse and breaks_out(op.body):
            item.orelse = orelse
            return [item]
        return [item, *orelse]

    def while_(self, op: While) -> list[Item]:
        test = op.cond.terminator
        assert isinstance(test, Yield)
        before = [i for o in op.cond.body if not self.plan.inlined(o) for i in self.cond_statement(o)]
        cond = self.e.condition(test.values[0])
        endless = isinstance(test.values[0], Literal) and test.values[0].value is True
        if endless:
            return [*self.copies(op), Item(ast.While(cond, [], []), op.loc, body=self.block(op.body, True))]
        if not before:
            return [
                *self.copies(op),
                *self.loop(Item(ast.While(cond, [], []), op.loc, body=self.block(op.body, True)), op),
            ]
        leave = Item(ast.If(negated(cond), [], []), op.loc, body=[*self.block(op.orelse), Item(ast.Break())])
        body = [*before, leave, *self.block(op.body, True)]
        return [*self.copies(op), Item(ast.While(ast.Constant(True), [], []), op.loc, body=body)]

    def cond_statement(self, op: Op) -> list[Item]:
        return self.if_(op, False, False) if isinstance(op, If) else self.statement(op, False)


def _tuple_assign(copies: list[Copy]) -> ast.stmt:
    targets: list[ast.expr] = [ast.Name(v, ast.Store()) for v, _ in copies]
    return ast.Assign([ast.Tuple(targets, ast.Store())], ast.Tuple([x for _, x in copies], ast.Load()))


def _is_name(node: ast.expr, variable: str) -> bool:
    return isinstance(node, ast.Name) and node.id == variable
