"""Reductions and scans."""

from __future__ import annotations

import numpy as np

from ..data import A34, B34, P5, T234, X5, X6, Y5
from ..harness import case


@case((A34, B34), second=True)
def sums(a, b):
    return np.sum(a * b) + (a.sum(axis=0) ** 2).sum() + (b.sum(1, keepdims=True) * a).sum()


@case(T234)
def sum_over_axes(t):
    return (t.sum(axis=(0, 2)) ** 2).sum() + (np.sum(t, axis=-1, keepdims=True) * t).sum()


@case(A34)
def means(a):
    return np.mean(a) * (np.mean(a, axis=1) ** 2).sum() + a.mean(0)[1]


@case(A34)
def variance_and_deviation(a):
    return np.var(a) + np.std(a, axis=0).sum() + a.std(ddof=1) + np.var(a, axis=1, ddof=1).sum()


@case(A34)
def products(a):
    return np.prod(a) + np.prod(a, axis=0).sum() + a.prod(axis=1)[0]


@case((np.array([2.0, 0.0, 3.0]),))
def product_with_zero(x):
    return np.prod(x)


@case(A34)
def maxima(a):
    return np.max(a) ** 2 + a.max(axis=1).sum() + np.min(a, axis=0, keepdims=True).sum() * a[0, 0]


@case(A34)
def arg_extrema(a):
    i = np.argmax(a[0])
    return a[1, i] * a[2, int(np.argmin(a[0]))]


@case((X5, Y5))
def cumulative_sum(x, y):
    return (np.cumsum(x) * y).sum() + np.cumsum(x * y)[2]


@case(A34)
def cumulative_sum_of_matrix(a):
    return (np.cumsum(a, axis=1) ** 2).sum() + (np.cumsum(a, axis=0)[1] * a[0]).sum() + np.cumsum(a)[5]


@case(P5)
def cumulative_product(x):
    return np.cumprod(x).sum()


@case(X6)
def differences_of_neighbours(x):
    return (np.diff(x) ** 2).sum() + np.diff(x, n=2).sum() * x[0]


@case(X5)
def norms(x):
    return np.linalg.norm(x) + np.linalg.norm(x, 1) * np.linalg.norm(x, np.inf)


@case(A34)
def matrix_norms(a):
    return np.linalg.norm(a) + np.linalg.norm(a, axis=1).sum()


@case(X5)
def log_sum_exp(x):
    m = np.max(x)
    return m + np.log(np.sum(np.exp(x - m)))


@case(A34)
def softmax_rows(a):
    e = np.exp(a - a.max(axis=1, keepdims=True))
    p = e / e.sum(axis=1, keepdims=True)
    return (p * np.arange(4.0)).sum()


@case(X5)
def sort_and_median(x):
    return np.sort(x)[1] * 2.0 + x[np.argsort(x)][3] + np.median(x)


@case((X5, Y5))
def average_and_weights(x, w):
    return np.average(x, weights=w * w)


@case(X5)
def any_all_count(x):
    if np.any(x > 1.0) and not np.all(x > 0):
        return x.sum() * np.count_nonzero(x > 0)
    return x[0]


@case((X5, Y5))
def trapezoid(x, y):
    return np.trapezoid(y, x)


@case((X5, Y5))
def dot_of_vectors(x, y):
    return np.dot(x, y) * np.vdot(x, y) + np.inner(x, y)


@case(X6)
def ptp_and_nansum(x):
    return np.ptp(x) + np.nansum(x * x)


@case((np.linspace(0.3, 2.0, 6),), rtol=1e-3)
def sums_of_narrow_numbers(x):
    y = x.astype(np.float32)
    return float(y[0]) * np.sum(y, dtype=np.float64) + 0.5 * float(np.mean(x * x, dtype=np.float32))


@case((X5,), second=True)
def reductions_of_numbers(x):
    total = np.sum(x[0] * x[1])
    total *= x[2]
    return np.sum(total) + np.mean(x[2] ** 2) * np.max(x[3] * x[0])


@case((X5,), second=True)
def library_written_in_python(x):
    return np.sum(np.polynomial.polynomial.polyval(0.3, x)) + np.sum(np.polyval(x, 0.7))
