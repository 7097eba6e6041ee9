"""Factors of matrices in `scipy.linalg`: Cholesky, LU, polar.

As in `numpy_decompositions`: the derivative is that of the function as it computes, so of one triangle where it reads one;
what isn't used of a result has the cotangent 0.0, and its terms are left out.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
from scipy import linalg as scipy_linalg

from ...ir.types import BOOL, Lit, Tuple, Type, same_dim
from ..numpy_tools import can_not, concatenate, is_absent, ndim, swap
from ..special import complex_valued
from ..table import ArgRule
from .linalg_solve import linalg, permutation, rows, unpacked_lu
from .tools import conj, folded, half_tri, herm, mirrored, settings, triangle, with_batch


def _total(terms: list[Any]) -> Any:
    total = terms[0]
    for t in terms[1:]:
        total = total + t
    return total


# -- Cholesky: a = L L^H from the lower triangle, or R^H R from the upper one


def _cholesky_slope(dot: Any, factor: Any, lower: bool) -> Any:
    """dL = L tril(L^-1 da L^-H), with half the diagonal."""
    left = factor if lower else herm(factor)
    inner = herm(linalg.solve_triangular(left, mirrored(dot, lower), lower=True))
    change = left @ half_tri(linalg.solve_triangular(left, inner, lower=True))
    return change if lower else herm(change)


def _cholesky_pull(ct: Any, factor: Any, lower: bool) -> Any:
    """The transpose of `_cholesky_slope`."""

    def divided(p: Any) -> Any:
        if lower:
            return linalg.solve_triangular(factor, p, trans=1, lower=True)
        return linalg.solve_triangular(conj(factor), p)

    g = swap(factor) @ ct if lower else conj(factor) @ herm(ct)
    return folded(divided(herm(divided(half_tri(g)))), lower)


def _cholesky_options(name: str, more: Any, options: Any) -> bool:
    return bool(settings(f"scipy.linalg.{name}", getattr(scipy_linalg, name), 1, more, options).lower)


def _cholesky_jvp(dot: Any, out: Any, a: Any, *more: Any, **options: Any) -> Any:
    return _cholesky_slope(dot, out, _cholesky_options("cholesky", more, options))


def _cholesky_vjp(ct: Any, out: Any, a: Any, *more: Any, **options: Any) -> Any:
    return _cholesky_pull(ct, out, _cholesky_options("cholesky", more, options))


def _cho_factor_jvp(dot: Any, out: Any, a: Any, *more: Any, **options: Any) -> Any:
    lower = _cholesky_options("cho_factor", more, options)
    change = _cholesky_slope(dot, triangle(out[0], lower), lower)
    return change + triangle(dot, not lower, strict=True), 0.0


def _cho_factor_vjp(ct: Any, out: Any, a: Any, *more: Any, **options: Any) -> Any:
    lower = _cholesky_options("cho_factor", more, options)
    g = _cholesky_pull(triangle(ct[0], lower), triangle(out[0], lower), lower)
    return g + triangle(ct[0], not lower, strict=True)


_cho_factor_found = with_batch(scipy_linalg.cho_factor, 2)


def _cho_factor_type(args: tuple[Any, ...], kwargs: Any) -> Type:
    """Which triangle it is comes as a constant."""
    found = _cho_factor_found(args, kwargs)
    lower = args[1] if len(args) > 1 else kwargs.get("lower", Lit(False, BOOL))
    if isinstance(found, Tuple) and isinstance(lower, Lit):
        return Tuple((found.items[0], lower))
    return found


rows("cholesky", {0: ArgRule(_cholesky_jvp, _cholesky_vjp)}, kink="only one triangle is read")
rows(
    "cho_factor", {0: ArgRule(_cho_factor_jvp, _cho_factor_vjp)}, types=_cho_factor_type,
    kink="only one triangle is read; the other one is passed on",
)  # fmt: skip

# -- LU: with rows exchanged, which is constant, a = L U


def _lu_slopes(dot: Any, lower: Any, upper: Any, square: bool) -> tuple[Any, Any]:
    """With F = L^-1 da U^-1 of the leading square: dL = da U^-1 - L triu(F) and dU = L^-1 da - tril(F, -1) U."""
    if square:
        inner = _right_divided(linalg.solve_triangular(lower, dot, lower=True, unit_diagonal=True), upper)
        return lower @ np.tril(inner, -1), np.triu(inner) @ upper
    k = lower.shape[-1]
    top, left = _top(lower, k), upper[..., :k]
    x = _right_divided(dot[..., :k], left)
    inner = linalg.solve_triangular(top, _top(x, k), lower=True, unit_diagonal=True)
    y = linalg.solve_triangular(top, _top(dot, k), lower=True, unit_diagonal=True)
    return x - lower @ np.triu(inner), y - np.tril(inner, -1) @ upper


def _top(a: Any, k: Any) -> Any:
    return a[:k] if ndim(a) == 2 else a[..., :k, :]


def _below(a: Any, k: Any) -> Any:
    return a[k:] if ndim(a) == 2 else a[..., k:, :]


def _right_divided(a: Any, upper: Any) -> Any:
    """a U^-1."""
    return swap(linalg.solve_triangular(upper, swap(a), trans=1))


def _lu_pull(cl: Any, cu: Any, lower: Any, upper: Any, square: bool) -> Any:
    """The transpose of `_lu_slopes`; either cotangent may be absent."""
    if square:
        parts = ([] if is_absent(cl) else [np.tril(swap(lower) @ cl, -1)]) + (
            [] if is_absent(cu) else [np.triu(cu @ swap(upper))]
        )
        inner = linalg.solve_triangular(lower, _total(parts), trans=1, lower=True, unit_diagonal=True)
        return swap(linalg.solve_triangular(upper, swap(inner)))
    k = lower.shape[-1]
    top, left = _top(lower, k), upper[..., :k]
    cl = np.zeros_like(lower) if is_absent(cl) else cl
    cu = np.zeros_like(upper) if is_absent(cu) else cu
    f = -np.triu(swap(lower) @ cl) - np.tril(cu @ swap(upper), -1)
    f, y = (linalg.solve_triangular(top, g, trans=1, lower=True, unit_diagonal=True) for g in (f, cu))
    x = swap(linalg.solve_triangular(left, swap(concatenate([_top(cl, k) + f, _below(cl, k)], axis=-2))))
    g = concatenate([_top(x, k) + y[..., :k], _below(x, k)], axis=-2)
    corner = _below(x, k)[..., :1] * _top(y, 1)[..., k:]  # of no rows or of no columns
    return concatenate([g, concatenate([y[..., k:], corner], axis=-2)], axis=-1)


def _is_square(a: Any) -> bool:
    return same_dim(*(getattr(a, "dims", None) or a.shape)[-2:])


def _lu_parts(out: Any, a: Any, o: SimpleNamespace) -> tuple[Any, Any, Any]:
    """The order of rows (a[order] = L U; None where `p` is a matrix), L and U."""
    if o.permute_l or o.p_indices:
        if ndim(a) > 2:
            raise can_not("scipy.linalg.lu", "stacks of matrices and rows by index", "use a loop, or the matrix p")
        places = linalg.lu(a, p_indices=True)[0] if o.permute_l else out[0]
        order = np.argsort(places)
        return order, (out[0][order] if o.permute_l else out[1]), out[-1]
    return None, out[1], out[2]


def _lu_options(more: Any, options: Any) -> SimpleNamespace:
    return settings("scipy.linalg.lu", scipy_linalg.lu, 1, more, options)


def _lu_jvp(dot: Any, out: Any, a: Any, *more: Any, **options: Any) -> Any:
    o = _lu_options(more, options)
    order, lower, upper = _lu_parts(out, a, o)
    moved = swap(out[0]) @ dot if order is None else dot[order]
    l_dot, u_dot = _lu_slopes(moved, lower, upper, _is_square(a))
    if o.permute_l:
        return l_dot[np.argsort(order)], u_dot
    return (np.zeros_like(out[0]) if order is None else 0.0), l_dot, u_dot


def _lu_vjp(ct: Any, out: Any, a: Any, *more: Any, **options: Any) -> Any:
    o = _lu_options(more, options)
    order, lower, upper = _lu_parts(out, a, o)
    cl, cu = (ct[0], ct[1]) if o.permute_l else (ct[1], ct[2])
    if o.permute_l and not is_absent(cl):
        cl = cl[order]
    if is_absent(cl) and is_absent(cu):
        return np.zeros_like(a)
    g = _lu_pull(cl, cu, lower, upper, _is_square(a))
    return out[0] @ g if order is None else g[np.argsort(order)]


def _lu_factor_options(a: Any, more: Any, options: Any) -> None:
    settings("scipy.linalg.lu_factor", scipy_linalg.lu_factor, 1, more, options)
    if ndim(a) > 2:
        raise can_not("scipy.linalg.lu_factor", "stacks of matrices", "use scipy.linalg.lu")


def _lu_factor_jvp(dot: Any, out: Any, a: Any, *more: Any, **options: Any) -> Any:
    _lu_factor_options(a, more, options)
    lower, upper = unpacked_lu(out[0])
    l_dot, u_dot = _lu_slopes(dot[permutation(out[1], a.shape[0])], lower, upper, True)
    return l_dot + u_dot, 0.0


def _lu_factor_vjp(ct: Any, out: Any, a: Any, *more: Any, **options: Any) -> Any:
    _lu_factor_options(a, more, options)
    lower, upper = unpacked_lu(out[0])
    g = _lu_pull(np.tril(ct[0], -1), np.triu(ct[0]), lower, upper, True)
    return g[np.argsort(permutation(out[1], a.shape[0]))]


rows("lu", {0: ArgRule(_lu_jvp, _lu_vjp)}, types=with_batch(scipy_linalg.lu, 2), kink="the order of rows is taken as constant")
rows(
    "lu_factor", {0: ArgRule(_lu_factor_jvp, _lu_factor_vjp)}, types=with_batch(scipy_linalg.lu_factor, 2),
    kink="the order of rows is taken as constant",
)  # fmt: skip

# -- polar: a = u p, or p u


def _polar_slopes(dot: Any, u: Any, p: Any, square: bool) -> tuple[Any, Any]:
    inner = swap(u) @ dot
    turn = linalg.solve_sylvester(p, p, inner - swap(inner))
    u_dot = u @ turn
    if not square:
        u_dot = u_dot + swap(linalg.solve(p, swap(dot - u @ inner), assume_a="pos"))
    return u_dot, inner - turn @ p


def _polar_pull(cu: Any, cp: Any, u: Any, p: Any, square: bool) -> Any:
    terms = [] if is_absent(cu) else [swap(u) @ cu]
    if not is_absent(cp):
        terms.append(-cp @ p)
    h = linalg.solve_sylvester(p, p, _total(terms))
    g = u @ (h - swap(h)) if is_absent(cp) else u @ (h - swap(h) + cp)
    if is_absent(cu) or square:
        return g
    rest = swap(linalg.solve(p, swap(cu), assume_a="pos"))
    return g + rest - u @ (swap(u) @ rest)


def _polar_options(a: Any, side: Any) -> tuple[bool, bool]:
    if complex_valued(a):
        raise can_not("scipy.linalg.polar", "a complex matrix")
    m, n = (getattr(a, "dims", None) or a.shape)[-2:]
    return side == "left", same_dim(m, n)


def _polar_jvp(dot: Any, out: Any, a: Any, side: Any = "right") -> Any:
    left, square = _polar_options(a, side)
    if not left:
        return _polar_slopes(dot, out[0], out[1], square)
    u_dot, p_dot = _polar_slopes(swap(dot), swap(out[0]), out[1], square)
    return swap(u_dot), p_dot


def _polar_vjp(ct: Any, out: Any, a: Any, side: Any = "right") -> Any:
    left, square = _polar_options(a, side)
    if is_absent(ct[0]) and is_absent(ct[1]):
        return np.zeros_like(a)
    if not left:
        return _polar_pull(ct[0], ct[1], out[0], out[1], square)
    cu = ct[0] if is_absent(ct[0]) else swap(ct[0])
    return swap(_polar_pull(cu, ct[1], swap(out[0]), out[1], square))


rows(
    "polar", {0: ArgRule(_polar_jvp, _polar_vjp)}, types=with_batch(scipy_linalg.polar, 2),
    kink="a singular p (of more columns than rows, on the right): no derivative",
)  # fmt: skip
