"""Rows for weighted averages, covariances and correlations."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..ir.types import NONE, Array, NoneType, Scalar, is_complex
from .dims import dims_of
from .numpy_reduce import _count, _expand, _reduce, _widened, reduction
from .numpy_tools import adjoint, conjugated, inverse, is_absent, is_display, norm_axes, rule, transposed
from .numpy_types import kind_named
from .special import as_array, complex_valued, quotient

Axis = Any
_AVERAGE = ("axis", "weights", "returned")


def _places(a: Any, axis: Axis, weights: Any) -> tuple[list[int], tuple[int, ...]]:
    """How the axes of the weights stand in `a`, and which axes of it they don't have."""
    axes = norm_axes(axis, a.ndim)
    order = sorted(range(len(axes)), key=axes.__getitem__)
    return order, tuple(k for k in range(a.ndim) if k not in axes)


def _aligned(a: Any, axis: Axis, weights: Any) -> Any:
    """The weights of `np.average` with axes of size 1 where `a` has further ones."""
    if weights.ndim == a.ndim:
        return weights
    order, others = _places(a, axis, weights)
    turned = transposed(weights, order)
    after = tuple(k for k in others if k > min(norm_axes(axis, a.ndim)))
    return np.expand_dims(turned, others) if after else turned


def _unaligned(g: Any, a: Any, axis: Axis, weights: Any) -> Any:
    """The transpose of `_aligned`, of what has the shape of `a`."""
    if weights.ndim == a.ndim:
        return g
    order, others = _places(a, axis, weights)
    return transposed(np.sum(g, axis=others), inverse(order))


def _norm(a: Any, axis: Axis, weights: Any) -> Any:
    """The sum of the weights, broadcasting against `a`."""
    if weights.ndim < a.ndim or axis is None:
        return np.sum(weights)
    return np.sum(weights, axis=axis, keepdims=True)


def _first(t: Any, returned: Any) -> Any:
    return t[0] if returned else t


def _with_sum(change: Any, out: Any, weights_dot: Any, returned: Any) -> Any:
    """The tangent of the average, and that of the sum of the weights where it is returned."""
    if not returned:
        return change
    return change, np.zeros_like(out[1]) + (0.0 if weights_dot is None else weights_dot)


class _Average:
    @staticmethod
    def jvp(
        dot: Any, out: Any, a: Any, axis: Axis, keepdims: bool, weights: Any = None, returned: Any = False
    ) -> Any:  # fmt: skip
        if weights is None:
            change = _reduce(dot, axis, keepdims) / _count(a, axis)
        else:
            change = _reduce(dot * _aligned(a, axis, weights) / _norm(a, axis, weights), axis, keepdims)
        return _with_sum(change, out, None, returned)

    @staticmethod
    def vjp(
        ct: Any, out: Any, a: Any, axis: Axis, keepdims: bool, weights: Any = None, returned: Any = False
    ) -> Any:  # fmt: skip
        if returned and is_absent(ct[0]):
            return None
        g = _expand(_first(ct, returned), axis, keepdims)
        if weights is None:
            return _widened(quotient(g, _count(a, axis)), a)
        return g * _aligned(a, axis, weights) / _norm(a, axis, weights)


