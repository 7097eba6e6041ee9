"""Rows for functions that NumPy 2 has for the array API standard, where the installed one has them: products of vectors, sums
and products along an axis, functions of the last two axes.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .numpy_decompositions import svd_jvp, svd_vjp
from .numpy_tools import (
    along,
    can_not,
    eye,
    given,
    linear_in,
    norm_axis,
    present,
    put_diagonal,
    rule,
    swap,
)  # fmt: skip
from .special import backward, complex_valued, recurrence, suffix_recurrence, unbroadcast

# -- stacks of vectors and matrices: the first factor of vecdot and vecmat is conjugated


def _scaled(ct: Any, x: Any) -> Any:
    """A vector for each number."""
    return ct[..., None] * x if getattr(ct, "ndim", 0) else ct * x


def _at_end(x: Any, axis: int) -> Any:
    return x if axis == -1 else np.moveaxis(x, axis, -1)


def _back(g: Any, x: Any, axis: int) -> Any:
    """The cotangent of `x` from that of `_at_end(x)`."""
    if axis == -1:
        return unbroadcast(g, x)
    return np.moveaxis(unbroadcast(g, np.moveaxis(x, axis, -1)), -1, axis)


def _vecdot_left(ct: Any, out: Any, a: Any, b: Any, *, axis: int = -1) -> Any:
    g = _scaled(ct, _at_end(b, axis))
    return _back(np.conj(g) if complex_valued(out) else g, a, axis)


def _vecdot_right(ct: Any, out: Any, a: Any, b: Any, *, axis: int = -1) -> Any:
    x = _at_end(a, axis)
    return _back(_scaled(ct, np.conj(x) if complex_valued(out) else x), b, axis)


def _pairs(u: Any, v: Any) -> Any:
    """All products of elements of two vectors, or of stacks of them."""
    return np.outer(u, v) if u.ndim == v.ndim == 1 else u[..., :, None] * v[..., None, :]


def _matvec_left(ct: Any, out: Any, a: Any, x: Any) -> Any:
    return unbroadcast(_pairs(ct, x), a)


def _matvec_right(ct: Any, out: Any, a: Any, x: Any) -> Any:
    return a.T @ ct if a.ndim == 2 and ct.ndim == 1 else unbroadcast(np.matvec(swap(a), ct), x)


def _vecmat_left(ct: Any, out: Any, x: Any, a: Any) -> Any:
    g = a @ ct if a.ndim == 2 and ct.ndim == 1 else unbroadcast(np.matvec(a, ct), x)
    return np.conj(g) if complex_valued(out) else g


def _vecmat_right(ct: Any, out: Any, x: Any, a: Any) -> Any:
    return unbroadcast(_pairs(np.conj(x) if complex_valued(out) else x, ct), a)


for _fn in (*present(np, "vecdot"), *present(np.linalg, "vecdot")):
    linear_in(_fn, vjp=_vecdot_left)
    linear_in(_fn, arg=1, vjp=_vecdot_right)
if hasattr(np, "matvec"):
    linear_in(np.matvec, vjp=_matvec_left)
    linear_in(np.matvec, arg=1, vjp=_matvec_right)
    linear_in(np.vecmat, vjp=_vecmat_left)
    linear_in(np.vecmat, arg=1, vjp=_vecmat_right)

# -- sums and products along an axis


def _axis(x: Any, axis: Any, dtype: Any) -> int:
    if dtype is not None:
        raise can_not("np.cumulative_sum", "dtype=", "convert the array first")
    return 0 if axis is None else norm_axis(axis, x.ndim)


def _behind(ct: Any, axis: int, include_initial: Any) -> Any:
    """What belongs to the elements: all but that of the initial value."""
    return ct[along(axis, ct.ndim, slice(1, None))] if include_initial else ct


def _cumulative_sum_vjp(
    ct: Any, out: Any, x: Any, *, axis: Any = None, dtype: Any = None, include_initial: Any = False
) -> Any:  # fmt: skip
    axis = _axis(x, axis, dtype)
    return backward(np.cumsum(backward(_behind(ct, axis, include_initial), axis), axis=axis), axis)


def _ahead(x: Any, axis: int) -> Any:
    """For each element the product of those before it."""
    first, rest = along(axis, x.ndim, slice(None, 1)), along(axis, x.ndim, slice(None, -1))
    return np.concatenate((np.ones_like(x[first]), np.cumprod(x[rest], axis=axis)), axis=axis)


def _cumulative_prod_jvp(
    dot: Any, out: Any, x: Any, *, axis: Any = None, dtype: Any = None, include_initial: Any = False
) -> Any:  # fmt: skip
    axis = _axis(x, axis, dtype)
    change = recurrence(x, _ahead(x, axis) * dot, axis)
    if not include_initial:
        return change
    return np.concatenate((np.zeros_like(out[along(axis, out.ndim, slice(None, 1))]), change), axis=axis)


def _cumulative_prod_vjp(
    ct: Any, out: Any, x: Any, *, axis: Any = None, dtype: Any = None, include_initial: Any = False
) -> Any:  # fmt: skip
    axis = _axis(x, axis, dtype)
    return _ahead(x, axis) * suffix_recurrence(x, _behind(ct, axis, include_initial), axis)


if hasattr(np, "cumulative_sum"):
    linear_in(np.cumulative_sum, vjp=_cumulative_sum_vjp)
    rule(np.cumulative_prod, jvp=_cumulative_prod_jvp, vjp=_cumulative_prod_vjp)

# -- functions of the last two axes


def _diagonal(ct: Any, out: Any, x: Any, *, offset: Any = 0) -> Any:
    return put_diagonal(ct, x.shape, **given(offset=offset), axis1=-2, axis2=-1)


def _trace(ct: Any, out: Any, x: Any, *, offset: Any = 0, dtype: Any = None) -> Any:
    if dtype is not None:
        raise can_not("np.linalg.trace", "dtype=", "convert the array first")
    wide = {} if x.dtype == np.float64 else {"dtype": x.dtype}
    unit = eye(x.shape[-2], x.shape[-1], **given(k=offset), **wide)
    return ct[..., None, None] * unit if x.ndim > 2 else ct * unit


if hasattr(np.linalg, "svdvals"):
    linear_in(np.linalg.diagonal, vjp=_diagonal, alias="readonly")
    linear_in(np.linalg.trace, vjp=_trace)
    rule(
        np.linalg.svdvals, raises=True,
        jvp=lambda dot, out, x: svd_jvp(dot, out, x, compute_uv=False),
        vjp=lambda ct, out, x: svd_vjp(ct, out, x, compute_uv=False),
    )  # fmt: skip
