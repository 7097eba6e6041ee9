"""Algorithms that work in place."""

from __future__ import annotations

import numpy as np

from ..data import A33, A34, S33, X3, X5, X6, Y5
from ..harness import case

M44 = np.array([[0.1, 2.0, -1.0, 0.5], [3.0, -0.4, 0.7, 1.0], [1.0, 0.3, 0.2, -2.0], [0.6, -1.0, 4.0, 0.9]])
V4 = np.array([1.0, -0.5, 0.3, 2.0])
V8 = np.array([0.3, -1.0, 0.7, 0.2, 1.5, -0.4, 0.9, -0.1])
G66 = np.sin(np.arange(36.0)).reshape(6, 6)


@case((M44, V4), (A33, X3), second=True)
def lu_with_pivoting_again(a, b):
    a = a.copy()
    b = b.copy()
    n = len(b)
    perm = np.arange(n)
    for k in range(n - 1):
        p = k + np.argmax(np.abs(a[k:, k]))
        if p != k:
            a[[k, p]] = a[[p, k]]
            b[[k, p]] = b[[p, k]]
            perm[[k, p]] = perm[[p, k]]
        a[k + 1 :, k] /= a[k, k]
        a[k + 1 :, k + 1 :] -= np.outer(a[k + 1 :, k], a[k, k + 1 :])
    for i in range(n):
        b[i] -= a[i, :i] @ b[:i]
    for i in range(n - 1, -1, -1):
        b[i] = (b[i] - a[i, i + 1 :] @ b[i + 1 :]) / a[i, i]
    return (b**2).sum() + np.prod(np.diag(a))


@case((M44,), (S33,), second=True)
def gauss_jordan(a):
    n = a.shape[0]
    m = np.hstack([a, np.eye(n)])
    for i in range(n):
        p = i + int(np.argmax(abs(m[i:, i])))
        m[[i, p]] = m[[p, i]]
        m[i] /= m[i, i]
        for j in range(n):
            if j != i:
                m[j] -= m[j, i] * m[i]
    inv = m[:, n:]
    return (inv**2).sum() + inv[0, 1]


@case((M44,), (A34[:, :3],), second=True)
def householder_qr(a):
    r = a.copy()
    m, n = r.shape
    q = np.eye(m)
    for k in range(min(m - 1, n)):
        v = r[k:, k].copy()
        v[0] += np.sign(v[0]) * np.linalg.norm(v)
        v /= np.linalg.norm(v)
        r[k:, k:] -= 2.0 * np.outer(v, v @ r[k:, k:])
        q[:, k:] -= 2.0 * np.outer(q[:, k:] @ v, v)
    return (q[:, 0] * np.arange(1.0, m + 1)).sum() + (np.triu(r) ** 3).sum()


@case((M44,), second=True)
def gram_schmidt_in_place(a):
    q = a.T.copy()
    for i in range(len(q)):
        for j in range(i):
            q[i] -= (q[j] @ q[i]) * q[j]
        q[i] /= np.sqrt(q[i] @ q[i])
    return (q * np.arange(16.0).reshape(4, 4)).sum()


