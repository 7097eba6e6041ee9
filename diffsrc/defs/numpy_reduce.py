"""Reductions and scans of NumPy.

A cotangent of the reduced shape is first given its lost axes back as axes of size 1 (`_expand`); NumPy then
broadcasts it. Rule signatures repeat NumPy's, in order. `initial` and `out` don't reach a rule: the one is
refused, the other is a store.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from ..runtime import helpers
from .special import (
    along,
    as_array,
    backward,
    complex_valued,
    is_display,
    is_list,
    product_of_others,
    quotient,
    recurrence,
    refuse,
    suffix_recurrence,
    unbroadcast,
)
from .table import Rule, derivative, general, lookup, zero

#: an axis argument as rules see it: known while they are traced
Axis = Any

#: NumPy's order of the arguments after the first
SUM = ("axis", "dtype", "out", "keepdims", "initial", "where")
MEAN = ("axis", "dtype", "out", "keepdims", "where")
MAX = ("axis", "out", "keepdims", "initial", "where")
VAR = ("axis", "dtype", "out", "ddof", "keepdims", "where")
SCAN = ("axis", "dtype", "out")
_AVERAGE = ("axis", "weights", "returned")


def reduction(
    fn: Callable[..., Any], order: tuple[str, ...], arg: int | str = 0, keep: tuple[str, ...] = (), **facts: Any
) -> Callable[[type], type]:
    """`derivative` for functions of an array and options.

    Rules are called as `rule(dot or ct, out, a, axis, keepdims)`. Options in `keep` are handed on by name,
    others that matter are refused. A list display in place of the array is taken as `np.array` of it.
    """
    name = (lookup(fn) or general(fn, **facts)).name

    def settle(args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any]:
        given = {**dict(zip(order, args)), **kwargs}
        if "correction" in given and "ddof" in order:
            given["ddof"] = given.pop("correction")
        kept = {"axis": None, "keepdims": False}
        kept |= {k: given.pop(k) for k in ("axis", "keepdims", *keep) if k in given}
        kept |= {k: as_array(v) for k, v in kept.items() if k in ("weights", "where", "mean") and is_display(v)}
        left = {k: v for k, v in given.items() if k not in ("dtype", "out")}
        if kept.get("where") is True:
            del kept["where"]
        refuse(name, {k: v for k, v in left.items() if v is not None and v is not False})
        return kept

    def enter(cls: type) -> type:
        forward: Rule = cls.__dict__["jvp"]
        transpose: Rule = cls.__dict__["vjp"]

        def jvp(dot: Any, out: Any, a: Any, *args: Any, **kwargs: Any) -> Any:
            if is_list(a) or is_display(a):
                a, dot = as_array(a), as_array(dot)
            dtype = {**dict(zip(order, args)), **kwargs}.get("dtype")
            if dtype is not None:  # NumPy converts first
                a, dot = a.astype(dtype), dot.astype(dtype)
            return forward(dot, out, a, **settle(args, kwargs))

        def vjp(ct: Any, out: Any, a: Any, *args: Any, **kwargs: Any) -> Any:
            if is_list(a):
                return transpose(ct, out, as_array(a), **settle(args, kwargs))
            if not is_display(a):
                return transpose(ct, out, a, **settle(args, kwargs))
            g = transpose(ct, out, as_array(a), **settle(args, kwargs))
            return [g[k] for k in range(len(a))]

        derivative(fn, arg)(type(cls.__name__, (), {"jvp": jvp, "vjp": vjp}))
        return cls

    return enter


def _expand(ct: Any, axis: Axis, keepdims: bool) -> Any:
    """The cotangent with the reduced axes as axes of size 1 (none are needed when all were reduced)."""
    return ct if keepdims or axis is None else np.expand_dims(ct, axis)


def _count(a: Any, axis: Axis) -> Any:
    """How many elements each result was made of."""
    if axis is None:
        return a.size
    axes = axis if isinstance(axis, tuple) else (axis,)
    return math.prod(a.shape[k] for k in axes)


def _narrow(a: Any) -> bool:
    """Whether counts in int64 would widen the dtype."""
    return a.dtype.kind in "fc" and a.dtype not in (np.float64, np.complex128)


def _total(mask: Any, a: Any, axis: Axis) -> Any:
    """How many are true along an axis, broadcasting against `a`, in a dtype that doesn't widen its own."""
    options = {} if axis is None else {"axis": axis, "keepdims": True}
    if _narrow(a):
        options["dtype"] = np.empty(0, a.dtype).real.dtype
    return np.sum(mask, **options)


