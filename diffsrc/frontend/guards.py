"""`try` and `with`.

    try:                                %y = try sharing (k) {
        k = k + 1                         note("k", %k)
        y = f(x, k)                       %k_1 = add(%k, 1)
    except ValueError:         ->         note("k", %k_1)
        y = float(k)                      %0 = call f(%x, %k_1)
                                          yield %0
                                        } except $ValueError (%err, %k_2) {
                                          %1 = float(%k_2)
                                          yield %1
                                        }

A handler sees the variables as they were when the exception came: those that the body assigns and a handler may read are
parameters of the handlers, and `note` ops tell what they are from then on. Typing decides which value that is.

`else` stands behind the guard, under a flag where a handler completes. `finally` stands behind the guard for the normal end
and in a handler of everything, which raises again, for exceptions.
"""

from __future__ import annotations

import ast
import contextlib
import copy
from collections.abc import Callable, Mapping
from typing import TypeVar

from ..ir.ops import NONE_LIT, Guard, Raise
from ..ir.types import ANY
from ..ir.values import Literal, Operand, Value
from .contexts import made_by_generator
from .scope import FunctionNode, bound
from .state import Lowering, statement
from .targets import assign

#: the pseudo-variable that tells whether the body of a `try` with `else` came to its end
COMPLETED = "<completed>"
Fill = Callable[[Lowering], None]
N = TypeVar("N", bound=FunctionNode)
EVERYTHING = Literal(BaseException, "BaseException")


class _Suppressed(ast.NodeTransformer):
    """`with suppress(E): ...` as `try: ... except E: pass`."""

    def __init__(self, scope: Mapping[str, object]) -> None:
        self.scope = scope

    def visit_With(self, node: ast.With) -> ast.stmt:
        self.generic_visit(node)
        first, *rest = node.items
        inner = [self.visit_With(ast.copy_location(ast.With(rest, node.body), node))] if rest else node.body
        if self.is_suppress(first.context_expr):
            assert isinstance(first.context_expr, ast.Call)
            kinds = ast.copy_location(ast.Tuple(first.context_expr.args, ast.Load()), node)
            passed = ast.copy_location(ast.Pass(), node)
            handler = ast.copy_location(ast.ExceptHandler(kinds, None, [passed]), node)
            return ast.copy_location(ast.Try(inner, [handler], [], []), node)
        return ast.copy_location(ast.With([first], inner), node)

    def is_suppress(self, node: ast.expr) -> bool:
        if not isinstance(node, ast.Call):
            return False
        match node.func:
            case ast.Name(id=name):
                return self.scope.get(name) is contextlib.suppress
            case ast.Attribute(value=ast.Name(id=name), attr="suppress"):
                return self.scope.get(name) is contextlib
        return False


def without_suppress(node: N, scope: Mapping[str, object]) -> N:
    """A function with `with suppress(..)` written as `try`."""
    suppressed = _Suppressed(scope)
    items = (i for n in ast.walk(node) if isinstance(n, ast.With) for i in n.items)
    if not any(suppressed.is_suppress(i.context_expr) for i in items):
        return node
    copied = copy.deepcopy(node)  # the tree of a file is kept
    suppressed.visit(copied)
    return copied


@statement(ast.With)
def with_(low: Lowering, node: ast.With) -> None:
    _within(low, node, list(node.items))


def _within(low: Lowering, node: ast.With, items: list[ast.withitem]) -> None:
    """One guard per context, the first outermost."""
    if not items:
        low.stmts(node.body)
        return
    item, *rest = items
    if made_by_generator(low, node, item, rest):
        return
    context = low.value(item.context_expr)
    target = item.optional_vars
    entered = Value(target.id if isinstance(target, ast.Name) else None, ANY, None, None, low.loc(node))
    body = low.child()
    if target is not None:
        assign(body, target, entered)
    _within(body, node, rest)
    names, completes = low.meet(node, (body,), low.live_behind(node), (entered,))
    results = _results(low, names, node)
    low.joined(node, names, Guard(context, body.block((entered,)), (), (), results, (), low.loc(node)), completes)


