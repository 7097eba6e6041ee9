"""Functions of `scipy.special` that aren't elementwise with one result, those that are constant, and those that are refused.

A rule gives numbers of the kind of its argument: where a real argument has a complex result, the real part counts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from scipy import special as scipy_special

from ...ir.types import Array, Scalar
from ..dims import dims_of
from ..numpy_tools import can_not, expand, is_absent, ndim
from ..special import complex_valued, is_number, unbroadcast
from ..table import ArgRule, Def, lookup, register
from .special import special, unknown

#: partial derivatives of each result: (out, *args, **options) -> one per result
Partials = Callable[..., tuple[Any, ...]]


def _functions(*names: str) -> Iterator[tuple[str, Callable[..., Any]]]:
    """Functions that this SciPy has."""
    for name in names:
        if (fn := getattr(scipy_special, name, None)) is not None:
            yield f"scipy.special.{name}", fn


def row(name: str, rules: dict[int, ArgRule], refusals: dict[int, str] | None = None, **facts: Any) -> None:
    for shown, fn in _functions(name):
        register(Def(shown, fn, "general", rules=rules, refusals=refusals or {}, **facts))


def _to(x: Any, g: Any) -> Any:
    """A cotangent of an argument: of its kind and shape."""
    return unbroadcast(g if complex_valued(x) or not complex_valued(g) else np.real(g), x)


def by_partial(position: int, partial: Callable[..., Any]) -> ArgRule:
    """The rule of one argument of an elementwise function with options: `partial(out, *args, **options)`."""

    def jvp(dot: Any, out: Any, *args: Any, **options: Any) -> Any:
        return dot * partial(out, *args, **options)

    def vjp(ct: Any, out: Any, *args: Any, **options: Any) -> Any:
        return _to(args[position], ct * partial(out, *args, **options))

    return ArgRule(jvp, vjp)


def by_partials(position: int, partials: Partials) -> ArgRule:
    """The rule of one argument of an elementwise function with several results; those that aren't used contribute nothing."""

    def jvp(dot: Any, out: Any, *args: Any) -> Any:
        return tuple(dot * p for p in partials(out, *args))

    def vjp(ct: Any, out: Any, *args: Any) -> Any:
        total = None
        for k, p in enumerate(partials(out, *args)):
            if not is_absent(ct[k]):
                total = ct[k] * p if total is None else total + ct[k] * p
        return None if total is None else _to(args[position], total)

    return ArgRule(jvp, vjp)


# several results

SEVERAL: dict[str, tuple[int, Partials]] = {
    # DLMF 6.2, 7.2.7
    "sici": (0, lambda out, x: (_sinc(x), np.divide(np.cos(x), x))),
    "shichi": (0, lambda out, x: (_over(np.sinh(x), x, 1.0), np.divide(np.cosh(x), x))),
    "fresnel": (0, lambda out, x: (np.sin(1.5707963267948966 * x * x), np.cos(1.5707963267948966 * x * x))),
    # 9.2.1: Ai'' = x Ai
    "airy": (0, lambda out, x: (out[1], x * out[0], out[3], x * out[2])),
    # 10.22, 9.10, from their definitions as integrals
    "itj0y0": (0, lambda out, x: (special.j0(x), special.y0(x))),
    "iti0k0": (0, lambda out, x: (special.i0(x), special.k0(x))),
    "it2j0y0": (0, lambda out, x: (_over(1 - special.j0(x), x, 0.0), np.divide(-special.y0(x), x))),
    "it2i0k0": (0, lambda out, x: (_over(special.i0(x) - 1, x, 0.0), np.divide(-special.k0(x), x))),
    "itairy": (0, lambda out, x: (
        special.airy(x)[0], special.airy(x)[2], special.airy(-1.0 * x)[0], special.airy(-1.0 * x)[2],
    )),
    # 12.2.2: U'' = (x**2 / 4 + a) U, with a = -v - 1/2
    "pbdv": (1, lambda out, v, x: (out[1], (0.25 * x * x - v - 0.5) * out[0])),
    "pbvv": (1, lambda out, v, x: (out[1], (0.25 * x * x - v - 0.5) * out[0])),
    "pbwa": (1, lambda out, a, x: (out[1], (a - 0.25 * x * x) * out[0])),
    # 10.61.3: Be'' + Be' / x = 1j Be
    "kelvin": (0, lambda out, x: (out[2], out[3], 1j * out[0] - out[2] / x, 1j * out[1] - out[3] / x)),
}  # fmt: skip


