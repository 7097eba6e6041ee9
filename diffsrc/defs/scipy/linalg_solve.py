"""Solvers of `scipy.linalg`: systems of every structure, with factors, with bands, Sylvester's and Lyapunov's equations.

A solver that reads a part of its matrix (a triangle, a diagonal) gives a cotangent to that part alone.
"""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
from scipy import linalg as scipy_linalg

from ...ir.types import Array, Type
from ...runtime import matrices
from ..dims import dim_of
from ..numpy_tools import can_not, eye, is_display, ndim, swap
from ..special import complex_valued, dispatching, in_texts, unbroadcast
from ..table import ArgRule, Def, register
from .tools import Rows, columns, conj, folded, herm, like_right_side, mirrored, outer, passed, settings, triangle

linalg: Any = in_texts("linalg", scipy_linalg)
rows = Rows(scipy_linalg, "overwrite_a", "overwrite_b", "overwrite_c", "overwrite_x", "overwrite_ab", "overwrite_a_band")



def _permutation_type(args: tuple[Any, ...], kwargs: Any) -> Type:
    return Array("i64", (dim_of(args[1]),))


register(Def("permutation", matrices.permutation, "zero", types=_permutation_type))
permutation = dispatching(matrices.permutation)
real_result = dispatching(matrices.real_result)
register(Def(
    "real_result", matrices.real_result, "general", types=lambda args, kwargs: args[0],
    rules={0: ArgRule(lambda dot, out, x: dot, lambda ct, out, x: ct)},
))  # fmt: skip

# -- solve


_STRUCTURES = {
    "pos": "her", "positive definite": "her", "her": "her", "hermitian": "her", "sym": "sym", "symmetric": "sym",
    "diagonal": "diagonal", "tridiagonal": "tridiagonal", "upper triangular": "upper", "lower triangular": "lower",
}  # fmt: skip


def part_that_is_read(o: SimpleNamespace) -> tuple[Callable[[Any], Any], Callable[[Any], Any]]:
    """For a structure of a matrix: the change of what the solver reads, and the cotangent of the matrix."""
    kind = _STRUCTURES.get(getattr(o, "assume_a", "gen"), "")  # of inv since SciPy 1.17
    if kind in ("her", "sym"):
        lower, hermitian = bool(o.lower), kind == "her"
        return lambda a: mirrored(a, lower, hermitian), lambda g: folded(g, lower, hermitian)
    part: dict[str, Callable[[Any], Any]] = {
        "diagonal": lambda a: np.tril(np.triu(a)), "tridiagonal": lambda a: np.tril(np.triu(a, -1), 1),
        "upper": np.triu, "lower": np.tril,
    }  # fmt: skip
    found = part.get(kind, lambda a: a)
    return found, found


def _solve_options(more: tuple[Any, ...], options: Any) -> SimpleNamespace:
    return settings("scipy.linalg.solve", scipy_linalg.solve, 2, more, options)


def _solved(a: Any, b: Any, o: SimpleNamespace, transposed: bool, flat: bool) -> Any:
    """The solution for `a` or its transpose; `flat`: one vector per matrix."""
    given = passed(o, lower=False, check_finite=True, assume_a=None)
    kind = _STRUCTURES.get(o.assume_a, "")
    if transposed and kind == "her":
        a = conj(a)
    elif transposed and kind != "sym":
        a = swap(a)
        if kind in ("upper", "lower"):
            given["assume_a"] = "lower triangular" if kind == "upper" else "upper triangular"
    if flat and (ndim(a) > 2 or ndim(b) > 1):
        return linalg.solve(a, b[..., None], **given)[..., 0]
    return linalg.solve(a, b, **given)


def _times(a: Any, x: Any, flat: bool) -> Any:
    return a @ x if not flat or (ndim(a) == 2 and ndim(x) == 1) else (a @ x[..., None])[..., 0]


def _is_number(a: Any) -> bool:
    """Whether the matrix is one number, by which `b` is divided whatever its length."""
    return tuple(getattr(a, "dims", None) or a.shape) == (1, 1)


def _solve_jvp_a(dot: Any, out: Any, a: Any, b: Any, *more: Any, **options: Any) -> Any:
    o, flat = _solve_options(more, options), ndim(b) == 1
    if _is_number(a):
        return -(dot[0, 0] / a[0, 0]) * out
    change = part_that_is_read(o)[0](dot)
    return -_solved(a, _times(swap(change) if o.transposed else change, out, flat), o, bool(o.transposed), flat)


