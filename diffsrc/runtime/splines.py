"""Functions of piecewise polynomials that derivatives call, beside SciPy's own. Each can be pasted alone."""

from __future__ import annotations

from typing import Any

import numpy as np


def with_coefficients(s: Any, c: Any) -> Any:
    """The spline with the knots of `s` and other coefficients."""
    if hasattr(s, "t"):
        return type(s).construct_fast(s.t, c, s.k, s.extrapolate, s.axis)
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
    if hasattr(s, "t"):
        basis = type(s).construct_fast(s.t, np.eye(len(c)), s.k, s.extrapolate, 0)(x, nu, extrapolate)
        if (s.extrapolate if extrapolate is None else extrapolate) is False:
            basis = np.nan_to_num(basis)
        ndim = np.ndim(x)
        g = np.moveaxis(np.asarray(g), range(s.axis, s.axis + ndim), range(ndim))
        return np.tensordot(np.moveaxis(basis, -1, 0), g, ndim)
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
    return with_coefficients(s, c).derivative(nu).c


def differentiated_back(g: Any, c: Any, s: Any, nu: int = 1) -> Any:
    """The transpose of `differentiated`."""
    if hasattr(s, "t"):
        basis = type(s).construct_fast(s.t, np.eye(len(c)), s.k, s.extrapolate, 0).derivative(nu).c
        return np.tensordot(basis.T, g, 1)
    out = np.zeros(np.shape(c), np.result_type(g, float))
    for p in range(nu, len(out)):
        out[len(out) - 1 - p] = g[len(g) - 1 - p + nu] * float(np.prod(np.arange(p - nu + 1.0, p + 1.0)))
    return out


def integrated(c: Any, s: Any) -> Any:
    """The coefficients of the antiderivative."""
    return with_coefficients(s, c).antiderivative().c


def integrated_back(g: Any, c: Any, s: Any) -> Any:
    """The transpose of `integrated`: the constants of later pieces hold the integrals of those before."""
    if hasattr(s, "t"):
        basis = type(s).construct_fast(s.t, np.eye(len(c)), s.k, s.extrapolate, 0).antiderivative().c
        return np.tensordot(basis.T, g, 1)
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
    whole = with_coefficients(s, c).antiderivative()
    ends = [add_to_pieces(g, whole, whole.c, end) for end in (a, b)]
    return integrated_back(ends[1] - ends[0], c, s)


def interpolating(y: Any, s: Any, x: Any, bc_type: Any = None) -> Any:
    """The coefficients of the interpolating spline through other values, of the kind of `s`."""
    from scipy.interpolate import make_interp_spline

    if bc_type is None:
        return make_interp_spline(x, y, s.k, s.t, axis=s.axis).c
    if not isinstance(bc_type, str):
        zeros = [end if end is None or isinstance(end, str) else [(k, np.zeros_like(v)) for k, v in end] for end in bc_type]
        return make_interp_spline(x, y, s.k, bc_type=tuple(zeros), axis=s.axis).c
    return make_interp_spline(x, y, s.k, bc_type=bc_type, axis=s.axis).c


def interpolating_back(g: Any, s: Any, x: Any, bc_type: Any = None) -> Any:
    """The transpose of `interpolating`."""
    from scipy.interpolate import make_interp_spline

    n = len(x)
    if bc_type is None:
        basis = make_interp_spline(x, np.eye(n), s.k, s.t).c
    elif isinstance(bc_type, str):
        values = np.eye(n)
        if bc_type == "periodic":
            values[-1], values[:, -1] = values[0], 0.0
        basis = make_interp_spline(x, values, s.k, bc_type=bc_type).c
    else:
        zeros = [end if end is None or isinstance(end, str) else [(k, np.zeros(n)) for k, _ in end] for end in bc_type]
        basis = make_interp_spline(x, np.eye(n), s.k, bc_type=tuple(zeros)).c
    return np.moveaxis(np.tensordot(basis.T, g, 1), 0, s.axis)


# -- interp1d


def in_order(v: Any, f: Any, x: Any) -> Any:
    """Values with those at the points `x` in the order of `f.x`."""
    return np.take(v, np.argsort(x, kind="stable"), axis=f.axis)


def out_of_order(v: Any, f: Any, x: Any) -> Any:
    """The inverse of `in_order`."""
    return np.take(v, np.argsort(np.argsort(x, kind="stable")), axis=f.axis)


def with_values(f: Any, y: Any) -> Any:
    """The interpolator with the points of `f` and other values: zero outside, where `f` doesn't extrapolate."""
    kind = f._spline.k if f._kind == "spline" else f._kind
    outside = "extrapolate" if f._extrapolate else 0.0
    return type(f)(f.x, y, kind, f.axis, bounds_error=False, fill_value=outside, assume_sorted=True)


def values_between(y: Any, f: Any, x: Any, nu: int = 0) -> Any:
    """What values `y` in the place of those of `f` give at the points `x`, or the derivative of that."""
    if nu == 0:
        return with_values(f, y)(x)
    x = np.asarray(x, float)
    inside = (x >= f.x[0]) & (x <= f.x[-1]) | bool(f._extrapolate)
    y = np.moveaxis(np.asarray(y), f.axis, 0)
    tail = (1,) * (y.ndim - 1)
    if f._kind == "spline":
        from scipy.interpolate import make_interp_spline

        out = make_interp_spline(f.x, y, f._spline.k)(x, nu)
    elif f._kind == "linear" and nu == 1:
        low = np.clip(np.searchsorted(f.x, x) - 1, 0, len(f.x) - 2)
        out = (np.diff(y, axis=0) / np.reshape(np.diff(f.x), (-1, *tail)))[low]
    else:
        out = np.zeros(x.shape + y.shape[1:], y.dtype)
    out = np.where(np.reshape(inside, x.shape + tail), out, 0.0)
    return np.moveaxis(out, range(x.ndim), range(f.axis, f.axis + x.ndim))


