"""Rows of the rule table that print as statements of their own."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from ..defs.structural import ASSERT, LIST_APPEND, LIST_CUT, LIST_INSERT, UNPACK
from ..ir.ops import Apply
from ..ir.values import Literal, Operand, Pack
from .exprs import call, fstring

if TYPE_CHECKING:
    from .stmts import Stmts


def unpack(s: Stmts, op: Apply) -> ast.stmt:
    items = [s.one_target(r) for r in op.results]
    return ast.Assign([ast.Tuple(items, ast.Store())], s.e.expr(op.args[0]))


def assert_(s: Stmts, op: Apply) -> ast.stmt:
    cond, *rest = op.args
    return ast.Assert(s.e.expr(cond), _message(s, rest[0]) if rest else None)


def _message(s: Stmts, operand: Operand) -> ast.expr | None:
    """The message of an assert: nothing, a value, or the parts of an f-string."""
    if isinstance(operand, Literal) and operand.value is None:
        return None
    if not isinstance(operand, Pack):
        return s.e.expr(operand)
    if len(operand.items) == 1 and not isinstance(operand.items[0], Pack):
        return s.e.expr(operand.items[0])
    return fstring(s.e, operand.items)


def append(s: Stmts, op: Apply) -> ast.stmt:
    return ast.Expr(call(ast.Attribute(s.e.expr(op.args[0]), "append", ast.Load()), s.e.expr(op.args[1])))


def insert(s: Stmts, op: Apply) -> ast.stmt:
    container, *given = s.e.exprs(op.args)
    return ast.Expr(call(ast.Attribute(container, "insert", ast.Load()), *given))


def cut(s: Stmts, op: Apply) -> ast.stmt:
    part = ast.Slice(*s.e.exprs(op.args[1:]))
    return ast.Delete([ast.Subscript(s.e.expr(op.args[0]), part, ast.Del())])


STATEMENTS = {LIST_CUT: cut, UNPACK: unpack, ASSERT: assert_, LIST_APPEND: append, LIST_INSERT: insert}
