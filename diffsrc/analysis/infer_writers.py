"""Functions and methods that write an array they are given, and the methods of ufuncs.

a.fill(v), np.copyto(a, v)         store %a[...] = %v
np.add.at(a, i, v)                 accum %a[i] = %v         every repetition of an index counts
np.put(a, i, v), np.place(a, m, v) store %a[i] = %v
np.fill_diagonal(a, v)             store %a[%k, %k] = %v    with %k = np.arange(..)
np.add.outer(a, b)                 add(%a[..., None], %b)
np.add.reduce(a), np.add.accumulate(a)     np.sum(%a, 0), np.cumsum(%a, 0)
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from ..defs.shapes import infer_dtype
from ..defs.table import Def, lookup
from ..errors import DiffTypeError
from ..ir.ops import WHOLE, Apply, Index, Store, View
from ..ir.types import Array, Scalar, Type, kind_of, same_dim, strip
from ..ir.values import Literal, Operand, Value
from ..source import Loc
from .infer_index import array_element, check_place, index_of
from .infer_slices import keys_of
from .items import Item
from .typer import Parts, Typer, refuse

Kwargs = Mapping[str, Item]


def _row(fn: Callable[..., Any]) -> Def:
    d = lookup(fn)
    assert d is not None, fn
    return d


def _array(typer: Typer, item: Item, name: str, loc: Loc) -> Array:
    t = strip(typer.type_of(item))
    if not isinstance(t, Array):
        raise refuse(f"{name} of {t}", loc)
    return t


def _arguments(name: str, names: tuple[str, ...], args: Parts, kwargs: Kwargs, loc: Loc) -> Parts:
    """The arguments in order; options that aren't named here are refused."""
    given = dict(zip(names, args)) | dict(kwargs)
    if len(given) != len(names) or len(args) + len(kwargs) != len(names) or set(given) != set(names):
        raise refuse(f"{name} with these arguments", loc, f"{name}({', '.join(names)}) is supported")
    return tuple(given[n] for n in names)


def _fits(typer: Typer, t: Array, value: Item, name: str, loc: Loc, casting: Any = "same_kind") -> None:
    kind = kind_of(typer.type_of(value))
    if kind is not None and not np.can_cast(infer_dtype(kind), infer_dtype(t.dtype), casting):
        raise DiffTypeError(f"{name}: a value of type {typer.type_of(value)} for {t}", loc=loc)


def _call(typer: Typer, fn: Callable[..., Any], args: Parts, loc: Loc, **kwargs: Item) -> Item:
    """A call made here, with a result of its own."""
    from .infer_calls import apply_row

    result = Value(None, loc=loc)
    apply_row(typer, _row(fn), args, kwargs, (result,), loc)
    return typer.env[result]


def _done(typer: Typer, op: Apply) -> None:
    for result in op.results:
        typer.env[result] = Literal(None)


def _store(typer: Typer, op: Apply, dst: Item, keys: list[Any], value: Item, add: bool = False) -> None:
    typer.emit(Store(typer.operand(dst), index_of(typer, keys), typer.operand(value), add, op.loc))
    _done(typer, op)


# -- functions that write


def _copyto(typer: Typer, op: Apply, args: Parts, kwargs: Kwargs) -> bool:
    dst, src = _arguments("np.copyto", ("dst", "src"), args, kwargs, op.loc)
    _fits(typer, _array(typer, dst, "np.copyto", op.loc), src, "np.copyto", op.loc)
    typer.emit(Store(typer.operand(dst), WHOLE, typer.operand(src), False, op.loc))
    _done(typer, op)
    return True


def _put(typer: Typer, op: Apply, args: Parts, kwargs: Kwargs) -> bool:
    """By flat index: of an array of one axis that is the ordinary one."""
    dst, index, value = _arguments("np.put", ("a", "ind", "v"), args, kwargs, op.loc)
    t = _array(typer, dst, "np.put", op.loc)
    if t.ndim != 1 or not _one_each(typer, typer.type_of(value), typer.type_of(index)):
        raise refuse("np.put other than a value for each index of an array of one axis", op.loc, "use a[i] = v")
    _store(typer, op, dst, [index], value)
    return True


def _place(name: str, names: tuple[str, ...]) -> Callable[[Typer, Apply, Parts, Kwargs], bool]:
    """`a[mask] = v` with one number for all."""

    def rule(typer: Typer, op: Apply, args: Parts, kwargs: Kwargs) -> bool:
        dst, mask, value = _arguments(name, names, args, kwargs, op.loc)
        t, m = _array(typer, dst, name, op.loc), strip(typer.type_of(mask))
        same = isinstance(m, Array) and m.dtype == "b1" and m.ndim == t.ndim
        if not same or not isinstance(strip(typer.type_of(value)), Scalar):
            raise refuse(f"{name} with other than a mask and a number", op.loc, "use a[mask] = values")
        _fits(typer, t, value, name, op.loc)
        _store(typer, op, dst, [mask], value)
        return True

    return rule


