"""Products and linear algebra."""

from __future__ import annotations

import numpy as np

from ..data import A33, A34, A43, B33, B34, S33, T234, X3, X5, Y3
from ..harness import case


@case((A34, A43), second=True)
def matmul(a, b):
    return (a @ b).sum() + np.trace(b @ a) ** 2


@case((A33, X3, Y3))
def matrix_vector(a, x, y):
    return x @ a @ y + (a @ x).dot(y) + (y @ a).sum()


@case((T234, A43))
def batched_matmul(t, b):
    return (t @ b).sum() + (np.matmul(t, b)[1] ** 2).sum()


@case((A34, A43))
def dot_of_matrices(a, b):
    return (np.dot(a, b) ** 2).sum() + np.inner(a, b.T)[0, 1]


@case((A34, B34))
def einsum(a, b):
    return np.einsum("ij,ij->", a, b) + np.einsum("ij,kj->ik", a, b)[0, 2] + np.einsum("ij->j", a)[1]


@case((A34, A43, X3))
def einsum_chain(a, b, x):
    return np.einsum("ij,jk,k->i", a, b, x).sum() + np.einsum("i,i", x, x) + np.einsum("ii", a @ b)


@case((T234, B34))
def tensordot(t, b):
    return np.tensordot(t, b, axes=2).sum() + (np.tensordot(t, b, axes=([1], [0])) ** 2).sum()


@case((A33, X3), second=True)
def solve(a, b):
    return (np.linalg.solve(a, b) ** 2).sum()


@case((A33, B33))
def solve_matrix(a, b):
    return (np.linalg.solve(a, b) * b).sum()


@case(A33)
def inverse(a):
    return (np.linalg.inv(a) ** 2).sum()


@case(A33)
def determinant(a):
    return np.linalg.det(a) ** 2


@case(A33)
def log_determinant(a):
    sign, logdet = np.linalg.slogdet(a)
    return sign * logdet


@case(B33)
def cholesky(b):
    s = b @ b.T + 2.0 * np.eye(3)
    c = np.linalg.cholesky(s)
    return np.log(np.diag(c)).sum() + c[2, 0] ** 2


@case(B33)
def symmetric_eigenvalues(b):
    w, v = np.linalg.eigh(b + b.T)
    return (w**2 * np.arange(3.0)).sum() + (v**2)[0, 1]


@case(A34)
def singular_values(a):
    return np.linalg.svd(a, compute_uv=False)[1]


@case((X3, Y3, A33))
def quadratic_form(x, y, a):
    d = x - y
    return 0.5 * d @ np.linalg.inv(a @ a.T + np.eye(3)) @ d


@case((A33, X3))
def matrix_power(a, x):
    return (np.linalg.matrix_power(a, 3) @ x).sum()


@case((S33, X3))
def gaussian_log_density(s, x):
    c = s + np.eye(3)
    return -0.5 * x @ np.linalg.solve(c, x) - 0.5 * np.linalg.slogdet(c)[1]


@case((A43, np.array([1.0, 0.5, -0.3, 2.0])))
def least_squares_by_normal_equations(a, b):
    w = np.linalg.solve(a.T @ a, a.T @ b)
    r = a @ w - b
    return r @ r


@case((X5, np.array([0.3, -0.2, 0.5])))
def polynomial(x, c):
    y = np.zeros_like(x)
    for k in range(len(c)):
        y = y * x + c[k]
    return (y**2).sum() + np.polyval(c, x).sum()


@case(S33, second=True)
def factors_written(a):
    w, v = np.linalg.eigh(a)
    w[0] *= 2.0
    v[:, 0] *= w[1]
    u, s, vt = np.linalg.svd(a, full_matrices=False)
    s[-1] = 0.0
    vt[-1, :] *= -1
    return (v * w).sum() ** 2 + ((u * s) @ vt)[0, 1] + (u @ vt)[1, 2]


@case(A33)
def named_factors_written(a):
    f = np.linalg.svd(a, full_matrices=False)
    f.S[0] *= 3.0
    return (f.U @ np.diag(f.S) @ f.Vh)[0, 1] + f.S[0]


@case(A33)
def gradients_written(a):
    across, down = np.gradient(a)
    across += down * a
    return (across**2).sum()


@case(S33, second=True)
def square_singular_vectors(a):
    u, s, vt = np.linalg.svd(a)
    return (vt.T @ u.T)[0, 1] + s[1] * vt[-1, 0] ** 2


@case(A34, A43, second=True)
def vector_without_singular_value(a):
    u, s, vt = np.linalg.svd(a if a.shape[0] < a.shape[1] else a.T)
    h = vt[-1] / vt[-1, -1]
    return h.sum() + s[0] + (u[:, 0] ** 3).sum() + (vt[0] ** 3).sum()


@case((A43, B34.T, X5[:4]), second=True)
def least_squares(a, b, y):
    fit, left, rank, sizes = np.linalg.lstsq(a, y, rcond=None)
    more = np.linalg.lstsq(a, b, rcond=None)[0]
    return (fit**2).sum() * rank + sizes[0] + left[0] ** 2 + (more**2)[0].sum() + np.polyfit(y, a[:, 0], 2)[1]
