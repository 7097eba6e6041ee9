"""The shape of a function's result when several returns must be joined.

A result that is a tuple or list display (or a value of Tuple or frozen Struct type) is joined element by
element, since such values are taken apart at joins; a NamedTuple or frozen class is constructed again from
the joined fields.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import reduce

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
        return "list" if kind.listed else "tuple", len(kind.items), kind.cls, kind.names
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
    found = returns(func)
    places = dict(_mixed([op.value for op in found], ()))
    if not places:
        return func

    def visit(block: Block) -> Block:
        ops: list[Op] = []
        for op in block.ops:
            if isinstance(op, Return):
                op = replace(op, value=_made_whole(op.value, (), places, op.loc, ops))
            ops.append(with_blocks(op, tuple(map(visit, blocks(op)))))
        return Block(block.params, tuple(ops))

    return replace(func, body=visit(func.body))


_Place = tuple[int, ...]


def _mixed(found: Sequence[Operand | Type], place: _Place) -> Iterator[tuple[_Place, List]]:
    """Where displays of lists meet other lists, and the type that holds them all."""
    displays = {len(o.items) for o in found if isinstance(o, Pack) and o.kind == "list"}
    if displays:
        kind = reduce(join, (strip(o if isinstance(o, Type) else o.type) for o in found))
        if isinstance(kind, List) and (len(displays) > 1 or not all(isinstance(o, Pack) for o in found)):
            yield place, kind
        return
    parts = [_items(o) for o in found]
    for n, items in enumerate(zip(*(p for p in parts if p is not None))):
        if all(p is not None and len(p) == len(parts[0] or ()) for p in parts):
            yield from _mixed(items, (*place, n))


def _items(o: Operand | Type) -> Sequence[Operand | Type] | None:
    """The items of a tuple."""
    if isinstance(o, Pack):
        return o.items
    t = strip(o if isinstance(o, Type) else o.type)
    return t.items if isinstance(t, Tuple) else None


def _made_whole(o: Operand, place: _Place, places: dict[_Place, List], loc: Loc, ops: list[Op]) -> Operand:
    if not isinstance(o, Pack):
        return o
    if place in places:
        made = Value(None, places[place], loc=loc)
        ops.append(Apply(LIST, o.items, (), (made,), loc))
        return made
    items = (_made_whole(i, (*place, n), places, loc, ops) for n, i in enumerate(o.items))
    return Pack(tuple(items), o.kind)


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
