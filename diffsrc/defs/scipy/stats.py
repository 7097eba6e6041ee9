"""Distributions of `scipy.stats` with a location and a scale: rows of each method, all made from one line per distribution.

With `z = (x - loc) / scale` and the log density `l` of the standardised distribution, a `Family` says `dl/dz`, what comes of
it by the scale, `-(1 + z dl/dz)`, and `dl/da` for each shape parameter. Distribution functions have the density as derivative
in `z`; in shape parameters `moves` says `dF/da` as a multiple of the density, `direct` itself. What is in neither is refused by
name.

Outside the support, and at its ends where the density is 0 or infinite, the derivative of a density is 0.

Discrete distributions follow in `stats_discrete`, those of vectors in `stats_vectors`, functions of samples in
`stats_samples`.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MethodType
from typing import Any

import numpy as np
from scipy import stats

from ...errors import DiffTypeError
from ...ir.types import ANY, AnyType, Array, List, Scalar, Tuple, Type, strip
from ..dims import broadcast, dims_of
from ..elementwise_types import as_array
from ..special import dispatching, doubled, evaluate, is_number, quotient, real_only
from ..table import Def, PartialForm, Unknown, elementwise, parsed
from .special import special


@dataclass(frozen=True, slots=True)
class Family:
    """A distribution with location and scale, by texts over `z` and its shape parameters.

    slope      dl/dz; by_scale: scale * dl/dscale; by_shape: dl/da for each shape parameter
    moves      dF/da divided by the density
    direct     dF/da where it is no such multiple
    early      f/F and `late` f/(1 - F), where these are simpler than their logarithms
    ends       between which bounds z stays in these texts; bounded: whether the density is 0 anywhere
    """

    name: str
    slope: str
    by_scale: str
    by_shape: Mapping[str, str] = field(default_factory=dict)
    moves: Mapping[str, str] = field(default_factory=dict)
    direct: Mapping[str, str] = field(default_factory=dict)
    early: str = ""
    late: str = ""
    ends: tuple[float | None, float | None] = (None, None)
    bounded: bool = False

    @property
    def shapes(self) -> tuple[str, ...]:
        return tuple(self.by_shape)


@dataclass(frozen=True, slots=True)
class Point:
    """The arguments of a call of one method, while a partial is computed: arrays, numbers or tracers."""

    family: Family
    fn: Any
    x: Any
    loc: Any
    scale: Any
    shapes: dict[str, Any]
    out: Any

    def standard(self) -> Any:
        """(x - loc) / scale"""
        x = self.x if is_number(self.loc) and self.loc == 0 else self.x - self.loc
        return self.over_scale(x)

    def over_scale(self, a: Any) -> Any:
        return a if is_number(self.scale) and self.scale == 1 else quotient(a, self.scale)

    def times_scale(self, a: Any) -> Any:
        return a if is_number(self.scale) and self.scale == 1 else a * self.scale

    def inside(self, dead: Any = None) -> Any:
        """The standardised argument, moved into the support where texts have no value outside.

        Where it is `dead`, away from the ends too: near these, further derivatives of the texts overflow."""
        low, high = self.family.ends
        z = self.standard()
        if dead is not None and low is not None:
            z = np.where(dead, low + 1.0 if high is None else 0.5 * (low + high), z)
        if low is not None and high is not None:
            return np.clip(z, low, high)
        z = z if low is None else np.maximum(z, low)
        return z if high is None else np.minimum(z, high)

    def at(self, text: str, dead: Any = None) -> Any:
        form = parsed(text)
        z = {"z": self.inside(dead)} if "z" in form.free else {}
        methods: dict[str, Any] = {n: dispatching(getattr(self.fn, n)) for n in ("pdf", "cdf", "sf") if n in form.free}
        return evaluate(form, {**self.shapes, **z, **methods, "t_by_df": _t_by_df, "out": self.out})

    def call(self, method: str, x: Any) -> Any:
        """Another method with the same parameters, at x."""
        given = [self.loc, self.scale]
        if is_number(self.scale) and self.scale == 1:
            given.pop()
            if is_number(self.loc) and self.loc == 0:
                given.pop()
        return dispatching(getattr(self.fn, method))(x, *self.shapes.values(), *given)

    def unless(self, mask: Any, value: Any) -> Any:
        return np.where(mask, 0.0, value)

    def hazard(self, text: str) -> Any:
        """The density relative to the distribution function whose logarithm is `out`."""
        if text:
            value = self.over_scale(self.at(text))
            return self.unless((self.out == 0) | np.isinf(self.out), value) if self.family.bounded else value
        return np.exp(self.call("logpdf", self.x) - np.where(np.isinf(self.out), 0.0, self.out))


def method(name: str, kind: str) -> MethodType | None:
    """A method of a distribution of this SciPy."""
    found = getattr(getattr(stats, name, None), kind, None)
    return found if isinstance(found, MethodType) else None


def unknown(name: str, argument: str, why: str = "it has no closed form") -> Unknown:
    """In place of a partial: what is said where the argument is active."""
    return Unknown(f"`scipy.stats.{name}` has no derivative with respect to {argument}: {why}")


def numbers(least: int, most: int) -> Callable[[tuple[Any, ...], Mapping[str, Any]], Type]:
    """The type of a method that broadcasts its arguments, of which so many are there: double precision."""

    def types(args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Type:
        if kwargs:
            raise DiffTypeError(f"{next(iter(kwargs))}= isn't an argument of this method")
        if not least <= len(args) <= most:
            raise DiffTypeError(f"this method takes {least} to {most} arguments, and is given {len(args)}")
        if any(isinstance(strip(t), AnyType) for t in args):
            return ANY
        real_only(args, kwargs)
        shape = broadcast(dims_of(as_array(t) if isinstance(strip(t), (Tuple, List)) else t) for t in args)
        return Array("f64", shape) if shape else Scalar("f64")

    return types


def enter(name: str, kind: str, params: tuple[str, ...], least: int, *partials: PartialForm | None, **facts: Any) -> Def | None:
    """A row of a method; None where this SciPy hasn't got it. The first `least` parameters have no defaults."""
    fn = method(name, kind)
    if fn is None:
        return None
    defaults = {p: {"loc": 0, "scale": 1}.get(p) for p in params}
    return elementwise(
        fn, *partials, name=f"scipy.stats.{name}.{kind}", params=params, types=numbers(least, len(params)),
        defaults=defaults, **facts,
    )  # fmt: skip