@case((V8, V8[::-1].copy()), second=True)
def fft_in_place(x, y):
    z = x + 1j * y
    n = len(z)
    j = 0
    for i in range(1, n):
        bit = n >> 1
        while j & bit:
            j ^= bit
            bit >>= 1
        j |= bit
        if i < j:
            z[i], z[j] = z[j], z[i]
    size = 2
    while size <= n:
        w = np.exp(-2j * np.pi * np.arange(size // 2) / size)
        for s in range(0, n, size):
            a = z[s : s + size // 2].copy()
            b = z[s + size // 2 : s + size] * w
            z[s : s + size // 2] = a + b
            z[s + size // 2 : s + size] = a - b
        size *= 2
    return (np.abs(z) ** 2 * np.arange(n)).sum() + z[1].real * z[2].imag


@case((G66, 3), second=True)
def gauss_seidel_again(u, sweeps):
    u = u.copy()
    n, m = u.shape
    for _ in range(sweeps):
        for i in range(1, n - 1):
            for j in range(1, m - 1):
                u[i, j] = 0.25 * (u[i - 1, j] + u[i + 1, j] + u[i, j - 1] + u[i, j + 1] * u[i, j])
    return (u**2).sum()


@case((G66, 1.3), second=True)
def red_black(u, omega):
    u = u * 1.0
    for _ in range(2):
        for c in range(2):
            for i in range(1, 5):
                s = 1 + (i + c) % 2
                old = u[i, s:-1:2]
                new = 0.25 * (u[i - 1, s:-1:2] + u[i + 1, s:-1:2] + u[i, s - 1 : -2 : 2] + u[i, s + 1 :: 2])
                u[i, s:-1:2] = old + omega * (new - old) * old
    return (u**2).sum()


@case((G66, 1.3), second=True)
def red_black_by_slices(u, omega):
    u = u * 1.0
    for _ in range(2):
        for a, b in ((1, 1), (2, 2), (1, 2), (2, 1)):
            mid = u[a:-1:2, b:-1:2]
            mid += omega * (0.25 * (u[a - 1 : -2 : 2, b:-1:2] + u[a + 1 :: 2, b:-1:2]) - mid * mid)
    return (u**2).sum()


@case((G66, 0.1, 3), second=True)
def stencil_in_place(u, dt, n):
    u = u.copy()
    for _ in range(n):
        u[1:-1, 1:-1] += dt * (u[2:, 1:-1] + u[:-2, 1:-1] + u[1:-1, 2:] + u[1:-1, :-2] - 4 * u[1:-1, 1:-1] ** 2)
        u[0] = u[1]
        u[-1] = u[-2]
        u[:, 0], u[:, -1] = u[:, 1], u[:, -2]
    return (u**2).sum()


@case((V8, 0.3), second=True)
def lifting_wavelet(x, w):
    z = x * 1.0
    h = len(z)
    while h > 1:
        even, odd = z[:h:2], z[1:h:2]
        d = odd - even * w
        s = even + 0.5 * d * d
        z[: h // 2] = s
        z[h // 2 : h] = d
        h //= 2
    return (z**2 * np.arange(8)).sum()


@case((X6, 0.3), second=True)
def thomas(d, c):
    n = len(d)
    cp = np.zeros(n)
    dp = d.copy()
    cp[0] = c / 2.0
    dp[0] /= 2.0
    for i in range(1, n):
        m = 2.0 - c * cp[i - 1]
        cp[i] = c / m
        dp[i] = (dp[i] - c * dp[i - 1]) / m
    for i in range(n - 2, -1, -1):
        dp[i] -= cp[i] * dp[i + 1]
    return (dp**2).sum()


@case((S33,), second=True)
def jacobi_rotations(a):
    a = a.copy()
    for p in range(2):
        for q in range(p + 1, 3):
            t = 0.5 * np.arctan2(2 * a[p, q], a[q, q] - a[p, p])
            c, s = np.cos(t), np.sin(t)
            rp, rq = a[p].copy(), a[q].copy()
            a[p] = c * rp - s * rq
            a[q] = s * rp + c * rq
            a[:, p], a[:, q] = c * a[:, p] - s * a[:, q], s * a[:, p] + c * a[:, q]
    return (np.diag(a) ** 2).sum() + a[0, 1] ** 2


@case((X5, Y5), second=True)
def bubble_sort_again(x, w):
    x = x.copy()
    n = len(x)
    for i in range(n):
        for j in range(n - 1 - i):
            if x[j] > x[j + 1]:
                x[j], x[j + 1] = x[j + 1], x[j]
    return x @ w


@case((X5, Y5), second=True)
def insertion_sort(x, w):
    x = x * 1.0
    for i in range(1, len(x)):
        key = x[i]
        j = i - 1
        while j >= 0 and x[j] > key:
            x[j + 1] = x[j]
            j -= 1
        x[j + 1] = key
    return (x * w).sum()


@case((X6, 2), second=True)
def ring_buffer(x, m):
    ring = np.zeros(m)
    out = np.zeros_like(x)
    for i, v in enumerate(x):
        ring[i % m] = v * v
        out[i] = ring.sum() * ring[(i + 1) % m]
        ring *= 0.9
    return out.sum()


@case((V8, 3), second=True)
def leapfrog_buffers(u, n):
    old, new = u.copy(), np.empty_like(u)
    mid = u * 1.1
    for _ in range(n):
        new[1:-1] = 2.0 * mid[1:-1] - old[1:-1] + 0.1 * (mid[2:] - 2 * mid[1:-1] + mid[:-2]) * mid[1:-1]
        new[0], new[-1] = mid[1], mid[-2]
        old, mid, new = mid, new, old
    return (mid**2).sum()


@case((X5, X3), second=True)
def polynomial_division(u, v):
    u = u.copy()
    q = np.zeros(3)
    for k in range(3):
        q[k] = u[k] / v[0]
        u[k : k + 3] -= q[k] * v
    return (q**2).sum() + u[-1]


@case((M44,), second=True)
def floyd_warshall(d):
    d = np.abs(d)
    for k in range(4):
        d[:] = np.minimum(d, d[:, k, None] + d[None, k, :])
    return (d * np.arange(16.0).reshape(4, 4)).sum()


@case((M44, 0.1), second=True)
def matrix_power_buffers(a, s):
    p, t = np.eye(4), np.empty((4, 4))
    for _ in range(3):
        np.dot(p, a, out=t)
        t *= s
        p, t = t, p
    return np.trace(p) + p[0, 1] ** 2
