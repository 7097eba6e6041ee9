"""Calls that a row says how to write (`Def.printed`): `s(t)`, `A @ v`, `scipy.sparse.linalg.spsolve(A, b)`.

The text is an expression over the names of the row's parameters. Where it is a call, arguments that weren't given are left
out of it, and keyword arguments are put behind them.
"""

from __future__ import annotations

import ast
import functools
from typing import TYPE_CHECKING, Any

from ..defs.objects import template
from ..defs.table import Def
from ..ir.ops import Apply
from ..ir.values import Operand

if TYPE_CHECKING:
    from .exprs import Exprs


def as_printed(e: Exprs, op: Apply) -> ast.expr:
    """A call in the form that its row gives it."""
    form = template(_row(op))
    given, rest = form.bind(op.args)
    written = ast.parse(form.text, mode="eval").body
    takes_arguments = isinstance(written, ast.Call) and bool(written.args)
    node = _Filler(e, given, rest, form.names).visit(written)
    if takes_arguments:
        node.keywords = [ast.keyword(k, e.expr(v)) for k, v in op.kwargs]
    assert isinstance(node, ast.expr)
    return node


def order_of(op: Apply) -> tuple[Operand, ...]:
    """The arguments in the order in which the text evaluates them."""
    form = template(_row(op))
    given, rest = form.bind(op.args)
    shown = [n.id for n in _names(form.text) if n.id in form.names]
    shows_rest = "*rest" in form.text
    return (*(given[n] for n in shown if n in given), *(rest if shows_rest else ()), *(v for _, v in op.kwargs))


def root_of(d: Def) -> str:
    """The global name that the text begins with, if it does."""
    form = template(d)
    return next((n.id for n in _names(form.text) if n.id not in form.names), "np")


def _row(op: Apply) -> Def:
    assert isinstance(op.fn, Def)
    return op.fn


@functools.cache
def _names(text: str) -> list[ast.Name]:
    found = [n for n in ast.walk(ast.parse(text, mode="eval")) if isinstance(n, ast.Name)]
    return sorted(found, key=lambda n: n.col_offset)


class _Filler(ast.NodeTransformer):
    """Puts expressions in the place of names."""

    def __init__(self, e: Exprs, given: dict[str, Operand], rest: tuple[Operand, ...], names: tuple[str, ...]) -> None:
        self.e, self.given, self.rest, self.names = e, given, rest, names

    def visit_Name(self, node: ast.Name) -> Any:
        return self.e.expr(self.given[node.id]) if node.id in self.given else node

    def visit_Call(self, node: ast.Call) -> Any:
        kept = [a for a in node.args if not isinstance(a, ast.Name) or a.id in self.given or a.id not in self.names]
        head = self.visit(node.func)
        args = [self.visit(a) for a in kept if not isinstance(a, ast.Starred)]
        rest = self.e.exprs(self.rest) if len(args) < len(kept) else []
        return ast.Call(head, [*args, *rest], [])