def _sinc(x: Any) -> Any:
    return _over(np.sin(x), x, 1.0) if complex_valued(x) else np.sinc(0.3183098861837907 * x)


def _over(a: Any, x: Any, at_zero: float) -> Any:
    """a / x, and its limit at 0."""
    zero = x == 0
    return np.where(zero, at_zero, a / np.where(zero, 1.0, x))


def _airye(out: Any, x: Any) -> tuple[Any, ...]:
    if complex_valued(x):
        raise can_not("scipy.special.airye", "complex numbers", "it isn't holomorphic: use scipy.special.airy")
    root = np.sqrt(np.maximum(x, 0.0))
    return (out[1] + root * out[0], x * out[0] + root * out[1], out[3] - root * out[2], x * out[2] - root * out[3])


SEVERAL["airye"] = (0, _airye)
for _name, (_position, _partials) in SEVERAL.items():
    _order = {0: unknown(_name, "the order").why} if _position else {}
    row(_name, {_position: by_partials(_position, _partials)}, _order)


def _ellipj_by_u(out: Any, u: Any, m: Any) -> tuple[Any, ...]:
    sn, cn, dn = out[0], out[1], out[2]  # 22.13.1
    return cn * dn, -sn * dn, -m * sn * cn, dn


def _ellipj_by_m(out: Any, u: Any, m: Any) -> tuple[Any, ...]:
    """By the amplitude, which solves F(ph, m) = u (22.16.31)."""
    sn, cn, dn, ph = out[0], out[1], out[2], out[3]
    slope = (sn * cn / dn - (special.ellipeinc(ph, m) - (1 - m) * u) / m) * dn / (2 * (1 - m))
    return cn * slope, -sn * slope, -(0.5 * sn * sn + m * sn * cn * slope) / dn, slope


row("ellipj", {0: by_partials(0, _ellipj_by_u), 1: by_partials(1, _ellipj_by_m)}, kink="m == 0 or 1: nan by m")


# logarithms of sums


def _weights(out: Any, sign: Any, a: Any, axis: Any, b: Any, keepdims: Any, scaled: bool) -> Any:
    """How much each term has of the sum; of a sum of nothing, nothing."""
    whole = expand(np.where(out == -np.inf, 0.0, out), _axes(a, b), axis, keepdims)
    share = np.exp(a - whole)
    if b is not None:
        share = share * (b if scaled else np.ones_like(b))
    return share if sign is None else share * expand(sign, _axes(a, b), axis, keepdims)


def _axes(a: Any, b: Any) -> int:
    return ndim(a) if b is None else max(ndim(a), ndim(b))


def _parts(out: Any, a: Any, return_sign: Any) -> tuple[Any, Any]:
    """The logarithm and the sign of the sum, None where it isn't given."""
    if not return_sign:
        return out, None
    if complex_valued(a):
        raise can_not("scipy.special.logsumexp", "return_sign=True", "the phase of a complex sum has a derivative of its own")
    return out[0], out[1]


def _logsumexp(scaled: bool) -> ArgRule:
    def jvp(
        dot: Any, out: Any, a: Any, axis: Any = None, b: Any = None, keepdims: Any = False, return_sign: Any = False
    ) -> Any:
        weights = _weights(*_parts(out, a, return_sign), a, axis, b, keepdims, scaled)
        total = np.sum(dot * weights, axis=axis, keepdims=keepdims)
        return (total, np.zeros_like(out[1]) if ndim(total) else 0.0) if return_sign else total

    def vjp(
        ct: Any, out: Any, a: Any, axis: Any = None, b: Any = None, keepdims: Any = False, return_sign: Any = False
    ) -> Any:
        weights = _weights(*_parts(out, a, return_sign), a, axis, b, keepdims, scaled)
        g = expand(ct[0] if return_sign else ct, _axes(a, b), axis, keepdims) * weights
        return unbroadcast(g, a if scaled else b)

    return ArgRule(jvp, vjp)


row("logsumexp", {0: _logsumexp(True), 2: _logsumexp(False)}, kink="a sum of nothing: 0")


class _Softmax:
    @staticmethod
    def jvp(dot: Any, out: Any, x: Any, axis: Any = None) -> Any:
        return out * (dot - np.sum(out * dot, axis=axis, keepdims=True))

    vjp = jvp


