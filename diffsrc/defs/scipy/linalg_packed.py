"""Rows of `scipy.linalg` for matrices in packed forms, and of the helpers that their rules call: bands, diagonals, blocks.

The helpers of `runtime/matrices.py` are linear in each argument, and the transposes of each other.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

import numpy as np
from scipy import linalg as scipy_linalg

from ...ir.types import Array, Type
from ...runtime import matrices
from ..dims import dim_of, dims_of
from ..numpy_tools import can_not, concatenate, is_display, linear_in, ndim
from ..special import MANY, complex_valued, dispatching, unbroadcast
from ..table import ArgRule
from .linalg_solve import linalg, rows
from .tools import conj, like_right_side, passed, promoted, settings

band_product = dispatching(matrices.band_product)
band_outer = dispatching(matrices.band_outer)
band_transpose = dispatching(matrices.band_transpose)
diagonal_sums = dispatching(matrices.diagonal_sums)
from_diagonals = dispatching(matrices.from_diagonals)

Args = tuple[Any, ...]
Kwargs = Mapping[str, Any]

# -- the helpers


def _band_rows(args: Args) -> Any:
    low, up = dim_of(args[-2]), dim_of(args[-1])
    return low + up + 1 if isinstance(low, int) and isinstance(up, int) else None


def _band_outer_type(args: Args, kwargs: Kwargs) -> Type:
    return Array(promoted(args[0], args[1]), (_band_rows(args), dims_of(args[1])[0]))


def _band_transpose_type(args: Args, kwargs: Kwargs) -> Type:
    return Array(promoted(args[0]), dims_of(args[0]))


def _band_product_type(args: Args, kwargs: Kwargs) -> Type:
    return Array(promoted(args[0], args[1]), dims_of(args[1]))


def _diagonal_sums_type(args: Args, kwargs: Kwargs) -> Type:
    return Array(promoted(args[0]), (None,))


def _from_diagonals_type(args: Args, kwargs: Kwargs) -> Type:
    return Array(promoted(args[0]), (dim_of(args[1]), dim_of(args[2])))


linear_in(
    matrices.band_product, name="band_product", types=_band_product_type,
    vjp=lambda ct, out, ab, x, low, up: band_outer(ct, x, low, up),
)  # fmt: skip
linear_in(
    matrices.band_product, arg=1,
    vjp=lambda ct, out, ab, x, low, up: band_product(band_transpose(ab, low, up), ct, up, low),
)  # fmt: skip
linear_in(
    matrices.band_outer, name="band_outer", types=_band_outer_type,
    vjp=lambda ct, out, g, x, low, up: band_product(ct, x, low, up),
)  # fmt: skip
linear_in(
    matrices.band_outer, arg=1,
    vjp=lambda ct, out, g, x, low, up: band_product(band_transpose(ct, low, up), g, up, low),
)  # fmt: skip
linear_in(
    matrices.band_transpose, name="band_transpose", types=_band_transpose_type,
    vjp=lambda ct, out, ab, low, up: band_transpose(ct, up, low),
)  # fmt: skip
linear_in(
    matrices.diagonal_sums, name="diagonal_sums", types=_diagonal_sums_type,
    vjp=lambda ct, out, g: from_diagonals(ct, g.shape[0], g.shape[1]),
)  # fmt: skip
linear_in(
    matrices.from_diagonals, name="from_diagonals", types=_from_diagonals_type,
    vjp=lambda ct, out, s, m, n: diagonal_sums(ct),
)  # fmt: skip

# -- systems with bands


def _band_options(name: str, count: int, more: Any, options: Any) -> SimpleNamespace:
    return settings(f"scipy.linalg.{name}", getattr(scipy_linalg, name), count, more, options)


def _widths(ab: Any, l_and_u: Any) -> tuple[int, int]:
    if ndim(ab) != 2:
        raise can_not("scipy.linalg.solve_banded", "stacks of matrices", "use a loop")
    if not is_display(l_and_u) or not all(isinstance(k, int) for k in l_and_u):
        raise can_not("scipy.linalg.solve_banded", "numbers of diagonals that aren't constants")
    return l_and_u[0], l_and_u[1]


class _Banded:
    @staticmethod
    def jvp_ab(dot: Any, out: Any, l_and_u: Any, ab: Any, b: Any, *more: Any, **options: Any) -> Any:
        low, up = _widths(ab, l_and_u)
        o = _band_options("solve_banded", 3, more, options)
        return -linalg.solve_banded(l_and_u, ab, band_product(dot, out, low, up), **passed(o, check_finite=True))

    @staticmethod
    def jvp_b(dot: Any, out: Any, l_and_u: Any, ab: Any, b: Any, *more: Any, **options: Any) -> Any:
        return linalg.solve_banded(l_and_u, ab, dot, *more, **options)

    @staticmethod
    def vjp_b(ct: Any, out: Any, l_and_u: Any, ab: Any, b: Any, *more: Any, **options: Any) -> Any:
        low, up = _widths(ab, l_and_u)
        o = _band_options("solve_banded", 3, more, options)
        return linalg.solve_banded((up, low), band_transpose(ab, low, up), ct, **passed(o, check_finite=True))

    @staticmethod
    def vjp_ab(ct: Any, out: Any, l_and_u: Any, ab: Any, b: Any, *more: Any, **options: Any) -> Any:
        low, up = _widths(ab, l_and_u)
        return -band_outer(_Banded.vjp_b(ct, out, l_and_u, ab, b, *more, **options), out, low, up)


class _HermitianBanded:
    """The matrix is t + t^H, where t is the band that is given with half its main diagonal."""

    @staticmethod
    def _given(ab: Any, o: SimpleNamespace) -> tuple[Any, Any]:
        """The numbers of diagonals of t."""
        if ndim(ab) != 2:
            raise can_not("scipy.linalg.solveh_banded", "stacks of matrices", "use a loop")
        return (ab.shape[0] - 1, 0) if o.lower else (0, ab.shape[0] - 1)

    @staticmethod
    def _halved(t: Any, o: SimpleNamespace) -> Any:
        return concatenate([0.5 * t[:1], t[1:]] if o.lower else [t[:-1], 0.5 * t[-1:]])

    @staticmethod
    def _solve(ab: Any, b: Any, o: SimpleNamespace) -> Any:
        return linalg.solveh_banded(ab, b, **passed(o, lower=False, check_finite=True))

    @staticmethod
    def jvp_ab(dot: Any, out: Any, ab: Any, b: Any, *more: Any, **options: Any) -> Any:
        o = _band_options("solveh_banded", 2, more, options)
        low, up = _HermitianBanded._given(ab, o)
        t = _HermitianBanded._halved(dot, o)
        moved = band_product(t, out, low, up) + band_product(conj(band_transpose(t, low, up)), out, up, low)
        return -_HermitianBanded._solve(ab, moved, o)

    @staticmethod
    def jvp_b(dot: Any, out: Any, ab: Any, b: Any, *more: Any, **options: Any) -> Any:
        return linalg.solveh_banded(ab, dot, *more, **options)

    @staticmethod
    def vjp_b(ct: Any, out: Any, ab: Any, b: Any, *more: Any, **options: Any) -> Any:
        return _HermitianBanded._solve(conj(ab), ct, _band_options("solveh_banded", 2, more, options))

    @staticmethod
    def vjp_ab(ct: Any, out: Any, ab: Any, b: Any, *more: Any, **options: Any) -> Any:
        o = _band_options("solveh_banded", 2, more, options)
        low, up = _HermitianBanded._given(ab, o)
        g = _HermitianBanded._solve(conj(ab), ct, o)
        both = band_outer(g, out, low, up) + band_outer(conj(out), conj(g), low, up)
        return -_HermitianBanded._halved(both, o)


rows(
    "solve_banded", {1: ArgRule(_Banded.jvp_ab, _Banded.vjp_ab), 2: ArgRule(_Banded.jvp_b, _Banded.vjp_b)},
    types=like_right_side(1, 2, scipy_linalg.solve_banded),
)  # fmt: skip
rows("solveh_banded", {
    0: ArgRule(_HermitianBanded.jvp_ab, _HermitianBanded.vjp_ab), 1: ArgRule(_HermitianBanded.jvp_b, _HermitianBanded.vjp_b)
}, types=like_right_side(0, 1, scipy_linalg.solveh_banded))  # fmt: skip

# -- constant diagonals: toeplitz(c, r), hankel(c, r), circulant(c), and systems with the first


def _no_stack(name: str, *parts: Any) -> None:
    if any(part is not None and ndim(part) > 1 for part in parts):
        raise can_not(f"scipy.linalg.{name}", "stacks of vectors", "use a loop")


def _toeplitz_parts(g: Any, c: Any, r: Any, with_r: bool) -> tuple[Any, Any]:
    """The cotangents of the first column and row of a Toeplitz matrix, of which the row's first isn't read."""
    sums, m = diagonal_sums(g), c.shape[0]
    column, row = sums[m - 1 :: -1], sums[m:]
    if with_r:
        return column, concatenate([np.zeros_like(r[:1]), row])
    return column + conj(concatenate([np.zeros_like(c[:1]), row])), None


def _toeplitz_jvp_c(dot: Any, out: Any, c: Any, r: Any = None) -> Any:
    _no_stack("toeplitz", c, r)
    return linalg.toeplitz(dot) if r is None else linalg.toeplitz(dot, np.zeros_like(r))


def _toeplitz_vjp_c(ct: Any, out: Any, c: Any, r: Any = None) -> Any:
    _no_stack("toeplitz", c, r)
    return _toeplitz_parts(ct, c, r, r is not None)[0]


def _toeplitz_vjp_r(ct: Any, out: Any, c: Any, r: Any = None) -> Any:
    _no_stack("toeplitz", c, r)
    return _toeplitz_parts(ct, c, r, True)[1]


def _hankel_vjp_c(ct: Any, out: Any, c: Any, r: Any = None) -> Any:
    _no_stack("hankel", c, r)
    return diagonal_sums(ct[::-1])[: c.shape[0]]


def _hankel_vjp_r(ct: Any, out: Any, c: Any, r: Any = None) -> Any:
    _no_stack("hankel", c, r)
    return concatenate([np.zeros_like(r[:1]), diagonal_sums(ct[::-1])[c.shape[0] :]])


def _hankel_jvp_c(dot: Any, out: Any, c: Any, r: Any = None) -> Any:
    _no_stack("hankel", c, r)
    return linalg.hankel(dot) if r is None else linalg.hankel(dot, np.zeros_like(r))


def _circulant_vjp(ct: Any, out: Any, c: Any) -> Any:
    _no_stack("circulant", c)
    sums, n = diagonal_sums(ct), c.shape[0]
    return sums[n - 1 :: -1] + concatenate([np.zeros_like(c[:1]), sums[: n - 1 : -1]])


rows("toeplitz", {
    0: ArgRule(_toeplitz_jvp_c, _toeplitz_vjp_c),
    1: ArgRule(lambda dot, out, c, r: linalg.toeplitz(np.zeros_like(c), dot), _toeplitz_vjp_r),
})  # fmt: skip
rows("hankel", {
    0: ArgRule(_hankel_jvp_c, _hankel_vjp_c),
    1: ArgRule(lambda dot, out, c, r: linalg.hankel(np.zeros_like(c), dot), _hankel_vjp_r),
})  # fmt: skip
rows("circulant", {0: ArgRule(lambda dot, out, c: linalg.circulant(dot), _circulant_vjp)})


def _column_and_row(name: str, c_or_cr: Any, b: Any) -> tuple[Any, Any]:
    c, r = c_or_cr if is_display(c_or_cr) else (c_or_cr, None)
    if ndim(c) != 1 or ndim(b) > 2:
        raise can_not(f"scipy.linalg.{name}", "stacks of matrices", "use a loop")
    return c, r


def _toeplitz_system(name: str, inverse: bool) -> None:
    """`solve_toeplitz` and `matmul_toeplitz`: their adjoint is that of the transposed matrix."""
    fn = getattr(linalg, name)
    sign = -1 if inverse else 1

    def transposed(c_or_cr: Any, ct: Any, b: Any, options: Any) -> Any:
        c, r = _column_and_row(name, c_or_cr, b)
        if r is None and not complex_valued(c):
            return fn(c, ct, **options)
        row = conj(c) if r is None else r
        return fn((concatenate([c[:1], row[1:]]), c), ct, **options)

    def jvp_t(dot: Any, out: Any, c_or_cr: Any, b: Any, **options: Any) -> Any:
        c, r = _column_and_row(name, c_or_cr, b)
        if r is None:
            change = linalg.toeplitz(dot)
        else:
            change = linalg.toeplitz(*(np.zeros_like(p) if d is None else d for d, p in zip(dot, (c, r))))
        return change @ b if not inverse else -fn(c_or_cr, change @ out, **options)

    def vjp_t(ct: Any, out: Any, c_or_cr: Any, b: Any, **options: Any) -> Any:
        (c, r), flat = _column_and_row(name, c_or_cr, b), ndim(b) == 1
        g = transposed(c_or_cr, ct, b, options) if inverse else ct
        full = np.outer(g, out if inverse else b) if flat else g @ (out if inverse else b).T
        column, row = _toeplitz_parts(sign * full, c, r, r is not None)
        return column if r is None else (column, row)

    def jvp_b(dot: Any, out: Any, c_or_cr: Any, b: Any, **options: Any) -> Any:
        return fn(c_or_cr, dot, **options)

    def vjp_b(ct: Any, out: Any, c_or_cr: Any, b: Any, **options: Any) -> Any:
        return transposed(c_or_cr, ct, b, options)

    def checked(rule: Any) -> Any:
        def run(seed: Any, out: Any, c_or_cr: Any, b: Any, *more: Any, **options: Any) -> Any:
            o = settings(f"scipy.linalg.{name}", getattr(scipy_linalg, name), 2, more, options)
            return rule(seed, out, c_or_cr, b, **passed(o, check_finite=inverse))

        return run

    types = like_right_side(0, 1, getattr(scipy_linalg, name)) if inverse else None
    rows(name, {0: ArgRule(checked(jvp_t), checked(vjp_t)), 1: ArgRule(checked(jvp_b), checked(vjp_b))}, types=types)


_toeplitz_system("solve_toeplitz", inverse=True)
_toeplitz_system("matmul_toeplitz", inverse=False)

# -- block_diag


def _block_rule(k: int) -> ArgRule:
    def jvp(dot: Any, out: Any, *parts: Any) -> Any:
        return linalg.block_diag(*(dot if j == k else np.zeros_like(p) for j, p in enumerate(parts)))

    def vjp(ct: Any, out: Any, *parts: Any) -> Any:
        before = [_as_matrix(p) for p in parts[:k]]
        top, left = _sum(s[0] for s in before), _sum(s[1] for s in before)
        m, n = _as_matrix(parts[k])
        part = ct[..., top : top + m, left : left + n] if ndim(ct) > 2 else ct[top : top + m, left : left + n]
        if ndim(parts[k]) < 2:
            part = part[..., 0, :] if ndim(parts[k]) else part[..., 0, 0]
        return unbroadcast(part, parts[k])

    return ArgRule(jvp, vjp)


def _as_matrix(a: Any) -> tuple[Any, Any]:
    if ndim(a) < 2:
        return 1, a.shape[0] if ndim(a) else 1
    return a.shape[-2], a.shape[-1]


def _sum(sizes: Any) -> Any:
    total: Any = 0
    for s in sizes:
        total = s if isinstance(total, int) and total == 0 else total + s
    return total


rows("block_diag", {k: _block_rule(k) for k in range(MANY)})
