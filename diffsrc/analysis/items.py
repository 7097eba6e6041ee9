"""What stands for a value of the lowered function while it is typed: an operand, or a `Record`.

A Record is a tuple, NamedTuple, frozen instance or closure taken apart into its items. Joins (loop
parameters, results of an `if`) carry its parts one by one: `flatten` gives the operands, `Layout` puts them
together again.
"""

from __future__ import annotations

import functools
import types
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ..defs.classes import is_source
from ..defs.dims import map_dims, number_type, plain, unknown
from ..defs.frozen import frozen_from, is_distribution
from ..defs.objects import ObjectClass
from ..defs.objects import class_of as object_class
from ..defs.packages import is_multimethod
from ..errors import DiffTypeError
from ..ir.ops import Func, Op
from ..ir.types import (
    ANY,
    BOOL,
    INT,
    AnyType,
    Array,
    Bottom,
    Dict,
    FuncType,
    List,
    Lit,
    Maybe,
    NoneType,
    OneOf,
    Opaque,
    Scalar,
    Struct,
    Table,
    Tuple,
    Type,
    Union,
    holds_listed,
    join,
    join_tables,
    maybe,
    strip,
    there,
)
from ..ir.values import Literal, Pack, Value, literal_type
from .typeof import FUNCTIONS, typeof


@dataclass(frozen=True, eq=False, slots=True)
class Record:
    """A composite value taken apart. `kind` is the type of its form: Tuple, frozen Struct or FuncType."""

    kind: Type
    items: tuple[Item, ...]


class Unfinished:
    """An instance whose `__init__` is running: the fields it has so far, stored on every path (in `ops`)."""

    def __init__(self, cls: type, ops: list[Op]) -> None:
        self.cls = cls
        self.ops = ops
        self.fields: dict[str, Item] = {}


@dataclass(frozen=True, eq=False, slots=True)
class Stepper:
    """What a loop takes where it stands: `a.flat`, which also has indices, and `np.ndindex(3, 4)`."""

    shown: str
    value: Value
    source: Value | Literal | None = None


@dataclass(frozen=True, eq=False, slots=True)
class Super:
    """`super()`: an instance whose attributes are looked up behind a class of its own."""

    owner: type
    item: Item


Item = Value | Literal | Pack | Record | Unfinished | Stepper | Super


def is_closure(t: Type) -> bool:
    """An inner function with captured values, or one of several functions: it is passed as those values."""
    return isinstance(t, OneOf) or (isinstance(t, FuncType) and bool(t.captures))


def are_texts(kinds: Sequence[Type]) -> bool:
    """Whether all of them are constant texts."""
    return bool(kinds) and all(isinstance(t, Lit) and isinstance(t.value, str) for t in kinds)


def is_optional(t: Type) -> bool:
    """A tuple that may be None, or something that holds one: it is passed and returned as its parts, None each where it is."""
    if isinstance(t, Maybe):
        return parts_of(t) is not None
    return any(map(is_optional, parts_of(t) or ()))


def depth(t: Type) -> int:
    """How deep tuples that may be None lie in others."""
    inner = max(map(depth, parts_of(t) or ()), default=0)
    return inner + 1 if isinstance(t, Maybe) and parts_of(t) is not None else inner


def names_of(kind: Type) -> tuple[str, ...]:
    """Field names of a NamedTuple or instance."""
    if isinstance(kind, Struct):
        return tuple(k for k, _ in kind.fields)
    if isinstance(kind, Maybe):
        return names_of(kind.item)
    return kind.names if isinstance(kind, Tuple) else ()


def parts_of(kind: Type) -> tuple[Type, ...] | None:
    """The types of the parts of a composite value; None for what is one value."""
    match kind:
        case Tuple():
            return kind.items
        case Struct(frozen=True):
            return tuple(t for _, t in kind.fields)
        case FuncType():
            return kind.captures
        case OneOf():
            return (INT, *kind.options)
        case Lit(value=bool() | str()) | NoneType():
            return ()
        case Maybe():
            parts = parts_of(kind.item)
            return None if parts is None else tuple(map(_part_or_none, parts))
    return None


def _part_or_none(t: Type) -> Type:
    """The type of a part of a tuple that may be None: where it is, its parts are."""
    parts = parts_of(t)
    return t if parts == () else maybe(t) if parts is None else Maybe(there(t))


def witness(kind: Type) -> tuple[int, ...] | None:
    """Where in a tuple something stands that isn't None unless the tuple is: the positions that lead there."""
    for i, part in enumerate(parts_of(kind) or ()):
        inner = parts_of(part)
        if inner is None and not isinstance(part, (Maybe, AnyType, Bottom)):
            return (i,)
        if inner and not isinstance(part, Maybe) and (found := witness(part)) is not None:
            return (i, *found)
    return None


