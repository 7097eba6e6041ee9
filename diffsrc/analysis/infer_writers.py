"""Functions and methods that write an array they are given.

a.fill(v), np.copyto(a, v)         store %a[...] = %v
np.copyto(a, v, where=m)           store %a[%m] = %v[%m]
np.put(a, i, v)                    store %a.flat[%i] = %v
np.place(a, m, v)                  store %a[%m] = np.resize(%v, ..)    the first elements of v, over and over
np.putmask(a, m, v)                store %a[%m] = %v[%m]
np.fill_diagonal(a, v)             store %a[%k, %k] = %v               with %k = np.arange(..)
np.put_along_axis(a, i, v, 1)      store %a[%k, %i] = %v               with %k = np.arange(..)[:, None]
a.sort()                           store %a[...] = np.sort(%a)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from ..defs.dims import dim_of
from ..defs.elementwise_types import as_array
from ..defs.shapes import infer_dtype
from ..defs.table import Def
from ..errors import DiffTypeError
from ..ir.ops import Apply, Index, Load, Slice, Store, View
from ..ir.types import BOTTOM, Array, Scalar, Tuple, Type, is_complex, kind_of, same_dim, strip
from ..ir.values import Literal, Operand, Value
from ..ir.walk import results
from ..source import Loc
from .infer_index import array_element, index_of
from .infer_iterators import flat, flat_place
from .items import Item, Record
from .rows import call, settled
from .typer import Parts, Typer, refuse

Kwargs = Mapping[str, Item]
_ALL = Slice(Literal(None), Literal(None), Literal(None))


def array_type(typer: Typer, item: Item, name: str, loc: Loc) -> Array:
    t = strip(typer.type_of(item))
    if not isinstance(t, Array):
        raise refuse(f"{name} of {t}", loc, "give it an array")
    return t


def _arguments(name: str, names: tuple[str, ...], args: Parts, kwargs: Kwargs, loc: Loc, **defaults: Any) -> Parts:
    """The arguments in order; options that aren't named here are refused."""
    given = {k: Literal(v) for k, v in defaults.items()} | dict(zip(names, args)) | dict(kwargs)
    if len(args) > len(names) or set(given) != set(names) or set(names[: len(args)]) & set(kwargs):
        raise refuse(f"{name} with these arguments", loc, f"{name}({', '.join(names)}) is supported")
    return tuple(given[n] for n in names)


def fits(typer: Typer, t: Array, value: Item, name: str, loc: Loc, casting: Any = "same_kind") -> None:
    kind = kind_of(typer.type_of(value))
    if kind is not None and not np.can_cast(infer_dtype(kind), infer_dtype(t.dtype), casting):
        raise DiffTypeError(f"{name}: a value of type {typer.type_of(value)} for {t}", loc=loc)
    if is_complex(strip(typer.type_of(value))) and not is_complex(t):
        raise DiffTypeError(f"{name}: a complex value for {t}", loc=loc)


def load(typer: Typer, src: Item, keys: list[Any], loc: Loc) -> Item:
    """`src[keys]`."""
    t = strip(typer.type_of(src))
    assert isinstance(t, Array)
    found, view = array_element(typer, t, keys, loc)
    if not view:
        return typer.emit_load(typer.operand(src), index_of(typer, keys), found, loc)
    result = typer.value(found, None, loc)
    typer.emit(View(typer.operand(src), index_of(typer, keys), result, loc))
    return result


def done(typer: Typer, op: Apply) -> None:
    """The call gives None."""
    for result in op.results:
        typer.env[result] = Literal(None)


def store(typer: Typer, op: Apply, dst: Item, keys: list[Any], value: Item, add: bool = False) -> None:
    typer.emit(Store(typer.operand(dst), index_of(typer, keys), typer.operand(value), add, op.loc))
    done(typer, op)


def like(typer: Typer, value: Item, t: Array, dst: Item, loc: Loc) -> Item:
    """A value broadcast to the shape of an array; numbers stay numbers."""
    v = strip(typer.type_of(value))
    if same_shape(v, t) or isinstance(v, Scalar):
        return value
    return call(typer, np.broadcast_to, (value, call(typer, np.shape, (dst,), loc)), loc)


