"""Methods and attributes of arrays and NumPy scalars: which row of the rule table each stands for.

A method call becomes the call of `fn` with `normalise`d arguments (the object first); the op remembers that
it was written as a method. Rules may use methods on tracers, which go the same way. A few functions exist as
methods only (METHOD_ONLY): they are always printed so.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..ir.ops import Method
from ..ir.types import Array
from ..ir.values import Literal, Pack, Value
from ..runtime import helpers
from .numpy_create import astype
from .numpy_tools import can_not, linear_in, ndim, no_rule, shape, swap
from .numpy_types import stored_kind
from .special import complex_valued, dispatching
from .table import Def, lookup, register

Normalise = Callable[[tuple[Any, ...], Mapping[str, Any]], tuple[tuple[Any, ...], dict[str, Any]]]


@dataclass(frozen=True, slots=True)
class MethodSpec:
    """`fn` has a row in the rule table. `normalise` maps the method's arguments to those of `fn` (None: they
    are the same); it works on operands of the IR, on tracers and on plain values. `refused`: why a method
    isn't supported."""

    fn: Callable[..., Any]
    normalise: Normalise | None = None
    refused: str = ""


# -- functions that exist as methods only


def item(a: Any, *index: Any) -> Any:
    """`a.item()` as a function."""
    return a.item(*index)


def tolist(a: Any) -> Any:
    """`a.tolist()` as a function."""
    return a.tolist()


def fill(a: Any, value: Any) -> None:
    """`a.fill(value)` as a function."""
    a.fill(value)


def is_integer(a: Any) -> Any:
    """`a.is_integer()` as a function."""
    return a.is_integer()


_array, _put = dispatching(np.array), dispatching(helpers.put_stored)


def _flatten(ct: Any, out: Any, a: Any, order: Any = "C") -> Any:
    if order not in ("C", "F"):
        raise can_not("flatten", f"order={order!r}", 'use order="C"')
    return np.reshape(ct, shape(a), **({} if order == "C" else {"order": order}))


def _item(ct: Any, out: Any, a: Any, *index: Any) -> Any:
    if index:
        flat = len(index) == 1 and not isinstance(index[0], tuple)
        place = index[0] if len(index) == 1 else index
        return np.reshape(_put(ct, place, (a.size,)), a.shape) if flat else _put(ct, place, a.shape)
    return np.reshape(ct, a.shape) if ndim(a) else ct


linear_in(np.ndarray.flatten, name="flatten", vjp=_flatten)
linear_in(item, name="item", vjp=_item, raises=True)
linear_in(tolist, name="tolist", vjp=lambda ct, out, a: _array(ct) if ndim(a) else ct)
no_rule(fill, name="fill", writes=(0,))
register(Def("is_integer", is_integer, "zero"))

#: names of rows that are printed as a method of their first argument
METHOD_ONLY = frozenset({"astype", "flatten", "item", "tolist", "fill", "is_integer"})


def method_name(fn: object) -> str:
    """How a callee is written when it is a method of its first argument, else the empty string."""
    if isinstance(fn, Method) or (isinstance(fn, Def) and fn.name in METHOD_ONLY):
        return fn.name
    return ""


# -- arguments


def _is_operand(x: Any) -> bool:
    return isinstance(x, (Value, Literal, Pack))


def _packed(items: tuple[Any, ...]) -> Any:
    """Several arguments as one tuple; one argument as it is."""
    if len(items) == 1:
        return items[0]
    return Pack(items) if any(map(_is_operand, items)) else items


