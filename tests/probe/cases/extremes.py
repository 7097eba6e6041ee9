"""Extremes and products of lists made at run time."""

from __future__ import annotations

import math

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