def _solve_vjp_a(ct: Any, out: Any, a: Any, b: Any, *more: Any, **options: Any) -> Any:
    o, flat = _solve_options(more, options), ndim(b) == 1
    g = _solved(a, ct, o, not o.transposed, flat)
    if _is_number(a):
        return -np.sum(g * out) * np.ones_like(a)
    full = outer(out, g, flat) if o.transposed else outer(g, out, flat)
    return unbroadcast(-part_that_is_read(o)[1](full), a)


def _solve_jvp_b(dot: Any, out: Any, a: Any, b: Any, *more: Any, **options: Any) -> Any:
    return linalg.solve(a, dot, *more, **options)


def _solve_vjp_b(ct: Any, out: Any, a: Any, b: Any, *more: Any, **options: Any) -> Any:
    o = _solve_options(more, options)
    return unbroadcast(_solved(a, ct, o, not o.transposed, ndim(b) == 1), b)


rows("solve", {0: ArgRule(_solve_jvp_a, _solve_vjp_a), 1: ArgRule(_solve_jvp_b, _solve_vjp_b)})

# -- triangular systems


def _triangular_options(more: tuple[Any, ...], options: Any) -> SimpleNamespace:
    o = settings("scipy.linalg.solve_triangular", scipy_linalg.solve_triangular, 2, more, options)
    o.trans = {"N": 0, "T": 1, "C": 2}.get(o.trans, o.trans)
    if o.trans not in (0, 1, 2):
        raise can_not("scipy.linalg.solve_triangular", f"trans={o.trans!r}")
    return o


def _triangular(a: Any, b: Any, o: SimpleNamespace, trans: int, flat: bool = False) -> Any:
    given = passed(o, lower=False, unit_diagonal=False, check_finite=True)
    named = {"trans": trans} if trans else {}
    if flat and ndim(b) != 1:
        return linalg.solve_triangular(a, b[..., None], **named, **given)[..., 0]
    return linalg.solve_triangular(a, b, **named, **given)


def _triangular_jvp_a(dot: Any, out: Any, a: Any, b: Any, *more: Any, **options: Any) -> Any:
    o, flat = _triangular_options(more, options), ndim(b) == 1
    change = triangle(dot, bool(o.lower), bool(o.unit_diagonal))
    change = (change, swap(change), herm(change))[o.trans]
    return -_triangular(a, _times(change, out, flat), o, o.trans, flat)


def _triangular_adjoint(a: Any, ct: Any, o: SimpleNamespace, flat: bool) -> Any:
    if o.trans == 2 and complex_valued(a):
        return _triangular(conj(a), ct, o, 0, flat)
    return _triangular(a, ct, o, 0 if o.trans else 1, flat)


def _triangular_vjp_a(ct: Any, out: Any, a: Any, b: Any, *more: Any, **options: Any) -> Any:
    o, flat = _triangular_options(more, options), ndim(b) == 1
    g = _triangular_adjoint(a, ct, o, flat)
    full = outer(out, g, flat) if o.trans else outer(g, out, flat)
    full = conj(full) if o.trans == 2 else full
    return unbroadcast(-triangle(full, bool(o.lower), bool(o.unit_diagonal)), a)


def _triangular_jvp_b(dot: Any, out: Any, a: Any, b: Any, *more: Any, **options: Any) -> Any:
    return linalg.solve_triangular(a, dot, *more, **options)


def _triangular_vjp_b(ct: Any, out: Any, a: Any, b: Any, *more: Any, **options: Any) -> Any:
    return unbroadcast(_triangular_adjoint(a, ct, _triangular_options(more, options), ndim(b) == 1), b)


rows("solve_triangular", {
    0: ArgRule(_triangular_jvp_a, _triangular_vjp_a), 1: ArgRule(_triangular_jvp_b, _triangular_vjp_b)
}, types=like_right_side(0, 1, scipy_linalg.solve_triangular))  # fmt: skip

# -- with the factors of cho_factor and lu_factor


def _factors(name: str, given: Any, what: str) -> tuple[Any, Any]:
    if not is_display(given) or len(given) != 2:
        raise can_not(name, f"{what} that aren't a pair")
    return given[0], given[1]


def _cholesky_factors(given: Any) -> tuple[Any, bool]:
    c, lower = _factors("scipy.linalg.cho_solve", given, "factors")
    return c, bool(lower)


def _cho_solve(c: Any, lower: bool, b: Any, o: SimpleNamespace, transposed: bool = False, flat: bool = False) -> Any:
    if transposed and complex_valued(c):
        return conj(_cho_solve(c, lower, conj(b), o, False, flat))
    given = passed(o, check_finite=True)
    if flat and ndim(b) != 1:
        return linalg.cho_solve((c, lower), b[..., None], **given)[..., 0]
    return linalg.cho_solve((c, lower), b, **given)


