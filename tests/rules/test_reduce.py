"""Reductions and scans: axes, keepdims, ties, zeros, empty arrays, displays."""

import numpy as np
import pytest

import diffsrc as ds
from diffsrc.errors import UnsupportedError
from tests.rules.harness import check, check_narrow, close, jvp, ridders, row, vjp
from tests.rules.several import check_several

RNG = np.random.default_rng(3)
A1, A2, A3 = RNG.normal(size=4), RNG.normal(size=(3, 2)), RNG.normal(size=(2, 3, 2))
AXES = [
    (A1, None), (A1, 0), (A1, -1), (A2, None), (A2, 0), (A2, 1), (A2, -2), (A3, (0, 2)), (A3, (-1, 0)),
    (A3, (1,)), (A3, ()), (A3, -2), (np.ones((1, 3)) * A3[0, 0, 0] + np.arange(3.0), 0),
]  # fmt: skip
REDUCTIONS = [np.sum, np.mean, np.prod, np.max, np.min, np.amax, np.amin, np.var, np.std, np.ptp, np.nansum]
REDUCTIONS += [np.nanmean, np.nanmax, np.nanmin]


@pytest.mark.parametrize("fn", REDUCTIONS)
@pytest.mark.parametrize("keepdims", [False, True])
def test_axes(fn, keepdims):
    for a, axis in AXES:
        if fn in (np.std, np.ptp) and (axis == () or a.shape[0] == 1):
            continue  # zero variance; both extremes are one element
        options = {"keepdims": True} if keepdims else {}
        check(fn, a, axis=axis, **options)
        check_narrow(fn, a, axis=axis, **options)


@pytest.mark.parametrize("fn", REDUCTIONS)
def test_positional_axis_and_numbers(fn):
    check(fn, A2, 1)
    if fn not in (np.std, np.ptp):
        check(fn, np.float64(0.7))


@pytest.mark.parametrize("fn", [np.sum, np.prod, np.nansum])
def test_empty(fn):
    check(fn, np.empty(0))
    check(fn, np.empty((2, 0)), axis=1)
    check(fn, np.empty((0, 3)), axis=0)


@pytest.mark.parametrize("fn", [np.sum, np.mean, np.prod, np.var, np.std, np.cumsum, np.cumprod])
def test_complex(fn):
    z = A2 + 1j * A2[::-1]
    check(fn, z)
    check(fn, z, axis=0)
    check_narrow(fn, z, axis=0)


@pytest.mark.parametrize("fn", [np.var, np.std])
def test_ddof(fn):
    check(fn, A2, ddof=1)
    check(fn, A2, axis=0, ddof=1, keepdims=True)
    check(fn, A2, 0, None, None, 1)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("fn", [np.var, np.std, np.mean])
def test_degenerate_counts_do_not_raise(fn):
    d, a = row(fn), np.array([0.5])
    out, options = fn(a), {} if fn is np.mean else {"ddof": 1}
    jvp(d, 0, a, out, (a,), options)
    vjp(d, 0, 1.0, out, (a,), options)
    vjp(d, 0, 1.0, np.float64(0.0), (np.empty(0),), {})


def test_without_variance_the_deviation_has_slope_zero():
    """One number has no deviation wherever it is; equal ones are at the bottom of a cone."""
    for a in (np.ones(3), np.array([0.3]), np.array(0.7)):
        assert np.all(vjp(row(np.std), 0, 1.0, np.float64(0.0), (a,), {}) == 0.0)
        assert jvp(row(np.std), 0, np.ones_like(a), np.float64(0.0), (a,), {}) == 0.0


@pytest.mark.parametrize("zeros", [(), (1,), (0, 2), (3,)])
def test_products_with_zeros(zeros):
    a = A1.copy()
    a[list(zeros)] = 0.0
    check(np.prod, a)
    check(np.cumprod, a)
    b = A3.copy()
    b[0, list(set(zeros) & {0, 1, 2})] = 0.0
    check(np.prod, b, axis=1)
    check(np.prod, b, axis=(0, 2))
    check(np.prod, b)
    check(np.cumprod, b, axis=1)
    check(np.cumprod, b)


