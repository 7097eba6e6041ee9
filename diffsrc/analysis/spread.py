"""`f(*t, **d)` with a tuple of known length and a dict of known keys; the `*args` and `**options` of a signature."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from types import FunctionType
from typing import TYPE_CHECKING

from ..defs.dims import plain
from ..defs.shapes import elements_of
from ..defs.structural import DICT, UNPACK
from ..defs.syntax import refusal
from ..ir.ops import Apply, FuncRef, Index
from ..ir.types import BOTTOM, Array, Bottom, Dict, FuncType, List, Tuple, strip, unlit
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


def spread_items(typer: Typer, operand: Operand, op: Apply) -> Iterator[Item]:
    """The items that a positional argument of a lowered call stands for."""
    found = typer.spread.get(operand) if isinstance(operand, Value) else None
    if found is None:
        yield typer.get(operand)
        return
    t = strip(typer.type_of(found.item))
    if isinstance(t, Bottom):
        return
    if isinstance(t, Tuple):
        yield from typer.parts(found.item, t, found.loc)
    elif isinstance(t, List) or (isinstance(t, Array) and t.ndim == 1):
        yield from _unpacked(typer, found, t, op)
    else:
        raise refusal("star arguments", found.loc)


def _unpacked(typer: Typer, found: Spread, t: List | Array, op: Apply) -> tuple[Value, ...]:
    """The elements of an array or a list: as many as the callee has parameters for. Another number raises."""
    known = t.dims[0] if isinstance(t, Array) else None
    count = known if isinstance(known, int) else _room(typer, op)
    if count is None:
        raise refusal("star arguments", found.loc)
    made = tuple(typer.value(elements_of(t), None, found.loc) for _ in range(count))
    typer.emit(Apply(UNPACK, (typer.operand(found.item),), (), made, found.loc))
    return made


def _room(typer: Typer, op: Apply) -> int | None:
    """How many parameters of the callee its other arguments leave; None where that isn't one number."""
    target = op.fn.target if isinstance(op.fn, FuncRef) else None
    if isinstance(op.fn, Value):
        kind = typer.type_of(typer.get(op.fn))
        target = kind.target if isinstance(kind, FuncType) else None
    if not isinstance(target, (FunctionType, type)) or sum(a in typer.spread for a in op.args if isinstance(a, Value)) > 1:
        return None
    parameters = list(inspect.signature(target).parameters.values())
    if any(p.kind is p.VAR_POSITIONAL for p in parameters):
        return None
    named = {k for k, _ in op.kwargs}
    mine = [p for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD) and p.name not in named]
    left = mine[len(op.args) - 1 :]
    return len(left) if all(p.default is p.empty for p in left) else None


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
