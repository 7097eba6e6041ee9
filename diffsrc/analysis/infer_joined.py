"""`out=` of functions that fill it part by part, while what they read may lie in it.

    np.concatenate((a, b), out=y)        %y[: len(a)] = %a; %y[len(a) :] = %b       if `a` or `b` may be of `y`
    np.stack((a, b), out=y)              refused then
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ..defs.dims import dims_of
from ..defs.table import BY_NAME, Def
from ..ir.ops import Apply, Op, Store, View
from ..ir.types import Array, strip
from ..ir.values import Literal, Pack, Value
from ..ir.walk import operands, results
from .infer_index import index_of
from .infer_slices import Key, SliceItem
from .items import Item, Record
from .rows import call_row
from .typer import Parts, Typer, refuse

_FILLED_BY_PART = (np.concatenate, np.stack, np.einsum, np.compress, np.choose)


def fill_by_part(typer: Typer, d: Def, args: Parts, kwargs: Mapping[str, Item], out: Item, op: Apply) -> bool:
    """Whether the call was one of these, of arrays that may lie in `out`; then its stores have been made."""
    if d.fn not in _FILLED_BY_PART:
        return False
    if not _may_share(typer, args, out):
        return False
    axis = kwargs.get("axis", args[1] if len(args) > 1 else Literal(0))
    parts = _items(args[0])
    known = isinstance(axis, Literal) and type(axis.value) is int and not set(kwargs) - {"axis"}
    if d.fn is not np.concatenate or not known or not parts:
        raise refuse(f"{d.name} whose out= may be one of its arguments", op.loc, f"write out[...] = {d.name}(...)")
    assert isinstance(axis, Literal) and isinstance(axis.value, int)
    _fill(typer, parts, axis.value % len(dims_of(typer.type_of(out))), out, op)
    return True


def _fill(typer: Typer, parts: tuple[Item, ...], axis: int, out: Item, op: Apply) -> None:
    start: Item = Literal(0)
    for part in parts:
        size = call_row(typer, BY_NAME["np.size"], (part, Literal(axis)), op.loc)
        stop = call_row(typer, BY_NAME["add"], (start, size), op.loc)
        ahead = [SliceItem(typer, (Literal(None),) * 3) for _ in range(axis)]
        keys: list[Key] = [*ahead, SliceItem(typer, (start, stop, Literal(None)))]
        typer.emit(Store(typer.operand(out), index_of(typer, keys), typer.operand(part), False, op.loc))
        start = stop
    for result in op.results:
        typer.env[result] = out


def _items(item: Item) -> tuple[Item, ...]:
    return item.items if isinstance(item, (Record, Pack)) else ()


def _arrays(typer: Typer, item: Item) -> list[Item]:
    if inner := _items(item):
        return [found for i in inner for found in _arrays(typer, i)]
    return [item] if isinstance(item, Value) else []


def _may_share(typer: Typer, args: Parts, out: Item) -> bool:
    """Whether an array that is read may lie in `out`; not if that was made here, and what is read otherwise."""
    made = {r: o for ops in typer.builder.open for o in ops for r in results(o)}
    given = {typer.env.get(p) for p in typer.func.params}
    into = _origin(out, made)
    if into not in made:
        return True
    sources = [_origin(i, made) for a in args for i in _arrays(typer, a)]
    return any(s is into or (s not in made and s not in given) for s in sources)


def _origin(item: Item | None, made: Mapping[Value, Op]) -> Value | None:
    """The result of an op, or the parameter, that names the memory of an array; None where that isn't known."""
    while isinstance(item, Value):
        op = made.get(item)
        if isinstance(op, View) or (isinstance(op, Apply) and getattr(op.fn, "alias", "fresh") != "fresh"):
            item = operands(op)[0]
        elif isinstance(op, Apply):
            return item if isinstance(op.fn, Def) and op.fn.family not in ("structural", "opaque") else None
        else:
            return item if op is None or isinstance(strip(operands(op)[0].type), Array) else None
    return None
