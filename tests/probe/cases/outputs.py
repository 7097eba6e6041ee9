"""`out=`, `where=`, writers, methods of ufuncs."""

from __future__ import annotations

import numpy as np

from ..data import A33, A34, B33, B34, P5, T234, X3, X5, X6, Y5
from ..harness import case


@case((X5, Y5), second=True)
def out_of_ufuncs(x, y):
    z = np.empty(5)
    np.multiply(x, y, out=z)
    np.add(z, x, out=z)
    np.sin(z, z)
    np.exp(z, out=(z,))
    np.negative(z, z)
    r = np.subtract(z, y, out=z[::-1])
    return (z**2).sum() + r[0]


@case((X5, Y5), second=True)
def out_of_slice(x, y):
    z = np.zeros((2, 5))
    np.add(x, y, out=z[0])
    np.multiply(z[0], y, z[1])
    np.square(z[:, 1:3], out=z[:, 3:])
    np.add(x[1:], 1.0, out=z[1, :-1])
    return (z**2).sum()


@case((X5, Y5), second=True)
def out_overlapping(x, y):
    z = x * y
    np.add(z[1:], z[:-1], out=z[1:])
    np.multiply(z[:-1], 2.0, out=z[1:])
    np.multiply(z, z[::-1], out=z)
    return (z * x).sum()


@case((A33, B33, X3), second=True)
def out_of_products(a, b, x):
    c = np.empty((3, 3))
    np.matmul(a, b, out=c)
    d = np.zeros((3, 3))
    np.dot(c, a, out=d)
    a.dot(b, out=c)
    e = np.empty((3, 3))
    np.einsum("ij,jk->ik", c, d, out=e)
    v = np.empty(3)
    np.matmul(e, x, out=v)
    np.outer(v, x, out=c)
    return (c * d).sum() + v.sum()


@case((A34, B34), second=True)
def out_of_reductions(a, b):
    r = np.empty(4)
    np.sum(a * b, axis=0, out=r)
    s = np.zeros(3)
    a.sum(axis=1, out=s)
    np.add.reduce(a, axis=1, out=s)
    np.mean(b, axis=1, out=s)
    c = np.empty((3, 4))
    np.cumsum(a, axis=1, out=c)
    a.cumsum(0, out=c)
    m = np.empty(4)
    np.max(a, axis=0, out=m)
    return (r**2).sum() + (s**2).sum() + (c**2).sum() + (m * r).sum()


@case((X5, Y5), second=True)
def out_of_clip(x, y):
    z = x * y
    z.clip(-0.5, 0.45, out=z)
    w = np.zeros(5)
    np.clip(x, y, 2.5, out=w)
    x.clip(0.0, 1.0, out=w[:])
    np.maximum(z, w, out=w)
    return (z * w).sum() + (w**2).sum()


@case((X5, np.array([0, 3, 3])), second=True)
def out_of_take(x, i):
    z = np.empty(3)
    np.take(x, i, out=z)
    x.take(i, out=z)
    np.concatenate([x[:2], z[:1]], out=z)
    w = np.empty((2, 3))
    np.stack([z, z * 2.0], out=w)
    return (z**2).sum() + (w**2).sum()


@case((P5, Y5), second=True)
def where_of_ufuncs(x, y):
    z = np.zeros(5)
    np.log(x, out=z, where=x > 1.0)
    np.divide(x, y, out=z, where=y != 0.7)
    w = np.multiply(x, y, where=x > 0.0, out=np.ones_like(x))
    np.add(z, w, where=[True, False, True, True, False], out=z)
    np.sqrt(z, where=z > 0, out=z)
    return (z * w).sum() + (z**2).sum()


@case((A34, A34 > 0))
def where_of_mean(a, m):
    return np.mean(a, axis=1, where=m)[0]


@case((A34, A34 > 0))
def where_of_reductions(a, m):
    s = np.sum(a * a, where=m)
    t = np.sum(a, axis=1, where=m)
    u = np.prod(a, where=a > 0.5)
    v = np.max(a, axis=0, where=m, initial=-9.0)
    w = np.add.reduce(a, axis=0, where=m)
    return s + (t**2).sum() + u + v.sum() + (w**2).sum() + a.sum(where=m, axis=1)[0]


@case((A34, A34 > 0), second=True)
def where_of_spreads(a, m):
    return np.var(a, where=m) + np.std(a, axis=0, where=m | (a < -0.5) | True).sum() + a.min(where=m, initial=5.0)