def same_shape(v: Type, t: Array) -> bool:
    return isinstance(v, Array) and v.ndim == t.ndim and all(map(same_dim, v.dims, t.dims))


def masked(typer: Typer, value: Item, mask: Item, loc: Loc) -> Item:
    """What of a value belongs to the elements that a mask names."""
    return load(typer, value, [mask], loc) if isinstance(strip(typer.type_of(value)), Array) else value


def mask_of(typer: Typer, mask: Item, dst: Item, name: str, loc: Loc) -> Item:
    """A mask of the shape of an array."""
    t, m = array_type(typer, dst, name, loc), as_array(typer.type_of(mask))
    if m.dtype != "b1":
        raise refuse(f"{name} with a mask of type {m}", loc, "compare, or write mask != 0")
    if not isinstance(strip(typer.type_of(mask)), Array):
        mask = call(typer, np.asarray, (mask,), loc)
    return like(typer, mask, t, dst, loc)


# -- functions that write


def _copyto(typer: Typer, op: Apply, args: Parts, kwargs: Kwargs) -> bool:
    names = ("dst", "src", "casting", "where")
    dst, src, casting, where = _arguments("np.copyto", names, args, kwargs, op.loc, casting="same_kind", where=True)
    t = array_type(typer, dst, "np.copyto", op.loc)
    src = settled(typer, src, op.loc)
    how = casting.value if isinstance(casting, Literal) else "same_kind"
    fits(typer, t, src, "np.copyto", op.loc, how)
    if isinstance(where, Literal) and where.value is True:
        store(typer, op, dst, [Literal(Ellipsis)], src)
        return True
    mask = mask_of(typer, where, dst, "np.copyto", op.loc)
    store(typer, op, dst, [mask], masked(typer, like(typer, src, t, dst, op.loc), mask, op.loc))
    return True


def _put(typer: Typer, op: Apply, args: Parts, kwargs: Kwargs) -> bool:
    """By flat index; too few values are taken over and over."""
    dst, index, value, mode = _arguments("np.put", ("a", "ind", "v", "mode"), args, kwargs, op.loc, mode="raise")
    t = array_type(typer, dst, "np.put", op.loc)
    value = settled(typer, value, op.loc)
    fits(typer, t, value, "np.put", op.loc, "unsafe")
    index = _in_range(typer, index, dst, mode, op.loc)
    if not _one_each(typer.type_of(value), typer.type_of(index)):
        value = call(typer, np.resize, (value, call(typer, np.shape, (index,), op.loc)), op.loc)
    array, keys = (dst, [index]) if t.ndim == 1 else flat_place(typer, flat(typer, dst, op.loc), [index], op.loc)
    store(typer, op, array, list(keys), value)
    return True


def _in_range(typer: Typer, index: Item, dst: Item, mode: Item, loc: Loc) -> Item:
    how = mode.value if isinstance(mode, Literal) else None
    if how == "raise":
        return index
    size = call(typer, np.size, (dst,), loc)
    if how == "wrap":
        return call(typer, np.mod, (index, size), loc)
    if how == "clip":
        last = call(typer, np.subtract, (size, Literal(1)), loc)
        return call(typer, np.clip, (index, Literal(0), last), loc)
    raise refuse("np.put with a mode that isn't known", loc)


def _one_each(value: Type, index: Type) -> bool:
    v, i = strip(value), strip(index)
    if isinstance(v, Scalar):
        return True
    if isinstance(i, Tuple):
        return isinstance(v, Array) and v.ndim == 1 and v.dims[0] == len(i.items)
    return isinstance(v, Array) and isinstance(i, Array) and v.ndim == i.ndim == 1 and same_dim(v.dims[0], i.dims[0])


