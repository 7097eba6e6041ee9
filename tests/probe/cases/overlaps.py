"""Arrays that overlap in memory, passed to callees."""

from __future__ import annotations

import numpy as np

from ..data import A34, X6
from ..harness import case


def multiply_into(a, b):
    a *= b
    a += 1.0


def smooth_into(a, b, k):
    for i in range(k):
        a[i] = a[i] * b[i] + np.sin(b[i])
        if a[i] > 100.0:
            a[i] = b[i]


def twice_into(a, b):
    b[0] = a[1] * 2.0
    a *= b
    b += a[0]
    return a[0] * b[1]


@case((X6,), second=True)
def callee_gets_shifted_views(x):
    z = x * 1.0
    multiply_into(z[1:], z[:-1])
    return (z**2).sum()


@case((X6,), second=True)
def callee_gets_the_same_twice(x):
    z = x * 1.0
    multiply_into(z, z)
    return (z**2 * x).sum()


@case((X6,), second=True)
def callee_loops_over_views(x):
    z = x * 1.0
    smooth_into(z[1:], z[:-1], 5)
    smooth_into(z, z[::-1], 6)
    return (z**2).sum()


@case((X6,), second=True)
def callee_writes_both(x):
    z = x * 1.0
    s = twice_into(z, z)
    s += twice_into(z[:3], z[2:5])
    return (z**2).sum() + s


@case((A34,), second=True)
def callee_in_loop(a):
    b = a * 1.0
    for i in range(2):
        multiply_into(b[i + 1], b[i])
        multiply_into(b[i], b[i])
    return (b**2).sum()


def chain(u, v, n):
    if n == 0:
        return 0.0
    u[n] = v[n - 1] * u[n]
    return u[n] + chain(u, v, n - 1)


@case((X6,), second=True)
def recursive_callee(x):
    z = x * 1.0
    return chain(z, z, 4) + (z**2).sum()


@case((X6,), second=True)
def callee_reads_two_views(x):
    z = x * 1.0

    def dot(a, b):
        return (a * b).sum()

    z[0] = dot(z[1:], z[:-1])
    return dot(z, z) * z[0]


@case((X6,), second=True)
def callee_writes_while_caller_holds(x):
    z = x * 1.0
    w = z[2:]
    multiply_into(z, w[0])
    w *= z[0]
    return (z**2).sum() + w[1]
