"""New arrays whose tangents are those of an operand: written, returned, held."""

from __future__ import annotations

import numpy as np

from ..data import X5, Y5
from ..harness import case


def shifted(x):
    return x + 1.0


@case((X5, Y5), second=True)
def shifted_by_callee_then_written(x, y):
    z = shifted(x)
    z *= y
    return (z * x).sum()


@case((X5, Y5), second=True)
def argument_written_after_shift(x, y):
    t = x + 1.0
    x *= 2.0
    return (t * x).sum()


@case((X5, Y5), second=True)
def shifted_on_one_path(x, y):
    z = x + 1.0 if y[0] > 0 else x * 2.0
    z += y
    return (z * x).sum()


@case((X5,), second=True)
def shifted_in_loop(x):
    z = x * 1.0
    w = +z
    s = 0.0
    for i in range(3):
        v = w - 1.0
        w[i] = v[1] * 2.0
        s += (v * w).sum()
    return s


@case((X5, Y5), second=True)
def shifted_in_list(x, y):
    z = x * 1.0
    xs = [z + 1.0]
    z[0] = y[1] ** 2
    return (xs[0] * z).sum()


@case((X5, Y5), second=True)
def divided_by_shifted_self(x, y):
    z = x * y
    z /= z + 3.0
    return (z * x).sum()


@case((X5, Y5))
def shifted_result(x, y):
    t = x + 1.0
    return t, t - 2.0


@case((X5, Y5), second=True)
def out_by_position(x, y):
    z = np.empty(5)
    np.multiply(x, y, z)
    np.add(z, x, z)
    s = np.empty(())
    np.sum(z * z, None, None, s)
    return s * 1.0