def _cho_options(more: tuple[Any, ...], options: Any) -> SimpleNamespace:
    return settings("scipy.linalg.cho_solve", scipy_linalg.cho_solve, 2, more, options)


def _cho_jvp_c(dot: Any, out: Any, c_and_lower: Any, b: Any, *more: Any, **options: Any) -> Any:
    o, flat = _cho_options(more, options), ndim(b) == 1
    c, lower = _cholesky_factors(c_and_lower)
    left = triangle(c, lower) if lower else herm(triangle(c, lower))
    change = triangle(dot[0], lower) if lower else herm(triangle(dot[0], lower))
    moved = _times(change, _times(herm(left), out, flat), flat) + _times(left, _times(herm(change), out, flat), flat)
    return -_cho_solve(c, lower, moved, o, False, flat)


def _cho_vjp_c(ct: Any, out: Any, c_and_lower: Any, b: Any, *more: Any, **options: Any) -> Any:
    """The system is L L^H, or R^H R, so the factor receives what it does from g x^T and its mirror image."""
    o, flat = _cho_options(more, options), ndim(b) == 1
    c, lower = _cholesky_factors(c_and_lower)
    g, x, factor = _cho_solve(c, lower, ct, o, True, flat), out, conj(triangle(c, lower))
    if flat and ndim(x) == 1:
        if lower:
            both = np.outer(g, x @ factor) + np.outer(conj(x), conj(g) @ factor)
        else:
            both = np.outer(factor @ g, x) + np.outer(factor @ conj(x), conj(g))
    else:
        g, x = columns(g, flat), columns(x, flat)
        if lower:
            both = g @ (swap(x) @ factor) + conj(x) @ (herm(g) @ factor)
        else:
            both = (factor @ g) @ swap(x) + (factor @ conj(x)) @ herm(g)
    return unbroadcast(-triangle(both, lower), c), None


def _cho_vjp_b(ct: Any, out: Any, c_and_lower: Any, b: Any, *more: Any, **options: Any) -> Any:
    c, lower = _cholesky_factors(c_and_lower)
    return unbroadcast(_cho_solve(c, lower, ct, _cho_options(more, options), True, ndim(b) == 1), b)


def _cho_jvp_b(dot: Any, out: Any, c_and_lower: Any, b: Any, *more: Any, **options: Any) -> Any:
    return linalg.cho_solve(c_and_lower, dot, *more, **options)


rows(
    "cho_solve", {0: ArgRule(_cho_jvp_c, _cho_vjp_c), 1: ArgRule(_cho_jvp_b, _cho_vjp_b)},
    types=like_right_side(0, 1, scipy_linalg.cho_solve),
)  # fmt: skip


def unpacked_lu(lu: Any) -> tuple[Any, Any]:
    """The triangular factors that lu_factor gives in one matrix."""
    return np.tril(lu, -1) + eye(lu.shape[-1]), np.triu(lu)


def _lu_options(more: tuple[Any, ...], options: Any) -> SimpleNamespace:
    o = settings("scipy.linalg.lu_solve", scipy_linalg.lu_solve, 2, more, options)
    if o.trans not in (0, 1, 2):
        raise can_not("scipy.linalg.lu_solve", f"trans={o.trans!r}")
    return o


def _lu_solve(lu: Any, piv: Any, b: Any, trans: int, o: SimpleNamespace) -> Any:
    return linalg.lu_solve((lu, piv), b, **({"trans": trans} if trans else {}), **passed(o, check_finite=True))


def _lu_pair(given: Any) -> tuple[Any, Any]:
    lu, piv = _factors("scipy.linalg.lu_solve", given, "factors")
    if ndim(lu) != 2:
        raise can_not("scipy.linalg.lu_solve", "stacks of factors", "use scipy.linalg.solve")
    return lu, piv


def _lu_jvp_lu(dot: Any, out: Any, lu_and_piv: Any, b: Any, *more: Any, **options: Any) -> Any:
    o, (lu, piv) = _lu_options(more, options), _lu_pair(lu_and_piv)
    lower, upper = unpacked_lu(lu)
    change = np.tril(dot[0], -1) @ upper + lower @ np.triu(dot[0])
    order = permutation(piv, lu.shape[0])
    if o.trans == 0:
        moved = (change @ out)[np.argsort(order)]
    else:
        moved = (swap(change) if o.trans == 1 else herm(change)) @ out[order]
    return -_lu_solve(lu, piv, moved, o.trans, o)


