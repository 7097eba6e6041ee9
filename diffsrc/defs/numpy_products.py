"""Rows for products: matmul and its kin, contractions, Kronecker and cross products, convolution.

All are linear in each factor. The plainest idiom is chosen per number of axes, which is known while a rule is
traced.
"""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from ..ir.types import Array, Scalar
from .dims import broadcast
from .elementwise_types import as_array
from .numpy_tools import (
    can_not,
    inverse,
    is_display,
    linear_in,
    ndim,
    norm_axes,
    present,
    shape,
    swap,
    transposed,
)
from .numpy_types import stored_kind
from .probe import infer_by_trial
from .special import complex_valued, unbroadcast

# -- matmul


def _matmul_left(ct: Any, out: Any, a: Any, b: Any, dtype: Any = None) -> Any:
    if a.ndim == 1 and b.ndim == 1:
        return ct * b
    if a.ndim == 1:
        return b @ ct if b.ndim == 2 else _contract(b, ct, (*range(b.ndim - 2), b.ndim - 1), range(ct.ndim))
    if b.ndim == 1:
        return np.outer(ct, b) if a.ndim == 2 else ct[..., None] * b
    if a.ndim == 2 and b.ndim > 2:
        others = (*range(b.ndim - 2), b.ndim - 1)
        return _contract(ct, b, others, others)
    return _like(ct @ swap(b), a, b)


def _matmul_right(ct: Any, out: Any, a: Any, b: Any, dtype: Any = None) -> Any:
    if a.ndim == 1 and b.ndim == 1:
        return ct * a
    if a.ndim == 1:
        return np.outer(a, ct) if b.ndim == 2 else a[:, None] * ct[..., None, :]
    if b.ndim == 1:
        return a.T @ ct if a.ndim == 2 else _contract(ct, a, range(ct.ndim), range(ct.ndim))
    if b.ndim == 2 and a.ndim > 2:
        rows = range(a.ndim - 1)
        return _contract(a, ct, rows, rows)
    return _like(swap(a) @ ct, b, a)


def _like(g: Any, x: Any, other: Any) -> Any:
    """The product of stacks summed over the axes along which the stack of `x` was broadcast."""
    return g if x.ndim == other.ndim == 2 else unbroadcast(g, x)


def _contract(a: Any, b: Any, a_axes: Any, b_axes: Any) -> Any:
    return np.tensordot(a, b, axes=(tuple(a_axes), tuple(b_axes)))


_MATMULS: tuple[Any, ...] = (operator.matmul, np.matmul, *present(np.linalg, "matmul"))
linear_in(*_MATMULS, vjp=_matmul_left)
linear_in(*_MATMULS, arg=1, vjp=_matmul_right)

# -- contractions: dot, inner, tensordot


def _contraction_left(ct: Any, a: Any, b: Any, a_axes: Any, b_axes: Any) -> Any:
    """Cotangent of `a` for tensordot(a, b, (a_axes, b_axes)): contract with the axes of `b` that remain in
    the result."""
    kept = [k for k in range(a.ndim) if k not in a_axes]
    b_kept = [k for k in range(b.ndim) if k not in b_axes]
    order = kept + [a_axes[i] for i in inverse(b_axes)]
    g = _contract(ct, b, range(len(kept), len(kept) + len(b_kept)), b_kept) if kept or b_kept else ct * b
    return transposed(g, inverse(order))


def _contraction_right(ct: Any, a: Any, b: Any, a_axes: Any, b_axes: Any) -> Any:
    kept = [k for k in range(a.ndim) if k not in a_axes]
    order = [b_axes[i] for i in inverse(a_axes)] + [k for k in range(b.ndim) if k not in b_axes]
    g = _contract(a, ct, kept, range(len(kept))) if kept or len(b_axes) < b.ndim else ct * a
    return transposed(g, inverse(order))


def _tensordot_axes(a: Any, b: Any, axes: Any) -> Any:
    if not is_display(axes):
        return list(range(a.ndim - axes, a.ndim)), list(range(axes))
    return list(norm_axes(axes[0], a.ndim)), list(norm_axes(axes[1], b.ndim))


def _dot_axes(a: Any, b: Any) -> Any:
    return [a.ndim - 1], [max(b.ndim - 2, 0)]


def _inner_axes(a: Any, b: Any) -> Any:
    return [a.ndim - 1], [b.ndim - 1]


def _dot_left(ct: Any, out: Any, a: Any, b: Any) -> Any:
    if not ndim(a) or not ndim(b):
        return _scaled(ct, a, b)
    if b.ndim <= 2:
        return _matmul_left(ct, out, a, b)
    return _contraction_left(ct, a, b, *_dot_axes(a, b))


