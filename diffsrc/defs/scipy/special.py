"""Elementwise functions of `scipy.special`: one row each, partial derivatives as text over x, y, z, w and `out`.

`special` in a text is `scipy.special`, other names are NumPy's. A text never overflows where its function does not: products
of large and small numbers are exponentials of sums, and differences that cancel are written as another function of the
module (hypergeometric functions, Carlson's integrals), whose own row gives the next order. Arguments whose derivative has
no closed form (orders, degrees, shape parameters) are `Unknown`: they are refused by name where they are active.

Numbers behind `DLMF` are sections of the Digital Library of Mathematical Functions, <https://dlmf.nist.gov>.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from scipy import special as scipy_special

from ...errors import NoRuleError
from ..special import complex_valued, evaluate, in_texts, is_number
from ..table import Def, PartialForm, Unknown, elementwise, parsed
from . import incomplete, voigt  # noqa: F401  names in texts

special: Any = in_texts("special", scipy_special)
Singular = bool | Callable[..., bool]


def row(name: str, *partials: PartialForm | None, **facts: Any) -> Def | None:
    """A row for a function of `scipy.special`; None where this SciPy has no function of the name.

    >>> row("erf", "1.1283791670955126 * exp(-x * x)")
    """
    fn = getattr(scipy_special, name, None)
    return None if fn is None else elementwise(fn, *partials, name=f"scipy.special.{name}", **facts)


def unknown(name: str, argument: str, why: str = "it has no closed form") -> Unknown:
    """In place of a partial: what is said where the argument is active."""
    return Unknown(f"`scipy.special.{name}` has no derivative with respect to {argument}: {why}")


def real(name: str, text: str, why: str = "it isn't holomorphic") -> Callable[..., Any]:
    """A partial of a function whose derivative is known for real numbers only: complex arguments are refused."""
    form = parsed(text)

    def partial(**names: Any) -> Any:
        if any(complex_valued(x) for n, x in names.items() if n != "out"):
            raise NoRuleError(f"`scipy.special.{name}` has no derivative with respect to complex numbers: {why}")
        return evaluate(form, names)

    partial.__doc__ = text
    return partial


# the gamma function and its kin (DLMF 5.2, 5.12, 5.15)
POSITIVE = {"singular": True, "domain": (0.3, 4.0)}
row("gamma", "out * special.psi(x)", **POSITIVE)
row("gammaln", "special.psi(x)", **POSITIVE)
row("loggamma", "special.psi(x)", **POSITIVE)
row("psi", real("psi", "special.zeta(2.0, x)", "SciPy has the polygamma functions of real numbers only"), **POSITIVE)  # 5.15.1
row("polygamma", unknown("polygamma", "the order n"), "special.polygamma(x + 1, y)", **POSITIVE)
# by reflection (5.5.3) left of 1/2: where gamma has poles, its reciprocal has slopes
row(
    "rgamma",
    "where(x < 0.5, cos(pi * x) * special.gamma(1 - minimum(x, 0.5)), 0.0) - out * special.psi(maximum(x, 1 - x))",
    domain=(-2.2, 3.0),
)
row("zeta", unknown("zeta", "the exponent x"), "-x * special.zeta(x + 1, y)", singular=True, domain=(1.5, 4.0))  # 25.11.17
row("beta", "out * (special.psi(x) - special.psi(x + y))", "out * (special.psi(y) - special.psi(x + y))", **POSITIVE)
row("betaln", "special.psi(x) - special.psi(x + y)", "special.psi(y) - special.psi(x + y)", **POSITIVE)
row("poch", "out * (special.psi(x + y) - special.psi(x))", "out * special.psi(x + y)", **POSITIVE)
row(
    "binom", "out * (special.psi(x + 1) - special.psi(x - y + 1))", "out * (special.psi(x - y + 1) - special.psi(y + 1))",
    singular=True, domain=(0.2, 1.1),
)  # fmt: skip


# incomplete gamma and beta functions, and inverses in the last argument (8.8.13, 8.17.1)
_GAMMA_PDF = "exp(special.xlogy(x - 1, {x}) - {x} - special.gammaln(x))"
_BETA_PDF = "exp(special.xlogy(x - 1, {x}) + special.xlog1py(y - 1, -{x}) - special.betaln(x, y))"
_GAMMA_FOLD = "exp({x} - special.xlogy(x - 1, {x}) + special.gammaln(x))"
_BETA_FOLD = "exp(special.betaln(x, y) - special.xlogy(x - 1, {x}) - special.xlog1py(y - 1, -{x}))"
_BY_A = "incomplete.gammainc_by_a(x, {x})"
_BY = "incomplete.betainc_by('{by}', x, y, {x})"
UNIT = {"singular": True, "domain": (0.2, 0.8)}
for _name, _sign in (("gammainc", ""), ("gammaincc", "-")):
    row(_name, _sign + _BY_A.format(x="y"), _sign + _GAMMA_PDF.format(x="y"), **POSITIVE)
for _name, _sign in (("gammaincinv", ""), ("gammainccinv", "-")):
    _fold = _GAMMA_FOLD.format(x="out")
    row(_name, f"-{_fold} * {_BY_A.format(x='out')}", _sign + _fold, **UNIT)
for _name, _sign in (("betainc", ""), ("betaincc", "-")):
    row(_name, *(_sign + _BY.format(by=by, x="z") for by in "ab"), _sign + _BETA_PDF.format(x="z"), **UNIT)
for _name, _sign in (("betaincinv", ""), ("betainccinv", "-")):
    _fold = _BETA_FOLD.format(x="out")
    row(_name, *(f"-{_fold} * {_BY.format(by=by, x='out')}" for by in "ab"), _sign + _fold, **UNIT)


# the error function and its kin (7.2, 7.7.1)
row("erf", "1.1283791670955126 * exp(-x * x)")
row("erfc", "-1.1283791670955126 * exp(-x * x)")
row("erfi", "1.1283791670955126 * exp(x * x)")
row("erfinv", "0.886226925452758 * exp(out * out)", singular=True, domain=(-0.8, 0.8))
row("erfcinv", "-0.886226925452758 * exp(out * out)", singular=True, domain=(0.2, 1.8))
row("wofz", "1.1283791670955126j - 2 * x * out")


def _tail(s: Any) -> Any:
    """1 - 3 s + 15 s**2 - ...: for s below 2e-3 (7.12.1)"""
    return 1 + s * (-3 + s * (15 + s * (-105 + s * (945 + s * (-10395 + s * (135135 - s * 2027025))))))


def _dawsn(x: Any, out: Any) -> Any:
    """1 - 2 * x * out"""  # where that cancels, the asymptotic series
    plain = 1 - 2 * x * out
    if complex_valued(x):
        return plain
    far = np.abs(x) > 16
    s = -0.5 / np.square(np.where(far, x, 16.0))
    return np.where(far, s * _tail(s), plain)


def _erfcx(x: Any, out: Any) -> Any:
    """2 * x * out - 1.1283791670955126"""  # where that cancels, the asymptotic series
    plain = 2 * x * out - 1.1283791670955126
    if complex_valued(x):
        return plain
    far = x > 16
    s = 0.5 / np.square(np.where(far, x, 16.0))
    return np.where(far, -1.1283791670955126 * s * _tail(s), plain)


row("dawsn", _dawsn)
row("erfcx", _erfcx)


def _log_ndtr(x: Any, out: Any) -> Any:
    """0.3989422804014327 * exp(-0.5 * x * x - out)"""  # where that cancels: by erfcx, which does not
    plain = 0.3989422804014327 * np.exp(-0.5 * x * x - out)
    if complex_valued(x):
        return plain
    return np.where(x < 0, 0.7978845608028654 / special.erfcx(-0.7071067811865476 * np.minimum(x, 0.0)), plain)


row("ndtr", "0.3989422804014327 * exp(-0.5 * x * x)")
row("log_ndtr", _log_ndtr)
row("ndtri", "2.5066282746310002 * exp(0.5 * out * out)", singular=True, domain=(0.1, 0.9))
row("ndtri_exp", "1.2533141373155003 * special.erfcx(-0.7071067811865476 * out)", singular=True, domain=(-3.0, -0.3))
row(
    "owens_t",
    "-0.19947114020071635 * exp(-0.5 * x * x) * special.erf(0.7071067811865476 * x * y)",
    "0.15915494309189535 * exp(-0.5 * x * x * (1 + y * y)) / (1 + y * y)",
)


row(
    "voigt_profile", "real(voigt.voigt_by_x(x, y, z))", "y * real(voigt.voigt_by_x(x, y, z, 2))",
    "-imag(voigt.voigt_by_x(x, y, z))", singular=True, domain=(0.4, 2.0),
)  # fmt: skip


def _exprel_slope(x: Any, out: Any) -> Any:
    """((x - 1) * out + 1) / x: near 0, where that cancels, by 13.3.15 (exprel is 1F1(1, 2, x))"""
    near = np.abs(x) < 1
    return np.where(
        near, 0.5 * special.hyp1f1(2.0, 3.0, np.where(near, x, 0.0)), ((x - 1) * out + 1) / np.where(near, 1.0, x)
    )


def _exprel(x: Any, out: Any) -> Any:
    """((x - 1) * out + 1) / x"""
    return _exprel_slope(x, out)


# exponentials and logarithms
row("expit", "out * special.expit(-x)")
row("log_expit", "special.expit(-x)")
row("logit", "divide(1.0, x * (1 - x))", singular=True, domain=(0.1, 0.9))
row("softplus", "special.expit(x)")
row("exp2", "0.6931471805599453 * out")
row("exp10", "2.302585092994046 * out")
row("expm1", "exp(x)")
row("log1p", "divide(1.0, 1 + x)", singular=True, domain=(-0.7, 3.0))
row("exprel", _exprel)
row("cosm1", "-sin(x)")
row("cbrt", "1 / (3 * out * out)", singular=True, domain=(0.2, 4.0))
# the function is 0 at x == 0, whatever y is
row(
    "xlogy", "log(y)", "divide(x, where((x == 0) & (y == 0), 1.0, y))", singular=True, domain=(0.2, 3.0),
    kink="x == y == 0: 0 for y",
)  # fmt: skip
row(
    "xlog1py", "log1p(y)", "divide(x, where((x == 0) & (y == -1), 1.0, 1 + y))", singular=True, domain=(0.2, 3.0),
    kink="x == 0 and y == -1: 0 for y",
)  # fmt: skip
row("powm1", "y * power(x, y - 1)", "log(x) * (out + 1)", singular=True, domain=(0.3, 2.0))
row("entr", "-log(x) - 1", singular=True, domain=(0.2, 3.0))
row("rel_entr", "log(x) - log(y) + 1", "divide(-x, y)", singular=True, domain=(0.2, 3.0))
row("kl_div", "log(x) - log(y)", "divide(y - x, y)", singular=True, domain=(0.2, 3.0))
row("huber", "maximum(abs(y) - x, 0.0)", "clip(y, -x, x)", domain=(0.3, 2.0))


def _pseudo_huber_scale(x: Any, y: Any, out: Any) -> Any:
    """x * (hypot(1, y / x) - 1)**2 / hypot(1, y / x)"""
    u = np.divide(y, x)
    s = np.hypot(1.0, u)
    t = u * (u / (s + 1))  # s - 1 without cancellation
    return x * t * (t / s)


row("pseudo_huber", _pseudo_huber_scale, "y / hypot(1.0, divide(y, x))", singular=True, domain=(0.3, 2.0))

# power transforms: right where the parameter is 0, too
def _boxcox(x: Any, y: Any, out: Any) -> Any:
    """((y * log(x) - 1) * out + log(x)) / y"""  # (x**y - 1) / y is log(x) * exprel(y * log(x))
    log = np.log(x)
    return np.square(log) * _exprel_slope(y * log, special.exprel(y * log))


def _boxcox1p(x: Any, y: Any, out: Any) -> Any:
    """((y * log1p(x) - 1) * out + log1p(x)) / y"""
    log = np.log1p(x)
    return np.square(log) * _exprel_slope(y * log, special.exprel(y * log))


_BY_ROOT = "-0.5 * {value} * square(x) * special.hyp2f1(2.0, 2.0, 3.0, -x * y)"
row("boxcox", "power(x, y - 1)", _boxcox, singular=True, domain=(0.3, 2.0))
row("boxcox1p", "exp((y - 1) * log1p(x))", _boxcox1p, singular=True, domain=(-0.6, 2.0))
row("inv_boxcox", "divide(out, 1 + x * y)", _BY_ROOT.format(value="out"), singular=True, domain=(0.2, 1.5))
row("inv_boxcox1p", "divide(out + 1, 1 + x * y)", _BY_ROOT.format(value="(out + 1)"), singular=True, domain=(0.2, 1.5))

# degrees
row("sindg", "0.017453292519943295 * special.cosdg(x)")
row("cosdg", "-0.017453292519943295 * special.sindg(x)")
row("tandg", "0.017453292519943295 * (1 + out * out)")
row("cotdg", "-0.017453292519943295 * (1 + out * out)", singular=True, domain=(20.0, 60.0))
row("radian", "0.017453292519943295", "0.0002908882086657216", "4.84813681109536e-06", cheap=True)


# Bessel functions (10.6.1, 10.29.1)
row("j0", "-special.j1(x)")
row("j1", "0.5 * (special.j0(x) - special.jv(2.0, x))")
row("y0", "-special.y1(x)", **POSITIVE)
row("y1", "special.y0(x) - out / x", **POSITIVE)  # DLMF 10.6.2
row("i0", "special.i1(x)")
row("i1", "0.5 * (special.i0(x) + special.iv(2.0, x))")
# i1e - i0e cancels far out: by 10.39.5, with 13.2.39
row("i0e", "-sign(x) * special.hyp1f1(1.5, 2.0, -2 * abs(x))", kink="0: 0")
row("i1e", "0.5 * special.hyp1f1(1.5, 3.0, -2 * abs(x)) - 0.5 * abs(x) * special.hyp1f1(2.5, 4.0, -2 * abs(x))", kink="0: 1/2")
row("k0", "-special.k1(x)", **POSITIVE)
row("k1", "-0.5 * (special.k0(x) + special.kv(2.0, x))", **POSITIVE)
# and so do these: by 10.39.6, where SciPy's U is exact
row(
    "k0e", "where(x > 20, -1.7724538509055159 * special.hyperu(1.5, 2.0, 2 * maximum(x, 20.0)), out - special.k1e(x))",
    **POSITIVE,
)  # fmt: skip
row(
    "k1e",
    "where(x > 20, 3.5449077018110318 * special.hyperu(1.5, 3.0, 2 * maximum(x, 20.0))"
    " - 10.634723105433096 * x * special.hyperu(2.5, 4.0, 2 * maximum(x, 20.0)),"
    " out - 0.5 * (special.k0e(x) + special.kve(2.0, x)))",
    **POSITIVE,
)  # fmt: skip


_STEP = "0.5 * (special.{name}(x - 1, y) {sign} special.{name}(x + 1, y))"
for _name, _sign, _more in (
    ("jv", "-", ""), ("yv", "-", ""), ("jve", "-", ""), ("yve", "-", ""), ("yn", "-", ""),
    ("hankel1", "-", ""), ("hankel2", "-", ""), ("hankel1e", "-", " - 1j * out"), ("hankel2e", "-", " + 1j * out"),
    ("iv", "+", ""), ("ive", "+", " - sign(y) * out"), ("kv", "+", ""), ("kve", "+", " + out"), ("kn", "+", ""),
):  # fmt: skip
    _text = ("-" if _name[0] == "k" else "") + _STEP.format(name=_name, sign=_sign) + _more
    _form = real(_name, _text) if _name in ("jve", "yve", "ive") else _text
    row(_name, unknown(_name, "the order"), _form, singular=True, domain=(0.6, 3.0))


# Struve functions (11.4.27, 11.4.28); exponential integrals (8.19.13, 6.2); others
_STRUVE = (
    "0.5 * (special.{name}(x - 1, y) {sign} special.{name}(x + 1, y)"
    " + power(0.5 * y, x) * special.rgamma(x + 1.5) * 0.5641895835477563)"
)
for _name, _sign in (("struve", "-"), ("modstruve", "+")):
    row(_name, unknown(_name, "the order v"), _STRUVE.format(name=_name, sign=_sign), singular=True, domain=(0.4, 3.0))
row("exp1", "divide(-exp(-x), x)", **POSITIVE)
row("expi", "divide(exp(x), x)", **POSITIVE)


def _expn(x: Any, y: Any, out: Any) -> Any:
    """-special.expn(x - 1, y)"""
    at_zero = -out * (1 + np.divide(1.0, y))
    if is_number(x):
        return at_zero if x == 0 else -special.expn(x - 1, y)
    return np.where(x == 0, at_zero, -special.expn(np.maximum(x - 1, 0), y))


row("expn", unknown("expn", "the order n"), _expn, **POSITIVE)
# 25.12.2; around 1 the quotient by 15.4.1
row(
    "spence", "where(x < 0.5, log(x) / (1 - minimum(x, 0.5)), -special.hyp2f1(1.0, 1.0, 2.0, 1 - maximum(x, 0.5)))", **POSITIVE,
)  # fmt: skip
row("wrightomega", "out / (1 + out)")
row("agm", *(
    f"0.2122065907891938 * out * out * abs({a}) * special.elliprd(0.0, {b} * {b}, {a} * {a})" for a, b in ("xy", "yx")
), singular=True, domain=(0.3, 3.0))  # 19.8.5, 19.25.1  # fmt: skip
row("tklmbda", "1 / (power(out, y - 1) + power(1 - out, y - 1))", unknown("tklmbda", "the shape lambda"), **UNIT)

# hypergeometric functions (13.3.15, 13.3.22, 15.5.1, 16.3.1) and Wright's function
_Z = "it is known in the last argument only"
row("hyp0f1", unknown("hyp0f1", "the parameter v", _Z), "special.hyp0f1(x + 1, y) / x", domain=(0.4, 2.0), singular=True)
row(
    "hyp1f1", unknown("hyp1f1", "the parameter a", _Z), unknown("hyp1f1", "the parameter b", _Z),
    "x * special.hyp1f1(x + 1, y + 1, z) / y", domain=(0.4, 2.0), singular=True,
)  # fmt: skip
row(
    "hyp2f1", *(unknown("hyp2f1", f"the parameter {p}", _Z) for p in "abc"),
    "x * y * special.hyp2f1(x + 1, y + 1, z + 1, w) / z", domain=(0.1, 0.7), singular=True,
)  # fmt: skip
row(
    "hyperu", unknown("hyperu", "the parameter a", _Z), unknown("hyperu", "the parameter b", _Z),
    "-x * special.hyperu(x + 1, y + 1, z)", domain=(0.4, 2.0), singular=True,
)  # fmt: skip
row(
    "wright_bessel", unknown("wright_bessel", "the parameter a", _Z), unknown("wright_bessel", "the parameter b", _Z),
    "special.wright_bessel(x, x + y, z)", domain=(0.4, 2.0),
)  # fmt: skip
row(
    "log_wright_bessel", unknown("log_wright_bessel", "the parameter a", _Z),
    unknown("log_wright_bessel", "the parameter b", _Z),
    "exp(special.log_wright_bessel(x, x + y, z) - out)", domain=(0.4, 2.0),
)  # fmt: skip

# elliptic integrals: complete ones as hypergeometric functions (19.5.1, 19.5.2, 15.8.1), others as Carlson's (19.25)
row("ellipk", "0.39269908169872414 * special.hyp2f1(0.5, 0.5, 2.0, x) / (1 - x)", singular=True, domain=(-0.8, 0.8))
row("ellipkm1", "-0.39269908169872414 * special.hyp2f1(0.5, 0.5, 2.0, 1 - x) / x", singular=True, domain=(0.2, 0.9))
row("ellipe", "-0.39269908169872414 * special.hyp2f1(0.5, 1.5, 2.0, x)", singular=True, domain=(-0.8, 0.8))


def _by_parameter(whole: Callable[..., Any], part: Callable[..., Any], text: str) -> Callable[..., Any]:
    """By the parameter: half turns contribute complete integrals."""

    def partial(x: Any, y: Any, out: Any) -> Any:
        turns = np.rint(np.divide(x, np.pi))
        s = np.sin(x - np.pi * turns)
        rest = part(1 - s * s, 1 - y * s * s)
        return 2 * turns * whole(y) + s * s * s * rest / 6

    partial.__doc__ = text
    return partial


row(
    "ellipkinc", "1 / sqrt(1 - y * sin(x) * sin(x))",
    _by_parameter(
        lambda m: 0.39269908169872414 * special.hyp2f1(0.5, 0.5, 2.0, m) / (1 - m),
        lambda c, d: special.elliprd(c, 1.0, d), "sin(x)**3 * special.elliprd(cos(x)**2, 1, 1 - y * sin(x)**2) / 6",
    ), singular=True, domain=(0.2, 0.8),
)  # fmt: skip
row(
    "ellipeinc", "sqrt(1 - y * sin(x) * sin(x))",
    _by_parameter(
        lambda m: -0.39269908169872414 * special.hyp2f1(0.5, 1.5, 2.0, m),
        lambda c, d: -special.elliprd(c, d, 1.0), "-sin(x)**3 * special.elliprd(cos(x)**2, 1 - y * sin(x)**2, 1) / 6",
    ), singular=True, domain=(0.2, 0.8),
)  # fmt: skip
# Carlson's integrals (19.18)
_ELLIPRC = "(1 / sqrt(x) - out) / (2 * subtract(x, y))"



def _elliprc(by: str) -> Callable[..., Any]:
    """Near x == y, where that cancels, by R_C(x, y) = 2F1(1/2, 1; 3/2; 1 - y / x) / sqrt(x) (19.2.17)."""

    def partial(x: Any, y: Any, out: Any) -> Any:
        near = np.abs(x - y) < 0.3 * np.abs(x)
        far = np.divide(-(0.5 * out + x * (np.divide(1, np.sqrt(x)) - out) / (2 * np.where(near, 1.0, x - y))), y)
        slope = special.hyp2f1(1.5, 2.0, 2.5, np.where(near, 1 - np.divide(y, x), 0.0))
        by_y = np.where(near, np.divide(slope, -3 * x * np.sqrt(x)), far)
        return by_y if by == "y" else np.divide(-(0.5 * out + y * by_y), x)

    partial.__doc__ = _ELLIPRC if by == "x" else f"-(0.5 * out + x * {_ELLIPRC}) / y"
    return partial


row("elliprc", _elliprc("x"), _elliprc("y"), **POSITIVE)
row("elliprf", *(f"special.elliprd({a}, {b}, {c}) / -6" for a, b, c in ("yzx", "xzy", "xyz")), **POSITIVE)
row("elliprg", *(
    f"special.elliprf(x, y, z) / 4 - {c} * special.elliprd({a}, {b}, {c}) / 12" for a, b, c in ("yzx", "xzy", "xyz")
), **POSITIVE)  # fmt: skip


def _carlson(position: int, arguments: int) -> Callable[..., Any]:
    """By one of the symmetric arguments as a quotient of differences, by the last one as the function is homogeneous."""

    def slope(xs: tuple[Any, ...], i: int, out: Any) -> Any:
        others = [x for k, x in enumerate(xs[:3]) if k != i]
        return (special.elliprd(*others, xs[i]) - out) / (2 * np.subtract(xs[i], xs[-1]))

    def partial(out: Any, **names: Any) -> Any:
        xs = tuple(names.values())
        if position < arguments - 1:
            return slope(xs, position, out)
        total = 1.5 * out
        for i in range(arguments - 1):
            if is_number(xs[i]) and xs[i] == 0:
                continue
            total = total + xs[i] * slope(xs, i, out)
        return -total / xs[-1]

    last = "z" if arguments == 3 else "w"
    of = "xyzw"[position]
    rest = ", ".join("xyz".replace(of, "")[:2])
    partial.__doc__ = f"(special.elliprd({rest}, {of}) - out) / (2 * ({of} - {last}))" if of != last else "-1.5 * out / " + last
    return partial


row("elliprd", *(_carlson(i, 3) for i in range(3)), kink="an argument equal to z: nan", **POSITIVE)
row("elliprj", *(_carlson(i, 4) for i in range(4)), kink="an argument equal to p: nan", **POSITIVE)


# orthogonal polynomials in x (18.9)
_DEGREE = "it is a count"
#: the partial of the last argument: x is the degree
POLYNOMIALS = {
    "legendre": "special.eval_gegenbauer(x - 1, 1.5, y)",
    "chebyt": "x * special.eval_chebyu(x - 1, y)",
    "chebyu": "2 * special.eval_gegenbauer(x - 1, 2.0, y)",
    "chebyc": "x * special.eval_chebyu(x - 1, 0.5 * y)",
    "chebys": "special.eval_gegenbauer(x - 1, 2.0, 0.5 * y)",
    "laguerre": "-special.eval_genlaguerre(x - 1, 1.0, y)",
    "hermite": "2 * x * special.eval_hermite(maximum(x - 1, 0), y)",
    "hermitenorm": "x * special.eval_hermitenorm(maximum(x - 1, 0), y)",
    "sh_legendre": "2 * special.eval_gegenbauer(x - 1, 1.5, 2 * y - 1)",
    "sh_chebyt": "2 * x * special.eval_chebyu(x - 1, 2 * y - 1)",
    "sh_chebyu": "4 * special.eval_gegenbauer(x - 1, 2.0, 2 * y - 1)",
    "gegenbauer": "2 * y * special.eval_gegenbauer(x - 1, y + 1, z)",
    "genlaguerre": "-special.eval_genlaguerre(x - 1, y + 1, z)",
    "jacobi": "0.5 * (x + y + z + 1) * special.eval_jacobi(x - 1, y + 1, z + 1, w)",
    "sh_jacobi": "x * special.eval_sh_jacobi(maximum(x - 1, 0), y + 2, z + 1, w)",
}
for _name, _text in POLYNOMIALS.items():
    _parameters = {"gegenbauer": 1, "genlaguerre": 1, "jacobi": 2, "sh_jacobi": 2}.get(_name, 0)
    _name = f"eval_{_name}"
    _given = [unknown(_name, "the degree n", _DEGREE), *[unknown(_name, "a parameter of the weight")] * _parameters]
    row(_name, *_given, _text, domain=(0.2, 0.8))
row(
    "lpmv", unknown("lpmv", "the order m"), unknown("lpmv", "the degree v"),
    "((y - x + 1) * special.lpmv(x, y + 1, z) - (y + 1) * z * out) / (z * z - 1)", **UNIT,
)  # fmt: skip


# distributions, in what has a density; inverses by the density at the result
def _distribution(
    names: tuple[tuple[str, int], ...], parameters: Mapping[str, str], density: str, inverse: tuple[str, int] | None, **facts: Any
) -> None:
    """Rows of a distribution function with its sign, of the complement, and of the inverse in the last argument.

    `parameters`: the derivative of the distribution function by each; empty for counts."""
    variable = "xyz"[len(parameters)]
    for name, sign in names:
        minus = "-" if sign < 0 else ""
        by = [f"{minus}({t.format(x=variable)})" if t else unknown(name, f"the parameter {p}") for p, t in parameters.items()]
        row(name, *by, f"{minus}exp({density.format(x=variable)})", **facts)
    if inverse is not None:
        name, sign = inverse
        fold = f"exp(-({density.format(x='out')}))"
        by = [f"-{fold} * ({t.format(x='out')})" if t else unknown(name, f"the parameter {p}") for p, t in parameters.items()]
        row(name, *by, ("-" if sign < 0 else "") + fold, **{"singular": True, **facts, "domain": (0.2, 0.8)})


_distribution(
    (("chdtr", 1), ("chdtrc", -1)), {"v": "0.5 * incomplete.gammainc_by_a(0.5 * x, 0.5 * {x})"},
    "special.xlogy(0.5 * x - 1, 0.5 * {x}) - 0.5 * {x} - special.gammaln(0.5 * x) - 0.6931471805599453",
    ("chdtri", -1), **POSITIVE,
)  # fmt: skip
_distribution(
    (("pdtr", -1), ("pdtrc", 1)), {"k": ""}, "special.xlogy(floor(x), {x}) - {x} - special.gammaln(floor(x) + 1)",
    ("pdtri", -1), **POSITIVE,
)  # fmt: skip
_STUDENT = (
    "special.gammaln(0.5 * x + 0.5) - special.gammaln(0.5 * x) - 0.5 * (x + 1) * log1p(divide({x} * {x}, x)) - 0.5 * log(pi * x)"
)
_distribution(
    (("stdtr", 1),),
    {"df": "-0.25 * sign({x}) * incomplete.betainc_by('a', 0.5 * x, 0.5, divide(x, x + {x} * {x}), "
           f"divide({{x}} * {{x}}, x + {{x}} * {{x}})) - divide(0.5 * {{x}}, x) * exp({_STUDENT})"},
    _STUDENT, ("stdtrit", 1), **POSITIVE,
)  # fmt: skip
_FISHER = (
    "special.xlogy(0.5 * x, x) + special.xlogy(0.5 * y, y) + special.xlogy(0.5 * x - 1, {x})"
    " - 0.5 * (x + y) * log(y + x * {x}) - special.betaln(0.5 * x, 0.5 * y)"
)
_FISHER_BY = "incomplete.betainc_by('{by}', 0.5 * x, 0.5 * y, divide(x * {{x}}, y + x * {{x}}), divide(y, y + x * {{x}}))"
_distribution(
    (("fdtr", 1), ("fdtrc", -1)),
    {"dfn": f"0.5 * {_FISHER_BY.format(by='a')} + divide({{x}}, x) * exp({_FISHER})",
     "dfd": f"0.5 * {_FISHER_BY.format(by='b')} - divide({{x}}, y) * exp({_FISHER})"},
    _FISHER, ("fdtri", 1), **POSITIVE,
)  # fmt: skip
_distribution(
    (("bdtr", -1), ("bdtrc", 1)), {"k": "", "n": ""},
    "special.xlogy(floor(x), {x}) + special.xlog1py(y - floor(x) - 1, -{x}) - special.betaln(y - floor(x), floor(x) + 1)",
    ("bdtri", -1), **UNIT,
)  # fmt: skip
_distribution(
    (("nbdtr", 1), ("nbdtrc", -1)), {"k": "", "n": ""},
    "special.xlogy(y - 1, {x}) + special.xlog1py(x, -{x}) - special.betaln(y, x + 1)", ("nbdtri", 1), **UNIT,
)  # fmt: skip
_GDTR = "exp(special.xlogy(y - 1, x * z) - x * z - special.gammaln(y))"
for _name, _sign in (("gdtr", ""), ("gdtrc", "-")):
    row(_name, f"{_sign}z * {_GDTR}", f"{_sign}incomplete.gammainc_by_a(y, x * z)", f"{_sign}x * {_GDTR}", **POSITIVE)

# Kelvin functions, of order 0 (10.61, 10.63)
for _name, _text in (
    ("ber", "special.berp(x)"), ("bei", "special.beip(x)"), ("ker", "special.kerp(x)"), ("kei", "special.keip(x)"),
    ("berp", "-special.bei(x) - out / x"), ("beip", "special.ber(x) - out / x"),
    ("kerp", "-special.kei(x) - out / x"), ("keip", "special.ker(x) - out / x"),
):  # fmt: skip
    row(_name, _text, **POSITIVE)

# integrals from 0
for _name, _text in (
    ("itstruve0", "special.struve(0.0, x)"), ("itmodstruve0", "special.modstruve(0.0, x)"),
    ("it2struve0", "divide(-special.struve(0.0, x), x)"),
):  # fmt: skip
    row(_name, _text, **POSITIVE)

from . import special_general  # noqa: E402, F401  the functions with several results, and those that are refused
