"""The state of lowering: what holds for a whole function (`Unit`) and for the region being filled
(`Lowering`).

SSA falls out of one rule: a region has a map from variables to their current operands. A statement
that binds a variable changes the map and makes no op. An inner region starts with a copy of the
map; where regions meet, `join` makes results for the variables whose operands differ and that are
still read.

Handlers are found by the class of the syntax node in the tables EXPRESSIONS and STATEMENTS; what
has none is refused by the syntax table.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from ..defs.structural import LIST, NOTE
from ..defs.syntax import refusal
from ..defs.table import lookup
from ..errors import UnsupportedError
from ..ir.ops import (
    Apply,
    Block,
    Break,
    Callee,
    Continue,
    Func,
    FuncRef,
    Guard,
    If,
    Index,
    Load,
    Op,
    Store,
    Transient,
    Unreachable,
    Yield,
)
from ..ir.types import ANY
from ..ir.values import UNDEF, Literal, Operand, Pack, Value, is_undef
from ..ir.walk import defined, values_in
from ..source import Loc
from .globals import Globals
from .liveness import Liveness
from .parse import SourceInfo
from .scope import FunctionNode, Scope

ExprHandler = Callable[["Lowering", Any, str | None], Operand]
StmtHandler = Callable[["Lowering", Any], None]
EXPRESSIONS: dict[type[ast.AST], ExprHandler] = {}
STATEMENTS: dict[type[ast.AST], StmtHandler] = {}
#: the one slot of a cell
SLOT = Index((Literal(0),))
#: the pseudo-variable in which the arms of a conditional expression leave their values
RESULT = "<result>"


def expression(*classes: type[ast.expr]) -> Callable[[ExprHandler], ExprHandler]:
    """Register the handler of expression classes: (lowering, node, name for the result) -> operand."""

    def enter(handler: ExprHandler) -> ExprHandler:
        EXPRESSIONS.update(dict.fromkeys(classes, handler))
        return handler

    return enter


def statement(*classes: type[ast.stmt]) -> Callable[[StmtHandler], StmtHandler]:
    """Register the handler of statement classes: (lowering, node) -> None."""

    def enter(handler: StmtHandler) -> StmtHandler:
        STATEMENTS.update(dict.fromkeys(classes, handler))
        return handler

    return enter


@dataclass(frozen=True, eq=False, slots=True)
class Inner:
    """A lifted inner function.

    `func.params` are the captured variables, the parameters with defaults, the others; `unbound` are the
    captured variables that had no value when it was made. `scope` is the one that it is made in.
    """

    func: Func
    node: FunctionNode
    captures: tuple[str, ...]
    defaults: dict[str, Operand]
    unbound: tuple[str, ...]
    scope: Scope


@dataclass(frozen=True, eq=False, slots=True)
class Known:
    """An inner function whose name is bound once: its calls are known to reach it, also before it is made and in
    other inner functions. `defaults` are variables of the scope around it."""

    func: Func
    node: FunctionNode
    captures: tuple[str, ...]
    defaults: dict[str, str]
    scope: Scope


class LateBinding(Exception):  # noqa: N818  a request, not an error
    """A variable has to be a cell, since a function that is used as a value sees what it is assigned later."""

    def __init__(self, name: str, refused: UnsupportedError) -> None:
        super().__init__(name)
        self.name, self.refused = name, refused


@dataclass(slots=True)
class Unit:
    """What doesn't change while one function is lowered."""

    name: str
    source: SourceInfo
    globals: Globals
    scope: Scope
    liveness: Liveness
    cells: frozenset[str] = frozenset()
    known: dict[str, Known] = field(default_factory=dict)
    inner: dict[Value, Inner] = field(default_factory=dict)
    #: the first parameter, `self` of a method
    first: str = ""
    #: every name of the function's text, and those added to it
    names: set[str] = field(default_factory=set)
    extra: set[str] = field(default_factory=set)
    #: syntax made while lowering, which tables know by id
    kept: list[object] = field(default_factory=list)
    #: iterators that variables stand for
    pending: dict[str, ast.expr] = field(default_factory=dict)
    #: functions handed to calls that see variables of which others know later values
    transients: list[Transient] = field(default_factory=list)
    #: the code of the Python function that is lowered, and the variables in it that have to be cells
    code: object = None
    forced: frozenset[str] = frozenset()


    def fresh(self, name: str) -> str:
        """A variable that isn't in the function's text."""
        found, n = name, 0
        while found in self.names:
            n += 1
            found = f"{name}_{n}"
        self.names.add(found)
        self.extra.add(found)
        return found

    def rebound(self, name: str) -> bool:
        """Whether a name may stand for several things."""
        return name in self.extra or len(self.scope.bindings.get(name, ())) > 1 or name in self.cells


@dataclass(slots=True)
class Exits:
    """Where `break` and `continue` lead: the variables that each passes on.

    `broken` is set by the first `break`.
    """

    carried: tuple[str, ...]
    results: tuple[str, ...]
    broken: bool = False


