"""Lists made at run time as arguments of functions of numbers and of arrays."""

from __future__ import annotations

import math

import numpy as np

from ..data import X5
from ..harness import case


@case(X5, second=True)
def largest_of_list(x):
    ys = [v * v for v in x]
    return max(ys) * min(ys) + max([v * 2.0 for v in x[:3]])


@case(X5, second=True)
def largest_of_changed_list(x):
    ys = []
    total = 0.0
    for v in x:
        ys.append(v)
        total += max(ys) * v
        ys[0] = ys[0] * 0.5
    return total


@case(X5, second=True)
def product_of_list(x):
    return math.prod([v + 2.0 for v in x]) + math.prod(v for v in x[:2]) * math.fsum([v * v for v in x])


def _mix(a, b, c):
    return a * b + c * c


@case(X5[:3], second=True)
def star_of_array(x):
    ys = [v * v for v in x]
    return _mix(*x) + _mix(x[0], *x[1:]) * _mix(*ys) + _mix(*(x[:2] * 2.0), c=x[0])


@case(X5[:3] + 2.0, second=True)
def mean_of_list(x):
    ys = [v * v for v in x]
    return np.mean(ys)


@case(X5[:3] + 2.0, second=True)
def spread_of_list(x):
    ys = [v * v for v in x]
    return np.std(ys) + np.max(ys) * np.sum(ys) + np.prod(ys)


@case(X5[:3] + 2.0, second=True)
def elementwise_of_list(x):
    ys = [v * v for v in x]
    return np.sum(np.exp(ys))


@case(X5[:3] + 2.0, second=True)
def product_of_lists(x):
    ys = [v * v for v in x]
    return np.dot(ys, ys)


@case(X5[:3] + 2.0, second=True)
def axes_of_list(x):
    ys = [v * x for v in x]
    return np.sum(np.mean(ys, axis=0) ** 2) + np.median([v * 2 for v in x])


@case(X5[:3] + 2.0, second=True)
def list_times_array(x):
    ys = [v * v for v in x]
    return np.sum(x * ys)


@case(X5[:3] + 2.0, second=True)
def tools_of_list(x):
    ys = [v * v for v in x]
    return np.linalg.norm(ys) + np.cumsum(ys)[1] + np.interp(0.7, [0.0, 1.0, 2.0], ys)


@case(X5[:3] + 2.0, second=True)
def more_tools_of_list(x):
    ys = [v * v for v in x]
    return np.sum(np.outer(ys, x)) + np.sum(np.diff(ys) ** 2) + np.trapezoid(ys, dx=0.1) + np.var(ys)
