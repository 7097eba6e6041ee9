"""List and dict comprehensions and generator expressions as loops.

A list comprehension fills a new list. A generator expression given to a function that reads all of
it is the same; given to `any` or `all` it is a loop that ends as soon as the answer is known. The
targets are variables of the comprehension alone.
"""

from __future__ import annotations

import ast
import builtins
import math
from collections.abc import Callable

from ..defs.structural import DICT, LIST_APPEND, LIST_NEW
from ..ir.ops import Block, Break, For, If, Index, Store, Yield
from ..ir.types import ANY
from ..ir.values import Literal, Operand, Value
from .scope import bound, comprehension_targets
from .spaces import opened, space
from .state import Lowering, expression
from .targets import assign

#: functions that read an iterator to its end and keep nothing of it
CONSUMERS = (
    builtins.sum, builtins.min, builtins.max, builtins.list, builtins.tuple, builtins.set, builtins.frozenset,
    builtins.sorted, math.fsum, math.prod,
)  # fmt: skip
SHORT_CIRCUIT = (builtins.any, builtins.all)
_Generators = list[ast.comprehension]


@expression(ast.ListComp)
def list_comprehension(low: Lowering, node: ast.ListComp, name: str | None) -> Operand:
    return collected(low, node, name)


@expression(ast.DictComp)
def dict_comprehension(low: Lowering, node: ast.DictComp, name: str | None) -> Operand:
    """`{k: v for k in d}` fills a new dict."""
    _check(low, node)
    result = low.apply(DICT, (), node, name)

    def element(inner: Lowering) -> None:
        key = inner.value(node.key)
        inner.ops.append(Store(result, Index((key,)), inner.value(node.value), False, low.loc(node.value)))

    _loops(low, node.generators, element)
    return result


def collected(low: Lowering, node: ast.ListComp | ast.GeneratorExp, name: str | None) -> Value:
    """The list of all elements."""
    _check(low, node)
    result = low.apply(LIST_NEW, (), node, name)

    def element(inner: Lowering) -> None:
        inner.effect(LIST_APPEND, (result, inner.value(node.elt)), node.elt)

    _loops(low, node.generators, element)
    return result


def _check(low: Lowering, node: ast.ListComp | ast.DictComp | ast.GeneratorExp) -> None:
    if bound(node):
        raise low.refuse("walrus scope", node)
    for name in comprehension_targets(node):
        if name in low.unit.scope.captured:
            raise low.refuse("shadowed capture", node, name=name)
    for generator in node.generators:
        if generator.is_async:
            raise low.refuse("AsyncFor", generator.target)


def _loops(low: Lowering, generators: _Generators, element: Callable[[Lowering], None]) -> None:
    """Nested loops over the generators with `element` in the innermost."""
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
    cond = low.value(tests[0])
    then, other = low.child(), low.child()
    _guarded(then, tests[1:], element)
    low.join(tests[0], cond, (then, other), frozenset())


def decided(low: Lowering, node: ast.GeneratorExp, when: bool, name: str | None) -> Value:
    """`any(...)` (when is True) or `all(...)` (False): the loop breaks at the first element that decides."""
    _check(low, node)
    if len(node.generators) > 1:
        raise low.refuse("nested any", node)
    loc = low.loc(node)
    generator = node.generators[0]
    item = space(low, generator.iter)
    leaves, operand = opened(low, item, generator.target)
    body = low.child()
    assign(body, generator.target, operand)

    def element(inner: Lowering) -> None:
        cond = inner.value(node.elt)
        go = Block((), (Yield((), loc),))
        stop = Block((), (Break((Literal(when, None, loc),), loc),))
        inner.ops.append(If(cond, *((stop, go) if when else (go, stop)), (), loc))

    _guarded(body, generator.ifs, element)
    body.exit(Yield((), loc))
    result = Value(name, ANY, None, None, loc)
    last = Block((), (Yield((Literal(not when, None, loc),), loc),))
    low.ops.append(For(item, (), body.block(leaves), last, (result,), loc))
    return result
