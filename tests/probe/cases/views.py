"""Views of every kind, written."""

from __future__ import annotations

import numpy as np

from ..data import A33, A34, B34, T234, X3, X5, X6, Y5
from ..harness import case

F34 = np.asfortranarray(A34)


@case((A34, B34), (F34, B34), second=True)
def transpose_written(a, b):
    c = a * 1.0
    c.T[...] = b.T * c.T
    c.T[1] = 2.0
    c.swapaxes(0, 1)[2] *= 3.0
    np.transpose(c)[3, 1:] += b[1:, 0]
    return (c**2).sum()


@case((T234,), second=True)
def axes_moved_written(t):
    u = t * 1.0
    np.moveaxis(u, 0, -1)[1, 2] = 3.0
    np.swapaxes(u, 0, 2)[1] *= 2.0
    u.transpose(1, 0, 2)[0] += 1.0
    np.rollaxis(u, 2)[0] **= 2
    return (u**2).sum()


@case((T234[:, :1],), second=True)
def squeeze_expand_written(t):
    u = t * 1.0
    v = np.squeeze(u, 1)
    v[0] *= 2.0
    u.squeeze(axis=1)[1] **= 2
    np.expand_dims(u, 0)[0, 0] -= 1.0
    return (u**2).sum()


@case((A34, 2.0), (F34, 2.0), second=True)
def flatten_copies(a, s):
    b = a * 1.0
    f = b.flatten()
    f[0] = s
    f *= 2.0
    b[0, 0] = f[1]
    return (b**2).sum() + (f**2).sum()


@case((A34, 2.0), (F34, 2.0), (A34[:, ::-1], 1.0), second=True)
def reshape_then_written(a, s):
    b = a * 1.0
    v = b.reshape(2, 6)
    b[0, 0] = s
    v[1] *= 2.0
    w = b.T.reshape(2, 6)
    w[0] -= s * b[0, 0]
    return (b**2).sum() + (v**2).sum() + (w**3).sum()


@case((X5, 2.0), second=True)
def asarray_aliases(x, s):
    z = x * 1.0
    a = np.asarray(z)
    a[0] = s
    b = np.asanyarray(z)
    b[1] *= s
    c = np.ascontiguousarray(z)
    c[2] = c[0] * c[1]
    d = np.array(z)
    d[3] = 100.0
    return (z**2).sum() + d.sum()


@case((X6, 2.0), second=True)
def ascontiguousarray_of_slice(x, s):
    z = x * 1.0
    c = np.ascontiguousarray(z[::2])
    c[0] = s
    c *= c
    z[2] = 5.0
    return (z**2).sum() + (c * z[0]).sum()


@case((A34, 2.0), (F34, 2.0), second=True)
def asfortran_of_matrix(a, s):
    b = a * 1.0
    f = np.asfortranarray(b)
    f[0, 1] = s
    b[1] *= f[1]
    return (b**2).sum() + (f**2).sum()


@case((X5, 2.0), second=True)
def atleast_written(x, s):
    z = x * 1.0
    a = np.atleast_1d(z)
    a[0] = s
    b = np.atleast_2d(z)
    b[0, 1] *= s
    c = np.atleast_3d(z)
    c[0, 2, 0] = z[0] * z[1]
    d = np.atleast_1d(s)
    d[0] = d[0] * z[3]
    return (z**2).sum() + d[0]


@case((A33,), second=True)
def diagonal_view(a):
    b = a * 1.0
    d = b.diagonal()
    b[0, 0] = 3.0 * b[1, 1]
    b[1] *= 2.0
    e = np.diag(b)
    b[2, 2] = d[0] * e[1]
    return (d**2).sum() + (e**2).sum() + (b**2).sum()


@case((X6,), second=True)
def split_written(x):
    z = x * 1.0
    a, b, c = np.split(z, 3)
    a[0] = 2.0 * b[1]
    b *= c
    parts = np.split(z, [2, 5])
    parts[1][0] = a[1] ** 2
    return (z**2).sum() + (b * a).sum()


