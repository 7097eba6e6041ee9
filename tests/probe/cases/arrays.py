"""Creation, shape, joining, indexing without writes."""

from __future__ import annotations

import numpy as np

from ..data import A33, A34, B34, T234, X3, X5, X6, Y3, Y5
from ..harness import case


@case(X6)
def reshape(x):
    return (x.reshape(2, 3) @ x.reshape(3, 2)).sum() + np.reshape(x, (3, -1))[1, 0]


@case(A34)
def ravel_and_flatten(a):
    return (a.ravel() * a.flatten()[::-1]).sum() + np.ravel(a)[3]


@case(A34)
def transpose(a):
    return (a.T @ a).sum() + np.transpose(a)[2, 1] * a.transpose()[0, 0]


@case(T234)
def transpose_axes(t):
    return (np.transpose(t, (2, 0, 1))[1] ** 2).sum() + np.swapaxes(t, 0, 2)[3, 1, 0] + np.moveaxis(t, 0, -1).sum()


@case((X3, Y3))
def concatenate(x, y):
    z = np.concatenate([x, y * 2.0, x])
    return (z * z).sum() * z[4]


@case((A34, B34))
def concatenate_axis(a, b):
    return (np.concatenate((a, b), axis=1) ** 2).sum() + np.vstack([a, b])[4, 1] * np.hstack([a, b])[0, 5]


@case((X3, Y3))
def stack(x, y):
    m = np.stack([x, y])
    n = np.stack((x, y), axis=1)
    return (m @ n).sum() + np.column_stack([x, y])[1, 1]


@case((X3, Y3))
def append_and_split(x, y):
    z = np.append(x, y)
    a, b = np.split(z, 2)
    return (a * b).sum()


@case((1.2, 0.4))
def array_of_scalars(x, y):
    v = np.array([x, x * y, np.sin(y)])
    return (v * v).sum()


@case((1.2, 0.4))
def matrix_of_scalars(a, b):
    m = np.array([[np.cos(a), -np.sin(a)], [b, 1.0]])
    return (m @ np.array([a, b])).sum()


@case((X3, Y3))
def array_of_arrays(x, y):
    return (np.array([x, y]) ** 2).sum(axis=0)[1]


@case(X3)
def broadcast_to(x):
    return (np.broadcast_to(x, (4, 3)) ** 2).sum()


@case(X3)
def expand_and_squeeze(x):
    y = np.expand_dims(x, 0)
    return (y.T @ y).sum() + np.squeeze(y)[1] + np.atleast_2d(x).sum()


@case((X3, 2.0))
def creation(x, s):
    return (np.ones(3) * x + np.full(3, s) * np.arange(3) + np.eye(3)[1] * x).sum() + np.full_like(x, s).sum()


@case((0.5, 2.0))
def linspace(a, b):
    return (np.linspace(a, b, 5) ** 2).sum()


@case((X3, Y3))
def outer_and_kron(x, y):
    return (np.outer(x, y) ** 2).sum() + np.kron(x, y)[4]


@case(A33)
def diagonal(a):
    return np.diag(a).sum() * np.trace(a) + np.diag(a[0])[1, 1] + np.diagonal(a)[2]


@case(A33)
def triangles(a):
    return (np.tril(a) * np.triu(a)).sum() + np.tril(a, -1).sum() ** 2


@case((A34, np.array([2, 0, 1])))
def take(a, i):
    return (np.take(a, i, axis=1) ** 2).sum() + a[i].sum() * a[i, i].sum()


@case(X5)
def slices(x):
    return (x[1:] * x[:-1]).sum() + x[::2].sum() * x[::-1][0] + x[-2]


@case(A34)
def mixed_index(a):
    return (a[1] * a[:, 1:3][2, 0]).sum() + a[..., -1].sum() * a[0, None, 1:].sum()


@case((A34, 1))
def index_by_variable(a, i):
    j = i + 1
    return a[i, j] * a[j, i : i + 2].sum()


@case(X5)
def flip_and_roll(x):
    return (np.flip(x) * np.roll(x, 2)).sum() + (x[::-1] * x).sum()


@case(X3)
def repeat_and_tile(x):
    return (np.repeat(x, 2) * np.tile(x, 2)).sum()


@case(X3)
def pad(x):
    return (np.pad(x, 1) ** 2).sum() + np.pad(x, (1, 2))[2]


@case((X3, Y3))
def meshgrid(x, y):
    a, b = np.meshgrid(x, y)
    return (a * b**2).sum()


@case(X5)
def asarray_and_copy(x):
    y = np.asarray(x)
    z = np.array(x, copy=True)
    return (y * z * np.copy(x)).sum()


@case((X5, Y5))
def interpolate_by_hand(x, y):
    k = int(np.floor(2.3))
    t = 2.3 - k
    return (1.0 - t) * x[k] + t * y[k + 1]


@case(X5)
def item_and_float(x):
    return x[0].item() * float(x[1]) + x.item(2)


@case(X5)
def shape_arithmetic(x):
    n = x.shape[0]
    return x.sum() / n + len(x) * x[n - 1] + x.size


@case(X5)
def ones_like_times(x):
    return (np.ones_like(x) * x + np.zeros_like(x)).sum() * np.empty_like(x).size


@case((X5, Y5))
def convolve(x, y):
    return (np.convolve(x, y) ** 2).sum()


@case((X3, Y3))
def cross(x, y):
    return (np.cross(x, y) ** 2).sum()


@case((0.8, X3), second=True)
def stacks_of_lists(a, x):
    rows, tables, numbers = [], [], []
    for i in range(3):
        rows.append(x * a**i)
        tables.append(np.outer(x, x) * a**i)
        numbers.append(a**i)
    out = 0.0
    for xs in (rows, tables, numbers):
        out += (np.vstack(xs) ** 2)[1, 0] + (np.hstack(xs) ** 2).sum() + np.column_stack(xs)[0].sum()
        out += (np.dstack(xs) ** 3)[0, 0, 1]
    return out


@case((0.8, X3), second=True)
def stacked_by_subscript(a, x):
    table = np.c_[x, x * a, np.outer(x, x)]
    flat = np.r_[0.0, x, a, 1:4, [a, 2.0]]
    return (flat**2)[np.r_[1:3, 0]].sum() + np.r_[table, table * a][-1].sum() + np.c_[x][0, 0] * flat[-2]


@case((0.8, X3), second=True)
def limits_of_floats(a, x):
    nodes, weights = np.polynomial.legendre.leggauss(3)
    eps = np.finfo(x.dtype).eps + np.finfo(float).tiny
    return (x / (a + eps)).sum() * (weights @ np.sin(a * nodes) ** 2) + np.kaiser(3, 2.0) @ x
