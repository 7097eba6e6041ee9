"""What rules share: helpers of `runtime` as rows of the table, questions about arguments, n-ary selection.

A rule calls `unbroadcast`, `recurrence`, `product_of_others` from here: given a tracer they hand the call to it, by the
protocol with which NumPy's own functions do it, and given arrays they run.
"""

from __future__ import annotations

import cmath
import functools
import inspect
import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import CodeType, ModuleType
from typing import Any

import numpy as np

from ..errors import DiffTypeError, NoRuleError, UnsupportedError
from ..ir.types import ANY, Array, List, Scalar, Type, is_complex, kind_of, may_be_one, same_dim, strip
from ..runtime import helpers
from .table import Def, Partial, derivative, general, register


def dispatching(fn: Callable[..., Any]) -> Callable[..., Any]:
    """`fn` for use in rules: an argument that isn't an array but has `__array_function__` takes it."""

    @functools.wraps(fn)
    def call(*args: Any, **kwargs: Any) -> Any:
        for item in _items(args):
            if hasattr(type(item), "__array_function__") and not isinstance(item, np.ndarray):
                return item.__array_function__(fn, (type(item),), args, kwargs)
        return fn(*args, **kwargs)

    return call


def _items(args: Any) -> Iterator[Any]:
    """Arguments, displays opened."""
    for a in args:
        if isinstance(a, (tuple, list)):
            yield from _items(a)
        else:
            yield a


class _Functions:
    """A module in partial texts: its functions hand a tracer's call to it."""

    def __init__(self, module: ModuleType) -> None:
        self._module = module

    def __getattr__(self, name: str) -> Callable[..., Any]:
        return dispatching(getattr(self._module, name))


_MODULES = {"math": _Functions(math), "cmath": _Functions(cmath)}


def in_texts(name: str, module: ModuleType) -> _Functions:
    """Make a module known to partial texts, under a name; the functions for rules as they are there."""
    _MODULES[name] = found = _Functions(module)
    return found


def is_known_in_texts(name: str) -> bool:
    """Whether a name that isn't a parameter's means something in a text."""
    return name in _MODULES or hasattr(np, name)


@functools.cache
def _compiled(text: str) -> CodeType:
    return compile(text, "<partial>", "eval")


def evaluate(partial: Partial, names: Mapping[str, Any]) -> Any:
    """A partial derivative at arguments and `out` given by name: arrays, numbers or tracers.

    Other names in the text are NumPy's; `math` and `cmath` are the modules, and those of `in_texts`.

    Raises:
        NoRuleError: no derivative is known.
    """
    if partial.refusal:
        raise NoRuleError(partial.refusal)
    if partial.fn is not None:
        return partial.fn(**names)
    scope = {n: names[n] if n in names else _MODULES.get(n) or getattr(np, n) for n in partial.free}
    return eval(_compiled(partial.text), {"__builtins__": {}}, scope)  # noqa: S307  (a row, never user input)


recurrence = dispatching(helpers.recurrence)
product_of_others = dispatching(helpers.product_of_others)
as_array = dispatching(np.array)


