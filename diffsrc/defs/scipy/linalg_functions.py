"""Functions of one matrix in `scipy.linalg`: inverses, determinant, norms, least squares, exponential and other matrix functions.

The derivative of a matrix function in a direction e is the corner of its value for the matrix of blocks [[a, e], [0, a]],
whatever the function is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any

import numpy as np
from scipy import linalg as scipy_linalg

from ...ir.types import ANY, INT, Array, Lit, Tuple, Type
from ..dims import dims_of
from ..numpy_tools import can_not, is_absent, ndim, swap
from ..special import complex_valued
from ..table import ArgRule, Rule
from .linalg_solve import linalg, part_that_is_read, real_result, rows
from .tools import Options, conj, folded, herm, mirrored, promoted, rules_of, settings

# -- where NumPy has the function, its rules


def _numpys(name: str, fn: Callable[..., Any], *kept: str) -> None:
    """The rules of NumPy's function, to which the options in `kept` are handed on."""
    own = getattr(scipy_linalg, name)

    def as_numpys(rule: Rule) -> Rule:
        def run(seed: Any, out: Any, a: Any, *more: Any, **options: Any) -> Any:
            o = settings(f"scipy.linalg.{name}", own, 1, more, options)
            return rule(seed, out, a, **{k: getattr(o, k) for k in kept})

        return run

    found = rules_of(fn)
    rows(name, {0: ArgRule(as_numpys(found.jvp), as_numpys(found.vjp))})



class _Inv:
    """With `assume_a` a part of the matrix is read, as `solve` does."""

    @staticmethod
    def part(more: Any, options: Options) -> tuple[Callable[[Any], Any], Callable[[Any], Any]]:
        o = settings("scipy.linalg.inv", scipy_linalg.inv, 1, more, options)
        if getattr(o, "assume_a", None) == "diagonal":
            raise can_not("scipy.linalg.inv", "assume_a='diagonal'", "write 1 / np.diag(a)")
        return part_that_is_read(o)

    @staticmethod
    def jvp(dot: Any, out: Any, a: Any, *more: Any, **options: Any) -> Any:
        read, _ = _Inv.part(more, options)
        return -out @ read(dot) @ out

    @staticmethod
    def vjp(ct: Any, out: Any, a: Any, *more: Any, **options: Any) -> Any:
        _, pull = _Inv.part(more, options)
        return pull(-swap(out) @ ct @ swap(out))


rows("inv", {0: ArgRule(_Inv.jvp, _Inv.vjp)})
_numpys("det", np.linalg.det)
_numpys("norm", np.linalg.norm, "ord", "axis", "keepdims")

# -- pseudo-inverses (Golub and Pereyra), for constant rank


def _pinv_slope(dot: Any, out: Any, a: Any) -> Any:
    p, ph, dh = out, herm(out), herm(dot)
    return p @ (ph @ (dh - (dh @ a) @ p)) - p @ dot @ p + (dh - p @ (a @ dh)) @ (ph @ p)


def _pinv_pull(ct: Any, out: Any, a: Any) -> Any:
    """The transpose of `_pinv_slope`; of complex matrices, terms in da^H give conjugates."""
    p, pt, ac, g = conj(out), swap(out), conj(a), herm(ct)
    return (g - (ac @ p) @ g) @ (p @ pt) - pt @ ct @ pt + (pt @ p) @ (g - g @ (p @ ac))


def _pinv_options(name: str, more: Any, options: Options) -> SimpleNamespace:
    o = settings(f"scipy.linalg.{name}", getattr(scipy_linalg, name), 1, more, options)
    if o.return_rank:
        raise can_not(f"scipy.linalg.{name}", "return_rank=True")
    return o


def _pinv_jvp(dot: Any, out: Any, a: Any, *more: Any, **options: Any) -> Any:
    _pinv_options("pinv", more, options)
    return _pinv_slope(dot, out, a)


def _pinv_vjp(ct: Any, out: Any, a: Any, *more: Any, **options: Any) -> Any:
    _pinv_options("pinv", more, options)
    return _pinv_pull(ct, out, a)


def _pinvh_jvp(dot: Any, out: Any, a: Any, *more: Any, **options: Any) -> Any:
    lower = bool(_pinv_options("pinvh", more, options).lower)
    return _pinv_slope(mirrored(dot, lower), out, _from_triangle(a, lower))


