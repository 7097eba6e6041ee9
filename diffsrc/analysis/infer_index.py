"""Subscripts and attributes: reading, viewing, writing.

x[i]        number            Load
x[1:-1]     view              View     the size n-2 is known
x[i, ...]   view              View
x[idx]      copy              Load     idx an array or list of ints or bools
xs[i]       element           Load     of a list; of a taken-apart tuple the item itself
p.alpha     field             Load     of an instance; `x.T`, `x.shape` of arrays are rows of the table
"""

from __future__ import annotations

import collections
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..defs.dims import broadcast, dim_of, holds, plain, shrink
from ..defs.dims import parts as affine_parts
from ..defs.elementwise_types import as_array
from ..defs.probe import infer_by_trial
from ..defs.structural import LIST
from ..errors import DiffTypeError
from ..ir.ops import Apply, Index, Load, View
from ..ir.types import (
    ANY,
    BOTTOM,
    INEXACT,
    AnyType,
    Array,
    Bottom,
    Dict,
    Dim,
    List,
    Lit,
    NoneType,
    Scalar,
    StrType,
    Struct,
    Table,
    Tuple,
    Type,
    Union,
    carries_derivative,
    kind_of,
    same_dim,
    strip,
    unlit,
)
from ..ir.values import Literal, Pack, Value
from ..runtime.helpers import expect_rows
from ..source import Loc
from .choices import options_of, picked, picked_by_key
from .containers import as_table
from .dispatch import by_class, grouped
from .growth import Again
from .infer_slices import INDEX_MAKERS, Key, SliceItem, index_item
from .infer_stackers import STACKERS, stacked
from .infer_texts import of_text
from .items import Item, Record, merge, names_of
from .typer import Typer, refuse


def index_of(typer: Typer, keys: Sequence[Key]) -> Index:
    return Index(tuple(k.operand if isinstance(k, SliceItem) else typer.operand(k) for k in keys))


def load_index(typer: Typer, src: Item, keys: list[Key], op: Load) -> None:
    if isinstance(src, Literal) and any(src.value is maker for maker in INDEX_MAKERS):
        typer.env[op.result] = index_item(typer, src.value, keys)
        return
    if isinstance(src, Literal) and any(src.value is maker for maker in STACKERS):
        stacked(typer, src.value, keys, op)
        return
    t = typer.type_of(src)
    base = strip(t)
    match base:
        case Array():
            _load_array(typer, src, base, keys, op)
        case Table():
            _load_table(typer, src, base, keys, op)
        case List() if not isinstance(src, Pack):
            _load_list(typer, src, base, keys, op)
        case Tuple():
            _load_tuple(typer, src, base, keys, op)
        case Dict():
            _load_dict(typer, src, base, keys, op)
        case Union():
            by_class(typer, src, grouped(base, lambda kind: kind), (op.result,), op.loc,
                     lambda one, _: load_index(typer, one, keys, op))  # fmt: skip
        case Struct():
            from .infer_calls import call_dunder

            key = index_item(typer, np.s_, keys)
            if issubclass(base.cls, dict) and isinstance(key, Literal) and key.value in names_of(base):
                from .infer_places import load_attribute  # records of SciPy's: `r["x"]` is `r.x`

                load_attribute(typer, src, str(key.value), op.result, op.loc)
                return
            if not call_dunder(typer, "__getitem__", (src, key), op.result, op.loc):
                raise DiffTypeError(f"{base.cls.__name__} can't be subscripted", loc=op.loc)
        case StrType() if of_text(typer, src, keys, op):
            return
        case Bottom() | StrType():
            typer.emit_load(typer.operand(src), index_of(typer, keys), base, op.loc, op.result)
        case _:
            typer.emit_load(typer.operand(src), index_of(typer, keys), ANY, op.loc, op.result)


def single(keys: list[Key], loc: Loc) -> Item:
    if len(keys) != 1 or isinstance(keys[0], SliceItem):
        raise refuse("this subscript of a container", loc)
    return keys[0]


def rows_of(typer: Typer, src: Item, t: Array, count: int, loc: Loc, results: Sequence[Value] = ()) -> tuple[Item, ...]:
    """The rows of an array that are unpacked into so many targets: views. Another number raises."""
    from .rows import row_of

    if t.dims[0] != count:
        typer.emit(Apply(row_of(expect_rows), (typer.operand(src), Literal(count)), (), (), loc))
    made = results or tuple(Value(None, loc=loc) for _ in range(count))
    for i, result in enumerate(made):
        source = Value(None, loc=loc)
        typer.env[source] = src
        load_index(typer, src, [Literal(i)], Load(source, Index((Literal(i),)), result, loc))
    return tuple(typer.env[r] for r in made)


