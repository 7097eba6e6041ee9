"""Rows for decompositions.

The derivative is that of the function as NumPy computes it: cholesky reads one triangle only, so the other has derivative
zero. Where a part of the result isn't used, its cotangent is 0.0 and its terms are left out: so singular values have their
derivative also where they coincide, and vectors have none there (inf).

Cotangents and tangents pair as Re(sum(ct * dot)); within a rule they are conjugated, as Re(trace(ct^H dot)).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..ir.types import same_dim
from .numpy_eigen import gaps
from .numpy_tools import (
    adjoint,
    can_not,
    conjugated,
    half_tril,
    is_absent,
    one_triangle,
    only,
    rule,
    swap,
    symmetric,
    total,
)  # fmt: skip
from .special import complex_valued


def _cholesky_options(options: Any) -> bool:
    """Whether the factor is upper triangular."""
    only("np.linalg.cholesky", options, "upper")
    return bool(options.get("upper"))


def _cholesky_jvp(dot: Any, out: Any, a: Any, **options: Any) -> Any:
    if _cholesky_options(options):
        return adjoint(_cholesky_jvp(adjoint(dot), adjoint(out), a))
    inner = np.linalg.solve(out, adjoint(np.linalg.solve(out, symmetric(dot))))
    return out @ half_tril(inner)


def _cholesky_vjp(ct: Any, out: Any, a: Any, **options: Any) -> Any:
    if _cholesky_options(options):
        return adjoint(_cholesky_vjp(adjoint(ct), adjoint(out), a))
    inner = np.linalg.solve(swap(out), half_tril(swap(out) @ ct))
    s = np.linalg.solve(adjoint(out), swap(inner))
    return half_tril(swap(s) + np.conj(s)) if complex_valued(a) else half_tril(s + swap(s))


rule(
    np.linalg.cholesky,
    jvp=_cholesky_jvp,
    vjp=_cholesky_vjp,
    raises=True,
    kink="only the lower triangle is read",
)


def _thin(a: Any, out: Any, compute_uv: Any) -> Any:
    """U, s, V of the decomposition; computed here where only the singular values were asked for."""
    u, s, vt = (out[0], out[1], out[2]) if compute_uv else _unpacked(np.linalg.svd(a, full_matrices=False))
    return u, s, adjoint(vt)


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


def svd_jvp(
    dot: Any, out: Any, a: Any, full_matrices: Any = True, compute_uv: Any = True, hermitian: Any = False
) -> Any:
    if hermitian:
        a, dot = symmetric(a), symmetric(dot)
    u, s, v = _thin(a, out, compute_uv)
    more_u, more_v = _more_columns(a, full_matrices and compute_uv)
    (u, u2), (v, v2) = _left(u, s, more_u), _left(v, s, more_v)
    m = adjoint(u) @ dot @ v
    s_dot = np.diagonal(m, axis1=-2, axis2=-1)
    if not compute_uv:
        return np.real(s_dot) if complex_valued(a) else s_dot
    row, column = s[..., None, :], s[..., :, None]
    left, right = dot @ v, adjoint(dot) @ u
    u_dot = u @ gaps(m * row + column * adjoint(m), s * s) + (left - u @ (adjoint(u) @ left)) / row
    v_dot = v @ gaps(column * m + adjoint(m) * row, s * s) + (right - v @ (adjoint(v) @ right)) / row
    if complex_valued(a):
        u_dot, s_dot = u_dot + u * (1j * np.imag(s_dot) / s)[..., None, :], np.real(s_dot)
    if more_u:
        u_dot = np.concatenate([u_dot, -u @ (adjoint(u_dot) @ u2)], axis=-1)
    if more_v:
        v_dot = np.concatenate([v_dot, -v @ (adjoint(v_dot) @ v2)], axis=-1)
    return u_dot, s_dot, adjoint(v_dot)


def svd_vjp(
    ct: Any, out: Any, a: Any, full_matrices: Any = True, compute_uv: Any = True, hermitian: Any = False
) -> Any:
    """Each factor contributes on its own; what isn't used contributes nothing. Columns without a singular value are
    turned by the others, to which they stay orthogonal."""
    u, s, v = _thin(symmetric(a) if hermitian else a, out, compute_uv)
    more_u, more_v = _more_columns(a, full_matrices and compute_uv)
    (u, u2), (v, v2) = _left(u, s, more_u), _left(v, s, more_v)
    cu, cs, cv = (ct[0], ct[1], ct[2]) if compute_uv else (0.0, ct, 0.0)
    terms = []
    if not is_absent(cs):
        terms.append((u * cs[..., None, :]) @ adjoint(v))
    if not is_absent(cu):
        terms.append(_turned(u, s, conjugated(cu), u2, complex_valued(a)) @ adjoint(v))
    if not is_absent(cv):
        terms.append(u @ adjoint(_turned(v, s, swap(cv), v2)))
    g = conjugated(total(terms))
    return one_triangle(g) if hermitian else g


def _turned(u: Any, s: Any, cu: Any, u2: Any, phases: bool = False) -> Any:
    row = s[..., None, :]
    if u2 is not None:
        cu, cu2 = _left(cu, s, True)
        cu = cu - u2 @ (adjoint(cu2) @ u)
    m = adjoint(u) @ cu
    g = u @ (gaps(m - adjoint(m), s * s) * row) + (cu - u @ m) / row
    return g + u * (1j * np.imag(np.diagonal(m, axis1=-2, axis2=-1)) / s)[..., None, :] if phases else g


rule(
    np.linalg.svd,
    jvp=svd_jvp,
    vjp=svd_vjp,
    raises=True,
    kink="vectors of equal or zero singular values: inf; several without one: as if they turned least; phases of complex ones: "
    "in the left vectors",
)


def _qr_factors(out: Any, a: Any, mode: Any) -> tuple[Any, Any, Any, Any]:
    """The square part of the triangular factor and what is beside it, the columns of the other factor that go with it,
    and those that a complete one has beside them; None for what there certainly isn't."""
    if mode not in ("reduced", "complete", "r"):
        raise can_not("np.linalg.qr", f"mode={mode!r}", "use the default mode")
    q, r = (np.linalg.qr(a)[0], out) if mode == "r" else (out[0], out[1])
    rows, columns = (getattr(a, "dims", None) or a.shape)[-2:]
    if same_dim(rows, columns):
        return q, r, None, None
    known = isinstance(rows, int) and isinstance(columns, int)
    rest = None
    if mode == "complete" and (not known or rows > columns):
        if complex_valued(a):
            raise can_not("np.linalg.qr", 'mode="complete" of a complex matrix', "the phases of further columns are arbitrary")
        k = np.minimum(a.shape[-2], a.shape[-1])
        q, r, rest = q[..., :k], r[..., :k, :], q[..., k:]
    if known and rows >= columns:
        return q, r, None, rest
    k = q.shape[-1]
    return q, r[..., :k], r[..., k:], rest


