"""Iterators whose source is known, as statements that `yield`: generator functions, generator expressions, `map`,
`filter` and `itertools`.

    for a, b in pairwise(x):            n = -1
        s += b - a             ->       for x_1 in x:
                                            n += 1
                                            if n > 0:
                                                before, last = last, x_1
                                                a, b = before, x_1
                                                s += b - a
                                            else:
                                                last = x_1

A producer has names of its own in the function that consumes it; `splice.py` puts the consumer in place of `yield`, so
that everything happens in Python's order.
"""

from __future__ import annotations

import ast
import builtins
import inspect
import itertools
import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import FunctionType, ModuleType
from typing import Any

from ..defs import prelude
from .globals import globals_of
from .imports import imported
from .parse import find_source
from .renaming import Renamed, Resolved, known
from .scope import FunctionNode, body_of, comprehension_targets, is_generator, own_names
from .state import Lowering, literal

Body = list[ast.stmt]
#: an argument of a parameter: how Python gives it
Given = Mapping[str, ast.expr]


@dataclass(slots=True)
class Producer:
    """Statements that yield; `names` are theirs alone."""

    body: Body
    names: list[str] = field(default_factory=list)


# -- what is an iterator


def resolve(low: Lowering, node: ast.expr) -> object:
    """What a name from outside stands for; the syntax of an inner function; None for what isn't known."""
    match node:
        case Resolved():
            return node.found.value
        case ast.Name(id=name):
            inner = low.unit.known.get(name)
            if inner is not None:
                return inner.node
            return None if low.is_local(name) else low.unit.globals.peek(low.unit.source.mangled(name))
        case ast.Attribute(value=value, attr=attr):
            base = resolve(low, value)
            return getattr(base, attr, None) if isinstance(base, ModuleType | type) else None
    return None


def source(low: Lowering, node: ast.expr) -> ast.expr:
    """What a variable stands for that holds an iterator."""
    return low.unit.pending.get(node.id, node) if isinstance(node, ast.Name) else node


def is_iterator(low: Lowering, node: ast.expr) -> bool:
    """Whether an expression makes an iterator: something that can be read once."""
    node = source(low, node)
    target = resolve(low, node.func) if isinstance(node, ast.Call) else None
    if is_transposed(low, node):
        return False
    return isinstance(node, ast.GeneratorExp) or is_library(target) or target is reversed or generates(target)


def is_transposed(low: Lowering, node: ast.expr) -> bool:
    """`zip(*rows)`: the columns of rows, as a list."""
    match node:
        case ast.Call(func=function, args=[ast.Starred()], keywords=[]):
            return resolve(low, function) is builtins.zip
    return False


def has_producer(low: Lowering, node: ast.expr) -> bool:
    """Whether a loop over an expression is one over a producer: any iterator but `zip` and `enumerate` of sequences."""
    node = source(low, node)
    if not is_iterator(low, node) or not isinstance(node, ast.Call):
        return isinstance(node, ast.GeneratorExp)
    target = resolve(low, node.func)
    return target not in prelude.SPACES or is_strict(node) or any(has_producer(low, a) for a in node.args)


def is_strict(node: ast.expr) -> bool:
    """`zip(.., strict=True)`."""
    keywords = node.keywords if isinstance(node, ast.Call) else []
    return any(k.arg == "strict" and isinstance(k.value, ast.Constant) and k.value.value is True for k in keywords)


def is_library(target: object) -> bool:
    return type(target).__hash__ is not None and target in prelude.ITERATORS


def generates(target: object) -> bool:
    """Whether a function is a generator function."""
    if isinstance(target, FunctionType):
        return inspect.isgeneratorfunction(target)
    return isinstance(target, FunctionNode) and is_generator(target)


def is_endless(low: Lowering, node: ast.expr) -> bool:
    """Whether an iterator never ends, as far as can be seen."""
    node = source(low, node)
    if not isinstance(node, ast.Call):
        return False
    target = resolve(low, node.func)
    if is_library(target):
        return prelude.is_endless(target, len(node.args) + len(node.keywords)) or any(is_endless(low, a) for a in node.args[1:])
    tree = find_source(target)[0] if isinstance(target, FunctionType) else target
    loops = (n for n in ast.walk(tree) if isinstance(n, ast.While)) if isinstance(tree, FunctionNode) else ()
    return any(isinstance(n.test, ast.Constant) for n in loops)


