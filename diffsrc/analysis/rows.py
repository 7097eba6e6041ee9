"""Calls of known functions that inference makes itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..defs.table import Def, lookup
from ..ir.types import List, Tuple, carries_derivative, strip
from ..ir.values import Pack, Value
from ..source import Loc
from .items import Item, Record
from .typer import Parts, Typer


def row_of(fn: Callable[..., Any]) -> Def:
    """The row of a function that has one."""
    d = lookup(fn)
    assert d is not None, fn
    return d


def call(typer: Typer, fn: Callable[..., Any], args: Parts, loc: Loc, **kwargs: Item) -> Item:
    """A call with a result of its own."""
    return call_row(typer, row_of(fn), args, loc, **kwargs)


def settled(typer: Typer, item: Item, loc: Loc) -> Item:
    """A display or list of numbers or arrays, as an array; other items as they are."""
    if isinstance(item, Pack) or isinstance(strip(typer.type_of(item)), (Tuple, List)):
        return call(typer, np.array, (item,), loc)
    return item


def settled_if_active(typer: Typer, item: Item, loc: Loc) -> Item:
    """The same, of what may carry a derivative: an array has one cotangent, a display has one per item."""
    t = typer.type_of(item)
    composite = isinstance(item, Pack) or isinstance(strip(t), (Tuple, List))
    return settled(typer, item, loc) if composite and carries_derivative(t) else item


def settled_items(typer: Typer, item: Item, loc: Loc, constant: bool = False) -> Item:
    """A display of arrays in which displays and lists of numbers are arrays, where any of it may carry a derivative.
    `constant`: lists that carry none only, which would have no tangent else."""
    t = strip(typer.type_of(item))
    if not isinstance(item, (Pack, Record)) or not isinstance(t, Tuple) or not carries_derivative(t):
        return item
    parts = typer.parts(item, t, loc)
    kinds = [strip(typer.type_of(p)) for p in parts]
    if constant and not any(isinstance(k, List) and not carries_derivative(k) for k in kinds):
        return item
    return Record(t, tuple(
        part if constant and (carries_derivative(k) or not isinstance(k, List)) else settled(typer, part, loc)
        for part, k in zip(parts, kinds)
    ))  # fmt: skip


def call_row(typer: Typer, row: Def, args: Parts, loc: Loc, **kwargs: Item) -> Item:
    from .infer_calls import apply_row

    result = Value(None, loc=loc)
    apply_row(typer, row, args, kwargs, (result,), loc)
    return typer.env[result]