@statement(ast.Try)
def try_(low: Lowering, node: ast.Try) -> None:
    if not node.finalbody:
        _caught(low, node)
        return
    _check_final(low, node)

    def inside(body: Lowering) -> None:
        body.finals = (*low.finals, (low.loop, node.finalbody))
        _caught(body, node) if node.handlers else body.stmts(node.body)

    def failed(handler: Lowering) -> None:
        handler.stmts(node.finalbody)
        if not handler.done:
            handler.exit(Raise(NONE_LIT, low.loc(node)))

    names = bound(*node.body, *node.orelse, *node.handlers)
    read = low.unit.liveness.block(node.finalbody).reads
    _guard(low, node, names, read, inside, [(EVERYTHING, None, failed)], low.live_behind(node) | read)
    if not low.done:
        low.stmts(node.finalbody)


def _check_final(low: Lowering, node: ast.Try) -> None:
    """Refuse what a `finally` can't be: it swallows exceptions, or stands before an exit and may raise."""
    leaves = (ast.Return, ast.Break, ast.Continue)
    for part in (p for s in node.finalbody for p in ast.walk(s)):
        if isinstance(part, leaves):
            raise low.refuse("exit in finally", part)
    protected = [*node.body, *node.orelse, *node.handlers]
    exits = any(isinstance(p, leaves) for s in protected for p in ast.walk(s))
    if exits and not all(isinstance(s, ast.Assign | ast.AugAssign | ast.Expr) for s in node.finalbody):
        raise low.refuse("exit before finally", node)


def _caught(low: Lowering, node: ast.Try) -> None:
    """The body and its handlers, then the `else`."""
    live = low.live_behind(node) | low.unit.liveness.block(node.orelse).reads
    read = low.unit.liveness.handled[id(node)]
    flagged = bool(node.orelse)

    def inside(body: Lowering) -> None:
        body.stmts(node.body)
        if flagged:
            body.vars[COMPLETED] = Literal(True)

    def handler(body: list[ast.stmt]) -> Fill:
        def fill(child: Lowering) -> None:
            if flagged:
                child.vars[COMPLETED] = Literal(False)
            child.stmts(body)

        return fill

    handlers = [(_classes(low, h), h.name, handler(h.body)) for h in node.handlers]

    low.vars.pop(COMPLETED, None)
    _guard(low, node, bound(*node.body), read, inside, handlers, live | {COMPLETED})
    completed = low.vars.pop(COMPLETED, None)
    if low.done or not flagged:
        return
    if isinstance(completed, Literal):
        if completed.value:
            low.stmts(node.orelse)
        return
    assert completed is not None
    then, other = low.child(), low.child()
    then.stmts(node.orelse)
    low.join(node, completed, (then, other), low.live_behind(node))


def _classes(low: Lowering, handler: ast.ExceptHandler) -> Operand:
    return NONE_LIT if handler.type is None else low.value(handler.type)


def _guard(
    low: Lowering,
    node: ast.Try,
    assigned: list[str],
    read: frozenset[str],
    inside: Fill,
    handlers: list[tuple[Operand, str | None, Fill]],
    live: frozenset[str],
) -> None:
    """The guard of a body that assigns some variables, of which the handlers may read some."""
    assigned = [n for n in assigned if n not in low.unit.cells]  # a cell is memory
    shared = tuple(n for n in assigned if n in read)
    body = low.child()
    body.noted.update(dict.fromkeys(shared, NONE_LIT))
    body.note(node)
    inside(body)
    arms, params = [body], []
    for _, name, fill in handlers:
        child = low.child()
        error = Value(name or "err", ANY, None, None, low.loc(node))
        own = tuple(Value(n, ANY, None, None, low.loc(node)) for n in shared)
        for n in assigned:
            child.vars.pop(n, None)
        child.vars.update(zip(shared, own))
        if name:
            child.vars[name] = error
        fill(child)
        if name:
            child.vars.pop(name, None)
        arms.append(child)
        params.append((error, *own))
    names, completes = low.meet(node, tuple(arms), live, [p for own in params for p in own])
    blocks = tuple(arm.block(own) for arm, own in zip(arms, ((), *params)))
    classes = tuple(c for c, _, _ in handlers)
    results = _results(low, names, node)
    low.joined(node, names, Guard(None, blocks[0], classes, blocks[1:], results, shared, low.loc(node)), completes)


def _results(low: Lowering, names: list[str], node: ast.AST) -> tuple[Value, ...]:
    shown = ("completed" if n == COMPLETED else n for n in names)
    return tuple(Value(n, ANY, None, None, low.loc(node)) for n in shown)