Value = Callable[[Point], Any]


def partial(family: Family, first: str, text: str, value: Value) -> Callable[..., Any]:
    """A partial by what it is at a point; `text` says it in terms of the arguments and `z`."""
    fn = getattr(stats, family.name)

    def form(out: Any, **names: Any) -> Any:
        names = {n: doubled(a) for n, a in names.items()}
        x, loc, scale = names.pop(first), names.pop("loc", 0), names.pop("scale", 1)
        return value(Point(family, fn, x, loc, scale, names, out))

    form.__doc__ = text
    return form


def written(text: str, scaled: bool, negative: bool, times_out: bool) -> str:
    """A text, negated, times `out` and over `scale`."""
    node = ast.parse(text, mode="eval").body
    if negative:
        node = node.operand if isinstance(node, ast.UnaryOp) else ast.UnaryOp(ast.USub(), node)
    if times_out:
        node = ast.BinOp(ast.Name("out"), ast.Mult(), node)
    return ast.unparse(ast.BinOp(node, ast.Div(), ast.Name("scale")) if scaled else node)


def densities(f: Family) -> None:
    """Rows of `logpdf` and `pdf`."""
    params = ("x", *f.shapes, "loc", "scale")

    def log_value(text: str, scaled: bool, negative: bool = False) -> Value:
        def value(p: Point) -> Any:
            found = p.at(text)
            found = p.over_scale(found) if scaled else found
            found = -found if negative else found
            return p.unless(np.isinf(p.out), found) if f.bounded else found

        return value

    def value(text: str, scaled: bool, negative: bool = False) -> Value:
        def product(p: Point) -> Any:
            found = p.out * p.at(text, p.out == 0 if f.bounded else None)
            found = p.over_scale(found) if scaled else found
            return -found if negative else found

        return product

    for kind, make, times in (("logpdf", log_value, False), ("pdf", value, True)):

        def form(text: str, scaled: bool, negative: bool = False, make: Any = make, times: bool = times) -> PartialForm | None:
            shown = written(text, scaled, negative, times)
            return None if text == "0.0" else partial(f, "x", shown, make(text, scaled, negative))

        enter(
            f.name, kind, params, 1 + len(f.shapes), form(f.slope, True), *(form(t, False) for t in f.by_shape.values()),
            form(f.slope, True, True), form(f.by_scale, True), singular=f.bounded, domain=(0.3, 0.8),
        )  # fmt: skip


