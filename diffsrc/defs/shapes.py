"""Type rules: from the types of the arguments to the type of the result.

`rule_for` picks the rule of a row. Three mechanisms serve nearly all of them:

* elementwise: the dtype is NumPy's answer for small operands (`probe`), the shape is broadcast symbolically;
* by trial (`probe`): everything else that is a pure function of its arguments;
* a rule written here, where sizes come from values (`arange`, `reshape`) or contents (`unique`).

Arguments come as types; what is known of a value comes as `Lit` or `DimInt` (dims.py), a display as a Tuple.
"""

from __future__ import annotations

import enum
import operator
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from ..errors import DiffTypeError
from ..ir.types import (
    ANY,
    BOOL,
    BOTTOM,
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
    List,
    Lit,
    Maybe,
    Opaque,
    Scalar,
    SetOf,
    Table,
    Tuple,
    Type,
    join,
    kind_of,
    strip,
)
from .dims import dim_int, dim_of, dims_of, holds, map_dims, plain, shift, unknown
from .elementwise_types import as_array, elementwise, erased, is_elementwise
from .probe import infer_by_trial
from .table import Def, TypeRule, given

Args = tuple[Any, ...]
Kwargs = Mapping[str, Any]
Rule = Callable[[Def, Args, Kwargs], Type]


def rule_for(d: Def) -> TypeRule:
    """The type rule of a row, for types as IR values have them."""
    return lambda args, kwargs: plain(refined(d, args, kwargs))


def refined(d: Def, args: Args, kwargs: Kwargs) -> Type:
    """The result type of a row, with what is known of the value (`Lit`, `DimInt`).

    Raises:
        DiffTypeError: when no result type can be decided.
    """
    may_be_none = d.optional and isinstance(args[0], Maybe)
    args, kwargs = tuple(map(given, args)), {k: given(t) for k, t in kwargs.items()}
    every = (*args, *kwargs.values())
    unfinished = any(isinstance(strip(t), Bottom) for t in every)
    if d.types is not None:
        found = BOTTOM if unfinished else d.types(args, kwargs)
        return Maybe(found) if may_be_none and not unfinished else found
    rule = BY_ROW_NAME.get(d.name) or _BY_FUNCTION.get(id(d.fn))
    if rule is not None:
        try:
            return rule(d, args, kwargs)
        except DiffTypeError:
            if unfinished:
                return BOTTOM
            raise
    if any(holds(t, Bottom) for t in every):
        return BOTTOM
    if any(holds(t, AnyType) or _is_member(t) for t in every) or d.effect == "io" or d.family == "opaque":
        return ANY
    if d.family in ("elementwise", "select") or is_elementwise(d.fn):
        return elementwise(d, args, kwargs)
    return infer_by_trial(d.fn, args, kwargs)


def _is_member(t: Type) -> bool:
    """Whether values are members of an `Enum`."""
    t = strip(t)
    return isinstance(t, Opaque) and issubclass(t.cls, enum.Enum)


# -- sizes out of values


def _arange(d: Def, args: Args, kwargs: Kwargs) -> Type:
    names = ("start", "stop", "step")
    given = dict(zip(names, args)) | {k: v for k, v in kwargs.items() if k in names}
    if "stop" not in given or given["stop"] == NONE:
        given = {"stop": given.pop("start"), **{k: v for k, v in given.items() if k == "step"}}
    rest = {k: v for k, v in kwargs.items() if k not in names}
    found = infer_by_trial(np.arange, [erased(strip(t)) for t in given.values()], rest)
    assert isinstance(found, Array)
    if all(isinstance(t, Lit) for t in given.values()):
        return Array(found.dtype, (len(np.arange(*(_bare(given.get(n)) for n in names if n in given))),))
    start, step = dim_of(given.get("start", Lit(0, INT))), dim_of(given.get("step", Lit(1, INT)))
    stop = dim_of(given["stop"])
    if step == 1 and isinstance(start, int) and isinstance(stop, str):
        return Array(found.dtype, (shift(stop, -start),))
    return Array(found.dtype, (None,))


def _bare(t: Any) -> Any:
    return t.value if isinstance(t, Lit) else None


