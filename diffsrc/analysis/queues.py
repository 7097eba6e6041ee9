"""Bounded queues where they are read: the list that holds their items."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..defs.queues import BOUNDED, Queue
from ..ir.types import List, Struct, Tuple, Type, strip
from ..ir.values import Value
from ..source import Loc
from .items import Item

if TYPE_CHECKING:
    from .typer import Parts, Typer


def is_queue(t: Type) -> bool:
    return isinstance(strip(t), Struct) and getattr(strip(t), "cls", None) is Queue


def holds_queue(t: Type) -> bool:
    """Whether a value of this type is a bounded queue, or holds one by value."""
    t = strip(t)
    if isinstance(t, Tuple):
        return any(map(holds_queue, t.items))
    return is_queue(t) or (isinstance(t, List) and holds_queue(t.item))


def items_of(typer: Typer, item: Item, loc: Loc) -> Item:
    """The list of a bounded queue; anything else as it is."""
    from .infer_places import load_attribute

    if not is_queue(typer.type_of(item)):
        return item
    made = Value(None, loc=loc)
    load_attribute(typer, item, "items", made, loc)
    return typer.get(made)


def all_items_of(typer: Typer, items: Parts, loc: Loc) -> Parts:
    return tuple(items_of(typer, item, loc) for item in items)


def by_bound(t: Type, method: str) -> bool:
    """Whether a method of a queue is its own, not that of the list."""
    return is_queue(t) and method in BOUNDED
