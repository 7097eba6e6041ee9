"""List and dict comprehensions and generator expressions as loops.

A list comprehension fills a new list. A generator expression given to a function that reads all of
it is the same; given to `any` or `all` it is a loop that ends as soon as the answer is known. The
targets are variables of the comprehension alone.
"""

from __future__ import annotations

import ast
import builtins
import collections
import functools
import math
from collections.abc import Callable

import numpy as np

from ..defs.structural import DICT, LIST_APPEND, LIST_NEW
from ..ir.ops import Block, Break, For, If, Index, Store, Yield
from ..ir.types import ANY
from ..ir.values import Literal, Operand, Value
from .expressions import condition
from .liveness import NEXT
from .producers import at, has_producer
from .renaming import Renamed
from .scope import Comprehension, bound, comprehension_targets
from .spaces import opened, space
from .state import Lowering, callee_of, expression, statement
from .targets import assign

#: functions that read an iterator to its end and keep nothing of it
CONSUMERS = (
    builtins.sum, builtins.min, builtins.max, builtins.list, builtins.tuple, builtins.set, builtins.frozenset,
    builtins.sorted, builtins.dict, math.fsum, math.prod, functools.reduce, np.fromiter, collections.Counter,
    collections.deque,
)  # fmt: skip
CONSUMING_METHODS = ("join", "extend", "update")
SHORT_CIRCUIT = (builtins.any, builtins.all)
_Generators = list[ast.comprehension]
_Element = Callable[..., None]


class Do(ast.stmt):
    """A statement that lowers itself: `action(low, *parts)`."""

    _fields = ("parts",)
    action: _Element
    parts: list[ast.expr]


@statement(Do)
def do(low: Lowering, node: Do) -> None:
    node.action(low, *node.parts)


@expression(ast.ListComp)
def list_comprehension(low: Lowering, node: ast.ListComp, name: str | None) -> Operand:
    return collected(low, node, name)


@expression(ast.SetComp)
def set_comprehension(low: Lowering, node: ast.SetComp, name: str | None) -> Operand:
    """`{e for x in xs}` is `set([e for x in xs])`."""
    return low.apply(callee_of(set), (collected(low, node, None),), node, name)


@expression(ast.DictComp)
def dict_comprehension(low: Lowering, node: ast.DictComp, name: str | None) -> Operand:
    """`{k: v for k in d}` fills a new dict."""
    result = low.apply(DICT, (), node, name)

    def element(inner: Lowering, key: ast.expr, value: ast.expr) -> None:
        place = Index((inner.value(key),))
        inner.ops.append(Store(result, place, inner.value(value), False, low.loc(value)))

    _filled(low, node, element, [node.key, node.value])
    return result


def collected(low: Lowering, node: ast.ListComp | ast.SetComp | ast.GeneratorExp, name: str | None) -> Value:
    """The list of all elements."""
    result = low.apply(LIST_NEW, (), node, name)

    def element(inner: Lowering, elt: ast.expr) -> None:
        inner.effect(LIST_APPEND, (result, inner.value(elt)), elt)

    _filled(low, node, element, [node.elt])
    return result


def _filled(low: Lowering, node: Comprehension, element: _Element, parts: list[ast.expr]) -> None:
    """Nested loops over the generators, with `element` in the innermost."""
    for name in comprehension_targets(node):
        if name in low.unit.scope.captured:
            raise low.refuse("shadowed capture", node, name=name)
    for generator in node.generators:
        if generator.is_async:
            raise low.refuse("AsyncFor", generator.target)
    if bound(node) or any(has_producer(low, g.iter) for g in node.generators):
        _as_statements(low, node, element, parts)
    else:
        _loops(low, node.generators, lambda inner: element(inner, *parts))


