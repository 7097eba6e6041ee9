"""Points where a product of a zero and an infinity would give nan, and kinks with a convention."""

from __future__ import annotations

import math

import numpy as np

from ..harness import case


@case(0.0, exact=(2.0,))
def where_log_at_zero(x):
    return np.where(x > 0, np.log(x), 2 * x)


@case(np.array([0.0, 2.0]), exact=(np.array([2.0, 0.5]),))
def where_log_of_array(x):
    return np.where(x > 0, np.log(x), 2 * x).sum()


@case(np.array([0.0, 4.0]), exact=(np.array([0.0, -0.0625]),))
def minimum_of_reciprocal(x):
    return np.minimum(1.0, 1.0 / x).sum()


@case(np.array([0.0, 4.0]), exact=(np.array([0.0, 0.25]),))
def where_sqrt(x):
    return np.where(x > 0, np.sqrt(x), 0.0).sum()


@case(np.array([0.0, 3.0]), exact=(np.array([0.0, 6.0]),))
def square_by_power(x):
    return (x**2).sum()


@case((0.0, 0), exact=(0.0, None))
def zeroth_power(x, n):
    return x**n


@case(np.array([-1.0, 2.0]), exact=(np.array([0.0, 0.5]),))
def masked_log(x):
    y = np.zeros_like(x)
    m = x > 0
    y[m] = np.log(x[m])
    return y.sum()


@case(np.array([0.0, 2.0]), exact=(np.array([0.0, 1.0]),))
def branch_around_singularity(x):
    s = 0.0
    for e in x:
        if e > 0:
            s += e * np.log(e) - e * np.log(2.0)
    return s


@case(0.0, exact=(3.0,))
def root_used_in_one_arm(x):
    r = math.sqrt(x)
    return r * 2.0 if r > 1e-8 else 3.0 * x


@case((np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 2.0]]),), exact=(np.array([[1.0, 0.25], [-1.0, 0.0], [0.0, -0.25]]),))
def distances_to_the_first(p):
    total = 0.0
    for i in range(3):
        d = p[i] - p[0]
        r = np.sqrt(d @ d)
        if r > 0:
            total += 1.0 / r
    return total


def _inverse(r):
    if r > 0.0:
        return 1.0 / r
    return 0.0


@case(0.0, exact=(2.0,))
def root_handed_to_a_callee(x):
    r = np.sqrt(x)
    return sum(_inverse(r) for _ in range(3)) + 2.0 * x


@case((0.3, 0.0), exact=(-0.5, 0.0))
def quotient_that_is_not_taken(x, y):
    f = np.tanh(math.sqrt(1.0 + x**2)) / y
    return f if f < 0.55 else -0.5 * x


@case((np.array([4.0, 2.0, 0.5]), np.array([2.0, 1.0])), second=True)
def zero_residual_of_a_selected_root(x, y):
    s = np.sqrt(x)
    r = s[x > 1.0] - y
    return 0.5 * np.sum(r**2) + np.sum(np.where(x < 1.0, s, 0.0))


@case((4.0, 2.0), second=True)
def zero_residual_of_a_root_behind_a_branch(x, y):
    s = math.sqrt(x)
    r = s - y if x > 1.0 else s * y
    return 0.5 * r**2
