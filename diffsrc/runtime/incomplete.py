"""Derivatives of the incomplete gamma and beta functions with respect to their parameters. Each can be pasted alone.

Logarithms are differentiated, beside the values that SciPy computes: of the series where its terms have one sign, of a
continued fraction elsewhere, whose terms are followed with their derivatives (Lentz's method: Press et al., Numerical
Recipes, 5.2; for the beta function Boik and Robison-Cox, J. Stat. Soft. 3(1), 1998). Second derivatives are those of the
first at complex parameters whose imaginary part is too small to be rounded with the real one (complex step).
"""

from __future__ import annotations

from typing import Any

import numpy as np


def gammainc_by_a(a: Any, x: Any, order: int = 1) -> Any:
    """The first or second derivative of the regularised lower incomplete gamma function P(a, x) by a (DLMF 8.2.4).

    Args:
        a: parameters, positive.
        x: points, not negative; broadcasts with `a`.
        order: 1 or 2.
    """
    from scipy import special

    kind = np.result_type(a, x, 0.0)
    a, x = np.broadcast_arrays(np.asarray(a, float), np.asarray(x, float))
    out = np.where((a >= 0) & (x >= 0), 0.0, np.nan)
    fine = (a > 0) & (x > 0) & np.isfinite(a) & np.isfinite(x)
    low = x <= np.maximum(a, 1.5)
    for where, log_slope, value in ((low, log_series_by_a, special.gammainc), (~low, log_fraction_by_a, special.gammaincc)):
        values = np.zeros(a.shape)
        values[where & fine] = value(a[where & fine], x[where & fine])
        where = values > 0
        p, z = a[where], x[where]
        slope = log_slope(p + (1e-30j if order == 2 else 0.0), z)
        if order == 2:
            slope = slope.real**2 + slope.imag / 1e-30
        out[where] = values[where] * slope
    out[~low] *= -1.0
    return out.astype(kind)[()]


def log_series_by_a(a: Any, x: Any) -> Any:
    """The derivative of log P, P = x**a exp(-x) sum(x**n / gamma(a + n + 1)) (DLMF 8.7.1): its terms have one sign for x <= a."""
    from scipy import special

    slope = np.log(x) - special.psi(a + 1)
    term, total, by_a = np.ones_like(slope), np.ones_like(slope), slope
    for n in range(1, 1000000):
        term = term * x / (a + n)
        slope = slope - 1 / (a + n)
        total, by_a = total + term, by_a + term * slope
        if not np.any(np.abs(term) * (1 + np.abs(slope)) > 1e-18 * np.minimum(np.abs(total), np.abs(by_a))):
            return by_a / total
    return by_a * np.nan


def log_fraction_by_a(a: Any, x: Any) -> Any:
    """The derivative of log Q, 1 - P = Q = x**a exp(-x) / gamma(a) / fraction (DLMF 8.9.2), for x > a."""
    from scipy import special

    b = x + 1 - a
    c, c_by_a, d, d_by_a, log_by_a = b, -np.ones_like(b), np.zeros_like(b), np.zeros_like(b), -1 / b
    going = np.ones(b.shape, bool)  # where the fraction hasn't converged
    for n in range(1, 1000000):
        b, factor = b + 2, -n * (n - a)
        c, c_by_a = b + factor / c, -1 + n / c - factor * c_by_a / (c * c)
        inverse = b + factor * d
        d, d_by_a = 1 / inverse, -(-1 + n * d + factor * d_by_a) / (inverse * inverse)
        step = c_by_a / c + d_by_a / d
        log_by_a = log_by_a + step
        going = going & is_more(step, log_by_a, c_by_a / c)
        if not np.any(going):
            break
    return np.where(going, np.nan, np.log(x) - special.psi(a) - log_by_a)


