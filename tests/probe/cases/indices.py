"""Indices of every kind, loaded and written."""

from __future__ import annotations

import numpy as np

from ..data import A33, A34, B34, T234, X3, X5, X6, Y3, Y5
from ..harness import case


@case((X6, X3), second=True)
def slice_with_step_written(x, y):
    z = x * 1.0
    z[::2] = y * y
    z[1::2] *= z[::2]
    z[-1:-4:-1] += y
    return (z**3).sum()


@case((X6, 0.5), second=True)
def negative_step_store(x, s):
    z = x * x
    z[::-1] = z * s
    z[-2] = z[-3] * z[1]
    z[4:1:-2] -= 2.0
    return (z * x).sum()


@case((X6, X6), second=True)
def slice_copied_onto_itself(x, y):
    z = x * y
    z[1:] = z[:-1]
    z[:-2] += z[2:]
    return (z**2).sum()


@case((A34, X3), second=True)
def none_and_ellipsis(a, x):
    b = a * a
    b[..., 0] = x
    b[..., None][1] *= 2.0
    v = b[None, ..., 1:]
    v[0, 0] += x[0]
    return (b**2).sum() + (x[:, None] * v[0]).sum()


@case((T234, 2.0), second=True)
def ellipsis_store(t, s):
    u = t * s
    u[..., 1] = u[..., 2] ** 2
    u[0, ..., 3] -= s
    u[1, ...] *= u[0]
    return u.sum()


@case((X5, Y5), second=True)
def repeated_index_load_store(x, y):
    i = np.array([0, 2, 2, 4, 0])
    z = x[i] * y
    z[i] = y * x[i]
    z[[1, 1]] += x[:2]
    return (z * y).sum()


@case((X5,), second=True)
def negative_integer_array(x):
    z = x * 2.0
    z[np.array([-1, -2])] = x[[0, -3]] ** 2
    return (z**2).sum()


@case((X5, Y5), second=True)
def mask_augmented(x, y):
    m = x > 0
    z = x * y
    z[m] += y[m]
    z[~m] *= x[~m] ** 2
    z[m] = z[m] ** 2
    return z.sum()


@case((X5, 0.5), second=True)
def mask_of_itself(x, s):
    z = x * 1.0
    z[z < 0] *= -s
    z[z > 1.0] = 1.0
    z[(z > 0.2) & (z < 0.6)] -= s
    return (z**2).sum()


@case((A34, B34), second=True)
def mask_of_matrix(a, b):
    c = a * 1.0
    m = a > 0
    c[m] = b[m] * c[m]
    c[~m] += 1.0
    c[m & (b > 0)] /= 3.0
    return (c**2).sum() + a[m].sum()


@case((A34, X3), second=True)
def mask_of_rows(a, x):
    c = a * 2.0
    m = x > 0
    c[m] = x[0]
    c[~m, 1] *= x[1]
    c[:, np.array([True, False, True, False])] **= 2
    return (c * a).sum()


@case((A34, X3), second=True)
def mask_with_slice(a, x):
    c = a + 1.0
    m = x > 0
    c[m, 1:] -= a[m, :-1] ** 2
    c[m, ::2] = 0.5 * c[m, 1::2]
    return (c**2).sum()


@case((T234, X3), second=True)
def mixed_indices(t, x):
    u = t * 1.0
    i = np.array([0, 2, 0])
    u[0, i] = t[1, [1, 1, 2]] * 2.0
    u[1, :, i] = x[:, None]
    u[:, i, 1:3] += 1.0
    return (u**2).sum() + u[:, [0, 1], [1, 1]].sum()


@case((T234,), second=True)
def advanced_indices_apart(t):
    u = t * 1.0
    v = u[[0, 1], :, [2, 3]]
    u[[0, 1], :, [0, 0]] = v**2
    u[0, :, [1, 2]] *= u[1, :, [1, 2]]
    return (u**2).sum()


@case((A34, X3), second=True)
def several_integer_arrays(a, x):
    b = a * a
    rows, cols = np.array([0, 1, 2]), np.array([1, 1, 3])
    b[rows, cols] = x
    b[rows, cols[::-1]] += x * b[rows, cols]
    b[rows[:, None], [0, 2]] *= 2.0
    return (b**2).sum()


@case((A34, B34), second=True)
def by_ix(a, b):
    c = a * 1.0
    c[np.ix_([0, 2], [1, 3])] = b[np.ix_([1, 2], [0, 0])]
    c[np.ix_([0, 1], [0, 2])] *= 3.0
    return (c * b).sum() + c[np.ix_([0, 1], [0, 2])].sum()


@case((A34, 2.0), second=True)
def by_where_tuple(a, s):
    c = a * s
    c[np.where(a > 0)] = 0.0
    i, j = np.where(a < 0)
    c[i, j] *= a[i, j]
    k = np.nonzero(a[0] > 0)
    c[1][k] = a[0][k] * 2.0
    return (c**2).sum() + c[np.nonzero(c)].sum()


@case((X5, X5), second=True)
def by_where_one(x, y):
    i = np.where(x > 0)[0]
    z = y * x
    z[i] = z[i] * x[i] + 1.0
    j = np.flatnonzero(x < 0)
    z[j] = 0.5
    k = np.argwhere(x > 0.6)
    z[k[:, 0]] -= y[k[:, 0]]
    return (z**2).sum()


