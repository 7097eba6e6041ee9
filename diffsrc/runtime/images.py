"""Splines as `scipy.ndimage` interpolates with them: values, slopes, and the transposes of both. Each can be pasted alone.

The spline of an order through `c` at the coordinates `x`, of which there are as many rows as `c` has axes; what lies outside is
what the mode says. `slopes` gives the order of the derivative along each axis.
"""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np


def bspline(t: Any, order: int, slope: int = 0) -> Any:
    """The central B-spline of an order, or a derivative of it."""
    if slope > order:
        return np.zeros_like(t)
    if slope:
        return bspline(t + 0.5, order - 1, slope - 1) - bspline(t - 0.5, order - 1, slope - 1)
    if order == 0:
        return ((t >= -0.5) & (t < 0.5)).astype(float)
    start = (order + 1) / 2 - np.abs(t)
    terms = [(-1) ** k * math.comb(order + 1, k) * np.maximum(start - k, 0.0) ** order for k in range(order // 2 + 2)]
    return sum(terms) / math.factorial(order)


def folded_coordinates(t: Any, n: int, mode: str) -> tuple[Any, Any]:
    """Coordinates brought into an axis of n elements, and the sign with which they move (0: not; nan: outside)."""
    t = np.asarray(t, float)
    inside = (t >= 0) & (t <= n - 1)
    if mode in ("nearest", "grid-constant"):  # what is read there is what is nearest, or nothing
        return t, np.ones_like(t)
    if mode == "constant":
        return np.where(inside, t, 0.0), np.where(inside, 1.0, np.nan)
    if n == 1:
        return np.zeros_like(t), np.zeros_like(t)
    if mode in ("wrap", "grid-wrap"):
        period = n - 1 if mode == "wrap" else n
        return np.where(inside, t, t - period * np.floor(t / period)), np.ones_like(t)
    period = 2 * n - 2 if mode == "mirror" else 2 * n
    base = t - period * np.floor(t / period)
    turned = base > n - 1 if mode == "mirror" else base >= n - 0.5
    back = period - base - (0 if mode == "mirror" else 1)
    return np.where(inside, t, np.where(turned, back, base)), np.where(inside | ~turned, 1.0, -1.0)


def spline_taps(t: Any, n: int, order: int, mode: str, slope: int, pad: int) -> list[tuple[Any, Any]]:
    """The indices that a spline reads along one axis, and their weights."""
    t, sign = folded_coordinates(np.asarray(t, float) + pad, n, mode)
    start = (np.floor(t) if order % 2 else np.floor(t + 0.5)).astype(int) - order // 2
    found = []
    for k in range(order + 1):
        index = start + k
        weight = bspline(t - index, order, slope) * sign**slope
        weight = np.where(np.isnan(sign), 0.0, weight)
        outside = (index < 0) | (index >= n)
        if mode == "grid-constant":
            weight = np.where(outside, 0.0, weight)
        if n == 1 or mode in ("nearest", "grid-constant"):
            index = np.clip(index, 0, n - 1)
        elif mode == "grid-wrap":
            index = index % n
        elif mode in ("reflect", "grid-mirror"):
            index = index % (2 * n)
            index = np.where(index >= n, 2 * n - 1 - index, index)
        else:
            index = index % (2 * n - 2)
            index = np.where(index >= n, 2 * n - 2 - index, index)
        found.append((index, weight))
    return found


def spline_values(c: Any, x: Any, order: int, mode: str, slopes: Any, pad: int = 0) -> Any:
    """A spline, or a derivative of it, at coordinates."""
    axes = [spline_taps(t, n, order, mode, s, pad) for t, n, s in zip(x, np.shape(c), slopes)]
    out = np.zeros(np.shape(x)[1:], np.result_type(c, np.float32))
    for taps in itertools.product(*axes):
        out += c[tuple(index for index, _ in taps)] * math.prod(weight for _, weight in taps)
    return out


def spline_spread(g: Any, x: Any, shape: Any, order: int, mode: str, slopes: Any, pad: int = 0) -> Any:
    """The transpose of `spline_values`: what each coefficient receives."""
    axes = [spline_taps(t, n, order, mode, s, pad) for t, n, s in zip(x, shape, slopes)]
    out = np.zeros(shape, np.result_type(g, np.float32))
    for taps in itertools.product(*axes):
        np.add.at(out, tuple(index for index, _ in taps), g * math.prod(weight for _, weight in taps))
    return out


def spline_filter_transposed(g: Any, order: int, axis: int, mode: str) -> Any:
    """The transpose of `scipy.ndimage.spline_filter1d`, which is a symmetric filter,
      or one that counts the ends by half; of short
    arrays that are reflected it is neither."""
    from scipy import ndimage

    n = np.shape(g)[axis]
    if order < 2 or n == 0:
        return g
    if n < 32 and mode in ("reflect", "grid-mirror", "nearest"):
        filtered = ndimage.spline_filter1d(np.eye(n), order, axis=0, mode=mode)
        return np.moveaxis(np.tensordot(filtered.T, g, (1, axis)), 0, axis)
    ends = np.ones(n)
    if mode in ("mirror", "constant", "wrap", "grid-constant"):
        ends[[0, -1]] = 0.5
    ends = ends.reshape([-1 if k == axis % np.ndim(g) else 1 for k in range(np.ndim(g))])
    return ends * ndimage.spline_filter1d(g / ends, order, axis=axis, mode=mode)
