"""`f(*t, **d)` with a tuple of known length and a dict of known keys; the `*args` and `**options` of a signature."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from types import FunctionType
from typing import TYPE_CHECKING, Any

import numpy as np

from ..defs.classes import is_written
from ..defs.dims import plain
from ..defs.shapes import elements_of
from ..defs.structural import DICT, UNPACK
from ..defs.syntax import refusal
from ..defs.table import Def, lookup
from ..ir.ops import Apply, Func, FuncRef, Index
from ..ir.types import BOTTOM, Array, Bottom, Dict, FuncType, List, Tuple, Type, strip, unlit
from ..ir.values import Literal, Operand, Pack, Value
from ..source import Loc
from .containers import only_items_read
from .infer_index import rows_of
from .items import Item, Record, is_constant
from .iterated import listed_instances

if TYPE_CHECKING:
    from .typer import Parts, Typer


class Spread:
    """What stands for a spread argument until the call is made: the object that is spread."""

    def __init__(self, item: Item, loc: Loc, grows: bool) -> None:
        self.item, self.loc, self.grows = item, loc, grows


class Rest:
    """The items of a list whose length isn't known, as the last of a call's arguments: the `*args` of the callee."""

    def __init__(self, item: Item) -> None:
        self.item = item


def _is_row(t: Type) -> bool:
    return isinstance(t, Array) and t.ndim == 1 and not isinstance(t.dims[0], int)


def _as_list(typer: Typer, found: Spread) -> Item:
    from .infer_calls import apply_def

    made = Value(None, loc=found.loc)
    row = lookup(list)
    assert row is not None
    apply_def(typer, Apply(row, (), (), (made,), found.loc), row, (found.item,), {})
    return typer.env[made]


def spread(typer: Typer, op: Apply, args: Parts) -> None:
    """Remember what a call spreads."""
    (item,) = listed_instances(typer, args, op.loc)
    typer.spread[op.results[0]] = Spread(item, op.loc, typer.containers.grows(op.args[0]))


def spread_items(typer: Typer, operand: Operand, op: Apply) -> Iterator[Item | Rest]:
    """The items that a positional argument of a lowered call stands for."""
    found = typer.spread.get(operand) if isinstance(operand, Value) else None
    if found is None:
        yield typer.get(operand)
        return
    t = strip(typer.type_of(found.item))
    if isinstance(t, Bottom):
        return
    if isinstance(op.fn, Def) and op.fn.fn in (max, min) and len(op.args) == 1 and not op.kwargs:
        yield found.item  # max(*xs) is max(xs)
    elif isinstance(t, Tuple):
        yield from typer.parts(found.item, t, found.loc)
    elif (isinstance(t, List) or _is_row(t)) and operand is op.args[-1] and _takes_rest(typer, op):
        stays = isinstance(t, List) and not _is_class(op)  # an instance keeps a tuple of its own
        yield Rest(found.item if stays else _as_list(typer, found))
    elif isinstance(t, List) or (isinstance(t, Array) and t.ndim > 0):
        yield from _unpacked(typer, found, t, op)
    else:
        raise refusal("star arguments", found.loc)


def _unpacked(typer: Typer, found: Spread, t: List | Array, op: Apply) -> tuple[Item, ...]:
    """The elements or rows of an array or a list: as many as the callee has parameters for. Another number raises."""
    known = t.dims[0] if isinstance(t, Array) else None
    count = known if isinstance(known, int) else _room(typer, op)
    if count is None:
        raise refusal("star arguments", found.loc)
    if isinstance(t, Array) and t.ndim > 1:
        return rows_of(typer, found.item, t, count, found.loc)
    made = tuple(typer.value(elements_of(t), None, found.loc) for _ in range(count))
    typer.emit(Apply(UNPACK, (typer.operand(found.item),), (), made, found.loc))
    return made


def _room(typer: Typer, op: Apply) -> int | None:
    """How many parameters of the callee its other arguments leave; None where that isn't one number."""
    others = [_count(typer, a) for a in op.args]
    if isinstance(op.fn, Def) and isinstance(op.fn.fn, np.ufunc) and others.count(None) == 1:
        return op.fn.fn.nin - sum(n or 0 for n in others)
    parameters = _parameters(typer, op)
    if parameters is None or others.count(None) > 1 or any(p.kind is p.VAR_POSITIONAL for p in parameters):
        return None
    named = {n for k, v in op.kwargs for n in _keywords(typer, k, v)}
    mine = [p for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD) and p.name not in named]
    left = mine[sum(n or 0 for n in others) :]
    return len(left) if all(p.default is p.empty for p in left) else None