def _like_second(args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Type:
    """The type of `unbroadcast(g, x)`: the shape of x, the number kind of g."""
    kind, x = kind_of(args[0]), strip(args[1])
    if kind is None or not isinstance(x, (Array, Scalar)):
        raise DiffTypeError(f"unbroadcast({args[0]}, {args[1]})")
    if isinstance(x, Scalar):
        return strip(args[0]) if isinstance(strip(args[0]), Scalar) else Scalar(kind)
    return Array({"float": "f64", "complex": "c128", "int": "i64", "bool": "b1"}.get(kind, kind), x.dims)


def _recurrence_type(args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Type:
    a, b = strip(args[0]), strip(args[1])
    if isinstance(a, Array) and isinstance(b, Array):
        return a if is_complex(a) and not is_complex(b) else b
    raise DiffTypeError(f"recurrence({a}, {b})")


def unbroadcast(g: Any, x: Any) -> Any:
    """Sum a cotangent back to the shape of `x`; traced only where types don't show that it fits."""
    return g if _fits(g, x) else _unbroadcast(g, x)


def _fits(g: Any, x: Any) -> bool:
    s, t = strip(getattr(g, "type", ANY)), strip(getattr(x, "type", ANY))  # types of tracers
    if isinstance(s, Scalar):
        return not isinstance(t, Array)
    if not isinstance(s, Array) or not isinstance(t, Array) or s.ndim != t.ndim:
        return False
    return all(same_dim(a, b) or not may_be_one(b) for a, b in zip(s.dims, t.dims))


_unbroadcast = dispatching(helpers.unbroadcast)


general(helpers.unbroadcast, name="unbroadcast", types=_like_second)
general(helpers.recurrence, name="recurrence", types=_recurrence_type)
general(helpers.product_of_others, name="product_of_others", types=lambda args, kwargs: strip(args[0]))


@derivative(helpers.unbroadcast, 0)
class _Unbroadcast:
    @staticmethod
    def jvp(dot: Any, out: Any, g: Any, x: Any) -> Any:
        return unbroadcast(dot, x)

    @staticmethod
    def vjp(ct: Any, out: Any, g: Any, x: Any) -> Any:
        return np.broadcast_to(ct, g.shape)


@derivative(helpers.unbroadcast, 1)
class _UnbroadcastLike:
    """Only the shape of x is read."""

    @staticmethod
    def jvp(dot: Any, out: Any, g: Any, x: Any) -> None:
        return None

    vjp = jvp


def along(ndim: int, axis: int, item: slice) -> tuple[slice, ...]:
    """The index that takes `item` of one axis: `[:, ::-1]`, no longer than needed."""
    return (slice(None),) * (axis + ndim if axis < 0 else axis) + (item,)


def backward(a: Any, axis: int) -> Any:
    """The elements along an axis in reversed order."""
    return a[along(a.ndim, axis, slice(None, None, -1))]


def suffix_recurrence(a: Any, b: Any, axis: int) -> Any:
    """`s[k] = a[k + 1] * s[k + 1] + b[k]` from the last element down: the transpose of `recurrence`."""
    shifted = np.roll(backward(a, axis), 1, axis)
    return backward(recurrence(shifted, backward(b, axis), axis), axis)


def delayed(a: Any, axis: int) -> Any:
    """`a` moved on by one along an axis, with a leading zero."""
    first, rest = along(a.ndim, axis, slice(None, 1)), along(a.ndim, axis, slice(None, -1))
    return np.concatenate((np.zeros_like(a[first]), a[rest]), axis=axis)


@derivative(helpers.recurrence, 0)
class _RecurrenceFactor:
    @staticmethod
    def jvp(dot: Any, out: Any, a: Any, b: Any, axis: int = 0) -> Any:
        return recurrence(a, dot * delayed(out, axis), axis)

    @staticmethod
    def vjp(ct: Any, out: Any, a: Any, b: Any, axis: int = 0) -> Any:
        return suffix_recurrence(a, ct, axis) * delayed(out, axis)


@derivative(helpers.recurrence, 1)
class _RecurrenceTerm:
    @staticmethod
    def jvp(dot: Any, out: Any, a: Any, b: Any, axis: int = 0) -> Any:
        return recurrence(a, dot, axis)

    @staticmethod
    def vjp(ct: Any, out: Any, a: Any, b: Any, axis: int = 0) -> Any:
        return suffix_recurrence(a, ct, axis)


def complex_valued(x: Any) -> bool:
    """Whether an argument of a rule (array, number or tracer) is complex."""
    dtype = getattr(x, "dtype", None)
    return isinstance(x, complex) if dtype is None else dtype.kind == "c"


def doubled(a: Any) -> Any:
    """An argument in double precision, in which SciPy computes statistics and distances."""
    return a.astype(np.float64) if getattr(a, "dtype", None) in (np.float32, np.float16) else a


def is_number(x: Any) -> bool:
    """Whether an argument of a rule is a plain Python number, known while the rule is traced."""
    return isinstance(x, (int, float)) and not isinstance(x, np.generic)


@dataclass(frozen=True, slots=True)
class ForSlot:
    """A cotangent of a list made at run time: of one element, nothing for the others."""

    index: Any
    value: Any


def is_list(xs: Any) -> bool:
    """Whether an argument of a rule is a list made at run time. A rule's vjp may give it a list of cotangents, or one
    number that every item receives."""
    return isinstance(getattr(xs, "type", None), List)


#: rows of NumPy's whose rules take a list made at run time as it is
_TAKE_LISTS = frozenset({
    "np.array", "np.asarray", "np.asanyarray", "np.ascontiguousarray", "np.asfortranarray", "np.stack",
    "np.concatenate", "np.vstack", "np.hstack", "np.dstack", "np.column_stack", "np.block",
    "np.choose", "np.select",
})  # fmt: skip


def as_function_takes_it(d: Def, position: int, x: Any) -> Any:
    """An argument as a rule sees it: of SciPy's functions, constant numbers in a list too are an array where one is meant."""
    constant = isinstance(x, (list, tuple)) and takes_array(d, position) and _are_numbers(x)
    return np.array(x) if constant else as_numpy_takes_it(d, x)


def takes_array(d: Def, position: int) -> bool:
    """Whether a function of linear algebra or of SciPy makes an array of an argument first: a list is no axis, size or option."""
    return position in d.rules and d.name.startswith(("scipy.", "np.linalg."))


def _are_numbers(x: Any) -> bool:
    return all(map(_are_numbers, x)) if isinstance(x, (list, tuple)) else isinstance(x, (int, float, complex, np.number))


def as_numpy_takes_it(d: Def, x: Any) -> Any:
    """An argument of a rule: NumPy's functions make arrays of lists first."""
    return as_array(x) if is_list(x) and d.converts and d.name not in _TAKE_LISTS else x


def option_as_numpy_takes_it(d: Def, x: Any) -> Any:
    """An argument of a rule that is given by name: lists of axes and sizes stay lists."""
    item = strip(x.type.item) if is_list(x) else None
    return x if isinstance(item, Scalar) and item.kind in ("int", "i64") else as_numpy_takes_it(d, x)


def is_display(xs: Any) -> bool:
    """Whether an argument is a tuple or list written in place, whose items are known one by one.

    Raises:
        UnsupportedError: for a list made at run time: a rule that doesn't ask `is_list` first can't say what its items
            receive.
    """
    if is_list(xs):
        raise UnsupportedError("a function of a list that can't be differentiated", hint="use a loop")
    return isinstance(xs, (list, tuple))


def quotient(a: Any, b: Any) -> Any:
    """`a / b` where b may be 0: by NumPy if `a` may be a Python float, which would raise."""
    kind = getattr(getattr(a, "type", None), "kind", None)  # of a tracer that stands for a number
    python = not getattr(a, "ndim", 0) and kind in (None, "float", "complex")
    return np.divide(a, b) if python else a / b


def refuse(name: str, options: Mapping[str, Any]) -> None:
    """Refuse keyword arguments that a rule doesn't know."""
    if options:
        shown = ", ".join(f"{k}=" for k in options)
        raise UnsupportedError(f"{name} with {shown} has no derivative rule", code="DS200")


#: keywords of NumPy that mean a parameter of another name
_ALIASES = {np.clip: {"min": "a_min", "max": "a_max"}}


def positional(
    d: Def, args: tuple[Any, ...], kwargs: Mapping[str, Any], literal: Callable[[Any], Any]
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Arguments with those that rules know by position, and those that must be given, in their places: `f(x, b=1)` ->
    `f(x, None, 1)`.

    `literal` makes an argument of a default that fills a gap.

    Raises:
        UnsupportedError: for `where=` of an elementwise function, which leaves results as they were.
    """
    if d.family in ("elementwise", "select") and "where" in kwargs:
        raise UnsupportedError(f"{d.name} with where= can't be differentiated", hint="use np.where")
    named = {_ALIASES.get(d.fn, {}).get(k, k): v for k, v in kwargs.items()}
    known = d.rules.keys() if d.rules else range(len(d.partials))
    every = tuple(d.defaults.items()) if d.defaults else positions(d.fn)
    places = {name: k for k, (name, _) in enumerate(every) if name in named}
    asked = 0 if d.defaults else required(d.fn)
    last = max((k for k in places.values() if k in known or k < asked), default=-1)
    if last < len(args):
        return args, dict(kwargs)
    defaults = every[len(args) : last + 1]
    moved = tuple(named.pop(name) if name in named else literal(default) for name, default in defaults)
    return (*args, *moved), named


@functools.cache
def positions(fn: Callable[..., Any]) -> tuple[tuple[str, Any], ...]:
    """The parameters of a function that may be given by position, with their defaults (None for a sentinel); those that can't
    be given by name have none."""
    try:
        found = inspect.signature(fn).parameters.values()
    except (TypeError, ValueError):
        return ()
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    plain = (bool, int, float, str)
    return tuple(
        ("" if p.kind is kinds[0] else p.name, p.default if isinstance(p.default, plain) else None)
        for p in found if p.kind in kinds
    )


@functools.cache
def required(fn: Callable[..., Any]) -> int:
    """How many parameters have no default, and may be given by position."""
    try:
        found = inspect.signature(fn).parameters.values()
    except (TypeError, ValueError):
        return 0
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return sum(p.default is inspect.Parameter.empty for p in found if p.kind in kinds)


def real_only(args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> None:
    if any(is_complex(a) for a in args):
        raise DiffTypeError("this function has no derivative rule for complex numbers")


def zero_for_reals(fn: Callable[..., Any], name: str, **facts: Any) -> Def:
    """A `zero` row whose function is not locally constant on complex numbers: those are refused."""
    d = Def(name, fn, "zero", **facts)

    def types(args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Type:
        from . import shapes

        real_only(args, kwargs)
        return shapes.rule_for(Def(name, fn, "zero", **facts))(args, kwargs)

    d.types = types
    return register(d)


#: how many arguments of a function of any number of arguments have rules
MANY = 32
