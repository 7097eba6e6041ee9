"""Polynomials, quadrature, order statistics."""

from __future__ import annotations

import numpy as np

from ..data import A34, X3, X5, X6, Y5
from ..harness import case


@case((X5, 0.7, X3), second=True)
def polynomials(c, x, xs):
    return (
        np.polyval(c, x)
        + np.polyval(c, xs).sum()
        + np.polyval([c[0], x, 1.0], xs) @ xs
        + np.sum(np.vander(xs, 4) ** 2)
        + np.vander(xs, increasing=True)[1, 2] * np.polyval(c, 0.0)
    )


@case((X5, np.sort(Y5), 0.3, A34), second=True)
def quadrature(y, x, h, a):
    return (
        np.trapezoid(y, x) ** 2
        + np.trapezoid(y, dx=h)
        + np.trapezoid(a, axis=0).sum()
        + (np.trapezoid(a, x[:4]) ** 2).sum()
        + np.trapezoid(a, a * a, axis=0) @ a[0]
    )


@case((X5, X6, A34, 0.3), second=True)
def order_statistics(x, y, a, q):
    return (
        np.median(x) * np.median(y)
        + np.median(a, axis=0) @ a[0]
        + (np.median(a, axis=1, keepdims=True) * a).sum()
        + np.quantile(x, 0.3) ** 2
        + np.percentile(a, 40.0, axis=1) @ a[:, 0]
        + np.quantile(y, 1.0)
        + np.median(a)
    )


@case((X6,), second=True)
def robust_scale(x):
    c = np.median(x)
    mad = np.median(np.abs(x - c))
    return np.sum(np.tanh((x - c) / mad)) + np.quantile(x, 0.75) - np.quantile(x, 0.25)