def _dot_right(ct: Any, out: Any, a: Any, b: Any) -> Any:
    if not ndim(a) or not ndim(b):
        return _scaled(ct, b, a)
    if b.ndim <= 2:
        return _matmul_right(ct, out, a, b)
    return _contraction_right(ct, a, b, *_dot_axes(a, b))


def _scaled(ct: Any, x: Any, other: Any) -> Any:
    """Cotangent of `x` in a product of which one factor is a number."""
    return np.sum(ct * other) if ndim(other) else ct * other


def _inner_left(ct: Any, out: Any, a: Any, b: Any) -> Any:
    if not ndim(a) or not ndim(b):
        return _scaled(ct, a, b)
    if ndim(out) == 0:
        return ct * b
    if b.ndim == 1:
        return _matmul_left(ct, out, a, b)
    return ct @ b if b.ndim == 2 else _contraction_left(ct, a, b, *_inner_axes(a, b))


def _inner_right(ct: Any, out: Any, a: Any, b: Any) -> Any:
    if not ndim(a) or not ndim(b):
        return _scaled(ct, b, a)
    if ndim(out) == 0:
        return ct * a
    if a.ndim == b.ndim == 2:
        return ct.T @ a
    if b.ndim == 1:
        return _matmul_right(ct, out, a, b)
    return _contraction_right(ct, a, b, *_inner_axes(a, b))


def _tensordot_left(ct: Any, out: Any, a: Any, b: Any, axes: Any = 2) -> Any:
    return _contraction_left(ct, a, b, *_tensordot_axes(a, b, axes))


def _tensordot_right(ct: Any, out: Any, a: Any, b: Any, axes: Any = 2) -> Any:
    return _contraction_right(ct, a, b, *_tensordot_axes(a, b, axes))


linear_in(np.dot, vjp=_dot_left)
linear_in(np.dot, arg=1, vjp=_dot_right)
linear_in(np.inner, vjp=_inner_left)
linear_in(np.inner, arg=1, vjp=_inner_right)
_TENSORDOTS: tuple[Any, ...] = (np.tensordot, *present(np.linalg, "tensordot"))
linear_in(*_TENSORDOTS, vjp=_tensordot_left)
linear_in(*_TENSORDOTS, arg=1, vjp=_tensordot_right)

# -- outer, vdot, kron, cross


def _flat(a: Any) -> Any:
    return a if ndim(a) == 1 else np.reshape(a, -1)


def _unflat(g: Any, a: Any) -> Any:
    return g if ndim(a) == 1 else np.reshape(g, shape(a))


def _vdot_left(ct: Any, out: Any, a: Any, b: Any) -> Any:
    g = ct * b if ndim(a) == ndim(b) == 1 else np.reshape(ct * b, shape(a))
    return np.conj(g) if complex_valued(out) else g


def _vdot_right(ct: Any, out: Any, a: Any, b: Any) -> Any:
    g = ct * (np.conj(a) if complex_valued(out) else a)
    return g if ndim(a) == ndim(b) == 1 else np.reshape(g, shape(b))


def _kron_axes(ct: Any, a: Any, b: Any) -> Any:
    """The cotangent with the axes of both factors side by side, and which are whose."""
    rank = max(a.ndim, b.ndim)
    sizes: list[Any] = []
    a_axes: list[int] = []
    b_axes: list[int] = []
    for k in range(rank):
        for x, mine in ((a, a_axes), (b, b_axes)):
            if k >= rank - x.ndim:
                mine.append(len(sizes))
                sizes.append(x.shape[k - rank + x.ndim])
    return np.reshape(ct, tuple(sizes)), tuple(a_axes), tuple(b_axes)


def _kron_left(ct: Any, out: Any, a: Any, b: Any) -> Any:
    if not ndim(a) or not ndim(b):
        return _scaled(ct, a, b)
    pairs, _, b_axes = _kron_axes(ct, a, b)
    return pairs @ b if a.ndim == b.ndim == 1 else _contract(pairs, b, b_axes, range(b.ndim))


def _kron_right(ct: Any, out: Any, a: Any, b: Any) -> Any:
    if not ndim(a) or not ndim(b):
        return _scaled(ct, b, a)
    pairs, a_axes, _ = _kron_axes(ct, a, b)
    return a @ pairs if a.ndim == b.ndim == 1 else _contract(a, pairs, range(a.ndim), a_axes)


def _cross_axes(a: Any, b: Any, out: Any, axisa: Any, axisb: Any, axisc: Any, axis: Any) -> Any:
    """The three axes, the factors' own counted from their ends: so they fit the broadcast shape."""
    if ndim(out) < max(a.ndim, b.ndim):
        raise can_not("np.cross", "vectors of two components", "write u[0] * v[1] - u[1] * v[0]")
    axisa, axisb, axisc = (axis, axis, axis) if axis is not None else (axisa, axisb, axisc)
    return tuple(k if k < 0 else k - x.ndim for k, x in ((axisa, a), (axisb, b), (axisc, out)))


