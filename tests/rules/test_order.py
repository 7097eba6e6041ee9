"""Medians, quantiles and percentiles: each method, several quantiles, axes, elements that are nan."""

import numpy as np
import pytest

import diffsrc as ds
from diffsrc.errors import UnsupportedError
from tests.rules.harness import check, check_narrow, row, vjp

RNG = np.random.default_rng(5)
V, A, T = RNG.permutation(7) * 0.9 - 2, RNG.permutation(12).reshape(3, 4) * 0.7 - 4, RNG.permutation(24).reshape(2, 3, 4) * 0.5
AXES = [
    (V, None), (V, -1), (A, None), (A, 0), (A, (0, 1)), (T, (0, 2)), (T, (-1, 0)), (T, 1), (T, (1,)),
]  # fmt: skip
METHODS = [
    "linear", "lower", "higher", "midpoint", "nearest", "hazen", "weibull", "median_unbiased", "normal_unbiased",
    "inverted_cdf", "averaged_inverted_cdf", "closest_observation", "interpolated_inverted_cdf",
]  # fmt: skip
QS = [0.3, 0.0, 1.0, [0.2, 0.55], np.array([[0.1], [0.8]])]


@pytest.mark.parametrize("fn", [np.median, np.nanmedian])
@pytest.mark.parametrize("keepdims", [False, True])
def test_medians(fn, keepdims):
    for a, axis in AXES:
        check(fn, a, axis=axis, keepdims=keepdims)
        check_narrow(fn, a, axis=axis, keepdims=keepdims)
    check(fn, V, None, None, False, keepdims)
    check(fn, np.float64(0.7)[None])


@pytest.mark.parametrize("fn", [np.quantile, np.nanquantile])
@pytest.mark.parametrize("q", QS, ids=str)
@pytest.mark.parametrize("keepdims", [False, True])
def test_axes(fn, q, keepdims):
    if fn is np.nanquantile and np.ndim(q) > 1:
        with pytest.raises(UnsupportedError, match="several axes"):
            vjp(row(fn), 0, None, None, (A, q), {})
        return
    for a, axis in AXES:
        check(fn, a, q, axis=axis, keepdims=keepdims, wrt=(0,))
    check(fn, A, q, 1, None, False, "hazen", keepdims, wrt=(0,))


@pytest.mark.parametrize("method", METHODS)
def test_methods(method):
    for q in (0.31, 0.5, [0.04, 0.97]):
        for fn in (np.quantile, np.nanquantile):
            check(fn, V, q, method=method, wrt=(0,))
            check(fn, A, q, axis=0, method=method, wrt=(0,))
    check(np.percentile, A, 31.0, axis=1, method=method, wrt=(0,))
    check(np.nanpercentile, A, [31.0, 60.0], axis=1, method=method, wrt=(0,))
    check_narrow(np.quantile, A, 0.3, axis=1, method=method)


def test_weights():
    w = np.array([1.0, 2.0, 0.5, 1.0])
    check(np.quantile, A, 0.4, axis=1, weights=w, method="inverted_cdf", wrt=(0,))
    check(np.quantile, A, [0.4, 0.9], weights=np.abs(A) + 0.1, method="inverted_cdf", wrt=(0,))
    with pytest.raises(UnsupportedError, match="weights of fewer axes"):
        vjp(row(np.quantile), 0, 1.0, 1.0, (T, 0.3, (0, 1)), {"weights": np.ones((2, 3)), "method": "inverted_cdf"})


def test_missing():
    a = A.copy()
    a[0, 1] = a[2, 2] = a[2, 3] = np.nan
    seen = ~np.isnan(a)
    for fn, more in ((np.nanmedian, ()), (np.nanquantile, (0.3,)), (np.nanpercentile, (65.0,))):
        for k in range(3):
            whole = vjp(row(fn), 0, np.eye(3)[k], fn(a, *more, axis=1), (a, *more), {"axis": 1})
            part = vjp(row(fn), 0, 1.0, fn(a[k][seen[k]], *more), (a[k][seen[k]], *more), {})
            np.testing.assert_allclose(whole[k][seen[k]], part)
            assert not np.any(whole[k][~seen[k]])


def spread(x, w):
    low, high = np.percentile(x, [25.0, 75.0])
    return (high - low) / np.nanmedian(x) + np.quantile(x, 0.4, weights=w, method="inverted_cdf")


def test_programs():
    ds.check_grads(spread, (V, np.abs(V) + 0.5))
    assert not np.any(ds.grad(spread, 1)(V, np.abs(V) + 0.5))
    with pytest.raises(ds.NoRuleError, match=r"np.quantile.* argument 2"):
        ds.grad(lambda q: np.quantile(V, q))(0.3)
    with pytest.raises(ds.UnsupportedError, match="overwrite_input"):
        ds.grad(lambda x: np.median(x, overwrite_input=True))(V)
