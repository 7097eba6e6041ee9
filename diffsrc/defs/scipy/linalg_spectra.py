"""Orthogonal decompositions of `scipy.linalg`: QR, singular values, eigenvalues, also of pairs of matrices.

Vectors of equal eigenvalues have no derivative (inf), the eigenvalues themselves have one.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
from scipy import linalg as scipy_linalg

from ...ir.types import same_dim
from ..numpy_tools import arange, can_not, concatenate, is_absent, ndim, put_diagonal, swap
from ..special import complex_valued
from ..table import ArgRule
from .linalg_solve import linalg, real_result, rows
from .tools import Options, conj, folded, herm, mirrored, rules_of, settings, with_batch

# -- QR


def _qr_options(a: Any, more: Any, options: Options) -> SimpleNamespace:
    o = settings("scipy.linalg.qr", scipy_linalg.qr, 1, more, options)
    if complex_valued(a):
        raise can_not("scipy.linalg.qr", "a complex matrix")
    if o.mode not in ("full", "r", "economic"):
        raise can_not("scipy.linalg.qr", f"mode={o.mode!r}", "use mode='economic'")
    if o.pivoting and ndim(a) > 2:
        raise can_not("scipy.linalg.qr", "pivoting=True and stacks of matrices", "use a loop")
    m, n = (getattr(a, "dims", None) or a.shape)[-2:]
    o.square = same_dim(m, n)
    return o


def _thin_qr(out: Any, a: Any, o: SimpleNamespace) -> tuple[Any, Any, Any, Any]:
    """Q and R of the smaller size, the other columns of Q (None where there are none), and the order of columns of `a`."""
    order = out[-1] if o.pivoting else None
    if o.mode == "r":
        found = linalg.qr(a if order is None else a[:, order], mode="economic")
        return found[0], found[1], None, order
    if o.mode == "economic" or o.square:
        return out[0], out[1], None, order
    k = np.minimum(a.shape[-2], a.shape[-1])
    return out[0][..., :k], out[1][..., :k, :], out[0][..., k:], order


def _right_divided(a: Any, r: Any, trans: int) -> Any:
    """a R^-1, or a R^-T."""
    return swap(linalg.solve_triangular(r, swap(a), **({"trans": 1} if trans else {})))


def _qr_jvp(dot: Any, out: Any, a: Any, *more: Any, **options: Any) -> Any:
    """Of more columns than rows, the leading square decides; the others follow by Q^T."""
    o = _qr_options(a, more, options)
    q, r, rest, order = _thin_qr(out, a, o)
    dot = dot if order is None else dot[:, order]
    k = None if o.square else q.shape[-1]
    x = _right_divided(dot if o.square else dot[..., :k], r if o.square else r[..., :, :k], 1)
    m = swap(q) @ x
    low = np.tril(m, -1)
    turn = low - swap(low)
    q_dot = x + q @ (turn - m)
    r_dot = (m - turn) @ r if o.square else swap(q) @ dot - turn @ r
    if rest is not None:
        r_dot = concatenate([r_dot, np.zeros_like(out[1][..., q.shape[-1] :, :])], axis=-2)
        q_dot = concatenate([q_dot, -q @ (swap(q_dot) @ rest)], axis=-1)
    found = [q_dot, r_dot] if o.mode != "r" else [_tall(r_dot, out[0], o)]
    return (*found, 0.0) if o.pivoting else tuple(found)


def _tall(r: Any, like: Any, o: SimpleNamespace) -> Any:
    """mode="r" has rows of zeros below."""
    return r if o.square else concatenate([r, np.zeros_like(like[..., r.shape[-2] :, :])], axis=-2)


def _qr_vjp(ct: Any, out: Any, a: Any, *more: Any, **options: Any) -> Any:
    o = _qr_options(a, more, options)
    q, r, rest, order = _thin_qr(out, a, o)
    parts: tuple[Any, Any] = (0.0, ct[0]) if o.mode == "r" else (ct[0], ct[1])
    cq, cr = (None if is_absent(c) else c for c in parts)
    if cq is None and cr is None:
        return np.zeros_like(a)
    k = None if o.square else q.shape[-1]
    if cr is not None and not o.square and o.mode != "economic":
        cr = cr[..., :k, :]
    if cq is not None and rest is not None:
        cq, others = cq[..., :k], cq[..., k:]
        cq = cq - rest @ (swap(others) @ q)
    terms = ([] if cr is None else [r @ swap(cr)]) + ([] if cq is None else [-swap(cq) @ q])
    m = terms[0] if len(terms) == 1 else terms[0] + terms[1]
    if o.square:
        g = q @ (np.tril(m) + swap(np.tril(m, -1)))
        g = _right_divided(g if cq is None else cq + g, r, 0)
    else:
        turn = np.tril(m - swap(m), -1)
        inner = turn if cq is None else turn - swap(q) @ cq
        left = _right_divided(q @ inner if cq is None else cq + q @ inner, r[..., :, :k], 0)
        whole = concatenate([left, np.zeros_like(a[..., :, k:])], axis=-1)
        g = whole if cr is None else whole + q @ cr
    return g if order is None else g[:, np.argsort(order)]


rows(
    "qr", {0: ArgRule(_qr_jvp, _qr_vjp)}, types=with_batch(scipy_linalg.qr, 2),
    kink="columns that depend on those before: no derivative; further columns of q: as if they turned least",
)  # fmt: skip

# -- singular values: NumPy's rules


def _svd_options(a: Any, more: Any, options: Options) -> tuple[Any, Any]:
    o = settings("scipy.linalg.svd", scipy_linalg.svd, 1, more, options)
    return o.full_matrices, o.compute_uv


def _svd_jvp(dot: Any, out: Any, a: Any, *more: Any, **options: Any) -> Any:
    return rules_of(np.linalg.svd).jvp(dot, out, a, *_svd_options(a, more, options))


def _svd_vjp(ct: Any, out: Any, a: Any, *more: Any, **options: Any) -> Any:
    if isinstance(ct, tuple) and all(map(is_absent, ct)):
        return np.zeros_like(a)
    return rules_of(np.linalg.svd).vjp(ct, out, a, *_svd_options(a, more, options))


def _svdvals_jvp(dot: Any, out: Any, a: Any, *more: Any, **options: Any) -> Any:
    settings("scipy.linalg.svdvals", scipy_linalg.svdvals, 1, more, options)
    return rules_of(np.linalg.svd).jvp(dot, out, a, False, False)


def _svdvals_vjp(ct: Any, out: Any, a: Any, *more: Any, **options: Any) -> Any:
    settings("scipy.linalg.svdvals", scipy_linalg.svdvals, 1, more, options)
    return rules_of(np.linalg.svd).vjp(ct, out, a, False, False)


rows(
    "svd", {0: ArgRule(_svd_jvp, _svd_vjp)}, types=with_batch(scipy_linalg.svd, 2),
    kink="vectors of equal or zero singular values: inf; several without one: as if they turned least",
)  # fmt: skip
rows("svdvals", {0: ArgRule(_svdvals_jvp, _svdvals_vjp)})

# -- eigenvalues of symmetric matrices: a v = w v, or a v = w b v with v^H b v = 1


def _eigh_options(name: str, a: Any, b: Any, more: Any, options: Options) -> SimpleNamespace:
    shown = f"scipy.linalg.{name}"
    o = settings(shown, getattr(scipy_linalg, name), 2, more, options)
    if o.subset_by_index is not None or o.subset_by_value is not None:
        raise can_not(shown, "a subset of the eigenvalues", "take the subset of the result")
    if b is not None and o.type != 1:
        raise can_not(shown, f"type={o.type!r}", "with type=1 the equation is a v = w b v")
    o.only = name == "eigvalsh" or o.eigvals_only
    return o


def _vectors(out: Any, a: Any, b: Any, o: SimpleNamespace) -> tuple[Any, Any]:
    if not o.only:
        return out[0], out[1]
    given = {} if o.lower else {"lower": False}
    found = linalg.eigh(a, **given) if b is None else linalg.eigh(a, b, **given)
    return found[0], found[1]


def _gap_shares(m: Any, w: Any) -> Any:
    """m[i, j] / (w[j] - w[i]) off the diagonal: 0 where the element is 0, inf where eigenvalues coincide."""
    off = np.tril(m, -1) + np.triu(m, 1)
    return off / np.where(off == 0.0, 1.0, w[..., None, :] - w[..., :, None])


def _diagonal(m: Any) -> Any:
    d = np.diagonal(m, axis1=-2, axis2=-1)
    return np.real(d) if complex_valued(m) else d


def _on_diagonal(d: Any, like: Any) -> Any:
    """A diagonal as matrices of the shape of others."""
    return put_diagonal(d, like.shape) if ndim(like) == 2 else put_diagonal(d, like.shape, 0, -2, -1)


def _eigh_slopes(change: Any, w: Any, v: Any, o: SimpleNamespace, of_b: bool) -> tuple[Any, Any]:
    """For the change of `a`, or of `b`, as a full matrix."""
    m = herm(v) @ change @ v
    if not of_b:
        return _diagonal(m), None if o.only else v @ _gap_shares(m, w)
    scaled = -m * w[..., None, :]
    if o.only:
        return _diagonal(scaled), None
    return _diagonal(scaled), v @ (_gap_shares(scaled, w) - 0.5 * _on_diagonal(_diagonal(m), v))


def _eigh_pull(cw: Any, cv: Any, w: Any, v: Any, of_b: bool) -> Any:
    """The cotangent of the full matrix."""
    terms = []
    if not is_absent(cw):
        terms.append(conj(v) * ((-cw * w) if of_b else cw)[..., None, :])
    if not is_absent(cv):
        m = swap(v) @ cv
        inner = _gap_shares(m, w)
        if of_b:
            inner = -inner * w[..., None, :] - 0.5 * _on_diagonal(_diagonal(m), v)
        terms.append(conj(v) @ inner)
    total = terms[0] if len(terms) == 1 else terms[0] + terms[1]
    return total @ swap(v)


def _eigh_rules(name: str, of_b: bool) -> ArgRule:
    def jvp(dot: Any, out: Any, a: Any, b: Any = None, *more: Any, **options: Any) -> Any:
        o = _eigh_options(name, a, b, more, options)
        w, v = _vectors(out, a, b, o)
        found = _eigh_slopes(mirrored(dot, bool(o.lower)), w, v, o, of_b)
        return found[0] if o.only else found

    def vjp(ct: Any, out: Any, a: Any, b: Any = None, *more: Any, **options: Any) -> Any:
        o = _eigh_options(name, a, b, more, options)
        w, v = _vectors(out, a, b, o)
        cw, cv = (ct, 0.0) if o.only else (ct[0], ct[1])
        if is_absent(cw) and is_absent(cv):
            return np.zeros_like(a)
        return folded(_eigh_pull(cw, cv, w, v, of_b), bool(o.lower))

    return ArgRule(jvp, vjp)


for _name in ("eigh", "eigvalsh"):
    rows(
        _name, {0: _eigh_rules(_name, False), 1: _eigh_rules(_name, True)},
        types=with_batch(getattr(scipy_linalg, _name), 2, 2),
        kink="one triangle is read; vectors of equal eigenvalues: inf; the phase of complex ones: as if it turned least",
    )  # fmt: skip

# -- eigenvalues of other matrices


def _eig_options(name: str, a: Any, b: Any, more: Any, options: Options) -> None:
    o = settings(f"scipy.linalg.{name}", getattr(scipy_linalg, name), 2, more, options)
    if b is not None:
        raise can_not(f"scipy.linalg.{name}", "a second matrix", "solve with it first: scipy.linalg.solve(b, a)")
    if o.homogeneous_eigvals:
        raise can_not(f"scipy.linalg.{name}", "homogeneous_eigvals=True")


def _eigvals_jvp(dot: Any, out: Any, a: Any, b: Any = None, *more: Any, **options: Any) -> Any:
    _eig_options("eigvals", a, b, more, options)
    v = linalg.eig(a + 0j)[1]
    return np.diagonal(linalg.solve(v, dot @ v), axis1=-2, axis2=-1)


def _eigvals_vjp(ct: Any, out: Any, a: Any, b: Any = None, *more: Any, **options: Any) -> Any:
    _eig_options("eigvals", a, b, more, options)
    v = linalg.eig(a + 0j)[1]
    return linalg.solve(swap(v), ct[..., :, None] * swap(v))


rows(
    "eigvals", {0: ArgRule(_eigvals_jvp, _eigvals_vjp)},
    kink="equal eigenvalues of a matrix that can't be diagonalised: no derivative",
)  # fmt: skip


def _eig_kind(more: Any, options: Options) -> tuple[bool, bool]:
    o = settings("scipy.linalg.eig", scipy_linalg.eig, 2, more, options)
    return bool(o.left), bool(o.right)


def _eig_checked(a: Any, b: Any, more: Any, options: Options) -> None:
    _eig_options("eig", a, b, more, options)
    left, right = _eig_kind(more, options)
    if left or not right:
        raise can_not("scipy.linalg.eig", "left=True or right=False", "use scipy.linalg.eigvals")


def _largest(v: Any) -> Any:
    return np.argmax(np.abs(v), axis=-2)[..., None, :]


def _unit_change(free: Any, v: Any) -> Any:
    """The change of vectors of length 1 whose largest element is real, as LAPACK gives them, from one in any scale."""
    free = free - v * np.real(np.sum(conj(v) * free, axis=-2, keepdims=True))
    if not complex_valued(v):
        return free
    k = _largest(v)
    slip = np.imag(np.take_along_axis(free, k, -2)) / np.real(np.take_along_axis(v, k, -2))
    return free - 1j * v * slip


def _eig_jvp(dot: Any, out: Any, a: Any, b: Any = None, *more: Any, **options: Any) -> Any:
    """Vectors of a real matrix are taken as real, which raises where they aren't; its eigenvalues may be complex."""
    _eig_checked(a, b, more, options)
    w, v = out[0], out[1]
    m = linalg.solve(v, dot @ v)
    w_dot = np.diagonal(m, axis1=-2, axis2=-1)
    if complex_valued(a):
        return w_dot, _unit_change(v @ _gap_shares(m, w), v)
    v = real_result(v)
    return w_dot + 0j, _unit_change(v @ _gap_shares(linalg.solve(v, dot @ v), np.real(w)), v)


