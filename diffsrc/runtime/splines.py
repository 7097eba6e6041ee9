"""Functions of piecewise polynomials that derivatives call, beside SciPy's own. Each can be pasted alone."""

from __future__ import annotations

from typing import Any

import numpy as np


def with_coefficients(s: Any, c: Any) -> Any:
    """The piecewise polynomial with the breakpoints of `s` and other coefficients."""
    return type(s).construct_fast(c, s.x, s.extrapolate, s.axis)


def beside_values(x: Any, s: Any, out: Any) -> Any:
    """An array of the shape of the points, to be multiplied with what `s` gives at them."""
    x = np.asarray(x)
    return np.reshape(x, (1,) * s.axis + x.shape + (1,) * (np.ndim(out) - x.ndim - s.axis))


def sum_values(g: Any, s: Any, x: Any) -> Any:
    """The sum over the axes of the values at each point."""
    ndim = np.ndim(x)
    axes = tuple(k for k in range(np.ndim(g)) if not s.axis <= k < s.axis + ndim)
    return np.sum(g, axis=axes)


def add_to_pieces(g: Any, s: Any, c: Any, x: Any, nu: int = 0, extrapolate: Any = None) -> Any:
    """Coefficients to which `g` at the points `x` is pulled back: the transpose of `s(x, nu)` in its coefficients."""
    extrapolate = s.extrapolate if extrapolate is None else extrapolate
    x, knots = np.asarray(x, float), s.x
    if extrapolate == "periodic":
        x = knots[0] + (x - knots[0]) % (knots[-1] - knots[0])
    sign = 1.0 if knots[-1] >= knots[0] else -1.0
    piece = np.clip(np.searchsorted(sign * knots, sign * x, "right") - 1, 0, len(knots) - 2)
    g = np.moveaxis(np.asarray(g), range(s.axis, s.axis + x.ndim), range(x.ndim))
    if extrapolate is False or extrapolate == 0:
        inside = (sign * x >= sign * knots[0]) & (sign * x <= sign * knots[-1])
        g = np.where(np.reshape(inside, x.shape + (1,) * (g.ndim - x.ndim)), g, 0.0)
    h = np.reshape(x - knots[piece], x.shape + (1,) * (g.ndim - x.ndim))
    out = np.zeros(np.shape(c), np.result_type(g, float))
    power = np.ones_like(h)
    for p in range(nu, len(out)):
        np.add.at(out, (len(out) - 1 - p, piece), g * power * float(np.prod(np.arange(p - nu + 1.0, p + 1.0))))
        power = power * h
    return out


def differentiated(c: Any, s: Any, nu: int = 1) -> Any:
    """The coefficients of the derivative."""
    return type(s).construct_fast(c, s.x, s.extrapolate, s.axis).derivative(nu).c


def differentiated_back(g: Any, c: Any, s: Any, nu: int = 1) -> Any:
    """The transpose of `differentiated`."""
    out = np.zeros(np.shape(c), np.result_type(g, float))
    for p in range(nu, len(out)):
        out[len(out) - 1 - p] = g[len(g) - 1 - p + nu] * float(np.prod(np.arange(p - nu + 1.0, p + 1.0)))
    return out


def integrated(c: Any, s: Any) -> Any:
    """The coefficients of the antiderivative."""
    return type(s).construct_fast(c, s.x, s.extrapolate, s.axis).antiderivative().c


def integrated_back(g: Any, s: Any) -> Any:
    """The transpose of `integrated`: the constants of later pieces hold the integrals of those before."""
    k = len(g) - 1
    h = np.reshape(np.diff(s.x), (-1,) + (1,) * (np.ndim(g) - 2))
    later = np.zeros_like(g[-1])
    later[:-1] = np.cumsum(g[-1][:0:-1], axis=0)[::-1]
    return np.stack([(g[j] + later * h ** (k - j)) / (k - j) for j in range(k)])


