"""Arithmetic of symbolic dimensions, and the types of numbers and shapes during inference.

A dimension is a number, a name, a name with an offset (`n-2`) or None. A name with a negative offset means
`max(n-2, 0)`, as slicing clamps, so offsets are only added to where that can't matter (`shift`).

`DimInt` is the type of an int whose value is a dimension: `len(x)`, `x.shape[0] - 1`, an int of the program.
It lives in inference only; values of the IR have plain `int`.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace

import numpy as np

from ..errors import DiffTypeError
from ..ir.types import (
    ANY,
    BOOL,
    BOTTOM,
    COMPLEX,
    DTYPES,
    FLOAT,
    INT,
    MANY,
    NONE,
    STR,
    AnyType,
    Array,
    Bottom,
    Dict,
    Dim,
    FuncType,
    List,
    Lit,
    Maybe,
    OneOf,
    Scalar,
    Struct,
    Tuple,
    Type,
    Union,
    join,
    join_dim,
    kinds_of,
    may_be_one,
    strip,
    unlit,
)
from ..plain import dataclass

#: numpy dtype name -> array kind
KINDS = {np.dtype(name): kind for kind, name in DTYPES.items()}
INT_KINDS = frozenset({"int", "i8", "i16", "i32", "i64", "u8", "u16", "u32", "u64"})
#: what `map_dims` applies to each dimension
DimMap = Callable[[Dim], Dim]
_AFFINE = re.compile(r"(%?[^\W\d]\w*|%\d+)([+-]\d+)?\Z")


@dataclass(frozen=True, slots=True)
class DimInt(Scalar):
    """An int of kind `kind` whose value is the dimension `dim`."""

    dim: Dim = None


def dim_int(dim: Dim) -> Type:
    """The type of an int that equals a dimension."""
    if isinstance(dim, int):
        return Lit(dim, INT)
    return INT if dim is None or dim == MANY else DimInt("int", dim)


def dim_of(t: Type) -> Dim:
    """The dimension that an int argument stands for, None when it isn't known."""
    if isinstance(t, Lit) and isinstance(t.value, int) and not isinstance(t.value, bool):
        return t.value
    return t.dim if isinstance(t, DimInt) else None


def parts(dim: str) -> tuple[str, int] | None:
    """`n-2` -> ("n", -2); None for what isn't affine in one name."""
    found = _AFFINE.match(dim)
    return None if found is None else (found[1], int(found[2] or 0))


def affine(base: str, offset: int) -> str:
    return base if offset == 0 else f"{base}{offset:+d}"


def shift(dim: Dim, by: int) -> Dim:
    """`dim + by`, None where it isn't known (a clamped size may not grow again)."""
    if dim is None or by == 0:
        return dim
    if isinstance(dim, int):
        return dim + by
    known = parts(dim)
    if known is None or (known[1] < 0 < by):
        return None
    return affine(known[0], known[1] + by)


def shrink(dim: Dim, by: int) -> Dim:
    """The size after cutting `by` elements off: never below 0."""
    return max(dim - by, 0) if isinstance(dim, int) else shift(dim, -by)


def broadcast_dim(a: Dim, b: Dim) -> Dim:
    """The size of two broadcast axes, given that NumPy doesn't raise."""
    if a == b and a is not None:
        return a
    if a == 1 or b == 1:
        return b if a == 1 else a
    if not may_be_one(a) and not may_be_one(b):
        return b if isinstance(b, int) or a == MANY else a
    if may_be_one(a) and may_be_one(b):
        return None
    return b if may_be_one(a) else a


def broadcast(shapes: Iterable[Sequence[Dim]]) -> tuple[Dim, ...]:
    """The shape of operands broadcast together."""
    out: list[Dim] = []
    for shape in shapes:
        missing = len(shape) - len(out)
        if missing > 0:
            out = [*([1] * missing), *out]
        for i in range(1, len(shape) + 1):
            a, b = out[-i], shape[-i]
            if isinstance(a, int) and isinstance(b, int) and a != b and 1 not in (a, b):
                raise DiffTypeError(f"shapes don't broadcast: an axis has {a} elements here and {b} there")
            out[-i] = broadcast_dim(a, b)
    return tuple(out)


def dims_of(t: Type) -> tuple[Dim, ...]:
    """The shape of an argument read as an array: displays nest."""
    t = strip(t)
    if isinstance(t, Array):
        return t.dims
    if isinstance(t, List):
        return (None, *dims_of(t.item))
    if isinstance(t, Tuple):
        inner = [dims_of(item) for item in t.items]
        same = [functools.reduce(join_dim, column) for column in zip(*inner)]
        return (len(t.items), *same)
    return ()