@pytest.mark.parametrize("scale", [1e-200, 1e200])
def test_a_product_out_of_range_has_slopes_in_range(scale):
    a = np.array([[2.0, scale, 3.0, scale], [5.0, scale, 1 / scale, 1.0]])
    with np.errstate(over="ignore"):
        out = np.prod(a, axis=1)
    want = [[0.0, 6.0 * scale, 0.0, 6.0 * scale], [1.0, 5.0 / scale, 5.0 * scale, 5.0]]
    if scale > 1:
        want[0][0] = want[0][2] = np.inf
    assert np.allclose(vjp(row(np.prod), 0, np.ones(2), out, (a,), {"axis": 1}), want, rtol=1e-14, atol=0.0)


@pytest.mark.parametrize("fn", [np.cumsum, np.cumprod])
def test_scans(fn):
    for a in (A1, A2, A3):
        check(fn, a)
        for axis in range(-a.ndim, a.ndim):
            check(fn, a, axis=axis)
            check_narrow(fn, a, axis)
    check(fn, np.empty(0))
    check(fn, np.ones(1))


@pytest.mark.parametrize("fn", [np.max, np.min, np.amax, np.amin])
def test_ties_share(fn):
    a = np.array([[2.0, 2.0, 2.0], [1.0, 0.5, 0.5]])
    g = vjp(row(fn), 0, np.array([3.0, 6.0]), fn(a, axis=1), (a,), {"axis": 1})
    want = [[1, 1, 1], [6, 0, 0]] if fn in (np.max, np.amax) else [[1, 1, 1], [0, 3, 3]]
    np.testing.assert_array_equal(g, want)
    dot = jvp(row(fn), 0, np.array([[1.0, 2.0, 6.0], [1.0, 3.0, 5.0]]), fn(a, axis=1), (a,), {"axis": 1})
    np.testing.assert_array_equal(dot, [3, 1] if fn in (np.max, np.amax) else [3, 4])


HOLES = np.where(A3 > 0.9, np.nan, A3 + 0.3)
NAN = [(np.nansum, np.sum), (np.nanprod, np.prod), (np.nanmean, np.mean), (np.nanvar, np.var), (np.nanstd, np.std)]


@pytest.mark.parametrize(("fn", "plain"), NAN, ids=lambda f: f.__name__)
def test_reductions_of_what_is_not_nan(fn, plain):
    """As the reduction of the others, whose mask is given."""
    assert np.any(np.isnan(HOLES))
    seen, filled = ~np.isnan(HOLES), np.where(np.isnan(HOLES), 3.0, HOLES)
    ct = RNG.normal(size=fn(HOLES, axis=1, keepdims=True).shape)
    more = {"where": A3 > -0.7}
    for options in ({}, more, {"ddof": 1} if fn in (np.nanvar, np.nanstd) else {}):
        given = {"axis": 1, "keepdims": True, **options}
        mask = {**given, "where": seen & options.get("where", True)}
        out = fn(HOLES, **given)
        np.testing.assert_allclose(out, plain(filled, **mask))
        for rule, seed in ((jvp, A3), (vjp, ct)):
            found, want = rule(row(fn), 0, seed, out, (HOLES,), given), rule(row(plain), 0, seed, out, (filled,), mask)
            np.testing.assert_allclose(found, want)
    check(fn, A3, axis=(0, 2))


@pytest.mark.parametrize(("fn", "plain", "value"), [(np.nancumsum, np.cumsum, 0.0), (np.nancumprod, np.cumprod, 1.0)])
def test_scans_of_what_is_not_nan(fn, plain, value):
    for axis in (None, 0, -1):
        check(fn, A3, axis=axis)
        filled, out = np.where(np.isnan(HOLES), value, HOLES), fn(HOLES, axis=axis)
        g = vjp(row(fn), 0, np.ones_like(out), out, (HOLES,), {"axis": axis})
        want = vjp(row(plain), 0, np.ones_like(out), out, (filled,), {"axis": axis})
        np.testing.assert_allclose(g, np.where(np.isnan(HOLES), 0.0, want))