# -- producers


def producer(low: Lowering, node: ast.expr, quiet: bool = False) -> Producer | None:
    """The producer of an iterator; None for what is none, or is being put in place already (it calls itself). `quiet`: what
    consumes it writes no memory."""
    if not has_producer(low, node):
        return None
    node = source(low, node)
    if isinstance(node, ast.GeneratorExp):
        return _of_expression(low, node)
    assert isinstance(node, ast.Call)
    target = resolve(low, node.func)
    if not isinstance(target, ast.AST):
        low.expr(node.func)  # a name from outside is noted
    if quiet and target is itertools.pairwise and len(node.args) == 1 and not is_iterator(low, node.args[0]):
        return _neighbours(low, node)
    if is_library(target):
        return _of_library(low, node, target)
    return None if target in getattr(node, "within", ()) else of_function(low, node, target)


def _neighbours(low: Lowering, node: ast.Call) -> Producer:
    """`pairwise(xs)` is `zip(xs, xs[1:])`, if nothing writes into xs meanwhile."""
    items, pair = low.unit.fresh("items"), low.unit.fresh("pair")
    xs = ast.Name(items, ast.Load())
    behind = ast.Subscript(ast.Name(items, ast.Load()), ast.Slice(ast.Constant(1), None, None), ast.Load())
    both = ast.Call(known(literal(zip, low.loc(node))), [xs, behind], [])
    each = ast.Expr(ast.Yield(ast.Name(pair, ast.Load())))
    first = ast.Assign([ast.Name(items, ast.Store())], node.args[0])
    return Producer([at(first, node), at(ast.For(ast.Name(pair, ast.Store()), both, [each], []), node)], [items, pair])


def kept(low: Lowering, name: str, node: ast.expr) -> bool:
    """Let a variable stand for an iterator that is read once, later; False where it may be read more often."""
    unit = low.unit
    if len(unit.scope.bindings.get(name, ())) != 1 or name in unit.scope.captured or name in unit.cells:
        return False
    if unit.scope.read_once(name):
        unit.pending[name] = _frozen(low, node)
        unit.kept.append(unit.pending[name])
        return True
    return False


def _frozen(low: Lowering, node: ast.expr) -> ast.expr:
    """An iterator with what Python evaluates when it is made evaluated now."""
    if isinstance(node, ast.GeneratorExp):
        first, *rest = node.generators
        space = _evaluated(low, first.iter)
        first = ast.comprehension(first.target, space, first.ifs, first.is_async)
        return ast.copy_location(ast.GeneratorExp(node.elt, [first, *rest]), node)
    assert isinstance(node, ast.Call)
    args = [_evaluated(low, a) for a in node.args]
    keywords = [ast.keyword(k.arg, _evaluated(low, k.value)) for k in node.keywords]
    return ast.copy_location(ast.Call(node.func, args, keywords), node)


def _evaluated(low: Lowering, node: ast.expr) -> ast.expr:
    if is_iterator(low, node):
        return _frozen(low, source(low, node))
    if isinstance(node, ast.Constant | ast.Lambda | ast.Starred):
        return node
    name = low.unit.fresh("held")
    low.vars[name] = low.value(node)
    return ast.copy_location(ast.Name(name, ast.Load()), node)


def _of_expression(low: Lowering, node: ast.GeneratorExp) -> Producer:
    """`(e for t in xs if c)` is a loop that yields."""
    names = {n: low.unit.fresh(n) for n in comprehension_targets(node)}
    inside = Renamed(names)
    body: Body = [at(ast.Expr(ast.Yield(inside.copy(node.elt))), node.elt)]
    for n, generator in reversed(list(enumerate(node.generators))):
        for test in reversed(generator.ifs):
            body = [at(ast.If(inside.copy(test), body, []), test)]
        space = generator.iter if n == 0 else inside.copy(generator.iter)
        body = [at(ast.For(inside.copy(generator.target), space, body, []), generator.iter)]
    return Producer(body, list(names.values()))


