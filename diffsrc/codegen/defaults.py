"""`y = x` before an `if` instead of `else: y = x`.

The lowered program doesn't tell them apart.  The form before is the usual one; it is right when the first
arm sets the same variables, completes, and neither it nor the condition reads them.
"""

from __future__ import annotations

import ast

from ..ir.ops import Apply, If, Load, View
from ..ir.values import Literal, Operand, Value
from .comments import Item, in_order
from .flow import Flow

EXITS = (ast.Break, ast.Continue, ast.Return, ast.Raise)


def is_default(op: If, flow: Flow, then: list[Item], other: list[Item], cond: ast.expr) -> bool:
    """Whether the other arm only gives a default to what the first one sets."""
    if len(op.other.ops) > 1 or not all(map(_is_plain_copy, other)):
        return False
    if not all(_is_bound_before(op, source, flow) for _, source in flow.copies(op.other.terminator)):
        return False
    nodes = [item.node for item in in_order(then) if item.node is not None]
    if any(isinstance(n, EXITS) for n in nodes):
        return False
    targets = {name for item in other for name in _targets(item.node)}
    set_there = {name for item in then for name in _targets(item.node)}
    return targets <= set_there and not targets & set().union(_reads(cond), *map(_reads, nodes))


def _is_bound_before(op: If, source: Operand, flow: Flow) -> bool:
    """Whether a default was certainly bound when the `if` begins, and not written inside it."""
    if isinstance(source, Literal):
        return 0 < source.loc.line < op.loc.line
    made = flow.define.get(source) if isinstance(source, Value) else None
    return isinstance(made, (Apply, Load, View)) or source in flow.params


def _is_plain_copy(item: Item) -> bool:
    node = item.node
    if not isinstance(node, ast.Assign) or not isinstance(node.targets[0], ast.Name):
        return False
    return isinstance(node.value, (ast.Name, ast.Constant))


def _targets(node: ast.AST | None) -> list[str]:
    """The names that an assignment sets."""
    if not isinstance(node, ast.Assign):
        return []
    return [n.id for n in ast.walk(node.targets[0]) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)]


def _reads(node: ast.AST) -> set[str]:
    """The names that a statement or expression reads; an augmented assignment reads its target."""
    augmented = {node.target.id} if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name) else set()
    return augmented | {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)}
