"""Rows for decompositions of real matrices; those of complex matrices are refused.

The derivative is that of the function as NumPy computes it: cholesky, eigh and eigvalsh read one triangle
only, so the other triangle has derivative zero. Where a part of the result isn't used, its cotangent is 0.0
and its terms are left out: so eigenvalues and singular values have their derivative also where they coincide,
and vectors have none there (inf).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..ir.types import same_dim
from .numpy_tools import can_not, is_absent, no_rule, only, rule, swap
from .special import complex_valued


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
    only("np.linalg.cholesky", options, "upper")


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


def _svd_options(a: Any, hermitian: Any) -> None:
    _real("np.linalg.svd", a)
    if hermitian:
        raise can_not("np.linalg.svd", "hermitian=True")


def _thin(a: Any, out: Any, compute_uv: Any) -> Any:
    """U, s, V of the decomposition; computed here where only the singular values were asked for."""
    u, s, vt = (out[0], out[1], out[2]) if compute_uv else _unpacked(np.linalg.svd(a, full_matrices=False))
    return u, s, swap(vt)


def _unpacked(out: Any) -> tuple[Any, Any, Any]:
    return out[0], out[1], out[2]


def _more_columns(a: Any, full: Any) -> tuple[bool, bool]:
    """Whether U and V may have columns without a singular value."""
    rows, columns = (getattr(a, "dims", None) or a.shape)[-2:]
    if not full or same_dim(rows, columns):
        return False, False
    known = isinstance(rows, int) and isinstance(columns, int)
    return not known or rows > columns, not known or rows < columns


def _left(u: Any, s: Any, more: bool) -> tuple[Any, Any]:
    """The columns with a singular value, and the others."""
    k = s.shape[-1]
    return (u[..., :k], u[..., k:]) if more else (u, None)


def _svd_jvp(
    dot: Any, out: Any, a: Any, full_matrices: Any = True, compute_uv: Any = True, hermitian: Any = False
) -> Any:
    _svd_options(a, hermitian)
    u, s, v = _thin(a, out, compute_uv)
    more_u, more_v = _more_columns(a, full_matrices and compute_uv)
    (u, u2), (v, v2) = _left(u, s, more_u), _left(v, s, more_v)
    m = swap(u) @ dot @ v
    s_dot = np.diagonal(m, axis1=-2, axis2=-1)
    if not compute_uv:
        return s_dot
    row, column = s[..., None, :], s[..., :, None]
    left, right = dot @ v, swap(dot) @ u
    u_dot = u @ _gaps(m * row + column * swap(m), s * s) + (left - u @ (swap(u) @ left)) / row
    v_dot = v @ _gaps(column * m + swap(m) * row, s * s) + (right - v @ (swap(v) @ right)) / row
    if more_u:
        u_dot = np.concatenate([u_dot, -u @ (swap(u_dot) @ u2)], axis=-1)
    if more_v:
        v_dot = np.concatenate([v_dot, -v @ (swap(v_dot) @ v2)], axis=-1)
    return u_dot, s_dot, swap(v_dot)


def _svd_vjp(
    ct: Any, out: Any, a: Any, full_matrices: Any = True, compute_uv: Any = True, hermitian: Any = False
) -> Any:
    """Each factor contributes on its own; what isn't used contributes nothing. Columns without a singular value are
    turned by the others, to which they stay orthogonal."""
    _svd_options(a, hermitian)
    u, s, v = _thin(a, out, compute_uv)
    more_u, more_v = _more_columns(a, full_matrices and compute_uv)
    (u, u2), (v, v2) = _left(u, s, more_u), _left(v, s, more_v)
    cu, cs, cv = (ct[0], ct[1], ct[2]) if compute_uv else (0.0, ct, 0.0)
    terms = []
    if not is_absent(cs):
        terms.append((u * cs[..., None, :]) @ swap(v))
    if not is_absent(cu):
        terms.append(_turned(u, s, cu, u2) @ swap(v))
    if not is_absent(cv):
        terms.append(u @ swap(_turned(v, s, swap(cv), v2)))
    return _total(terms)


def _total(terms: list[Any]) -> Any:
    total = terms[0]
    for t in terms[1:]:
        total = total + t
    return total


def _turned(u: Any, s: Any, cu: Any, u2: Any) -> Any:
    row = s[..., None, :]
    if u2 is not None:
        cu, cu2 = _left(cu, s, True)
        cu = cu - u2 @ (swap(cu2) @ u)
    m = swap(u) @ cu
    return u @ (_gaps(m - swap(m), s * s) * row) + (cu - u @ m) / row


rule(
    np.linalg.svd,
    jvp=_svd_jvp,
    vjp=_svd_vjp,
    raises=True,
    kink="vectors of equal or zero singular values: inf; several without one: as if they turned least",
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


rule(np.linalg.qr, jvp=_qr_jvp, vjp=_qr_vjp, raises=True, kink="more columns than rows: LinAlgError")


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


def _fitted(a: Any, b: Any, out: Any, options: Any) -> tuple[Any, Any, Any]:
    """Solution and residual as columns, and the inverse of `a`."""
    only("np.linalg.lstsq", options, "rcond")
    _real("np.linalg.lstsq", a)
    _real("np.linalg.lstsq", b)
    flat = b.ndim == 1
    x, y = (out[0][:, None], b[:, None]) if flat else (out[0], b)
    return x, y - a @ x, np.linalg.pinv(a)


def _lstsq_sizes(dot: Any, a: Any) -> Any:
    u, _, vt = _unpacked(np.linalg.svd(a, full_matrices=False))
    return np.sum(u * (dot @ swap(vt)), axis=0)


def _as_residuals(change: Any, out: Any) -> Any:
    return 2.0 * np.sum(change, axis=0) * np.ones_like(out[1])


def _lstsq_of_a_jvp(dot: Any, out: Any, a: Any, b: Any, *more: Any, **options: Any) -> Any:
    x, r, p = _fitted(a, b, out, options)
    x_dot = p @ (swap(p) @ (swap(dot) @ r)) - p @ (dot @ x)
    turned = swap(dot) @ (swap(p) @ x)
    x_dot = x_dot + turned - p @ (a @ turned)
    shaped = x_dot[:, 0] if b.ndim == 1 else x_dot
    return shaped, _as_residuals(-r * (dot @ x), out), 0.0, _lstsq_sizes(dot, a)


def _lstsq_of_b_jvp(dot: Any, out: Any, a: Any, b: Any, *more: Any, **options: Any) -> Any:
    _, r, p = _fitted(a, b, out, options)
    dots = dot[:, None] if b.ndim == 1 else dot
    return p @ dot, _as_residuals(r * dots, out), 0.0, np.zeros_like(out[3])


def _as_columns(ct: Any, b: Any) -> Any:
    return ct[:, None] if b.ndim == 1 else ct


def _lstsq_of_a_vjp(ct: Any, out: Any, a: Any, b: Any, *more: Any, **options: Any) -> Any:
    x, r, p = _fitted(a, b, out, options)
    terms = []
    if not is_absent(ct[0]):
        g = _as_columns(ct[0], b)
        y = swap(p) @ g
        terms.append(r @ swap(p @ y) - y @ swap(x) + (swap(p) @ x) @ swap(g - swap(a) @ y))
    if not is_absent(ct[1]):
        terms.append(-2.0 * (r * ct[1]) @ swap(x))
    if not is_absent(ct[3]):
        u, _, vt = _unpacked(np.linalg.svd(a, full_matrices=False))
        terms.append((u * ct[3]) @ vt)
    return _total(terms)


def _lstsq_of_b_vjp(ct: Any, out: Any, a: Any, b: Any, *more: Any, **options: Any) -> Any:
    _, r, p = _fitted(a, b, out, options)
    terms = [] if is_absent(ct[0]) else [swap(p) @ _as_columns(ct[0], b)]
    if not is_absent(ct[1]):
        terms.append(2.0 * r * ct[1])
    if not terms:
        return np.zeros_like(b)
    total = _total(terms)
    return total[:, 0] if b.ndim == 1 else total


rule(np.linalg.lstsq, jvp=_lstsq_of_a_jvp, vjp=_lstsq_of_a_vjp, raises=True, kink="the rank is taken as constant")
rule(np.linalg.lstsq, arg=1, jvp=_lstsq_of_b_jvp, vjp=_lstsq_of_b_vjp)
no_rule(
    np.linalg.eig, np.linalg.eigvals, np.linalg.multi_dot,
    np.linalg.tensorsolve, np.linalg.tensorinv, np.linalg.cond, raises=True,
)  # fmt: skip