def _load_array(typer: Typer, src: Item, t: Array, keys: list[Key], op: Load) -> None:
    place = index_of(typer, keys)
    operand = typer.operand(src)
    types = [None if isinstance(k, SliceItem) else typer.type_of(k) for k in keys]
    if any(k is not None and (isinstance(k, AnyType) or holds(k, Bottom)) for k in types):
        unknown = BOTTOM if any(k is not None and holds(k, Bottom) for k in types) else ANY
        typer.emit_load(operand, place, unknown, op.loc, op.result)
        return
    found, view = array_element(typer, t, keys, op.loc)
    if not view:
        result = typer.emit_load(operand, place, found, op.loc, op.result)
        if isinstance(found, Array):
            typer.fresh.add(result)
        return
    result = typer.define(op.result, found)
    typer.emit(View(operand, place, result, op.loc))
    typer.note_view(result, operand, op.place)


def array_element(typer: Typer, t: Array, keys: Sequence[Key], loc: Loc) -> tuple[Type, bool]:
    """The type of `x[keys]` and whether it is a view.

    Raises:
        DiffTypeError: too many indices, or an index of a type that arrays don't take.
    """
    types = [None if isinstance(k, SliceItem) else typer.type_of(k) for k in keys]
    if any(k is not None and _is_advanced(k) for k in types):
        return _advanced(typer, t, keys, loc), False
    used = sum(1 for k in types if not _is_extra(k))
    if used > t.ndim:
        raise DiffTypeError(f"{used} indices for an array of {t.ndim} dimensions", loc=loc)
    rest = list(t.dims)
    out: list[Dim] = []
    ellipsis = False
    for key, k in zip(keys, types):
        if isinstance(key, SliceItem):
            out.append(sliced_dim(rest.pop(0), key.types))
        elif isinstance(k, NoneType):
            out.append(1)
        elif _is_ellipsis(k):
            ellipsis = True
            keep = t.ndim - used
            out += rest[:keep]
            del rest[:keep]
        elif isinstance(strip(k) if k else k, Scalar) and kind_of(k or ANY) not in (*INEXACT, "bool", "b1"):
            rest.pop(0)
        else:
            raise DiffTypeError(f"an index of type {k}", loc=loc)
    dims = (*out, *rest)
    return (Array(t.dtype, dims), True) if dims or ellipsis else (Scalar(t.dtype), False)


def check_place(typer: Typer, t: Array, keys: Sequence[Key], loc: Loc) -> None:
    """Refuse a place that an array doesn't have; what isn't known yet is no fault."""
    types = [typer.type_of(k) for k in keys if not isinstance(k, SliceItem)]
    if not any(isinstance(k, AnyType) or holds(k, Bottom) for k in types):
        array_element(typer, t, keys, loc)


def _is_ellipsis(t: Type | None) -> bool:
    return isinstance(t, Lit) and t.value is Ellipsis


def _is_extra(t: Type | None) -> bool:
    """Whether a key uses up no axis."""
    return isinstance(t, NoneType) or _is_ellipsis(t)


def _is_advanced(t: Type) -> bool:
    return isinstance(strip(t), (Array, Tuple, List))


def sliced_dim(dim: Dim, bounds: Sequence[Type]) -> Dim:
    """The size of a slice: `n-2` for `[1:-1]` of `n`; None where it isn't certain."""
    lower, upper, step = bounds
    known = known_slice(bounds)
    if isinstance(dim, int) and known is not None:
        return len(range(*known.indices(dim)))
    if not isinstance(step, NoneType) and dim_of(step) != 1:
        whole = isinstance(lower, NoneType) and isinstance(upper, NoneType)
        return dim if whole and dim_of(step) == -1 else None
    start = 0 if isinstance(lower, NoneType) else dim_of(lower)
    if not isinstance(start, int) or start < 0 or dim is None:
        return None
    cut = 0 if isinstance(upper, NoneType) else _cut(dim, dim_of(upper))
    return None if cut is None else shrink(dim, start + cut)


def known_slice(bounds: Sequence[Type]) -> slice[int | None, int | None, int | None] | None:
    """The slice with these bounds, None when one isn't known at compile time."""
    values = [None if isinstance(b, NoneType) else dim_of(b) for b in bounds]
    lower, upper, step = (v if isinstance(v, int) else None for v in values)
    if any(isinstance(v, str) or (v is None and not isinstance(b, NoneType)) for v, b in zip(values, bounds)):
        return None
    return slice(lower, upper, step)