def betainc_by(which: str, a: Any, b: Any, x: Any, rest: Any = None) -> Any:
    """A derivative of the regularised incomplete beta function I(x; a, b) by its parameters (DLMF 8.17.2).

    Args:
        which: "a", "b", "aa", "ab" or "bb".
        a, b: parameters, positive.
        x: points in [0, 1]; all broadcast.
        rest: 1 - x, where it is known better than by subtracting.
    """
    from scipy import special

    kind = np.result_type(a, b, x, 0.0)
    x = np.asarray(x, float)
    rest = 1 - x if rest is None else np.asarray(rest, float)
    a, b, x, rest = np.broadcast_arrays(np.asarray(a, float), np.asarray(b, float), x, rest)
    out = np.where((a >= 0) & (b >= 0) & (x >= 0) & (x <= 1), 0.0, np.nan)
    fine = (a > 0) & (b > 0) & (x > 0) & (x <= 1) & (rest > 0) & np.isfinite(a) & np.isfinite(b)
    turned = x > (a + 1) / (a + b + 2)  # there the fraction of 1 - I(1 - x; b, a) converges faster
    second = len(which) == 2
    for where in (~turned, turned):
        p, q, y, z = (v[fine & where] for v in (a, b, rest, x))
        logs = np.log(z), np.where(y < 0.5, np.log(y), np.log1p(-z))
        slopes = []
        for first, other in ((which[0], which[-1]), (which[-1], which[0]))[: len(which)]:
            step_a, step_b = (1e-30j if second and other == name else 0.0 for name in "ab")
            if where is turned:
                slopes.append(log_beta_by("a" if first == "b" else "b", q + step_b, p + step_a, y, logs[1], logs[0]))
            else:
                slopes.append(log_beta_by(first, p + step_a, q + step_b, z, *logs))
        slope = slopes[0].real * slopes[1].real + slopes[0].imag / 1e-30 if second else slopes[0]
        out[fine & where] = (special.betainc(q, p, y) if where is turned else special.betainc(p, q, z)) * slope
    out[fine & turned] *= -1.0
    return out.astype(kind)[()]


def log_beta_by(which: str, a: Any, b: Any, x: Any, log_x: Any, log_rest: Any) -> Any:
    """The derivative of log I, I = x**a (1 - x)**b / (a beta(a, b)) / fraction (DLMF 8.17.22), by `which` of "a" and "b"."""
    from scipy import special

    by_a = 1.0 if which == "a" else 0.0
    c, d = np.ones_like(a + b), np.zeros_like(a + b)
    c_slope, d_slope, log_slope = np.zeros_like(c), np.zeros_like(c), np.zeros_like(c)
    going = np.ones(c.shape, bool)  # where the fraction hasn't converged
    for n in range(1, 1000000):
        m, k = n // 2, a + n
        if n % 2:
            e = -(a + m) * (a + b + m) * x / ((k - 1) * k)
            e_slope = e * (by_a / (a + m) + 1 / (a + b + m) - by_a / (k - 1) - by_a / k)
        else:
            e = m * (b - m) * x / ((k - 1) * k)
            e_slope = -e * (1 / (k - 1) + 1 / k) if by_a else m * x / ((k - 1) * k)
        c, c_slope = 1 + e / c, e_slope / c - e * c_slope / (c * c)
        inverse = 1 + e * d
        d, d_slope = 1 / inverse, -(e_slope * d + e * d_slope) / (inverse * inverse)
        step = c_slope / c + d_slope / d
        log_slope = log_slope + step
        going = going & ((n < 5) | is_more(step, log_slope, c_slope / c))
        if not np.any(going):
            break
    power = log_x - special.psi(a) - 1 / a if by_a else log_rest - special.psi(b)
    return np.where(going, np.nan, power + special.psi(a + b) - log_slope)


def is_more(step: Any, total: Any, part: Any) -> Any:
    """Where a step counts beside a sum and the rounding of its own parts, for the value or the tiny imaginary part."""
    counts = np.abs(step.real) > 1e-16 * (np.abs(total.real) + np.abs(part.real))
    return counts | (np.abs(step.imag) > 1e-16 * (np.abs(total.imag) + np.abs(part.imag)))
