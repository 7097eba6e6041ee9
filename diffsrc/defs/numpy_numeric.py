"""Rows for polynomials and quadrature."""

from __future__ import annotations

from typing import Any

import numpy as np

from .numpy_tools import can_not, is_display, like_display, linear_in, ndim, norm_axis, rule
from .special import as_array, dispatching, unbroadcast

_arange, _vander = dispatching(np.arange), dispatching(np.vander)

# -- polynomials


def _slopes(x: Any, n: Any, increasing: bool) -> Any:
    """The derivatives of the columns of np.vander but that of the constant one."""
    powers = _arange(1, n) if increasing else _arange(n - 1, 0, -1)
    return _vander(x, n - 1, increasing) * powers


def _is_constant(out: Any) -> bool:
    """Whether the matrix has no column that depends on anything."""
    n = out.shape[1]
    return isinstance(n, int) and n < 2


def _vander_jvp(dot: Any, out: Any, x: Any, N: Any = None, increasing: Any = False) -> Any:
    if _is_constant(out):
        return np.zeros_like(out)
    slopes = np.expand_dims(dot, 1) * _slopes(x, out.shape[1], increasing)
    constant = np.expand_dims(np.zeros_like(x), 1)
    return np.concatenate((constant, slopes) if increasing else (slopes, constant), axis=1)


def _vander_vjp(ct: Any, out: Any, x: Any, N: Any = None, increasing: Any = False) -> Any:
    if _is_constant(out):
        return np.zeros_like(x)
    part = ct[:, 1:] if increasing else ct[:, :-1]
    return np.sum(part * _slopes(x, out.shape[1], increasing), axis=1)


rule(np.vander, jvp=_vander_jvp, vjp=_vander_vjp)


def _coefficients(p: Any) -> Any:
    return as_array(p) if is_display(p) else p


def _polyval_vjp(ct: Any, out: Any, p: Any, x: Any) -> Any:
    c = _coefficients(p)
    powers = _vander(np.reshape(_coefficients(x), (-1,)), c.shape[0])
    g = np.reshape(ct, (-1,)) @ powers
    return like_display(p, [g[k] for k in range(len(p))]) if is_display(p) else g


def _in_nesting(g: Any, x: Any) -> Any:
    """The elements of a cotangent as the items of a display."""
    return like_display(x, [_in_nesting(g[k], item) for k, item in enumerate(x)]) if is_display(x) else g


def _slope(p: Any, x: Any) -> Any:
    c = _coefficients(p)
    return np.polyval(c[:-1] * _arange(c.shape[0] - 1, 0, -1), x)


linear_in(np.polyval, vjp=_polyval_vjp)
rule(
    np.polyval, arg=1,
    jvp=lambda dot, out, p, x: _coefficients(dot) * _slope(p, _coefficients(x)),
    vjp=lambda ct, out, p, x: _in_nesting(ct * _slope(p, _coefficients(x)), x),
)  # fmt: skip

# -- angles

rule(
    np.unwrap, kink="jumps of half a period",
    jvp=lambda dot, out, p, discont=None, axis=-1, *, period=None: dot,
    vjp=lambda ct, out, p, discont=None, axis=-1, *, period=None: ct,
)  # fmt: skip
rule(
    np.unwrap, arg="period",
    jvp=lambda dot, out, p, discont=None, axis=-1, *, period: dot * ((out - p) / period),
    vjp=lambda ct, out, p, discont=None, axis=-1, *, period: np.sum(ct * (out - p)) / period,
)  # fmt: skip

# -- quadrature

trapezoid: Any = getattr(np, "trapezoid", None) or getattr(np, "trapz")  # noqa: B009


def _steps(y: Any, x: Any, dx: Any, axis: Any) -> Any:
    """The distances of neighbours, broadcasting against the pairs of `y`."""
    if x is None:
        if ndim(dx):
            raise can_not("np.trapezoid", "an array dx")
        return dx
    if ndim(x) not in (1, ndim(y)):
        raise can_not("np.trapezoid", "this x", "give it the shape of y")
    if ndim(x) == ndim(y):
        return np.diff(x, axis=axis)
    others = tuple(k for k in range(ndim(y)) if k != norm_axis(axis, ndim(y)))
    return np.expand_dims(np.diff(x), others)


def _ends(y: Any, axis: Any) -> tuple[Any, Any]:
    """Indices of all but the last and all but the first along an axis."""
    before = (slice(None),) * norm_axis(axis, ndim(y))
    return (*before, slice(None, -1)), (*before, slice(1, None))


def _shifted(g: Any, like: Any, axis: Any, last: bool) -> Any:
    """`g` with a zero behind it (in front of it) along an axis."""
    first = (*(slice(None),) * norm_axis(axis, ndim(like)), slice(None, 1))
    zero = np.zeros_like(like[first])
    return np.concatenate((g, zero) if last else (zero, g), axis=axis)


def _trapezoid_vjp(ct: Any, out: Any, y: Any, x: Any = None, dx: Any = 1.0, axis: Any = -1) -> Any:
    lower, _ = _ends(y, axis)
    half = np.expand_dims(ct, axis) * (_steps(y, x, dx, axis) * 0.5) * np.ones_like(y[lower])
    return _shifted(half, y, axis, True) + _shifted(half, y, axis, False)


def _means(y: Any, axis: Any) -> Any:
    lower, upper = _ends(y, axis)
    return (y[lower] + y[upper]) * 0.5


def _trapezoid_x(ct: Any, out: Any, y: Any, x: Any = None, dx: Any = 1.0, axis: Any = -1) -> Any:
    g = np.expand_dims(ct, axis) * _means(y, axis)
    whole = _shifted(g, y, axis, False) - _shifted(g, y, axis, True)
    if ndim(x) == ndim(y):
        return unbroadcast(whole, x)
    return np.sum(whole, axis=tuple(k for k in range(ndim(y)) if k != norm_axis(axis, ndim(y))))


def _trapezoid_x_jvp(dot: Any, out: Any, y: Any, x: Any = None, dx: Any = 1.0, axis: Any = -1) -> Any:
    return np.sum(_means(y, axis) * _steps(y, dot, dx, axis), axis=axis)


def _per_step(ct: Any, out: Any, y: Any, x: Any = None, dx: Any = 1.0, axis: Any = -1) -> Any:
    return np.sum(ct * np.sum(_means(y, axis), axis=axis))


linear_in(trapezoid, vjp=_trapezoid_vjp)
rule(trapezoid, arg=1, jvp=_trapezoid_x_jvp, vjp=_trapezoid_x)
rule(
    trapezoid, arg=2,
    jvp=lambda dot, out, y, x=None, dx=1.0, axis=-1: dot * np.sum(_means(y, axis), axis=axis),
    vjp=_per_step,
)  # fmt: skip