def number_type(value: object) -> Type:
    """The type of a number, array, string, None or container of these, all sizes as numbers; else Any."""
    match value:
        case None:
            return NONE
        case np.ndarray():
            kind = KINDS.get(value.dtype)
            return ANY if kind is None else Array(kind, value.shape)
        case np.generic():
            kind = KINDS.get(value.dtype)
            return ANY if kind is None else Scalar(kind)
        case bool():
            return BOOL
        case int():
            return INT
        case float():
            return FLOAT
        case complex():
            return COMPLEX
        case str():
            return STR
        case tuple():
            names = getattr(type(value), "_fields", ())
            return Tuple(tuple(map(number_type, value)), type(value) if names else None, tuple(names))
        case list():
            item: Type = BOTTOM
            for each in value:
                item = join(item, number_type(each))
            return List(item)
    return ANY


def is_python_number(t: Type) -> bool:
    """Whether a type is a Python number's (an np.float64 may be among `float`)."""
    t = strip(t)
    return isinstance(t, Scalar) and t.kind in ("float", "int", "bool", "complex")


def holds(t: Type, kind: type[AnyType | Bottom]) -> bool:
    """Whether Any (or undef) stands somewhere in a type that a function reads."""
    t = strip(t)
    if isinstance(t, Tuple):
        return any(holds(item, kind) for item in t.items)
    if isinstance(t, List):
        return holds(t.item, kind)
    return isinstance(t, kind)


def map_dims(t: Type, f: DimMap) -> Type:
    """The type with each dimension replaced."""
    match t:
        case Array():
            return Array(t.dtype, tuple(map(f, t.dims)))
        case DimInt():
            return dim_int(f(t.dim))
        case Tuple():
            return replace(t, items=tuple(map_dims(i, f) for i in t.items))
        case List():
            return replace(t, item=map_dims(t.item, f))
        case Dict():
            return replace(t, items=tuple((k, map_dims(v, f)) for k, v in t.items))
        case Struct(system=()):
            return Struct(t.cls, tuple((k, map_dims(v, f)) for k, v in t.fields), t.frozen)
        case Union():
            return replace(t, kinds=tuple(k for kind in t.kinds for k in kinds_of(map_dims(kind, f))))
        case FuncType() if t.captures:
            return FuncType(t.target, tuple(map_dims(c, f) for c in t.captures))
        case Maybe():
            return Maybe(map_dims(t.item, f))
        case OneOf():
            return OneOf(tuple(FuncType(o.target, tuple(map_dims(c, f) for c in o.captures)) for o in t.options))
    return t


def unknown(dim: Dim) -> Dim:
    """Forget a size."""
    return None


def kept(t: Type) -> Type:
    """A type without the names of sizes, which others don't know. That an array in a field isn't of size 1 is kept: a list
    may be empty, and its sum is a number then."""
    if isinstance(t, Struct):
        return replace(t, fields=tuple((name, kept(field)) for name, field in t.fields))
    if isinstance(t, Maybe):
        return Maybe(kept(t.item))
    return map_dims(t, _not_one if isinstance(t, Array) else unknown)


def _not_one(dim: Dim) -> Dim:
    return None if may_be_one(dim) else MANY


def renaming(names: Mapping[str, Dim]) -> DimMap:
    """Replace the names of dimensions by a table; names not in the table become unknown."""

    def rename(dim: Dim) -> Dim:
        if not isinstance(dim, str) or dim == MANY:
            return dim
        if dim in names:
            return names[dim]
        known = parts(dim)
        return shift(names.get(known[0]), known[1]) if known else None

    return rename


def without(symbols: AbstractSet[str]) -> DimMap:
    """Forget dimensions named after some values (which are others in the next iteration)."""

    def forget(dim: Dim) -> Dim:
        if not isinstance(dim, str) or dim == MANY:
            return dim
        known = parts(dim)
        return dim if known and known[0] not in symbols else None

    return forget


def plain(t: Type) -> Type:
    """The type as values of the IR have it: known numbers and dimensions forgotten, flags, strings kept."""
    match t:
        case DimInt():
            return Scalar(t.kind)
        case Lit(value=bool() | str()):
            return t
        case Lit(base=Scalar()):
            return t.base
        case Tuple():
            return replace(t, items=tuple(map(plain, t.items)))
        case List():
            return replace(t, item=plain(unlit(t.item)))
        case Dict():
            return replace(t, items=tuple((k, plain(v)) for k, v in t.items))
        case Struct(system=()):
            return Struct(t.cls, tuple((k, plain(v)) for k, v in t.fields), t.frozen)
        case Union():
            return replace(t, kinds=tuple(k for kind in t.kinds for k in kinds_of(plain(kind))))
        case FuncType() if t.captures:
            return FuncType(t.target, tuple(map(plain, t.captures)))
        case Maybe():
            return Maybe(plain(t.item))
        case OneOf():
            return OneOf(tuple(FuncType(o.target, tuple(map(plain, o.captures))) for o in t.options))
    return t
