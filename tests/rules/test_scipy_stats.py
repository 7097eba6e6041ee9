"""Every row of the distributions of `scipy.stats`: against mpmath, against differences, and outside the support."""

import warnings

import mpmath as mp
import numpy as np
import pytest
from scipy import stats

from diffsrc.defs import packages, special, table
from tests.rules.harness import check, evaluate, ridders

packages.load_all()
from diffsrc.defs.scipy.stats import FAMILIES  # noqa: E402  with the rows
from diffsrc.defs.scipy.stats_discrete import COUNTED  # noqa: E402

CONTINUOUS = {f.name: f.shapes for f in FAMILIES}
DISCRETE = {d.name: tuple(d.by) for d in COUNTED}
SHAPES = {**CONTINUOUS, **DISCRETE}
MOMENTS = ("mean", "median", "std", "var", "entropy")
METHODS = ("logpdf", "pdf", "logpmf", "pmf", "cdf", "sf", "logcdf", "logsf", "ppf", "isf", *MOMENTS)
#: values of shape parameters by name, and for some distributions by both
VALUES = {
    "s": 0.7, "df": 5.3, "a": 2.3, "b": 3.1, "c": 1.7, "kappa": 1.9, "beta": 1.6, "mu": 0.8, "dfn": 4.3, "dfd": 6.1, "p": 0.35,
    "n": 3.6, "lambda_": 0.6,
}  # fmt: skip
OWN_VALUES = {
    "triang": {"c": 0.4}, "loguniform": {"a": 0.4, "b": 7.0}, "truncnorm": {"a": -1.2, "b": 2.1}, "binom": {"n": 9},
    "betabinom": {"n": 9}, "randint": {"low": 1, "high": 9}, "hypergeom": {"M": 20, "n": 7, "N": 12}, "poisson": {"mu": 3.2},
}  # fmt: skip
ROWS = [
    (name, kind) for name in sorted(SHAPES) for kind in METHODS
    if table.BY_NAME.get(f"scipy.stats.{name}.{kind}") is not None
]  # fmt: skip


def shapes_of(name):
    return tuple(OWN_VALUES.get(name, {}).get(a, VALUES.get(a)) for a in SHAPES[name])


def row(name, kind):
    return table.BY_NAME[f"scipy.stats.{name}.{kind}"]


def points(name, kind, loc, scale):
    """Arguments of calls in the bulk of the distribution."""
    shapes, dist = shapes_of(name), getattr(stats, name)
    rest = (*shapes, 2) if name in DISCRETE else (*shapes, loc, scale)
    if kind in MOMENTS:
        return [rest]
    if kind in ("ppf", "isf"):
        return [(q, *rest) for q in (0.2, 0.55, 0.81)]
    return [(float(dist.ppf(q, *rest)), *rest) for q in (0.2, 0.6, 0.9)]


def test_rows_are_there():
    assert len(ROWS) > 450
    for name in ("norm", "t", "gamma", "beta", "chi2", "lognorm", "weibull_min", "pareto"):
        for kind in METHODS:
            assert (kind in ("logpmf", "pmf")) != ((name, kind) in ROWS), (name, kind)
    for name in ("poisson", "binom", "nbinom", "bernoulli", "geom"):
        for kind in METHODS:
            assert (kind in ("logpdf", "pdf")) != ((name, kind) in ROWS), (name, kind)


@pytest.mark.parametrize(("name", "kind"), ROWS)
def test_differences(name, kind):
    d = row(name, kind)
    for args in points(name, kind, 0.7, 1.3):
        out = d.fn(*args)
        for i, p in enumerate(d.partials):
            if p is None or p.refusal:
                continue
            found = evaluate(p, d, out, args)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # steps that leave the support
                want, error = ridders(lambda e, i=i: d.fn(*args[:i], args[i] + e, *args[i + 1 :]), 1e-2)
            if want is None:  # there is no such moment, or it is the logarithm of 0
                assert not np.isfinite(out)
                continue
            assert abs(found - want) <= 30 * error + 1e-8 * (1 + abs(want)), (d.params[i], args)


#: shapes of arguments
BROADCAST = [((3,), ()), ((2, 1), (3,)), ((), ()), ((), (3,)), ((0,), ())]