@dataclass(slots=True)
class Lowering:
    """One region: its ops so far, the variables, the loop around it, and whether its end was reached
    by an exit."""

    unit: Unit
    vars: dict[str, Operand]
    loop: Exits | None = None
    ops: list[Op] = field(default_factory=list)
    done: bool = False
    #: variables that handlers around may read, as they were noted last
    noted: dict[str, Operand] = field(default_factory=dict)
    #: what `finally` clauses around do, innermost last, each with the loop that it stands in
    finals: tuple[tuple[Exits | None, list[ast.stmt]], ...] = ()

    # -- dispatch

    def expr(self, node: ast.expr, name: str | None = None) -> Operand:
        """The operand of an expression; a list display stays a Pack.

        `name` is for the result of the last op.
        """
        handler = EXPRESSIONS.get(type(node))
        if handler is None:
            raise self.refuse(type(node).__name__, node)
        return handler(self, node, name)

    def value(self, node: ast.expr, name: str | None = None) -> Operand:
        """The operand of an expression of which more than one use can be made: lists are built."""
        return self.settle(self.expr(node, name), node, name)

    def stmts(self, body: Iterable[ast.stmt]) -> None:
        """Lower statements up to the first that never completes."""
        for node in body:
            self.note(node)
            if self.done:
                return
            handler = STATEMENTS.get(type(node))
            if handler is None:
                raise self.refuse(type(node).__name__, node)
            handler(self, node)
            self.note(node)

    def note(self, node: ast.AST) -> None:
        """Tell the handlers around which variables have changed."""
        for name, last in self.noted.items():
            now = self.vars.get(name, UNDEF)
            if now is not last and not self.done:
                self.noted[name] = now
                self.effect(NOTE, (Literal(name), now), node)

    def loc(self, node: ast.AST) -> Loc:
        source: SourceInfo = getattr(node, "source", self.unit.source)
        return source.loc(node)

    def refuse(self, key: str, node: ast.AST, **fields: object) -> UnsupportedError:
        return refusal(key, self.loc(node), **fields)

    # -- ops

    def apply(
        self,
        fn: Callee | Value,
        args: Iterable[Operand],
        node: ast.AST,
        name: str | None = None,
        kwargs: Iterable[tuple[str, Operand]] = (),
    ) -> Value:
        """An op with one result."""
        loc = self.loc(node)
        result = Value(name, ANY, None, None, loc)
        callee: Any = fn
        self.ops.append(Apply(callee, tuple(args), tuple(kwargs), (result,), loc))
        return result

    def effect(self, fn: Callee, args: Iterable[Operand], node: ast.AST) -> None:
        """An op without result."""
        self.ops.append(Apply(fn, tuple(args), (), (), self.loc(node)))

    def exit(self, op: Op) -> None:
        """End the region."""
        self.ops.append(op)
        self.done = True

    def settle(self, operand: Operand, node: ast.AST, name: str | None = None) -> Operand:
        """The operand with list displays inside built as values, since a list has an identity."""
        if not isinstance(operand, Pack):
            return operand
        items = tuple(self.settle(item, node) for item in operand.items)
        return self.apply(LIST, items, node, name) if operand.kind == "list" else Pack(items)

    # -- regions

    def child(self, loop: Exits | None = None) -> Lowering:
        """An inner region, that starts with the variables as they are now."""
        return Lowering(self.unit, dict(self.vars), loop or self.loop, noted=dict(self.noted), finals=self.finals)

    def values(self, names: Iterable[str]) -> tuple[Operand, ...]:
        """The current operands of variables that leave the region."""
        found = tuple(self.vars.get(n, UNDEF) for n in names)
        for operand in found:
            self.escape(operand)
        return found

    def finish_with(self, function: bool) -> None:
        """Before an exit: do what the `finally` clauses do that it leaves (all of them, or those inside of the loop)."""
        finals = self.finals
        while self.finals and (function or self.finals[-1][0] is self.loop):
            *rest, (_, body) = self.finals
            self.finals = tuple(rest)
            self.stmts(body)
        self.finals = finals

    def break_(self, node: ast.AST) -> None:
        assert self.loop is not None
        self.finish_with(False)
        self.loop.broken = True
        self.exit(Break(self.values(self.loop.results), self.loc(node)))

    def continue_(self, node: ast.AST) -> None:
        assert self.loop is not None
        self.finish_with(False)
        self.exit(Continue(self.values(self.loop.carried), self.loc(node)))

    def block(self, params: tuple[Value, ...] = ()) -> Block:
        return Block(params, tuple(self.ops))

    def join(
        self,
        node: ast.AST,
        cond: Operand,
        arms: tuple[Lowering, Lowering],
        live: frozenset[str] | None = None,
        name: str | None = None,
    ) -> None:
        """End the two arms, make the `If` and take over the variables that they changed (those in `live`)."""
        names, completes = self.meet(node, arms, live)
        results = tuple(Value(name if n == RESULT else n, ANY, None, None, self.loc(node)) for n in names)
        self.joined(node, names, If(cond, arms[0].block(), arms[1].block(), results, self.loc(node)), completes)

    def meet(
        self, node: ast.AST, arms: tuple[Lowering, ...], live: frozenset[str] | None, params: Iterable[Value] = ()
    ) -> tuple[list[str], bool]:
        """End regions of which one runs: the variables that they pass on, and whether any completes. `params` are those of
        the regions."""
        completing = [arm for arm in arms if not arm.done]
        names = self._changed(completing, live)
        if len(completing) == 1:
            names = self._take(completing[0], names, params)
        elif completing:
            names = [n for n in names if not self._agree(n, completing)]
        for arm in completing:
            arm.exit(Yield(arm.values(names), self.loc(node)))
        return names, bool(completing)

    def joined(self, node: ast.AST, names: list[str], op: If | Guard, completes: bool) -> None:
        """Behind the regions: the variables are the results."""
        self.ops.append(op)
        self.vars.update(zip(names, op.results))
        if not completes:
            self.exit(Unreachable(self.loc(node)))

    def _changed(self, arms: list[Lowering], live: frozenset[str] | None) -> list[str]:
        names = dict.fromkeys(n for arm in arms for n in arm.vars)
        changed = [n for n in names if any(arm.vars.get(n) is not self.vars.get(n) for arm in arms)]
        if live is None:
            return changed
        for n in changed:
            if n not in live and n != RESULT:
                self.vars.pop(n, None)
        return [n for n in changed if n in live or n == RESULT]

    def _take(self, arm: Lowering, names: list[str], params: Iterable[Value]) -> list[str]:
        """Take over from the only arm that completes what can be seen from outside; the names that are
        left."""
        inside = {*defined(Block((), tuple(arm.ops))), *params}
        seen = [n for n in names if n in arm.vars and not inside.intersection(values_in(arm.vars[n]))]
        self.vars.update((n, arm.vars[n]) for n in seen)
        return [n for n in names if n not in seen]

    def _agree(self, name: str, arms: list[Lowering]) -> bool:
        """Whether both arms leave one operand (then it is taken over, and no result is needed)."""
        first, *others = (arm.vars.get(name, UNDEF) for arm in arms)
        same = all(o is first for o in others)
        if same:
            self.vars[name] = first
        return same

    # -- variables

    def live_behind(self, node: ast.stmt) -> frozenset[str]:
        """Variables read after a compound statement; an inner function may read what it captures at
        any time."""
        return self.unit.liveness.behind[id(node)] | self.unit.scope.captured

    def read(self, name: str, node: ast.AST) -> Operand:
        """The current operand of a local variable, or the value of a global name."""
        if not self.is_local(name):
            return self.unit.globals.read(self.unit.source.mangled(name), self.loc(node))
        operand = self.cell(name, node)
        if name not in self.unit.cells:
            return operand
        result = Value(None, ANY, None, None, self.loc(node))
        self.ops.append(Load(operand, SLOT, result, self.loc(node)))
        return result

    def cell(self, name: str, node: ast.AST) -> Operand:
        """What stands for a local variable: its value, or the list of one in which it is kept."""
        operand = self.vars.get(name, UNDEF)
        if is_undef(operand):
            raise self.refuse("unbound here", node, name=name)
        return operand

    def known(self, name: str) -> Known | None:
        """The inner function of a scope around that a name stands for."""
        return self.unit.known.get(name) if name not in self.vars and name not in self.unit.scope.local else None

    def bind(self, name: str, operand: Operand, node: ast.AST) -> None:
        """Let a variable have a value."""
        cell = self.vars.get(name)
        if name not in self.unit.cells:
            self.vars[name] = operand
            self.note(node)
        elif cell is None:
            self.vars[name] = self.apply(LIST, (operand,), node, name)
        else:
            self.ops.append(Store(cell, SLOT, operand, False, self.loc(node)))

    def is_local(self, name: str) -> bool:
        """Whether a name is a variable of the function, or of the comprehension around."""
        return name in self.vars or name in self.unit.scope.local or name in self.unit.extra

    def escape(self, operand: Operand) -> None:
        """Check the inner functions in an operand that is used as a value: their captured variables
        must be final."""
        for value in values_in(operand):
            inner = self.unit.inner.get(value)
            if inner is not None:
                self.check_captures(inner, inner.unbound)

    def check_captures(self, fn: Inner | Known, unbound: tuple[str, ...] = ()) -> None:
        """Check that the variables that a function captures are final, or cells.

        Raises:
            LateBinding: one is assigned later.
        """
        for name in fn.captures:
            if name not in self.unit.cells and (name in unbound or fn.scope.changes_after(name, fn.node)):
                raise LateBinding(name, self.refuse("captured changes", fn.node, name=name))


def callee_of(fn: Callable[..., Any], name: str | None = None) -> Callee:
    """The row of a known function, else a reference to a user's or unknown one."""
    return lookup(fn) or FuncRef(name or str(getattr(fn, "__name__", "function")), fn)


def literal(value: object, loc: Loc) -> Literal:
    return Literal(value, None, loc)