@case((X5, Y3), second=True)
def lists_as_indices(x, y):
    z = x * 2.0
    z[[0, 1, 3]] = y
    z[[True, False, True, False, False]] += y[:2]
    return (z * z).sum() + z[[4, 4, 0]].sum()


@case((A34, 1), (A34, -1), second=True)
def index_of_int_variable(a, k):
    b = a * 1.0
    b[k, k] = 2.0 * b[k - 1, k]
    b[k] += b[0]
    b[:, k] **= 2
    b[k:, :k] *= 0.5
    return (b**2).sum()


@case((A33, np.array([2, 0, 1])), second=True)
def permuted(a, p):
    b = a[p]
    b[:, p] = a
    c = np.empty_like(b)
    c[p] = b
    return (b**2 * a).sum() + (c * a[:, p]).sum()


@case((A33, 0, 2), second=True)
def rows_swapped(a, i, j):
    b = a * 1.0
    b[[i, j]] = b[[j, i]]
    b[:, [0, 1]] = b[:, [1, 0]]
    return (b * np.arange(9.0).reshape(3, 3) * a).sum()


@case((A33, 0, 2), second=True)
def rows_swapped_by_copies(a, i, j):
    b = a * a
    b[i], b[j] = b[j].copy(), b[i].copy()
    t = b[0].copy()
    b[0] = b[1]
    b[1] = t
    return (b * np.arange(9.0).reshape(3, 3)).sum()


@case((A33, 0, 2), second=True)
def rows_swapped_wrongly(a, i, j):
    b = a * a
    b[i], b[j] = b[j], b[i]
    return (b * np.arange(9.0).reshape(3, 3)).sum()


@case((T234, 2.0), second=True)
def chained_indices(t, s):
    u = t * 1.0
    u[0][1] = s
    u[1][2][3] = s * s
    u[1][0][1:] *= u[0][0][:-1]
    u[0][[0, 2]][1] = 7.0
    u[1][1][[0, 1]] = u[0][2][[1, 0]]
    return (u**2).sum()


@case((X5, 2.0), second=True)
def whole_ellipsis(x, s):
    z = np.empty(5)
    z[...] = x
    z[:] = z * s
    z[()] = z**2
    z[...] += x
    return z[...].sum() + z[()].sum()


@case((np.array(1.5), 2.0), second=True)
def zero_dimensional_indices(x, s):
    y = x * 1.0
    z = np.array(s)
    z[()] = y * z
    z[...] += x[()]
    z += 1.0
    z *= x[...]
    return z[()] * 2.0


@case((X5, 2.0), second=True)
def zero_dimensional_view(x, s):
    y = x * 1.0
    v = y[2, ...]
    v[...] = s * y[1]
    v += 1.0
    w = y[3:4].reshape(())
    w[()] = v * 2.0
    return (y**2).sum() + v


@case((X5, np.array([0, 3, 3])), second=True)
def scatter_in_loop(x, idx):
    out = np.zeros(5)
    for i in range(3):
        out[idx] += x[idx] * (i + 1)
        out[idx[i]] += out[i]
    return (out**2).sum()


@case((X5, 0.3), (X5, -5.0), (X5, 5.0), second=True)
def masks_in_loop(x, c):
    z = x * 1.0
    for _ in range(3):
        m = z > c
        if m.any():
            z[m] = z[m] ** 2 * 0.5
        else:
            z[:] = z * c
    return z.sum()


@case((X5, 7), (X5, 2), second=True)
def index_array_of_unknown_size(x, n):
    idx = np.arange(n) % 5
    z = x[idx] * 2.0
    z[idx % len(z)] += 1.0
    w = np.zeros(5)
    w[idx] = z[0]
    return (z**2).sum() + (w * x).sum()


@case((X5,), second=True)
def slice_object(x):
    s = slice(1, 4)
    z = x * 1.0
    z[s] *= z[slice(None, 3)]
    return (z**2).sum() + x[s].sum()


@case((A34,), second=True)
def tuple_of_slices(a):
    inner = (slice(1, None), slice(None, -1))
    b = a * 2.0
    b[inner] *= a[inner]
    at = (0, 2)
    b[at] = a[at] ** 2
    b[np.s_[1:, 0]] = 1.0
    return (b**2).sum()


@case((A34, X3), second=True)
def newaxis_written(a, x):
    b = a * 1.0
    b[:, np.newaxis, 1] = x[:, None]
    b[np.newaxis][0, 2] -= 3.0
    return (b**2).sum()


@case((A33,), second=True)
def diagonal_indices(a):
    b = a * 1.0
    i = np.diag_indices(3)
    b[i] = b[i] ** 2
    b[np.diag_indices_from(b)] += 1.0
    b[np.tril_indices(3, -1)] = 0.0
    iu = np.triu_indices(3, 1)
    b[iu] *= a[iu]
    return (b**2).sum()


@case((X6, 3), second=True)
def out_of_order_slices(x, k):
    z = x * x
    z[:k] = z[k:]
    z[k:] = z[:k][::-1]
    z[k:k] = 9.0
    z[10:] = 4.0
    return (z * x).sum()


@case((X5, 3), second=True)
def slices_in_a_list(x, n):
    cuts = [slice(n), slice(1, n)]
    for i in range(2):
        cuts.append(slice(i, None, 2))
    s = 0.0
    for c in cuts:
        s += np.sum(x[c] ** 2)
    return s


@case((X5, 3))
def slices_in_a_dict(x, n):
    d = {"low": slice(0, n), "high": (slice(n, None),)}
    return np.sum(x[d["low"]] ** 2) * x[d["high"]][0]
