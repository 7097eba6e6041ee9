"""Inner functions and lambdas, lifted to functions of their own.

    def f(x, k):                       func g(%k, %t) { return mul(%t, %k) }
        g = lambda t: t * k     ->     %g = closure(<func g>, %k)
        return g(x)                    %0 = call g(%k, %x)

The parameters of a lifted function are the captured variables, the parameters that have a default,
and the others. As a value the function carries the captured variables and the defaults as they were
when it was made; that is what Python means only if no captured variable is assigned later.

A variable that an inner function assigns (`nonlocal`), or that is assigned later while a function that
captures it is used as a value, is a *cell*: a list of one that everybody holds.

    total = 0.0                        %total = list_of(0.0)
    def add(t):                        func add(%total, %t) {
        nonlocal total          ->       %0 = load %total[0]
        total = total + t                store %total[0] = add(%0, %t)
    add(x)                             call add(%total, %x)

An inner function whose name is bound once is *known*: a call by that name reaches it from everywhere, itself
included. Who calls a known function captures what that one captures, instead of the function.
"""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterable, Mapping

from ..defs.structural import CELL, CLOSURE, LIST
from ..defs.syntax import refusal
from ..ir.ops import NONE_LIT, Block, Func, FuncRef, Return, Transient
from ..ir.types import ANY
from ..ir.values import UNDEF, Literal, Operand, Value, is_undef
from .liveness import Liveness
from .parse import SourceInfo
from .scope import (
    FunctionNode,
    all_bound,
    body_of,
    bound,
    cells_of,
    free_names,
    is_generator,
    known_functions,
    local_names,
    parameters,
    reads,
    scope_of,
)
from .splice import as_list
from .state import Inner, Known, LateBinding, Lowering, Unit, expression


@expression(ast.Lambda)
def inner_lambda(low: Lowering, node: ast.Lambda, name: str | None) -> Operand:
    """A lambda that isn't bound to a name is used as a value."""
    result = lift(low, node, name)
    if name is None:
        low.escape(result)
    return result


def lift(low: Lowering, node: FunctionNode, name: str | None) -> Value:
    """Make the function of an inner function, and the closure value in the scope around."""
    defaults = {p: low.value(d) for p, d in default_nodes(node)}
    known = low.unit.known.get(name or "")
    if known is not None and known.node is node:
        func, captures = known.func, known.captures
        low.vars.update((key, defaults[p]) for p, key in known.defaults.items())
        fill(low.unit, known)
    else:
        captures = captures_of(low.unit, node, low.vars)
        func = function(low.unit, node, name or f"{low.unit.name}_lambda", captures)
    captured = tuple(low.vars.get(c, UNDEF) for c in captures)
    if any(map(is_undef, captured)):  # can be called later, but isn't a value yet
        result = Value(name, ANY, None, None, low.loc(node))
    else:
        result = closure(low, func, (*captured, *defaults.values()), node, name)
    unbound = tuple(c for c, o in zip(captures, captured) if is_undef(o))
    low.unit.inner[result] = Inner(func, node, captures, defaults, unbound, low.unit.scope)
    return result


def closure(low: Lowering, func: Func, held: tuple[Operand, ...], node: ast.AST, name: str | None) -> Value:
    return low.apply(CLOSURE, (Literal(func, None, low.loc(node)), *held), node, name)


def default_nodes(node: FunctionNode) -> list[tuple[str, ast.expr]]:
    a = node.args
    positional = [*a.posonlyargs, *a.args]
    pairs = list(zip([p.arg for p in positional[len(positional) - len(a.defaults) :]], a.defaults))
    return pairs + [(p.arg, d) for p, d in zip(a.kwonlyargs, a.kw_defaults) if d is not None]


# -- captured variables


def captures_of(unit: Unit, node: FunctionNode, variables: Iterable[str]) -> tuple[str, ...]:
    """The variables around that an inner function uses; in place of known functions what those capture."""
    around = unit.scope.local.union(variables)
    found: set[str] = set()
    for name in free_names(node):
        known = unit.known.get(name)
        if known is not None:
            found.update(known.captures, known.defaults.values())
        elif name in around:
            found.add(name)
    return _checked(unit.source, node, found)


def _checked(source: SourceInfo, node: FunctionNode, captures: set[str]) -> tuple[str, ...]:
    """Captured variables in order, if none of them has the name of another variable in the function."""
    for name in sorted(captures & local_names(node)):
        raise refusal("shadowed variable", source.loc(node), name=name)
    return tuple(sorted(captures))


def inherited(node: FunctionNode, known: Mapping[str, Known]) -> dict[str, Known]:
    """The known functions of the scopes around that a function doesn't hide."""
    hidden = {p.arg for p in parameters(node)}.union(all_bound(node))
    return {name: function for name, function in known.items() if name not in hidden}


