"""Programs run on numbers of the field (`tests/oracles/field.py`): arrays and structures of them, and the functions they call.

`runs(*namespaces)` puts functions that know these numbers in place of `np`, `math` and `float` in the namespaces of programs and
generated modules; NumPy itself works on object arrays of them. What doesn't (decompositions) raises, and the oracle doesn't know.
"""

from __future__ import annotations

import contextlib
import copy
import math
from collections.abc import Callable, Iterator
from types import FunctionType, ModuleType
from typing import Any

import numpy as np

from diffsrc.runtime import helpers

from . import elimination
from .field import Number, P, lift, number, value

# -- arrays and structures


class Numbers(np.ndarray):
    """An array of numbers of the field: floats that are stored in it are lifted, so that no quotient of them is rounded."""

    def __setitem__(self, at: Any, value: Any) -> None:
        super().__setitem__(at, lifted(value) if self.dtype == object else value)

    def __array_wrap__(self, array: Any, context: Any = None, return_scalar: bool = False) -> Any:
        return array[()] if return_scalar else np.asarray(array).view(Numbers)


def _array(shape: tuple[int, ...]) -> Any:
    return np.empty(shape, dtype=object).view(Numbers)


def lifted(x: Any) -> Any:
    """Anything that a function returned, floats in it lifted."""
    if isinstance(x, np.ndarray):
        return mapped(x, number) if x.dtype.kind == "f" else x
    if type(x) in (list, tuple):
        return type(x)(map(lifted, x))
    return number(x) if isinstance(x, (float, np.floating)) else x


def _lifting(make: Callable[..., Any]) -> Callable[..., Any]:
    """A function that makes arrays or numbers, of which floats are lifted."""

    def made(*args: Any, **kwargs: Any) -> Any:
        if kwargs.get("dtype") is not None and np.dtype(kwargs["dtype"]).kind == "f":
            kwargs.pop("dtype")
            return _as_numbers(make(*args, **kwargs))
        args = tuple(object if a is float or a is np.float64 else a for a in args)
        if make is np.full_like:
            args = tuple(map(lifted, args))
        out = make(*args, **kwargs)
        return out if kwargs.get("dtype") in (int, bool) else _as_numbers(out) if _is_new_float(make, out) else lifted(out)

    return made


def _is_new_float(make: Callable[..., Any], out: Any) -> bool:
    return isinstance(out, np.ndarray) and out.dtype == object and make in (np.zeros_like, np.ones_like, np.empty, np.zeros)


def _as_numbers(x: Any) -> Any:
    if not isinstance(x, np.ndarray):
        return number(x)
    made = _array(x.shape)
    if x.size:
        made.reshape(-1)[:] = [number(0.0 if v is None else v) for v in x.ravel().tolist()]
    return made


def _of_math(name: str, real: Callable[..., Any]) -> Callable[..., Any]:
    method = {"asin": "arcsin", "acos": "arccos", "atan": "arctan", "atan2": "arctan2"}.get(name, name)

    def call(*args: Any) -> Any:
        if not any(type(a) is Number for a in args):
            if not any(isinstance(a, float) for a in args):
                return lifted(real(*args))
            args = tuple(number(a) if isinstance(a, float) else a for a in args)
        if name == "pow":
            return args[0] ** args[1]
        if name == "fabs":
            return abs(args[0])
        if name in ("floor", "ceil", "trunc"):
            return real(args[0])
        if name in ("isnan", "isfinite", "isinf"):
            return real(value(args[0]))
        found = getattr(number(args[0]), method, None)
        if found is None:
            raise TypeError(f"math.{name} isn't known")
        return found(*args[1:])

    return call


def _to_float(x: Any = 0.0) -> Any:
    if isinstance(x, np.ndarray):
        x = x.item()
    return x if type(x) is Number else number(float(x))


_zeros_of = helpers.zeros_of


def zeros_of(x: Any) -> Any:
    """The helper of generated code, on numbers of the field."""
    if type(x) is Number:
        return number(0.0)
    if isinstance(x, np.ndarray) and x.dtype == object:
        return _as_numbers(np.zeros(x.shape))
    if isinstance(x, list):
        return [zeros_of(item) for item in x]
    if isinstance(x, dict):
        return {key: zeros_of(item) for key, item in x.items()}
    if isinstance(x, tuple):
        items = [zeros_of(item) for item in x]
        return type(x)(*items) if hasattr(x, "_fields") else tuple(items)
    if hasattr(x, "__dict__") and not isinstance(x, (type, FunctionType)):
        new = object.__new__(type(x))
        for name, item in vars(x).items():
            object.__setattr__(new, name, zeros_of(item))
        return new
    return _zeros_of(x)


MAKERS = (
    "zeros", "ones", "empty", "full", "zeros_like", "ones_like", "empty_like", "full_like", "array", "asarray", "linspace", "eye",
    "identity", "arange", "asanyarray", "ascontiguousarray", "diag", "tri", "logspace", "float64", "divide", "true_divide",
)  # fmt: skip


class _Elementwise:
    """A function of NumPy whose float operands are lifted, so that no rounded value enters."""

    def __init__(self, real: Any) -> None:
        self.real = real

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self.real(*map(lifted, args), **kwargs)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.real, name)


