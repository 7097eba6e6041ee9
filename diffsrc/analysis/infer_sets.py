"""Sets: they carry no derivative, and of which type their items are is known. So the loop over a set of positions reads numbers:

    seen = set()                          %seen: set[int] = set()
    seen.add(k)                           method add(%seen, %k)
    for i in seen:               ->       for %i: int in %seen {
        s += x[i]                           %0: f64 = load %x[%i]

Its operations and methods are those of Python, called as they stand.
"""

from __future__ import annotations

import builtins
import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from ..defs.shapes import elements_of
from ..defs.table import Def, lookup
from ..errors import DiffTypeError
from ..ir.ops import Apply, Method
from ..ir.types import ANY, BOTTOM, List, SetOf, Type, carries_derivative, holds_unknown, join, strip, unlit
from ..source import Loc
from .growth import grow
from .items import Item
from .typer import Parts, Typer

#: methods that give a set, and those that put the items of their arguments into their own
_GIVE = frozenset({"union", "intersection", "difference", "symmetric_difference", "copy"})
_FILL = frozenset({"add", "update", "symmetric_difference_update"})


def set_of(items: Sequence[Type]) -> Type:
    """The type of a set of items; Any where they could carry a derivative."""
    out: Type = BOTTOM
    for item in items:
        out = join(out, unlit(item))
    return ANY if carries_derivative(out) or (holds_unknown(out) and out != BOTTOM) else SetOf(out)


def items_in(typer: Typer, item: Item) -> Type:
    """What iteration over an item gives."""
    try:
        return elements_of(typer.plain_type(item))
    except DiffTypeError:
        return ANY


def make_set(typer: Typer, op: Apply, args: Parts, kwargs: Mapping[str, Item]) -> bool:
    """`set(xs)`, `frozenset(xs)`, `{a, b}`."""
    if kwargs or len(args) > 1 or not op.results:
        return False
    t = set_of([items_in(typer, a) for a in args])
    if not isinstance(t, SetOf):
        return False
    operands = tuple(map(typer.operand, args))
    typer.emit_apply(op.fn, operands, {}, t, op.results[0], op.loc)
    return True


def combined(otherwise: Callable[..., bool] | None) -> Callable[..., bool]:
    """`a | b` and the like of two sets; of anything else what `otherwise` says."""

    def rule(typer: Typer, op: Apply, args: Parts, kwargs: Mapping[str, Item]) -> bool:
        types = [strip(typer.type_of(a)) for a in args]
        if all(isinstance(t, SetOf) for t in types) and op.results:
            t = set_of([t.item for t in types if isinstance(t, SetOf)])
            typer.emit_apply(op.fn, tuple(map(typer.operand, args)), {}, t, op.results[0], op.loc)
            return True
        return otherwise is not None and otherwise(typer, op, args, kwargs)

    return rule


def call_set_method(typer: Typer, op: Apply, name: str, t: SetOf, args: Parts, kwargs: Mapping[str, Item]) -> None:
    """A method of a set."""
    result: Type = ANY
    if name in _GIVE:
        result = set_of([t.item, *(items_in(typer, a) for a in args[1:])])
    elif name == "pop":
        result = t.item
    elif name in _FILL:
        held = set_of([unlit(typer.plain_type(args[1]))] if name == "add" else [items_in(typer, a) for a in args[1:]])
        grow(typer, op.args[0], t.item, held.item if isinstance(held, SetOf) else ANY, held, op.loc)
    if isinstance(op.fn, Def):  # an in-place operator
        op = replace(op, fn=Method(name), results=())
    operands = tuple(map(typer.operand, args))
    named = tuple((k, typer.operand(v)) for k, v in kwargs.items())
    made = tuple(typer.define(r, result) for r in op.results)
    typer.emit(replace(op, args=operands, kwargs=named, results=made))


def listed(typer: Typer, item: Item, loc: Loc) -> Item:
    """The list of the items of a set; anything else as it is."""
    t = strip(typer.type_of(item))
    if not isinstance(t, SetOf):
        return item
    row = lookup(list)
    assert row is not None
    return typer.emit_apply(row, (typer.operand(item),), {}, List(t.item), None, loc)


#: what takes the items of a set, in whichever order they are
READS_ITEMS = (builtins.sorted, builtins.list, builtins.tuple, builtins.sum, builtins.min, builtins.max)
SETS: dict[Any, Callable[..., bool]] = {op: combined(None) for op in (operator.sub, operator.and_, operator.xor)}
#: in-place operators as methods
SETS_INPLACE = {
    "ior": "update", "isub": "difference_update", "iand": "intersection_update", "ixor": "symmetric_difference_update",
}  # fmt: skip
