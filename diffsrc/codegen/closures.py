"""Inner functions that are used as values, as lambdas.

A lifted function whose body is one expression is written out in the lambda; any other is called from it,
with its captures. A captured variable that is assigned again later is bound as a default (`lambda t, k=k:
t * k`).
"""

from __future__ import annotations

import ast
import functools
from dataclasses import replace
from typing import TYPE_CHECKING

from ..errors import InternalError
from ..ir.ops import Apply, Func, FuncRef, Return
from ..ir.values import Literal, Operand, Pack, Value
from ..ir.walk import used_values, walk
from .flow import analyse
from .fold import decide
from .plan import Plan

if TYPE_CHECKING:
    from .exprs import Exprs

MAX_WIDTH = 60


def lifted(op: Apply) -> Func | None:
    """The function of a closure; None for what isn't one, as an object with its contents."""
    target = op.args[0]
    return target.value if isinstance(target, Literal) and isinstance(target.value, Func) else None


def as_expression(func: Func) -> tuple[Plan, Operand] | None:
    """How to write the body as one expression; None when it isn't one."""
    last = func.body.terminator
    if len(func.body.ops) > MAX_WIDTH or not isinstance(last, Return):
        return None
    plan = decide(func, analyse(func), MAX_WIDTH)
    return (plan, last.value) if all(map(plan.inlined, func.body.body)) else None


def closure(e: Exprs, op: Apply) -> ast.expr:
    """The lambda of a closure; where it isn't one, what it captures, as it is passed on."""
    func = lifted(op)
    return ast.Tuple(e.exprs(op.args[1:]), ast.Load()) if func is None else _lambda(e, func, op.args[1:], False)


def function(e: Exprs, display: Pack) -> ast.expr:
    """The lambda of an inner function that stands as an argument: it is called before anything else runs."""
    target = display.items[0].value if isinstance(display.items[0], Literal) else None
    if isinstance(target, FuncRef) and len(display.items) == 1:
        return ast.Name(e.namespace.callee(target), ast.Load())
    if isinstance(target, FuncRef):
        return _lambda(e, _func_of(target), display.items[1:], True, e.namespace.callee(target))
    if not isinstance(target, Func):
        raise InternalError("a function display without its function")
    return _lambda(e, target, display.items[1:], True)


def _func_of(ref: FuncRef) -> Func:
    found = getattr(ref.target, "func", None)
    if not isinstance(found, Func):
        raise InternalError(f"the function {ref.name} isn't known")
    return found


def _lambda(e: Exprs, func: Func, captures: tuple[Operand, ...], at_once: bool, called: str = "") -> ast.expr:
    """`called`: the name of the function, where it isn't written out."""
    if not called and (unread := _unread(func, len(captures))):
        captures = tuple(c for i, c in enumerate(captures) if i not in unread)
        func = _without(func, unread)
    if at_once and _only_calls(func, len(captures)):
        return e.expr(captures[0])
    inner, outer = func.params[: len(captures)], func.params[len(captures) :]
    own = [p.name or f"x{i}" for i, p in enumerate(outer)]
    bound: dict[str, ast.expr] = {}
    known: dict[Value, ast.expr] = {}
    for p, capture in zip(inner, captures):
        known[p] = captured(e, capture, p, set(own), bound, at_once)
    args = [ast.arg(n) for n in (*own, *bound)]
    spec = ast.arguments([], args, None, [], [], None, list(bound.values()))
    if called:
        params = [ast.Name(n, ast.Load()) for n in own]
        return ast.Lambda(spec, ast.Call(ast.Name(called, ast.Load()), [*known.values(), *params], []))
    return ast.Lambda(spec, body(e, func, known, own))


def _only_calls(func: Func, count: int) -> bool:
    """Whether a function does nothing but call what it captures with its arguments: it is that."""
    match func.body.ops:
        case [Apply(fn=Value() as fn, args=args, kwargs=(), results=(out,)), Return(value)]:
            return count == 1 and fn is func.params[0] and args == func.params[1:] and value is out
    return False


def _unread(func: Func, count: int) -> tuple[int, ...]:
    """Which of so many captured values the body doesn't read: they are there for the derivative."""
    read = {v for op in walk(func.body) for v in used_values(op)}
    return tuple(i for i, p in enumerate(func.params[:count]) if p not in read)


@functools.cache
def _without(func: Func, unread: tuple[int, ...]) -> Func:
    return replace(func, params=tuple(p for i, p in enumerate(func.params) if i not in unread))


def captured(
    e: Exprs, capture: Operand, p: Value, own: set[str], bound: dict[str, ast.expr], at_once: bool
) -> ast.expr:
    """What a captured variable is inside the lambda: itself when nothing changes or hides it, else a
    default.
    """
    node = e.expr(capture)
    hidden = isinstance(node, ast.Name) and node.id in own
    if (e.is_constant(capture) or (at_once and isinstance(node, ast.Name))) and not hidden:
        return node
    parameter = node.id if isinstance(node, ast.Name) else p.name or f"x{len(bound)}"
    while parameter in own or parameter in bound:
        parameter += "_"
    bound[parameter] = node
    return ast.Name(parameter, ast.Load())


def body(e: Exprs, func: Func, known: dict[Value, ast.expr], own: list[str]) -> ast.expr:
    """The body of the lambda: the function's own expression, or a call of the function."""
    params = {p: ast.Name(n, ast.Load()) for p, n in zip(func.params[len(known) :], own)}
    found = as_expression(func)
    if found is None or hides_global(e, func, own):
        args: list[ast.expr] = [*known.values(), *params.values()]
        return ast.Call(ast.Name(e.namespace.add_func(func), ast.Load()), args, [])
    plan, value = found
    return e.inside(analyse(func), plan, {**known, **params}).expr(value)


def hides_global(e: Exprs, func: Func, own: list[str]) -> bool:
    """Whether a parameter has the name of something global that the body refers to."""
    from .namespace import references

    return bool(references(func, e.namespace, e.literal).intersection(own))