def _place(typer: Typer, op: Apply, args: Parts, kwargs: Kwargs) -> bool:
    """The masked elements in order take the values in order, over and over."""
    dst, mask, value = _arguments("np.place", ("arr", "mask", "vals"), args, kwargs, op.loc)
    t = array_type(typer, dst, "np.place", op.loc)
    fits(typer, t, value, "np.place", op.loc, "unsafe")
    value = settled(typer, value, op.loc)
    mask = mask_of(typer, mask, dst, "np.place", op.loc)
    if not isinstance(strip(typer.type_of(value)), Scalar):
        if not _apart(typer, dst, value):
            raise refuse("np.place with values that may share memory with the array", op.loc, "pass a copy of them")
        value = call(typer, np.resize, (value, call(typer, np.count_nonzero, (mask,), op.loc)), op.loc)
    store(typer, op, dst, [mask], value)
    return True


def _apart(typer: Typer, a: Item, b: Item) -> bool:
    """Whether two arrays share no memory for sure: they go back to different arguments or new arrays."""
    first, second = _root(typer, a), _root(typer, b)
    return first is not None and second is not None and first is not second


def _root(typer: Typer, item: Item) -> Value | None:
    """The argument or the new array that an array is, or is a view of."""
    if not isinstance(item, Value):
        return None
    made = next((op for ops in typer.builder._stack for op in ops if item in results(op)), None)
    if isinstance(made, View):
        return _root(typer, made.src) if isinstance(made.src, Value) else None
    if isinstance(made, Load):
        return item if isinstance(strip(made.src.type), Array) else None
    if made is None:
        return item if any(item is typer.env.get(p) for p in typer.func.params) else None
    fresh = isinstance(made, Apply) and isinstance(made.fn, Def) and made.fn.alias == "fresh"
    return item if fresh and isinstance(made, Apply) and getattr(made.fn, "family", "") != "structural" else None


def _putmask(typer: Typer, op: Apply, args: Parts, kwargs: Kwargs) -> bool:
    """The masked elements take the values at their own place."""
    dst, mask, value = _arguments("np.putmask", ("a", "mask", "values"), args, kwargs, op.loc)
    t = array_type(typer, dst, "np.putmask", op.loc)
    fits(typer, t, value, "np.putmask", op.loc)
    value = settled(typer, value, op.loc)
    mask = mask_of(typer, mask, dst, "np.putmask", op.loc)
    v = strip(typer.type_of(value))
    if not same_shape(v, t) and not isinstance(v, Scalar):
        value = call(typer, np.resize, (value, call(typer, np.shape, (dst,), op.loc)), op.loc)
    store(typer, op, dst, [mask], masked(typer, value, mask, op.loc))
    return True


def _fill_diagonal(typer: Typer, op: Apply, args: Parts, kwargs: Kwargs) -> bool:
    dst, value, wrap = _arguments("np.fill_diagonal", ("a", "val", "wrap"), args, kwargs, op.loc, wrap=False)
    t = array_type(typer, dst, "np.fill_diagonal", op.loc)
    value = settled(typer, value, op.loc)
    number = isinstance(strip(typer.type_of(value)), Scalar)
    fits(typer, t, value, "np.fill_diagonal", op.loc, "unsafe")
    if t.ndim < 2 or not isinstance(wrap, Literal) or (wrap.value and not (number and t.ndim == 2)):
        raise refuse("np.fill_diagonal with these arguments", op.loc, "store by index arrays")
    shape = call(typer, np.shape, (dst,), op.loc)
    if wrap.value:
        step = call(typer, np.add, (load_item(typer, shape, 1, op.loc), Literal(1)), op.loc)
        wide = flat(typer, dst, op.loc).value
        place = Index((Slice(Literal(None), Literal(None), typer.operand(step)),))
        typer.emit(Store(wide, place, typer.operand(value), False, op.loc))
        done(typer, op)
        return True
    k = call(typer, np.arange, (call(typer, min, (shape,), op.loc),), op.loc)
    if not number and not _one_each(typer.type_of(value), typer.type_of(k)):
        value = call(typer, np.resize, (value, call(typer, np.shape, (k,), op.loc)), op.loc)
    store(typer, op, dst, [k] * t.ndim, value)
    return True


def load_item(typer: Typer, src: Item, i: int, loc: Loc) -> Item:
    """An item of a tuple."""
    t = typer.type_of(src)
    return typer.parts(src, t, loc)[i] if isinstance(t, Tuple) else src


