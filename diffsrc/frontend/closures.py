"""Inner functions and lambdas, lifted to functions of their own.

    def f(x, k):                       func g(%k, %t) { return mul(%t, %k) }
        g = lambda t: t * k     ->     %g = closure(<func g>, %k)
        return g(x)                    %0 = call g(%k, %x)

The parameters of a lifted function are the captured variables, the parameters that have a default,
and the others. As a value the function carries the captured variables and the defaults as they were
when it was made; that is what Python means only if no captured variable is assigned later, else the
use as a value is refused.
"""

from __future__ import annotations

import ast

from ..defs.structural import CLOSURE
from ..defs.syntax import refusal
from ..ir.ops import NONE_LIT, Func, Return
from ..ir.types import ANY
from ..ir.values import UNDEF, Literal, Operand, Value, is_undef
from .liveness import Liveness
from .scope import body_of, free_names, parameters, scope_of
from .state import Inner, Lowering, Unit, expression, statement


@statement(ast.FunctionDef)
def inner_function(low: Lowering, node: ast.FunctionDef) -> None:
    if node.decorator_list:
        raise low.refuse("decorated inner", node)
    low.vars[node.name] = lift(low, node, node.name)


@expression(ast.Lambda)
def inner_lambda(low: Lowering, node: ast.Lambda, name: str | None) -> Operand:
    """A lambda that isn't bound to a name is used as a value."""
    result = lift(low, node, name)
    if name is None:
        low.escape(result)
    return result


def lift(low: Lowering, node: ast.FunctionDef | ast.Lambda, name: str | None) -> Value:
    """Make the function of an inner function, and the closure value in the scope around."""
    captures = tuple(sorted(n for n in free_names(node) if low.is_local(n)))
    if name in captures and isinstance(node, ast.FunctionDef):
        raise low.refuse("calls itself", node)
    defaults = {p: low.value(d) for p, d in default_nodes(node)}
    func = function(low.unit, node, name or f"{low.unit.name}_lambda", captures)
    captured = tuple(low.vars.get(c, UNDEF) for c in captures)
    if any(map(is_undef, captured)):  # can be called later, but isn't a value yet
        result = Value(name, ANY, None, None, low.loc(node))
    else:
        target = Literal(func, None, low.loc(node))
        result = low.apply(CLOSURE, (target, *captured, *defaults.values()), node, name)
    low.unit.inner[result] = Inner(
        func, node, captures, defaults, tuple(c for c, o in zip(captures, captured) if is_undef(o))
    )
    return result


def default_nodes(node: ast.FunctionDef | ast.Lambda) -> list[tuple[str, ast.expr]]:
    a = node.args
    positional = [*a.posonlyargs, *a.args]
    pairs = list(zip([p.arg for p in positional[len(positional) - len(a.defaults) :]], a.defaults))
    return pairs + [(p.arg, d) for p, d in zip(a.kwonlyargs, a.kw_defaults) if d is not None]


def function(outer: Unit, node: ast.FunctionDef | ast.Lambda, name: str, captures: tuple[str, ...]) -> Func:
    """Lower an inner function to a function of its own."""
    defaulted = dict(default_nodes(node))
    own = [p.arg for p in parameters(node)]
    names = [*captures, *defaulted, *(p for p in own if p not in defaulted)]
    return lower_body(outer, node, name, names, frozenset(captures))


def lower_body(
    outer: Unit,
    node: ast.FunctionDef | ast.Lambda,
    name: str,
    names: list[str],
    given: frozenset[str],
    variadic: bool = False,
) -> Func:
    """The function of a syntax tree with parameters in the order of `names`; `outer` gives source and
    globals. A `variadic` one takes its `*args` as a tuple, its `**options` as a dict."""
    source = outer.source
    if not variadic and (node.args.vararg or node.args.kwarg):
        raise refusal("signature", source.loc(node.args.vararg or node.args.kwarg or node))
    body = body_of(node)
    liveness = Liveness()
    liveness.annotate(body, {})
    unit = Unit(name, source, outer.globals, scope_of(node, given), liveness)
    places = {p.arg: source.loc(p) for p in parameters(node)}
    params = tuple(Value(n, ANY, None, None, places.get(n, source.loc(node))) for n in names)
    low = Lowering(unit, dict(zip(names, params)))
    low.stmts(body)
    if not low.done:
        low.exit(Return(NONE_LIT, source.loc(node)))
    return Func(name, params, low.block(), (), source.loc(node))


def arguments_of(
    low: Lowering, node: ast.Call, fn: Inner, args: list[Operand], kwargs: tuple[tuple[str, Operand], ...]
) -> list[Operand]:
    """Bind the arguments of a call to the parameters of an inner function, in the order of the lifted
    function."""
    a = fn.node.args
    positional = [p.arg for p in (*a.posonlyargs, *a.args)]
    if len(args) > len(positional):
        raise _misfit(low, node, fn, f"{len(args)} positional arguments for {len(positional)}")
    given = dict(zip(positional, args))
    by_name = {p.arg for p in (*a.args, *a.kwonlyargs)}
    for key, operand in kwargs:
        if key in given or key not in by_name:
            raise _misfit(low, node, fn, f"{key} is given twice or isn't a parameter")
        given[key] = operand
    bound = {**fn.defaults, **given}
    order = [p.name or "" for p in fn.func.params[len(fn.captures) :]]
    missing = [p for p in order if p not in bound]
    if missing:
        raise _misfit(low, node, fn, f"{', '.join(missing)} is missing")
    return [bound[p] for p in order]


def _misfit(low: Lowering, node: ast.Call, fn: Inner, why: str) -> Exception:
    return low.refuse("arguments", node, name=fn.func.name, why=why)
