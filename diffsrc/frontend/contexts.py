"""Contexts made by `contextlib.contextmanager`: the body of the `with` stands where the generator yields.

    with scaled(c, v) as w: BODY              c.append(v)
                                              try:
    @contextmanager                               w = v * 2
    def scaled(c, k):                 ->          BODY
        c.append(k)                           finally:
        try: yield k * 2                          c.pop()
        finally: c.pop()

An exception of the body comes from the `yield`, as it does in Python. A body that is left by an exit isn't taken: what stands
behind the `yield` would be passed over.
"""

from __future__ import annotations

import ast
import contextlib
import inspect
import sys
from types import FunctionType

from ..defs.contexts import HARMLESS
from .producers import Producer, of_function, resolve
from .splice import in_place
from .state import Lowering

_MADE = contextlib.contextmanager(lambda: iter(())).__code__


def made_by_generator(low: Lowering, node: ast.With, item: ast.withitem, rest: list[ast.withitem]) -> bool:
    """Lower such a context; False for any other."""
    found = _producer(low, item.context_expr)
    if found is None or any(_is_left(s, False) for s in node.body):
        return False
    body: list[ast.stmt] = [ast.copy_location(ast.With(rest, node.body), node)] if rest else node.body
    taken = _AtYield(item.optional_vars, body)
    statements = [s for old in found.body for s in taken.put(old)]
    if taken.count != 1:
        return False
    in_place(low, node, statements, found.names)
    return True


def _producer(low: Lowering, node: ast.expr) -> Producer | None:
    """The body of the generator function, where it yields once, in no loop."""
    target = resolve(low, node.func) if isinstance(node, ast.Call) else None
    if not isinstance(node, ast.Call) or not isinstance(target, FunctionType) or target.__code__ is not _MADE:
        return None
    if target in HARMLESS or target.__module__.partition(".")[0] in sys.stdlib_module_names:
        return None
    generator = inspect.unwrap(target)
    if not isinstance(generator, FunctionType) or not inspect.isgeneratorfunction(generator):
        return None
    low.expr(node.func)  # a name from outside is noted
    return of_function(low, node, generator)


def _is_left(node: ast.AST, in_loop: bool) -> bool:
    """Whether an exit inside leaves the statement."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef):
        return False
    if isinstance(node, ast.Return | ast.Yield | ast.YieldFrom) or (isinstance(node, ast.Break | ast.Continue) and not in_loop):
        return True
    if isinstance(node, ast.For | ast.While):
        return any(_is_left(s, True) for s in node.body) or any(_is_left(s, in_loop) for s in node.orelse)
    return any(_is_left(child, in_loop) for child in ast.iter_child_nodes(node))


class _AtYield:
    """Puts a body in place of `yield`."""

    def __init__(self, target: ast.expr | None, body: list[ast.stmt]) -> None:
        self.target, self.body = target, body
        self.count = 0

    def put(self, statement: ast.stmt) -> list[ast.stmt]:
        yields = [n for n in ast.walk(statement) if isinstance(n, ast.Yield | ast.YieldFrom)]
        if not yields:
            if any(isinstance(n, ast.Return) for n in ast.walk(statement)):
                self.count += 2  # it may end before it yields
            return [statement]
        match statement:
            case ast.Expr(value=ast.Yield(value=value)):
                self.count += 1
                given = ast.Constant(None) if value is None else value
                first: ast.stmt = ast.Expr(given) if self.target is None else ast.Assign([self.target], given)
                return [ast.fix_missing_locations(ast.copy_location(first, statement)), *self.body]
            case ast.Try() if not any(isinstance(n, ast.Yield) for h in statement.handlers for n in ast.walk(h)):
                body = [s for old in statement.body for s in self.put(old)]
                return [ast.copy_location(ast.Try(body, statement.handlers, statement.orelse, statement.finalbody), statement)]
            case ast.With():
                body = [s for old in statement.body for s in self.put(old)]
                return [ast.copy_location(ast.With(statement.items, body), statement)]
        self.count += 2
        return [statement]
