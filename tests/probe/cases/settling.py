"""Variables of loops that are of one type before the first iteration and of another after it."""

from __future__ import annotations

import numpy as np

from ..harness import case

U4 = np.array([1.0, 2.0, 0.5, 0.3])


def _step(u, a):
    n = len(u)
    out = [0.0] * n
    for i in range(n):
        left = u[i - 1] if i > 0 else 0.0
        right = u[i + 1] if i < n - 1 else 0.0
        out[i] = u[i] + a * (left - 2 * u[i] + right)
    return out


@case((0.2, U4), second=True)
def array_then_list(a, x):
    u = x
    for _ in range(4):
        u = _step(u, a)
    return sum(v * v for v in u)


@case((0.2, U4, 3), (0.2, U4, 1), second=True)
def array_then_list_counted(a, x, n):
    u = x
    for k in range(n):
        u = _step(u, a * k)
    return sum(v * v for v in u)


@case((0.2, U4, 3), second=True)
def array_then_comprehension(a, x, n):
    u = x
    for k in range(n):
        u = [v * a + k for v in u]
    return sum(v * v for v in u)


@case((np.outer(U4, U4), U4), second=True)
def array_then_list_by_rows(us, b):
    u = us[0]
    s = 0.0
    for k, (row, c) in enumerate(zip(us, b), 1):
        u = [x * c + k * y for x, y in zip(u, row)]
        s += u[0]
    return s + sum(x * x for x in u)


@case((0.2, U4), second=True)
def array_then_list_while(a, x):
    u = x
    k = 0
    while sum(u) < 50.0 and k < 20:
        u = _step(u, -a)
        k += 1
    return u[0] * u[1]


@case((0.2, U4, 3), second=True)
def array_then_list_nested(a, x, n):
    u = x
    for i in range(2):
        for _ in range(n):
            u = _step(u, a * (i + 1))
    return sum(v * v for v in u)


@case((0.2, U4, 5), second=True)
def array_then_list_left(a, x, n):
    u = x
    for k in range(n):
        u = _step(u, a)
        if u[0] > 1.0 + k:
            break
    return u[0] * u[1]