def distribution_functions(f: Family) -> None:
    """Rows of `cdf`, `sf` and their logarithms."""
    params = ("x", *f.shapes, "loc", "scale")
    given = ", ".join(params)

    def enter_one(kind: str, sign: int, text: str, density: Value, logarithm: bool) -> None:
        def signed(value: Any, s: int) -> Any:
            return value if s == sign else -value

        def by_shape(a: str) -> PartialForm:
            if a in f.moves:
                shown = f"{'-' if sign < 0 else ''}({f.moves[a]}) * scale * {text}"
                return partial(f, "x", shown, lambda p: signed(p.times_scale(p.at(f.moves[a]) * density(p)), 1))
            if a in f.direct:
                shown = f"{'-' if sign < 0 else ''}({f.direct[a]}){' * exp(-out)' if logarithm else ''}"
                over = _folded if logarithm else lambda p, value: value
                return partial(f, "x", shown, lambda p: signed(over(p, _direct(p, f.direct[a])), 1))
            return unknown(f"{f.name}.{kind}", f"the parameter {a}")

        plus, minus = ("", "-") if sign > 0 else ("-", "")
        enter(
            f.name, kind, params, 1 + len(f.shapes),
            partial(f, "x", plus + text, lambda p: signed(density(p), 1)), *map(by_shape, f.shapes),
            partial(f, "x", minus + text, lambda p: signed(density(p), -1)),
            partial(f, "x", f"{minus}z * {text}", lambda p: signed(p.standard() * density(p), -1)),
            singular=logarithm, domain=(0.3, 0.8),
        )  # fmt: skip

    for kind, sign in (("cdf", 1), ("sf", -1)):
        enter_one(kind, sign, f"{f.name}.pdf({given})", lambda p: p.call("pdf", p.x), False)
    for kind, sign, text in (("logcdf", 1, f.early), ("logsf", -1, f.late)):
        shown = f"({text}) / scale" if text else f"exp({f.name}.logpdf({given}) - out)"
        enter_one(kind, sign, shown, lambda p, text=text: p.hazard(text), True)  # type: ignore[misc]


def _direct(p: Point, text: str) -> Any:
    value = p.at(text)
    return p.unless(p.call("pdf", p.x) == 0, value) if p.family.bounded else value


def _folded(p: Point, value: Any) -> Any:
    """A slope of a distribution function relative to it, whose logarithm is `out`."""
    return value * np.exp(np.where(np.isinf(p.out), 0.0, -p.out))