def _as_statements(low: Lowering, node: Comprehension, element: _Element, parts: list[ast.expr]) -> None:
    """The loops as statements: they read iterators, or bind variables of the function."""
    names = {n: low.unit.fresh(n) for n in comprehension_targets(node)}
    inside = Renamed(names)
    last = Do()
    last.action, last.parts = element, [inside.copy(p) for p in parts]
    body: list[ast.stmt] = [at(last, node)]
    for n, generator in reversed(list(enumerate(node.generators))):
        for test in reversed(generator.ifs):
            body = [at(ast.If(inside.copy(test), body, []), test)]
        space = generator.iter if n == 0 else inside.copy(generator.iter)
        body = [at(ast.For(inside.copy(generator.target), space, body, []), generator.iter)]
    run(low, body, frozenset(bound(node)), list(names.values()))


def run(low: Lowering, body: list[ast.stmt], live: frozenset[str], names: list[str]) -> None:
    """Lower statements that stand for an expression; `live` variables are read behind it, `names` nowhere else."""
    low.unit.kept.append(body)
    low.unit.liveness.annotate(body, {NEXT: live}, frozenset(low.noted))
    low.stmts(body)
    for name in names:
        low.vars.pop(name, None)


def _loops(low: Lowering, generators: _Generators, element: Callable[[Lowering], None]) -> None:
    first, rest = generators[0], generators[1:]
    node = first.target
    item = space(low, first.iter)
    leaves, operand = opened(low, item, node)
    body = low.child()
    assign(body, node, operand)
    _guarded(body, first.ifs, (lambda inner: _loops(inner, rest, element)) if rest else element)
    body.exit(Yield((), low.loc(node)))
    last = Block((), (Yield((), low.loc(node)),))
    low.ops.append(For(item, (), body.block(leaves), last, (), low.loc(node)))


def _guarded(low: Lowering, tests: list[ast.expr], element: Callable[[Lowering], None]) -> None:
    if not tests:
        element(low)
        return
    cond = condition(low, tests[0])
    then, other = low.child(), low.child()
    _guarded(then, tests[1:], element)
    low.join(tests[0], cond, (then, other), frozenset())


def decided(low: Lowering, node: ast.expr, when: bool, name: str | None) -> Operand:
    """`any(...)` (when is True) or `all(...)` (False): the loop breaks at the first element that decides."""
    one = isinstance(node, ast.GeneratorExp) and len(node.generators) == 1 and not bound(node)
    if isinstance(node, ast.GeneratorExp) and one and not has_producer(low, node.generators[0].iter):
        return _decided(low, node, when, name)
    found, item = low.unit.fresh("found"), low.unit.fresh("item")

    def flag(value: bool) -> ast.stmt:
        return ast.Assign([ast.Name(found, ast.Store())], ast.Constant(value))

    test: ast.expr = ast.Name(item, ast.Load())
    test = test if when else ast.UnaryOp(ast.Not(), test)
    loop = ast.For(ast.Name(item, ast.Store()), node, [ast.If(test, [flag(when), ast.Break()], [])], [])
    run(low, [at(flag(not when), node), at(loop, node)], frozenset({found}), [item])
    return low.vars.pop(found)


def _decided(low: Lowering, node: ast.GeneratorExp, when: bool, name: str | None) -> Value:
    loc = low.loc(node)
    generator = node.generators[0]
    item = space(low, generator.iter)
    leaves, operand = opened(low, item, generator.target)
    body = low.child()
    assign(body, generator.target, operand)

    def element(inner: Lowering) -> None:
        cond = condition(inner, node.elt)
        go = Block((), (Yield((), loc),))
        stop = Block((), (Break((Literal(when, None, loc),), loc),))
        inner.ops.append(If(cond, *((stop, go) if when else (go, stop)), (), loc))

    _guarded(body, generator.ifs, element)
    body.exit(Yield((), loc))
    result = Value(name, ANY, None, None, loc)
    last = Block((), (Yield((Literal(not when, None, loc),), loc),))
    low.ops.append(For(item, (), body.block(leaves), last, (result,), loc))
    return result
