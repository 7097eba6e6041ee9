"""Calls of known functions that inference makes itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..defs.table import Def, lookup
from ..ir.values import Value
from ..source import Loc
from .items import Item
from .typer import Parts, Typer


def row_of(fn: Callable[..., Any]) -> Def:
    """The row of a function that has one."""
    d = lookup(fn)
    assert d is not None, fn
    return d


def call(typer: Typer, fn: Callable[..., Any], args: Parts, loc: Loc, **kwargs: Item) -> Item:
    """A call with a result of its own."""
    return call_row(typer, row_of(fn), args, loc, **kwargs)


def call_row(typer: Typer, row: Def, args: Parts, loc: Loc, **kwargs: Item) -> Item:
    from .infer_calls import apply_row

    result = Value(None, loc=loc)
    apply_row(typer, row, args, kwargs, (result,), loc)
    return typer.env[result]