def of_function(low: Lowering, node: ast.Call, target: object) -> Producer:
    """The body of a generator function with its parameters bound."""
    if isinstance(target, FunctionType):
        tree, source = find_source(target)
        signature = inspect.signature(target, follow_wrapped=False)
        names = {n: low.unit.fresh(n) for n in sorted(own_names(tree))}
        defaults = {p.name: known(literal(p.default, low.loc(node))) for p in signature.parameters.values()}
        given = {**defaults, **bound_nodes(low, node, signature)}
        world = globals_of(target, imported(tree, source, target.__globals__))
        return _bound(low, node, tree, given, names, target, lambda to: Renamed(to, world, source))
    assert isinstance(target, FunctionNode)
    function = next(k for k in low.unit.known.values() if k.node is target)
    assert function.func.signature is not None
    names = {n: low.unit.fresh(n) for n in sorted(own_names(target))}
    held = {p: ast.Name(key, ast.Load()) for p, key in function.defaults.items()}
    given = {**held, **bound_nodes(low, node, function.func.signature)}
    return _bound(low, node, target, given, names, target, Renamed)


def _of_library(low: Lowering, node: ast.Call, target: object) -> Producer:
    if any(isinstance(a, ast.Starred) for a in node.args) or any(k.arg is None for k in node.keywords):
        raise low.refuse("star arguments", node)
    chosen = prelude.ITERATORS[target](node.args, {k.arg or "": k.value for k in node.keywords}, lambda n: has_producer(low, n))
    if chosen is None:
        raise low.refuse("iterator", node, name=ast.unparse(node.func))
    if isinstance(chosen, ast.expr):
        item = low.unit.fresh("item")
        each = ast.For(ast.Name(item, ast.Store()), chosen, [ast.Expr(ast.Yield(ast.Name(item, ast.Load())))], [])
        return Producer([at(each, node)], [item])
    function, *args = chosen
    return library_body(low, node, function, args)


def library_body(low: Lowering, node: ast.Call, function: Any, args: Sequence[ast.expr]) -> Producer:
    """The body of a function of the prelude with these arguments."""
    tree, _ = find_source(function)
    names = {n: low.unit.fresh(n) for n in sorted(own_names(tree))}
    signature = inspect.signature(function).bind(*args)  # `prelude` has chosen by number
    signature.apply_defaults()
    given = {n: v if isinstance(v, ast.expr) else known(literal(v, low.loc(node))) for n, v in signature.arguments.items()}
    return _bound(low, node, tree, given, names, None, lambda to: Renamed(to, globals_of(function), at=node))


def as_lambda(low: Lowering, node: ast.expr) -> ast.expr:
    """`itemgetter(0)`, `attrgetter("a")`, `xs.__getitem__` and `d.get` as lambdas."""
    item: ast.expr = ast.Name("item", ast.Load())
    match node:
        case ast.Call(func=function, args=[_, *_] as keys, keywords=[]) if all(isinstance(k, ast.Constant) for k in keys):
            target = resolve(low, function)
            if target is operator.itemgetter:
                read: list[ast.expr] = [ast.Subscript(item, k, ast.Load()) for k in keys]
            elif target is operator.attrgetter and all(isinstance(k, ast.Constant) and _is_name(k.value) for k in keys):
                read = [ast.Attribute(item, str(k.value), ast.Load()) for k in keys if isinstance(k, ast.Constant)]
            else:
                return node
            low.expr(function)  # a name from outside is noted
            body = read[0] if len(read) == 1 else ast.Tuple(read, ast.Load())
        case ast.Attribute(value=ast.Name(id=name), attr="__getitem__") if low.is_local(name):
            body = ast.Subscript(node.value, item, ast.Load())
        case ast.Attribute(value=ast.Name(id=name), attr="get") if low.is_local(name):
            body = ast.Call(node, [item], [])
        case _:
            return node
    made: ast.expr = at(ast.Lambda(ast.arguments([], [ast.arg("item")], None, [], [], None, []), body), node)
    low.unit.kept.append(made)
    return made


def _is_name(value: object) -> bool:
    return isinstance(value, str) and value.isidentifier()


