"""Conversions of numbers, single precision."""

from __future__ import annotations

import numpy as np

from ..data import X3, X5
from ..harness import case

F32 = X5.astype(np.float32)


@case((X5, 2.0), second=True)
def conversions_of_numbers(x, s):
    a = np.float64(s) * x
    b = float(x[0]) * x[1]
    c = x[2].item() * s
    return a.sum() + b + c + x.sum().item() + np.float64(x[1]) ** 2


@case((F32[:3], 2.0), rtol=5e-3)
def conversions_to_single(x, s):
    y = x * np.float32(s)
    z = np.asarray([s, s * s, 1.0], dtype=np.float32)
    return (y * z).sum()


@case((F32[:3], X3), rtol=5e-3)
def single_and_double(x, y):
    z = np.zeros(3, dtype=np.float32)
    for i in range(3):
        z[i] = x[i] * y[i]
    z *= x
    z += x * 2
    return np.dot(z, x) + np.sum(y * z)


@case((F32,), rtol=5e-3)
def sum_in_single(x):
    s = np.float32(0.0)
    for v in x:
        s += v * v
    t = 0.0
    for v in x:
        t += v * s
    return t
