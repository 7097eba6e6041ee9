"""`f(*t, **d)` with a tuple of known length and a dict of known keys; the `*args` and `**options` of a signature."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from ..defs.dims import plain
from ..defs.structural import DICT
from ..defs.syntax import refusal
from ..ir.ops import Apply, Index
from ..ir.types import BOTTOM, Bottom, Dict, Tuple, strip, unlit
from ..ir.values import Literal, Operand, Pack, Value
from ..source import Loc
from .items import Item, Record

if TYPE_CHECKING:
    from .typer import Parts, Typer


class Spread:
    """What stands for a spread argument until the call is made: the object that is spread."""

    def __init__(self, item: Item, loc: Loc, grows: bool) -> None:
        self.item, self.loc, self.grows = item, loc, grows


def spread(typer: Typer, op: Apply, args: Parts) -> None:
    """Remember what a call spreads."""
    typer.spread[op.results[0]] = Spread(args[0], op.loc, typer.containers.grows(op.args[0]))


def spread_items(typer: Typer, operand: Operand) -> Iterator[Item]:
    """The items that a positional argument of a lowered call stands for."""
    found = typer.spread.get(operand) if isinstance(operand, Value) else None
    if found is None:
        yield typer.get(operand)
        return
    t = strip(typer.type_of(found.item))
    if isinstance(t, Bottom):
        return
    if not isinstance(t, Tuple):
        raise refusal("star arguments", found.loc)
    yield from typer.parts(found.item, t, found.loc)


def spread_keywords(typer: Typer, name: str, operand: Operand) -> Iterator[tuple[str, Item]]:
    """The keyword arguments that one of a lowered call stands for."""
    found = typer.spread.get(operand) if isinstance(operand, Value) else None
    if found is None:
        yield name, typer.get(operand)
        return
    t = strip(typer.type_of(found.item))
    if not isinstance(t, Dict) or found.grows or not all(isinstance(k, str) for k, _ in t.items):
        raise refusal("star arguments", found.loc)
    for key, kind in t.items:
        yield str(key), typer.emit_load(typer.operand(found.item), Index((Literal(key),)), kind, found.loc)


def tuple_of(items: tuple[Item, ...]) -> Item:
    """The `*args` that a function gets."""
    return Record(Tuple((BOTTOM,) * len(items)), items)


def dict_of(typer: Typer, given: Mapping[str, Item], loc: Loc, old: Value | None = None) -> Item:
    """The `**options` that a function gets."""
    kind = Dict(tuple((k, plain(unlit(typer.plain_type(v)))) for k, v in given.items()))
    pairs = tuple(Pack((Literal(k), typer.operand(v))) for k, v in given.items())
    return typer.emit_apply(DICT, pairs, {}, kind, old, loc)