def _fill_diagonal(typer: Typer, op: Apply, args: Parts, kwargs: Kwargs) -> bool:
    dst, value = _arguments("np.fill_diagonal", ("a", "val"), args, kwargs, op.loc)
    t = _array(typer, dst, "np.fill_diagonal", op.loc)
    given = strip(typer.type_of(value))
    square = t.ndim == 2 and same_dim(t.dims[0], t.dims[1])
    whole = isinstance(given, Array) and given.ndim == 1 and square and same_dim(given.dims[0], t.dims[0])
    if t.ndim != 2 or not (isinstance(given, Scalar) or whole):
        raise refuse("np.fill_diagonal other than of a matrix with one number", op.loc, "store by index arrays")
    shape = _call(typer, np.shape, (dst,), op.loc)
    size = _call(typer, min, (shape,), op.loc)
    k = _call(typer, np.arange, (size,), op.loc)
    _store(typer, op, dst, [k, k], value)
    return True


def _one_each(typer: Typer, value: Type, index: Type) -> bool:
    v, i = strip(value), strip(index)
    if isinstance(v, Scalar):
        return True
    return isinstance(v, Array) and isinstance(i, Array) and v.ndim == i.ndim == 1 and same_dim(v.dims[0], i.dims[0])


WRITERS: dict[Any, Callable[[Typer, Apply, Parts, Kwargs], bool]] = {
    np.copyto: _copyto, np.put: _put, np.fill_diagonal: _fill_diagonal,
    np.place: _place("np.place", ("arr", "mask", "vals")),
    np.putmask: _place("np.putmask", ("a", "mask", "values")),
}  # fmt: skip


def fill(typer: Typer, op: Apply, args: Parts) -> None:
    """`a.fill(v)`."""
    _fits(typer, _array(typer, args[0], "fill", op.loc), args[1], "fill", op.loc, "unsafe")
    typer.emit(Store(typer.operand(args[0]), WHOLE, typer.operand(args[1]), False, op.loc))
    _done(typer, op)


def item(typer: Typer, op: Apply, args: Parts) -> bool:
    """`a.item(i, j)` is `float(a[i, j])`. False where there is no index for each axis."""
    t = strip(typer.type_of(args[0]))
    number = {"f": float, "c": complex, "b": bool}
    if not isinstance(t, Array) or len(args) - 1 != t.ndim or not op.results:
        return False
    found, view = array_element(typer, t, list(args[1:]), op.loc)
    if view or not isinstance(found, Scalar):
        return False
    read = typer.emit_load(typer.operand(args[0]), index_of(typer, list(args[1:])), found, op.loc)
    kind = number.get(t.dtype[0], int) if t.dtype != "b1" else bool
    typer.env[op.results[0]] = _call(typer, kind, (read,), op.loc)
    return True


# -- methods of ufuncs

_REDUCE: dict[Any, Any] = {np.add: np.sum, np.multiply: np.prod, np.maximum: np.max, np.minimum: np.min}
_ACCUMULATE: dict[Any, Any] = {np.add: np.cumsum, np.multiply: np.cumprod}
_AT: dict[Any, Callable[..., Any] | None] = {np.add: None, np.subtract: operator.neg}


def call_ufunc_method(typer: Typer, op: Apply, ufunc: np.ufunc, name: str, args: Parts, kwargs: Kwargs) -> None:
    """`np.add.at`, `.outer`, `.reduce`, `.accumulate`."""
    shown = f"np.{ufunc.__name__}.{name}"
    if name == "at" and ufunc in _AT and len(args) == 3 and not kwargs:
        _at(typer, op, args, _AT[ufunc], shown)
    elif name == "outer" and ufunc.nin == 2 and ufunc.nout == 1 and len(args) == 2 and not kwargs:
        _outer(typer, op, ufunc, args)
    elif name in ("reduce", "accumulate") and ufunc in (table := _REDUCE if name == "reduce" else _ACCUMULATE):
        from .infer_calls import apply_def

        axis = {} if "axis" in kwargs or len(args) > 1 else {"axis": Literal(0, None, op.loc)}
        apply_def(typer, op, _row(table[ufunc]), args, {**kwargs, **axis})
    else:
        raise refuse(f"`{shown}`", op.loc, "use a function of arrays, or a loop")


def _at(typer: Typer, op: Apply, args: Parts, change: Callable[..., Any] | None, name: str) -> None:
    dst, _, value = args
    t = _array(typer, dst, name, op.loc)
    _fits(typer, t, value, name, op.loc)
    keys = keys_of(typer, Index((op.args[-2],)))
    check_place(typer, t, keys, op.loc)
    given = value if change is None else _call(typer, change, (value,), op.loc)
    _store(typer, op, dst, list(keys), given, add=True)


def _outer(typer: Typer, op: Apply, ufunc: np.ufunc, args: Parts) -> None:
    """`f(a[..., None], b)`, with one new axis per axis of b."""
    from .infer_calls import apply_row

    first, second = args
    s, t = strip(typer.type_of(first)), strip(typer.type_of(second))
    if isinstance(s, Array) and isinstance(t, Array) and t.ndim:
        extra: tuple[Operand, ...] = (Literal(Ellipsis), *(Literal(None) for _ in t.dims))
        wide = typer.value(Array(s.dtype, (*s.dims, *(1 for _ in t.dims))), None, op.loc)
        typer.emit(View(typer.operand(first), Index(extra), wide, op.loc))
        first = wide
    apply_row(typer, _row(ufunc), (first, second), {}, op.results, op.loc)