def _reduce(x: Any, axis: Axis, keepdims: bool) -> Any:
    """np.sum with the arguments that matter."""
    if keepdims:
        return np.sum(x, axis=axis, keepdims=True)
    return np.sum(x) if axis is None else np.sum(x, axis=axis)


def _widened(ct: Any, a: Any) -> Any:
    """A cotangent in the shape of `a`; that of a number stays a number."""
    return np.broadcast_to(ct, a.shape) if getattr(a, "ndim", 0) else ct


# sums and means


@reduction(np.sum, SUM, keep=("where", "initial"), linear=True)
class Sum:
    @staticmethod
    def jvp(dot: Any, out: Any, a: Any, axis: Axis, keepdims: bool, where: Any = None, initial: Any = 0) -> Any:
        return _reduce(dot if where is None else np.where(where, dot, 0.0), axis, keepdims)

    @staticmethod
    def vjp(ct: Any, out: Any, a: Any, axis: Axis, keepdims: bool, where: Any = None, initial: Any = 0) -> Any:
        g = _widened(_expand(ct, axis, keepdims), a)
        return g if where is None else np.where(where, g, 0.0)


@reduction(np.sum, SUM, arg="initial", keep=("where", "initial"))
class InitialSum:
    """The value to start with is added to each result."""

    @staticmethod
    def jvp(dot: Any, out: Any, a: Any, axis: Axis, keepdims: bool, where: Any = None, initial: Any = 0) -> Any:
        return dot * np.ones_like(out)

    @staticmethod
    def vjp(ct: Any, out: Any, a: Any, axis: Axis, keepdims: bool, where: Any = None, initial: Any = 0) -> Any:
        return np.sum(ct)


def _chosen(a: Any, axis: Axis, where: Any) -> Any:
    """How many elements a mask chooses, broadcasting against `a`."""
    return _total(np.broadcast_to(where, a.shape), a, axis)


@reduction(np.mean, MEAN, keep=("where",))
class Mean:
    @staticmethod
    def jvp(dot: Any, out: Any, a: Any, axis: Axis, keepdims: bool, where: Any = None) -> Any:
        if where is not None:
            return _reduce(np.where(where, dot, 0.0) / _chosen(a, axis, where), axis, keepdims)
        return _reduce(dot, axis, keepdims) / _count(a, axis)

    @staticmethod
    def vjp(ct: Any, out: Any, a: Any, axis: Axis, keepdims: bool, where: Any = None) -> Any:
        if where is not None:
            return np.where(where, _expand(ct, axis, keepdims) / _chosen(a, axis, where), 0.0)
        return _widened(quotient(_expand(ct, axis, keepdims), _count(a, axis)), a)


# variance and standard deviation


def _centred(a: Any, axis: Axis, where: Any = None, mean: Any = None) -> Any:
    """Deviations from the mean; conjugated for complex numbers, of which var is the mean of |a - mean|**2. Zero where a
    mask leaves an element out."""
    options = {} if where is None else {"where": where}
    if mean is None:
        mean = np.mean(a, **options) if axis is None else np.mean(a, axis=axis, keepdims=True, **options)
    d = a - mean
    d = d if where is None else np.where(where, d, 0.0)
    return np.conj(d) if complex_valued(a) else d


def _deviation(dot: Any, a: Any, axis: Axis, keepdims: bool, where: Any, mean: Any) -> Any:
    total = _reduce(_centred(a, axis, where, mean) * dot, axis, keepdims)
    return np.real(total) if complex_valued(a) else total