def _pinvh_vjp(ct: Any, out: Any, a: Any, *more: Any, **options: Any) -> Any:
    lower = bool(_pinv_options("pinvh", more, options).lower)
    return folded(_pinv_pull(ct, out, _from_triangle(a, lower)), lower)


def _from_triangle(a: Any, lower: bool) -> Any:
    """The Hermitian matrix of which one triangle is given."""
    return mirrored(a, lower)


rows("pinv", {0: ArgRule(_pinv_jvp, _pinv_vjp)}, kink="the rank is taken as constant")
rows("pinvh", {0: ArgRule(_pinvh_jvp, _pinvh_vjp)}, kink="the rank is taken as constant")

# -- least squares


def _lstsq_type(args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Type:
    """Which residuals there are hangs on the rank, so they have no type; the gelsy driver gives no singular values."""
    a, b = (args[k] if len(args) > k else kwargs[n] for k, n in ((0, "a"), (1, "b")))
    kind = promoted(a, b)
    kind = kind if kind in ("f32", "f64", "c64", "c128") else "f64"
    n = dims_of(a)[-1]
    if len(dims_of(a)) != 2 or len(dims_of(b)) > 2:
        return ANY
    driver = args[6] if len(args) > 6 else kwargs.get("lapack_driver")
    if isinstance(driver, Lit) and driver.value == "gelsy":
        return Tuple((Array(kind, (n, *dims_of(b)[1:])), ANY, INT, ANY))
    return Tuple((Array(kind, (n, *dims_of(b)[1:])), ANY, INT, Array({"c64": "f32", "c128": "f64"}.get(kind, kind), (None,))))


def _lstsq_rules(arg: int) -> ArgRule:
    found = rules_of(np.linalg.lstsq, arg)

    def checked(a: Any, b: Any, more: Any, options: Options) -> None:
        settings("scipy.linalg.lstsq", scipy_linalg.lstsq, 2, more, options)

    def jvp(dot: Any, out: Any, a: Any, b: Any, *more: Any, **options: Any) -> Any:
        checked(a, b, more, options)
        given = found.jvp(dot, (out[0], 0.0, out[2], out[3]), a, b)
        return given[0], 0.0, 0.0, given[3]

    def vjp(ct: Any, out: Any, a: Any, b: Any, *more: Any, **options: Any) -> Any:
        checked(a, b, more, options)
        if is_absent(ct[0]) and is_absent(ct[3]):
            return np.zeros_like(b if arg else a)
        return found.vjp((ct[0], 0.0, 0.0, ct[3]), out, a, b)

    return ArgRule(jvp, vjp)


rows("lstsq", {0: _lstsq_rules(0), 1: _lstsq_rules(1)}, types=_lstsq_type, kink="the rank is taken as constant")

# -- matrix functions


def _corner(e: Any, a: Any) -> Any:
    n = a.shape[-1]
    return e[:n, n:] if ndim(a) == 2 else e[..., :n, n:]


def _blocks(a: Any, e: Any) -> Any:
    return np.block([[a, e], [np.zeros_like(a), a]])


def _matrix_function(name: str, closed: bool = True) -> None:
    """A function given by a power series. `closed`: real matrices have real results."""

    def of_blocks(a: Any, e: Any) -> Any:
        found = getattr(linalg, name)(_blocks(a, e))
        return _corner(found if closed or complex_valued(a) else real_result(found), a)

    rows(name, {
        0: ArgRule(lambda dot, out, a: of_blocks(a, dot), lambda ct, out, a: of_blocks(swap(a), ct)),
    })  # fmt: skip


for _name in ("cosm", "sinm", "tanm", "coshm", "sinhm", "tanhm"):
    _matrix_function(_name)
_matrix_function("logm", closed=False)


class _Expm:
    """Of single matrices by `expm_frechet`, which does both at once."""

    @staticmethod
    def jvp(dot: Any, out: Any, a: Any) -> Any:
        if ndim(a) == 2:
            return linalg.expm_frechet(a, dot, compute_expm=False)
        return _corner(linalg.expm(_blocks(a, dot)), a)

    @staticmethod
    def vjp(ct: Any, out: Any, a: Any) -> Any:
        if ndim(a) == 2:
            return linalg.expm_frechet(a.T, ct, compute_expm=False)
        return _corner(linalg.expm(_blocks(swap(a), ct)), a)


rows("expm", {0: ArgRule(_Expm.jvp, _Expm.vjp)})


class _Frechet:
    """The derivative of the exponential at `a` in the direction `e`: linear in e; in a, its own derivative by blocks."""

    @staticmethod
    def _single(a: Any, more: Any, options: Options) -> bool:
        o = settings("scipy.linalg.expm_frechet", scipy_linalg.expm_frechet, 2, more, options)
        if ndim(a) > 2:
            raise can_not("scipy.linalg.expm_frechet", "stacks of matrices", "use a loop")
        return not o.compute_expm

    @staticmethod
    def _both(a: Any, e: Any, dot: Any) -> Any:
        zero = np.zeros_like(a)
        return linalg.expm_frechet(np.block([[a, e], [zero, a]]), np.block([[dot, zero], [zero, dot]]), compute_expm=False)

    @staticmethod
    def jvp_a(dot: Any, out: Any, a: Any, e: Any, *more: Any, **options: Any) -> Any:
        alone = _Frechet._single(a, more, options)
        found = _corner(_Frechet._both(a, e, dot), a)
        return found if alone else (linalg.expm_frechet(a, dot, compute_expm=False), found)

    @staticmethod
    def vjp_a(ct: Any, out: Any, a: Any, e: Any, *more: Any, **options: Any) -> Any:
        """Where ct meets the corner, a receives what both blocks on the diagonal do."""
        alone = _Frechet._single(a, more, options)
        ce = ct if alone else ct[1]
        terms = [] if alone or is_absent(ct[0]) else [linalg.expm_frechet(a.T, ct[0], compute_expm=False)]
        if not is_absent(ce):
            zero = np.zeros_like(a)
            terms.append(_corner(linalg.expm_frechet(
                np.block([[a.T, ce], [zero, a.T]]), np.block([[e.T, zero], [zero, e.T]]), compute_expm=False
            ), a))  # fmt: skip
        return terms[0] if len(terms) == 1 else terms[0] + terms[1]

    @staticmethod
    def jvp_e(dot: Any, out: Any, a: Any, e: Any, *more: Any, **options: Any) -> Any:
        alone = _Frechet._single(a, more, options)
        found = linalg.expm_frechet(a, dot, compute_expm=False)
        return found if alone else (np.zeros_like(a), found)

    @staticmethod
    def vjp_e(ct: Any, out: Any, a: Any, e: Any, *more: Any, **options: Any) -> Any:
        ce = ct if _Frechet._single(a, more, options) else ct[1]
        return np.zeros_like(e) if is_absent(ce) else linalg.expm_frechet(a.T, ce, compute_expm=False)


rows("expm_frechet", {0: ArgRule(_Frechet.jvp_a, _Frechet.vjp_a), 1: ArgRule(_Frechet.jvp_e, _Frechet.vjp_e)})


class _Sqrtm:
    """x x = a, so x dx + dx x = da."""

    @staticmethod
    def _checked(out: Any, a: Any) -> Any:
        return out if complex_valued(a) else real_result(out)

    @staticmethod
    def jvp(dot: Any, out: Any, a: Any, *more: Any, **options: Any) -> Any:
        settings("scipy.linalg.sqrtm", scipy_linalg.sqrtm, 1, more, options)
        x = _Sqrtm._checked(out, a)
        return linalg.solve_sylvester(x, x, dot)

    @staticmethod
    def vjp(ct: Any, out: Any, a: Any, *more: Any, **options: Any) -> Any:
        settings("scipy.linalg.sqrtm", scipy_linalg.sqrtm, 1, more, options)
        x = _Sqrtm._checked(out, a)
        return linalg.solve_sylvester(swap(x), swap(x), ct)


rows(
    "sqrtm", {0: ArgRule(_Sqrtm.jvp, _Sqrtm.vjp)},
    kink="a singular matrix: no derivative; a complex result of a real matrix is refused",
)  # fmt: skip


def _power_rule() -> ArgRule:
    def of_blocks(a: Any, e: Any, t: Any) -> Any:
        found = linalg.fractional_matrix_power(_blocks(a, e), t)
        return _corner(found if complex_valued(a) else real_result(found), a)

    return ArgRule(lambda dot, out, a, t: of_blocks(a, dot, t), lambda ct, out, a, t: of_blocks(swap(a), ct, t))


rows("fractional_matrix_power", {0: _power_rule()}, {1: "the exponent: use scipy.linalg.expm(t * scipy.linalg.logm(a))"})
