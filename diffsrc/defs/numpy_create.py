"""Rows for functions that make arrays: constant ones, fills, ranges, conversions and copies, grids.

`np.array` of a display of numbers takes it as nested tuples or lists and gives cotangents in the same
nesting.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..ir.types import Array
from .dims import dims_of
from .gamma import bessel_i
from .numpy_tools import (
    arange,
    can_not,
    given,
    holds_lists,
    is_absent,
    is_display,
    is_list,
    like_display,
    linear_in,
    ndim,
    nested_lists,
    norm_axis,
    only,
    rule,
    shape,
    shape_only,
    types_unless,
    unstack,
)  # fmt: skip
from .numpy_types import shape_of, stored_kind
from .probe import infer_by_trial
from .special import complex_valued, unbroadcast
from .table import Rule, zero

zero(np.zeros, np.ones, np.empty, np.eye, np.identity, np.tri, np.zeros_like, np.ones_like, np.empty_like)

# -- fills


def _fill_vjp(ct: Any, out: Any, like: Any, fill_value: Any, *more: Any, **options: Any) -> Any:
    only("np.full", options, "dtype", "order", "subok", "shape", "device", "like")
    return unbroadcast(ct, fill_value) if ndim(fill_value) else np.sum(ct)


def _full_type(args: Any, kwargs: Any) -> Any:
    """An array that fills is broadcast to the shape."""
    if len(args) > 1 and dims_of(args[1]) and not kwargs and len(args) == 2:
        return Array(stored_kind(args[1]), shape_of(args[0]))
    return infer_by_trial(np.full, args, kwargs)


linear_in(np.full, arg=1, vjp=_fill_vjp, types=_full_type)
linear_in(np.full_like, arg=1, vjp=_fill_vjp)
shape_only(np.full_like, arg=0)

# -- ranges


# alone, the first argument is the stop, which only decides the length
def _start_jvp(dot: Any, out: Any, *args: Any, **options: Any) -> Any:
    only("np.arange", options, "dtype", "device")
    return np.full_like(out, dot) if len(args) > 1 else None


def _start_vjp(ct: Any, out: Any, *args: Any, **options: Any) -> Any:
    only("np.arange", options, "dtype", "device")
    return np.sum(ct) if len(args) > 1 else None


rule(np.arange, jvp=_start_jvp, vjp=_start_vjp, kink="the length is taken as constant")
shape_only(np.arange, arg=1)
rule(
    np.arange, arg=2,
    jvp=lambda dot, out, start, stop, step, dtype=None, device=None: dot * ((out - start) / step),
    vjp=lambda ct, out, start, stop, step, dtype=None, device=None: np.sum(ct * (out - start)) / step,
)  # fmt: skip


def _ramp(at_start: bool, x: Any, other: Any, num: Any, endpoint: Any, axis: Any) -> Any:
    """np.linspace with `x` at the one end and `other` at the other end."""
    first, last = (x, other) if at_start else (other, x)
    options: dict[str, Any] = {**({} if endpoint else {"endpoint": False}), **given(axis=axis)}
    return np.linspace(first, last, num, **options)


def _linspace_jvp(at_start: bool) -> Rule:
    def jvp(
        dot: Any, out: Any, start: Any, stop: Any, num: Any = 50, endpoint: Any = True, retstep: Any = False,
        dtype: Any = None, *, axis: int = 0, **options: Any,
    ) -> Any:  # fmt: skip
        only("np.linspace", options, "device")
        fixed = stop if at_start else start
        change = _ramp(at_start, dot, np.zeros_like(fixed) if ndim(fixed) else 0.0, num, endpoint, axis)
        if not retstep:
            return change
        step = (-dot if at_start else dot) / (num - 1 if endpoint else num)
        return change, step + np.zeros_like(out[1])

    return jvp


def _linspace_vjp(at_start: bool) -> Rule:
    def vjp(
        ct: Any, out: Any, start: Any, stop: Any, num: Any = 50, endpoint: Any = True, retstep: Any = False,
        dtype: Any = None, *, axis: int = 0, **options: Any,
    ) -> Any:  # fmt: skip
        only("np.linspace", options, "device")
        x = start if at_start else stop
        if retstep:
            return _linspace_with_step(ct, out, start, stop, num, endpoint, axis, at_start)
        weights = _ramp(at_start, np.ones_like(x), np.zeros_like(x), num, endpoint, axis if ndim(x) else 0)
        if ndim(out) == 1:
            return np.sum(ct * weights)
        if not ndim(x):
            others = tuple(k for k in range(out.ndim) if k != norm_axis(axis, out.ndim))
            weights = np.expand_dims(weights, others)
        elif ndim(x) < out.ndim - 1:
            at = norm_axis(axis, out.ndim)
            weights = _ramp(at_start, np.ones_like(x), np.zeros_like(x), num, endpoint, 0)
            spread = tuple(range(1, out.ndim - ndim(x)))
            weights = np.moveaxis(np.expand_dims(weights, spread) if spread else weights, 0, at)
        return unbroadcast(np.sum(ct * weights, axis=axis), x)

    return vjp


def _linspace_with_step(
    ct: Any, out: Any, start: Any, stop: Any, num: Any, endpoint: Any, axis: Any, at_start: bool
) -> Any:  # fmt: skip
    """The cotangent of an end, of the points and of the step between them."""
    x, g = start if at_start else stop, None
    if not is_absent(ct[0]):
        g = _linspace_vjp(at_start)(ct[0], out[0], start, stop, num, endpoint, axis=axis)
    if not is_absent(ct[1]):
        step = ct[1] / (num - 1 if endpoint else num)
        step = unbroadcast(-step if at_start else step, x) if ndim(x) else np.sum(-step if at_start else step)
        g = step if g is None else g + step
    return g


for _n in (0, 1):
    rule(np.linspace, arg=_n, jvp=_linspace_jvp(_n == 0), vjp=_linspace_vjp(_n == 0))



def _geometric(at_start: bool) -> dict[str, Any]:
    """Each element is start ** (1 - t) * stop ** t."""

    def slopes(out: Any, start: Any, stop: Any, num: Any, endpoint: Any, axis: Any) -> Any:
        if complex_valued(out):
            raise can_not("np.geomspace", "complex numbers")
        x = start if at_start else stop
        one, none = (np.ones_like(start), np.zeros_like(start)) if ndim(start) else (1.0, 0.0)
        t = _ramp(at_start, one, none, num, endpoint, axis if ndim(start) else 0)
        if ndim(out) > 1 and not ndim(start):
            t = np.expand_dims(t, tuple(k for k in range(out.ndim) if k != norm_axis(axis, out.ndim)))
        return out * t / (np.expand_dims(x, axis) if ndim(x) else x)

    def jvp(
        dot: Any, out: Any, start: Any, stop: Any, num: Any = 50, endpoint: Any = True, dtype: Any = None, axis: int = 0
    ) -> Any:  # fmt: skip
        return (np.expand_dims(dot, axis) if ndim(dot) else dot) * slopes(out, start, stop, num, endpoint, axis)

    def vjp(
        ct: Any, out: Any, start: Any, stop: Any, num: Any = 50, endpoint: Any = True, dtype: Any = None, axis: int = 0
    ) -> Any:  # fmt: skip
        g = np.sum(ct * slopes(out, start, stop, num, endpoint, axis), axis=axis)
        return unbroadcast(g, start if at_start else stop)

    return {"jvp": jvp, "vjp": vjp}


def _exponents(position: int) -> dict[str, Any]:
    """np.logspace is a power of np.linspace; the third argument that counts is the base."""

    def jvp(
        dot: Any, out: Any, start: Any, stop: Any, num: Any = 50, endpoint: Any = True, base: Any = 10.0, dtype: Any = None,
        axis: int = 0,
    ) -> Any:  # fmt: skip
        if position < 2:
            change = _linspace_jvp(position == 0)(dot, out, start, stop, num, endpoint, axis=axis)
            return out * np.log(base) * change
        return dot * out * np.linspace(start, stop, num, endpoint, axis=axis) / base

    def vjp(
        ct: Any, out: Any, start: Any, stop: Any, num: Any = 50, endpoint: Any = True, base: Any = 10.0, dtype: Any = None,
        axis: int = 0,
    ) -> Any:  # fmt: skip
        if position < 2:
            return _linspace_vjp(position == 0)(ct * out * np.log(base), out, start, stop, num, endpoint, axis=axis)
        return np.sum(ct * out * np.linspace(start, stop, num, endpoint, axis=axis)) / base

    return {"jvp": jvp, "vjp": vjp}


for _n in (0, 1):
    rule(np.geomspace, arg=_n, **_geometric(_n == 0))
    rule(np.logspace, arg=_n, **_exponents(_n))
rule(np.logspace, arg=4, **_exponents(2))

# -- windows: of a number of points; that of Kaiser of a shape, too


def _kaiser(t: Any, out: Any, M: Any, beta: Any) -> Any:
    """I0(beta * r) / I0(beta), differentiated by beta."""
    if ndim(beta):
        raise can_not("np.kaiser", "an array beta")
    if isinstance(M, int) and M <= 1:
        return np.zeros_like(out)
    half = (M - 1) / 2.0
    r = np.sqrt(np.maximum(1.0 - ((arange(M) - half) / half) ** 2, 0.0))
    return t * ((bessel_i(1, beta * r) * r - out * bessel_i(1, beta)) / bessel_i(0, beta))


zero(np.hamming, np.hanning, np.bartlett, np.blackman)
rule(np.kaiser, arg=1, jvp=_kaiser, vjp=lambda ct, out, M, beta: np.sum(_kaiser(ct, out, M, beta)))

# -- diagonals out of anything

linear_in(
    np.diagflat,
    vjp=lambda ct, out, v, k=0: np.reshape(np.diagonal(ct, **given(offset=k)), shape(v)),
)

# -- conversions and copies


def _array_vjp(ct: Any, out: Any, a: Any, dtype: Any = None, *more: Any, **options: Any) -> Any:
    only("np.array", {k: v for k, v in options.items() if v}, "copy", "order", "subok", "dtype", "ndmin")
    if options.get("ndmin"):
        if is_display(a) or is_list(a):
            raise can_not("np.array", "ndmin= and a list", "use np.atleast_2d")
        return np.reshape(ct, shape(a))
    if is_display(a):
        return _unnest(ct, a, ())
    if is_list(a):
        return nested_lists(ct) if holds_lists(a) else unstack(ct)
    return np.sum(ct) if ndim(ct) > ndim(a) else ct


def _unnest(ct: Any, items: Any, path: Any) -> Any:
    """The elements of the cotangent in the nesting of the display."""
    if is_display(items):
        return like_display(items, [_unnest(ct, item, (*path, k)) for k, item in enumerate(items)])
    return ct[path]


def _may_share(args: Any, kwargs: Any) -> Any:
    return "copy=" if "copy" in kwargs and getattr(kwargs["copy"], "value", None) is not True else ""


linear_in(np.array, vjp=_array_vjp, types=types_unless(np.array, _may_share))
linear_in(np.asarray, np.asanyarray, np.ascontiguousarray, np.asfortranarray, vjp=_array_vjp, alias="maybe")
linear_in(np.copy, vjp=lambda ct, out, a, order="K", subok=False: ct)


def cast(ct: Any, a: Any) -> Any:
    """A cotangent in the number kind of `a`."""
    if a.dtype.kind != "c" and ct.dtype.kind == "c":
        ct = np.real(ct)
    return ct if ct.dtype == a.dtype else ct.astype(a.dtype)


def astype(a: Any, dtype: Any) -> Any:
    """`a.astype(dtype)` as a function."""
    return a.astype(dtype)


linear_in(astype, vjp=lambda ct, out, a, dtype: cast(ct, a), name="astype")
if hasattr(np, "astype"):
    linear_in(np.astype, vjp=lambda ct, out, a, dtype, /, *, copy=True, device=None: cast(ct, a),
              types=types_unless(np.astype, _may_share))  # fmt: skip


def _converted(ct: Any, out: Any, a: Any) -> Any:
    """Numbers need no conversion back but from complex to real."""
    if ndim(ct):
        return cast(ct, a)
    return np.real(ct) if complex_valued(ct) and not complex_valued(a) else ct


for _name in ("float16", "float32", "float64", "longdouble", "complex64", "complex128", "clongdouble"):
    linear_in(getattr(np, _name), name=f"np.{_name}", cheap=True, vjp=_converted)
for _name in ("int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "bool_"):
    zero(getattr(np, _name), cheap=True)

# -- grids


def _grid_axes(out: Any, position: Any, options: Any) -> Any:
    """The axes of a result along which argument `position` doesn't vary."""
    only("np.meshgrid", options, "indexing", "copy", "sparse")
    axis = position
    if options.get("indexing", "xy") == "xy" and position < 2 and len(out) > 1:
        axis = 1 - position
    return tuple(k for k in range(len(out)) if k != axis)


def _meshgrid_jvp(position: Any) -> Any:
    def jvp(dot: Any, out: Any, *xi: Any, **options: Any) -> Any:
        lost = _grid_axes(xi, position, options)
        spread = np.expand_dims(dot, lost) if lost and ndim(dot) else dot
        return tuple(
            np.zeros_like(out[k]) + spread if k == position else np.zeros_like(out[k]) for k in range(len(xi))
        )

    return jvp


def _meshgrid_vjp(position: Any) -> Any:
    def vjp(ct: Any, out: Any, *xi: Any, **options: Any) -> Any:
        lost, part = _grid_axes(xi, position, options), ct[position]
        if is_absent(part):
            return None
        if not ndim(xi[position]):
            return np.sum(part)
        return np.sum(part, axis=lost) if lost else part

    return vjp


for _n in range(6):
    rule(
        np.meshgrid,
        arg=_n,
        jvp=_meshgrid_jvp(_n),
        vjp=_meshgrid_vjp(_n),
        types=types_unless(np.meshgrid, _may_share),
    )