def _cut(dim: Dim, stop: Dim) -> int | None:
    """How many elements the stop of a slice cuts off the end, None when it isn't certain."""
    if same_dim(stop, dim):
        return 0
    if isinstance(stop, int):
        return -stop if stop < 0 else None
    a, b = affine_parts(str(dim)), affine_parts(str(stop))
    # `x[:n-3]` counts from the end when n is 2; one and two elements are cut off at any size
    if a and b and a[0] == b[0] and a[1] == 0 and b[1] in (-1, -2):
        return -b[1]
    return None


def _advanced(typer: Typer, t: Array, keys: Sequence[Key], loc: Loc) -> Type:
    """Indexing by arrays: axes and dtype by trial; sizes from the index where one stands alone."""
    plain_keys = [k for k in keys if not isinstance(k, SliceItem)]
    for k in plain_keys:
        kind = kind_of(typer.type_of(k)) if not _is_advanced(typer.type_of(k)) else None
        if kind in INEXACT:
            raise DiffTypeError(f"an index of type {kind}", loc=loc)
    small = Array(t.dtype, (12,) * t.ndim)
    slots = [Lit(slice(None), ANY) if isinstance(k, SliceItem) else _trial_key(typer, typer.type_of(k)) for k in keys]
    try:
        found = infer_by_trial(_getitem, (small, *slots), {})
    except DiffTypeError as err:
        raise DiffTypeError(err.reason, loc=loc) from None
    if not isinstance(found, Array):
        return found
    return Array(found.dtype, _advanced_dims(typer, t, keys, found.ndim))


def _getitem(x: Any, *keys: Any) -> Any:
    return x[keys]


def _trial_key(typer: Typer, t: Type) -> Type:
    if not _is_advanced(t):
        return t if isinstance(t, (NoneType, Lit)) and not isinstance(strip(t), Scalar) else Lit(0, strip(t))
    index = as_array(t)
    size = 12 if index.dtype == "b1" else 2
    return Array(index.dtype, (size,) * index.ndim)


def _advanced_dims(typer: Typer, t: Array, keys: Sequence[Key], ndim: int) -> tuple[Dim, ...]:
    """`x[idx]`, `x[:, idx]`, `x[idx, :]` with one index array of ints; else unknown."""
    arrays = [i for i, k in enumerate(keys) if not isinstance(k, SliceItem) and _is_advanced(typer.type_of(k))]
    others = [k for i, k in enumerate(keys) if i not in arrays]
    if len(arrays) > 1 and not any(isinstance(k, SliceItem) for k in others):
        return _together(typer, t, keys, ndim)
    if len(arrays) != 1 or not all(isinstance(k, SliceItem) for k in others):
        return (None,) * ndim
    at = arrays[0]
    index = keys[at]
    assert not isinstance(index, SliceItem)
    taken = as_array(typer.type_of(index))
    if taken.dtype == "b1":
        middle: tuple[Dim, ...] = (None,)
        used = taken.ndim
    else:
        middle, used = taken.dims, 1
    before = tuple(sliced_dim(d, k.types) for d, k in zip(t.dims, keys[:at]) if isinstance(k, SliceItem))
    behind = t.dims[at + used :]
    after = tuple(sliced_dim(d, k.types) for d, k in zip(behind, keys[at + 1 :]) if isinstance(k, SliceItem))
    return (*before, *middle, *after, *behind[len(after) :])


def _together(typer: Typer, t: Array, keys: Sequence[Key], ndim: int) -> tuple[Dim, ...]:
    """`x[rows, columns]`: the index arrays are broadcast, the axes behind them stay."""
    taken = [
        as_array(typer.type_of(k)) for k in keys if not isinstance(k, SliceItem) and _is_advanced(typer.type_of(k))
    ]
    dims = (*broadcast(a.dims for a in taken), *t.dims[len(keys) :])
    return dims if len(dims) == ndim and all(a.dtype != "b1" for a in taken) else (None,) * ndim


def _load_list(typer: Typer, src: Item, t: List, keys: list[Key], op: Load) -> None:
    if len(keys) == 1 and isinstance(keys[0], SliceItem):
        from .infer_lists import sliced

        if not sliced(typer, src, t, keys[0].operand, op):
            typer.emit_load(typer.operand(src), index_of(typer, keys), t, op.loc, op.result)
        return
    single(keys, op.loc)
    result = typer.emit_load(typer.operand(src), index_of(typer, keys), typer.slot(t.item), op.loc, op.result)
    typer.note_view(result, typer.operand(src), op.place)


