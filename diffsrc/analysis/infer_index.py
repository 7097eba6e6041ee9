"""Subscripts and attributes: reading, viewing, writing.

x[i]        number            Load
x[1:-1]     view              View     the size n-2 is known
x[i, ...]   view              View
x[idx]      copy              Load     idx an array or list of ints or bools
xs[i]       element           Load     of a list; of a taken-apart tuple the item itself
p.alpha     field             Load     of an instance; `x.T`, `x.shape` of arrays are rows of the table
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Union

from ..defs.dims import dim_of, dims_of, plain, shrink
from ..defs.dims import parts as affine_parts
from ..defs.probe import infer_by_trial
from ..defs.shapes import as_array, infer_dtype
from ..errors import DiffTypeError
from ..ir.ops import Attr, Index, Load, Slice, Store, View
from ..ir.types import (
    ANY, BOTTOM, INEXACT, AnyType, Array, Bottom, Dict, Dim, List, Lit, NoneType, Scalar, Struct, Tuple, Type,
    kind_of, strip,
)  # fmt: skip
from ..ir.values import Literal, Operand, Pack, Value
from ..source import Loc
from .containers import accepts
from .items import Item, Record, constant_type, merge, names_of
from .typer import Typer, refuse

Key = Union[Item, "SliceItem"]


class SliceItem:
    """A slice of a subscript, its bounds as items."""

    def __init__(self, typer: Typer, place: Slice) -> None:
        self.items = tuple(map(typer.get, (place.lower, place.upper, place.step)))
        self.types = tuple(map(typer.type_of, self.items))
        self.operand = Slice(*map(typer.constant_bound, self.items))


# -- loads


def load(typer: Typer, op: Load) -> None:
    src = typer.get(op.src)
    if isinstance(op.place, Attr):
        load_attribute(typer, src, op.place.name, op.result, op.loc)
    else:
        load_index(typer, src, keys_of(typer, op.place), op)


def keys_of(typer: Typer, place: Index) -> list[Key]:
    """The parts of a subscript; `x[t]` with a tuple t is `x[t[0], t[1]]`."""
    keys: list[Key] = []
    for part in place.items:
        if isinstance(part, Slice):
            keys.append(SliceItem(typer, part))
            continue
        item = typer.get(part)
        t = typer.type_of(item)
        if isinstance(t, Tuple) and not isinstance(item, Pack) and t.cls is None:
            keys += typer.parts(item, t)
        else:
            keys.append(item)
    return keys


def index_of(typer: Typer, keys: Sequence[Key]) -> Index:
    return Index(tuple(k.operand if isinstance(k, SliceItem) else typer.operand(k) for k in keys))


def load_index(typer: Typer, src: Item, keys: list[Key], op: Load) -> None:
    t = typer.type_of(src)
    base = strip(t)
    match base:
        case Array():
            _load_array(typer, src, base, keys, op)
        case List() if not isinstance(src, Pack):
            _load_list(typer, src, base, keys, op)
        case Tuple():
            _load_tuple(typer, src, base, keys, op)
        case Dict():
            _load_dict(typer, src, base, keys, op)
        case Struct():
            from .infer_calls import call_dunder

            key = _single(keys, op.loc)
            if not call_dunder(typer, "__getitem__", (src, key), op.result, op.loc):
                raise DiffTypeError(f"{base.cls.__name__} can't be subscripted", loc=op.loc)
        case Bottom():
            typer.emit_load(typer.operand(src), index_of(typer, keys), BOTTOM, op.loc, op.result)
        case _:
            typer.emit_load(typer.operand(src), index_of(typer, keys), ANY, op.loc, op.result)


def _single(keys: list[Key], loc: Loc) -> Item:
    if len(keys) != 1 or isinstance(keys[0], SliceItem):
        raise refuse("this subscript of a container", loc)
    return keys[0]


def _load_array(typer: Typer, src: Item, t: Array, keys: list[Key], op: Load) -> None:
    place = index_of(typer, keys)
    operand = typer.operand(src)
    types = [None if isinstance(k, SliceItem) else typer.type_of(k) for k in keys]
    if any(isinstance(k, (AnyType, Bottom)) for k in types):
        unknown = BOTTOM if any(isinstance(k, Bottom) for k in types) else ANY
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
            out.append(sliced(rest.pop(0), key.types))
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


def _is_ellipsis(t: Type | None) -> bool:
    return isinstance(t, Lit) and t.value is Ellipsis


def _is_extra(t: Type | None) -> bool:
    """Whether a key uses up no axis."""
    return isinstance(t, NoneType) or _is_ellipsis(t)


def _is_advanced(t: Type) -> bool:
    return isinstance(strip(t), (Array, Tuple, List))


def sliced(dim: Dim, bounds: Sequence[Type]) -> Dim:
    """The size of a slice: `n-2` for `[1:-1]` of `n`; None where it isn't certain."""
    lower, upper, step = bounds
    if not isinstance(step, NoneType) and dim_of(step) != 1:
        known = [None if isinstance(b, NoneType) else dim_of(b) for b in bounds]
        if isinstance(dim, int) and all(
            isinstance(k, int) or isinstance(b, NoneType) for k, b in zip(known, bounds)
        ):
            return len(range(*slice(*known).indices(dim)))  # type: ignore[misc]
        return dim if all(isinstance(b, NoneType) for b in (lower, upper)) and dim_of(step) == -1 else None
    start = 0 if isinstance(lower, NoneType) else dim_of(lower)
    stop = dim if isinstance(upper, NoneType) else dim_of(upper)
    if isinstance(dim, int) and isinstance(start, int) and isinstance(stop, int):
        return len(range(*slice(start, stop).indices(dim)))
    if not isinstance(start, int) or start < 0 or dim is None:
        return None
    cut = _cut(dim, stop)
    return None if cut is None else shrink(dim, start + cut)