def _count(typer: Typer, operand: Operand) -> int | None:
    """For how many arguments one stands."""
    found = typer.spread.get(operand) if isinstance(operand, Value) else None
    t = strip(typer.type_of(found.item)) if found is not None else None
    return 1 if found is None else len(t.items) if isinstance(t, Tuple) else None


def _keywords(typer: Typer, name: str, operand: Operand) -> tuple[str, ...]:
    found = typer.spread.get(operand) if isinstance(operand, Value) else None
    t = strip(typer.type_of(found.item)) if found is not None else None
    return (name,) if found is None else tuple(str(k) for k, _ in t.items) if isinstance(t, Dict) else ()


def _parameters(typer: Typer, op: Apply) -> list[inspect.Parameter] | None:
    """Those of the callee, where it is known."""
    target = op.fn.target if isinstance(op.fn, FuncRef) else None
    if isinstance(op.fn, Value):
        kind = typer.type_of(typer.get(op.fn))
        target = kind.target if isinstance(kind, FuncType) else None
    if isinstance(target, Func) and target.signature is not None:
        return list(target.signature.parameters.values())
    if not isinstance(target, (FunctionType, type)) or lookup(target) is not None:
        return None
    return list(inspect.signature(target, follow_wrapped=False).parameters.values())


def _takes_rest(typer: Typer, op: Apply) -> bool:
    """Whether the last argument of a call is what the callee's `*args` get, and nothing else is."""
    parameters = _parameters(typer, op)
    counts = [_count(typer, a) for a in op.args[:-1]]
    if parameters is None or None in counts or op.kwargs or (_is_class(op) and not _has_own_init(op)):
        return False
    kinds = [p.kind for p in parameters]
    positional = inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD
    return inspect.Parameter.VAR_POSITIONAL in kinds and sum(n or 0 for n in counts) == sum(k in positional for k in kinds)


def _is_class(op: Apply) -> bool:
    return isinstance(op.fn, FuncRef) and isinstance(op.fn.target, type)


def _has_own_init(op: Apply) -> bool:
    return isinstance(op.fn, FuncRef) and is_written(getattr(op.fn.target, "__init__", None))


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


def dict_of(typer: Typer, given: Mapping[str, Item], loc: Loc, old: Value | None = None, callee: Func | None = None) -> Item:
    """The `**options` that a function gets. If it only reads them, constants among them stay known."""
    pairs = tuple(Pack((Literal(k), typer.operand(v))) for k, v in given.items())
    kind = Dict(tuple((k, plain(unlit(typer.plain_type(v)))) for k, v in given.items()))
    made = typer.emit_apply(DICT, pairs, {}, kind, old, loc)
    if callee is not None and only_items_read(callee, callee.params[-1]):
        keep_constants(typer, made, given)
    return made


def keep_constants(typer: Typer, made: Value, given: Mapping[Any, Item]) -> None:
    """A dict whose items stay as they are: constants among them are known wherever they are read. (One that is read at keys
    which aren't known has become a table.)"""
    if not isinstance(made.type, Dict):
        return
    known = {k: t if is_constant(t := typer.type_of(v)) else plain(unlit(typer.plain_type(v))) for k, v in given.items()}
    typer.known[made] = Dict(tuple(known.items()))
