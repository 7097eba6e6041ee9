"""Covariances and correlations: one variable and several, in rows and columns, weighted, complex."""

import numpy as np
import pytest

import diffsrc as ds
from tests.rules.harness import check, row, vjp

RNG = np.random.default_rng(17)
X, Y, V = RNG.normal(size=(3, 5)), RNG.normal(size=(2, 5)), RNG.normal(size=5)
C = X + 1j * RNG.normal(size=(3, 5))
F, W = np.array([1, 3, 2, 1, 2]), np.array([0.5, 1.0, 2.0, 0.3, 1.2])
OPTIONS = [
    {}, {"bias": True}, {"ddof": 0}, {"ddof": 2}, {"fweights": F}, {"aweights": W}, {"fweights": F, "aweights": W},
    {"aweights": W, "bias": True}, {"dtype": np.float64},
]  # fmt: skip


@pytest.mark.parametrize("options", OPTIONS, ids=lambda o: "-".join(o))
def test_cov(options):
    for m in (X, V, C, X[:1]):
        if m is not C or "dtype" not in options:
            check(np.cov, m, **options)
    check(np.cov, X.T, rowvar=False, **options)
    check(np.cov, X, Y, **options)
    check(np.cov, V, V**2, **options)
    check(np.cov, V, X, **options)
    check(np.cov, X.T, Y.T, False, **options)
    check(np.cov, X.T, V, False, **options)
    if "dtype" not in options:
        check(np.cov, C, Y, **options)


def test_corrcoef():
    for m in (X, C):
        check(np.corrcoef, m)
        check(np.corrcoef, m.T, rowvar=False)
        check(np.corrcoef, m, Y)
    check(np.corrcoef, V, V**2)
    check(np.corrcoef, X.T, V, False)
    assert not np.any(np.abs(vjp(row(np.corrcoef), 0, 1.0, np.corrcoef(V), (V,), {})) > 1e-15)


def portfolio(returns, w):
    return w @ np.cov(returns, rowvar=False) @ w - np.corrcoef(returns[:, 0], returns[:, 1])[0, 1] + np.cov(returns[:, 2])


def test_programs():
    ds.check_grads(portfolio, (X.T, np.array([0.5, 0.2, 0.3])))
    for a in (X, X[:1], V):
        ds.check_grads(lambda m: np.sum(np.cov(m) ** 2), (a,))
    assert ds.grad(lambda m: np.sum(np.cov(m) ** 2))(np.float32(X)).dtype == np.float32