@pytest.mark.parametrize("kind", ["logpdf", "pdf", "cdf", "ppf"])
@pytest.mark.parametrize("name", ["norm", "gamma", "t", "lognorm", "weibull_min", "skewnorm"])
def test_rules(name, kind):
    """In both modes, to second order, over shapes."""
    d, dist, rng = row(name, kind), getattr(stats, name), np.random.default_rng(0)
    active = tuple(i for i, p in enumerate(d.partials) if not p.refusal)
    for k, (shape, parameters) in enumerate(BROADCAST):
        q = rng.uniform(0.2, 0.8, shape)
        shapes = [v + rng.uniform(0.0, 0.1, parameters) for v in shapes_of(name)]
        rest = (*shapes, rng.uniform(0.3, 0.8, parameters), rng.uniform(0.8, 1.2, parameters))
        first = q if kind == "ppf" else np.asarray(dist.ppf(q, *(np.mean(r) for r in rest)))
        args = tuple(a[()] for a in (first, *rest))
        check(d.fn, *args, wrt=active, second=k == 0)


EMPTY_TAIL = [-1e3, -1e-3, 0.0, 1e4]


@pytest.mark.parametrize(("name", "kind"), [r for r in ROWS if r[1] not in ("ppf", "isf", *MOMENTS)])
def test_outside(name, kind):
    """Outside the support derivatives are 0, nowhere nan, and nothing warns that the function itself doesn't."""
    d, dist = row(name, kind), getattr(stats, name)
    shapes = shapes_of(name)
    low, high = dist.support(*shapes)
    for x in EMPTY_TAIL:
        args = (x, *shapes)
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            out = d.fn(*args)
            d.fn(*args), getattr(dist, "pmf" if name in DISCRETE else "pdf")(*args)
        if np.isnan(out):
            continue
        for i, p in enumerate(d.partials):
            if p is None or p.refusal:
                continue
            with warnings.catch_warnings():
                warnings.simplefilter("ignore" if caught else "error")
                found = special.evaluate(p, {**dict(zip(d.params, args)), "out": out})
            assert not np.isnan(found), (d.params[i], x)
            if x < low or x > high:
                assert found == 0, (d.params[i], x)


def _beta(z, a, b):
    return (a - 1) * mp.log(z) + (b - 1) * mp.log(1 - z) - mp.log(mp.beta(a, b))


def _t(z, df):
    return mp.loggamma((df + 1) / 2) - mp.loggamma(df / 2) - mp.log(mp.pi * df) / 2 - (df + 1) / 2 * mp.log(1 + z * z / df)


def _phi(z):
    return -z * z / 2 - mp.log(2 * mp.pi) / 2