def inverses(f: Family) -> None:
    """Rows of `ppf` and `isf`."""
    params = ("q", *f.shapes, "loc", "scale")
    given = ", ".join(("out", *params[1:]))

    def at_result(p: Point) -> Point:
        return Point(p.family, p.fn, p.out, p.loc, p.scale, p.shapes, p.out)

    def by_shape(kind: str, a: str) -> PartialForm:
        if a in f.moves:
            value: Value = lambda p: -p.times_scale(at_result(p).at(f.moves[a]))  # noqa: E731
            return partial(f, "q", f"-({f.moves[a]}) * scale", value)
        if a in f.direct:
            value = lambda p: -at_result(p).at(f.direct[a]) / p.call("pdf", p.out)  # noqa: E731
            return partial(f, "q", f"-({f.direct[a]}) / {f.name}.pdf({given})", value)
        return unknown(f"{f.name}.{kind}", f"the parameter {a}")

    for kind, sign in (("ppf", ""), ("isf", "-")):
        slope: Value = lambda p, s=sign: (-1.0 if s else 1.0) / p.call("pdf", p.out)  # type: ignore[misc]  # noqa: E731
        enter(
            f.name, kind, params, 1 + len(f.shapes),
            partial(f, "q", f"{sign}1 / {f.name}.pdf({given})", slope), *(by_shape(kind, a) for a in f.shapes),
            "1.0", partial(f, "q", "(out - loc) / scale", lambda p: at_result(p).standard()),
            singular=True, domain=(0.2, 0.8),
        )  # fmt: skip


_TINY = 1e-290
_FISHER = "incomplete.betainc_by('{}', 0.5 * dfn, 0.5 * dfd, dfn * z / (dfd + dfn * z), dfd / (dfd + dfn * z))"
POSITIVE: Any = {"bounded": True, "ends": (_TINY, None)}
FROM_ZERO: Any = {"bounded": True}
UNIT: Any = {"bounded": True, "ends": (_TINY, 1 - 2.0**-53)}
#: where a power of 1 / z that would overflow stands beside a density that is 0 long before
FAR: Any = {"bounded": True, "ends": (1e-100, None)}
_MILLS = "0.7978845608028654 / special.erfcx({}0.7071067811865476 * {})"  # phi(u) / Phi(u)
_SKEWED = _MILLS.format("-", "a * z")


def _t_by_df(z: Any, df: Any) -> Any:
    """The digamma functions by their asymptotic series where their difference cancels, and so for the rest."""
    u = quotient(z * z, df)
    near = np.minimum(u, 0.003)
    small = near * near * (-1 / 2 + near * (2 / 3 + near * (-3 / 4 + near * (4 / 5 + near * (-5 / 6 + near * (6 / 7))))))
    rest = np.where(u < 0.003, small, u / (1 + u) - np.log1p(u)) + quotient(u, df * (1 + u))
    s = 1 / np.square(np.maximum(df, 20.0))
    series = s * (0.5 + s * (-0.25 + s * (0.5 + s * (-2.125 + s * (15.5 + s * (-172.75 + s * (2730.5 - s * 58098.0625)))))))
    plain = special.psi(0.5 * (df + 1)) - special.psi(0.5 * df) - quotient(1.0, df)
    return 0.5 * (np.where(df > 20, series, plain) + rest)


