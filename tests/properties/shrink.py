"""Smaller programs that fail in the same way: statements and parts of expressions taken away one by one."""

from __future__ import annotations

import ast
import copy
import time
from collections.abc import Callable, Iterator
from dataclasses import replace

from .programs import Program

UNWRAPPED = (ast.If, ast.For, ast.While, ast.Try, ast.With)


def shrink(p: Program, fails: Callable[[Program], bool], seconds: float = 30.0) -> Program:
    """The smallest program found within a time for which `fails` holds."""
    end = time.monotonic() + seconds
    if len(p.points) > 1:
        for point in p.points:
            if fails(alone := replace(p, points=(point,))):
                p = alone
                break
    changed = True
    while changed and time.monotonic() < end:
        changed = False
        for source in _smaller(p.source):
            if time.monotonic() > end:
                break
            if fails(candidate := replace(p, source=source)):
                p, changed = candidate, True
                break
    return p


def _smaller(source: str) -> Iterator[str]:
    """Texts with one thing less, big things first."""
    tree = ast.parse(source)
    for kind in (_without_statement, _unwrapped, _smaller_expressions):
        yield from kind(tree, source)


def _bodies(tree: ast.AST) -> list[tuple[ast.AST, str]]:
    return [
        (node, name)
        for node in ast.walk(tree)
        for name in ("body", "orelse", "finalbody")
        if isinstance(getattr(node, name, None), list) and getattr(node, name)
    ]


def _changed(tree: ast.AST, number: int, change: Callable[[list[ast.stmt], ast.AST, str], bool]) -> str | None:
    mine = copy.deepcopy(tree)
    node, name = _bodies(mine)[number]
    if not change(getattr(node, name), node, name):
        return None
    try:
        return ast.unparse(ast.fix_missing_locations(mine))
    except (ValueError, AttributeError):
        return None


def _without_statement(tree: ast.AST, source: str) -> Iterator[str]:
    for number, (node, name) in enumerate(_bodies(tree)):
        statements = getattr(node, name)
        for i in reversed(range(len(statements))):

            def change(found: list[ast.stmt], owner: ast.AST, where: str, i: int = i) -> bool:
                if isinstance(found[i], ast.Pass) or isinstance(found[i], (ast.Import, ast.ImportFrom)):
                    return False
                del found[i]
                if not found and where == "body":
                    found.append(ast.Pass())
                return True

            text = _changed(tree, number, change)
            if text is not None:
                yield text


def _unwrapped(tree: ast.AST, source: str) -> Iterator[str]:
    """Compound statements replaced by their bodies."""
    for number, (node, name) in enumerate(_bodies(tree)):
        for i, statement in enumerate(getattr(node, name)):
            for part in ("body", "orelse", "finalbody"):
                if not isinstance(statement, UNWRAPPED) or not getattr(statement, part, None):
                    continue

                def change(found: list[ast.stmt], o: ast.AST, w: str, i: int = i, part: str = part) -> bool:
                    found[i : i + 1] = getattr(found[i], part)
                    return True

                text = _changed(tree, number, change)
                if text is not None:
                    yield text


def _smaller_expressions(tree: ast.AST, source: str) -> Iterator[str]:
    """Expressions replaced by one of their parts."""
    count = sum(1 for n in ast.walk(tree) if isinstance(n, ast.expr))
    for number in range(count):
        for choice in range(3):
            mine = copy.deepcopy(tree)
            swap = _Swap(number, choice)
            new = swap.visit(mine)
            if swap.done:
                yield ast.unparse(ast.fix_missing_locations(new))


class _Swap(ast.NodeTransformer):
    def __init__(self, number: int, choice: int) -> None:
        self.left, self.choice, self.done = number, choice, False

    def visit(self, node: ast.AST) -> ast.AST:
        if isinstance(node, ast.expr):
            self.left -= 1
            if self.left == -1:
                return self._part(node)
        return super().visit(node)  # type: ignore[no-any-return]

    def _part(self, node: ast.expr) -> ast.AST:
        parts: list[ast.expr] = []
        match node:
            case ast.BinOp():
                parts = [node.left, node.right]
            case ast.Call():
                inner = [a for a in node.args if not isinstance(a, (ast.Tuple, ast.Starred))]
                parts = inner[:2] + ([node.func.value] if isinstance(node.func, ast.Attribute) else [])
                parts = [p for p in parts if not (isinstance(p, ast.Name) and p.id in ("np", "math"))]
            case ast.UnaryOp():
                parts = [node.operand]
            case ast.IfExp():
                parts = [node.body, node.orelse]
            case ast.BoolOp():
                parts = node.values[:3]
            case ast.Subscript() if isinstance(node.ctx, ast.Load):
                parts = [node.value]
        if self.choice >= len(parts):
            return node
        self.done = True
        return parts[self.choice]
