"""Functions of `scipy.integrate` as Python that the compiler reads: what their derivatives are made from.

The calls themselves stay SciPy's. All integrate along the last axis once the axis has been moved there.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import special


def trapezoid(y: Any, x: Any, dx: Any, axis: Any) -> Any:
    y = np.moveaxis(y, axis, -1)
    means = 0.5 * (y[..., 1:] + y[..., :-1])
    return np.sum(dx * means if x is None else spacing(x, y, axis) * means, axis=-1)


def cumulative_trapezoid(y: Any, x: Any, dx: Any, axis: Any, initial: Any) -> Any:
    y = np.moveaxis(y, axis, -1)
    means = 0.5 * (y[..., 1:] + y[..., :-1])
    total = np.cumsum(dx * means if x is None else spacing(x, y, axis) * means, axis=-1)
    return np.moveaxis(total if initial is None else behind(0.0, total), -1, axis)


def spacing(x: Any, y: Any, axis: Any) -> Any:
    """The distances of neighbours; `x` has one axis, or those that y had before one was moved."""
    return np.diff(x) if x.ndim == 1 else np.diff(np.moveaxis(x, axis, -1))


def points(x: Any, y: Any, dx: Any, axis: Any) -> Any:
    """The distances of neighbours where they may be given as one number."""
    return np.diff(dx * np.arange(y.shape[-1])) if x is None else spacing(x, y, axis)


def behind(first: Any, total: Any) -> Any:
    """`total` with a number in front."""
    return np.concatenate([first * np.ones_like(total[..., :1]), total], axis=-1)


def simpson(y: Any, x: Any, dx: Any, axis: Any) -> Any:
    y = np.moveaxis(y, axis, -1)
    n, h = y.shape[-1], points(x, y, dx, axis)
    if n == 2:
        return np.sum(0.5 * h * (y[..., 1:] + y[..., :-1]), axis=-1)
    if n % 2 == 1:
        return parabolas(y, h)
    a, b = h[..., -2:-1], h[..., -1:]
    end = (2 * b**2 + 3 * a * b) / (6 * (a + b)) * y[..., -1:] + (b**2 + 3 * a * b) / (6 * a) * y[..., -2:-1]
    end = end - b**3 / (6 * a * (a + b)) * y[..., -3:-2]
    return parabolas(y[..., :-1], h[..., :-1]) + np.sum(end, axis=-1)


def parabolas(y: Any, h: Any) -> Any:
    """The integral of parabolas through three points each."""
    a, b = h[..., ::2], h[..., 1::2]
    left, middle, right = y[..., :-2:2], y[..., 1:-1:2], y[..., 2::2]
    inside = left * (2 - b / a) + middle * ((a + b) ** 2 / (a * b)) + right * (2 - a / b)
    return np.sum((a + b) / 6 * inside, axis=-1)


def cumulative_simpson(y: Any, x: Any, dx: Any, axis: Any, initial: Any) -> Any:
    y = np.moveaxis(y, axis, -1)
    h = points(x, y, dx, axis)
    total = np.cumsum(pieces(y, h) if y.shape[-1] > 2 else 0.5 * h * (y[..., 1:] + y[..., :-1]), axis=-1)
    return np.moveaxis(total if initial is None else behind(initial, total + initial), -1, axis)


def pieces(y: Any, h: Any) -> Any:
    """The integrals between neighbours, of parabolas through three points each."""
    a, b = h[..., :-1], h[..., 1:]
    left, middle, right = y[..., :-2], y[..., 1:-1], y[..., 2:]
    first = piece(left, middle, right, a, b)
    second = piece(right, middle, left, b, a)
    out = np.zeros_like(h * y[..., 1:])
    out[..., :-1:2] = first[..., ::2]
    out[..., 1::2] = second[..., ::2]
    out[..., -1:] = second[..., -1:]
    return out


def piece(left: Any, middle: Any, right: Any, a: Any, b: Any) -> Any:
    """The integral of a parabola between its first two points."""
    c = a / (a + b)
    d = a / b * c
    return a / 6 * ((3 - c) * left + (3 + d + c) * middle - d * right)


def romb(y: Any, dx: Any, axis: Any) -> Any:
    y = np.moveaxis(y, axis, -1)
    step = y.shape[-1] - 1
    h = step * dx
    rows = [0.5 * h * (np.sum(y[..., :1], axis=-1) + np.sum(y[..., -1:], axis=-1))]
    while step > 1:
        half = step // 2
        row = [0.5 * (rows[0] + h * np.sum(y[..., half::step], axis=-1))]
        factor = 4.0
        for coarse in rows:
            row.append(row[-1] + (row[-1] - coarse) / (factor - 1))
            factor = 4 * factor
        rows, h, step = row, 0.5 * h, half
    return rows[-1]


def fixed_quad(func: Any, a: Any, b: Any, n: Any, *args: Any) -> Any:
    x, w = special.roots_legendre(n)
    return 0.5 * (b - a) * np.sum(w * func(0.5 * (b - a) * (x + 1) + a, *args), axis=-1), None