UFUNCS = (
    "sin", "cos", "tan", "exp", "log", "sqrt", "tanh", "sinh", "cosh", "arctan", "arcsin", "arccos", "expm1", "log1p", "where",
    "concatenate", "append", "stack", "vstack", "hstack", "column_stack", "maximum", "minimum", "clip", "insert", "multiply",
    "add", "subtract", "power", "hypot", "arctan2", "square", "abs", "absolute", "block", "outer", "dot", "sum", "mean",
)  # fmt: skip

#: what is called instead, by the identity of what it stands for
SWAPS: dict[int, Any] = {id(getattr(np, n)): _lifting(getattr(np, n)) for n in MAKERS}
SWAPS |= {id(getattr(np, n)): _Elementwise(getattr(np, n)) for n in UFUNCS}
SWAPS |= {id(getattr(math, n)): _of_math(n, getattr(math, n)) for n in dir(math) if callable(getattr(math, n)) and n[0] != "_"}
SWAPS |= {id(float): _to_float, id(helpers.zeros_of): zeros_of}
SWAPS |= {id(getattr(np.linalg, f.__name__)): f for f in (elimination.solve, elimination.inv, elimination.det)}


def swap(x: Any) -> Any:
    """What stands for a function or constant: the interpreter asks."""
    return SWAPS.get(id(x), x) if callable(x) else lifted(x)


class _Module:
    """A module with functions that know numbers of the field."""

    def __init__(self, real: Any) -> None:
        self.real = real

    def __getattr__(self, name: str) -> Any:
        found = getattr(self.real, name)
        found = _Module(found) if isinstance(found, ModuleType) else swap(found)
        setattr(self, name, found)
        return found


NUMPY, MATH = _Module(np), _Module(math)
_PUT = {"np": NUMPY, "math": MATH, "float": _to_float, "zeros_of": zeros_of}


@contextlib.contextmanager
def runs(*namespaces: dict[str, Any]) -> Iterator[None]:
    """Functions defined in these namespaces run on numbers of the field, for a while."""
    namespaces = (*namespaces, vars(helpers))
    kept = [(space, {k: space[k] for k in _PUT if k in space}) for space in namespaces]
    try:
        for space in namespaces:
            space |= {k: v for k, v in _PUT.items() if k != "zeros_of" or k in space}
        yield
    finally:
        for space, old in kept:
            for k in _PUT:
                space.pop(k, None)
            space |= old


def mapped(x: Any, one: Callable[[Any], Any]) -> Any:
    """A copy of a structure with `one` of each float or number of the field in it."""
    if isinstance(x, np.ndarray):
        if x.dtype.kind not in "fO":
            return x.copy()
        made = _array(x.shape)
        if x.size:
            made.reshape(-1)[:] = [one(v) for v in x.ravel().tolist()]
        return made
    if isinstance(x, (float, np.floating, Number)):
        return one(x)
    if isinstance(x, dict):
        return {k: mapped(v, one) for k, v in x.items()}
    if isinstance(x, list):
        return [mapped(v, one) for v in x]
    if isinstance(x, tuple):
        inner = [mapped(v, one) for v in x]
        return type(x)(*inner) if hasattr(x, "_fields") else tuple(inner)
    if is_record(x):
        new = object.__new__(type(x))
        for k, v in vars(x).items():
            object.__setattr__(new, k, mapped(v, one))
        return new
    return copy.deepcopy(x)


def is_record(x: Any) -> bool:
    return hasattr(x, "__dict__") and not isinstance(x, (type, FunctionType)) and not callable(x)


def into_field(x: Any) -> Any:
    """A structure with its floats lifted."""
    return mapped(x, number)


def random_like(x: Any, rng: Any) -> Any:
    """Random elements of the field in the structure of `x`: tangents, cotangents. None of their floats is zero."""
    return mapped(x, lambda v: Number(0.5 + rng.random(), rng.randrange(P)))


def with_tangents(x: Any, tangents: Any) -> Any:
    """A structure with its floats lifted, with tangents."""
    given = iter(leaves(x, tangents))
    return mapped(x, lambda v: Number(float(v), lift(v), next(given).h))


def leaves(like: Any, x: Any) -> list[Any]:
    """The numbers in `x` where `like`, of the same structure, holds floats. None stands for zeros."""
    if isinstance(like, np.ndarray):
        if like.dtype.kind != "f":
            return []
        whole = np.asarray(0 if x is None else x, dtype=object)
        return list(np.broadcast_to(whole, like.shape).ravel().tolist())
    if isinstance(like, (float, np.floating)):
        return [0 if x is None else x.item() if isinstance(x, np.ndarray) else x]
    if isinstance(like, dict):
        return [n for k, v in like.items() for n in leaves(v, None if x is None else x[k])]
    if isinstance(like, (list, tuple)):
        items = [None] * len(like) if x is None else list(x)
        return [n for v, item in zip(like, items, strict=True) for n in leaves(v, item)]
    if is_record(like):
        items = list(x) if isinstance(x, tuple) else [None if x is None else getattr(x, k) for k in vars(like)]
        return [n for v, item in zip(vars(like).values(), items, strict=True) for n in leaves(v, item)]
    return []


def values(like: Any, x: Any) -> list[int | None]:
    """The shadows of those numbers."""
    return [number(v).h for v in leaves(like, x)]


def dots(like: Any, x: Any) -> list[int | None]:
    """Their tangents."""
    return [number(v).dot for v in leaves(like, x)]


def dot(a: list[int | None], b: list[int | None]) -> int | None:
    """The inner product; None where a value isn't known."""
    total = 0
    for x, y in zip(a, b, strict=True):
        if x is None or y is None:
            return None
        total += x * y
    return total % P