def reshape(d: Def, args: Args, kwargs: Kwargs) -> Type:
    """np.reshape and the method: `reshape(a, shape)` or `reshape(a, n, m)`."""
    source = as_array(args[0])
    shape = args[1:] or tuple(v for k, v in kwargs.items() if k in ("shape", "newshape"))
    if any(holds(t, AnyType) or isinstance(strip(t), List) for t in shape):
        raise DiffTypeError("the number of axes of this reshape isn't known at compile time")
    first = strip(shape[0]) if len(shape) == 1 else None
    items = first.items if isinstance(first, Tuple) else shape
    dims = [dim_of(t) for t in items]
    if -1 in dims:
        dims[dims.index(-1)] = _left_over(source.dims, [x for x in dims if x != -1])
    return Array(source.dtype, tuple(dims))


def _left_over(source: tuple[Dim, ...], others: list[Dim]) -> Dim:
    """The size that -1 stands for."""
    left = list(source)
    for dim in others:
        if dim in left and dim not in (None, MANY):
            left.remove(dim)
        elif dim != 1:
            left.append(None)
    if len([x for x in left if x != 1]) == 1 and None not in left:
        return next(x for x in left if x != 1)
    if all(isinstance(x, int) for x in (*source, *others)):
        total = int(np.prod([x for x in source if isinstance(x, int)]))
        return total // max(int(np.prod([x for x in others if isinstance(x, int)])), 1)
    return None


def _ravel(d: Def, args: Args, kwargs: Kwargs) -> Type:
    source = as_array(args[0])
    return Array(source.dtype, (_left_over(source.dims, []),))


def _len(d: Def, args: Args, kwargs: Kwargs) -> Type:
    match strip(args[0]):
        case Array(dims=(first, *_)):
            return dim_int(first)
        case Tuple(items=items) | Dict(items=items):
            return Lit(len(items), INT)
        case Array():
            raise DiffTypeError("len() of an array without axes")
        case Bottom():
            return BOTTOM
    if isinstance(args[0], Lit) and isinstance(args[0].value, str):
        return Lit(len(args[0].value), INT)
    return INT


def _shape(d: Def, args: Args, kwargs: Kwargs) -> Type:
    return ANY if holds(args[0], AnyType) else Tuple(tuple(map(dim_int, dims_of(args[0]))))


def _ndim(d: Def, args: Args, kwargs: Kwargs) -> Type:
    return INT if holds(args[0], AnyType) else Lit(len(dims_of(args[0])), INT)


def _size(d: Def, args: Args, kwargs: Kwargs) -> Type:
    if holds(args[0], AnyType):
        return INT
    dims = dims_of(args[0])
    if len(args) > 1 and isinstance(axis := dim_of(args[1]), int):
        return dim_int(dims[axis])
    return dim_int(_left_over(dims, [])) if dims else Lit(1, INT)


def _dtype(d: Def, args: Args, kwargs: Kwargs) -> Type:
    kind = kind_of(args[0])
    return ANY if kind is None else Lit(infer_dtype(kind), ANY)


def infer_dtype(kind: str) -> np.dtype[Any]:
    from ..ir.types import DTYPES, STORED

    return np.dtype(DTYPES[STORED.get(kind, kind)])


# -- builtins


def elements_of(t: Type) -> Type:
    """What iteration over a value gives."""
    t = strip(t)
    match t:
        case Array(dims=()):
            raise DiffTypeError("iteration over an array without axes")
        case Array():
            return Array(t.dtype, t.dims[1:]) if t.ndim > 1 else Scalar(t.dtype)
        case Table():
            return t.key
        case List() | SetOf():
            return plain(t.item)
        case Tuple():
            out: Type = BOTTOM
            for item in t.items:
                out = join(out, plain(item))
            return out
        case Dict():
            return STR if all(isinstance(k, str) for k, _ in t.items) else ANY
        case Bottom():
            return BOTTOM
    return ANY


def _sum(d: Def, args: Args, kwargs: Kwargs) -> Type:
    from .table import lookup

    add = lookup(operator.add) or Def("add", operator.add, "elementwise")
    start = plain(args[1] if len(args) > 1 else kwargs.get("start", INT))
    first = refined(add, (start, elements_of(args[0])), {})
    again = refined(add, (first, elements_of(args[0])), {})
    # nothing to add: the start
    return join(start, join(first, again)) if isinstance(first, Scalar) else again


def _extreme(d: Def, args: Args, kwargs: Kwargs) -> Type:
    if "key" in kwargs:
        return ANY
    out: Type = kwargs.get("default", BOTTOM)
    for t in args if len(args) > 1 else (elements_of(args[0]),):
        out = join(out, plain(t))
    return out