class _LogSoftmax:
    @staticmethod
    def jvp(dot: Any, out: Any, x: Any, axis: Any = None) -> Any:
        return dot - np.sum(np.exp(out) * dot, axis=axis, keepdims=True)

    @staticmethod
    def vjp(ct: Any, out: Any, x: Any, axis: Any = None) -> Any:
        return ct - np.exp(out) * np.sum(ct, axis=axis, keepdims=True)


row("softmax", {0: ArgRule(_Softmax.jvp, _Softmax.vjp)})
row("log_softmax", {0: ArgRule(_LogSoftmax.jvp, _LogSoftmax.vjp)})


# functions with options

_PLUS_ORDER: Any = {"jvp", "yvp", "ivp", "kvp", "h1vp", "h2vp"}


def _next_derivative(name: str) -> Callable[..., Any]:
    def partial(out: Any, v: Any, z: Any, n: Any = 1) -> Any:
        return getattr(special, name)(v, z, n + 1)

    return partial


for _name in sorted(_PLUS_ORDER):
    row(_name, {1: by_partial(1, _next_derivative(_name))}, {0: unknown(_name, "the order v").why})


def _spherical(name: str, before: float, after: float) -> Callable[..., Any]:
    """f_n' = (before n f_(n-1) + after (n + 1) f_(n+1)) / (2 n + 1), and so for the derivatives (10.51.2, 10.51.5)."""
    fn = getattr(special, name)

    def partial(out: Any, n: Any, z: Any, derivative: Any = False) -> Any:
        if not isinstance(derivative, bool):
            raise can_not(f"scipy.special.{name}", "derivative= that isn't written as True or False")
        if not derivative:
            return fn(n, z, True)
        below = before * n * fn(np.maximum(n - 1, 0), z, True)
        return (below + after * (n + 1) * fn(n + 1, z, True)) / (2 * n + 1)

    return partial


for _name, _before, _after in (
    ("spherical_jn", 1.0, -1.0), ("spherical_yn", 1.0, -1.0), ("spherical_in", 1.0, 1.0), ("spherical_kn", -1.0, -1.0),
):  # fmt: skip
    row(_name, {1: by_partial(1, _spherical(_name, _before, _after))}, {0: unknown(_name, "the order n").why})


def _lambertw(out: Any, z: Any, k: Any = 0, tol: Any = 1e-8) -> Any:
    return 1 / (np.exp(out) * (1 + out))  # 4.13.1


def _multigammaln(out: Any, a: Any, d: Any) -> Any:
    if not is_number(d):
        raise can_not("scipy.special.multigammaln", "a dimension that isn't known when it is compiled")
    total = special.psi(a)
    for j in range(1, int(d)):
        total = total + special.psi(a - 0.5 * j)
    return total


def _assoc_laguerre(out: Any, x: Any, n: Any, k: Any = 0.0) -> Any:
    return -special.eval_genlaguerre(n - 1, k + 1, x)


row("lambertw", {0: by_partial(0, _lambertw)}, kink="-1/e: inf")
row(
    "multigammaln", {0: by_partial(0, _multigammaln)}, {1: unknown("multigammaln", "the dimension d", "it is a count").why},
    raises=True, types=lambda args, kwargs: Array("f64", dims) if (dims := dims_of(args[0])) else Scalar("f64"),
)  # fmt: skip
row("assoc_laguerre", {0: by_partial(0, _assoc_laguerre)}, {
    1: unknown("assoc_laguerre", "the degree n", "it is a count").why, 2: unknown("assoc_laguerre", "the parameter k").why,
})  # fmt: skip

# -- constant: counts, signs, tables of zeros and numbers
ZERO = (
    "round", "gammasgn", "stirling2", "bernoulli", "euler", "factorial2", "factorialk",
    "ai_zeros", "bi_zeros", "bei_zeros", "beip_zeros", "ber_zeros", "berp_zeros", "kei_zeros", "keip_zeros", "ker_zeros",
    "kerp_zeros", "kelvin_zeros", "erf_zeros", "fresnel_zeros", "fresnelc_zeros", "fresnels_zeros", "jnjnp_zeros",
    "y0_zeros", "y1_zeros", "y1p_zeros", "jn_zeros", "jnp_zeros", "yn_zeros", "ynp_zeros", "jnyn_zeros",
    "p_roots", "t_roots", "u_roots", "c_roots", "s_roots", "l_roots", "h_roots", "he_roots", "ps_roots", "ts_roots",
    "us_roots", "roots_legendre", "roots_chebyt", "roots_chebyu", "roots_chebyc", "roots_chebys", "roots_laguerre",
    "roots_hermite", "roots_hermitenorm", "roots_sh_legendre", "roots_sh_chebyt", "roots_sh_chebyu",
)  # fmt: skip
for _shown, _fn in _functions(*ZERO):
    if lookup(_fn) is None:
        register(Def(_shown, _fn, "zero"))