#: log densities of standardised distributions
DENSITIES = {
    "norm": _phi, "t": _t, "cauchy": lambda z: -mp.log(mp.pi * (1 + z * z)), "laplace": lambda z: -abs(z) - mp.log(2),
    "logistic": lambda z: -z - 2 * mp.log(1 + mp.exp(-z)), "gumbel_r": lambda z: -z - mp.exp(-z),
    "gumbel_l": lambda z: z - mp.exp(z),
    "vonmises": lambda z, kappa: kappa * mp.cos(z) - mp.log(2 * mp.pi * mp.besseli(0, kappa)),
    "skewnorm": lambda z, a: _phi(z) + mp.log(mp.erfc(-a * z / mp.sqrt(2))),
    "gennorm": lambda z, beta: mp.log(beta / 2) - mp.loggamma(1 / beta) - abs(z) ** beta,
    "loggamma": lambda z, c: c * z - mp.exp(z) - mp.loggamma(c), "uniform": lambda z: mp.mpf(0), "expon": lambda z: -z,
    "halfnorm": lambda z: _phi(z) + mp.log(2), "halfcauchy": lambda z: mp.log(2 / mp.pi / (1 + z * z)),
    "halflogistic": lambda z: mp.log(2) - z - 2 * mp.log(1 + mp.exp(-z)),
    "lomax": lambda z, c: mp.log(c) - (c + 1) * mp.log(1 + z),
    "gamma": lambda z, a: (a - 1) * mp.log(z) - z - mp.loggamma(a),
    "chi2": lambda z, df: (df / 2 - 1) * mp.log(z) - z / 2 - df / 2 * mp.log(2) - mp.loggamma(df / 2),
    "chi": lambda z, df: (df - 1) * mp.log(z) - z * z / 2 - (df / 2 - 1) * mp.log(2) - mp.loggamma(df / 2),
    "rayleigh": lambda z: mp.log(z) - z * z / 2, "maxwell": lambda z: 2 * mp.log(z) - z * z / 2 + mp.log(2 / mp.pi) / 2,
    "lognorm": lambda z, s: _phi(mp.log(z) / s) - mp.log(s * z),
    "weibull_min": lambda z, c: mp.log(c) + (c - 1) * mp.log(z) - z**c,
    "fisk": lambda z, c: mp.log(c) + (c - 1) * mp.log(z) - 2 * mp.log(1 + z**c),
    "invgamma": lambda z, a: -(a + 1) * mp.log(z) - 1 / z - mp.loggamma(a),
    "invgauss": lambda z, mu: -1.5 * mp.log(z) - (z - mu) ** 2 / (2 * z * mu * mu),
    "levy": lambda z: -1.5 * mp.log(z) - 1 / (2 * z),
    "f": lambda z, m, n: m / 2 * mp.log(m) + n / 2 * mp.log(n) + (m / 2 - 1) * mp.log(z) - (m + n) / 2 * mp.log(n + m * z)
    - mp.log(mp.beta(m / 2, n / 2)),
    "pareto": lambda z, b: mp.log(b) - (b + 1) * mp.log(z), "beta": _beta,
    "powerlaw": lambda z, a: mp.log(a) + (a - 1) * mp.log(z),
    "triang": lambda z, c: mp.log(2 * z / c if z < c else 2 * (1 - z) / (1 - c)),
    "loguniform": lambda z, a, b: -mp.log(z) - mp.log(mp.log(b / a)),
    "truncnorm": lambda z, a, b: _phi(z) - mp.log(mp.ncdf(b) - mp.ncdf(a)),
}  # fmt: skip
#: standardised points and shapes where plain formulas overflow or cancel
FAR = {
    "norm": [(40.0,), (-1e5,)], "t": [(1e5, 5.0), (0.3, 19.9), (0.3, 20.1), (2.0, 60.0), (1e-3, 3.0), (1.3, 1e4), (0.4, 1e7)],
    "cauchy": [(1e8,)],
    "logistic": [(700.0,), (-700.0,), (1e-9,)], "gumbel_r": [(1e-9,), (-6.0,), (700.0,)], "gumbel_l": [(-700.0,), (6.0,)],
    "skewnorm": [(-20.0, 5.0), (20.0, 5.0)], "gamma": [(1e-12, 0.5), (300.0, 40.0)], "chi2": [(1e-12, 1.0), (900.0, 30.0)],
    "beta": [(1e-12, 0.5, 3.0), (0.5, 50.0, 30.0)], "lognorm": [(1e-30, 2.0), (1e30, 2.0)],
    "weibull_min": [(1e-6, 0.5), (4.0, 3.0)],
    "invgamma": [(1e-3, 2.0), (1e6, 2.0)], "pareto": [(1e6, 0.5)], "f": [(1e-9, 4.0, 6.0), (1e6, 4.0, 6.0)],
    "halfcauchy": [(1e8,)],
}  # fmt: skip


def exact(name, point, i):
    """The derivative of the log density of a call, with 50 digits."""
    count = len(CONTINUOUS[name])

    def log_density(*args):
        x, *shapes = args[: count + 1]
        return DENSITIES[name]((x - args[-2]) / args[-1], *shapes) - mp.log(args[-1])

    return mp.diff(log_density, point, tuple(int(k == i) for k in range(len(point))))


@pytest.mark.parametrize("name", sorted(DENSITIES))
def test_densities_are_exact(name):
    assert set(DENSITIES) == set(CONTINUOUS)
    shapes = shapes_of(name)
    standard = [*(tuple(map(float, p[: 1 + len(shapes)])) for p in points(name, "logpdf", 0.0, 1.0)), *FAR.get(name, [])]
    d, density = row(name, "logpdf"), row(name, "pdf")
    for z, *given in standard:
        for loc, scale in ((0.0, 1.0), (0.25, 2.0)):
            args = (z * scale + loc if abs(z) > 1e-3 else z * scale, *given, loc if abs(z) > 1e-3 else 0.0, scale)
            out, value = d.fn(*args), density.fn(*args)
            for i, p in enumerate(d.partials):
                with mp.workdps(50):
                    want = exact(name, [mp.mpf(a) for a in args], i)
                    if p is None:
                        assert want == 0
                        continue
                    scale_of = max(abs(want), mp.mpf(1) / 10**300)
                    error = abs(mp.mpf(float(evaluate(p, d, out, args))) - want) / scale_of
                    assert error < 1e-12 or abs(want) < 1e-13, (d.params[i], args, mp.nstr(want, 17), mp.nstr(error, 3))
                if value > 1e-250:
                    found, ratio = evaluate(density.partials[i], density, value, args), float(want)
                    assert abs(found - value * ratio) <= 1e-11 * abs(value * ratio) + 1e-13 * value, (d.params[i], args)


