"""Textbook linear algebra by loops and in place."""

import numpy as np


def lu_pivot(A):
    A = A.copy()
    n = A.shape[0]
    piv = list(range(n))
    sign = 1.0
    for k in range(n - 1):
        p = k + int(np.argmax(np.abs(A[k:, k])))
        if p != k:
            A[[k, p]] = A[[p, k]]
            piv[k], piv[p] = piv[p], piv[k]
            sign = -sign
        for i in range(k + 1, n):
            A[i, k] /= A[k, k]
            A[i, k + 1:] -= A[i, k] * A[k, k + 1:]
    return A, piv, sign


def lu_solve_norm(A, b):
    LU, piv, sign = lu_pivot(A)
    n = len(b)
    x = b[piv]
    for i in range(n):
        x[i] -= LU[i, :i] @ x[:i]
    for i in reversed(range(n)):
        x[i] = (x[i] - LU[i, i + 1:] @ x[i + 1:]) / LU[i, i]
    logdet = np.sum(np.log(np.abs(np.diag(LU))))
    return x @ x + logdet


def cholesky_loops(A):
    n = len(A)
    L = np.zeros((n, n))
    for i in range(n):
        for j in range(i + 1):
            s = 0.0
            for k in range(j):
                s += L[i, k] * L[j, k]
            if i == j:
                L[i, j] = np.sqrt(A[i, i] - s)
            else:
                L[i, j] = (A[i, j] - s) / L[j, j]
    return 2 * np.sum(np.log(np.diag(L))) + L[n - 1, 0]


def householder_qr(A):
    m, n = A.shape
    R = A.copy()
    Q = np.eye(m)
    for k in range(n):
        x = R[k:, k]
        e = np.zeros_like(x)
        e[0] = np.copysign(np.linalg.norm(x), -x[0])
        v = x - e
        v = v / np.linalg.norm(v)
        R[k:] -= 2.0 * np.outer(v, v @ R[k:])
        Q[:, k:] -= 2.0 * np.outer(Q[:, k:] @ v, v)
    return np.sum(R[:n] ** 3) + Q[0, 1] * Q[1, 0]


def gram_schmidt(A):
    Q = []
    for a in A.T:
        v = a.copy()
        for q in Q:
            v -= np.dot(q, a) * q
        norm = np.linalg.norm(v)
        if norm < 1e-10:
            continue
        Q.append(v / norm)
    Q = np.array(Q).T
    return np.sum(Q[0] * np.arange(1.0, Q.shape[1] + 1))


def conjugate_gradient(M, b, tol=1e-8):
    A = 0.5 * (M + M.T)
    x = np.zeros_like(b)
    r = b - A @ x
    p = r.copy()
    rs = r @ r
    for k in range(len(b) * 2):
        Ap = A @ p
        alpha = rs / (p @ Ap)
        x += alpha * p
        r -= alpha * Ap
        new = r @ r
        if np.sqrt(new) < tol:
            break
        p = r + (new / rs) * p
        rs = new
    return x.sum() + x[0] * x[-1]


def power_iteration(A, iters=6):
    v = np.ones(A.shape[0])
    lam = 0.0
    for _ in range(iters):
        w = A @ v
        lam = np.max(np.abs(w))
        v = w / np.linalg.norm(w)
    return lam + v @ A @ v


def jacobi_rotations(A, sweeps=2):
    A = np.array(A)
    n = A.shape[0]
    for _ in range(sweeps):
        for p in range(n):
            for q in range(p + 1, n):
                if abs(A[p, q]) < 1e-12:
                    continue
                theta = 0.5 * np.arctan2(2 * A[p, q], A[q, q] - A[p, p])
                c, s = np.cos(theta), np.sin(theta)
                J = np.eye(n)
                J[p, p] = J[q, q] = c
                J[p, q] = s
                J[q, p] = -s
                A = J.T @ A @ J
    return np.sum(np.diag(A) ** 3)


def gauss_seidel(A, b, sweeps=4):
    n = len(b)
    x = np.zeros(n)
    for _ in range(sweeps):
        for i in range(n):
            sigma = 0.0
            for j in range(n):
                if j != i:
                    sigma += A[i][j] * x[j]
            x[i] = (b[i] - sigma) / A[i][i]
    return np.sum(x**2)


def thomas(lower, diag, upper, rhs):
    n = len(rhs)
    c = [0.0] * n
    d = [0.0] * n
    c[0] = upper[0] / diag[0]
    d[0] = rhs[0] / diag[0]
    for i in range(1, n):
        m = diag[i] - lower[i - 1] * c[i - 1]
        if i < n - 1:
            c[i] = upper[i] / m
        d[i] = (rhs[i] - lower[i - 1] * d[i - 1]) / m
    x = [0.0] * n
    x[-1] = d[-1]
    for i in range(n - 2, -1, -1):
        x[i] = d[i] - c[i] * x[i + 1]
    return sum(v**2 for v in x)


def determinant(M):
    """Laplace expansion over nested lists."""
    if len(M) == 1:
        return M[0][0]
    if len(M) == 2:
        return M[0][0] * M[1][1] - M[0][1] * M[1][0]
    total = 0.0
    for j in range(len(M)):
        minor = [row[:j] + row[j + 1:] for row in M[1:]]
        total += (-1) ** j * M[0][j] * determinant(minor)
    return total


def robust_cholesky(A, y):
    """A jitter is added until the factorisation succeeds."""
    jitter = 1e-6
    while True:
        try:
            L = np.linalg.cholesky(A + jitter * np.eye(len(A)))
            break
        except np.linalg.LinAlgError:
            jitter *= 10.0
            if jitter > 1e3:
                raise
    z = np.linalg.solve(L, y)
    return z @ z + 2 * np.log(np.diag(L)).sum()


def expm_taylor(A, terms=10):
    squarings = max(0, int(np.ceil(np.log2(max(1e-12, np.linalg.norm(A, 1))))) + 1)
    B = A / 2.0**squarings
    term = np.eye(A.shape[0])
    out = np.eye(A.shape[0])
    for k in range(1, terms):
        term = term @ B / k
        out += term
    for _ in range(squarings):
        out = out @ out
    return out[0, 1] + np.trace(out)


def strassen(A, B):
    n = A.shape[0]
    if n <= 1:
        return A * B
    h = n // 2
    a, b, c, d = A[:h, :h], A[:h, h:], A[h:, :h], A[h:, h:]
    e, f, g, i = B[:h, :h], B[:h, h:], B[h:, :h], B[h:, h:]
    p1 = strassen(a, f - i)
    p2 = strassen(a + b, i)
    p3 = strassen(c + d, e)
    p4 = strassen(d, g - e)
    p5 = strassen(a + d, e + i)
    p6 = strassen(b - d, g + i)
    p7 = strassen(a - c, e + f)
    top = np.hstack([p5 + p4 - p2 + p6, p1 + p2])
    bottom = np.hstack([p3 + p4, p1 + p5 - p3 - p7])
    return np.vstack([top, bottom])


def strassen_sum(A, B):
    C = strassen(A, B)
    return np.sum(C * C)
