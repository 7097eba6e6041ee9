"""Reading and writing of places: attributes, and stores into arrays, lists, dicts and instances."""

from __future__ import annotations

import enum
import keyword
import sys
import types

import numpy as np

from ..defs.classes import MISSING
from ..defs.dims import dims_of, plain
from ..defs.shapes import infer_dtype
from ..errors import DiffTypeError
from ..ir.ops import Attr, Index, Load, Place, Store
from ..ir.types import (
    ANY,
    BOTTOM,
    STR,
    Array,
    Bottom,
    Dict,
    FuncType,
    List,
    Lit,
    Maybe,
    Opaque,
    Scalar,
    Struct,
    Table,
    Tuple,
    Type,
    Union,
    holds_unknown,
    is_complex,
    kind_of,
    nests,
    strip,
    unlit,
)
from ..ir.values import Literal, Value
from ..source import Loc
from .classes import attribute_of_class, class_attribute, looked_up, set_property
from .containers import accepts
from .dispatch import by_class, grouped
from .growth import grow, hold
from .infer_dicts import key_of, made_table
from .infer_distributions import attribute_of_distribution
from .infer_handles import check_untouched, load_attribute_of, load_part, object_class
from .infer_index import check_place, index_of, load_index, single
from .infer_iterators import flat, load_flat, store_flat
from .infer_list_methods import store_slice
from .infer_reshaped import store_attribute
from .infer_slices import SliceItem, index_item, keys_of
from .items import Item, Record, Stepper, Super, Unfinished, constant_type, fold_merge, merge, names_of
from .queues import items_of
from .rows import settled_if_active
from .typer import Typer, refuse


def load(typer: Typer, op: Load) -> None:
    src = typer.get(op.src)
    if isinstance(op.place, Index):
        src = items_of(typer, src, op.loc)
    if isinstance(src, Stepper) and isinstance(op.place, Index):
        load_flat(typer, src, op)
    elif isinstance(op.place, Attr):
        load_attribute(typer, src, op.place.name, op.result, op.loc)
    else:
        keys = keys_of(typer, op.place)
        if not load_part(typer, src, keys, op.result, op.loc):
            load_index(typer, src, keys, op)


# -- attributes


#: attributes of `x.dtype`, which stands for its scalar type
_OF_DTYPES = frozenset({"type", "kind", "char", "name", "num", "itemsize", "str", "byteorder"})


#: objects of constants
_OF_LIMITS = (np.finfo, np.iinfo, type(sys.float_info))


def check_name(name: str, loc: Loc) -> None:
    """Refuse attributes that only `getattr` and `setattr` can reach: no text could name them."""
    if not name.isidentifier() or keyword.iskeyword(name):
        raise refuse(f"the attribute {name!r}, which isn't a name", loc, "call the attribute by an identifier")


def load_attribute(typer: Typer, src: Item, name: str, old: Value, loc: Loc) -> None:
    check_name(name, loc)
    if isinstance(src, Unfinished) and name in src.fields:
        typer.env[old] = src.fields[name]
        return
    if isinstance(src, Super):
        raise refuse("an attribute of super()", loc, "call a method")
    t = typer.type_of(src)
    if isinstance(t, Lit) and isinstance(t.value, enum.Enum):
        typer.env[old] = Literal(getattr(t.value, name), None, loc)
        return
    if isinstance(src, Literal) and isinstance(src.value, _OF_LIMITS):
        typer.env[old] = Literal(getattr(src.value, name), f"{src.text}.{name}", loc)
        return
    if name in _OF_DTYPES and isinstance(t, FuncType) and isinstance(t.target, type) and issubclass(t.target, np.generic):
        typer.env[old] = src if name == "type" else Literal(getattr(np.dtype(t.target), name), None, loc)
        return
    if name == "type" and isinstance(t, FuncType) and isinstance(t.target, type) and issubclass(t.target, np.generic):
        typer.env[old] = src  # of `x.dtype`
        return
    base = strip(t)
    if attribute_of_distribution(typer, src, name, old, loc):
        return
    of = object_class(typer, src) if isinstance(base, (Opaque, FuncType)) else None
    if of is not None and load_attribute_of(typer, of, src, name, old, loc):
        return
    if isinstance(base, Union):
        _attribute_by_class(typer, src, base, name, old, loc)
    elif isinstance(base, (Array, Scalar)):
        _array_attribute(typer, src, name, old, loc)
    elif isinstance(base, (Tuple, Struct)) and name in names_of(base):
        at = names_of(base).index(name)
        if isinstance(src, Record):
            typer.env[old] = src.items[at]
            return
        field = base.items[at] if isinstance(base, Tuple) else typer.slot(base.field(name) or ANY)
        result = typer.emit_load(typer.operand(src), Attr(name), field, loc, old)
        typer.note_view(result, typer.operand(src), Attr(name))
    elif isinstance(base, Struct) and issubclass(base.cls, dict) and not isinstance(src, Record):
        typer.emit_load(typer.operand(src), Attr(name), ANY, loc, old)  # a record of SciPy's has more fields
    elif isinstance(base, (Tuple, Struct)) and base.cls is not None:
        class_attribute(typer, src, base.cls, name, old, loc)
    elif (
        isinstance(base, FuncType)
        and isinstance(base.target, type)
        and (found := attribute_of_class(typer, base.target, name, loc)) is not None
    ):
        typer.env[old] = found
    else:
        unknown = BOTTOM if isinstance(base, Bottom) else _of_member(base, name)
        typer.emit_load(typer.operand(src), Attr(name), unknown, loc, old)