def _eig_vjp(ct: Any, out: Any, a: Any, b: Any = None, *more: Any, **options: Any) -> Any:
    _eig_checked(a, b, more, options)
    w, v = out[0], out[1]
    cw, cv = ct[0], ct[1]
    if is_absent(cw) and is_absent(cv):
        return np.zeros_like(a)
    terms = [] if is_absent(cw) else [cw[..., :, None] * swap(v)]
    if not is_absent(cv):
        v, w = (v, w) if complex_valued(a) else (real_result(v), np.real(w))
        g = cv
        if complex_valued(v):
            k = _largest(v)
            at_largest = arange(v.shape[-2])[:, None] == k
            slip = np.real(np.sum(-1j * v * cv, axis=-2, keepdims=True)) / np.real(np.take_along_axis(v, k, -2))
            g = cv - np.where(at_largest, 1j * slip, 0.0)
        g = g - conj(v) * np.real(np.sum(v * g, axis=-2, keepdims=True))
        terms.append(_gap_shares(swap(v) @ g, w) @ swap(v))
    total = terms[0] if len(terms) == 1 else terms[0] + terms[1]
    return linalg.solve(swap(v), total)


rows(
    "eig", {0: ArgRule(_eig_jvp, _eig_vjp)}, types=with_batch(scipy_linalg.eig, 2, 2),
    kink="vectors have length 1 and a real largest element; equal eigenvalues: inf; complex vectors of a real matrix are refused",
)  # fmt: skip
