"""`ds.grad_of`: the cotangent of a variable inside a function.

The function is made again with an `insert_grad_of` behind each place that binds the variable; what they see is kept.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..errors import DiffTypeError
from ..frontend.scope import bound, parameters
from .gradient import as_differentiable
from .insert import insert_grad_of
from .rewrite import Tree, tree_of
from .signature import name_of
from .trees import flatten
from .vjp import vjp

SEEN, INSERT, COTANGENT = "_seen", "_insert", "_cotangent"


class _Seen(list[Any]):
    """What the reverse sweep handed over: latest binding first."""

    only_last = True

    def append(self, cotangent: Any) -> None:
        if not (self.only_last and self):
            super().append(np.array(cotangent)[()])


def grad_of(f: Callable[..., Any], name: str, *, line: int | None = None, each: bool = False) -> Callable[..., Any]:
    """The cotangent of a variable of `f`: the derivative of the result with respect to the value bound to it.

    Args:
        f: a function whose result is one number.
        name: the variable. It is bound by assignments, loops, parameters, and by writes to its elements.
        line: the line of the file that binds it, where several do.
        each: give the cotangents of all bindings that were executed, as a list in the order of execution. By default it is
            that of the last one.

    Returns:
        A function of the arguments of `f`.

    >>> def f(x):
    ...     y = x * x
    ...     return np.sin(y)
    >>> grad_of(f, "y")(2.0)  # cos(4.0)
    -0.6536436208636119
    """
    tree = tree_of(f)
    places = _insert(tree, name, line)
    if not places:
        where = f" in line {line}" if line is not None else ""
        known = ", ".join(dict.fromkeys(n for s in ast.walk(tree.node) if isinstance(s, ast.stmt) for n in _binds(s)))
        raise DiffTypeError(
            f"{name_of(f)} binds no variable {name}{where}", loc=tree.loc(tree.node),
            hint=f"it binds {known}" if known else "name the value in a statement of its own",
        )  # fmt: skip
    seen = _Seen()
    seen.only_last = not each
    watched = tree.made(tree.node, {SEEN: seen, INSERT: insert_grad_of})

    def cotangent(*args: Any, **kwargs: Any) -> Any:
        seen.clear()
        given = args if flatten(args) else tuple(as_differentiable(a, f"argument {i}") for i, a in enumerate(args))
        out, pull = vjp(lambda *xs: watched(*xs, **kwargs), *given) if kwargs else vjp(watched, *given)
        if np.size(out) != 1:
            raise DiffTypeError(f"{name_of(f)} doesn't return one number", hint="reduce the result (.sum())")
        pull(np.ones_like(out) if isinstance(out, np.ndarray) else 1.0)
        if not seen:
            raise DiffTypeError(
                f"{name} isn't on the way from the arguments of {name_of(f)} to its result", loc=tree.loc(tree.node),
                hint="it is a constant, has no influence, or no binding of it was executed",
            )  # fmt: skip
        return seen[::-1] if each else seen[0]

    cotangent.__name__ = cotangent.__qualname__ = f"grad_of_{name}"
    return cotangent


def _insert(tree: Tree, name: str, line: int | None) -> list[ast.stmt]:
    """Put an `insert_grad_of` behind every binding; the statements that bind."""
    found: list[ast.stmt] = []

    def wanted(node: ast.stmt) -> bool:
        return (line is None or node.lineno == line) and name in _binds(node)

    def block(body: list[ast.stmt]) -> list[ast.stmt]:
        out: list[ast.stmt] = []
        for s in body:
            _inside(s, block)
            binds = wanted(s)
            if isinstance(s, (ast.For, ast.While, ast.If, ast.With)):
                if binds:
                    found.append(s)
                    s.body = [*_watch(name, s), *s.body]
                out.append(s)
                continue
            out.append(s)
            if binds:
                found.append(s)
                out += _watch(name, s)
        return out

    node = tree.node
    node.body = block(node.body)
    if any(p.arg == name for p in parameters(node)) and line in (None, node.lineno):
        found.append(node)
        node.body = [*_watch(name, node), *node.body]
    return found


def _inside(s: ast.stmt, block: Callable[[list[ast.stmt]], list[ast.stmt]]) -> None:
    if isinstance(s, (ast.FunctionDef, ast.ClassDef, ast.AsyncFunctionDef)):
        return
    for field in ("body", "orelse", "finalbody"):
        if getattr(s, field, None):
            setattr(s, field, block(getattr(s, field)))
    for part in (*getattr(s, "handlers", ()), *getattr(s, "cases", ())):
        part.body = block(part.body)


def _binds(node: ast.stmt) -> Sequence[str]:
    """The variables that a statement itself binds or writes."""
    match node:
        case ast.Assign(targets=targets):
            return [*bound(node), *_bases(targets)]
        case ast.AugAssign(target=target) | ast.AnnAssign(target=target):
            return [*bound(node), *_bases([target])]
        case ast.For(target=target):
            return bound(target)
        case ast.With(items=items):
            return [n for i in items if i.optional_vars is not None for n in bound(i.optional_vars)]
        case ast.Expr():
            return bound(node)
    return []


def _bases(targets: Sequence[ast.expr]) -> list[str]:
    """The variables whose elements are written."""
    found = []
    for target in targets:
        base: ast.expr = target
        while isinstance(base, ast.Subscript):
            base = base.value
        if isinstance(base, ast.Name) and isinstance(target, ast.Subscript):
            found.append(base.id)
        elif isinstance(target, (ast.Tuple, ast.List)):
            found += _bases(target.elts)
    return found


def _watch(name: str, at: ast.stmt) -> list[ast.stmt]:
    """`with _insert(name) as _cotangent: _seen.append(_cotangent)`."""
    text = f"with {INSERT}({name}) as {COTANGENT}:\n    {SEEN}.append({COTANGENT})"
    made = ast.parse(text).body
    for s in made:
        for part in ast.walk(s):
            ast.copy_location(part, at)
    return made
