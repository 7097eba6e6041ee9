"""A copy of a piece of syntax, to stand in another function: its variables get free names, names from outside become
what they stand for.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Mapping
from typing import TypeVar

from ..defs.syntax import refusal
from ..ir.values import Literal, Operand
from ..source import Loc
from .globals import Globals
from .parse import SourceInfo
from .state import Lowering, expression

Node = TypeVar("Node", bound=ast.AST)


class Resolved(ast.expr):
    """A name from outside that was looked up where it stood."""

    _fields = ()
    found: Literal

    def __deepcopy__(self, memo: object) -> Resolved:
        return ast.copy_location(known(self.found), self)


@expression(Resolved)
def resolved(low: Lowering, node: Resolved, name: str | None) -> Operand:
    return node.found


def known(found: Literal) -> Resolved:
    node = Resolved()
    node.found = found
    return node


class Renamed(ast.NodeTransformer):
    """`names`: variables and what they are called here, or the expressions that stand for them; every other name is read
    from `outside` (None: it means the same here). `source` is where the nodes stand; None: where `at` does. Calls remember
    the function (`origin`) in whose body they stand."""

    origin: object = None

    def __init__(
        self,
        names: Mapping[str, str | ast.expr],
        outside: Globals | None = None,
        source: SourceInfo | None = None,
        at: ast.AST | None = None,
    ) -> None:
        self.names, self.outside, self.source, self.at = names, outside, source, at

    def copy(self, node: Node) -> Node:
        made: Node = self.visit(copy.deepcopy(node))
        for part in ast.walk(made):
            self.place(part)
        return made

    def place(self, node: ast.AST) -> None:
        if self.at is not None and "lineno" in getattr(node, "_attributes", ()):
            ast.copy_location(node, self.at)
            keep = getattr(self.at, "source", None)
        else:
            keep = self.source
        if keep is not None:
            node.source = keep  # type: ignore[attr-defined]

    def visit_Name(self, node: ast.Name) -> ast.expr:
        new = self.names.get(node.id)
        if isinstance(new, str):
            return ast.copy_location(ast.Name(new, node.ctx), node)
        if new is not None:
            return copy.copy(new)
        if self.outside is None:
            return node
        loc = Loc(self.source.file, node.lineno, node.col_offset + 1) if self.source is not None else Loc("", 0)
        if not isinstance(node.ctx, ast.Load):
            raise refusal("global", loc)
        return ast.copy_location(known(self.outside.read(node.id, loc)), node)

    def visit_Call(self, node: ast.Call) -> ast.AST:
        if self.origin is not None:
            node.within = (*getattr(node, "within", ()), self.origin)  # type: ignore[attr-defined]
        return self.generic_visit(node)

    def visit_Nonlocal(self, node: ast.Nonlocal) -> ast.AST:
        return ast.copy_location(ast.Pass(), node)