def _to_int(d: Def, args: Args, kwargs: Kwargs) -> Type:
    """int() of something that stands for a dimension is that dimension."""
    return dim_int(dim_of(args[0])) if args else INT


def _sequence(d: Def, args: Args, kwargs: Kwargs) -> Type:
    """list(x), sorted(x)."""
    return List(elements_of(args[0])) if args else List(BOTTOM)


def _tuple(d: Def, args: Args, kwargs: Kwargs) -> Type:
    match strip(args[0]) if args else Tuple(()):
        case Tuple(items=items):
            return Tuple(items)
        case Array(dims=(int(n), *_)):
            return Tuple((elements_of(args[0]),) * n)
    return ANY


# -- what hangs on contents


def _contents(d: Def, args: Args, kwargs: Kwargs) -> Type:
    """Functions whose result has as many elements as the contents say."""
    return map_dims(infer_by_trial(d.fn, args, kwargs), unknown)


def _where(d: Def, args: Args, kwargs: Kwargs) -> Type:
    return elementwise(d, args, kwargs) if len(args) == 3 else _contents(d, args, kwargs)


# -- structural rows


def _item_type(args: Args) -> Type:
    out: Type = BOTTOM
    for t in args:
        out = join(out, plain(t))
    return out


def _dict(d: Def, args: Args, kwargs: Kwargs) -> Type:
    pairs = [(key.value, plain(value)) for key, value in (t.items for t in args)]
    return Dict(tuple(dict(pairs).items()))


def _same(d: Def, args: Args, kwargs: Kwargs) -> Type:
    return plain(args[0])


def _always(t: Type) -> Rule:
    return lambda d, args, kwargs: t


BY_ROW_NAME: dict[str, Rule] = {
    ".shape": _shape, ".ndim": _ndim, ".size": _size, ".dtype": _dtype,
    "list_of": lambda d, args, kwargs: List(_item_type(args)),
    "tuple_of": lambda d, args, kwargs: Tuple(tuple(map(plain, args))),
    "dict_of": _dict, "fstring": _always(STR), "assert_": _always(NONE), "list_new": _always(List(BOTTOM)),
    "cell": _always(List(BOTTOM)),
    "dict_pop": lambda d, args, kwargs: args[0].item, "list_append": _always(NONE), "list_insert": _always(NONE),
    "list_pop": lambda d, args, kwargs: elements_of(args[0]), "snapshot": _same,
    "as_float": _always(FLOAT),
}  # fmt: skip


#: functions of np whose result has as many elements as the contents say
_BY_CONTENTS = (
    "unique", "nonzero", "flatnonzero", "argwhere", "extract", "compress", "delete", "trim_zeros",
    "setdiff1d", "union1d", "intersect1d", "setxor1d", "bincount",
    "digitize", "repeat", "unique_all", "unique_counts", "unique_inverse", "unique_values",
)  # fmt: skip


def _rules() -> dict[Any, Rule]:
    table: dict[Any, Rule] = {
        np.arange: _arange, np.reshape: reshape, np.ndarray.reshape: reshape, np.ravel: _ravel,
        np.ndarray.ravel: _ravel, np.ndarray.flatten: _ravel, np.where: _where, np.clip: elementwise,
        len: _len, np.shape: _shape, np.ndim: _ndim, np.size: _size,
        sum: _sum, max: _extreme, min: _extreme, int: _to_int, list: _sequence, sorted: _sequence,
        tuple: _tuple, range: _always(List(INT)),
        float: _always(FLOAT), str: _always(STR), repr: _always(STR), print: _always(NONE),
        type: _always(ANY), id: _always(INT), hash: _always(INT), ord: _always(INT),
        **dict.fromkeys((chr, bin, hex, oct), _always(STR)),
        **dict.fromkeys(
            (bool, isinstance, hasattr, callable, any, all, operator.is_, operator.is_not, operator.not_,
             operator.contains),
            _always(BOOL),
        ),
    }  # fmt: skip
    for name in _BY_CONTENTS:
        if hasattr(np, name):
            table[getattr(np, name)] = _contents
    table[np.linalg.lstsq] = _contents
    return table


_TABLE = _rules()
_BY_FUNCTION: dict[int, Rule] = {id(fn): rule for fn, rule in _TABLE.items()}
