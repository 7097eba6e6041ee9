"""Rows for norms of vectors and matrices, and condition numbers.

Each row is told by the slopes of the result with respect to the elements: conjugated where they are complex, so that
cotangent and tangent pair as elsewhere. A norm of all elements, and the Frobenius norm, are norms of vectors.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .numpy_tools import at, can_not, expand, given, known, norm_axes, rule, swap
from .special import complex_valued

# -- slopes


def _unit(x: Any) -> Any:
    """The direction of each element; 0 for 0."""
    if not complex_valued(x):
        return np.sign(x)
    size = np.abs(x)
    return x / np.where(size == 0.0, 1.0, size)


def _nonzero(x: Any) -> Any:
    """`x` as a divisor: 1 for 0."""
    return np.where(x == 0.0, 1.0, x)


def _shared(hit: Any, out: Any, **options: Any) -> Any:
    """How many elements share the extreme value, in a dtype that doesn't widen that of the result."""
    return np.sum(hit, **options, **({} if out.dtype == np.float64 else {"dtype": out.dtype}))


def _vector_slopes(full: Any, out: Any, x: Any, order: Any, axis: Any) -> Any:
    """Of a norm along `axis` whose values are `full`, broadcasting against `x`."""
    if order in (np.inf, -np.inf):
        hit = np.abs(x) == full
        return np.where(hit, _unit(x) / _shared(hit, out, axis=axis, keepdims=True), 0.0)
    if order == 0:
        return np.zeros_like(x)
    if order == 1:
        return _unit(x)
    if order == 2:
        return x / _nonzero(full)
    return _unit(x) * (np.abs(x) / _nonzero(full)) ** (order - 1)


def _sum_slopes(full: Any, out: Any, x: Any, summed: int, other: int) -> Any:
    """Of the largest or smallest sum of sizes: those along one axis, compared along the other."""
    hit = np.sum(np.abs(x), axis=summed, keepdims=True) == full
    return np.where(hit, _unit(x) / _shared(hit, out, axis=other, keepdims=True), 0.0)


def _spectral_slopes(x: Any, order: Any) -> Any:
    """Of the largest or smallest singular value, or of their sum: of a stack of matrices."""
    u, s, vh = _parts(np.linalg.svd(x, full_matrices=False))
    if order == "nuc":
        return u @ vh
    at_end = s == (s[..., :1] if order == 2 else s[..., -1:])
    return (u * (at_end / _shared(at_end, s, axis=-1, keepdims=True))[..., None, :]) @ vh


def _parts(out: Any) -> tuple[Any, Any, Any]:
    return out[0], out[1], out[2]


def _matrix_slopes(full: Any, out: Any, x: Any, order: Any, axes: tuple[int, int]) -> Any:
    rows, columns = axes
    if order in (1, -1):
        return _sum_slopes(full, out, x, rows, columns)
    if order in (np.inf, -np.inf):
        return _sum_slopes(full, out, x, columns, rows)
    if order not in (2, -2, "nuc"):
        raise can_not("np.linalg.norm", f"ord={order!r} of a matrix")
    if axes == (x.ndim - 2, x.ndim - 1):
        return _spectral_slopes(x, order)
    return np.moveaxis(_spectral_slopes(np.moveaxis(x, axes, (-2, -1)), order), (-2, -1), axes)


def _slopes(out: Any, x: Any, order: Any, axis: Any, keepdims: Any) -> Any:
    """The derivative of np.linalg.norm for each element; 0 where the norm is 0.

    Raises:
        UnsupportedError: for an order that isn't a constant.
    """
    order = known(order)
    if order is not None and not isinstance(order, (int, float, str)):
        raise can_not("np.linalg.norm", "an order that is known only when the program runs")
    full = expand(out, x.ndim, axis, keepdims)
    matrix = x.ndim == 2 if axis is None else isinstance(axis, tuple) and len(axis) == 2
    if order is None or order == "fro":
        slopes = _vector_slopes(full, out, x, 2, axis)
    elif matrix:
        axes = (0, 1) if axis is None else norm_axes(axis, x.ndim)
        slopes = _matrix_slopes(full, out, x, order, (axes[0], axes[1]))
    else:
        slopes = _vector_slopes(full, out, x, order, axis)
    return np.conj(slopes) if complex_valued(x) else slopes


def _jvp(dot: Any, x: Any, slopes: Any, axis: Any, keepdims: Any) -> Any:
    total = np.sum(slopes * dot, **at(axis), **given(keepdims=keepdims))
    return np.real(total) if complex_valued(x) else total


