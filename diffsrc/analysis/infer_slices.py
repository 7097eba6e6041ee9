"""Slices as values: `slice(1, None)`, `np.s_[1:, 0]`, and the parts of a subscript that they become.

A slice is a Record of its three bounds, so that joins and calls carry the bounds and the subscript is written out.
"""

from __future__ import annotations

from typing import Union

import numpy as np

from ..ir.ops import Index, Slice
from ..ir.types import BOTTOM, Tuple
from ..ir.values import Literal, Operand, Pack
from ..source import Loc
from .items import Item, Record
from .typer import Parts, Typer, refuse

#: objects whose subscript is the index itself
INDEX_MAKERS = (np.s_, np.index_exp)
_BOUNDS = ("start", "stop", "step")


class SliceItem:
    """A slice of a subscript, its bounds as items."""

    def __init__(self, typer: Typer, items: Parts) -> None:
        self.items = items
        self.types = tuple(map(typer.type_of, items))
        self.operand = Slice(*map(typer.constant_bound, items))


Key = Union[Item, SliceItem]


def keys_of(typer: Typer, place: Index) -> list[Key]:
    """The parts of a subscript; `x[t]` with a tuple t is `x[t[0], t[1]]`. In `x[t, u]` tuples are arrays of indices."""
    if len(place.items) == 1 and not isinstance(place.items[0], Slice):
        item = typer.get(place.items[0])
        t = typer.type_of(item)
        if isinstance(t, Tuple) and t.cls is None and not t.listed and not isinstance(item, Pack):
            return [_key(typer, part) for part in typer.parts(item, t)]
    return [_part(typer, part) for part in place.items]


def _part(typer: Typer, part: Operand | Slice) -> Key:
    if isinstance(part, Slice):
        return SliceItem(typer, tuple(map(typer.get, (part.lower, part.upper, part.step))))
    return _key(typer, typer.get(part))


def _key(typer: Typer, item: Item) -> Key:
    t = typer.type_of(item)
    if isinstance(item, Literal) and isinstance(item.value, slice):
        return SliceItem(typer, tuple(Literal(getattr(item.value, name)) for name in _BOUNDS))
    if isinstance(t, Tuple) and t.cls is slice:
        return SliceItem(typer, typer.parts(item, t))
    return item


def index_item(typer: Typer, maker: object, keys: list[Key]) -> Item:
    """`np.s_[..]` and `np.index_exp[..]`: a slice, an index, or the tuple of several."""
    items = tuple(_slice(k.items) if isinstance(k, SliceItem) else k for k in keys)
    if len(items) == 1 and maker is np.s_:
        return items[0]
    return Record(Tuple((BOTTOM,) * len(items)), items)


def slice_call(args: Parts, loc: Loc) -> Item:
    """`slice(stop)`, `slice(start, stop)`, `slice(start, stop, step)`."""
    if not 1 <= len(args) <= 3:
        raise refuse(f"slice() with {len(args)} arguments", loc)
    start, stop, step = (Literal(None), args[0], Literal(None)) if len(args) == 1 else (*args, Literal(None))[:3]
    return _slice((start, stop, step))


def _slice(bounds: Parts) -> Record:
    return Record(Tuple((BOTTOM,) * 3, slice, _BOUNDS), bounds)