@case((X5, Y5, 0.3), second=True)
def copyto_where(x, y, s):
    z = x * 1.0
    np.copyto(z, y, where=x > 0)
    np.copyto(z[1:3], s)
    np.copyto(z, x * s, where=[True, False, False, True, False])
    np.copyto(dst=z, src=y * z, where=z > 0.5)
    return (z**2).sum()


@case((A34, X5), second=True)
def put_flat(a, x):
    b = a * 1.0
    np.put(b, [0, 5, 7], x[:3])
    np.put(b, [1, 2, -1, 3], x[:2])
    b.put([4, 6], x[3] ** 2)
    b.put(8, x[4])
    return (b**2).sum()


@case((A34, X5), second=True)
def put_modes(a, x):
    b = a * 1.0
    np.put(b, [0, 25], x[:2], mode="wrap")
    np.put(b, [3, 99], x[:2], mode="clip")
    return (b**2).sum()


@case((A34, X3), second=True)
def place_cycles(a, x):
    b = a * 1.0
    np.place(b, b > 0, x)
    np.putmask(b, b < 0, x)
    np.putmask(b, a > 0.5, a * 2.0)
    return (b**2).sum()


@case((A34, np.arange(3)[:, None], X3[:, None]), second=True)
def put_along(a, i, v):
    b = a * 1.0
    np.put_along_axis(b, i, v, axis=1)
    np.put_along_axis(b, np.argmax(a, axis=0)[None], 0.5, axis=0)
    np.put_along_axis(b, np.argsort(a, axis=1), a * b, axis=1)
    return (b**2).sum()


@case((A34, X3, T234), second=True)
def fill_diagonals(a, x, t):
    b = a * 1.0
    np.fill_diagonal(b, x)
    np.fill_diagonal(b[1:], x[0] * 2.0)
    np.fill_diagonal(b.T, x[:2])
    c = t[:, :2, :2] * 1.0
    np.fill_diagonal(c, x[1])
    return (b**2).sum() + (c**2).sum()


@case((np.arange(14.0).reshape(7, 2) + 0.1, 2.0), second=True)
def fill_diagonal_wrapped(a, s):
    b = a * 1.0
    np.fill_diagonal(b, s, wrap=True)
    return (b**2).sum()


@case((X5, 2.0), second=True)
def fill_parts(x, s):
    z = x * 1.0
    z[1:3].fill(s)
    z[::2].fill(z[1] * x[0])
    return (z**2).sum()


@case((X5, A34), second=True)
def sort_in_place(x, a):
    z = x * x
    z.sort()
    b = a * 1.0
    b.sort(axis=0)
    b[1].sort()
    b[:, ::-1].sort()
    return (z * np.arange(5.0)).sum() + (b * np.arange(12.0).reshape(3, 4) * b).sum()


@case((X5, A34), second=True)
def partition_in_place(x, a):
    z = x * 1.0
    z.partition(2)
    b = a * 1.0
    b.partition(1, axis=0)
    return z[2] ** 2 + (b[1] ** 2).sum()


@case((X5, np.array([0, 0, 3])), second=True)
def at_of_other_ufuncs(x, i):
    z = x * 1.0
    np.multiply.at(z, i, x[:3])
    np.divide.at(z, i, x[2:])
    np.maximum.at(z, i, x[1:4])
    np.minimum.at(z, [1, 1], x[3:])
    np.power.at(z, [4], 2.0)
    return (z**2).sum()


@case((X5, np.array([0, 0, 3])), second=True)
def at_of_unary_ufuncs(x, i):
    z = x * 1.0
    np.negative.at(z, i)
    np.sin.at(z, i)
    return (z**2).sum()


@case((A34, X3), second=True)
def add_at_of_matrix(a, x):
    b = a * 1.0
    np.add.at(b, ([0, 0, 2], [1, 1, 3]), x)
    np.add.at(b, (slice(None), [0, 0]), x[:, None])
    np.add.at(b, [1, 1], a[:2] * x[0])
    np.subtract.at(b, (0, [1, 1]), x[:2] ** 2)
    np.add.at(b, b > 1.0, x[0])
    return (b**2).sum()


@case((X5, Y5, 3), second=True)
def add_at_in_loop(x, y, n):
    z = np.zeros(5)
    i = np.array([0, 1, 1, 2, 0])
    for k in range(n):
        np.add.at(z, i, x * y[k])
        np.add.at(z, k, z[k + 1])
    return (z**2).sum()