# -- np.linalg.norm, vector_norm, matrix_norm


def _norm_jvp(dot: Any, out: Any, x: Any, ord: Any = None, axis: Any = None, keepdims: Any = False) -> Any:
    return _jvp(dot, x, _slopes(out, x, ord, axis, keepdims), axis, keepdims)


def _norm_vjp(ct: Any, out: Any, x: Any, ord: Any = None, axis: Any = None, keepdims: Any = False) -> Any:
    return expand(ct, x.ndim, axis, keepdims) * _slopes(out, x, ord, axis, keepdims)


_KINK = "0 where the norm is 0, of orders from 1 (spectral and nuclear norms: a subgradient); ties share equally"
rule(np.linalg.norm, jvp=_norm_jvp, vjp=_norm_vjp, raises=True, kink=_KINK)


def _of_vectors(out: Any, x: Any, axis: Any, keepdims: Any, ord: Any) -> Any:
    order = known(ord)
    if not isinstance(order, (int, float)):
        raise can_not("np.linalg.vector_norm", "an order that is known only when the program runs")
    slopes = _vector_slopes(expand(out, x.ndim, axis, keepdims), out, x, order, axis)
    return np.conj(slopes) if complex_valued(x) else slopes


def _vector_jvp(dot: Any, out: Any, x: Any, *, axis: Any = None, keepdims: Any = False, ord: Any = 2) -> Any:
    return _jvp(dot, x, _of_vectors(out, x, axis, keepdims, ord), axis, keepdims)


def _vector_vjp(ct: Any, out: Any, x: Any, *, axis: Any = None, keepdims: Any = False, ord: Any = 2) -> Any:
    return expand(ct, x.ndim, axis, keepdims) * _of_vectors(out, x, axis, keepdims, ord)


def _matrix_jvp(dot: Any, out: Any, x: Any, *, keepdims: Any = False, ord: Any = "fro") -> Any:
    return _norm_jvp(dot, out, x, ord, (-2, -1), keepdims)


def _matrix_vjp(ct: Any, out: Any, x: Any, *, keepdims: Any = False, ord: Any = "fro") -> Any:
    return _norm_vjp(ct, out, x, ord, (-2, -1), keepdims)


if hasattr(np.linalg, "vector_norm"):
    rule(np.linalg.vector_norm, jvp=_vector_jvp, vjp=_vector_vjp, kink=_KINK)
    rule(np.linalg.matrix_norm, jvp=_matrix_jvp, vjp=_matrix_vjp, raises=True, kink=_KINK)


# -- condition numbers


def _condition_slopes(out: Any, x: Any, order: Any) -> Any:
    """The derivative of a quotient of singular values, or of the product of two norms."""
    order = known(order)
    whole = out[..., None, None] if x.ndim > 2 else out
    if order in (None, 2, -2):
        u, s, vh = _parts(np.linalg.svd(x, full_matrices=False))
        first, last = slice(None, 1), slice(-1, None)
        slopes = _ratio_slopes(u, s, vh, first) - _ratio_slopes(u, s, vh, last)
        slopes = whole * slopes
        return _conjugated(-slopes if order == -2 else slopes)
    inverse = np.linalg.inv(x)
    sizes = [np.linalg.norm(m, order, axis=(-2, -1)) for m in (x, inverse)]
    first, second = (s[..., None, None] if x.ndim > 2 else s for s in sizes)
    by_matrix, by_inverse = (_slopes(s, m, order, (-2, -1), False) for s, m in zip(sizes, (x, inverse)))
    return second * by_matrix - first * (swap(inverse) @ by_inverse @ swap(inverse))


def _ratio_slopes(u: Any, s: Any, vh: Any, which: slice) -> Any:
    """Of the logarithm of a singular value."""
    return (u[..., which] / s[..., None, which]) @ vh[..., which, :]


def _conjugated(x: Any) -> Any:
    return np.conj(x) if complex_valued(x) else x


def _cond_jvp(dot: Any, out: Any, x: Any, p: Any = None) -> Any:
    return _jvp(dot, x, _condition_slopes(out, x, p), (-2, -1), False)


def _cond_vjp(ct: Any, out: Any, x: Any, p: Any = None) -> Any:
    return (ct[..., None, None] if x.ndim > 2 else ct) * _condition_slopes(out, x, p)


rule(np.linalg.cond, jvp=_cond_jvp, vjp=_cond_vjp, raises=True, kink="equal extreme singular values: those at the ends")