def _of_member(t: Type, name: str) -> Type:
    """The type of an attribute of a member of an `Enum`."""
    if not isinstance(t, Opaque) or not issubclass(t.cls, enum.Enum) or name not in ("name", "value"):
        return ANY
    return STR if name == "name" else unlit(fold_merge([constant_type(m.value) for m in t.cls]))


def _attribute_by_class(typer: Typer, src: Item, t: Union, name: str, old: Value, loc: Loc) -> None:
    """An attribute of an instance of one of several classes: a field of all that have it, or what each of them says."""

    def key(kind: Struct) -> object:
        if name in names_of(kind):
            return "field"
        return None if looked_up(typer, kind.cls, name) is MISSING else kind

    groups = grouped(t, key)
    field = t.field(name)
    if field is not None and not holds_unknown(field) and {k for k, _ in groups} <= {"field", None}:
        result = typer.emit_load(typer.operand(src), Attr(name), typer.slot(field), loc, old)
        typer.note_view(result, typer.operand(src), Attr(name))
        return
    groups = grouped(t, lambda kind: None if key(kind) is None else kind)
    by_class(typer, src, groups, (old,), loc, lambda one, _: load_attribute(typer, one, name, old, loc), name)


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
    if row is None or (name == "flat" and not isinstance(strip(t), Array)):
        shown = "an array" if isinstance(strip(t), Array) else "a number"
        raise refuse(f"the attribute .{name} of {shown}", loc, methods.REFUSED_ATTRIBUTES.get(name, ""))
    if name == "flat":
        typer.env[old] = flat(typer, src, loc)
        return
    if name == "imag" and isinstance(strip(t), Array) and not is_complex(strip(t)):
        row = methods.NO_IMAG
    apply_row(typer, row, (src,), {}, (old,), loc)


# -- stores


def store(typer: Typer, op: Store) -> None:
    dst = typer.get(op.dst)
    value = typer.get(op.value)
    if isinstance(op.place, Index):
        dst = items_of(typer, dst, op.loc)
    if typer.is_own_view(op, dst, value):
        return
    if isinstance(dst, Stepper):
        store_flat(typer, dst, value, op)
        return
    check_untouched(typer, dst, op.loc)
    t = strip(typer.type_of(dst))
    if isinstance(t, Struct) and isinstance(op.place, Attr) and set_property(typer, dst, t.cls, op.place.name, value, op.loc):
        return
    if isinstance(dst, Unfinished) and isinstance(op.place, Attr) and dst.ops is typer.builder.ops:
        dst.fields[op.place.name] = value
        return
    if isinstance(t, Struct) and isinstance(op.place, Index):
        _set_item(typer, t.cls, dst, op, value)
        return
    place: Attr | Index = op.place if isinstance(op.place, Attr) else index_of(typer, keys_of(typer, op.place))
    if isinstance(t, (Dict, Table)) and isinstance(op.place, Index):
        key = index_item(typer, np.s_, keys_of(typer, op.place))
        constant = key_of(typer, key)
        place = Index((typer.operand(key) if constant is None else Literal(constant.value),))
    match t:
        case Array():
            if isinstance(op.place, Attr):
                store_attribute(typer, dst, op.place.name, value, op.loc)
                return
            value = settled_if_active(typer, value, op.loc)
            _store_array(typer, t, op.place, value, op.loc)
        case List() if isinstance(cut := _slice_of(typer, op.place), SliceItem):
            if store_slice(typer, dst, t, cut, value, op.loc):
                return
        case Union():
            if _store_by_class(typer, op, t, value):
                return
        case List() | Dict() | Struct():
            _store_slot(typer, op, t, value)
        case Tuple():
            raise DiffTypeError("a tuple can't be written", loc=op.loc)
        case Scalar():
            raise DiffTypeError(f"a number ({t}) can't be written", loc=op.loc)
    typer.emit(Store(typer.operand(dst), place, typer.operand(value), op.add, op.loc))


