"""The places that statements write, and augmented assignment to them."""

from __future__ import annotations

import ast

from ..errors import InternalError
from ..ir.ops import Slice
from ..ir.types import Array, Scalar, strip
from ..ir.values import Literal, Value

Target = ast.Name | ast.Attribute | ast.Subscript


def augmented(target: Target, kind: ast.operator, value: ast.expr, as_written: bool = False) -> ast.AugAssign:
    """`a += v`; `a += -v` becomes `a -= v`, unless the user wrote it so."""
    if isinstance(kind, (ast.Add, ast.Sub)) and not as_written:
        positive = _without_sign(value)
        if positive is not None:
            return ast.AugAssign(target, ast.Sub() if isinstance(kind, ast.Add) else ast.Add(), positive)
    return ast.AugAssign(target, kind, value)


def _without_sign(node: ast.expr) -> ast.expr | None:
    """The product or quotient without the minus sign of its first factor; None when it has none."""
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return node.operand
    if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Mult, ast.Div)):
        left = _without_sign(node.left)
        return None if left is None else ast.BinOp(left, node.op, node.right)
    return None


def as_target(node: ast.expr) -> Target:
    """The place as a target."""
    if isinstance(node, (ast.Subscript, ast.Attribute, ast.Name)):
        node.ctx = ast.Store()
        return node
    raise InternalError(f"can't store into {ast.unparse(node)}")


def picks_once(item: object) -> bool:
    """Whether an index item selects each place at most once: an integer, a slice, None, an ellipsis or a mask."""
    if isinstance(item, Slice):
        return True
    if isinstance(item, Literal):
        return item.value is None or item.value is Ellipsis or type(item.value) is int
    kind = strip(item.type) if isinstance(item, Value) else None
    if isinstance(kind, Array):
        return kind.dtype == "b1"
    return isinstance(kind, Scalar) and (kind.kind == "int" or kind.kind[0] in "iu")
