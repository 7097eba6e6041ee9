"""Numerical programs."""

from __future__ import annotations

import numpy as np

from ..data import A33, A34, B33, P5, S33, X3, X5, Y3
from ..harness import case

OBS = np.array([0.3, 0.5, -0.1, 0.8, 1.1, 0.4])
XS = np.array([[0.5, 1.0], [-1.0, 0.3], [0.8, -0.7], [1.5, 0.2], [-0.2, -1.1], [0.1, 0.9]])
LABELS = np.array([1.0, 0.0, 1.0, 1.0, 0.0, 0.0])


@case((2.0, 1e-12), (7.5, 1e-3))
def newton_root(x, tol):
    y = x
    for _ in range(50):
        r = y * y - x
        if abs(r) < tol:
            return y * 10.0
        if r < 0.0:
            y = y + 0.1 * x
            continue
        y = y - r / (2.0 * y)
    return y


def spring(state, k):
    return np.array([state[1], -k * state[0] - 0.1 * state[1] ** 3])


@case((np.array([1.0, 0.2]), 1.3, 5))
def runge_kutta(y0, k, steps):
    y = y0
    h = 0.1
    for _ in range(steps):
        k1 = spring(y, k)
        k2 = spring(y + 0.5 * h * k1, k)
        k3 = spring(y + 0.5 * h * k2, k)
        k4 = spring(y + h * k3, k)
        y = y + h / 6.0 * (k1 + 2.0 * k2 + 2.0 * k3 + k4)
    return y @ y


@case((0.05, 0.3))
def kalman_filter(q, r):
    a = np.array([[1.0, 0.5], [0.0, 1.0]])
    h = np.array([[1.0, 0.0]])
    m = np.zeros(2)
    p = np.eye(2)
    ll = 0.0
    for z in OBS:
        m = a @ m
        p = a @ p @ a.T + q * np.eye(2)
        s = (h @ p @ h.T)[0, 0] + r
        gain = (p @ h.T)[:, 0] / s
        e = z - m[0]
        m = m + gain * e
        p = p - np.outer(gain, h[0] @ p)
        ll += -0.5 * (np.log(2.0 * np.pi * s) + e * e / s)
    return ll


@case((X5, 0.2, 4))
def heat_stencil(u0, k, steps):
    u = u0.copy()
    for _ in range(steps):
        inner = u[1:-1]
        inner += k * (u[2:] - 2.0 * inner + u[:-2]) * inner
    return np.sum(u**2)


@case((X5, 0.2, 3))
def heat_by_loops(u0, k, steps):
    u = u0.copy()
    v = np.zeros_like(u)
    for _ in range(steps):
        for i in range(1, len(u) - 1):
            v[i] = u[i] + k * (u[i + 1] - 2.0 * u[i] + u[i - 1])
        for i in range(1, len(u) - 1):
            u[i] = v[i]
    return (u * u).sum()


@case(S33)
def cholesky_by_loops(a):
    n = a.shape[0]
    l = np.zeros((n, n))  # noqa: E741
    for j in range(n):
        s = a[j, j]
        for k in range(j):
            s -= l[j, k] ** 2
        l[j, j] = np.sqrt(s)
        for i in range(j + 1, n):
            s = a[i, j]
            for k in range(j):
                s -= l[i, k] * l[j, k]
            l[i, j] = s / l[j, j]
    return l.sum() + l[2, 0] ** 2


@case((A33, X3))
def lu_in_place(a0, b):
    a = a0.copy()
    x = b.copy()
    n = len(b)
    for k in range(n):
        for i in range(k + 1, n):
            a[i, k] /= a[k, k]
            for j in range(k + 1, n):
                a[i, j] -= a[i, k] * a[k, j]
    for i in range(n):
        for j in range(i):
            x[i] -= a[i, j] * x[j]
    for i in range(n - 1, -1, -1):
        for j in range(i + 1, n):
            x[i] -= a[i, j] * x[j]
        x[i] /= a[i, i]
    return (x * x).sum()


@case((A33, X3))
def gauss_with_pivoting(a0, b0):
    a, b = a0[::-1].copy(), b0.copy()
    n = len(b)
    for k in range(n):
        p = k
        for i in range(k + 1, n):
            if abs(a[i, k]) > abs(a[p, k]):
                p = i
        if p != k:
            for j in range(n):
                t = a[k, j]
                a[k, j] = a[p, j]
                a[p, j] = t
            b[k], b[p] = b[p], b[k]
        for i in range(k + 1, n):
            f = a[i, k] / a[k, k]
            for j in range(k, n):
                a[i, j] -= f * a[k, j]
            b[i] -= f * b[k]
    x = np.zeros(n)
    for i in range(n - 1, -1, -1):
        x[i] = (b[i] - a[i, i + 1 :] @ x[i + 1 :]) / a[i, i]
    return x.sum()


@case(X5)
def bubble_sort(x):
    a = x.copy()
    n = len(a)
    for i in range(n):
        swapped = False
        for j in range(n - 1 - i):
            if a[j] > a[j + 1]:
                a[j], a[j + 1] = a[j + 1], a[j]
                swapped = True
        if not swapped:
            break
    return a[0] * a[1] + a[2] * 3.0 + a[4] ** 2