def _free(a: Any, axis: Axis, keepdims: bool, ddof: Any, where: Any) -> Any:
    """The degrees of freedom of each result, in its shape."""
    if where is None:
        return _count(a, axis) - ddof
    n = _chosen(a, axis, where)
    return (n if keepdims or axis is None else np.squeeze(n, axis)) - ddof


@reduction(np.var, VAR, keep=("ddof", "where", "mean"))
class Var:
    @staticmethod
    def jvp(
        dot: Any, out: Any, a: Any, axis: Axis, keepdims: bool, ddof: Any = 0, where: Any = None, mean: Any = None
    ) -> Any:  # fmt: skip
        return 2 * _deviation(dot, a, axis, keepdims, where, mean) / _free(a, axis, keepdims, ddof, where)

    @staticmethod
    def vjp(
        ct: Any, out: Any, a: Any, axis: Axis, keepdims: bool, ddof: Any = 0, where: Any = None, mean: Any = None
    ) -> Any:  # fmt: skip
        if where is not None:
            ct = ct / _free(a, axis, keepdims, ddof, where)
            return 2 * _expand(ct, axis, keepdims) * _centred(a, axis, where, mean)
        return 2 * _expand(ct, axis, keepdims) * _centred(a, axis, None, mean) / (_count(a, axis) - ddof)


def _positive(deviation: Any) -> Any:
    """What to divide by: all elements are equal where a deviation is 0, and what is divided is 0."""
    return np.where(deviation == 0.0, 1.0, deviation)


@reduction(np.std, VAR, keep=("ddof", "where", "mean"), kink="zero variance: 0")
class Std:
    @staticmethod
    def jvp(
        dot: Any, out: Any, a: Any, axis: Axis, keepdims: bool, ddof: Any = 0, where: Any = None, mean: Any = None
    ) -> Any:  # fmt: skip
        return _deviation(dot, a, axis, keepdims, where, mean) / (_positive(out) * _free(a, axis, keepdims, ddof, where))

    @staticmethod
    def vjp(
        ct: Any, out: Any, a: Any, axis: Axis, keepdims: bool, ddof: Any = 0, where: Any = None, mean: Any = None
    ) -> Any:  # fmt: skip
        scale = ct / (_positive(out) * _free(a, axis, keepdims, ddof, where))
        return _expand(scale, axis, keepdims) * _centred(a, axis, where, mean)


def of_mean(of: Any) -> type:
    """The rules of a mean that is given: what the deviations change by, all of them together."""

    class Mean:
        @staticmethod
        def jvp(dot: Any, out: Any, a: Any, axis: Axis, keepdims: bool, **options: Any) -> Any:
            return of.jvp(-dot, out, a, axis, keepdims, **options)

        @staticmethod
        def vjp(ct: Any, out: Any, a: Any, axis: Axis, keepdims: bool, **options: Any) -> Any:
            return -unbroadcast(of.vjp(ct, out, a, axis, keepdims, **options), options["mean"])

    return Mean


reduction(np.var, VAR, arg="mean", keep=("ddof", "where", "mean"))(of_mean(Var))
reduction(np.std, VAR, arg="mean", keep=("ddof", "where", "mean"))(of_mean(Std))


# maxima and minima: elements that tie share equally


def _hit(a: Any, extreme: Any, axis: Axis, keepdims: bool, where: Any, initial: Any) -> tuple[Any, Any]:
    """Which elements attain an extreme value, and how many; none may do so if there is a value to start with."""
    hit = a == _expand(extreme, axis, keepdims)
    hit = hit if where is None else hit & where
    total = _total(hit, a, axis)
    return hit, total if initial is None else np.maximum(total, 1)


def share(
    dot: Any, a: Any, extreme: Any, axis: Axis, keepdims: bool, where: Any = None, initial: Any = None
) -> Any:  # fmt: skip
    """The tangent of an extreme value: the mean of the tangents of the elements that attain it."""
    hit, total = _hit(a, extreme, axis, keepdims, where, initial)
    return _reduce(np.where(hit, dot, 0.0) / total, axis, keepdims)