def find_known(unit: Unit, node: FunctionNode) -> None:
    """Enter the known functions of a scope, still without their bodies."""
    functions = known_functions(node)
    top = {id(s.value) if isinstance(s, ast.Assign) else id(s) for s in body_of(node)}
    functions = {n: f for n, f in functions.items() if id(f) in top or not default_nodes(f)}
    keys = {n: {p: f"{n}.{p}" for p, _ in default_nodes(f)} for n, f in functions.items()}
    captures: dict[str, set[str]] = {}
    for name, function in functions.items():
        others = {n: known for n, known in unit.known.items() if n in free_names(function)}
        captures[name] = {v for k in others.values() for v in (*k.captures, *k.defaults.values())}
        captures[name] |= free_names(function) & unit.scope.local - functions.keys()
    calls = {n: free_names(f) & functions.keys() for n, f in functions.items()}
    for _ in functions:  # what is captured through others, at most through all of them
        for name, called in calls.items():
            captures[name].update(*(captures[c] | set(keys[c].values()) for c in called))
    for name, function in functions.items():
        variables = _checked(unit.source, function, captures[name])
        unit.known[name] = Known(_shell(unit, function, name, variables), function, variables, keys[name], unit.scope)


# -- lowering of bodies


def function(outer: Unit, node: FunctionNode, name: str, captures: tuple[str, ...]) -> Func:
    """Lower an inner function to a function of its own."""
    return _filled(outer, _shell(outer, node, name, captures), node, captures)


def fill(unit: Unit, known: Known) -> None:
    """Lower the body of a known function."""
    _filled(unit, known.func, known.node, known.captures)


def _shell(outer: Unit, node: FunctionNode, name: str, captures: tuple[str, ...]) -> Func:
    """A lifted function without its body."""
    own = _own_order(node)
    places = {p.arg: outer.source.loc(p) for p in parameters(node)}
    loc = outer.source.loc(node)
    params = tuple(Value(n.rpartition(".")[2], ANY, None, None, places.get(n, loc)) for n in (*captures, *own))
    held = len(captures) + len(default_nodes(node))
    return Func(name, params, Block((), ()), (), loc, "", held, _signature(node), is_generator(node))


def _own_order(node: FunctionNode) -> list[str]:
    """The parameters of an inner function, those with defaults first."""
    defaults = [p for p, _ in default_nodes(node)]
    return [*defaults, *(p.arg for p in parameters(node) if p.arg not in defaults)]


def _signature(node: FunctionNode) -> inspect.Signature:
    """How Python binds the arguments; a default stands as itself."""
    a, kinds = node.args, inspect.Parameter
    defaults = {p for p, _ in default_nodes(node)}
    groups = (
        (a.posonlyargs, kinds.POSITIONAL_ONLY), (a.args, kinds.POSITIONAL_OR_KEYWORD), ([a.vararg], kinds.VAR_POSITIONAL),
        (a.kwonlyargs, kinds.KEYWORD_ONLY), ([a.kwarg], kinds.VAR_KEYWORD),
    )  # fmt: skip
    params = [(p.arg, kind) for group, kind in groups for p in group if p is not None]
    return inspect.Signature([kinds(n, k, default=n if n in defaults else kinds.empty) for n, k in params])


def _filled(outer: Unit, shell: Func, node: FunctionNode, captures: tuple[str, ...]) -> Func:
    """Give a lifted function its body: it may call itself, so it exists before its body does."""
    params = dict(zip((*captures, *_own_order(node)), shell.params))
    body, transients = lower_body(outer, node, shell.name, params, captures)
    object.__setattr__(shell, "body", body)
    object.__setattr__(shell, "transients", transients)
    return shell


def lower_body(
    outer: Unit, node: FunctionNode, name: str, params: Mapping[str, Value], captures: Iterable[str] = ()
) -> tuple[Block, tuple[Transient, ...]]:
    """The body of a function; `outer` gives source, globals, and what is known around. A variable that has to be
    a cell becomes one, and the body is lowered again."""
    given = frozenset(captures)
    cells = cells_of(node) | (outer.cells & given) | (outer.forced & local_names(node))
    while True:
        try:
            return _lower(outer, node, name, params, given, cells)
        except LateBinding as late:
            if late.name in cells or late.name in given or late.name not in local_names(node):
                raise
            cells |= {late.name}


