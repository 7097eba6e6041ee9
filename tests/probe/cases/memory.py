"""Stores, views, aliases, written arguments."""

from __future__ import annotations

import numpy as np

from ..data import A33, A34, B34, P5, X3, X5, X6, Y3, Y5
from ..harness import case


@case((X5, 0.7))
def store_element(x, w):
    y = np.zeros_like(x)
    for i in range(1, len(x)):
        y[i] = w * y[i - 1] + np.sin(x[i])
    return y.sum()


@case((X5, 0.7))
def overwrite_element(x, w):
    y = x.copy()
    y[2] = w * y[1]
    y[2] = y[2] * y[0]
    return (y * y).sum()


@case((A34, 0.7))
def augmented_element(a, w):
    b = np.ones((3, 4))
    for i in range(3):
        for j in range(4):
            b[i, j] += a[i, j] * w
            b[i, j] *= a[i, j]
    return (b * b).sum()


@case((X5, 2.0))
def store_slice(x, s):
    y = np.zeros(7)
    y[1:-1] = x * s
    y[1:4] += y[0:3]
    return (y**2).sum()


@case((X5, 2.0))
def store_scalar_in_slice(x, s):
    y = x * 1.0
    y[1:3] = s
    y[::2] *= s
    return (y * x).sum()


@case((A34, X3))
def store_row_and_column(a, x):
    b = a.copy()
    b[1] = b[0] * 2.0
    b[:, 2] = x
    b[:, 0] *= x
    return (b * a).sum()


@case((X5, Y5))
def augmented_array(x, y):
    z = x * y
    z += x
    z *= y
    z -= 2.0
    z /= y * y + 1.0
    return z.sum()


@case((X5, 2.0))
def view_written(x, s):
    a = x * 1.0
    v = a[1:3]
    v *= s
    v += a[0]
    return (a * a).sum()


@case((X5, 2.0))
def base_written_view_read(x, s):
    a = x * 1.0
    v = a[1:4]
    a[2] = s
    return (v * v).sum() * a[1]


@case((X5, 2.0))
def two_names(x, s):
    a = x.copy()
    b = a
    b[0] = s * a[1]
    return (a * b).sum()


@case((A34, 2.0))
def view_of_view(a, s):
    b = a.copy()
    r = b[1:]
    c = r[:, 1]
    c *= s
    return (b * a).sum() + r[0, 1]


@case((A33, 2.0))
def transpose_view_written(a, s):
    b = a.copy()
    t = b.T
    t[0] *= s
    return (b * b).sum()


@case((X6, 2.0))
def reshape_view_written(x, s):
    b = x.copy()
    m = b.reshape(2, 3)
    m[1] *= s
    return (b * b).sum() + m[0, 2]


@case((A34, 2.0))
def ravel_of_transpose_written(a, s):
    b = a.copy()
    r = b.T.ravel()
    r *= s
    return (b * b).sum() + (r * r).sum()


@case((X5, 3))
def ping_pong(x, steps):
    u = x.copy()
    v = np.zeros_like(u)
    for _ in range(steps):
        for i in range(1, len(u) - 1):
            v[i] = u[i] + 0.1 * (u[i + 1] - 2.0 * u[i] + u[i - 1]) * u[i]
        u, v = v, u
    return (u * u).sum()


@case((X5, Y5, True), (X5, Y5, False))
def alias_by_condition(x, y, flag):
    p = x.copy()
    q = y.copy()
    r = p if flag else q
    r *= 3.0
    return (p * q).sum()


@case((X5, 2.0))
def mutated_argument(x, s):
    x *= s
    x[0] = x[1] * x[2]


@case((X5, 2.0))
def mutated_and_returned(x, s):
    x[1:] *= s
    return x.sum() * x[0]


@case((X5, 2.0))
def returned_argument(x, s):
    x *= s
    return x


@case((np.zeros(3), X3, 2.0))
def output_argument(out, x, s):
    for i in range(len(x)):
        out[i] = np.sin(x[i]) * s


@case((X3, Y3))
def accumulate_into_argument(acc, x):
    acc += x * x
    return acc[0] * x[1]


@case(X5)
def boolean_mask_load(x):
    return (x[x > 0] ** 2).sum()


@case((X5, 2.0))
def boolean_mask_store(x, s):
    y = x * x
    y[x < 0] = s * 0.5
    y[y > 1.0] *= s
    return (y * x).sum()


@case((X5, Y5))
def boolean_mask_assign_array(x, y):
    z = x * 1.0
    m = x > 0
    z[m] = y[m] * 2.0
    return (z * z).sum()


