"""Calls of SciPy at the edges: far out, outside a support, in other precisions, with arguments that broadcast."""

import time

import mpmath as mp
import numpy as np
import pytest
from scipy import fft, interpolate, linalg, optimize, special, stats

import diffsrc as ds


def _voigt(x, sigma, gamma):
    z = (mp.mpf(x) + 1j * mp.mpf(gamma)) / (mp.sqrt(2) * mp.mpf(sigma))
    return (mp.exp(-z * z) * mp.erfc(-1j * z)).real / (mp.mpf(sigma) * mp.sqrt(2 * mp.pi))


@pytest.mark.parametrize(
    "at", [(1.0, 0.5, 0.5), (1.0, 0.08, 1.0), (1.0, 1e-5, 1.0), (30.0, 1.0, 0.5), (1e4, 1.0, 0.5), (14.3, 1.0, 1e-17)], ids=str
)
def test_voigt_profile(at):
    with mp.workdps(60):
        want = [float(mp.diff(_voigt, at, order)) for order in ((1, 0, 0), (0, 1, 0), (0, 0, 1))]
        mixed = [float(mp.diff(_voigt, at, order)) for order in ((2, 0, 0), (1, 1, 0), (1, 0, 1))]
    assert ds.grad(lambda x, s, g: special.voigt_profile(x, s, g), (0, 1, 2))(*at) == pytest.approx(want, rel=1e-11, abs=0)
    by_x = ds.grad(lambda x, s, g: special.voigt_profile(x, s, g))
    assert ds.grad(by_x, (0, 1, 2))(*at) == pytest.approx(mixed, rel=1e-9, abs=0)


def test_voigt_profile_without_a_normal_part():
    x, g = np.array([-1.0, 0.0, 2.5]), 0.5
    found = ds.vjp(lambda x, s, g: special.voigt_profile(x, s, g), x, 0.0, g)[1](np.ones(3))
    width = x * x + g * g
    assert found[0] == pytest.approx(-2 * x * g / (np.pi * width**2), rel=1e-14)
    assert found[1] == 0.0
    assert found[2] == pytest.approx(np.sum(1 / (np.pi * width) - 2 * g * g / (np.pi * width**2)), rel=1e-14)


@pytest.mark.parametrize(
    "f",
    [
        lambda a, b: special.logsumexp(a, b=b),
        lambda a, b: np.sum(np.sin(special.logsumexp(a, b=b, axis=0))),
        lambda a, b: np.sum(np.sin(special.logsumexp(a, b=b, axis=-1, keepdims=True))),
    ],
)
def test_logsumexp_with_weights_that_have_more_axes(f):
    ds.check_grads(f, (np.array([0.7]), np.array([[0.5, 1.0, 2.0], [1.5, 0.3, 0.9]])), order=2)


@pytest.mark.parametrize(
    "f",
    [
        lambda a, b: special.logsumexp(a, b=b, return_sign=True),
        lambda a, b: special.logsumexp(a, 1, b, True, True),
    ],
)
def test_logsumexp_with_its_sign(f):
    def product(a, b):
        value, sign = f(a, b)
        return np.sum(value * sign)

    ds.check_grads(product, (np.array([[0.7, -0.3, 1.1]]), np.array([[1.0, -4.0, 0.5]])), order=2)


@pytest.mark.parametrize(
    "f",
    [
        lambda x, a: stats.gamma.pdf(x, a),
        lambda x, a: stats.chi2.pdf(x, a, scale=a),
        lambda x, a: stats.beta.pdf(x, a, 2.5),
        lambda x, a: stats.lognorm.pdf(x, a, -0.5),
        lambda x, a: stats.weibull_min.pdf(x, a),
        lambda x, a: stats.invgamma.pdf(x, a),
    ],
)
def test_second_derivatives_of_a_density_outside_its_support(f):
    x = np.array([-1.5, 0.4, -1e-3, 0.7])
    ds.check_grads(lambda x, a: np.sum(f(x, a)), (x, 1.7), order=2)


