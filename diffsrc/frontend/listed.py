"""Arguments that are listed, changed one by one and handed on, as tuples: their number is known.

    args = list(args)            args = tuple(args)
    args[k] = f(args[k])    ->   args[k]
                                 args = (*args[:k], f(args[k]), *args[k:][1:])
    return g(*args)              return g(*args)
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator

from .globals import Globals
from .scope import FunctionNode, own_names


def with_tuples(node: FunctionNode, world: Globals) -> FunctionNode:
    """A function with such lists as tuples, in the functions inside it too; others stay."""
    if isinstance(node, ast.Lambda) or (world.find("list"), world.find("tuple")) != (list, tuple) or not any(_lists(node)):
        return node
    copied = copy.deepcopy(node)  # the tree of a file is kept
    for function, names in list(_lists(copied)):
        _Written(set(names)).generic_visit(function)
    return copied


def _lists(node: ast.AST) -> Iterator[tuple[ast.FunctionDef, list[str]]]:
    """The functions in a tree that have such lists, with their variables."""
    for function in ast.walk(node):
        if isinstance(function, ast.FunctionDef):
            if {"list", "tuple"} & set(own_names(function)):
                return
            names = [name for name in _made(function) if _fits(function, name)]
            if names := [name for name in names if name in own_names(function)]:
                yield function, names


def _made(node: ast.AST) -> list[str]:
    """The variables that are bound to `list(variable)`."""
    return [a.targets[0].id for a in ast.walk(node) if _is_listed(a) and isinstance(a, ast.Assign)
            and isinstance(a.targets[0], ast.Name)]  # fmt: skip


def _is_listed(node: ast.AST) -> bool:
    match node:
        case ast.Assign(targets=[ast.Name()], value=ast.Call(func=ast.Name(id="list"), args=[ast.Name()], keywords=[])):
            return True
    return False


def _fits(node: ast.FunctionDef, name: str) -> bool:
    """Whether the list is bound once, handed on by `*name`, and otherwise only read and replaced item by item."""
    uses = _Uses(name)
    uses.visit(ast.Module(node.body, []))
    return uses.spread and not uses.other and uses.bound == 1


class _Uses(ast.NodeVisitor):
    """What is done with a variable."""

    def __init__(self, name: str) -> None:
        self.name, self.spread, self.other, self.bound = name, False, False, 0

    def _is(self, node: ast.AST) -> bool:
        return isinstance(node, ast.Name) and node.id == self.name

    def visit_Assign(self, node: ast.Assign) -> None:
        match node.targets:
            case [ast.Name(id=self.name)] if _is_listed(node):
                self.bound += 1
                if not self._is(node.value.args[0]):  # type: ignore[attr-defined]
                    self.visit(node.value)
            case [ast.Subscript(value=ast.Name(id=self.name), slice=ast.Name() | ast.Constant())]:
                self.visit(node.value)
            case _:
                self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        for arg in node.args:
            if isinstance(arg, ast.Starred) and self._is(arg.value):
                self.spread = True
            else:
                self.visit(arg)
        self.visit(node.func)
        for keyword in node.keywords:
            self.visit(keyword.value)

    def visit_Subscript(self, node: ast.Subscript) -> None:
        if self._is(node.value) and isinstance(node.ctx, ast.Load) and not isinstance(node.slice, ast.Slice):
            self.visit(node.slice)
        else:
            self.generic_visit(node)

    def visit_Lambda(self, node: ast.Lambda) -> None:
        self._inner(node)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        self._inner(node)

    def _inner(self, node: ast.AST) -> None:
        self.other |= any(map(self._is, ast.walk(node)))

    def visit_Name(self, node: ast.Name) -> None:
        self.other |= self._is(node)


class _Written(ast.NodeTransformer):
    def __init__(self, names: set[str]) -> None:
        self.names = names

    def visit_Assign(self, node: ast.Assign) -> ast.AST | list[ast.stmt]:
        self.generic_visit(node)
        match node.targets:
            case [ast.Name(id=name)] if name in self.names:
                node.value.func.id = "tuple"  # type: ignore[attr-defined]
            case [ast.Subscript(value=ast.Name(id=name), slice=k)] if name in self.names:
                whole = ast.Name(name, ast.Load())
                before = ast.Subscript(whole, ast.Slice(None, k), ast.Load())
                behind = ast.Subscript(ast.Subscript(whole, ast.Slice(k), ast.Load()), ast.Slice(ast.Constant(1)), ast.Load())
                items: list[ast.expr] = [ast.Starred(before, ast.Load()), node.value, ast.Starred(behind, ast.Load())]
                made = ast.Assign([ast.Name(name, ast.Store())], ast.Tuple(items, ast.Load()))
                there = ast.Expr(ast.Subscript(whole, k, ast.Load()))  # or it raises
                return [ast.fix_missing_locations(ast.copy_location(s, node)) for s in (there, made)]
        return node
