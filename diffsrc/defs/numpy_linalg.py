"""Rows for np.linalg. All may raise for valid types (singular, not positive definite, not converged).

The derivative is that of the function as NumPy computes it: cholesky, eigh and eigvalsh read one triangle
only, so the other triangle has derivative zero. Stacks of matrices are handled throughout; decompositions of
complex matrices are refused.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .numpy_tools import (
    at,
    can_not,
    cofactors,
    expand,
    given,
    is_absent,
    known,
    ndim,
    no_rule,
    only,
    rule,
    swap,
    types_unless,
)
from .special import complex_valued, unbroadcast

# -- solve, inverse, determinant


def _matvec(a: Any, v: Any) -> Any:
    """A stack of matrices times a vector or a stack of vectors."""
    return a @ v if ndim(a) == 2 and ndim(v) == 1 else (a @ v[..., None])[..., 0]


def _solve_vec(a: Any, v: Any) -> Any:
    """np.linalg.solve for one vector per matrix."""
    return (
        np.linalg.solve(a, v) if ndim(a) == 2 and ndim(v) == 1 else np.linalg.solve(a, v[..., None])[..., 0]
    )


def _solve_jvp_a(dot: Any, out: Any, a: Any, b: Any) -> Any:
    if b.ndim == 1:
        return -_solve_vec(a, _matvec(dot, out))
    return -np.linalg.solve(a, dot @ out)


def _solve_vjp_a(ct: Any, out: Any, a: Any, b: Any) -> Any:
    if b.ndim == 1:
        g = _solve_vec(swap(a), ct)
        return -np.outer(g, out) if a.ndim == 2 else -g[..., None] * out[..., None, :]
    g = np.linalg.solve(swap(a), ct)
    return -g @ out.T if a.ndim == b.ndim == 2 else unbroadcast(-g @ swap(out), a)


def _solve_vjp_b(ct: Any, out: Any, a: Any, b: Any) -> Any:
    g = _solve_vec(swap(a), ct) if b.ndim == 1 else np.linalg.solve(swap(a), ct)
    return g if a.ndim == 2 and b.ndim <= 2 else unbroadcast(g, b)


rule(np.linalg.solve, jvp=_solve_jvp_a, vjp=_solve_vjp_a, raises=True)
rule(np.linalg.solve, arg=1, jvp=lambda dot, out, a, b: np.linalg.solve(a, dot), vjp=_solve_vjp_b)
rule(
    np.linalg.inv,
    jvp=lambda dot, out, a: -out @ dot @ out,
    vjp=lambda ct, out, a: -swap(out) @ ct @ swap(out),
    raises=True,
)


def _sum_last_two(a: Any) -> Any:
    return np.sum(a) if a.ndim == 2 else np.sum(a, axis=(-2, -1))


def _per_matrix(ct: Any) -> Any:
    """One number per matrix, to multiply the matrices by."""
    return ct[..., None, None] if ndim(ct) else ct


def _slogdet_jvp(dot: Any, out: Any, a: Any) -> Any:
    slope = _sum_last_two(swap(np.linalg.inv(a)) * dot)
    if complex_valued(a):
        return 1j * out[0] * np.imag(slope), np.real(slope)
    return np.zeros_like(out[0]), slope


def _slogdet_vjp(ct: Any, out: Any, a: Any) -> Any:
    scale = ct[1]
    if complex_valued(a):
        scale = scale - 1j * np.real(1j * ct[0] * out[0])
    return _per_matrix(scale) * swap(np.linalg.inv(a))


rule(
    np.linalg.det,
    jvp=lambda dot, out, a: _sum_last_two(cofactors(a) * dot),
    vjp=lambda ct, out, a: _per_matrix(ct) * cofactors(a),
    raises=True,
)
rule(
    np.linalg.slogdet,
    jvp=_slogdet_jvp,
    vjp=_slogdet_vjp,
    raises=True,
    kink="a singular matrix raises LinAlgError",
)


def _matrix_power(dot: Any, a: Any, n: Any) -> Any:
    """The sum of the products in which one factor of a**n is `dot`."""
    if not isinstance(n, int) or n < 1:
        raise can_not(
            "np.linalg.matrix_power",
            "an exponent that isn't a positive constant",
            "multiply in a loop, or use inv",
        )
    powers = [a]
    while len(powers) < n - 1:
        powers.append(powers[-1] @ a)
    terms = []
    for k in range(n):
        left = powers[k - 1] @ dot if k else dot
        terms.append(left @ powers[n - 2 - k] if k < n - 1 else left)
    total = terms[0]
    for t in terms[1:]:
        total = total + t
    return total


rule(
    np.linalg.matrix_power,
    jvp=lambda dot, out, a, n: _matrix_power(dot, a, n),
    vjp=lambda ct, out, a, n: _matrix_power(ct, swap(a), n),
    raises=True,
    types=types_unless(np.linalg.matrix_power, lambda args, kwargs: "exponent 1" if _is(args, 1, 1) else ""),
)


def _is(args: Any, n: Any, value: Any) -> Any:
    return len(args) > n and getattr(args[n], "value", None) == value


# -- norm


def _norm_kind(x: Any, order: Any, axis: Any) -> Any:
    """2, 1, inf or a power: which vector norm. The Frobenius norm is the 2-norm of all elements.

    Raises:
        UnsupportedError: for norms of matrices other than Frobenius, and powers below 1.
    """
    matrix = (isinstance(axis, tuple) and len(axis) == 2) or (axis is None and x.ndim == 2)
    order = known(order)
    if order is None or order == "fro":
        return 2
    if matrix or isinstance(order, str):
        raise can_not(
            "np.linalg.norm", f"ord={order!r} of a matrix", "use np.linalg.svd, or sums of absolute values"
        )
    if not isinstance(order, (int, float)) or order < 1:
        raise can_not("np.linalg.norm", f"ord={order!r}", "orders from 1 to inf are supported")
    return order


def _unit(x: Any) -> Any:
    """The direction of each element; 0 for 0."""
    if not complex_valued(x):
        return np.sign(x)
    size = np.abs(x)
    return x / np.where(size == 0.0, 1.0, size)


def _norm_slopes(out: Any, x: Any, order: Any, axis: Any, keepdims: Any) -> Any:
    """The derivative of the norm for each element (conjugated where complex); 0 where the norm is 0."""
    kind = _norm_kind(x, order, axis)
    full = expand(out, x.ndim, axis, keepdims)
    if kind == 1:
        slopes = _unit(x)
    elif kind == np.inf:
        hit = np.abs(x) == full
        ties = np.sum(
            hit, axis=axis, keepdims=True, **({} if out.dtype == np.float64 else {"dtype": out.dtype})
        )
        slopes = np.where(hit, _unit(x) / ties, 0.0)
    elif kind == 2:
        slopes = x / np.where(full == 0.0, 1.0, full)
    else:
        slopes = _unit(x) * (np.abs(x) / np.where(full == 0.0, 1.0, full)) ** (kind - 1)
    return np.conj(slopes) if complex_valued(x) else slopes


def _norm_jvp(dot: Any, out: Any, x: Any, ord: Any = None, axis: Any = None, keepdims: Any = False) -> Any:
    total = np.sum(_norm_slopes(out, x, ord, axis, keepdims) * dot, **at(axis), **given(keepdims=keepdims))
    return np.real(total) if complex_valued(x) else total


def _norm_vjp(ct: Any, out: Any, x: Any, ord: Any = None, axis: Any = None, keepdims: Any = False) -> Any:
    return expand(ct, x.ndim, axis, keepdims) * _norm_slopes(out, x, ord, axis, keepdims)


rule(
    np.linalg.norm,
    jvp=_norm_jvp,
    vjp=_norm_vjp,
    raises=True,
    kink="0 where the norm is 0; ties of ord=inf share equally",
)

# -- decompositions of real matrices


def _real(name: Any, a: Any) -> Any:
    if complex_valued(a):
        raise can_not(name, "a complex matrix")


def _half_tril(a: Any) -> Any:
    """The lower triangle with half the diagonal."""
    return 0.5 * (np.tril(a) + np.tril(a, -1))


def _symmetric(dot: Any, lower: Any = True) -> Any:
    """The change of the symmetric matrix that NumPy builds from one triangle."""
    return np.tril(dot) + swap(np.tril(dot, -1)) if lower else np.triu(dot) + swap(np.triu(dot, 1))


def _cholesky_options(a: Any, options: Any) -> Any:
    _real("np.linalg.cholesky", a)
    if options.get("upper"):
        raise can_not("np.linalg.cholesky", "upper=True", "use np.linalg.cholesky(a.T).T")


def _cholesky_jvp(dot: Any, out: Any, a: Any, **options: Any) -> Any:
    _cholesky_options(a, options)
    inner = np.linalg.solve(out, swap(np.linalg.solve(out, _symmetric(dot))))
    return out @ _half_tril(inner)


def _cholesky_vjp(ct: Any, out: Any, a: Any, **options: Any) -> Any:
    _cholesky_options(a, options)
    inner = np.linalg.solve(swap(out), _half_tril(swap(out) @ ct))
    s = np.linalg.solve(swap(out), swap(inner))
    return _half_tril(s + swap(s))


rule(
    np.linalg.cholesky,
    jvp=_cholesky_jvp,
    vjp=_cholesky_vjp,
    raises=True,
    kink="only the lower triangle is read",
)


def _lower(name: Any, uplo: Any) -> Any:
    if uplo not in ("L", "U"):
        raise can_not(name, f"UPLO={uplo!r}")
    return uplo == "L"


def _gaps(m: Any, w: Any) -> Any:
    """Off-diagonal elements over the differences of eigenvalues: 0 where the element is 0, inf where
    eigenvalues coincide."""
    off = np.tril(m, -1) + np.triu(m, 1)
    return off / np.where(off == 0.0, 1.0, w[..., None, :] - w[..., :, None])


def _one_triangle(g: Any, lower: Any) -> Any:
    """The cotangent of a symmetric matrix on the triangle that is read."""
    g = g + swap(g)
    return _half_tril(g) if lower else swap(_half_tril(g))


def _eigh_jvp(dot: Any, out: Any, a: Any, UPLO: Any = "L") -> Any:
    _real("np.linalg.eigh", a)
    w, v = out[0], out[1]
    m = swap(v) @ _symmetric(dot, _lower("np.linalg.eigh", UPLO)) @ v
    return np.diagonal(m, axis1=-2, axis2=-1), v @ _gaps(m, w)


def _eigh_vjp(ct: Any, out: Any, a: Any, UPLO: str = "L") -> Any:
    _real("np.linalg.eigh", a)
    w, v = out[0], out[1]
    if is_absent(ct[1]):
        g = v * ct[0][..., None, :]
    else:
        g = v @ _gaps(swap(v) @ ct[1], w)
        g = g if is_absent(ct[0]) else v * ct[0][..., None, :] + g
    return _one_triangle(g @ swap(v), _lower("np.linalg.eigh", UPLO))


def _eigvalsh_jvp(dot: Any, out: Any, a: Any, UPLO: Any = "L") -> Any:
    _real("np.linalg.eigvalsh", a)
    v = np.linalg.eigh(a, *(() if UPLO == "L" else (UPLO,)))[1]
    return np.sum(v * (_symmetric(dot, _lower("np.linalg.eigvalsh", UPLO)) @ v), axis=-2)


def _eigvalsh_vjp(ct: Any, out: Any, a: Any, UPLO: Any = "L") -> Any:
    _real("np.linalg.eigvalsh", a)
    v = np.linalg.eigh(a, *(() if UPLO == "L" else (UPLO,)))[1]
    return _one_triangle((v * ct[..., None, :]) @ swap(v), _lower("np.linalg.eigvalsh", UPLO))


rule(np.linalg.eigh, jvp=_eigh_jvp, vjp=_eigh_vjp, raises=True, kink="eigenvectors of equal eigenvalues: inf")
rule(np.linalg.eigvalsh, jvp=_eigvalsh_jvp, vjp=_eigvalsh_vjp, raises=True)


def _svd_options(a: Any, full_matrices: Any, compute_uv: Any, hermitian: Any) -> None:
    _real("np.linalg.svd", a)
    if hermitian:
        raise can_not("np.linalg.svd", "hermitian=True")
    if full_matrices and compute_uv:
        raise can_not("np.linalg.svd", "full_matrices=True", "write full_matrices=False, or compute_uv=False")


def _thin(a: Any, out: Any, compute_uv: Any) -> Any:
    """U, s, V of the thin decomposition; computed here where only the singular values were asked for."""
    u, s, vt = (out[0], out[1], out[2]) if compute_uv else _unpacked(np.linalg.svd(a, full_matrices=False))
    return u, s, swap(vt)


def _unpacked(out: Any) -> tuple[Any, Any, Any]:
    return out[0], out[1], out[2]


def _svd_jvp(
    dot: Any, out: Any, a: Any, full_matrices: Any = True, compute_uv: Any = True, hermitian: Any = False
) -> Any:
    _svd_options(a, full_matrices, compute_uv, hermitian)
    u, s, v = _thin(a, out, compute_uv)
    m = swap(u) @ dot @ v
    s_dot = np.diagonal(m, axis1=-2, axis2=-1)
    if not compute_uv:
        return s_dot
    row, column = s[..., None, :], s[..., :, None]
    left, right = dot @ v, swap(dot) @ u
    u_dot = u @ _gaps(m * row + column * swap(m), s * s) + (left - u @ (swap(u) @ left)) / row
    v_dot = v @ _gaps(column * m + swap(m) * row, s * s) + (right - v @ (swap(v) @ right)) / row
    return u_dot, s_dot, swap(v_dot)


def _svd_vjp(
    ct: Any, out: Any, a: Any, full_matrices: Any = True, compute_uv: Any = True, hermitian: Any = False
) -> Any:
    """Each factor contributes on its own; what isn't used contributes nothing."""
    _svd_options(a, full_matrices, compute_uv, hermitian)
    u, s, v = _thin(a, out, compute_uv)
    cu, cs, cv = (ct[0], ct[1], ct[2]) if compute_uv else (0.0, ct, 0.0)
    row, column, terms = s[..., None, :], s[..., :, None], []
    if not is_absent(cs):
        terms.append((u * cs[..., None, :]) @ swap(v))
    if not is_absent(cu):
        m = swap(u) @ cu
        g = u @ (_gaps(m - swap(m), s * s) * row) + (cu - u @ m) / row
        terms.append(g @ swap(v))
    if not is_absent(cv):
        cv = swap(cv)
        m = swap(v) @ cv
        g = v @ (_gaps(m - swap(m), s * s) * row) + (cv - v @ m) / row
        terms.append(u @ swap(g))
    total = terms[0]
    for t in terms[1:]:
        total = total + t
    return total