def _store_by_class(typer: Typer, op: Store, t: Union, value: Item) -> bool:
    """A store into an instance of one of several classes. False where the store itself says what is done."""
    if not isinstance(op.place, Attr):
        raise refuse("a subscript store into an instance of one of several classes", op.loc)
    name, held = op.place.name, plain(unlit(typer.plain_type(value)))
    fields = [k.field(name) for k in t.structs]
    if all(f is not None and accepts(f, held) for f in fields):
        for f in fields:
            hold(typer, value, f, op.loc)
        return False
    assert isinstance(op.dst, Value)
    before = typer.env[op.dst]

    def one(item: Item, _: object) -> None:
        typer.env[op.dst] = item  # type: ignore[index]
        store(typer, op)

    by_class(typer, before, grouped(t, lambda kind: kind), (), op.loc, one)
    typer.env[op.dst] = before
    return True


def _check_key(typer: Typer, op: Store, t: Table, key: Item) -> None:
    """A table takes keys of any type: they are joined."""
    kind = unlit(typer.plain_type(key))
    if merge(t.key, kind) != t.key:
        grow(typer, op.dst, None, t.item, Table(t.item, kind), op.loc)


def _slice_of(typer: Typer, place: Place) -> SliceItem | None:
    """The slice that a place is, if it is one."""
    keys = keys_of(typer, place) if isinstance(place, Index) else []
    return keys[0] if len(keys) == 1 and isinstance(keys[0], SliceItem) else None


def _set_item(typer: Typer, cls: type, dst: Item, op: Store, value: Item) -> None:
    """`obj[i, j] = v` by `__setitem__`."""
    from .infer_calls import call_function

    found = looked_up(typer, cls, "__setitem__")
    if not isinstance(found, types.FunctionType) or not isinstance(op.place, Index):
        raise DiffTypeError(f"{cls.__name__} has no __setitem__", loc=op.loc)
    key = index_item(typer, np.s_, keys_of(typer, op.place))
    call_function(typer, found, (dst, key, value), {}, (), op.loc, "__setitem__")


def _store_array(typer: Typer, t: Array, place: Index, value: Item, loc: Loc) -> None:
    keys = keys_of(typer, place)
    check_place(typer, t, keys, loc)
    kind = kind_of(typer.type_of(value))
    if kind in ("complex", "c64", "c128") and t.dtype[0] != "c":
        raise DiffTypeError(f"a complex value stored in an array of {t.dtype}", loc=loc)


def _store_slot(typer: Typer, op: Store, t: List | Dict | Struct, value: Item) -> None:
    """A store of an element or field: the type of the container holds what it is given."""
    held = plain(unlit(typer.plain_type(value)))
    wide: Type
    if isinstance(t, Struct):
        if not isinstance(op.place, Attr):
            raise refuse("a subscript store into an instance", op.loc)
        if t.frozen:
            raise DiffTypeError(f"{t.cls.__name__} is frozen", loc=op.loc)
        name = op.place.name
        if t.cls in typer.ctx.system or nests(Maybe(held), t.cls):
            t = typer.ctx.system.instance(t.cls, {name: held})
        slot, wide = t.field(name), Struct(t.cls, ((name, held),), t.frozen)
    elif isinstance(op.place, Attr):
        raise DiffTypeError(f"{t} has no attributes", loc=op.loc)
    else:
        key = index_item(typer, np.s_, keys_of(typer, op.place))
        if isinstance(t, Table):
            slot, wide = t.item, Table(held, unlit(typer.plain_type(key)))
            _check_key(typer, op, t, key)
        elif isinstance(t, List):
            single(keys_of(typer, op.place), op.loc)
            slot, wide = t.item, List(held)
        else:
            known = key_of(typer, key)
            if known is None:
                grow(typer, op.dst, None, held, Table(held, unlit(typer.plain_type(key))), op.loc)
                made_table(typer, typer.get(op.dst), typer.plain_type(key), op.loc)
                return
            slot, wide = dict(t.items).get(known.value), Dict(((known.value, held),))
            if slot is None and not typer.fills.is_sure(typer, op.dst):
                typer.containers.open(op.dst)
    grow(typer, op.dst, slot, held, wide, op.loc)
    hold(typer, value, slot, op.loc)