@case((B33, A34, np.array([0, 2, 1, 3, 0])))
def hmm_forward(trans, emit, obs):
    t = np.exp(trans) / np.exp(trans).sum(axis=1, keepdims=True)
    e = np.exp(emit) / np.exp(emit).sum(axis=1, keepdims=True)
    alpha = np.ones(3) / 3.0 * e[:, obs[0]]
    ll = 0.0
    for k in obs[1:]:
        alpha = (alpha @ t) * e[:, k]
        c = alpha.sum()
        ll += np.log(c)
        alpha = alpha / c
    return ll


@case((np.array([0.3, -0.5]), 0.1))
def logistic_regression(w, b):
    loss = 0.0
    for i in range(XS.shape[0]):
        z = XS[i] @ w + b
        p = 1.0 / (1.0 + np.exp(-z))
        loss -= LABELS[i] * np.log(p) + (1.0 - LABELS[i]) * np.log(1.0 - p)
    return loss / len(LABELS)


@case((np.array([0.3, -0.5]), 0.1), second=True)
def logistic_regression_vectorised(w, b):
    z = XS @ w + b
    return np.mean(np.logaddexp(0.0, z) - LABELS * z) + 0.01 * (w @ w)


@case(
    (
        A34[:2].T @ np.ones((2, 2)) * 0.1 + 0.2,
        np.array([0.1, -0.1]),
        np.array([[0.5], [-0.4]]),
        np.array([0.2]),
    )
)
def mlp(w1, b1, w2, b2):
    h = np.tanh(np.hstack([XS, XS**2]) @ w1 + b1)
    y = h @ w2 + b2
    return ((y[:, 0] - LABELS) ** 2).mean()


@case((0.1, np.array([0.5, -0.5])))
def gradient_descent_inside(lr, w0):
    w = w0
    for _ in range(5):
        r = XS @ w - LABELS
        w = w - lr * XS.T @ r / 6.0
    return ((XS @ w - LABELS) ** 2).sum()


@case((np.array([1.0, 0.0, -0.5]), 0.9))
def linear_recurrence(x, a):
    s = np.zeros(4)
    for t in range(3):
        s[t + 1] = a * s[t] + x[t]
    return s[-1] * s[1]


@case((P5, 2.0))
def horner(c, x):
    y = 0.0
    for k in range(len(c)):
        y = y * x + c[k]
    return y


@case((X3, Y3))
def n_body_energy(x, y):
    n = len(x)
    e = 0.0
    for i in range(n):
        for j in range(i + 1, n):
            d = np.sqrt((x[i] - x[j]) ** 2 + (y[i] - y[j]) ** 2 + 0.01)
            e -= 1.0 / d
    return e


@case((0.5, 1.5))
def bisection(a, b):
    lo, hi = a, b
    for _ in range(6):
        mid = 0.5 * (lo + hi)
        if mid**3 - 1.2 > 0.0:
            hi = mid
        else:
            lo = mid
    return lo * hi


@case((np.array([0.2, 0.4, 0.9]), 1.3))
def trapezoid_by_loop(x, k):
    s = 0.0
    for i in range(len(x) - 1):
        s += 0.5 * (np.exp(-k * x[i]) + np.exp(-k * x[i + 1])) * (x[i + 1] - x[i])
    return s


@case((X5, Y3))
def convolution_by_loops(x, k):
    n, m = len(x), len(k)
    y = np.zeros(n - m + 1)
    for i in range(n - m + 1):
        for j in range(m):
            y[i] += x[i + j] * k[j]
    return (y**2).sum()


@case((X5, P5))
def dynamic_time_warping(x, y):
    n, m = len(x), len(y)
    d = np.full((n + 1, m + 1), 1e3)
    d[0, 0] = 0.0
    for i in range(1, n + 1):
        for j in range(1, m + 1):
            cost = (x[i - 1] - y[j - 1]) ** 2
            d[i, j] = cost + min(d[i - 1, j], d[i, j - 1], d[i - 1, j - 1])
    return d[n, m]


@case((np.array([0.1, 0.5, 0.3]), 0.7))
def leapfrog(q, dt):
    p = np.zeros_like(q)
    for _ in range(4):
        p -= 0.5 * dt * np.sin(q)
        q = q + dt * p
        p -= 0.5 * dt * np.sin(q)
    return 0.5 * (p @ p) - np.cos(q).sum()


@case((A34, np.array([1.0, 2.0, 0.5, -1.0])))
def power_iteration(a, v0):
    m = a.T @ a
    v = v0
    for _ in range(4):
        v = m @ v
        v = v / np.linalg.norm(v)
    return v @ m @ v


@case((np.array([0.5, -0.3, 0.8, 0.1]),))
def fft_like_butterfly(x):
    re = x.copy()
    n = len(x)
    step = 1
    while step < n:
        for start in range(0, n, 2 * step):
            for k in range(start, start + step):
                a, b = re[k], re[k + step]
                re[k] = a + b
                re[k + step] = (a - b) * 0.5
        step *= 2
    return (re**3).sum()