@case((A34,), second=True)
def hsplit_written(a):
    b = a * 1.0
    left, right = np.hsplit(b, 2)
    left[...] = right * left
    right[0] = 1.0
    top, mid, low = np.vsplit(b, 3)
    low += top
    p, q = np.array_split(b, 2, axis=1)
    p *= q
    return (b**2).sum()


@case((X6,), second=True)
def split_in_loop(x):
    z = x * 1.0
    s = 0.0
    for part in np.split(z, 3):
        part *= part
        s += part[0] * part[1]
    return s + (z**2).sum()


@case((X6, X3), second=True)
def sliding_window(x, w):
    z = x * x
    v = np.lib.stride_tricks.sliding_window_view(z, 3)
    return ((v * w).sum(axis=1) ** 2).sum()


@case((X6, X3), second=True)
def sliding_window_then_written(x, w):
    z = x * x
    v = np.lib.stride_tricks.sliding_window_view(z, 3)
    z[2] = w[0]
    return ((v * w).sum(axis=1) ** 2).sum()


@case((X6,))
def strided(x):
    z = x * x
    v = np.lib.stride_tricks.as_strided(z, (4, 3), (8, 8))
    return (v**2).sum()


@case((X5,), second=True)
def broadcast_to_read(x):
    z = x * 1.0
    b = np.broadcast_to(z, (3, 5))
    z[0] = 2.0 * z[1]
    return (b**2).sum()


@case((A34, X5), second=True)
def flat_load_store(a, x):
    b = a * 1.0
    b.flat[3] = x[0]
    b.flat[5:10] = x
    b.flat[[0, 11]] = x[:2] * b.flat[1]
    s = 0.0
    for v in b.flat:
        s += v * v
    return s + (b.flat[::2] ** 2).sum()


@case((A34, 2.0), second=True)
def flat_whole(a, s):
    b = a * a
    b.flat = s
    b[0] = a[0]
    b.T.flat[1] *= s
    return (b**2).sum()


@case((A34,), second=True)
def flat_of_transpose(a):
    b = a * 1.0
    c = b.T
    c.flat[1] = 4.0
    return (b * a).sum() + c.flat[2] ** 2


@case((A34,), second=True)
def ndindex_loop(a):
    b = np.zeros_like(a)
    for i, j in np.ndindex(3, 4):
        b[i, j] = a[i, j] ** 2 * (i + 1)
    for idx in np.ndindex(*a.shape):
        b[idx] += a[idx]
    for idx in np.ndindex(a.shape):
        b[idx] *= 2.0
    return (b**2).sum()


@case((A34,), second=True)
def ndenumerate_loop(a):
    b = np.zeros_like(a)
    for idx, v in np.ndenumerate(a):
        b[idx] = v * v
    for (i, j), v in np.ndenumerate(a):
        b[i, j] += v * j
    return (b**2).sum()


@case((A34,))
def nditer_loop(a):
    s = 0.0
    for v in np.nditer(a):
        s += v * v
    return s


@case((X3, 2.0), second=True)
def real_and_imag_written(x, s):
    z = x * (1.0 + 2.0j)
    z.real[0] = s
    z.imag[1:] *= 3.0
    z.real += x
    r = z.real
    r[2] = s * r[1]
    z.imag = x
    return (np.abs(z) ** 2 * x).sum()


@case((X3, 2.0), second=True)
def real_of_complex_read_after_write(x, s):
    z = x * (1.0 + 1.0j)
    r, i = z.real, z.imag
    z[0] = s * 1j
    z *= z
    return (r**2).sum() + (r * i).sum()


@case((A34, 2.0), second=True)
def rows_by_iteration(a, s):
    b = a * 1.0
    for row in b:
        row[0] = s
        row *= row[1]
    for col in b.T:
        col -= col.sum()
    for i, row in enumerate(b):
        row[i] = row[i] ** 2
    return (b**3).sum()


@case((A34, B34), second=True)
def rows_zipped(a, b):
    c = a * 1.0
    for u, v in zip(c, b):
        u += v * u
        v = v * 2.0
        u[1:] -= v[:-1]
    return (c**2).sum()