def _lu_adjoint(lu: Any, piv: Any, ct: Any, o: SimpleNamespace) -> Any:
    if o.trans == 2 and complex_valued(lu):
        return conj(_lu_solve(lu, piv, conj(ct), 0, o))
    return _lu_solve(lu, piv, ct, 0 if o.trans else 1, o)


def _lu_vjp_lu(ct: Any, out: Any, lu_and_piv: Any, b: Any, *more: Any, **options: Any) -> Any:
    o, (lu, piv), flat = _lu_options(more, options), _lu_pair(lu_and_piv), ndim(b) == 1
    g, x = _lu_adjoint(lu, piv, ct, o), out
    if o.trans:
        g, x = (x, g) if o.trans == 1 else (conj(x), conj(g))
    g = g[permutation(piv, lu.shape[0])]
    lower, upper = unpacked_lu(lu)
    return -np.tril(outer(g, upper @ x, flat), -1) - np.triu(outer(swap(lower) @ g, x, flat)), None


def _lu_jvp_b(dot: Any, out: Any, lu_and_piv: Any, b: Any, *more: Any, **options: Any) -> Any:
    return linalg.lu_solve(lu_and_piv, dot, *more, **options)


def _lu_vjp_b(ct: Any, out: Any, lu_and_piv: Any, b: Any, *more: Any, **options: Any) -> Any:
    lu, piv = _lu_pair(lu_and_piv)
    return _lu_adjoint(lu, piv, ct, _lu_options(more, options))


rows(
    "lu_solve", {0: ArgRule(_lu_jvp_lu, _lu_vjp_lu), 1: ArgRule(_lu_jvp_b, _lu_vjp_b)},
    types=like_right_side(0, 1, scipy_linalg.lu_solve),
)  # fmt: skip

# -- Sylvester: a x + x b = q; Lyapunov: a x + x a^H = q and a x a^H - x + q = 0


def _sylvester_rules() -> dict[int, ArgRule]:
    def adjoint(ct: Any, a: Any, b: Any) -> Any:
        return linalg.solve_sylvester(swap(a), swap(b), ct)

    return {
        0: ArgRule(
            lambda dot, out, a, b, q: -linalg.solve_sylvester(a, b, dot @ out),
            lambda ct, out, a, b, q: unbroadcast(-adjoint(ct, a, b) @ swap(out), a),
        ),
        1: ArgRule(
            lambda dot, out, a, b, q: -linalg.solve_sylvester(a, b, out @ dot),
            lambda ct, out, a, b, q: unbroadcast(-swap(out) @ adjoint(ct, a, b), b),
        ),
        2: ArgRule(
            lambda dot, out, a, b, q: linalg.solve_sylvester(a, b, dot),
            lambda ct, out, a, b, q: unbroadcast(adjoint(ct, a, b), q),
        ),
    }


def _continuous_rules() -> dict[int, ArgRule]:
    def solve(a: Any, q: Any) -> Any:
        return linalg.solve_continuous_lyapunov(a, q)

    def jvp_a(dot: Any, out: Any, a: Any, q: Any) -> Any:
        return -solve(a, dot @ out + out @ herm(dot))

    def vjp_a(ct: Any, out: Any, a: Any, q: Any) -> Any:
        g = solve(swap(a), ct)
        return unbroadcast(-g @ swap(out) - herm(g) @ conj(out), a)

    return {
        0: ArgRule(jvp_a, vjp_a),
        1: ArgRule(lambda dot, out, a, q: solve(a, dot), lambda ct, out, a, q: unbroadcast(solve(swap(a), ct), q)),
    }


def _discrete_rules() -> dict[int, ArgRule]:
    def solve(a: Any, q: Any, method: Any) -> Any:
        return linalg.solve_discrete_lyapunov(a, q, **({} if method is None else {"method": method}))

    def jvp_a(dot: Any, out: Any, a: Any, q: Any, method: Any = None) -> Any:
        return solve(a, dot @ out @ herm(a) + a @ out @ herm(dot), method)

    def vjp_a(ct: Any, out: Any, a: Any, q: Any, method: Any = None) -> Any:
        g = solve(swap(a), ct, method)
        return g @ conj(a) @ swap(out) + herm(g) @ conj(a) @ conj(out)

    return {
        0: ArgRule(jvp_a, vjp_a),
        1: ArgRule(
            lambda dot, out, a, q, method=None: solve(a, dot, method),
            lambda ct, out, a, q, method=None: solve(swap(a), ct, method),
        ),
    }


rows("solve_sylvester", _sylvester_rules())
rows("solve_continuous_lyapunov", _continuous_rules())
rows("solve_discrete_lyapunov", _discrete_rules())