def _variadic(args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """`x.reshape(2, 3)` and `x.transpose(1, 0)`: the arguments are one tuple."""
    return ((args[0], _packed(args[1:])) if len(args) > 1 else args), dict(kwargs)


def _clip(args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Bounds by name become positional: np.clip names them otherwise."""
    named = dict(kwargs)
    none = Literal(None) if _is_operand(args[0]) else None
    bounds = list(args[1:])
    for place, key in enumerate(("min", "max")):
        if len(bounds) == place:
            bounds.append(named.pop(key, none))
    return (args[0], *bounds), named


def _compress(args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
    return (args[1], args[0], *args[2:]), dict(kwargs)


def _astype(args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
    named = dict(kwargs)
    copy = named.pop("copy", True)
    dtype = named.pop("dtype", None)
    plain = copy is True or (isinstance(copy, Literal) and copy.value is True)
    if named or not plain or len(args) > 2:
        raise can_not("astype", "options other than the dtype", "a.astype(dtype) always copies")
    return (args if dtype is None else (*args, dtype)), {}


def _refused(name: str, why: str) -> MethodSpec:
    return MethodSpec(getattr(np.ndarray, name), refused=why)


# -- the tables


def _same(*names: str) -> dict[str, MethodSpec]:
    """Methods with the name and the arguments of a NumPy function."""
    return {name: MethodSpec(getattr(np, name)) for name in names}


METHODS: dict[str, MethodSpec] = {
    **_same(
        "all",
        "any",
        "argmax",
        "argmin",
        "argpartition",
        "argsort",
        "copy",
        "cumprod",
        "cumsum",
        "diagonal",
        "dot",
        "max",
        "mean",
        "min",
        "nonzero",
        "prod",
        "ravel",
        "repeat",
        "round",
        "searchsorted",
        "squeeze",
        "std",
        "sum",
        "swapaxes",
        "take",
        "trace",
        "var",
    ),
    "conj": MethodSpec(np.conjugate),
    "conjugate": MethodSpec(np.conjugate),
    "reshape": MethodSpec(np.reshape, _variadic),
    "transpose": MethodSpec(np.transpose, _variadic),
    "clip": MethodSpec(np.clip, _clip),
    "compress": MethodSpec(np.compress, _compress),
    "astype": MethodSpec(astype, _astype),
    "flatten": MethodSpec(np.ndarray.flatten),
    "item": MethodSpec(item),
    "tolist": MethodSpec(tolist),
    "fill": MethodSpec(fill),
    "is_integer": MethodSpec(is_integer),
    **{name: _refused(name, "it writes an array: a number can't be written")
       for name in ("sort", "partition", "resize", "put")},
    "choose": MethodSpec(np.choose),
    "view": _refused("view", "it reads the memory as another type: use astype"),
    "setflags": _refused("setflags", "it changes how the array may be used: remove it"),
    "byteswap": _refused("byteswap", "it reads the memory as another type: remove it"),
    "getfield": _refused("getfield", "it reads the memory as another type: use astype"),
    "setfield": _refused("setfield", "it writes the memory as another type: use a[...] = values"),
    "tobytes": _refused("tobytes", "it turns numbers into bytes: call it outside of the differentiated function"),
    "tofile": _refused("tofile", "it writes a file: call it outside of the differentiated function"),
    "dump": _refused("dump", "it writes a file: call it outside of the differentiated function"),
    "dumps": _refused("dumps", "it turns numbers into bytes: call it outside of the differentiated function"),
}


def _attribute(name: str) -> Def:
    d = lookup(_GETTERS[name])
    assert d is not None
    return d


_NAMES = ("T", "mT", "flat", "real", "imag", "shape", "size", "ndim", "dtype", "nbytes", "itemsize")
_GETTERS: dict[str, Callable[[Any], Any]] = {name: operator.attrgetter(name) for name in _NAMES}


def _real(ct: Any, out: Any, a: Any) -> Any:
    return ct + 0j if complex_valued(a) else ct


def _imag(ct: Any, out: Any, a: Any) -> Any:
    return -1j * ct if complex_valued(a) else np.zeros_like(ct)


linear_in(_GETTERS["T"], name=".T", alias="view", vjp=lambda ct, out, a: ct.T if ndim(a) else ct)
linear_in(_GETTERS["mT"], name=".mT", alias="view", vjp=lambda ct, out, a: swap(ct))
linear_in(
    _GETTERS["flat"], name=".flat", alias="view", vjp=lambda ct, out, a: np.reshape(ct, a.shape),
    types=lambda args, kwargs: Array(stored_kind(args[0]), (None,)),
)  # fmt: skip
linear_in(_GETTERS["real"], name=".real", alias="view", vjp=_real)
linear_in(_GETTERS["imag"], name=".imag", alias="view", vjp=_imag)
for _name in ("shape", "size", "ndim", "dtype", "nbytes", "itemsize"):
    register(Def("." + _name, _GETTERS[_name], "zero", cheap=True))

#: attribute -> its row, named ".T" and so on
ATTRIBUTES: dict[str, Def] = {name: _attribute(name) for name in _NAMES}
#: that of a real array: zeros, which can't be written
NO_IMAG = Def(".imag", lambda a: a.imag, "zero")
#: attribute -> why it is refused
REFUSED_ATTRIBUTES: dict[str, str] = {
    "base": "which array a view belongs to is decided by the compiler",
    "data": "the raw memory of an array",
    "ctypes": "the raw memory of an array",
    "flags": "the layout of an array in memory",
    "strides": "the layout of an array in memory",
}