FAMILIES = (
    Family("norm", "-z", "z * z - 1", early=_MILLS.format("-", "z"), late=_MILLS.format("", "z")),
    Family("t", "-(df + 1) * z / (df + z * z)", "df * (z * z - 1) / (df + z * z)", {"df": "t_by_df(z, df)"},
           direct={"df": "-0.25 * sign(z) * incomplete.betainc_by('a', 0.5 * df, 0.5, df / (df + z * z), z * z / (df + z * z))"
                   " - 0.5 * z / df * pdf(z, df)"}),
    Family("cauchy", "-2 * z / (1 + z * z)", "(z * z - 1) / (1 + z * z)"),
    Family("laplace", "-sign(z)", "abs(z) - 1"),
    Family("logistic", "-tanh(0.5 * z)", "z * tanh(0.5 * z) - 1", early="special.expit(-z)", late="special.expit(z)"),
    Family("gumbel_r", "expm1(-z)", "-1 - z * expm1(-z)", early="exp(-z)", ends=(-690.0, None)),
    Family("gumbel_l", "-expm1(z)", "z * expm1(z) - 1", late="exp(z)", ends=(None, 690.0)),
    Family("vonmises", "-kappa * sin(z)", "kappa * z * sin(z) - 1",
           {"kappa": "cos(z) - special.i1e(kappa) / special.i0e(kappa)"}),
    Family("skewnorm", f"a * {_SKEWED} - z", f"z * z - 1 - a * z * {_SKEWED}", {"a": f"z * {_SKEWED}"},
           direct={"a": "-0.3183098861837907 * exp(-0.5 * z * z * (1 + a * a)) / (1 + a * a)"}),
    Family("gennorm", "-beta * sign(z) * power(abs(z), beta - 1)", "beta * power(abs(z), beta) - 1",
           {"beta": "1 / beta + special.psi(1 / beta) / (beta * beta) - power(abs(z), beta) * special.xlogy(z != 0, abs(z))"}),
    Family("loggamma", "c - exp(z)", "-1 - z * (c - exp(z))", {"c": "z - special.psi(c)"},
           direct={"c": "incomplete.gammainc_by_a(c, exp(z))"}, ends=(None, 690.0)),
    Family("uniform", "0.0", "-1.0", early="1 / z", late="1 / (1 - z)", **UNIT),
    Family("expon", "-1.0", "z - 1", late="1.0", **FROM_ZERO),
    Family("halfnorm", "-z", "z * z - 1", late=_MILLS.format("", "z"), **FROM_ZERO),
    Family("halfcauchy", "-2 * z / (1 + z * z)", "(z * z - 1) / (1 + z * z)", **FROM_ZERO),
    Family("halflogistic", "-tanh(0.5 * z)", "z * tanh(0.5 * z) - 1", late="special.expit(z)", **FROM_ZERO),
    Family("lomax", "-(c + 1) / (1 + z)", "(c * z - 1) / (1 + z)", {"c": "1 / c - log1p(z)"},
           {"c": "(1 + z) * log1p(z) / c"}, late="c / (1 + z)", bounded=True, ends=(0.0, None)),
    Family("gamma", "(a - 1) / z - 1", "z - a", {"a": "log(z) - special.psi(a)"},
           direct={"a": "incomplete.gammainc_by_a(a, z)"}, **POSITIVE),
    Family("chi2", "(0.5 * df - 1) / z - 0.5", "0.5 * (z - df)", {"df": "0.5 * (log(0.5 * z) - special.psi(0.5 * df))"},
           direct={"df": "0.5 * incomplete.gammainc_by_a(0.5 * df, 0.5 * z)"}, **POSITIVE),
    Family("chi", "(df - 1) / z - z", "z * z - df", {"df": "log(z) - 0.5 * (special.psi(0.5 * df) + 0.6931471805599453)"},
           direct={"df": "0.5 * incomplete.gammainc_by_a(0.5 * df, 0.5 * z * z)"}, **POSITIVE),
    Family("rayleigh", "1 / z - z", "z * z - 2", late="z", **POSITIVE),
    Family("maxwell", "2 / z - z", "z * z - 3", **POSITIVE),
    Family("lognorm", "-(1 + log(z) / (s * s)) / z", "log(z) / (s * s)", {"s": "(square(log(z) / s) - 1) / s"},
           {"s": "-z * log(z) / s"}, early=_MILLS.format("-", "log(z) / s") + " / (s * z)",
           late=_MILLS.format("", "log(z) / s") + " / (s * z)", **POSITIVE),
    Family("weibull_min", "(c - 1) / z - c * power(z, c - 1)", "c * (power(z, c) - 1)",
           {"c": "1 / c + log(z) * (1 - power(z, c))"}, {"c": "z * log(z) / c"}, late="c * power(z, c - 1)", **POSITIVE),
    Family("fisk", "-(1 + c * tanh(0.5 * c * log(z))) / z", "c * tanh(0.5 * c * log(z))",
           {"c": "1 / c - log(z) * tanh(0.5 * c * log(z))"}, {"c": "z * log(z) / c"},
           early="c * special.expit(-c * log(z)) / z", late="c * special.expit(c * log(z)) / z", **POSITIVE),
    Family("invgamma", "(1 / z - a - 1) / z", "a - 1 / z", {"a": "-log(z) - special.psi(a)"},
           direct={"a": "-incomplete.gammainc_by_a(a, 1 / z)"}, **FAR),
    Family("invgauss", "0.5 * (1 / (z * z) - 1 / (mu * mu)) - 1.5 / z", "0.5 * (1 + z / (mu * mu) - 1 / z)",
           {"mu": "(z - mu) / (mu * mu * mu)"}, **FAR),
    Family("levy", "(0.5 / z - 1.5) / z", "0.5 - 0.5 / z", **FAR),
    Family("f", "(0.5 * dfn - 1) / z - 0.5 * (dfn + dfd) * dfn / (dfd + dfn * z)",
           "0.5 * dfn * dfd * (z - 1) / (dfd + dfn * z)",
           {"dfn": "0.5 * (log(dfn * z / (dfd + dfn * z)) + dfd * (1 - z) / (dfd + dfn * z)"
                   " - special.psi(0.5 * dfn) + special.psi(0.5 * (dfn + dfd)))",
            "dfd": "0.5 * (log(dfd / (dfd + dfn * z)) + dfn * (z - 1) / (dfd + dfn * z)"
                   " - special.psi(0.5 * dfd) + special.psi(0.5 * (dfn + dfd)))"},
           direct={"dfn": f"0.5 * {_FISHER.format('a')} + z / dfn * pdf(z, dfn, dfd)",
                   "dfd": f"0.5 * {_FISHER.format('b')} - z / dfd * pdf(z, dfn, dfd)"}, **POSITIVE),
    Family("pareto", "-(b + 1) / z", "b", {"b": "1 / b - log(z)"}, {"b": "z * log(z) / b"}, late="b / z",
           bounded=True, ends=(1.0, None)),
    Family("beta", "(a - 1) / z - (b - 1) / (1 - z)", "(b - 1) * z / (1 - z) - a",
           {"a": "log(z) - special.psi(a) + special.psi(a + b)", "b": "log1p(-z) - special.psi(b) + special.psi(a + b)"},
           direct={by: f"incomplete.betainc_by('{by}', a, b, z)" for by in "ab"}, **UNIT),
    Family("powerlaw", "(a - 1) / z", "-a", {"a": "1 / a + log(z)"}, {"a": "z * log(z) / a"}, early="a / z", **UNIT),
    Family("triang", "where(z < c, 1 / z, 1 / (z - 1))", "where(z < c, -2.0, (2 * z - 1) / (1 - z))",
           {"c": "where(z < c, -1 / c, 1 / (1 - c))"},
           direct={"c": "where(z < c, -square(z / c), -square((1 - z) / (1 - c)))"}, **UNIT),
    Family("loguniform", "-1 / z", "0.0", {"a": "1 / (a * log(b / a))", "b": "-1 / (b * log(b / a))"},
           {"a": "z * log(z / b) / (a * log(b / a))", "b": "-z * log(z / a) / (b * log(b / a))"}, **POSITIVE),
    Family("truncnorm", "-z", "z * z - 1", {"a": "pdf(a, a, b)", "b": "-pdf(b, a, b)"},
           direct={"a": "-pdf(a, a, b) * sf(z, a, b)", "b": "-pdf(b, a, b) * cdf(z, a, b)"}, bounded=True),
)  # fmt: skip
for _family in FAMILIES:
    if hasattr(stats, _family.name):
        densities(_family)
        distribution_functions(_family)
        inverses(_family)

from . import stats_discrete, stats_moments, stats_normal, stats_samples, stats_vectors  # noqa: E402, F401  further rows