@case((A34, 2.0), second=True)
def rows_unpacked(a, s):
    b = a * 1.0
    p, q, r = b
    p *= s
    q[:] = p * q
    r[0], r[1] = q[1], p[0]
    return (b**2).sum() + (p * r).sum()


@case((X5, Y5, 2), (X5, Y5, 3), second=True)
def view_chosen_in_loop(x, y, n):
    z = x * y
    v = z[1:]
    for i in range(n):
        v[i] = v[i] * x[i]
        v = z[i : i + 4]
    return (z**2).sum() + v[0]


@case((A34, True), (A34, False), (F34, True), (F34, False), second=True)
def reshape_by_condition(a, flag):
    b = a * 1.0
    c = b.T if flag else b
    v = c.reshape(-1)
    v[1:] *= v[:-1]
    return (b**2).sum() + (v * v[0]).sum()


@case((A34, 3), (F34, 3), second=True)
def ravel_carried_through_loop(a, n):
    b = a * 1.0
    v = b.ravel()
    for i in range(n):
        v[i] = v[i + 1] * 2.0
        v = b[:, i : i + 2].ravel()
    v *= 2.0
    return (b**2).sum() + (v**2).sum()


@case((A34, 3), (F34, 3), second=True)
def layout_swapped_in_loop(a, n):
    p, q = a * 1.0, np.asfortranarray(a * 2.0)
    for i in range(n):
        v = p.reshape(-1)
        v[i] = q[0, 0] * v[i + 1]
        p, q = q, p
    return (p**2).sum() + (q**3).sum()


def which_way(b, flag):
    if flag:
        return b.T.ravel()
    return b.ravel()


@case((A34, True), (A34, False), second=True)
def layout_returned(a, flag):
    b = a * 1.0
    v = which_way(b, flag)
    v[0] = 3.0 * v[1]
    return (b**2).sum() + (v**2).sum()


@case((X5,), second=True)
def flip_and_roll_written(x):
    z = x * 1.0
    np.flip(z)[0] = 2.0
    z[::-1][1] *= 3.0
    np.flipud(z)[2] -= x[0]
    r = np.roll(z, 1)
    r[0] = 9.0
    np.rot90(z[None])[1] += 1.0
    return (z**2).sum() + r.sum()


@case((A34,), second=True)
def view_method(a):
    b = a * 1.0
    v = b.view()
    v[0] = 2.0 * v[1]
    return (b**2).sum()


@case((X6,), second=True)
def base_and_shape(x):
    z = x * 1.0
    z.shape = (2, 3)
    z[1] *= z[0]
    z.shape = (6,)
    z[0] = z[5]
    return (z**2).sum()


@case((X6,), second=True)
def resize_in_place(x):
    z = x * 1.0
    z.resize((2, 3))
    z[1] *= z[0]
    y = np.resize(x, 8)
    y[7] = 2.0 * y[0]
    return (z**2).sum() + (y**3).sum()


@case((X6,), second=True)
def resize_larger(x):
    z = x * 1.0
    z.resize(8, refcheck=False)
    z[7] = z[0]
    return (z**2).sum()


@case((A34,), second=True)
def copy_orders(a):
    b = a.copy(order="F")
    v = b.ravel()
    v[0] = 3.0
    w = np.copy(a.T)
    w[0] = w[1]
    u = b.ravel(order="F")
    u[1] *= 2.0
    q = b.reshape(6, 2, order="F")
    q[0] -= 1.0
    return (b**2).sum() + (v**2).sum() + (w**2).sum() + (u * u).sum() + (q**2).sum()


@case((X5,), second=True)
def broadcast_arrays_read(x):
    p, q = np.broadcast_arrays(x[:, None], x[None, :])
    return (p * q * q).sum()


@case((A33,), second=True)
def view_of_view_of_view(a):
    b = a * 1.0
    v = b[1:].T[::-1][1:, :]
    v *= v
    v[0, 0] = b[0, 0] * 2.0
    w = v.T[0]
    w += b[0, :2]
    return (b**3).sum()