rule(
    np.linalg.svd,
    jvp=_svd_jvp,
    vjp=_svd_vjp,
    raises=True,
    kink="vectors of equal or zero singular values: inf",
)


def _qr_options(a: Any, mode: Any) -> None:
    _real("np.linalg.qr", a)
    if mode != "reduced":
        raise can_not("np.linalg.qr", f"mode={mode!r}", "use the default mode")


def _qr_jvp(dot: Any, out: Any, a: Any, mode: str = "reduced") -> Any:
    _qr_options(a, mode)
    q, r = out[0], out[1]
    x = swap(np.linalg.solve(swap(r), swap(dot)))
    m = swap(q) @ x
    low = np.tril(m, -1)
    turn = low - swap(low)
    return x + q @ (turn - m), (m - turn) @ r


def _qr_vjp(ct: Any, out: Any, a: Any, mode: str = "reduced") -> Any:
    _qr_options(a, mode)
    q, r = out[0], out[1]
    cq, cr = (None if is_absent(c) else c for c in (ct[0], ct[1]))
    if cq is None:
        m = r @ swap(cr)
    else:
        m = -swap(cq) @ q if cr is None else r @ swap(cr) - swap(cq) @ q
    g = q @ (np.tril(m) + swap(np.tril(m, -1)))
    return swap(np.linalg.solve(r, swap(g if cq is None else cq + g)))