def _load_tuple(typer: Typer, src: Item, t: Tuple, keys: list[Key], op: Load) -> None:
    """A known index takes the item; any other needs items of one type."""
    if len(keys) == 1 and isinstance(key := keys[0], SliceItem):
        cut = known_slice(key.types)
        if cut is None:
            raise refuse("a slice of a tuple with bounds not known at compile time", op.loc)
        chosen = typer.parts(src, t, op.loc)[cut]
        typer.env[op.result] = Record(Tuple((BOTTOM,) * len(chosen), listed=t.listed), chosen)
        return
    key = single(keys, op.loc)
    at = dim_of(typer.type_of(key))
    if isinstance(at, int):
        if not -len(t.items) <= at < len(t.items):
            raise DiffTypeError(f"index {at} of a tuple of {len(t.items)}", loc=op.loc)
        if isinstance(src, (Record, Pack)) or (isinstance(src, Literal) and isinstance(src.value, (tuple, list))):
            typer.env[op.result] = typer.parts(src, t)[at]
            return
        place = Index((Literal(at % len(t.items)),))
        typer.emit_load(typer.operand(src), place, t.items[at], op.loc, op.result)
        return
    item: Type = BOTTOM
    for part in t.items:
        item = merge(item, plain(unlit(part)))
    if isinstance(item, AnyType) and all(map(options_of, t.items)):
        typer.env[op.result] = picked(typer, typer.parts(src, t, op.loc), index_of(typer, keys), op.loc)
        return
    if isinstance(item, AnyType) and t.items:
        if not typer.counted:
            typer.counted = True
            raise Again
        raise refuse("an index of a tuple not known at compile time, with items of different types", op.loc)
    operand = typer.operand(src)
    if carries_derivative(item):
        parts = tuple(map(typer.operand, typer.parts(src, t, op.loc)))
        operand = typer.emit_apply(LIST, parts, {}, List(plain(unlit(item))), None, op.loc)
    typer.emit_load(operand, index_of(typer, keys), item, op.loc, op.result)


def _load_table(typer: Typer, src: Item, t: Table, keys: list[Key], op: Load) -> None:
    from .infer_dict_makers import fill_missing

    key = index_item(typer, np.s_, keys)
    if t.factory is collections.Counter:
        _load_count(typer, src, t, key, op)
        return
    if t.factory is not None:
        fill_missing(typer, src, t, key, op)
    place = Index((typer.operand(key),))
    result = typer.emit_load(typer.operand(src), place, typer.slot(t.item), op.loc, op.result)
    typer.note_view(result, typer.operand(src), op.place)


def _load_count(typer: Typer, src: Item, t: Table, key: Item, op: Load) -> None:
    """`counts[k]` of a Counter: 0 where it lacks the key, which it isn't given."""
    from .infer_dicts import has_key
    from .infer_regions import join_arms

    cond = has_key(typer, src, key, op.loc)
    with typer.builder.block() as there:
        found = typer.emit_load(typer.operand(src), Index((typer.operand(key),)), typer.slot(t.item), op.loc)
    with typer.builder.block() as missing:
        pass
    join_arms(typer, cond, [(there, (found,)), (missing, (Literal(0),))], (op.result,), op.loc)


def _held(typer: Typer, src: Item, key: object, t: Type, loc: Loc) -> Item:
    """What a dict with known keys holds under one of them."""
    if isinstance(src, Literal) and isinstance(src.value, dict):
        return Literal(src.value[key], None, loc)
    return typer.emit_load(typer.operand(src), Index((Literal(key),)), t, loc)


def _load_dict(typer: Typer, src: Item, t: Dict, keys: list[Key], op: Load) -> None:
    from .infer_dicts import key_of, made_table

    given = index_item(typer, np.s_, keys)
    key, items = key_of(typer, given), dict(t.items)
    if key is None and not t.open and items and all(map(options_of, items.values())):
        functions = {k: _held(typer, src, k, v, op.loc) for k, v in items.items()}
        typer.env[op.result] = picked_by_key(typer, functions, given, op.loc)
        return
    if key is None:
        if not isinstance(src, Literal):
            made_table(typer, src, typer.plain_type(given), op.loc)
        typer.emit_load(typer.operand(src), Index((typer.operand(given),)), as_table(t).item, op.loc, op.result)
        return
    if key.value not in items:
        if typer.containers.changed:
            raise Again  # it may be put there further up, in this walk
        typer.miss(op, DiffTypeError(f"no key {key.value!r} in {t}", loc=op.loc))
        items[key.value] = BOTTOM
    place = Index((Literal(key.value),))
    result = typer.emit_load(typer.operand(src), place, items[key.value], op.loc, op.result)
    typer.note_view(result, typer.operand(src), op.place)