_COUNT = "it counts; the function of real arguments is "
_PARAMETER = "no closed form of the derivative in a parameter is known"
_SEVERAL_ORDERS = "it gives functions of several orders at once; use the function of one order"
_OBJECT = "it makes a polynomial object; use scipy.special.eval_"
_NONE = "no closed form of it is known"
_WEIGHT = "nodes and weights have no closed form as functions of the weight's parameters"
#: names -> why no argument has a derivative
REFUSED: dict[tuple[str, ...], str] = {
    ("comb",): _COUNT + "scipy.special.binom",
    ("perm",): _COUNT + "scipy.special.poch(n - k + 1, k)",
    ("factorial",): _COUNT + "scipy.special.gamma(n + 1)",
    ("zetac",): "no derivative of the zeta function is there in SciPy",
    ("bdtrik", "bdtrin", "btdtria", "btdtrib", "chdtriv", "fdtridfd", "gdtria", "gdtrib", "gdtrix", "nbdtrik", "nbdtrin",
     "nrdtrimn", "nrdtrisd", "pdtrik", "stdtridf"): "it inverts a distribution; differentiate the equation that it solves",
    ("chndtr", "chndtridf", "chndtrinc", "chndtrix", "ncfdtr", "ncfdtri", "ncfdtridfd", "ncfdtridfn", "ncfdtrinc", "nctdtr",
     "nctdtridf", "nctdtrinc", "nctdtrit"): "the density of the noncentral distribution isn't there in SciPy",
    ("kolmogorov", "kolmogi", "smirnov", "smirnovi"): "the density of the statistic isn't there in SciPy",
    ("besselpoly", "modfresnelm", "modfresnelp", "diric", "ellip_harm", "ellip_harm_2", "ellip_normal"): _NONE,
    ("mathieu_a", "mathieu_b", "mathieu_cem", "mathieu_sem", "mathieu_modcem1", "mathieu_modcem2", "mathieu_modsem1",
     "mathieu_modsem2", "mathieu_even_coef", "mathieu_odd_coef", "obl_ang1", "obl_ang1_cv", "obl_cv", "obl_cv_seq",
     "obl_rad1", "obl_rad1_cv", "obl_rad2", "obl_rad2_cv", "pro_ang1", "pro_ang1_cv", "pro_cv", "pro_cv_seq", "pro_rad1",
     "pro_rad1_cv", "pro_rad2", "pro_rad2_cv"): _PARAMETER,
    ("lqn", "lqmn", "lmbda", "riccati_jn", "riccati_yn", "pbdn_seq", "pbdv_seq", "pbvv_seq", "legendre_p_all",
     "assoc_legendre_p_all", "sph_legendre_p_all", "sph_harm_y_all"): _SEVERAL_ORDERS,
    ("legendre_p",): "use scipy.special.eval_legendre",
    ("assoc_legendre_p", "sph_legendre_p"): "use scipy.special.lpmv",
    ("sph_harm_y",): "write it with scipy.special.lpmv and np.exp",
    ("roots_jacobi", "roots_genlaguerre", "roots_gegenbauer", "roots_sh_jacobi", "j_roots", "la_roots", "cg_roots",
     "js_roots"): _WEIGHT,
    **{(name,): _OBJECT + name for name in (
        "legendre", "chebyt", "chebyu", "chebyc", "chebys", "jacobi", "laguerre", "genlaguerre", "hermite", "hermitenorm",
        "gegenbauer", "sh_legendre", "sh_chebyt", "sh_chebyu", "sh_jacobi",
    )},
}  # fmt: skip
for _names, _why in REFUSED.items():
    for _shown, _fn in _functions(*_names):
        if lookup(_fn) is None:
            register(Def(_shown, _fn, "general", refusals={-1: _why}, raises=True))

#: neither functions nor rows: settings of warnings, and the classes of these
SETTINGS = ("geterr", "seterr", "errstate", "SpecialFunctionWarning", "SpecialFunctionError")