rule(np.linalg.qr, jvp=_qr_jvp, vjp=_qr_vjp, raises=True, kink="a matrix with more columns than rows raises LinAlgError")


def _pinv_jvp(dot: Any, out: Any, a: Any, *cut: Any, **options: Any) -> Any:
    """Golub and Pereyra, for constant rank."""
    _real("np.linalg.pinv", a)
    only("np.linalg.pinv", options, "rcond", "rtol")
    p, pt, dt = out, swap(out), swap(dot)
    return p @ (pt @ (dt - (dt @ a) @ p)) - p @ dot @ p + (dt - p @ (a @ dt)) @ (pt @ p)


def _pinv_vjp(ct: Any, out: Any, a: Any, *cut: Any, **options: Any) -> Any:
    _real("np.linalg.pinv", a)
    only("np.linalg.pinv", options, "rcond", "rtol")
    p, pt, g = out, swap(out), swap(ct)
    return (g - (a @ p) @ g) @ (p @ pt) - pt @ ct @ pt + (pt @ p) @ (g - g @ (p @ a))


rule(np.linalg.pinv, jvp=_pinv_jvp, vjp=_pinv_vjp, raises=True, kink="the rank is taken as constant")
no_rule(
    np.linalg.lstsq, np.linalg.eig, np.linalg.eigvals, np.linalg.multi_dot,
    np.linalg.tensorsolve, np.linalg.tensorinv, np.linalg.cond, raises=True,
)  # fmt: skip
