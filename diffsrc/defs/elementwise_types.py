"""Types of broadcasting functions (operators, ufuncs, np.where, np.clip) and of Python's own operators on
sequences, known ints and strings.
"""

from __future__ import annotations

import operator
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from ..errors import DiffTypeError
from ..ir.types import (
    BOOL,
    INT,
    STR,
    Array,
    Dict,
    Dim,
    List,
    Lit,
    Scalar,
    StrType,
    Struct,
    Tuple,
    Type,
    join,
    kind_of,
    strip,
)
from .dims import (
    DimInt,
    broadcast,
    dim_int,
    dim_of,
    dims_of,
    is_python_number,
    map_dims,
    parts,
    shift,
)
from .probe import infer_by_trial
from .table import Def

Args = tuple[Any, ...]
Kwargs = Mapping[str, Any]


def is_elementwise(fn: Any) -> bool:
    if isinstance(fn, np.ufunc):
        return fn.signature is None
    return getattr(fn, "__module__", "") == "_operator" and fn not in (operator.matmul, operator.getitem)


def _small(dim: Dim) -> Dim:
    """Dtype and class of an elementwise result don't hang on sizes."""
    return 2


def elementwise(d: Def, args: Args, kwargs: Kwargs) -> Type:
    """Broadcasting functions: operators, ufuncs, np.where, np.clip."""
    every = (*args, *kwargs.values())
    sequences = [t for t in args if isinstance(strip(t), (Tuple, List))]
    text = bool(args) and isinstance(strip(args[0]), StrType)
    if sequences and not text and not any(isinstance(strip(t), Array) for t in args) and not isinstance(d.fn, np.ufunc):
        return _sequence_operator(d, args, kwargs)
    if (known := _known_number(d, args, kwargs)) is not None:
        return known
    if text and d.name in ("add", "mod", "mul"):
        return STR
    if any(isinstance(strip(t), (Dict, Struct)) for t in every):
        raise DiffTypeError(f"{d.name} isn't defined for {', '.join(map(str, args))}")
    arrays = [as_array(t) if isinstance(strip(t), (Tuple, List)) else t for t in args]
    small = [erased(t) for t in arrays]
    found = infer_by_trial(d.fn, small, {k: erased(t) for k, t in kwargs.items()})
    shape = broadcast(dims_of(t) for t in (*arrays, *(t for k, t in kwargs.items() if k == "where")))
    return _with_shape(found, shape)


def erased(t: Type) -> Type:
    """The type without sizes and values that dtype and class don't hang on."""
    if isinstance(t, Lit) and isinstance(t.base, Scalar) and t.base.kind in ("float", "complex"):
        return t.base
    return Scalar(t.kind) if isinstance(t, DimInt) else map_dims(t, _small)


def _with_shape(t: Type, shape: tuple[Dim, ...]) -> Type:
    if isinstance(t, Array):
        return Array(t.dtype, shape[len(shape) - t.ndim :])
    if isinstance(t, Tuple):
        return replace(t, items=tuple(_with_shape(i, shape) for i in t.items))
    return t


def as_array(t: Type) -> Array:
    """An argument as np.asarray sees it: displays and lists stacked."""
    t = strip(t)
    if isinstance(t, Array):
        return t
    found = infer_by_trial(np.asarray, (erased(t),), {})
    if not isinstance(found, Array):
        raise DiffTypeError(f"{t} can't be read as an array")
    return Array(found.dtype, dims_of(t))


def _sequence_operator(d: Def, args: Args, kwargs: Kwargs) -> Type:
    """Operators of Python's own sequences: concatenation, repetition, comparison."""
    a, *rest = map(strip, args)
    b = rest[0] if rest else None
    if d.fn is operator.add and isinstance(a, Tuple) and isinstance(b, Tuple):
        return Tuple((*a.items, *b.items))
    if d.fn is operator.add and isinstance(a, List) and isinstance(b, List):
        return List(join(a.item, b.item))
    if d.fn is operator.mul and (items := next((t for t in (a, b) if isinstance(t, List)), None)):
        return items
    if d.fn is operator.mul and isinstance(a, Tuple) and isinstance(n := dim_of(args[1]), int):
        return Tuple(a.items * n)
    if d.fn in (operator.eq, operator.ne, operator.lt, operator.le, operator.gt, operator.ge):
        return BOOL
    if any(kind_of(t) is not None and not is_python_number(t) for t in args):
        stacked = tuple(as_array(t) if isinstance(strip(t), (Tuple, List)) else t for t in args)
        return elementwise(d, stacked, kwargs)
    raise DiffTypeError(f"{d.name} isn't defined for {', '.join(map(str, args))}")


def _known_number(d: Def, args: Args, kwargs: Kwargs) -> Type | None:
    """Operators on ints, flags and strings known at compile time; sums of a dimension and a number."""
    if kwargs or getattr(d.fn, "__module__", "") != "_operator":
        return None
    if all(isinstance(t, Lit) and isinstance(t.value, (int, str)) for t in args):
        return _folded(d, args)
    if len(args) != 2 or d.fn not in (operator.add, operator.sub):
        return None
    a, b = map(dim_of, args)
    if not (isinstance(args[0], DimInt) or isinstance(args[1], DimInt)):
        return None
    if isinstance(a, str) and isinstance(b, int):
        return dim_int(shift(a, b if d.fn is operator.add else -b))
    if isinstance(a, int) and isinstance(b, str) and d.fn is operator.add:
        return dim_int(shift(b, a))
    if isinstance(a, str) and isinstance(b, str) and d.fn is operator.sub:
        return _difference(a, b)
    return None


def _folded(d: Def, args: Args) -> Type | None:
    values = [t.value for t in args]
    grows = d.fn in (operator.pow, operator.lshift, operator.mul)
    if grows and any(abs(v) > 64 for v in values if isinstance(v, int)):
        return None
    try:
        value = d.fn(*values)
    except (TypeError, ValueError, ArithmeticError):
        return None
    base: Type = BOOL if isinstance(value, bool) else INT if isinstance(value, int) else STR
    return Lit(value, base) if isinstance(value, (int, str)) else None


def _difference(a: str, b: str) -> Type | None:
    x, y = parts(a), parts(b)
    return Lit(x[1] - y[1], INT) if x and y and x[0] == y[0] and x[1] >= 0 <= y[1] else None
