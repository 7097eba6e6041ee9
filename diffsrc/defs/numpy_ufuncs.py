"""Rows for methods of ufuncs that no function stands for: `np.maximum.accumulate`, `np.logaddexp.reduce`, ...

A bound method is a new object each time, so they are found by `METHODS`, not by `lookup`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..ir.types import Array
from ..runtime import helpers
from .dims import dims_of
from .numpy_tools import add_along_axis, along, at, expand, given, linear_in, norm_axis, only, rule, shape
from .numpy_types import kind_named, stored_kind, with_shape
from .special import dispatching
from .table import Def, lookup, register

#: (ufunc, name of the method) -> row
METHODS: dict[tuple[np.ufunc, str], Def] = {}


def _enter(ufunc: np.ufunc, name: str, jvp: Any, vjp: Any, **facts: Any) -> None:
    fn = getattr(ufunc, name)
    rule(fn, jvp=jvp, vjp=vjp, name=f"np.{ufunc.__name__}.{name}", **facts)
    row = lookup(fn)
    assert row is not None
    METHODS[ufunc, name] = row


# -- running extremes: each element comes from one place

_place = dispatching(helpers.running_place)
register(Def("running_place", helpers.running_place, "zero", types=lambda args, kwargs: Array("i64", dims_of(args[0]))))


def _running_jvp(dot: Any, out: Any, a: Any, axis: Any = 0, **options: Any) -> Any:
    only("accumulate", options)
    return np.take_along_axis(dot, _place(a, out, axis), axis)


def _running_vjp(ct: Any, out: Any, a: Any, axis: Any = 0, **options: Any) -> Any:
    only("accumulate", options)
    return add_along_axis(ct, _place(a, out, axis), shape(a), axis)


for _ufunc in (np.maximum, np.minimum):
    _enter(
        _ufunc, "accumulate", _running_jvp, _running_vjp, kink="of equal elements the last one counts",
        types=lambda args, kwargs: Array(stored_kind(args[0]), dims_of(args[0])),
    )  # fmt: skip

# -- sums of segments

_spread = dispatching(helpers.spread_segments)


def _segments(args: Any, kwargs: Any) -> Any:
    dims, axis = list(dims_of(args[0])), args[2] if len(args) > 2 else kwargs.get("axis")
    at = getattr(axis, "value", 0)
    dims[at] = dims_of(args[1])[0]
    return Array(kind_named(kwargs.get("dtype")) or stored_kind(args[0]), tuple(dims))


_enter(
    np.add, "reduceat",
    lambda dot, out, a, indices, axis=0, dtype=None: _sum_segments(dot, indices, axis),
    lambda ct, out, a, indices, axis=0, dtype=None: _spread(ct, indices, shape(a), **given(axis=axis)),
    types=_segments, raises=True, linear=True,
)  # fmt: skip
linear_in(
    helpers.spread_segments, name="spread_segments", types=with_shape(2),
    vjp=lambda ct, out, g, indices, to, axis=0: _sum_segments(ct, indices, axis),
)  # fmt: skip


def _sum_segments(a: Any, indices: Any, axis: Any) -> Any:
    return dispatching(METHODS[np.add, "reduceat"].fn)(a, indices, axis)


# -- reductions


def _shares(exp: Any, out: Any, a: Any, axis: Any, keepdims: Any, where: Any, initial: Any) -> Any:
    """What each term contributes to the sum whose logarithm is `out`. The rounding of a large `out` cancels in their sum."""
    shares = exp(a - np.maximum(expand(out, a.ndim, axis, keepdims), -3e38))
    shares = shares if where is None else np.where(where, shares, 0.0)
    if initial is not None:
        return shares
    return shares / np.maximum(np.sum(shares, **at(axis), keepdims=True), 0.5)


def _log_of_sum(ufunc: np.ufunc, exp: Any) -> None:
    name = f"np.{ufunc.__name__}.reduce"

    def jvp(
        dot: Any, out: Any, a: Any, axis: Any = 0, keepdims: Any = False, where: Any = None, initial: Any = None, **options: Any
    ) -> Any:  # fmt: skip
        only(name, options, "dtype")
        return np.sum(_shares(exp, out, a, axis, keepdims, where, initial) * dot, axis=axis, **given(keepdims=keepdims))

    def vjp(
        ct: Any, out: Any, a: Any, axis: Any = 0, keepdims: Any = False, where: Any = None, initial: Any = None, **options: Any
    ) -> Any:  # fmt: skip
        only(name, options, "dtype")
        return expand(ct, a.ndim, axis, keepdims) * _shares(exp, out, a, axis, keepdims, where, initial)

    _enter(ufunc, "reduce", jvp, vjp, kink="all -inf: 0")
    rule(
        METHODS[ufunc, "reduce"].fn, arg="initial",
        jvp=lambda dot, out, a, axis=0, *, initial, **options: dot * exp(initial - np.maximum(out, -3e38)),
        vjp=lambda ct, out, a, axis=0, *, initial, **options: np.sum(ct * exp(initial - np.maximum(out, -3e38))),
    )  # fmt: skip


def _norm_jvp(dot: Any, out: Any, a: Any, axis: Any = 0, keepdims: Any = False, where: Any = None, **options: Any) -> Any:
    only("np.hypot.reduce", options, "initial", "dtype")
    squares = a * dot if where is None else np.where(where, a * dot, 0.0)
    return np.sum(squares, axis=axis, **given(keepdims=keepdims)) / out


def _norm_vjp(ct: Any, out: Any, a: Any, axis: Any = 0, keepdims: Any = False, where: Any = None, **options: Any) -> Any:
    only("np.hypot.reduce", options, "initial", "dtype")
    g = expand(ct / out, a.ndim, axis, keepdims) * a
    return g if where is None else np.where(where, g, 0.0)


def _difference_jvp(dot: Any, out: Any, a: Any, axis: Any = 0, keepdims: Any = False, **options: Any) -> Any:
    only("np.subtract.reduce", options, "dtype")
    at = norm_axis(axis, a.ndim)
    first = along(at, a.ndim, slice(None, 1) if keepdims else 0)
    return 2.0 * dot[first] - np.sum(dot, axis=axis, **given(keepdims=keepdims))


def _difference_vjp(ct: Any, out: Any, a: Any, axis: Any = 0, keepdims: Any = False, **options: Any) -> Any:
    only("np.subtract.reduce", options, "dtype")
    at = norm_axis(axis, a.ndim)
    first, rest = along(at, a.ndim, slice(None, 1)), along(at, a.ndim, slice(1, None))
    g = expand(ct, a.ndim, axis, keepdims)
    return np.concatenate((g * np.ones_like(a[first]), g * -np.ones_like(a[rest])), axis=at)


_log_of_sum(np.logaddexp, np.exp)
_log_of_sum(np.logaddexp2, np.exp2)
_enter(np.hypot, "reduce", _norm_jvp, _norm_vjp)
rule(
    METHODS[np.hypot, "reduce"].fn, arg="initial",
    jvp=lambda dot, out, a, axis=0, *, initial, **options: dot * initial / out,
    vjp=lambda ct, out, a, axis=0, *, initial, **options: np.sum(ct / out) * initial,
)  # fmt: skip
_enter(np.subtract, "reduce", _difference_jvp, _difference_vjp, linear=True)
