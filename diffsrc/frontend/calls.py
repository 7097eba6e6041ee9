"""Calls: rows of the rule table, user functions, methods, inner functions, values.

A callee with a dotted name is known when the function is lowered. A call of an inner function in
the scope that defines it passes the captured variables as they are now, which is Python's late
binding.
"""

from __future__ import annotations

import ast
import builtins

from ..defs.structural import SPREAD
from ..defs.table import Def
from ..ir.ops import Callee, Method
from ..ir.values import Literal, Operand, Pack, Value
from .closures import as_inner, call_inner, lift
from .comprehensions import CONSUMERS, SHORT_CIRCUIT, collected, decided
from .state import Inner, Lowering, callee_of, expression

Keywords = tuple[tuple[str, Operand], ...]
FRAME_FUNCTIONS = tuple(
    getattr(builtins, n) for n in ("eval", "exec", "locals", "globals", "vars", "dir", "super", "input", "breakpoint")
)


@expression(ast.Call)
def call(low: Lowering, node: ast.Call, name: str | None) -> Operand:
    fn, receiver = callee(low, node.func)
    if isinstance(fn, Inner):
        args, kwargs = _arguments(low, node, fn)
        return call_inner(low, node, fn, args, kwargs, name)
    builtin = fn.fn if isinstance(fn, Def) else getattr(fn, "target", None)
    if node.args and isinstance(node.args[0], ast.GeneratorExp):
        if _is_one_of(builtin, SHORT_CIRCUIT) and len(node.args) == 1 and not node.keywords:
            return decided(low, node.args[0], builtin is any, name)
        _check_consumer(low, node, builtin)
    args, kwargs = _arguments(low, node, fn)
    return low.apply(fn, (*receiver, *args), node, name, kwargs)


def _is_one_of(fn: object, known: tuple[object, ...]) -> bool:
    return any(fn is k for k in known)


def _check_consumer(low: Lowering, node: ast.Call, builtin: object) -> None:
    if not _is_one_of(builtin, CONSUMERS):
        raise low.refuse("GeneratorExp", node.args[0])


def callee(low: Lowering, node: ast.expr) -> tuple[Callee | Value | Inner, tuple[Operand, ...]]:
    """What is called, and the object when it is a method."""
    if isinstance(node, ast.Attribute):
        base = low.value(node.value)
        attr = low.unit.source.mangled(node.attr)
        known = low.unit.globals.attribute(base, attr, low.loc(node)) if isinstance(base, Literal) else None
        return (Method(attr), (base,)) if known is None else (_known(low, known, node), ())
    function = low.known(node.id) if isinstance(node, ast.Name) else None
    if function is not None:
        return as_inner(low, function), ()
    operand = low.read(node.id, node) if isinstance(node, ast.Name) else _value(low, node)
    if isinstance(operand, Literal):
        return _known(low, operand, node), ()
    if not isinstance(operand, Value):
        raise low.refuse("not callable", node, name="a tuple")
    return low.unit.inner.get(operand, operand), ()


def _value(low: Lowering, node: ast.expr) -> Operand:
    """A callee that is computed. A lambda called where it stands isn't used as a value."""
    return lift(low, node, None) if isinstance(node, ast.Lambda) else low.value(node)


def _known(low: Lowering, found: Literal, node: ast.expr) -> Callee:
    text = found.text or repr(found.value)
    if not callable(found.value):
        raise low.refuse("not callable", node, name=text)
    if _is_one_of(found.value, FRAME_FUNCTIONS):
        raise low.refuse("frame function", node, name=text)
    return callee_of(found.value, text)


def _arguments(low: Lowering, node: ast.Call, fn: Callee | Value | Inner) -> tuple[list[Operand], Keywords]:
    """Positional and keyword arguments. A known function takes list displays in place; others get a list."""
    take = low.expr if isinstance(fn, Def) else low.value
    args: list[Operand] = []
    for arg in node.args:
        if isinstance(arg, ast.Starred):
            args += _spread(low, arg)
        elif isinstance(arg, ast.GeneratorExp):
            args.append(collected(low, arg, None))
        else:
            args.append(take(arg))
    kwargs: list[tuple[str, Operand]] = []
    for keyword in node.keywords:
        if keyword.arg is None:
            kwargs.append((f"**{len(kwargs)}", low.apply(SPREAD, (low.value(keyword.value),), keyword.value, None)))
            continue
        kwargs.append((low.unit.source.mangled(keyword.arg), take(keyword.value)))
    return args, tuple(kwargs)


def _spread(low: Lowering, arg: ast.Starred) -> tuple[Operand, ...]:
    """`f(*t)`: the items of a display; of any other tuple when types are known."""
    operand = low.expr(arg.value)
    if isinstance(operand, Pack):
        return operand.items
    return (low.apply(SPREAD, (operand,), arg, None),)
