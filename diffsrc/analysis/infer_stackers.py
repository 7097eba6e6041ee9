"""`np.r_[0.0, x]` and `np.c_[x, y]`, as the functions that they stand for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..ir.ops import Load
from ..ir.types import Array, Scalar, Tuple, strip
from ..ir.values import Literal
from ..source import Loc
from .infer_slices import Key, SliceItem
from .items import Item, Record
from .rows import call, settled
from .typer import Typer, refuse

#: objects whose subscript is an array made of its parts
STACKERS = (np.r_, np.c_)


def stacked(typer: Typer, maker: object, keys: Sequence[Key], op: Load) -> None:
    """The array that a subscript makes.

    Raises:
        UnsupportedError: for parts whose number of axes isn't known, directions as text, complex steps.
    """
    items = tuple(_range(typer, k, op.loc) if isinstance(k, SliceItem) else settled(typer, k, op.loc) for k in keys)
    row: Any
    ranks = {_rank(typer, item, op.loc) for item in items}
    if maker is np.c_:
        row = np.column_stack
    elif ranks <= {0, 1}:
        row = np.hstack
    elif len(ranks) == 1:
        row = np.concatenate
    else:
        raise refuse("np.r_ of parts with different numbers of axes", op.loc)
    parts = Record(Tuple(tuple(map(typer.type_of, items))), items)
    typer.env[op.result] = call(typer, row, (parts,), op.loc)


def _rank(typer: Typer, item: Item, loc: Loc) -> int:
    t = strip(typer.type_of(item))
    if isinstance(t, Scalar):
        return 0
    if not isinstance(t, Array):
        raise refuse(f"np.r_ or np.c_ of a value of type {t}", loc, "use np.concatenate")
    return len(t.dims)


def _range(typer: Typer, key: SliceItem, loc: Loc) -> Item:
    start, stop, step = key.items
    if not isinstance(strip(typer.type_of(stop)), Scalar):
        raise refuse("this slice in np.r_", loc, "use np.arange")
    given = [Literal(0) if _is_none(start) else start, stop, *(() if _is_none(step) else (step,))]
    return call(typer, np.arange, tuple(given), loc)


def _is_none(item: Item) -> bool:
    return isinstance(item, Literal) and item.value is None

