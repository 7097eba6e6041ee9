"""Views or copies, as the layout decides."""

from __future__ import annotations

import numpy as np

from ..data import A34, S33, X5, X6
from ..harness import case

A45 = np.arange(20.0).reshape(4, 5) / 7 - 1
A44 = np.arange(16.0).reshape(4, 4) / 7 - 1
F34 = np.asfortranarray(A34)


@case(
    (A44,),
    (A45,),
    (A44[:, ::2],),
    (A45[:, ::2],),
    (np.asfortranarray(A44),),
    (A44.T,),
    (np.zeros((0, 3)),),
    second=True,
)
def ravel_of_slice(a):
    b = a * 1.0
    v = b[:, ::2].reshape(-1)
    v[...] = v * 2.0 + v**2
    b[0:1, 0:1] += 1.0
    return np.sum(b**3) + np.sum(v**2)


@case((A44,), (A45,), (A44[:, ::2],), (np.asfortranarray(A44),), (A44.T,), second=True)
def ravel_of_argument(a):
    v = a.reshape(-1)
    v *= v
    w = np.ravel(a)
    w[0] = w[1] * v[2]
    return np.sum(a**2) + np.sum(v * v[0])


@case((A34,), (F34,), second=True)
def reshape_in_loop(a):
    x = np.zeros_like(a)
    s = 0.0
    for i in range(2):
        v = x.reshape(-1)
        v += (a * (i + 1)).ravel()
        w = x.T.reshape(4, 3)
        w[i] *= 2.0
        s += np.sum(x * w.T) + v[3]
    return s


@case((A34,), (F34,), second=True)
def reshape_known(a):
    x = np.zeros((3, 4))
    v = x.reshape(12)
    u = v.reshape(2, 6)
    x[0] = a[1]
    u[1] = np.sin(a[2, 0]) * u[0]
    return np.sum(v**3) + u[0, 1]


@case((X6,), second=True)
def asarray_written(x):
    y = np.asarray(x)
    y[0] = y[1] * 2.0
    z = np.asarray([x[0], x[1], x[2]])
    z[1] = z[0] * z[2]
    w = np.atleast_1d(x[3])
    w[0] = w[0] ** 2
    return np.sum(y**2) + z[1] + w[0]


@case((A34,), (F34,), second=True)
def ravel_by_condition(a):
    x = a * 1.0
    if a[0, 0] > 100.0:
        v = x.ravel()
    else:
        v = x.T.ravel()
    v[0] = v[1] * 3.0
    return np.sum(x**2) + v[0] * v[5]


@case((A34,), (F34,), second=True)
def pingpong_reshaped(a):
    p = np.zeros(12)
    q = a.reshape(12) * 1.0
    for i in range(3):
        p[1:] = q[:-1] * 2.0
        p, q = q, p
    m = p.reshape(3, 4)
    m[0] += a[1] ** 2
    return np.sum(m**2) + np.sum(q)


def callee_ravel(b, k):
    v = b.ravel()
    v[k] = v[k] ** 2
    return v.sum()


@case((A34,), (F34,), second=True)
def ravel_in_callee(a):
    b = a * 2.0
    s = callee_ravel(b, 3) + callee_ravel(b.T, 2)
    return s + np.sum(b**2)


@case((A34,), (F34,))
def real_then_written(a):
    d = np.diagonal(a).copy()
    a[0, 0] = 3.0
    return d.sum() * a[1, 1]


@case((S33,), second=True)
def log_det_by_cholesky_in_place(a):
    c = a.copy()
    n = len(c)
    for j in range(n):
        c[j, j] = np.sqrt(c[j, j] - c[j, :j] @ c[j, :j])
        for i in range(j + 1, n):
            c[i, j] = (c[i, j] - c[i, :j] @ c[j, :j]) / c[j, j]
    return 2.0 * np.sum(np.log(np.diag(c))) + np.sum(c.diagonal(1) ** 2) + np.diag(np.diag(c))[1, 1]


@case((X5,), second=True)
def real_written(x):
    z = x * (1.0 + 2.0j)
    r = np.real(z)
    z[1] = z[2] * z[0]
    y = np.real(x)
    x[0] = 2.0 * x[1]
    return np.sum(r * r) + np.sum(np.real(z)) + y[0] * y[2]


@case((A34,), (F34,), (A45[:3, :4] + 0.01,), second=True)
def order_of_copies(a):
    b, c, d = a.copy(), np.copy(a), np.sqrt(a * a) + 1.0
    r, q, s = b.ravel("F"), c.ravel(), d.T.reshape(-1)
    r *= r
    q *= q
    s[0] *= d[0, 1]
    return np.sum(b * c[::-1] * d)


def _square(y):
    r = y.reshape(-1)
    r *= r
    q = y.T.reshape(2, 6)
    q *= q


@case((A34, A34 + 1.0), (F34, F34 + 1.0), (F34, A34 + 1.0), second=True)
def reshaped_by_callee(a, b):
    y, z, w = a + b, a - 1.0, np.where(b > 1.0, a, 1.0)
    _square(y)
    _square(z)
    _square(w)
    return np.sum(y * z * w)


@case((A34,), second=True)
def astype_without_copy(a):
    b = a * 1.0
    c = b.astype(float, copy=False)
    c *= 2.0
    return np.sum(b * c).astype(float)