def _cut(dim: Dim, stop: Dim) -> int | None:
    """How many elements the stop of a slice cuts off the end, None when it isn't certain."""
    if stop == dim:
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
    slots = [
        Lit(slice(None), ANY) if isinstance(k, SliceItem) else _trial_key(typer, typer.type_of(k))
        for k in keys
    ]
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
    arrays = [
        i for i, k in enumerate(keys) if not isinstance(k, SliceItem) and _is_advanced(typer.type_of(k))
    ]
    others = [k for i, k in enumerate(keys) if i not in arrays]
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
    before = tuple(sliced(d, k.types) for d, k in zip(t.dims, keys[:at]) if isinstance(k, SliceItem))
    behind = t.dims[at + used :]
    after = tuple(sliced(d, k.types) for d, k in zip(behind, keys[at + 1 :]) if isinstance(k, SliceItem))
    return (*before, *middle, *after, *behind[len(after) :])


def _load_list(typer: Typer, src: Item, t: List, keys: list[Key], op: Load) -> None:
    if len(keys) == 1 and isinstance(keys[0], SliceItem):
        typer.emit_load(typer.operand(src), index_of(typer, keys), t, op.loc, op.result)
        return
    _single(keys, op.loc)
    result = typer.emit_load(typer.operand(src), index_of(typer, keys), t.item, op.loc, op.result)
    typer.note_view(result, typer.operand(src), op.place)