def _bound(
    low: Lowering,
    node: ast.Call,
    tree: FunctionNode,
    given: Given,
    names: dict[str, str],
    origin: object,
    renamed: Callable[[Mapping[str, str | ast.expr]], Renamed],
) -> Producer:
    """A function's body with its parameters assigned first; one that is used once may stand where it is used."""
    assert isinstance(tree, ast.FunctionDef)
    to: dict[str, str | ast.expr] = dict(names)
    first: Body = []
    for parameter, value in given.items():
        value = as_lambda(low, value)
        if _may_stand(low, tree, parameter, value):
            to[parameter] = value
            continue
        if is_iterator(low, value):
            value = _collected(low, tree, parameter, value)
        first.append(at(ast.Assign([ast.Name(names[parameter], ast.Store())], value), node))
    copies = renamed(to)
    copies.origin = origin
    body = [copies.copy(statement) for statement in tree.body]
    return Producer(first + body, [n for p, n in names.items() if isinstance(to[p], str)])


def bound_nodes(low: Lowering, node: ast.Call, signature: inspect.Signature) -> Given:
    """The expression that a call gives to each parameter."""
    if any(isinstance(a, ast.Starred) for a in node.args) or any(k.arg is None for k in node.keywords):
        raise low.refuse("star arguments", node)
    try:
        found = signature.bind(*node.args, **{k.arg or "": k.value for k in node.keywords}).arguments
    except TypeError as err:
        raise low.refuse("arguments", node, name=ast.unparse(node.func), why=err) from None
    out: dict[str, ast.expr] = {}
    for p in signature.parameters.values():
        value: Any = found.get(p.name, () if p.kind is p.VAR_POSITIONAL else {} if p.kind is p.VAR_KEYWORD else None)
        if p.kind is p.VAR_POSITIONAL:
            value = at(ast.Tuple(list(value), ast.Load()), node)
        elif p.kind is p.VAR_KEYWORD:
            value = at(ast.Dict([ast.Constant(k) for k in value], list(value.values())), node)
        if value is not None:
            out[p.name] = value
    return out


def _may_stand(low: Lowering, tree: FunctionNode, parameter: str, value: ast.expr) -> bool:
    """Whether an argument may stand where its parameter is used: an iterator where a loop reads it, once; a function
    where it is called."""
    uses = [n for n in ast.walk(tree) if isinstance(n, ast.Name) and n.id == parameter]
    if len(uses) != 1:
        return False
    if is_iterator(low, value):
        return any(isinstance(s, ast.For) and s.iter is uses[0] for s in _outside_loops(body_of(tree)))
    called = any(isinstance(n, ast.Call) and n.func is uses[0] for n in ast.walk(tree))
    plain = isinstance(value, ast.Lambda) and not (value.args.defaults or value.args.kw_defaults)
    return called and (plain or (isinstance(value, ast.Name) and not low.unit.rebound(value.id)))


def _outside_loops(body: Body) -> Iterator[ast.stmt]:
    for statement in body:
        yield statement
        if isinstance(statement, ast.If):
            yield from _outside_loops([*statement.body, *statement.orelse])


def _collected(low: Lowering, tree: FunctionNode, parameter: str, value: ast.expr) -> ast.expr:
    """An iterator that can't stand where it is used, as a list."""
    uses = sum(isinstance(n, ast.Name) and n.id == parameter for n in ast.walk(tree))
    if uses > 1 or is_endless(low, value):
        raise low.refuse("iterator twice", value)
    return listed(low, value)


def listed(low: Lowering, value: ast.expr) -> ast.expr:
    """The list of what an iterator gives."""
    made: ast.expr
    value = source(low, value)
    if isinstance(value, ast.GeneratorExp):
        made = at(ast.ListComp(value.elt, value.generators), value)
        return made
    item = low.unit.fresh("item")
    generator = ast.comprehension(ast.Name(item, ast.Store()), value, [], 0)
    made = at(ast.ListComp(ast.Name(item, ast.Load()), [generator]), value)
    return made


def at(node: Any, place: ast.AST) -> Any:
    """New nodes stand where an old one stands."""
    source = getattr(place, "source", None)
    for part in _new_parts(node):
        ast.copy_location(part, place)
        if source is not None:
            part.source = source  # type: ignore[attr-defined]
    return node


def _new_parts(node: ast.AST) -> Iterator[ast.AST]:
    if hasattr(node, "lineno"):
        return
    yield node
    for child in ast.iter_child_nodes(node):
        yield from _new_parts(child)