def _put_along_axis(typer: Typer, op: Apply, args: Parts, kwargs: Kwargs) -> bool:
    names = ("arr", "indices", "values", "axis")
    dst, indices, value, axis = _arguments("np.put_along_axis", names, args, kwargs, op.loc, axis=-1)
    t = array_type(typer, dst, "np.put_along_axis", op.loc)
    fits(typer, t, value, "np.put_along_axis", op.loc, "unsafe")
    at = dim_of(typer.type_of(axis))
    if not isinstance(at, int) or not -t.ndim <= at < t.ndim:
        raise refuse("np.put_along_axis along an axis that isn't known", op.loc, "store by index arrays")
    shape = call(typer, np.shape, (dst,), op.loc)
    keys = [
        indices if j == at % t.ndim else _upright(typer, load_item(typer, shape, j, op.loc), t.ndim - 1 - j, op.loc)
        for j in range(t.ndim)
    ]
    store(typer, op, dst, keys, value)
    return True


def _upright(typer: Typer, size: Item, behind: int, loc: Loc) -> Item:
    """`np.arange(size)` with axes of size 1 behind it."""
    k = call(typer, np.arange, (size,), loc)
    if not behind:
        return k
    t = strip(typer.type_of(k))
    assert isinstance(t, Array)
    wide = typer.value(Array(t.dtype, (*t.dims, *(1 for _ in range(behind)))), None, loc)
    items: tuple[Operand | Slice, ...] = (_ALL, *(Literal(None) for _ in range(behind)))
    typer.emit(View(typer.operand(k), Index(items), wide, loc))
    return wide


def _broadcast_arrays(typer: Typer, op: Apply, args: Parts, kwargs: Kwargs) -> bool:
    """Each array by itself, in the shape that they have together."""
    if kwargs or not op.results:
        raise refuse("np.broadcast_arrays with options", op.loc)
    shapes = tuple(call(typer, np.shape, (a,), op.loc) for a in args)
    shape = call(typer, np.broadcast_shapes, shapes, op.loc)
    items = tuple(call(typer, np.broadcast_to, (a, shape), op.loc) for a in args)
    typer.env[op.results[0]] = Record(Tuple((BOTTOM,) * len(items)), items)
    return True


WRITERS: dict[Any, Callable[[Typer, Apply, Parts, Kwargs], bool]] = {
    np.copyto: _copyto, np.put: _put, np.fill_diagonal: _fill_diagonal, np.place: _place, np.putmask: _putmask,
    np.put_along_axis: _put_along_axis, np.broadcast_arrays: _broadcast_arrays,
}  # fmt: skip

# -- methods that write


def _fill(typer: Typer, op: Apply, args: Parts, kwargs: Kwargs) -> None:
    """`a.fill(v)`."""
    dst, value = _arguments("fill", ("a", "value"), args, kwargs, op.loc)
    fits(typer, array_type(typer, dst, "fill", op.loc), value, "fill", op.loc, "unsafe")
    store(typer, op, dst, [Literal(Ellipsis)], value)


def _in_place(fn: Callable[..., Any]) -> Callable[[Typer, Apply, Parts, Kwargs], None]:
    """`a.sort()` is `a[...] = np.sort(a)`."""

    def method(typer: Typer, op: Apply, args: Parts, kwargs: Kwargs) -> None:
        made = call(typer, fn, args, op.loc, **kwargs)
        store(typer, op, args[0], [Literal(Ellipsis)], made)

    return method


def _put_method(typer: Typer, op: Apply, args: Parts, kwargs: Kwargs) -> None:
    names = {"indices": "ind", "values": "v"}
    _put(typer, op, args, {names.get(k, k): v for k, v in kwargs.items()})


WRITING_METHODS: dict[str, Callable[[Typer, Apply, Parts, Kwargs], None]] = {
    "fill": _fill, "sort": _in_place(np.sort), "partition": _in_place(np.partition), "put": _put_method,
}  # fmt: skip


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
    typer.env[op.results[0]] = call(typer, kind, (read,), op.loc)
    return True