def _cross(u: Any, v: Any, axes: Any) -> Any:
    names = dict(zip(("axisa", "axisb", "axisc"), axes))
    return np.cross(u, v, **{} if set(axes) == {-1} else names)


def _cross_left(
    ct: Any, out: Any, a: Any, b: Any, axisa: Any = -1, axisb: Any = -1, axisc: Any = -1, axis: Any = None
) -> Any:
    i, j, k = _cross_axes(a, b, out, axisa, axisb, axisc, axis)
    return unbroadcast(_cross(b, ct, (j, k, i)), a)


def _cross_right(
    ct: Any, out: Any, a: Any, b: Any, axisa: Any = -1, axisb: Any = -1, axisc: Any = -1, axis: Any = None
) -> Any:
    i, j, k = _cross_axes(a, b, out, axisa, axisb, axisc, axis)
    return unbroadcast(_cross(ct, a, (k, i, j)), b)


def _cross_type(args: Any, kwargs: Any) -> Any:
    """Vectors of three components, but where both are certainly of two."""
    a, b = map(as_array, args[:2])
    kind = stored_kind(infer_by_trial(np.add, [Scalar(a.dtype), Scalar(b.dtype)], {}))
    if len(args) > 2 or kwargs:
        return Array(kind, (None,) * max(a.ndim, b.ndim))
    batch = broadcast((a.dims[:-1], b.dims[:-1]))
    if a.dims[-1] == b.dims[-1] == 2:
        return Array(kind, batch) if batch else Scalar(kind)
    return Array(kind, (*batch, 3))


_OUTERS: tuple[Any, ...] = (np.outer, *present(np.linalg, "outer"))
_CROSSES: tuple[Any, ...] = (np.cross, *present(np.linalg, "cross"))
linear_in(*_OUTERS, vjp=lambda ct, out, a, b: _unflat(ct @ _flat(b), a))
linear_in(*_OUTERS, arg=1, vjp=lambda ct, out, a, b: _unflat(_flat(a) @ ct, b))
linear_in(np.vdot, vjp=_vdot_left)
linear_in(np.vdot, arg=1, vjp=_vdot_right)
linear_in(np.kron, vjp=_kron_left)
linear_in(np.kron, arg=1, vjp=_kron_right)
linear_in(*_CROSSES, vjp=_cross_left, types=_cross_type)
linear_in(*_CROSSES, arg=1, vjp=_cross_right)

# -- convolution and correlation: correlate(a, v) is convolve(a, conj(v[::-1]))


def _full(ct: Any, a: Any, v: Any, mode: str, late: Any = 0) -> Any:
    """The cotangent of the full convolution, of which `mode` keeps a part."""
    if mode == "full":
        return ct
    missing = np.minimum(a.shape[0], v.shape[0]) - 1
    if mode == "valid":
        return np.pad(ct, missing)
    lead = (missing + late) // 2
    return np.pad(ct, (lead, missing - lead))


def _convolve_left(ct: Any, out: Any, a: Any, v: Any, mode: str = "full") -> Any:
    g = np.convolve(_full(ct, _flat(a), _flat(v), mode), _flat(v)[::-1], mode="valid")
    return g if ndim(a) else g[0]


def _convolve_right(ct: Any, out: Any, a: Any, v: Any, mode: str = "full") -> Any:
    g = np.convolve(_full(ct, _flat(a), _flat(v), mode), _flat(a)[::-1], mode="valid")
    return g if ndim(v) else g[0]


def _full_correlation(ct: Any, a: Any, v: Any, mode: str) -> Any:
    """np.correlate reverses the result for a longer `v`: of an even number to cut, the odd one is on the
    other side."""
    return _full(ct, a, v, mode, late=a.shape[0] < v.shape[0] if mode == "same" else 0)


def _correlate_left(ct: Any, out: Any, a: Any, v: Any, mode: str = "valid") -> Any:
    return np.convolve(_full_correlation(ct, a, v, mode), np.conj(v) if complex_valued(v) else v, mode="valid")


def _correlate_right(ct: Any, out: Any, a: Any, v: Any, mode: str = "valid") -> Any:
    g = np.convolve(_full_correlation(ct, a, v, mode), a[::-1], mode="valid")[::-1]
    return np.conj(g) if complex_valued(v) else g


linear_in(np.convolve, vjp=_convolve_left)
linear_in(np.convolve, arg=1, vjp=_convolve_right)
linear_in(np.correlate, vjp=_correlate_left)
linear_in(np.correlate, arg=1, vjp=_correlate_right)