def _qr_jvp(dot: Any, out: Any, a: Any, mode: str = "reduced") -> Any:
    q, r, beside, rest = _qr_factors(out, a, mode)
    k = q.shape[-1]
    first = dot if beside is None else dot[..., :k]
    x = swap(np.linalg.solve(swap(r), swap(first)))
    m = adjoint(q) @ x
    low = half_tril(m) if complex_valued(m) else np.tril(m, -1)
    turn = low - adjoint(low)
    q_dot, r_dot = x + q @ (turn - m), (m - turn) @ r
    if beside is not None:
        r_dot = np.concatenate([r_dot, adjoint(q_dot) @ a[..., k:] + adjoint(q) @ dot[..., k:]], axis=-1)
    if mode == "r":
        return r_dot
    if rest is not None:
        q_dot = np.concatenate([q_dot, -q @ (adjoint(q_dot) @ rest)], axis=-1)
        r_dot = np.concatenate([r_dot, np.zeros_like(out[1][..., k:, :])], axis=-2)
    return q_dot, r_dot


def _qr_vjp(ct: Any, out: Any, a: Any, mode: str = "reduced") -> Any:
    q, r, beside, rest = _qr_factors(out, a, mode)
    k = q.shape[-1]
    parts = (0.0, ct) if mode == "r" else (ct[0], ct[1])
    cq, cr = (None if is_absent(c) else conjugated(c) for c in parts)
    if rest is not None and cq is not None:
        cq = cq[..., :k] - rest @ (adjoint(cq[..., k:]) @ q)
    if rest is not None and cr is not None:
        cr = cr[..., :k, :]
    last = None
    if beside is not None and cr is not None:
        last, cr = cr[..., k:], cr[..., :k]
        turned = a[..., k:] @ adjoint(last)
        cq = turned if cq is None else cq + turned
    if cq is None:
        m = r @ adjoint(cr)
    else:
        m = -adjoint(cq) @ q if cr is None else r @ adjoint(cr) - adjoint(cq) @ q
    g = q @ symmetric(m)
    g = adjoint(np.linalg.solve(r, adjoint(g if cq is None else cq + g)))
    if beside is not None:
        g = np.concatenate([g, np.zeros_like(a[..., k:]) if last is None else q @ last], axis=-1)
    return conjugated(g)


rule(
    np.linalg.qr, jvp=_qr_jvp, vjp=_qr_vjp, raises=True,
    kink="several columns without one of the matrix: as if they turned least",
)  # fmt: skip


def _pinv_jvp(dot: Any, out: Any, a: Any, rcond: Any = None, hermitian: Any = False, *, rtol: Any = None) -> Any:
    """Golub and Pereyra, for constant rank."""
    if hermitian:
        a, dot = symmetric(a), symmetric(dot)
    p, pt, dt = out, adjoint(out), adjoint(dot)
    return p @ (pt @ (dt - (dt @ a) @ p)) - p @ dot @ p + (dt - p @ (a @ dt)) @ (pt @ p)


def _pinv_vjp(ct: Any, out: Any, a: Any, rcond: Any = None, hermitian: Any = False, *, rtol: Any = None) -> Any:
    if hermitian:
        a = symmetric(a)
    p, pt, g = out, adjoint(out), swap(ct)
    g = (g - (a @ p) @ g) @ (p @ pt) - pt @ conjugated(ct) @ pt + (pt @ p) @ (g - g @ (p @ a))
    return one_triangle(conjugated(g)) if hermitian else conjugated(g)


rule(np.linalg.pinv, jvp=_pinv_jvp, vjp=_pinv_vjp, raises=True, kink="the rank is taken as constant")
