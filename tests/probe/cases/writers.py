"""Functions that write an array they are given; methods of ufuncs."""

from __future__ import annotations

import struct

import numpy as np

from ..data import A33, X3, X5
from ..harness import case


@case((X5, X3))
def subtract_at(x, y):
    z = x * 1.0
    np.add.at(z, [0, 0, 3], y)
    np.subtract.at(z, np.array([1, 1, 2]), y * y)
    return (z**2).sum()


@case((X5, 0.7))
def put_and_place(x, s):
    z = x * s
    np.put(z, [0, 2], s)
    np.place(z, z > 1.0, s * s)
    np.putmask(z, x < 0, 0.0)
    return (z * x).sum()


@case((A33, 0.7), second=True)
def fill_diagonal(a, s):
    b = a * a
    np.fill_diagonal(b, s)
    np.copyto(b[1], a[2] * s)
    return (b * a).sum()


@case((X5, X3), second=True)
def methods_of_ufuncs(x, y):
    m = np.multiply.outer(x, y) + np.subtract.outer(x, y) ** 2 + np.maximum.outer(x, y)
    return np.add.reduce(m).sum() + np.multiply.reduce(x) + np.add.accumulate(x)[3] * np.maximum.reduce(y)


@case((X3,))
def written_by_what_is_not_known(x):
    buf = np.ones(3)
    struct.pack_into("d", buf, 0, 2.0)
    y = x * buf
    struct.pack_into("d", buf, 0, 5.0)
    return np.sum(y * buf)