def spread(
    ct: Any, a: Any, extreme: Any, axis: Axis, keepdims: bool, where: Any = None, initial: Any = None
) -> Any:  # fmt: skip
    """The cotangent of an extreme value, in equal parts to the elements that attain it."""
    hit, total = _hit(a, extreme, axis, keepdims, where, initial)
    return np.where(hit, _expand(ct, axis, keepdims) / total, 0.0)


class _Extreme:
    @staticmethod
    def jvp(dot: Any, out: Any, a: Any, axis: Axis, keepdims: bool, where: Any = None, initial: Any = None) -> Any:
        return share(dot, a, out, axis, keepdims, where, initial)

    @staticmethod
    def vjp(ct: Any, out: Any, a: Any, axis: Axis, keepdims: bool, where: Any = None, initial: Any = None) -> Any:
        return spread(ct, a, out, axis, keepdims, where, initial)


def _initial_extreme(extreme: Any, a: Any, axis: Axis, keepdims: bool, where: Any, initial: Any) -> Any:
    """Where the value to start with is the extreme one."""
    hit = a == _expand(extreme, axis, keepdims)
    hit = hit if where is None else hit & where
    return ~np.any(hit, axis=axis, keepdims=keepdims)


class _InitialExtreme:
    @staticmethod
    def jvp(dot: Any, out: Any, a: Any, axis: Axis, keepdims: bool, where: Any = None, initial: Any = None) -> Any:
        return np.where(_initial_extreme(out, a, axis, keepdims, where, initial), dot, 0.0)

    @staticmethod
    def vjp(ct: Any, out: Any, a: Any, axis: Axis, keepdims: bool, where: Any = None, initial: Any = None) -> Any:
        return np.sum(np.where(_initial_extreme(out, a, axis, keepdims, where, initial), ct, 0.0))


for _fn in (np.max, np.amax, np.min, np.amin, np.nanmax, np.nanmin):
    reduction(_fn, MAX, keep=("where", "initial"), kink="ties share equally")(_Extreme)
    reduction(_fn, MAX, arg="initial", keep=("where", "initial"))(_InitialExtreme)


def _extremes(a: Any, axis: Axis, keepdims: bool) -> tuple[Any, Any]:
    return np.max(a, axis=axis, keepdims=keepdims), np.min(a, axis=axis, keepdims=keepdims)


@reduction(np.ptp, MAX, kink="ties share equally")
class _Ptp:
    @staticmethod
    def jvp(dot: Any, out: Any, a: Any, axis: Axis, keepdims: bool) -> Any:
        high, low = _extremes(a, axis, keepdims)
        return share(dot, a, high, axis, keepdims) - share(dot, a, low, axis, keepdims)

    @staticmethod
    def vjp(ct: Any, out: Any, a: Any, axis: Axis, keepdims: bool) -> Any:
        high, low = _extremes(a, axis, keepdims)
        return spread(ct, a, high, axis, keepdims) - spread(ct, a, low, axis, keepdims)


# sums and products along an axis, product


def _before(a: Any, axis: int) -> Any:
    """For each element the product of those before it."""
    first, rest = along(a.ndim, axis, slice(None, 1)), along(a.ndim, axis, slice(None, -1))
    return np.concatenate((np.ones_like(a[first]), np.cumprod(a[rest], axis=axis)), axis=axis)


def _before_change(dot: Any, a: Any, axis: int) -> Any:
    """The tangent of `_before(a, axis)`."""
    first, rest = along(a.ndim, axis, slice(None, 1)), along(a.ndim, axis, slice(None, -1))
    change = recurrence(a[rest], _before(a[rest], axis) * dot[rest], axis)
    return np.concatenate((np.zeros_like(a[first]), change), axis=axis)


