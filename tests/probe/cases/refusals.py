"""What is refused by name."""

from __future__ import annotations

import numpy as np

from ..data import A33, X3, X5
from ..harness import case


@case((X3,))
def structured_array(x):
    p = np.zeros(3, dtype=[("m", float), ("v", float)])
    p["m"] = x
    return (p["m"] ** 2).sum()


@case((X3,))
def object_array(x):
    p = np.empty(3, dtype=object)
    p[0] = x[0]
    p[1] = x[1]
    return p[0] * p[1]


@case((X3,))
def masked_array(x):
    m = np.ma.masked_array(x, mask=[False, True, False])
    return (m * m).sum()


@case((A33,))
def matrix_class(a):
    m = np.matrix(a)
    return (m * m)[0, 1]


@case((X5,))
def setflags_used(x):
    z = x * 1.0
    z.setflags(write=False)
    return z.sum()


@case((X5,))
def nditer_writing(x):
    z = x * 1.0
    with np.nditer(z, op_flags=["readwrite"]) as it:
        for v in it:
            v[...] = v * 2.0
    return z.sum()


@case((X5,))
def view_of_other_dtype(x):
    z = x * 1.0
    v = z.view(np.int64)
    v[0] = 0
    return z.sum()


@case((X5,))
def strides_assigned(x):
    z = x * 1.0
    z.strides = (8,)
    return z.sum()


@case((X5,))
def data_buffer(x):
    z = x * 1.0
    m = memoryview(z)
    m[0] = 2.0
    return z.sum()


@case((X5,))
def frombuffer_aliases(x):
    z = x * 1.0
    v = np.frombuffer(z)
    v[0] = 3.0
    return z.sum()