def _load_tuple(typer: Typer, src: Item, t: Tuple, keys: list[Key], op: Load) -> None:
    """A known index takes the item; any other needs items of one type."""
    if len(keys) == 1 and isinstance(key := keys[0], SliceItem):
        bounds = [None if isinstance(b, NoneType) else dim_of(b) for b in key.types]
        if any(not isinstance(b, (int, NoneType)) for b in key.types if not isinstance(b, Lit)):
            raise refuse("a slice of a tuple with bounds not known at compile time", op.loc)
        chosen = typer.parts(src, t, op.loc)[slice(*bounds)]  # type: ignore[misc]
        typer.env[op.result] = Record(Tuple((BOTTOM,) * len(chosen)), chosen)
        return
    key = _single(keys, op.loc)
    at = dim_of(typer.type_of(key))
    if isinstance(at, int):
        if not -len(t.items) <= at < len(t.items):
            raise DiffTypeError(f"index {at} of a tuple of {len(t.items)}", loc=op.loc)
        if isinstance(src, (Record, Pack)) or (isinstance(src, Literal) and isinstance(src.value, tuple)):
            typer.env[op.result] = typer.parts(src, t)[at]
            return
        place = Index((Literal(at % len(t.items)),))
        typer.emit_load(typer.operand(src), place, t.items[at], op.loc, op.result)
        return
    item: Type = BOTTOM
    for part in t.items:
        item = merge(item, plain(strip(part)))
    if isinstance(item, AnyType) and t.items:
        raise refuse("an index of a tuple not known at compile time, with items of different types", op.loc)
    typer.emit_load(typer.operand(src), index_of(typer, keys), item, op.loc, op.result)


def _load_dict(typer: Typer, src: Item, t: Dict, keys: list[Key], op: Load) -> None:
    key = typer.type_of(_single(keys, op.loc))
    items = dict(t.items)
    if not isinstance(key, Lit):
        kinds = {plain(v) for v in items.values()}
        item = kinds.pop() if len(kinds) == 1 else ANY
        typer.emit_load(typer.operand(src), index_of(typer, keys), item, op.loc, op.result)
        return
    if key.value not in items:
        typer.miss(op, DiffTypeError(f"no key {key.value!r} in {t}", loc=op.loc))
        items[key.value] = BOTTOM
    place = Index((Literal(key.value),))
    result = typer.emit_load(typer.operand(src), place, items[key.value], op.loc, op.result)
    typer.note_view(result, typer.operand(src), op.place)


# -- attributes


def load_attribute(typer: Typer, src: Item, name: str, old: Value, loc: Loc) -> None:
    t = typer.type_of(src)
    base = strip(t)
    if isinstance(base, (Array, Scalar)):
        _array_attribute(typer, src, name, old, loc)
    elif isinstance(base, (Tuple, Struct)) and name in names_of(base):
        at = names_of(base).index(name)
        if isinstance(src, Record):
            typer.env[old] = src.items[at]
            return
        field = base.items[at] if isinstance(base, Tuple) else base.fields[at][1]
        result = typer.emit_load(typer.operand(src), Attr(name), field, loc, old)
        typer.note_view(result, typer.operand(src), Attr(name))
    elif isinstance(base, (Tuple, Struct)) and base.cls is not None:
        _class_attribute(typer, src, base.cls, name, old, loc)
    else:
        unknown = BOTTOM if isinstance(base, Bottom) else ANY
        typer.emit_load(typer.operand(src), Attr(name), unknown, loc, old)


def _array_attribute(typer: Typer, src: Item, name: str, old: Value, loc: Loc) -> None:
    """`.T`, `.shape`, `.real`: rows of the table."""
    from ..defs import methods
    from .infer_calls import apply_row

    t = typer.type_of(src)
    if name == "ndim":
        typer.env[old] = Literal(len(dims_of(t)), None, loc)
        return
    if name == "dtype" and (kind := kind_of(t)) is not None:
        dtype = infer_dtype(kind)
        typer.env[old] = Literal(dtype.type, f"np.{dtype.name}" if dtype.kind != "b" else "np.bool_", loc)
        return
    row = methods.ATTRIBUTES.get(name)
    if row is None:
        raise refuse(
            f"the attribute .{name} of {'an array' if isinstance(strip(t), Array) else 'a number'}", loc
        )
    apply_row(typer, row, (src,), {}, (old,), loc)