def optional_type(types_: Sequence[Type]) -> Maybe | None:
    """The type of a join of None with tuples (or frozen instances), None for any other join."""
    if not any(isinstance(t, (NoneType, Maybe)) for t in types_):
        return None
    wholes = [there(t) for t in types_ if not isinstance(t, NoneType)]
    if not wholes or not all(isinstance(t, Tuple) or (isinstance(t, Struct) and t.frozen) for t in wholes):
        return None
    joined = fold_merge(wholes)
    return None if witness(joined) is None else Maybe(joined)


def with_parts(kind: Type, parts: tuple[Type, ...]) -> Type:
    """The same form with other parts."""
    match kind:
        case Tuple():
            return replace(kind, items=parts)
        case Struct():
            return replace(kind, fields=tuple(zip(names_of(kind), parts)))
        case FuncType():
            return replace(kind, captures=parts)
        case OneOf():
            return OneOf(tuple(p for p in parts if isinstance(p, FuncType)))
        case Maybe():
            return Maybe(with_parts(kind.item, tuple(map(there, parts))))
    return kind


def constant_type(value: object) -> Type:
    """The type of a constant of the program."""
    found = literal_type(value)
    if isinstance(value, Func):
        return FuncType(value)
    if isinstance(value, list) and value and all(map(_is_function, value)):
        return Tuple(tuple(map(FuncType, value)))  # functions of several kinds have no common type
    if isinstance(value, list) and value and all(frozen_from(v) is not None for v in value):
        return Tuple(tuple(map(typeof, value)))
    plain_callable = isinstance(value, (*FUNCTIONS, types.MethodType, functools.partial)) or is_distribution(value)
    plain_callable = plain_callable or is_multimethod(value)
    known = plain_callable if isinstance(found, FuncType) else not isinstance(found, AnyType)
    if known and not isinstance(value, (np.ndarray, tuple, list, dict)):
        return found
    if isinstance(value, np.ndarray):
        return number_type(value)
    if isinstance(value, np.generic):
        return number_type(value)
    if isinstance(value, (np.dtype, slice, type(Ellipsis), type(NotImplemented))):
        return Lit(value, ANY)
    if is_source(value):
        return Opaque(type(value))
    if (of := object_class(type(value))) is not None:
        return Opaque(type(value), of.held(value))
    try:
        found = map_dims(typeof(value), unknown)
    except DiffTypeError:
        return ANY
    return ANY if holds_listed(found) else found  # such a list may change, and what is in it would be taken as constants


def _is_function(value: object) -> bool:
    return isinstance(value, (*FUNCTIONS, functools.partial)) or is_distribution(value) or is_multimethod(value)


def merge(a: Type, b: Type) -> Type:
    """`join` with what inference knows besides: part by part, functions with captures, 0.0 with an array."""
    if a == b or isinstance(b, Bottom):
        return a
    if isinstance(a, Bottom):
        return b
    optional = optional_type((a, b)) if isinstance(a, Maybe) or isinstance(b, Maybe) else None
    if optional is not None:
        return optional
    if isinstance(a, (NoneType, Maybe)) or isinstance(b, (NoneType, Maybe)):
        return maybe(plain(strip(merge(there(a), there(b)))))
    x, y = parts_of(a), parts_of(b)
    if x is not None and y is not None and _same_form(a, b) and len(x) == len(y):
        return with_parts(a, tuple(map(merge, x, y)))
    for number, array in ((a, b), (b, a)):
        if isinstance(number, Lit) and isinstance(array, Array) and _fits(number, array):
            return Array(array.dtype, (None,) * array.ndim)
    if isinstance(a, Table) or isinstance(b, Table):
        empty = Dict(())
        return b if a == empty else a if b == empty else join_tables(a, b, merge)
    if isinstance(a, List) and isinstance(b, List):
        return List(merge(a.item, b.item))
    return join(plain(a), plain(b))


def _same_form(a: Type, b: Type) -> bool:
    match a, b:
        case Tuple(), Tuple():
            return a.cls is b.cls and a.listed is b.listed
        case Struct(), Struct():
            return a.cls is b.cls and names_of(a) == names_of(b)
        case FuncType(), FuncType():
            return a.target is b.target
        case OneOf(), OneOf():
            return [o.target for o in a.options] == [o.target for o in b.options]
    return False


def _fits(number: Lit, array: Array) -> bool:
    """Whether a constant number may start a variable that later holds the array (`s = 0.0`)."""
    if not isinstance(number.base, Scalar) or number.base == BOOL:
        return False
    inexact = array.dtype[0] in "fc"
    return inexact and (number.base.kind != "complex" or array.dtype[0] == "c")


def fold_merge(types: list[Type]) -> Type:
    return functools.reduce(merge, types)


