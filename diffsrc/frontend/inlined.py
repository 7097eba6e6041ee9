"""Calls that become what they do: a lambda that is called where it stands, and functions of the prelude.

    reduce(lambda a, b: a * k + b, xs)          total = xs[0]
                                       ->       for x in xs[1:]:
                                                    total = total * k + x
                                                total
"""

from __future__ import annotations

import ast
from types import BuiltinMethodType
from typing import Any

import numpy as np

from ..defs import prelude
from ..ir.values import Literal, Operand
from .comprehensions import run
from .producers import as_lambda, at, is_iterator, library_body, listed, resolve
from .renaming import Renamed, known
from .state import Lowering


def inlined(low: Lowering, node: ast.Call, name: str | None) -> Operand | None:
    """What a call is, where it can stand for itself; None for any other call."""
    if any(isinstance(a, ast.Starred) for a in node.args) or any(k.arg is None for k in node.keywords):
        return None
    if isinstance(node.func, ast.Lambda):
        return _lambda(low, node, node.func, name)
    if (made := as_lambda(low, node)) is not node:
        return low.expr(made, name)
    target = resolve(low, node.func)
    if target is np.fromiter and node.args:
        return low.expr(_array(low, node), name)
    if target is dict and len(node.args) == 1 and not node.keywords and is_iterator(low, node.args[0]):
        return low.expr(_dict(low, node.args[0]), name)
    if target == dict.fromkeys and isinstance(target, BuiltinMethodType) and len(node.args) == 2 and not node.keywords:
        return _from_keys(low, node, name)
    if isinstance(node.func, ast.Attribute) and node.func.attr == "_make" and len(node.args) == 1:
        cls = resolve(low, node.func.value)
        if isinstance(cls, type) and issubclass(cls, tuple) and hasattr(cls, "_fields"):
            return low.expr(at(ast.Call(node.func.value, [ast.Starred(node.args[0], ast.Load())], []), node), name)
    chooser = prelude.CALLS.get(target) if type(target).__hash__ is not None else None
    chosen = chooser(node.args, {k.arg or "": k.value for k in node.keywords}) if chooser is not None else None
    if chosen is None:
        return None
    function, *given = chosen
    lazy = target is next
    if lazy and (isinstance(given[0], ast.Name) or not is_iterator(low, given[0])):
        return None
    low.expr(node.func)  # a name from outside is noted
    args = given if lazy else [listed(low, a) if is_iterator(low, a) else a for a in given]
    found = library_body(low, node, function, args)
    *statements, last = found.body
    assert isinstance(last, ast.Return)
    assert last.value is not None
    return _evaluated(low, statements, last.value, found.names, name)


def _array(low: Lowering, node: ast.Call) -> ast.expr:
    """`np.fromiter(xs, dtype)` is `np.array(list(xs), dtype)`."""
    given = {**dict(zip(("iter", "dtype", "count"), node.args)), **{k.arg or "": k.value for k in node.keywords}}
    xs = listed(low, given["iter"]) if is_iterator(low, given["iter"]) else given["iter"]
    dtype = [ast.keyword("dtype", given["dtype"])] if "dtype" in given else []
    made: ast.expr = at(ast.Call(known(Literal(np.array, "np.array", low.loc(node))), [xs], dtype), node)
    return made


def _from_keys(low: Lowering, node: ast.Call, name: str | None) -> Operand:
    """`dict.fromkeys(keys, v)` is `{k: v for k in keys}`."""
    key, held = low.unit.fresh("key"), low.unit.fresh("held")
    keys, value = node.args
    first = at(ast.Assign([ast.Name(held, ast.Store())], value), node)
    generator = ast.comprehension(ast.Name(key, ast.Store()), keys, [], 0)
    made = at(ast.DictComp(ast.Name(key, ast.Load()), ast.Name(held, ast.Load()), [generator]), node)
    return _evaluated(low, [first], made, [held], name)


def _dict(low: Lowering, pairs: ast.expr) -> ast.expr:
    """`dict(pairs)` is `{k: v for k, v in pairs}`."""
    names = low.unit.fresh("key"), low.unit.fresh("value")
    target = ast.Tuple([ast.Name(n, ast.Store()) for n in names], ast.Store())
    key, value = (ast.Name(n, ast.Load()) for n in names)
    made: ast.expr = at(ast.DictComp(key, value, [ast.comprehension(target, pairs, [], 0)]), pairs)
    return made


def _lambda(low: Lowering, node: ast.Call, function: ast.Lambda, name: str | None) -> Operand | None:
    """The parameters are variables."""
    a = function.args
    params = [p.arg for p in (*a.posonlyargs, *a.args)]
    if a.vararg or a.kwarg or a.kwonlyargs or a.defaults or node.keywords or len(params) != len(node.args):
        return None
    names = {p: low.unit.fresh(p) for p in params}
    bound: list[ast.stmt] = [
        at(ast.Assign([ast.Name(names[p], ast.Store())], value), value) for p, value in zip(params, node.args)
    ]
    return _evaluated(low, bound, Renamed(names).copy(function.body), list(names.values()), name)


def _evaluated(low: Lowering, body: list[Any], value: ast.expr, names: list[str], name: str | None) -> Operand:
    run(low, body, frozenset(names), [])
    low.unit.kept.append(value)
    result = low.expr(value, name)
    for variable in names:
        low.vars.pop(variable, None)
    return result