def _others_change(dot: Any, a: Any, axis: Axis) -> Any:
    """The tangent of `product_of_others(a, axis)`: its Jacobian is symmetric, so that this is the pullback, too."""
    if isinstance(axis, tuple):
        last = tuple(k % a.ndim for k in axis)
        order = tuple(k for k in range(a.ndim) if k not in last) + last
        moved = np.transpose(a, order)
        rows = (*moved.shape[: a.ndim - len(last)], -1)
        change = _others_change(np.reshape(np.transpose(dot, order), rows), np.reshape(moved, rows), len(rows) - 1)
        return np.transpose(np.reshape(change, moved.shape), tuple(order.index(k) for k in range(a.ndim)))
    if axis is None and a.ndim != 1:
        return np.reshape(_others_change(np.reshape(dot, -1), np.reshape(a, -1), 0), a.shape)
    axis = axis or 0
    back = backward(a, axis)
    from_before = _before_change(dot, a, axis) * backward(_before(back, axis), axis)
    return from_before + _before(a, axis) * backward(_before_change(backward(dot, axis), back, axis), axis)


@derivative(helpers.product_of_others)
class _ProductOfOthers:
    @staticmethod
    def jvp(dot: Any, out: Any, a: Any, axis: Axis = None) -> Any:
        return _others_change(dot, a, axis)

    @staticmethod
    def vjp(ct: Any, out: Any, a: Any, axis: Axis = None) -> Any:
        return _others_change(ct, a, axis)


def _slopes(a: Any, axis: Axis, where: Any, initial: Any) -> Any:
    """The same where a mask leaves out elements, and there is a factor to start with."""
    slopes = product_of_others(a if where is None else np.where(where, a, 1.0), axis)
    slopes = slopes if initial is None else initial * slopes
    return slopes if where is None else np.where(where, slopes, 0.0)


@reduction(np.prod, SUM, keep=("where", "initial"))
class Prod:
    @staticmethod
    def jvp(dot: Any, out: Any, a: Any, axis: Axis, keepdims: bool, where: Any = None, initial: Any = None) -> Any:
        return _reduce(dot * _slopes(a, axis, where, initial), axis, keepdims)

    @staticmethod
    def vjp(ct: Any, out: Any, a: Any, axis: Axis, keepdims: bool, where: Any = None, initial: Any = None) -> Any:
        return _expand(ct, axis, keepdims) * _slopes(a, axis, where, initial)


@reduction(np.prod, SUM, arg="initial", keep=("where", "initial"))
class InitialProd:
    @staticmethod
    def jvp(dot: Any, out: Any, a: Any, axis: Axis, keepdims: bool, where: Any = None, initial: Any = None) -> Any:
        return dot * np.prod(a, axis=axis, keepdims=keepdims, **({} if where is None else {"where": where}))

    @staticmethod
    def vjp(ct: Any, out: Any, a: Any, axis: Axis, keepdims: bool, where: Any = None, initial: Any = None) -> Any:
        return np.sum(ct * np.prod(a, axis=axis, keepdims=keepdims, **({} if where is None else {"where": where})))


@reduction(np.cumsum, SCAN, linear=True)
class CumSum:
    @staticmethod
    def jvp(dot: Any, out: Any, a: Any, axis: Axis, keepdims: bool) -> Any:
        return np.cumsum(dot) if axis is None else np.cumsum(dot, axis=axis)

    @staticmethod
    def vjp(ct: Any, out: Any, a: Any, axis: Axis, keepdims: bool) -> Any:
        if axis is None:
            g = np.cumsum(ct[::-1])[::-1]
            return g if a.ndim == 1 else np.reshape(g, a.shape)
        return backward(np.cumsum(backward(ct, axis), axis=axis), axis)


@reduction(np.cumprod, SCAN)
class CumProd:
    @staticmethod
    def jvp(dot: Any, out: Any, a: Any, axis: Axis, keepdims: bool) -> Any:
        if axis is None:
            a, dot, axis = np.reshape(a, -1), np.reshape(dot, -1), 0
        return recurrence(a, _before(a, axis) * dot, axis)

    @staticmethod
    def vjp(ct: Any, out: Any, a: Any, axis: Axis, keepdims: bool) -> Any:
        flat, k = (np.reshape(a, -1), 0) if axis is None else (a, axis)
        g = _before(flat, k) * suffix_recurrence(flat, ct, k)
        return np.reshape(g, a.shape) if axis is None and a.ndim != 1 else g


zero(np.any, np.all)