class _AverageWeights:
    @staticmethod
    def jvp(
        dot: Any, out: Any, a: Any, axis: Axis, keepdims: bool, weights: Any = None, returned: Any = False
    ) -> Any:  # fmt: skip
        centred = (a - _expand(_first(out, returned), axis, keepdims)) / _norm(a, axis, weights)
        change = _reduce(centred * _aligned(a, axis, dot), axis, keepdims)
        if not returned:
            return change
        whole = weights.ndim == a.ndim and axis is not None
        return _with_sum(change, out, np.sum(dot, axis=axis, keepdims=keepdims) if whole else np.sum(dot), returned)

    @staticmethod
    def vjp(
        ct: Any, out: Any, a: Any, axis: Axis, keepdims: bool, weights: Any = None, returned: Any = False
    ) -> Any:  # fmt: skip
        total: Any = None
        if not (returned and is_absent(ct[0])):
            average = _expand(_first(out, returned), axis, keepdims)
            g = _expand(_first(ct, returned), axis, keepdims) * (a - average) / _norm(a, axis, weights)
            total = _unaligned(g, a, axis, weights)
        if not returned or is_absent(ct[1]):
            return total
        whole = weights.ndim == a.ndim and axis is not None
        summed = (_expand(ct[1], axis, keepdims) if whole else np.sum(ct[1])) * np.ones_like(weights)
        return summed if total is None else total + summed


reduction(np.average, _AVERAGE, keep=("weights", "returned"))(_Average)
reduction(np.average, _AVERAGE, arg=2, keep=("weights", "returned"))(_AverageWeights)

# -- covariances and correlations


def _rows(x: Any, rowvar: Any) -> Any:
    """The variables as rows."""
    if x.ndim < 2:
        return x[None, :]
    return x if rowvar else x.T


def _more_rows(y: Any, rowvar: Any) -> Any:
    """The same of `y`, of which one row stays one."""
    alone = y.ndim == 2 and isinstance(y.shape[0], int) and y.shape[0] == 1
    return _rows(y, rowvar or alone)


def _variables(m: Any, y: Any, rowvar: Any) -> Any:
    return _rows(m, rowvar) if y is None else np.concatenate((_rows(m, rowvar), _more_rows(y, rowvar)))


def _own(g: Any, m: Any, y: Any, rowvar: Any, position: int) -> Any:
    """The part of a cotangent of all variables that belongs to one argument, in its shape."""
    if y is not None:
        first = 1 if m.ndim < 2 else m.shape[0 if rowvar else 1]
        g = g[first:] if position else g[:first]
    x = y if position else m
    rowvar = rowvar or (position == 1 and isinstance(y.shape[0], int) and y.shape[0] == 1)
    return np.reshape(g, x.shape) if x.ndim < 2 else g if rowvar else g.T


def _placed(dot: Any, m: Any, y: Any, rowvar: Any, position: int) -> Any:
    """The changes of all variables."""
    if y is None:
        return _rows(dot, rowvar)
    first, second = (np.zeros_like(m), dot) if position else (dot, np.zeros_like(y))
    return np.concatenate((_rows(first, rowvar), _more_rows(second, rowvar)))


def _shaped(c: Any, out: Any) -> Any:
    """A matrix of one variable is a number."""
    return c if out.ndim == 2 else np.reshape(c, out.shape)


def _matrix(ct: Any) -> Any:
    return ct if getattr(ct, "ndim", 0) == 2 else np.reshape(ct, (1, 1))


def _observation_weights(fweights: Any, aweights: Any) -> Any:
    return aweights if fweights is None else fweights if aweights is None else fweights * aweights


def _centred_rows(x: Any, w: Any) -> Any:
    mean = np.mean(x, axis=1, keepdims=True) if w is None else np.sum(x * w, axis=1, keepdims=True) / np.sum(w)
    return x - mean


def _freedom(x: Any, w: Any, aweights: Any, bias: Any, ddof: Any) -> Any:
    """What sums of products are divided by."""
    lost = (0 if bias else 1) if ddof is None else ddof
    if w is None:
        return x.shape[1] - lost
    total = np.sum(w)
    return total - lost if aweights is None else total - lost * np.sum(w * aweights) / total


