"""Inner functions that `functools.cache` remembers, with a dict in its place.

    @cache                                 d_cache = {}
    def d(i, j):                           def d_uncached(i, j):
        return d(i - 1, j) + ...    ->         return d(i - 1, j) + ...
                                           def d(i, j):
                                               if (i, j) not in d_cache:
                                                   d_cache[i, j] = d_uncached(i, j)
                                               return d_cache[i, j]
"""

from __future__ import annotations

import ast
import copy
import functools

from .globals import Globals
from .scope import FunctionNode, own_names

_CACHES = (functools.cache, functools.lru_cache)


def with_caches(node: FunctionNode, world: Globals) -> FunctionNode:
    """A function with the caches of its inner functions written out."""
    taken = set(own_names(node))
    inner = [part for part in ast.walk(node) if part is not node and isinstance(part, ast.FunctionDef)]
    if not any(_is_cache(d, world, taken) for f in inner for d in f.decorator_list):
        return node
    copied = copy.deepcopy(node)  # the tree of a file is kept
    _Written(world, taken).generic_visit(copied)
    return copied


def _is_cache(node: ast.expr, world: Globals, local: set[str]) -> bool:
    match node:
        case ast.Call(func=function, args=args, keywords=keywords):
            plain = all(isinstance(v, ast.Constant) for v in (*args, *(k.value for k in keywords)))
            return plain and _found(function, world, local) is functools.lru_cache
    return any(_found(node, world, local) is c for c in _CACHES)


def _found(node: ast.expr, world: Globals, local: set[str]) -> object:
    match node:
        case ast.Name(id=name):
            return None if name in local else world.peek(name)
        case ast.Attribute(value=ast.Name(id=module), attr=attr) if module not in local:
            return getattr(world.peek(module), attr, None)
    return None


class _Written(ast.NodeTransformer):
    def __init__(self, world: Globals, taken: set[str]) -> None:
        self.world = world
        self.taken = taken

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef | list[ast.stmt]:
        self.generic_visit(node)
        left = [d for d in node.decorator_list if not _is_cache(d, self.world, self.taken)]
        if len(left) == len(node.decorator_list):
            return node
        node.decorator_list = left
        a = node.args
        if left or a.vararg or a.kwarg or a.kwonlyargs or not (a.posonlyargs or a.args):
            return node  # it gives the same without
        return self._remembered(node)

    def _remembered(self, node: ast.FunctionDef) -> list[ast.stmt]:
        params = [p.arg for p in (*node.args.posonlyargs, *node.args.args)]
        cache, plain = self._free(f"{node.name}_cache"), self._free(f"{node.name}_uncached")
        key = ", ".join(params)
        text = (
            f"{cache} = {{}}\n"
            f"def {node.name}():\n"
            f"    if ({key}) not in {cache}:\n"
            f"        {cache}[{key}] = {plain}({key})\n"
            f"    return {cache}[{key}]\n"
        )
        first, front = ast.parse(text).body
        assert isinstance(front, ast.FunctionDef)
        for made in (first, front):
            for part in ast.walk(made):
                if hasattr(part, "lineno"):
                    ast.copy_location(part, node)
        front.args = node.args
        node.args = copy.deepcopy(node.args)
        node.args.defaults = []
        node.name = plain
        return [first, node, front]

    def _free(self, name: str) -> str:
        while name in self.taken:
            name += "_"
        self.taken.add(name)
        return name