def _lower(
    outer: Unit,
    node: FunctionNode,
    name: str,
    params: Mapping[str, Value],
    given: frozenset[str],
    cells: frozenset[str],
) -> tuple[Block, tuple[Transient, ...]]:
    known = inherited(node, outer.known)
    unit = Unit(name, outer.source, outer.globals, scope_of(node, given), Liveness(), cells, known)
    unit.code, unit.forced = outer.code, outer.forced
    unit.names.update(n.id for n in ast.walk(node) if isinstance(n, ast.Name))
    unit.names.update(n.arg for n in ast.walk(node) if isinstance(n, ast.arg))
    find_known(unit, node)
    unit.first = "" if given else next(iter(params), "")
    low = Lowering(unit, dict(params))
    body = as_list(low, body_of(node)) if is_generator(node) else body_of(node)
    unit.kept.append(body)
    unit.liveness.annotate(body, {})
    _make_cells(low, node, cells - given)
    low.stmts(body)
    if not low.done:
        low.exit(Return(NONE_LIT, low.loc(node)))
    return low.block(), tuple(unit.transients)


def _make_cells(low: Lowering, node: FunctionNode, cells: frozenset[str]) -> None:
    """The cells of parameters, and of variables that aren't bound by a statement of the body before all else."""
    for name in sorted(cells):
        if name in low.vars or not _bound_first(name, body_of(node)):
            given = low.vars.get(name)
            low.vars[name] = low.apply(CELL, (), node, name) if given is None else low.apply(LIST, (given,), node, name)


def _bound_first(name: str, body: list[ast.stmt]) -> bool:
    """Whether the first statement that uses a variable assigns it, and nothing else."""
    first = next(s for s in body if name in reads(s) or name in bound(s))
    return isinstance(first, ast.Assign) and name not in reads(first)


# -- calls


def call_inner(
    low: Lowering, node: ast.Call, fn: Inner, args: Iterable[Operand], kwargs: Iterable[tuple[str, Operand]], name: str | None
) -> Value:
    """A direct call: the captured variables as they are now, the defaults, and the arguments."""
    captured = low.values(fn.captures)
    for variable, operand in zip(fn.captures, captured):
        if is_undef(operand):
            raise low.refuse("unbound here", node, name=variable)
    given = bound_arguments(low, node, fn, tuple(args), tuple(kwargs))
    if given is not None:
        return low.apply(FuncRef(fn.func.name, fn.func), (*captured, *given), node, name)
    value = closure(low, fn.func, (*captured, *fn.defaults.values()), node, None)
    return low.apply(value, args, node, name, kwargs)


def bound_arguments(
    low: Lowering, node: ast.Call, fn: Inner, args: tuple[Operand, ...], kwargs: tuple[tuple[str, Operand], ...]
) -> list[Operand] | None:
    """The arguments of a call, one per parameter; None where types have to tell which they are."""
    a = fn.node.args
    starred = any(isinstance(n, ast.Starred) for n in node.args) or any(k.arg is None for k in node.keywords)
    if starred or a.vararg is not None or a.kwarg is not None:
        return None
    assert fn.func.signature is not None
    try:
        given = fn.func.signature.bind(*args, **dict(kwargs)).arguments
    except TypeError as err:
        raise low.refuse("arguments", node, name=fn.func.name, why=err) from None
    order = [p.name or "" for p in fn.func.params[len(fn.captures) :]]
    return [given[p] if p in given else fn.defaults[p] for p in order]


def handed(low: Lowering, node: ast.expr) -> Operand | None:
    """An inner function that is handed to a call: it carries the captured variables as they are now. None for what is no
    inner function."""
    fn: Inner | Known | None = None
    if isinstance(node, ast.Lambda):
        result = lift(low, node, None)
        fn = low.unit.inner[result]
    elif isinstance(node, ast.Name):
        operand = low.vars.get(node.id)
        fn = low.known(node.id) or (low.unit.inner.get(operand) if isinstance(operand, Value) else None)
        result = operand if isinstance(operand, Value) else Value(None)
    if fn is None:
        return None
    try:
        low.check_captures(fn, fn.unbound if isinstance(fn, Inner) else ())
    except LateBinding as late:
        held = [low.vars.get(c, UNDEF) for c in fn.captures]
        defaults = fn.defaults.values() if isinstance(fn, Inner) else [low.vars[k] for k in fn.defaults.values()]
        if any(map(is_undef, held)):
            raise
        if not isinstance(node, ast.Lambda):
            result = closure(low, fn.func, (*held, *defaults), node, None)
        low.unit.transients.append(Transient(result, late.name, late.refused, low.unit.code))
        return result
    return as_value(low, fn, node) if isinstance(fn, Known) else result


def as_inner(low: Lowering, known: Known) -> Inner:
    """A known function of a scope around, to be called."""
    defaults = {p: low.vars[key] for p, key in known.defaults.items()}
    return Inner(known.func, known.node, known.captures, defaults, (), known.scope)


def as_value(low: Lowering, known: Known, node: ast.AST) -> Value:
    """A known function of a scope around, used as a value."""
    low.check_captures(known)
    held = tuple(low.vars[c] for c in (*known.captures, *known.defaults.values()))
    return closure(low, known.func, held, node, None)
