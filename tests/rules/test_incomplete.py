"""The incomplete gamma and beta functions by their parameters: values against mpmath, edges, and as programs."""

import mpmath as mp
import numpy as np
import pytest
from scipy import special, stats

import diffsrc as ds
from diffsrc.runtime.incomplete import betainc_by, gammainc_by_a

GAMMA = [(0.3, 0.1), (2.0, 1.9), (2.0, 2.1), (0.01, 3.0), (45.7, 53.0), (92.4, 60.0), (46.9, 1.5), (101.0, 363.6), (1e3, 1e3)]
BETA = [(2.0, 3.0, 0.4), (0.15, 19.3, 0.005), (20.7, 0.77, 0.9966), (93.8, 58.3, 0.6), (2.6, 24.3, 0.068), (0.5, 0.5, 1e-6)]


@pytest.mark.parametrize("order", [1, 2])
@pytest.mark.parametrize(("a", "x"), GAMMA)
def test_gamma(a, x, order):
    with mp.workdps(60):
        ends = (0, x) if x < a else (x, mp.inf)
        want = mp.diff(lambda v: mp.gammainc(v, *map(mp.mpf, ends)) / mp.gamma(v), mp.mpf(a), order)
    want = float(want if x < a else -want)
    assert gammainc_by_a(a, x, order) == pytest.approx(want, rel=1e-12)


@pytest.mark.parametrize("which", ["a", "b", "aa", "ab", "bb"])
@pytest.mark.parametrize(("a", "b", "x"), BETA)
def test_beta(a, b, x, which):
    with mp.workdps(60):
        f = lambda p, q: mp.betainc(p, q, 0, mp.mpf(x), regularized=True)  # noqa: E731
        want = float(mp.diff(f, (mp.mpf(a), mp.mpf(b)), (which.count("a"), which.count("b"))))
    assert betainc_by(which, a, b, x) == pytest.approx(want, rel=2e-11 if len(which) == 2 else 1e-12)


def test_edges():
    a = np.array([1.0, 2.0, 2.0, -1.0, 2.0])
    found = gammainc_by_a(a, np.array([0.0, np.inf, -1.0, 1.0, np.nan]))
    assert np.array_equal(found, [0, 0, np.nan, np.nan, np.nan], equal_nan=True)
    x = np.array([0.0, 1.0, -0.5, np.nan])
    assert np.array_equal(betainc_by("a", 2.0, 3.0, x), [0, 0, np.nan, np.nan], equal_nan=True)
    assert gammainc_by_a(np.ones((0, 3)), 1.0).shape == (0, 3)
    assert gammainc_by_a(np.float32([1.0, 2.0]), 1.0).dtype == np.float32
    assert type(betainc_by("b", 1.0, 2.0, 0.5)) is np.float64


PROGRAMS = [
    lambda p: special.gammainc(p[0], p[1]) * special.gammaincc(p[1], p[2]),
    lambda p: special.gammaincinv(p[0], p[1] / 4) + special.gammainccinv(p[1], p[0] / 4),
    lambda p: special.betainc(p[0], p[1], p[2] / 4) + special.betaincinv(p[1], p[2], p[0] / 4),
    lambda p: special.chdtr(p[0], p[1]) + special.chdtri(p[0], p[1] / 4) + special.gdtr(p[0], p[1], p[2]),
    lambda p: special.stdtr(p[0], p[1]) + special.stdtr(p[1], -p[2]) + special.stdtrit(p[0], p[1] / 4),
    lambda p: special.fdtr(p[0], p[1], p[2]) + special.fdtri(p[0], p[1], p[2] / 4),
    lambda p: stats.gamma.logcdf(p[1], p[0]) + stats.beta.sf(0.3, p[0], p[1]) + stats.t.ppf(p[0] / 4, p[1]),
    lambda p: stats.f.cdf(p[0], p[1], p[2]) + stats.chi2.logsf(p[0], p[1]) + stats.invgamma.cdf(p[0], p[1], scale=p[2]),
    lambda p: np.sum(stats.gamma.cdf(np.array([-1.0, 0.0, 0.7, 3.0]), p[0], scale=p[1])),
]


@pytest.mark.parametrize("k", range(len(PROGRAMS)))
def test_programs(k):
    ds.check_grads(PROGRAMS[k], (np.array([1.3, 2.1, 0.9]),), order=2)


def test_third_order_is_refused():
    with pytest.raises(ds.UnsupportedError, match="third derivative"):
        ds.grad(ds.grad(ds.grad(lambda a: special.gammainc(a, 1.0))))(2.0)