def test_types_of_slopes_take_no_time():
    def f(x, df, s):
        return np.sum(stats.t.cdf(x, df, 0.1, s))

    start = time.perf_counter()
    ds.grad(f, 1)(np.ones((2, 3)), np.array([3.0, 4.0, 5.0]), np.ones((2, 1)))
    assert time.perf_counter() - start < 20


@pytest.mark.parametrize(
    "f",
    [
        lambda x: special.ellipk(x),
        lambda x: special.betaln(x, 2),
        lambda x: special.multigammaln(x + 3, 2),
        lambda x: special.spence(x),
        lambda x: special.erf(x, dtype=np.float64),
        lambda x: special.multigammaln(x[0] + 3, 2),
        lambda x: (special.gammainc(x, 2.0), special.ellipe(x)),
    ],
)
def test_a_tangent_has_the_precision_of_the_result(f):
    x = np.array([0.3, 0.6], np.float32)
    out, dot = ds.jvp(f, (x,), (np.ones_like(x),))
    for value, slope in zip(out, dot) if isinstance(out, tuple) else [(out, dot)]:
        assert slope.dtype == value.dtype and np.shape(slope) == np.shape(value)


def test_precision_inside_a_program():
    def f(x):
        return special.multigammaln(x + 3, 2) * 1e-9 + 1.0

    text = str(ds.code_forward(f, np.ones(2, np.float32)))
    assert "astype" in text


def test_what_isnt_a_float_has_no_tangent():
    a = np.array([[4.0, 1.0], [1.0, 3.0]])
    assert ds.jvp(lambda a: linalg.cho_factor(a), (a,), (a,))[1][1] is None
    assert ds.jvp(lambda a: linalg.qr(a, pivoting=True), (a,), (a,))[1][2] is None


def test_interp1d_with_values_outside_by_position():
    def f(y, t):
        return np.sum(interpolate.interp1d(np.arange(4.0), y, "linear", -1, True, False, (1.0, 2.0))(t))

    ds.check_grads(f, (np.array([0.5, 1.0, 0.2, 0.9]), np.array([-1.0, 0.3, 2.6, 7.0])), order=2)


@pytest.mark.parametrize("y", [0.7, 0.7 * (1 + 1e-9), 0.6, 0.95, 5.0, -0.4])
def test_elliprc_at_equal_arguments_and_near_them(y):
    def f(x, y):
        return special.elliprc(x, y)

    if y > 0:
        with mp.workdps(50):
            want = [float(mp.diff(lambda a, b: mp.elliprc(a, b), (0.7, y), order)) for order in ((1, 0), (0, 1))]
        assert ds.grad(f, (0, 1))(0.7, y) == pytest.approx(want, rel=1e-13)
    ds.check_grads(f, (0.7, y), order=2)


@pytest.mark.parametrize("method", ["cdf", "sf", "logcdf", "logsf"])
def test_negative_binomial_by_its_number(method):
    k = np.array([-1, 0, 2, 5]) if "log" not in method else np.array([0, 2, 5])
    fn = getattr(stats.nbinom, method)
    ds.check_grads(lambda n, p: np.sum(fn(k, n, p)), (2.7, 0.4), order=2)


def test_what_is_refused():
    for f in (
        lambda x: fft.fhtoffset(0.1, x[0]),
        lambda x: np.sum(optimize.linear_sum_assignment(np.outer(x, x))),
        lambda x: np.sum(linalg.toeplitz(2, x)),
        lambda x: stats.gmean(x[0]),
        lambda x: np.sum(linalg.cholesky(np.outer(x, x), x)),
    ):
        with pytest.raises(ds.NoRuleError):
            ds.grad(f)(np.array([0.3, 0.8]))


def test_a_fixed_point_that_is_infinite():
    with pytest.raises(RuntimeError, match="has not converged"), np.errstate(all="ignore"):
        ds.grad(lambda a: ds.fixed_point(lambda x, a: 2 * x + a, 1.0, a))(0.7)