# -- taking apart at joins


def leaves(kind: Type) -> Iterator[tuple[str, Type]]:
    """What a join carries for a type: name suffixes and types of the single values."""
    parts = parts_of(kind)
    if parts is None:
        yield "", kind
        return
    names = names_of(kind) or tuple(str(i) for i in range(len(parts)))
    for name, part in zip(names, parts):
        for suffix, t in leaves(part):
            yield f"_{name}{suffix}", t


def assemble(kind: Type, values: Iterator[Any]) -> Item:
    """The item whose single values are given, in the order of `leaves`."""
    parts = parts_of(kind)
    if parts is None:
        found: Item = next(values)
        return found
    if isinstance(kind, NoneType):
        return Literal(None)
    if isinstance(kind, Lit):
        return Literal(kind.value)
    return Record(kind, tuple(assemble(p, values) for p in parts))


def same_constant(items: list[Item]) -> Item | None:
    """The one item that all arms of a join pass: one value, or equal constants."""
    first = items[0]
    if all(i is first for i in items):
        return first
    if all(isinstance(i, Literal) for i in items):
        values = [i.value for i in items if isinstance(i, Literal)]
        if isinstance(values[0], (bool, str, type(None))) and all(
            type(v) is type(values[0]) and v == values[0] for v in values
        ):
            return first
        if all(v is values[0] for v in values) and callable(values[0]):
            return first
    return None


# -- what is known at compile time


def truth(t: Type) -> bool | None:
    """Whether a value of this type is true, when that is known."""
    match t:
        case NoneType():
            return False
        case Lit():
            return None if isinstance(t.value, np.ndarray) else bool(t.value)
        case Tuple():
            return bool(t.items)
        case FuncType(target=ObjectClass()):
            return None
        case FuncType() | OneOf():
            return True
        case Union():
            known = {truth(k) for k in t.structs}
            return known.pop() if len(known) == 1 else None
        case Struct():
            return None if hasattr(t.cls, "__bool__") or hasattr(t.cls, "__len__") else True
    return None


_CLASSES: dict[str, type] = {"int": int, "bool": bool, "complex": complex}


def class_of(t: Type) -> type | None:
    """The exact class of values of a type, None when it isn't certain."""
    from ..defs.shapes import infer_dtype

    if isinstance(t, Maybe):
        return None
    t = strip(t)
    match t:
        case Scalar():
            # an int or float of the IR may be a NumPy number: see `join`
            return None if t.kind in ("float", "complex", "int", "bool") else infer_dtype(t.kind).type
        case Array():
            return np.ndarray
        case Tuple():
            return list if t.listed else t.cls or tuple
        case Struct():
            return t.cls
        case NoneType():
            return type(None)
    return {"str": str}.get(str(t)) or (dict if isinstance(t, Table) else list if isinstance(t, List) else None)


def is_instance(t: Type, cls: Any) -> bool | None:
    """isinstance() on a type; None when it isn't known."""
    if isinstance(cls, tuple):
        found = [is_instance(t, c) for c in cls]
        return True if True in found else None if None in found else False
    if isinstance(t, (AnyType, Bottom)) or not isinstance(cls, type):
        return None
    if isinstance(t, Maybe):
        otherwise = is_instance(t.item, cls)
        return otherwise if otherwise is issubclass(type(None), cls) else None
    if isinstance(t, Union):
        answers = {is_instance(k, cls) for k in t.structs}
        return answers.pop() if len(answers) == 1 else None
    exact = class_of(t)
    if exact is not None:
        return issubclass(exact, cls)
    base = strip(t)
    if isinstance(base, Scalar):
        return _number_instance(base.kind, cls)
    if isinstance(base, FuncType):
        return None if isinstance(base.target, ObjectClass) else isinstance(base.target, cls)
    return None if str(base).startswith("{") is False else issubclass(dict, cls)


def _number_instance(kind: str, cls: type) -> bool | None:
    """A `float` is a float even if it is an np.float64; whether it is an np.float64 isn't known."""
    python = {"float": float, "int": int, "bool": bool, "complex": complex}[kind]
    numpy = {"float": np.float64, "int": np.int64, "bool": np.bool_, "complex": np.complex128}[kind]
    one, other = issubclass(python, cls), issubclass(numpy, cls)
    return one if one == other or kind in ("int", "bool") else None


def is_constant(t: Type) -> bool:
    """Whether a type says the value: of a flag, a count or a string, or of a tuple of these."""
    if isinstance(t, Tuple):
        return t.cls is None and not t.listed and all(map(_is_written, t.items))
    return _is_written(t)


def _is_written(t: Type) -> bool:
    return isinstance(t, Lit) and isinstance(t.value, (bool, int, str))