@case(X5)
def integer_array_load(x):
    i = np.array([3, 0, 3, 1])
    return (x[i] * np.arange(4.0)).sum() * x[i].sum()


@case((X5, Y3))
def integer_array_store(x, y):
    z = x * 2.0
    z[np.array([4, 0, 2])] = y
    return (z * z).sum()


@case((X5, 2.0))
def duplicated_index_augmented(x, s):
    y = x.copy()
    y[[0, 2, 0]] += s
    return (y**3).sum()


@case((X5, Y3))
def list_index_augmented(x, y):
    z = x * 1.0
    z[[0, 2]] += y[1:]
    z[[1, 3]] *= y[0]
    return (z * x).sum()


@case((A34,))
def pairs_of_index_arrays(a):
    i, j = np.array([0, 1, 1]), np.array([2, 3, 3])
    return (a[i, j] ** 2).sum() * a[1, [0, 2]].sum()


@case((X5, Y5))
def add_at(x, y):
    z = x * 1.0
    np.add.at(z, [0, 0, 3], y[:3])
    return (z * z).sum()


@case((X5, Y5))
def out_argument(x, y):
    z = np.empty_like(x)
    np.multiply(x, y, out=z)
    np.add(z, x, out=z)
    return (z * z).sum()


@case((X5, Y5))
def out_method(x, y):
    z = np.zeros(5)
    np.sin(x, out=z)
    return z.dot(y)


@case((X5, 2.0))
def fill_and_copyto(x, s):
    y = np.empty(5)
    y.fill(s)
    z = np.empty(5)
    np.copyto(z, x)
    return (y * z).sum()


@case((X5, 2.0))
def whole_store(x, s):
    y = np.zeros(5)
    y[:] = x * s
    y[...] = y * y
    return y.sum()


@case((X5, 1.0), (X5, -1.0))
def store_under_condition(x, c):
    y = x.copy()
    for i in range(len(x)):
        if x[i] * c > 0.5:
            y[i] = x[i] * c
        else:
            y[i] = y[i - 1]
    return (y * y).sum()


@case((X5,))
def swap_elements(x):
    y = x.copy()
    y[0], y[1] = y[1] * 2.0, y[0]
    y[[2, 3]] = y[[3, 2]]
    return y[0] * y[2] + y[1] * y[3] ** 2


@case((A34, B34))
def row_loop_written(a, b):
    c = a * 1.0
    for row, other in zip(c, b):
        row *= other
        row[0] = other[1]
    return (c * c).sum()


@case((X3, 0.5))
def allocated_in_loop(x, s):
    total = 0.0
    for i in range(3):
        t = np.zeros(3)
        t[i] = x[i] * s
        t[0] += x[1]
        total += (t * t).sum()
    return total


@case((X3, 0.5))
def allocated_and_kept(x, s):
    prev = x
    for i in range(3):
        new = np.zeros(3)
        new[:] = prev * s
        new[i] += x[i]
        prev = new
    return (prev * prev).sum()


@case((X3, 4))
def buffer_written_after_read(x, n):
    u = x.copy()
    s = 0.0
    for _ in range(n):
        s += (u * u).sum()
        u += 0.1 * np.sin(u)
    return s


@case((P5, 2))
def diagonal_store(x, n):
    a = np.zeros((5, 5))
    for i in range(5):
        a[i, i] = x[i]
    a[n, :] += x
    return np.linalg.inv(a).sum()


@case(X5)
def empty_then_filled(x):
    y = np.empty(5)
    for i in range(5):
        y[i] = x[i] ** 2
    return y[1:].dot(y[:-1])


@case((X5, np.zeros(5)))
def work_buffer(x, work):
    work[:] = x * x
    return work.sum()


@case(X5)
def flip_view(x):
    y = x.copy()
    r = y[::-1]
    r[0] = y[0] * 2.0
    return (y * r).sum()


@case((X3, 1.5))
def nested_index(x, s):
    idx = [2, 0, 1]
    y = np.zeros(3)
    for k, i in enumerate(idx):
        y[i] = x[k] * s
    return y[idx[0]] * y[1]


@case((np.array(1.5), 2.0))
def zero_dimensional_array(x, s):
    y = x * s
    z = np.zeros(())
    z[...] = y * y
    return z * 1.0


@case((np.array(1.5), 2.0))
def zero_dimensional_written(x, s):
    x *= s
    x += 1.0
    return float(x) * s