@case((A34,), second=True)
def reduce_methods(a):
    s = np.add.reduce(a)
    t = np.add.reduce(a, axis=None)
    u = np.multiply.reduce(a, axis=1, keepdims=True)
    v = np.maximum.reduce(a, axis=(0, 1))
    w = np.minimum.reduce(a, 1)
    return (s**2).sum() + t + u.sum() * v + (w**2).sum() + np.subtract.reduce(a[0])


@case((A34,), second=True)
def other_reduce_methods(a):
    return np.logaddexp.reduce(a, axis=0).sum() + np.hypot.reduce(a[0]) + np.subtract.reduce(a, axis=1)[0]


@case((A34,), second=True)
def accumulate_methods(a):
    s = np.add.accumulate(a)
    t = np.multiply.accumulate(a, axis=1)
    u = np.maximum.accumulate(a[0])
    v = np.minimum.accumulate(a, axis=1)
    return (s**2).sum() + t.sum() + (u**2).sum() + (v**2).sum()


@case((X6,), second=True)
def reduceat_method(x):
    s = np.add.reduceat(x, [0, 2, 4])
    t = np.add.reduceat(x, [0, 3, 1, 5])
    return (s**2).sum() + (t**3).sum()


@case((X6,), second=True)
def other_reduceat_methods(x):
    return np.multiply.reduceat(x, [0, 2, 4]).sum() + np.maximum.reduceat(x, [0, 3]).sum()


@case((X5, A34), second=True)
def outer_methods(x, a):
    m = np.multiply.outer(x, a)
    d = np.divide.outer(a[0], x)
    return (m**2).sum() + d.sum() + np.power.outer(np.abs(x), [2.0, 3.0]).sum()


@case((X5, Y5), second=True)
def parts_of_numbers(x, y):
    f, i = np.modf(x * 3.0)
    return (f * y).sum()


@case((X5, Y5, np.zeros(5)), second=True)
def out_given_as_argument(x, y, work):
    for i in range(3):
        np.multiply(x, y, out=work)
        np.add(work, x, out=x)
    return (x**2).sum() + work[0]


def add_into(a, b, out=None):
    if out is None:
        out = np.empty_like(a)
    np.add(a, b, out=out)
    return out


@case((X5, Y5), second=True)
def out_through_callee(x, y):
    z = add_into(x, y)
    add_into(z, x * z, out=z)
    w = add_into(z[:2], y[:2], out=z[2:4])
    w *= 2.0
    return (z**2).sum()


@case((X5, Y5), second=True)
def out_is_none(x, y):
    return np.add(x, y, out=None).sum() + np.sum(x * y, out=None)


@case((X5, Y5), second=True)
def out_dtype_and_casting(x, y):
    z = np.zeros(5)
    np.add(x, y, out=z, casting="same_kind")
    np.multiply(x, z, z, dtype=np.float64)
    return (z**2).sum()


@case((X5, A34), second=True)
def appended_then_written(x, a):
    w = np.append(x, a[0])
    w[0] = w[-1]
    return (w**3).sum()


@case((X5,))
def deleted_and_inserted(x):
    return np.insert(np.delete(x, 1), 2, x[0] ** 2).sum()


@case((X6, A34), second=True)
def concatenate_into_its_arguments(x, a):
    y = x.copy()
    np.concatenate((y[3:], y[:3]), out=y)
    np.concatenate((a[1:], a[:1]), 0, out=a)
    z = np.concatenate([a[:, :1], a[:, :3]], axis=-1, out=a)
    return np.sum(y * y * x) + np.sum(np.concatenate((a, z * a), 1) ** 2)


@case((A34, X5[:4], 0.3), (np.asfortranarray(A34), X5[:4], 0.3), second=True)
def inserted_and_deleted(a, v, s):
    b = np.insert(a, [0, 2, 2], v, axis=0)
    c = np.insert(a, 1, v[:3], axis=1)
    d = np.insert(a, slice(0, 2), s, axis=-1)
    e = np.insert(v, [1, 3], [s, s * s])
    f = np.delete(a, np.array([True, False, True]), axis=0)
    g = np.delete(a, [1, -1])
    return np.sum(b**3) + np.sum(np.sin(c)) + np.sum(d**3) + np.sum(e**2) + np.sum(f**3) + np.sum(g**3 * e[0])
