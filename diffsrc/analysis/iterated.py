"""Instances that a program iterates over: the list of what their `__iter__` gives."""

from __future__ import annotations

import inspect
import types
from dataclasses import replace
from typing import TYPE_CHECKING

from ..ir.ops import Enumerate, For, Seq, Space, Zip
from ..ir.types import Struct, strip
from ..ir.values import Value
from ..source import Loc
from .items import Item
from .queues import items_of

if TYPE_CHECKING:
    from .typer import Parts, Typer


def iterated(typer: Typer, op: For) -> For:
    """A loop over instances, as one over lists."""
    space = _space(typer, op, op.space)
    return op if space is op.space else replace(op, space=space)


def _space(typer: Typer, op: For, space: Space) -> Space:
    match space:
        case Seq():
            item = typer.get(space.value)
            found = _listed(typer, item, op.loc, op)
            if found is item:
                return space
            made = Value(None, loc=op.loc)
            typer.env[made] = found
            return Seq(made)
        case Zip():
            parts = tuple(_space(typer, op, s) for s in space.items)
            return space if parts == space.items else Zip(parts)
        case Enumerate():
            inner = _space(typer, op, space.item)
            return space if inner is space.item else Enumerate(inner, space.start)
    return space


def listed_instances(typer: Typer, args: Parts, loc: Loc) -> Parts:
    """The arguments of a function that reads iterables at once."""
    return tuple(_listed(typer, a, loc, None) for a in args)


def _listed(typer: Typer, item: Item, loc: Loc, loop: For | None) -> Item:
    from .infer_calls import call_function

    item = items_of(typer, item, loc)
    t = strip(typer.type_of(item))
    found = inspect.getattr_static(t.cls, "__iter__", None) if isinstance(t, Struct) else None
    if not isinstance(found, types.FunctionType):
        return item
    made = Value(None, loc=loc)
    typer.iterated[made] = loop
    call_function(typer, found, (item,), {}, (made,), loc, "__iter__")
    return typer.env[made]
