"""Assignment: to names, tuples of targets, subscripts and attributes; augmented assignment; opening of
iteration spaces.

Binding a name changes the variable map and makes no op. A tuple of targets against a tuple display
takes it apart; against any other operand it is an `unpack` op. In `a[i] += v` base and index are
evaluated once.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable
from typing import Any

from ..defs.structural import UNPACK
from ..ir.ops import Apply, Attr, Index, Place, Store
from ..ir.types import ANY
from ..ir.values import Literal, Operand, Pack, Value
from .expressions import index, load
from .state import SLOT, Lowering, callee_of, statement

IN_PLACE: dict[type[ast.operator], Callable[..., Any]] = {
    ast.Add: operator.iadd,
    ast.Sub: operator.isub,
    ast.Mult: operator.imul,
    ast.MatMult: operator.imatmul,
    ast.Div: operator.itruediv,
    ast.FloorDiv: operator.ifloordiv,
    ast.Mod: operator.imod,
    ast.Pow: operator.ipow,
    ast.LShift: operator.ilshift,
    ast.RShift: operator.irshift,
    ast.BitAnd: operator.iand,
    ast.BitOr: operator.ior,
    ast.BitXor: operator.ixor,
}


def name_of(target: ast.expr) -> str | None:
    return target.id if isinstance(target, ast.Name) else None


def assign(low: Lowering, target: ast.expr, operand: Operand) -> None:
    """Bind a target to an operand that was already evaluated."""
    match target:
        case ast.Name(id=name):
            low.bind(name, low.settle(operand, target, name), target)
        case ast.Tuple() | ast.List():
            _unpack(low, target, operand)
        case _:
            base, place = _place(low, target)
            store(low, base, place, low.settle(operand, target), target)


def _unpack(low: Lowering, target: ast.Tuple | ast.List, operand: Operand) -> None:
    """`a, *rest, b = e`: the name behind the star takes a list of what the others leave."""
    star = next((i for i, part in enumerate(target.elts) if isinstance(part, ast.Starred)), None)
    plain = [part.value if isinstance(part, ast.Starred) else part for part in target.elts]
    parts = operand.items if isinstance(operand, Pack) else _taken_apart(low, target, plain, star, operand)
    if star is not None and isinstance(operand, Pack) and len(parts) >= len(plain) - 1:
        end = len(parts) - (len(plain) - 1 - star)
        parts = (*parts[:star], Pack(parts[star:end], "list"), *parts[end:])
    if len(parts) != len(plain):
        raise low.refuse("unpack count", target, count=len(parts), targets=len(plain))
    for part, item in zip(plain, parts):
        assign(low, part, item)


def _taken_apart(
    low: Lowering, target: ast.expr, parts: list[ast.expr], star: int | None, operand: Operand
) -> tuple[Operand, ...]:
    results = tuple(Value(name_of(t), ANY, None, None, low.loc(t)) for t in parts)
    kwargs = () if star is None else (("star", Literal(star)),)
    low.ops.append(Apply(UNPACK, (operand,), kwargs, results, low.loc(target)))
    return results


def _place(low: Lowering, target: ast.expr) -> tuple[Operand, Place]:
    """Base and place of a subscript or attribute, each evaluated once; of a variable that is a cell, its slot."""
    if isinstance(target, ast.Name):
        return low.cell(target.id, target), SLOT
    if isinstance(target, ast.Attribute):
        return low.value(target.value), Attr(low.unit.source.mangled(target.attr))
    if not isinstance(target, ast.Subscript):
        raise low.refuse(type(target).__name__, target)
    base = low.value(target.value)
    return base, index(low, target.slice)


def store(low: Lowering, base: Operand, place: Place, value: Operand, node: ast.AST) -> None:
    low.ops.append(Store(base, place, value, False, low.loc(node)))


@statement(ast.AugAssign)
def augmented(low: Lowering, node: ast.AugAssign) -> None:
    fn = callee_of(IN_PLACE[type(node.op)])
    if isinstance(node.target, ast.Name) and node.target.id not in low.unit.cells:
        name = node.target.id
        old = low.read(name, node.target)
        low.vars[name] = low.apply(fn, (old, low.expr(node.value)), node, name)
        return
    base, place = _place(low, node.target)
    settled = Index(tuple(_once(low, i, node) for i in place.items)) if isinstance(place, Index) else place
    old = load(low, base, settled, node.target)
    store(low, base, settled, low.apply(fn, (old, low.expr(node.value)), node), node.target)


def _once(low: Lowering, item: Any, node: ast.AST) -> Any:
    """An index that is used twice: a list display in it is built once."""
    return low.settle(item, node) if isinstance(item, Pack) else item
