"""The gamma function, its logarithm, and polygamma against SciPy's."""

import math

import numpy as np
import pytest

from diffsrc.runtime.helpers import polygamma
from tests.rules.harness import check

special = pytest.importorskip("scipy.special")


@pytest.mark.parametrize("n", range(5))
def test_polygamma(n):
    x = np.concatenate([np.linspace(0.05, 30.0, 200), [100.0, 1e4]])
    np.testing.assert_allclose(polygamma(n, x), special.polygamma(n, x), rtol=2e-13, atol=1e-300)
    assert isinstance(polygamma(n, 0.7), np.float64)


def test_digamma_of_negative_numbers():
    x = np.array([-0.5, -1.3, -7.8])
    np.testing.assert_allclose(polygamma(0, x), special.digamma(x), rtol=1e-13)


@pytest.mark.parametrize("fn", [math.lgamma, math.gamma])
@pytest.mark.parametrize("x", [0.3, 1.0, 2.7, 8.1])
def test_gamma(fn, x):
    check(fn, x)