def _cov(position: int) -> dict[str, Any]:
    def parts(m: Any, y: Any, rowvar: Any, bias: Any, ddof: Any, fweights: Any, aweights: Any) -> Any:
        fweights, aweights = (as_array(w) if is_display(w) else w for w in (fweights, aweights))
        w = _observation_weights(fweights, aweights)
        x = _variables(m, y, rowvar)
        d = _centred_rows(x, w)
        return d if w is None else d * w, _freedom(x, w, aweights, bias, ddof)

    def jvp(
        dot: Any, out: Any, m: Any, y: Any = None, rowvar: Any = True, bias: Any = False, ddof: Any = None,
        fweights: Any = None, aweights: Any = None, *, dtype: Any = None,
    ) -> Any:  # fmt: skip
        d, n = parts(m, y, rowvar, bias, ddof, fweights, aweights)
        half = _placed(dot, m, y, rowvar, position) @ adjoint(d) / n
        return _shaped(half + adjoint(half), out)

    def vjp(
        ct: Any, out: Any, m: Any, y: Any = None, rowvar: Any = True, bias: Any = False, ddof: Any = None,
        fweights: Any = None, aweights: Any = None, *, dtype: Any = None,
    ) -> Any:  # fmt: skip
        d, n = parts(m, y, rowvar, bias, ddof, fweights, aweights)
        return _own(_both(_matrix(ct), d) / n, m, y, rowvar, position)

    return {"jvp": jvp, "vjp": vjp}


def _both(ct: Any, d: Any) -> Any:
    """The cotangent of both factors of d @ adjoint(d) together."""
    if complex_valued(d):
        return ct @ np.conj(d) + np.conj(ct.T @ d)
    return (ct + ct.T) @ d


def _along(a: Any, b: Any) -> Any:
    """The real part of the product of each pair of rows."""
    product = np.sum(a * b, axis=1, keepdims=True)
    return np.real(product) if complex_valued(product) else product


def _corrcoef(position: int) -> dict[str, Any]:
    def parts(m: Any, y: Any, rowvar: Any) -> tuple[Any, Any]:
        """Variables of mean 0 and length 1, and their lengths before."""
        d = _centred_rows(_variables(m, y, rowvar), None)
        size = np.sqrt(np.sum(np.square(np.abs(d) if complex_valued(d) else d), axis=1, keepdims=True))
        return d / size, size

    def jvp(dot: Any, out: Any, m: Any, y: Any = None, rowvar: Any = True, *, dtype: Any = None) -> Any:
        z, size = parts(m, y, rowvar)
        change = _placed(dot, m, y, rowvar, position)
        half = (change - z * _along(conjugated(z), change)) / size @ adjoint(z)
        return _shaped(half + adjoint(half), out)

    def vjp(ct: Any, out: Any, m: Any, y: Any = None, rowvar: Any = True, *, dtype: Any = None) -> Any:
        z, size = parts(m, y, rowvar)
        g = _both(_matrix(ct), z)
        g = (g - conjugated(z) * _along(g, z)) / size
        return _own(g, m, y, rowvar, position)

    return {"jvp": jvp, "vjp": vjp}


def _square_of(one: Any) -> Any:
    """The type rule: a square matrix of the variables; `one` makes that of a single variable."""

    def types(args: Any, kwargs: Any) -> Any:
        named = {**dict(zip(("m", "y", "rowvar"), args)), **kwargs}
        m, y = named["m"], named.get("y", NONE)
        alone = isinstance(y, NoneType)
        kind = "c128" if is_complex(m) or is_complex(y) else "f64"
        kind = kind_named(named.get("dtype")) or kind
        dims = dims_of(m)
        by_rows = getattr(named.get("rowvar"), "value", True)
        n = 1 if len(dims) < 2 else dims[0 if by_rows else 1]
        if not alone:
            return Array(kind, (None, None))
        return one(kind) if n == 1 else Array(kind, (n, n))

    return types


for _k in (0, 1):
    rule(np.cov, arg=_k, **_cov(_k), types=_square_of(lambda kind: Array(kind, ())))
    rule(np.corrcoef, arg=_k, **_corrcoef(_k), types=_square_of(Scalar), kink="constant variables: nan")
