"""Parallel copies as assignments: one after the other where their order is right, else one tuple
assignment.
"""

from __future__ import annotations

import ast

Copy = tuple[str, ast.expr]
_MODULES = frozenset({"np", "math", "cmath"})
_WRITERS = frozenset({"copyto", "put", "place", "putmask", "put_along_axis", "fill_diagonal"})
_PURE = frozenset({"abs", "float", "int", "len", "max", "min", "unbroadcast"})


def in_order(copies: list[Copy], exchange: bool = True) -> list[list[Copy]]:
    """The copies in groups to be assigned one after the other; a group of several is one tuple assignment.

    `exchange`: they may be put into another order (the user's own assignments stay as they are).

    >>> swap = [("u", ast.Name("v")), ("v", ast.Name("u")), ("w", ast.Name("x"))]
    >>> [[v for v, _ in g] for g in in_order(swap)]
    [['w'], ['u', 'v']]
    """
    reads = [_names(node) for _, node in copies]
    if all(copies[i][0] not in later for i in range(len(copies)) for later in reads[i + 1 :]):
        return [[c] for c in copies]
    if any(_calls(node) for _, node in copies):
        return [copies]
    if not exchange:
        return [copies]
    groups: list[list[Copy]] = []
    left = list(range(len(copies)))
    while left:
        ready = next((i for i in left if not any(copies[i][0] in reads[j] for j in left if j != i)), None)
        if ready is None:
            return [*groups, [copies[i] for i in left]]
        groups.append([copies[ready]])
        left.remove(ready)
    return groups


def _names(node: ast.expr) -> set[str]:
    return {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}


def _calls(node: ast.expr) -> bool:
    """Whether a call stands in an expression that may do more than compute."""
    return any(isinstance(n, ast.Call) and not _computes(n.func) for n in ast.walk(node))


def _computes(function: ast.expr) -> bool:
    if isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name):
        return function.value.id in _MODULES and function.attr not in _WRITERS
    return isinstance(function, ast.Name) and function.id in _PURE