TAILS = [
    ("norm", "logcdf", -1e4, lambda z: mp.npdf(z) / mp.ncdf(z)), ("norm", "logsf", 1e4, lambda z: -mp.npdf(z) / mp.ncdf(-z)),
    ("norm", "logcdf", 9.0, lambda z: mp.npdf(z) / mp.ncdf(z)), ("norm", "logcdf", -0.3, lambda z: mp.npdf(z) / mp.ncdf(z)),
    ("logistic", "logcdf", -800.0, lambda z: 1 / (1 + mp.exp(z))), ("gumbel_r", "logcdf", -20.0, lambda z: mp.exp(-z)),
    ("expon", "logsf", 1e5, lambda z: mp.mpf(-1)), ("rayleigh", "logsf", 1e4, lambda z: -z),
    ("halfnorm", "logsf", 30.0, lambda z: -mp.npdf(z) / mp.ncdf(-z)),
]  # fmt: skip


@pytest.mark.parametrize(("name", "kind", "z", "want"), TAILS)
def test_tails(name, kind, z, want):
    """Logarithms of distribution functions where these are 0 in double precision."""
    d = row(name, kind)
    with mp.workdps(40 if abs(z) < 1e3 else 60):
        value = want(mp.mpf(z))
        found = evaluate(d.partials[0], d, d.fn(z, 0.0, 1.0), (z, 0.0, 1.0))
        assert abs(found - value) <= 1e-12 * abs(value)


PROBABILITIES = [
    ("bernoulli", "logpmf", (1, 1.0), 1.0), ("bernoulli", "logpmf", (0, 0.0), -1.0), ("bernoulli", "pmf", (1, 0.0), 1.0),
    ("bernoulli", "pmf", (0, 0.0), -1.0), ("bernoulli", "cdf", (0, 1.0), -1.0), ("binom", "logpmf", (3, 3, 1.0), 3.0),
    ("binom", "logpmf", (0, 3, 0.0), -3.0), ("binom", "pmf", (1, 3, 0.0), 3.0), ("binom", "pmf", (0, 0, 0.3), 0.0),
    ("binom", "cdf", (2, 3, 1.0), -3.0), ("poisson", "logpmf", (0, 0.0), -1.0), ("poisson", "pmf", (1, 0.0), 1.0),
    ("poisson", "cdf", (0, 0.0), -1.0), ("geom", "logpmf", (1, 1.0), 1.0), ("binom", "logpmf", (1, 3, 0.0), 0.0),
]  # fmt: skip


@pytest.mark.parametrize(("name", "kind", "args", "want"), PROBABILITIES)
def test_ends_of_probabilities(name, kind, args, want):
    """At the end of its range, as a sigmoid that has become 1: from inside, and 0 where the mass is 0."""
    d = row(name, kind)
    with np.errstate(all="raise"):
        out = d.fn(*args)
        found = special.evaluate(d.partials[-2], {**dict(zip(d.params, args)), "out": out})
        several = tuple(np.array([a, a]) for a in args)
        both = special.evaluate(d.partials[-2], {**dict(zip(d.params, several)), "out": np.array([out, out])})
    assert found == pytest.approx(want, abs=1e-15)
    np.testing.assert_allclose(both, [want, want], atol=1e-15)


def test_ends_of_the_support():
    """Where the density is finite at the end, the derivative is that from inside."""
    for name, args, want in (
        ("chi2", (0.0, 2.0, 0.0, 1.0), -0.25), ("gamma", (0.0, 1.0, 0.0, 2.0), -0.25), ("expon", (0.0, 0.0, 1.0), -1.0),
        ("weibull_min", (0.0, 1.0, 0.0, 1.0), -1.0), ("beta", (0.0, 1.0, 3.0, 0.0, 1.0), -6.0),
        ("beta", (1.0, 3.0, 1.0, 0.0, 1.0), 6.0), ("powerlaw", (0.0, 1.0, 0.0, 1.0), 0.0), ("chi2", (0.0, 5.0, 0.0, 1.0), 0.0),
    ):  # fmt: skip
        d = row(name, "pdf")
        assert evaluate(d.partials[0], d, d.fn(*args), args) == pytest.approx(want), name
