"""The shape of a function's result when several returns must be joined.

A result that is a tuple or list display (or a value of Tuple or frozen Struct type) is joined element by
element, since such values are taken apart at joins; a NamedTuple or frozen class is constructed again from
the joined fields.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import reduce
from typing import TypeGuard

from ..defs.structural import CONSTRUCT, LIST
from ..errors import DiffTypeError
from ..ir.ops import Apply, Attr, Block, Func, Index, Load, Op, Place, Return
from ..ir.types import List, Struct, Tuple, Type, join, strip
from ..ir.values import Literal, Operand, Pack, Value
from ..ir.walk import blocks, walk, with_blocks
from ..source import Loc


@dataclass(frozen=True, slots=True)
class Shape:
    """A leaf when `items` is None, else a tuple or list of shapes; `cls` is a NamedTuple or frozen class."""

    items: tuple[Shape, ...] | None = None
    kind: str = "tuple"
    cls: type | None = None
    fields: tuple[str, ...] = ()


LEAF = Shape()


def returns(func: Func) -> list[Return]:
    return [op for op in walk(func.body) if isinstance(op, Return)]


def return_shape(func: Func) -> Shape:
    """The shape that all returns of a function have.

    Raises:
        DiffTypeError: when their displays differ in kind or length.
    """
    found = returns(func)
    if len(found) == 1 and found[0] is func.body.ops[-1] and not isinstance(found[0].value, Pack):
        return LEAF
    return _shape([(op.value, op.value.type, op.loc) for op in found])


def _own_shape(operand: Operand | None, kind: Type) -> tuple[str, int, type | None, tuple[str, ...]] | None:
    """Kind, length, class and field names of something that is taken apart; None for a leaf."""
    if isinstance(operand, Pack):
        return operand.kind, len(operand.items), None, ()
    kind = strip(kind)
    if isinstance(kind, Tuple):
        return "tuple", len(kind.items), kind.cls, kind.names
    if isinstance(kind, Struct) and kind.frozen:
        return "struct", len(kind.fields), kind.cls, tuple(n for n, _ in kind.fields)
    return None


def _shape(found: Sequence[tuple[Operand | None, Type, Loc]]) -> Shape:
    shapes = [_own_shape(operand, kind) for operand, kind, _ in found]
    if all(s is None for s in shapes):
        return LEAF
    first = shapes[0]
    for shape, (_, _, loc) in zip(shapes, found):
        if shape != first or first is None or shape is None:
            raise DiffTypeError(
                "the returns of this function give results of different structure",
                loc=loc,
                hint="return tuples of one length everywhere, or values that are no tuples",
            )
    assert first is not None
    form, length, cls, fields = first
    columns = [[_part(operand, kind, loc, n) for operand, kind, loc in found] for n in range(length)]
    return Shape(tuple(map(_shape, columns)), form, cls, fields)


def _part(operand: Operand | None, kind: Type, loc: Loc, n: int) -> tuple[Operand | None, Type, Loc]:
    if isinstance(operand, Pack):
        return operand.items[n], operand.items[n].type, loc
    kind = strip(kind)
    if isinstance(kind, Tuple):
        return None, kind.items[n], loc
    assert isinstance(kind, Struct)
    return None, kind.fields[n][1], loc


def whole_lists(func: Func) -> Func:
    """List displays that are returned become lists where another return gives a list that isn't one, or of another length."""
    found = [op.value for op in returns(func)]
    displays = {len(v.items) for v in found if _is_list_display(v)}
    if not displays or (len(displays) == 1 and all(map(_is_list_display, found))):
        return func
    kind = reduce(join, (strip(v.type) for v in found))
    if not isinstance(kind, List):
        return func

    def visit(block: Block) -> Block:
        ops: list[Op] = []
        for op in block.ops:
            if isinstance(op, Return) and _is_list_display(op.value):
                made = Value(None, kind, loc=op.loc)
                ops.append(Apply(LIST, op.value.items, (), (made,), op.loc))
                op = replace(op, value=made)
            ops.append(with_blocks(op, tuple(map(visit, blocks(op)))))
        return Block(block.params, tuple(ops))

    return replace(func, body=visit(func.body))


def _is_list_display(operand: Operand) -> TypeGuard[Pack]:
    return isinstance(operand, Pack) and operand.kind == "list"


def take_apart(func: Func, shape: Shape) -> Func:
    """Every return gives packs of the shape: values of Tuple type are loaded element by element."""
    if shape == LEAF:
        return func

    def visit(block: Block) -> Block:
        ops: list[Op] = []
        for op in block.ops:
            if isinstance(op, Return):
                op = replace(op, value=_opened(op.value, shape, op.loc, ops))
            ops.append(with_blocks(op, tuple(map(visit, blocks(op)))))
        return Block(block.params, tuple(ops))

    return replace(func, body=visit(func.body))


def _opened(operand: Operand, shape: Shape, loc: Loc, ops: list[Op]) -> Operand:
    if shape.items is None:
        return operand
    if isinstance(operand, Pack):
        return Pack(tuple(_opened(o, s, loc, ops) for o, s in zip(operand.items, shape.items)), operand.kind)
    parts: list[Operand] = []
    for n, inner in enumerate(shape.items):
        kind = _part(operand, operand.type, loc, n)[1]
        place: Place = Attr(shape.fields[n]) if shape.kind == "struct" else Index((Literal(n),))
        result = Value(None, kind, getattr(operand, "mem", None), getattr(operand, "active", None), loc)
        ops.append(Load(operand, place, result, loc))
        parts.append(_opened(result, inner, loc, ops))
    return Pack(tuple(parts))


def flatten(operand: Operand, shape: Shape) -> tuple[Operand, ...]:
    """The leaves of an operand of a shape."""
    if shape.items is None:
        return (operand,)
    assert isinstance(operand, Pack)
    return tuple(leaf for o, s in zip(operand.items, shape.items) for leaf in flatten(o, s))


def rebuild(leaves: Sequence[Operand], shape: Shape, loc: Loc) -> tuple[list[Op], Operand]:
    """The operand of a shape with given leaves, and the ops that construct the classes in it."""
    left = list(leaves)
    ops: list[Op] = []

    def build(s: Shape) -> Operand:
        if s.items is None:
            return left.pop(0)
        items = tuple(map(build, s.items))
        if s.cls is None:
            return Pack(items, s.kind)
        kinds = tuple(o.type for o in items)
        kind: Type = Struct(s.cls, tuple(zip(s.fields, kinds)), True)
        if s.kind == "tuple":
            kind = Tuple(kinds, s.cls, s.fields)
        result = Value(None, kind, None, None, loc)
        ops.append(Apply(CONSTRUCT, (Literal(s.cls), *items), (), (result,), loc))
        return result

    return ops, build(shape)