def _class_attribute(typer: Typer, src: Item, cls: type, name: str, old: Value, loc: Loc) -> None:
    """A property is called; a constant of the class is read."""
    import inspect

    from .infer_calls import call_function

    found = inspect.getattr_static(cls, name, None)
    if found is None:
        raise DiffTypeError(f"{cls.__name__} has no attribute {name}", loc=loc)
    if isinstance(found, property):
        call_function(typer, found.fget, (src,), {}, (old,), loc, name)
        return
    if callable(found) or isinstance(found, (staticmethod, classmethod)) or hasattr(found, "__get__"):
        raise refuse(f"the method {name} as a value", loc, "call it, or write a lambda")
    result = typer.emit_load(typer.operand(src), Attr(name), plain(constant_type(found)), loc, old)
    typer.known.setdefault(result, constant_type(found))


# -- stores


def store(typer: Typer, op: Store) -> None:
    dst = typer.get(op.dst)
    value = typer.get(op.value)
    if typer.is_own_view(op, dst, value):
        return
    t = strip(typer.type_of(dst))
    place: Attr | Index = (
        op.place if isinstance(op.place, Attr) else index_of(typer, keys_of(typer, op.place))
    )
    match t:
        case Array():
            if isinstance(op.place, Index):
                _store_array(typer, t, op.place, value, op.loc)
        case List() | Dict() | Struct():
            _store_slot(typer, op, t, value)
        case Tuple():
            raise DiffTypeError("a tuple can't be written", loc=op.loc)
        case Scalar():
            raise DiffTypeError(f"a number ({t}) can't be written", loc=op.loc)
    typer.emit(Store(typer.operand(dst), place, typer.operand(value), op.add, op.loc))


def _store_array(typer: Typer, t: Array, place: Index, value: Item, loc: Loc) -> None:
    keys = keys_of(typer, place)
    types = [ANY if isinstance(k, SliceItem) else typer.type_of(k) for k in keys]
    if not any(
        isinstance(k, (AnyType, Bottom)) for k, key in zip(types, keys) if not isinstance(key, SliceItem)
    ):
        array_element(typer, t, keys, loc)
    kind = kind_of(typer.type_of(value))
    if kind in ("complex", "c64", "c128") and t.dtype[0] != "c":
        raise DiffTypeError(f"a complex value stored in an array of {t.dtype}", loc=loc)


def _store_slot(typer: Typer, op: Store, t: List | Dict | Struct, value: Item) -> None:
    """A store of an element or field: the type of the container holds what it is given."""
    held = plain(strip(typer.plain_type(value)))
    wide: Type
    if isinstance(t, Struct):
        if not isinstance(op.place, Attr):
            raise refuse("a subscript store into an instance", op.loc)
        if t.frozen:
            raise DiffTypeError(f"{t.cls.__name__} is frozen", loc=op.loc)
        name = op.place.name
        slot, wide = t.field(name), Struct(t.cls, ((name, held),), t.frozen)
    elif isinstance(op.place, Attr):
        raise DiffTypeError(f"{t} has no attributes", loc=op.loc)
    else:
        key = _single(keys_of(typer, op.place), op.loc)
        if isinstance(t, List):
            slot, wide = t.item, List(held)
        else:
            known = typer.type_of(key)
            if not isinstance(known, Lit):
                raise refuse("a dict key not known at compile time", op.loc)
            slot, wide = dict(t.items).get(known.value), Dict(((known.value, held),))
    grow(typer, op.dst, slot, held, wide, op.loc)


def grow(typer: Typer, dst: Operand, slot: Type | None, held: Type, wide: Type, loc: Loc) -> None:
    """Let a container take a value: its type grows if all of it is known here."""
    if isinstance(held, Bottom):
        return
    if typer.containers.local(dst) and isinstance(dst, Value):
        typer.containers.put(dst, wide)
    elif slot is None or not accepts(slot, held):
        raise DiffTypeError(
            f"a value of type {held} is put where the argument holds {slot or 'nothing'}",
            loc=loc,
            hint="a function may not change the types inside its arguments",
        )
