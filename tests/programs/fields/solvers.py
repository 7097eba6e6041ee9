"""Equations, eigenvalues, quadrature, stiff systems."""

from __future__ import annotations

import numpy as np


def lu_factor(A):
    """Doolittle with partial pivoting; returns LU packed and the permutation."""
    A = np.array(A, dtype=float)
    n = A.shape[0]
    piv = list(range(n))
    sign = 1
    for k in range(n - 1):
        p = max(range(k, n), key=lambda i: abs(A[i, k]))
        if p != k:
            A[[k, p]] = A[[p, k]]
            piv[k], piv[p] = piv[p], piv[k]
            sign = -sign
        if A[k, k] == 0.0:
            raise np.linalg.LinAlgError("singular")
        for i in range(k + 1, n):
            A[i, k] /= A[k, k]
            A[i, k + 1 :] -= A[i, k] * A[k, k + 1 :]
    return A, piv, sign


def lu_solve(LU, piv, b):
    n = len(b)
    x = b[piv].astype(float)
    for i in range(n):
        x[i] -= LU[i, :i] @ x[:i]
    for i in reversed(range(n)):
        x[i] = (x[i] - LU[i, i + 1 :] @ x[i + 1 :]) / LU[i, i]
    return x


def lu_program(A, b):
    LU, piv, sign = lu_factor(A)
    x = lu_solve(LU, piv, b)
    det = sign * np.prod(np.diag(LU))
    return x @ x + np.log(abs(det))


def qr_eigen(A, iters=5):
    T = A.copy()
    n = T.shape[0]
    I = np.eye(n)
    for k in range(iters):
        mu = T[-1, -1]
        Q, Rm = np.linalg.qr(T - mu * I)
        T = Rm @ Q + mu * I
    return np.sort(np.diag(T))[::-1] @ np.arange(1.0, n + 1)


def robertson(y, k):
    r1, r2, r3 = k[0] * y[0], k[1] * y[1] * y[2], k[2] * y[1] ** 2
    return np.array([-r1 + r2, r1 - r2 - r3, r3])


def robertson_jac(y, k):
    return np.array(
        [
            [-k[0], k[1] * y[2], k[1] * y[1]],
            [k[0], -k[1] * y[2] - 2 * k[2] * y[1], -k[1] * y[1]],
            [0.0, 2 * k[2] * y[1], 0.0],
        ]
    )


def stiff_kinetics(k, h=0.1):
    y = np.array([1.0, 0.0, 0.0])
    n_implicit = 0
    for step in range(6):
        J = robertson_jac(y, k)
        rho = np.max(np.sum(np.abs(J), axis=1))
        if h * rho < 0.5:
            y = y + h * robertson(y, k)
        else:
            n_implicit += 1
            z = y.copy()
            for it in range(10):
                res = z - y - h * robertson(z, k)
                dz = np.linalg.solve(np.eye(3) - h * robertson_jac(z, k), res)
                z -= dz
                if np.abs(dz).max() < 1e-10:
                    break
            y = z
    return y @ np.array([1.0, 10.0, 2.0]) + 0 * n_implicit


def gauss_legendre(n):
    x = np.cos(np.pi * (np.arange(1, n + 1) - 0.25) / (n + 0.5))
    for _ in range(10):
        p0, p1 = np.ones(n), x.copy()
        for k in range(2, n + 1):
            p0, p1 = p1, ((2 * k - 1) * x * p1 - (k - 1) * p0) / k
        dp = n * (x * p1 - p0) / (x**2 - 1)
        x = x - p1 / dp
    return x, 2 / ((1 - x**2) * dp**2)


def planck_fraction(lo, hi):
    x, w = gauss_legendre(5)
    nodes, weights = np.polynomial.legendre.leggauss(4)

    def integral(f, a, b, xs, ws):
        mid, half = 0.5 * (a + b), 0.5 * (b - a)
        return half * np.dot(ws, f(mid + half * xs))

    planck = lambda u: u**3 / np.expm1(u)
    return integral(planck, lo, hi, x, w) + 0.1 * integral(np.sin, lo, hi, nodes, weights)


def durand_kerner(coeffs):
    n = len(coeffs) - 1
    c = [a / coeffs[0] for a in coeffs]
    roots = [(0.4 + 0.9j) ** k for k in range(n)]
    for _ in range(30):
        new = []
        for i, r in enumerate(roots):
            num = 0j
            for a in c:
                num = num * r + a
            den = 1.0
            for j, s in enumerate(roots):
                if i != j:
                    den *= r - s
            new.append(r - num / den)
        if max(abs(a - b) for a, b in zip(new, roots)) < 1e-13:
            roots = new
            break
        roots = new
    return sum(abs(r) for r in roots)
