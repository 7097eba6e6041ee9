"""Statements without a loop: assignments, `if`, `return`, `assert`, `raise`, `del`, expressions."""

from __future__ import annotations

import ast

from ..defs.structural import ASSERT, LIST_CUT
from ..ir.ops import NONE_LIT, Method, Raise, Return
from ..ir.values import UNDEF, Literal, Operand, Pack
from .expressions import condition, fstring_parts
from .producers import is_iterator, kept, listed, resolve
from .state import Lowering, callee_of, literal, statement
from .targets import assign, name_of


@statement(ast.Assign)
def assignment(low: Lowering, node: ast.Assign) -> None:
    """`a = b = e` binds from left to right. The first name becomes the name of the value."""
    name = next((n for n in map(name_of, node.targets) if n), None)
    unpacked = all(isinstance(t, ast.Tuple | ast.List) for t in node.targets) and len(node.targets) == 1
    value = listed(low, node.value) if unpacked and is_iterator(low, node.value) else node.value
    if name is not None and len(node.targets) == 1 and is_iterator(low, value) and kept(low, name, value):
        return
    operand = _display(low, node.targets[0], value) if unpacked else low.value(value, name)
    for target in node.targets:
        assign(low, target, operand)


def _display(low: Lowering, target: ast.expr, value: ast.expr) -> Operand:
    """A display whose parts take the names of the targets they go to."""
    pair = (ast.Tuple, ast.List)
    if not isinstance(target, pair) or not isinstance(value, pair) or len(target.elts) != len(value.elts):
        return low.expr(value, name_of(target))
    return Pack(tuple(_display(low, t, v) for t, v in zip(target.elts, value.elts)))


@statement(ast.AnnAssign)
def annotated(low: Lowering, node: ast.AnnAssign) -> None:
    """The annotation of a local variable is never evaluated."""
    if node.value is not None:
        assign(low, node.target, low.value(node.value, name_of(node.target)))


@statement(ast.Expr)
def expression_statement(low: Lowering, node: ast.Expr) -> None:
    if not isinstance(node.value, ast.Constant):  # docstrings and `...`
        low.expr(node.value)


@statement(ast.Pass)
def pass_(low: Lowering, node: ast.Pass) -> None:
    """Nothing."""


@statement(ast.Nonlocal)
def nonlocal_(low: Lowering, node: ast.Nonlocal) -> None:
    """Nothing: the variables are cells."""


@statement(ast.Import)
@statement(ast.ImportFrom)
def import_(low: Lowering, node: ast.stmt) -> None:
    """What it binds is known before: see `imports.py`."""


@statement(ast.Global)
def global_(low: Lowering, node: ast.Global) -> None:
    """Reading needs no declaration, assigning is refused."""
    if low.unit.scope.bindings.keys() & set(node.names):
        raise low.refuse("global", node)


@statement(ast.Return)
def return_(low: Lowering, node: ast.Return) -> None:
    returned = _iterable(low, node.value) if low.unit.name == "__iter__" and node.value is not None else node.value
    value: Operand = NONE_LIT if returned is None else low.expr(returned)
    low.finish_with(True)
    low.exit(Return(value, low.loc(node)))


def _iterable(low: Lowering, node: ast.expr) -> ast.expr:
    """What an `__iter__` returns, as a sequence: it is called where that is read at once."""
    if is_iterator(low, node):
        return listed(low, node)
    if isinstance(node, ast.Call) and len(node.args) == 1 and not node.keywords and resolve(low, node.func) is iter:
        return node.args[0]
    return node


@statement(ast.Raise)
def raise_(low: Lowering, node: ast.Raise) -> None:
    value: Operand = NONE_LIT if node.exc is None else low.value(node.exc)
    cause = None if node.cause is None else low.value(node.cause)
    low.exit(Raise(value, low.loc(node), cause))


@statement(ast.Delete)
def delete(low: Lowering, node: ast.Delete) -> None:
    for target in node.targets:
        if isinstance(target, ast.Subscript):
            _delete_item(low, target)
            continue
        if not isinstance(target, ast.Name):
            raise low.refuse("del place", target)
        if target.id in low.unit.scope.captured:
            raise low.refuse("del captured", target)
        low.read(target.id, target)
        low.vars[target.id] = UNDEF


def _delete_item(low: Lowering, target: ast.Subscript) -> None:
    """`del xs[n:]` cuts a list, `del xs[i]` and `del d[k]` are a `pop` whose result nobody reads."""
    base, part = low.value(target.value), target.slice
    if not isinstance(part, ast.Slice):
        low.apply(Method("pop"), (base, low.value(part)), target)
    elif part.step is None:
        lower = literal(0, low.loc(part)) if part.lower is None else low.value(part.lower)
        upper = () if part.upper is None else (low.value(part.upper),)
        low.effect(LIST_CUT, (base, lower, *upper), target)
    else:
        raise low.refuse("del place", target)


@statement(ast.If)
def if_(low: Lowering, node: ast.If) -> None:
    cond = condition(low, node.test)
    then, other = low.child(), low.child()
    then.stmts(node.body)
    other.stmts(node.orelse)
    low.join(node, cond, (then, other), low.live_behind(node))


@statement(ast.Assert)
def assert_(low: Lowering, node: ast.Assert) -> None:
    """The message of `assert` is evaluated only when the condition fails; where that could be seen, it
    is an `if`."""
    if not __debug__:
        return
    cond = condition(low, node.test)
    if node.msg is None or _is_plain(node.msg):
        low.effect(ASSERT, (cond, _message(low, node.msg)), node)
        return
    then, other = low.child(), low.child()
    error = other.apply(callee_of(AssertionError), (other.value(node.msg),), node.msg)
    other.exit(Raise(error, low.loc(node)))
    low.join(node, cond, (then, other))


def _is_plain(message: ast.expr) -> bool:
    """A constant, or an f-string of variables and constants."""
    if not isinstance(message, ast.JoinedStr):
        return isinstance(message, ast.Constant)
    values = [v.value for v in message.values if isinstance(v, ast.FormattedValue)]
    return all(isinstance(v, ast.Name | ast.Constant) for v in values)


def _message(low: Lowering, message: ast.expr | None) -> Operand:
    if isinstance(message, ast.JoinedStr):
        return Pack(fstring_parts(low, message))
    return NONE_LIT if message is None else Literal(getattr(message, "value", None), None, low.loc(message))
