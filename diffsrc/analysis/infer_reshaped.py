"""Attributes of arrays that are written: `z.real = v`, `z.flat = v`; and arrays that change their shape in place.

`z.shape = s` and `z.resize(s)` change the array itself, whatever names it has. Here every name of it gets the new array;
an array that something else may hold (a container, a caller, a join) is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from ..defs.methods import ATTRIBUTES, REFUSED_ATTRIBUTES
from ..defs.table import Def, lookup
from ..errors import DiffTypeError
from ..ir.ops import WHOLE, Apply, Block, Load, Op, Store, View
from ..ir.types import BOTTOM, Array, Scalar, Tuple, is_complex, strip
from ..ir.values import Value
from ..ir.walk import results, used_values, walk
from ..runtime import helpers
from ..source import Loc
from .infer_writers import same_shape
from .items import Item, Record
from .rows import call_row
from .typer import Parts, Typer, refuse


def store_attribute(typer: Typer, dst: Item, name: str, value: Item, loc: Loc) -> None:
    """`z.name = v` of an array."""
    rule = _ATTRIBUTES.get(name)
    if rule is None:
        raise refuse(f"the attribute .{name} of an array written", loc, REFUSED_ATTRIBUTES.get(name, ""))
    rule(typer, dst, value, loc)


def _real(typer: Typer, dst: Item, value: Item, loc: Loc) -> None:
    _part(typer, dst, "real", value, loc)


def _imag(typer: Typer, dst: Item, value: Item, loc: Loc) -> None:
    if not is_complex(strip(typer.type_of(dst))):
        raise DiffTypeError("a real array has no imaginary part that could be written", loc=loc)
    _part(typer, dst, "imag", value, loc)


def _part(typer: Typer, dst: Item, name: str, value: Item, loc: Loc) -> None:
    """A complex array has its parts as views."""
    if is_complex(strip(typer.type_of(value))):
        raise DiffTypeError(f"a complex value stored in .{name}", loc=loc)
    if is_complex(strip(typer.type_of(dst))):
        dst = call_row(typer, ATTRIBUTES[name], (dst,), loc)
    typer.emit(Store(typer.operand(dst), WHOLE, typer.operand(value), False, loc))


def _flat(typer: Typer, dst: Item, value: Item, loc: Loc) -> None:
    """One number for all, or an array of the same shape."""
    t, v = strip(typer.type_of(dst)), strip(typer.type_of(value))
    if not isinstance(v, Scalar) and not (isinstance(t, Array) and same_shape(v, t)):
        raise refuse(".flat written with other than a number or an array of the same shape", loc, "use a[...] = v")
    typer.emit(Store(typer.operand(dst), WHOLE, typer.operand(value), False, loc))


def _shape(typer: Typer, dst: Item, value: Item, loc: Loc) -> None:
    row = lookup(np.reshape)
    assert row is not None
    _replace(typer, dst, ".shape", loc, lambda: call_row(typer, row, (dst, value), loc), views=True)


_ATTRIBUTES: dict[str, Callable[[Typer, Item, Item, Loc], None]] = {
    "real": _real, "imag": _imag, "flat": _flat, "shape": _shape,
}  # fmt: skip


def resize(typer: Typer, op: Apply, args: Parts, kwargs: Mapping[str, Any]) -> None:
    """`z.resize(shape)`: cut off, or filled up with zeros."""
    row = lookup(helpers.resized)
    assert row is not None
    if set(kwargs) - {"refcheck"} or len(args) < 2:
        raise refuse("resize() with these arguments", op.loc)
    shape = args[1] if len(args) == 2 else Record(Tuple((BOTTOM,) * (len(args) - 1)), args[1:])
    _replace(typer, args[0], "resize()", op.loc, lambda: call_row(typer, row, (args[0], shape), op.loc), views=False)


def _replace(typer: Typer, old: Item, what: str, loc: Loc, make: Callable[[], Item], views: bool) -> None:
    """Let every name of an array stand for a new one."""
    if not isinstance(old, Value) or not _only_named(typer, old, views):
        raise refuse(
            f"{what} written of an array that may be held elsewhere", loc, "use z = z.reshape(shape), or np.resize"
        )
    new = make()
    for v, item in typer.env.items():
        if item is old:
            typer.env[v] = new


def _only_named(typer: Typer, array: Value, views: bool) -> bool:
    """Whether an array was made in this block, and nothing but names refer to it (`views`: or views of it)."""
    ops = typer.builder.ops
    made = next((op for op in ops if array in results(op)), None)
    if not _makes(made) or any(isinstance(i, Record) and _holds(i, array) for i in typer.env.values()):
        return False
    return all(_lets_go(op, array, views) for op in walk(Block((), tuple(ops))) if array in used_values(op))


def _holds(item: Item, array: Value) -> bool:
    return item is array or (isinstance(item, Record) and any(_holds(i, array) for i in item.items))


def _makes(op: Op | None) -> bool:
    """Whether an op makes an array object of its own."""
    if isinstance(op, Apply):
        fn = op.fn
        own = isinstance(fn, Def) and fn.family not in ("structural", "opaque")
        return own and (getattr(fn, "alias", "") != "maybe" or getattr(fn, "name", "") in ("np.reshape", "np.ravel"))
    return isinstance(op, (View, Load)) and isinstance(strip(op.src.type), Array)


def _lets_go(op: Op, array: Value, views: bool) -> bool:
    """Whether an op that takes an array doesn't keep it."""
    match op:
        case Store():
            return op.value is not array or isinstance(strip(op.dst.type), Array)
        case View():
            return views
        case Load():
            return True
        case Apply(fn=Def() as d):
            plain = d.family not in ("structural", "opaque") and d.alias in ("fresh", "view" if views else "fresh")
            return plain or (views and d.name in ("np.reshape", "np.ravel"))
    return False