def without_values(bc_type: Any) -> Any:
    """Boundary conditions with zeros in the place of given derivatives."""
    if isinstance(bc_type, str):
        return bc_type
    return tuple(end if isinstance(end, str) else (end[0], np.zeros_like(end[1])) for end in bc_type)


def spline_through(y: Any, s: Any, bc_type: Any = "not-a-knot") -> Any:
    """The coefficients of the cubic spline through other values, with the knots and the kind of boundary of `s`."""
    return type(s)(s.x, y, s.axis, without_values(bc_type)).c


def spline_back(g: Any, s: Any, bc_type: Any = "not-a-knot") -> Any:
    """The transpose of the map from values to the coefficients of a cubic spline, by the transposed tridiagonal system."""
    from scipy.linalg import solve_banded

    ends = without_values(bc_type)
    ends = (ends, ends) if isinstance(ends, str) else ends
    names = {"natural": (2, 0.0), "clamped": (1, 0.0)}
    ends = [names.get(end, end) if isinstance(end, str) else end for end in ends]
    n = len(s.x)
    if n <= 3 or "periodic" in ends[:1]:
        basis = np.eye(n)
        if ends[0] == "periodic":
            basis[-1], basis[:, -1] = basis[0], 0.0
        zero = bc_type if isinstance(bc_type, str) else [e if isinstance(e, str) else (e[0], np.zeros(n)) for e in ends]
        c = type(s)(s.x, basis, 0, zero).c
        return np.moveaxis(np.tensordot(c, g, axes=((0, 1), (0, 1))), 0, s.axis)
    tail = (1,) * (np.ndim(g) - 2)
    steps = np.diff(s.x)
    dx = np.reshape(steps, (-1, *tail))
    mixed = g[0] / dx - g[1]
    rise = (g[1] - 2.0 * mixed) / dx
    b = np.zeros((n, *np.shape(g)[2:]), np.result_type(g, float))
    b[:-1] = g[2] + (mixed - g[1]) / dx
    b[1:] += mixed / dx
    bands = np.zeros((3, n))  # of the transposed matrix
    bands[1, 1:-1] = 2.0 * (steps[:-1] + steps[1:])
    bands[0, 1:-1] = steps[1:]
    bands[2, 1:-1] = steps[:-1]
    for end, at, first, second in ((ends[0], 0, steps[0], steps[1]), (ends[1], -1, steps[-1], steps[-2])):
        order = 0 if isinstance(end, str) else end[0]
        bands[1, at] = (second, 1.0, 2.0 * first)[order]
        bands[2 if at == 0 else 0, at] = (first + second, 0.0, first)[order]
    m = solve_banded((1, 1), bands, np.reshape(b, (n, -1))).reshape(b.shape)
    rise[:-1] += 3.0 * dx[1:] * m[1:-1]
    rise[1:] += 3.0 * dx[:-1] * m[1:-1]
    for end, at, near in ((ends[0], 0, 1), (ends[1], -1, -2)):
        first, second, width = steps[at], steps[near], steps[at] + steps[near]
        if isinstance(end, str):
            rise[at] += (first + 2.0 * width) * second / width * m[at]
            rise[near] += first**2 / width * m[at]
        elif end[0] == 2:
            rise[at] += 3.0 * first * m[at]
    out = np.zeros_like(b)
    out[:-1] = g[3] - rise / dx
    out[1:] += rise / dx
    return np.moveaxis(out, 0, s.axis)


def integral_back(g: Any, s: Any, c: Any, a: Any, b: Any) -> Any:
    """The transpose of `s.integrate(a, b)` in the coefficients."""
    if s.extrapolate == "periodic":
        raise ValueError("the integral of a periodic spline has no derivative in its coefficients")
    whole = type(s).construct_fast(c, s.x, s.extrapolate, 0).antiderivative()
    ends = [add_to_pieces(g, whole, whole.c, end) for end in (a, b)]
    return integrated_back(ends[1] - ends[0], s)