def values_between_back(g: Any, f: Any, y: Any, x: Any, nu: int = 0) -> Any:
    """The transpose of `values_between` in the values."""
    x = np.asarray(x, float)
    n = len(f.x)
    g = np.moveaxis(np.asarray(g), range(f.axis, f.axis + x.ndim), range(x.ndim))
    inside = (x >= f.x[0]) & (x <= f.x[-1]) | bool(f._extrapolate)
    g = np.where(np.reshape(inside, x.shape + (1,) * (g.ndim - x.ndim)), g, 0.0)
    out = np.zeros((n, *g.shape[x.ndim :]), np.result_type(g, float))
    if f._kind == "spline":
        from scipy.interpolate import make_interp_spline

        basis = make_interp_spline(f.x, np.eye(n), f._spline.k)(x, nu)
        out += np.tensordot(np.moveaxis(basis, -1, 0), g, x.ndim)
    elif f._kind == "linear":
        low = np.clip(np.searchsorted(f.x, x) - 1, 0, n - 2)
        step = f.x[low + 1] - f.x[low]
        up = ((x - f.x[low]) / step, 1.0 / step, np.zeros_like(step))[min(nu, 2)]
        down = 1.0 - up if nu == 0 else -up
        shape = x.shape + (1,) * (g.ndim - x.ndim)
        np.add.at(out, low, g * np.reshape(down, shape))
        np.add.at(out, low + 1, g * np.reshape(up, shape))
    elif nu == 0:
        places = type(f)(f.x, np.arange(n), f._kind, bounds_error=False, fill_value="extrapolate", assume_sorted=True)(x)
        np.add.at(out, np.clip(np.nan_to_num(places), 0, n - 1).astype(int), g)
    return np.moveaxis(out, 0, f.axis)


# -- splines by slopes at the knots: programs that are differentiated like any other


def known_knots(x: Any) -> Any:
    """Knots, by which there is no derivative."""
    return np.array(x, float)


def hermite_coefficients(x: Any, y: Any, slopes: Any) -> Any:
    """The coefficients of the cubic pieces with these values and slopes at the knots."""
    h = np.diff(x)
    rise = np.diff(y) / h
    bend = (slopes[:-1] + slopes[1:] - 2.0 * rise) / h
    return np.stack([bend / h, (rise - slopes[:-1]) / h - bend, slopes[:-1], y[:-1]])


def pchip_end(h0: Any, h1: Any, m0: Any, m1: Any) -> Any:
    """The slope at an end, of three points, kept from overshooting."""
    slope = ((2.0 * h0 + h1) * m0 - h0 * m1) / (h0 + h1)
    if slope * m0 <= 0.0:
        slope = 0.0 * slope
    elif m0 * m1 <= 0.0 and abs(slope) > 3.0 * abs(m0):
        slope = 3.0 * m0
    return slope


def pchip_coefficients(x: Any, y: Any) -> Any:
    """The coefficients of `PchipInterpolator`: slopes are weighted harmonic means, zero where the values turn."""
    x = known_knots(x)
    h = np.diff(x)
    m = np.diff(y) / h
    if len(x) == 2:
        return hermite_coefficients(x, y, np.array([m[0], m[0]]))
    w1, w2 = 2.0 * h[1:] + h[:-1], h[1:] + 2.0 * h[:-1]
    same = m[1:] * m[:-1] > 0.0
    before, after = np.where(same, m[:-1], 1.0), np.where(same, m[1:], 1.0)
    inner = np.where(same, (w1 + w2) / (w1 / before + w2 / after), 0.0)
    first, last = pchip_end(h[0], h[1], m[0], m[1]), pchip_end(h[-1], h[-2], m[-1], m[-2])
    return hermite_coefficients(x, y, np.concatenate([np.array([first]), inner, np.array([last])]))


def akima_coefficients(x: Any, y: Any) -> Any:
    """The coefficients of `Akima1DInterpolator` with at least three points."""
    x = known_knots(x)
    m = np.diff(y) / np.diff(x)
    left, right = 2.0 * m[0] - m[1], 2.0 * m[-1] - m[-2]
    ends = np.array([2.0 * left - m[0], left]), np.array([right, 2.0 * right - m[-1]])
    m = np.concatenate([ends[0], m, ends[1]])
    change = np.abs(np.diff(m))
    f1, f2 = change[2:], change[:-2]
    weight = f1 + f2
    large = weight > 1e-9 * np.max(weight)
    mean = (f1 * m[1:-2] + f2 * m[2:-1]) / np.where(large, weight, 1.0)
    return hermite_coefficients(x, y, np.where(large, mean, 0.5 * (m[3:] + m[:-3])))


# -- fitted splines


def changes_at(s: Any, x: Any, axis: int = -1, ext: Any = None) -> Any:
    """One where a fitted spline or surface changes with the point along an axis, zero outside where it keeps the value at the
    boundary."""
    x = np.asarray(x, float)
    if axis < 0 and (s.ext if ext is None else ext) not in (3, "const"):
        return np.ones_like(x)
    knots = s.get_knots() if axis < 0 else s.get_knots()[axis]
    return np.where((x >= knots[0]) & (x <= knots[-1]), 1.0, 0.0)