def test_variance_about_a_given_mean():
    for fn in (np.var, np.std, np.nanvar):
        mean = np.mean(A3, axis=1, keepdims=True)
        for m in (mean, mean + 0.2):
            check(fn, A3, axis=1, mean=m, correction=1)
            check(fn, A3, axis=1, mean=m, keepdims=True)
            rules, out = row(fn).rules["mean"], fn(A3, axis=1, mean=m)
            want = ridders(lambda e: fn(A3, axis=1, mean=m + e * mean))
            close(rules.jvp(mean, out, A3, axis=1, mean=m), *want, "mean")
            ct = RNG.normal(size=out.shape)
            g = rules.vjp(ct, out, A3, axis=1, mean=m)
            np.testing.assert_allclose(np.sum(g * mean), np.sum(ct * want[0]), atol=1e-9)


def test_programs_of_options():
    mask = A1 > -0.5

    def sums(x, s):
        return np.sum(x, where=mask, initial=s) * np.prod(x, initial=s) + np.nanprod(x, initial=s, where=mask)

    def extremes(x, s):
        return np.max(x, initial=s) * np.min(x, initial=s, where=mask) + np.nansum(x, initial=s)

    def averaged(x, w):
        a, b = np.average(x, axis=1, weights=w, returned=True)
        return np.sum(a**2 * b) + np.sum(np.var(x, axis=0, mean=w[0] * x[:1]))

    for s in (0.3, 9.0, -9.0):
        ds.check_grads(sums, (A1, s))
        ds.check_grads(extremes, (A1, s))
    ds.check_grads(averaged, (A2 + 3, np.abs(A2[0]) + 1))
    ds.check_grads(averaged, (A2 + 3, np.abs(A2) + 1))


def test_nan_contributes_nothing():
    a = np.array([[1.0, np.nan, 3.0], [0.5, 2.0, np.nan]])
    for fn in (np.nansum, np.nanmean, np.nanmax, np.nanmin):
        out = fn(a, axis=1)
        g = vjp(row(fn), 0, np.array([2.0, 4.0]), out, (a,), {"axis": 1})
        assert np.all(g[np.isnan(a)] == 0)
        np.testing.assert_allclose(np.sum(g, axis=1), [2.0 * _n(fn), 4.0 * _n(fn)])


def _n(fn):
    return 2 if fn is np.nansum else 1


def test_sum_where():
    mask = np.array([[True, False], [False, True], [True, True]])
    check(np.sum, A2, where=mask)
    check(np.sum, A2, axis=0, where=mask)


@pytest.mark.parametrize("fn", [np.sum, np.mean, np.max, np.prod, np.std, np.cumsum])
def test_displays(fn):
    check(fn, [0.3, 1.2, -0.7], second=False)
    check(fn, [A1, A1[::-1] * 1.3], second=False)
    check(fn, (A1, A1[::-1] * 1.3), axis=0, second=False)


def test_average():
    w1, w2 = np.array([0.2, 0.5, 0.9]), np.abs(A3) + 0.1
    check(np.average, A3)
    check(np.average, A3, 1)
    check(np.average, A3, 1, w1)
    check(np.average, A3, -2, w1, keepdims=True)
    check(np.average, A3, 1, w2)
    check(np.average, A3, None, w2)
    check(np.average, A3, (0, 2), w2)
    check(np.average, A3, (0, 1), np.abs(A3[:, :, 0]) + 0.1)
    check(np.average, A3, (2, 0), np.abs(A3[:, 0, :]).T + 0.1)
    check(np.average, A3, (1, 2), np.abs(A3[0]) + 0.1, keepdims=True)
    for w in (None, w1, w2):
        check_several(np.average, A3, 1, w, True)
        check_several(np.average, A3, 1, w, returned=True, keepdims=True)
    check_several(np.average, A3, None, w2, True)
    check_several(np.average, A3, (0, 1), np.abs(A3[:, :, 0]) + 0.1, True)
    check(np.average, A1, 0, np.abs(A1) + 1)
    check(np.average, A1, None, np.abs(A1) + 1)
    check_narrow(np.average, A3, 1, w1)


@pytest.mark.parametrize(("fn", "options"), [
    (np.ptp, {"initial": 1.0}), (np.ptp, {"where": True + np.zeros(4)}), (np.mean, {"like": A1}),
])  # fmt: skip
def test_options_without_a_rule_are_refused(fn, options):
    with pytest.raises(UnsupportedError, match=next(iter(options))):
        vjp(row(fn), 0, 1.0, 1.0, (A1,), options)
