"""Functions of samples in `scipy.stats`: in both modes, to second order, along axes, with options."""

import numpy as np
import pytest
from scipy import spatial, stats

from diffsrc.defs import packages, table
from diffsrc.errors import UnsupportedError
from tests.rules.harness import check, check_narrow, row

packages.load_all()
RNG = np.random.default_rng(0)
A, W = RNG.uniform(0.5, 2.0, (5, 4)), RNG.uniform(0.5, 2.0, (5, 4))
AXES = ({}, {"axis": 1}, {"axis": None}, {"axis": -1})
STATISTICS = (
    stats.zscore, stats.gmean, stats.hmean, stats.skew, stats.kurtosis, stats.sem, stats.variation, stats.entropy,
)  # fmt: skip
CALLS = [
    *((fn, (A,), options) for fn in STATISTICS for options in AXES),
    *((fn, (A[0],), {}) for fn in (stats.zscore, stats.gmean, stats.hmean, stats.skew, stats.kurtosis, stats.entropy)),
    *((fn, (A,), {"keepdims": True}) for fn in (stats.gmean, stats.skew, stats.kurtosis, stats.entropy)),
    (stats.zscore, (A,), {"ddof": 1}), (stats.zscore, (A, 1, 1), {}), (stats.gmean, (A,), {"weights": W}),
    (stats.hmean, (A,), {"weights": W, "axis": 1}), (stats.skew, (A,), {"bias": False}), (stats.skew, (A, 1, False), {}),
    (stats.kurtosis, (A,), {"fisher": False, "bias": False}), (stats.kurtosis, (A, 1, False), {}),
    *((stats.moment, (A, k), {}) for k in (1, 2, 3, 4)), (stats.moment, (A, 3, 1), {}), (stats.moment, (A, 3), {"center": 0.5}),
    (stats.sem, (A,), {"ddof": 0}), (stats.variation, (A,), {"ddof": 1}), (stats.pmean, (A, 3), {}),
    (stats.pmean, (A, -0.5), {"axis": 1}), (stats.entropy, (A, W), {}), (stats.entropy, (A, W), {"axis": 1, "base": 2.0}),
    (stats.entropy, (A,), {"base": 2.0}), (stats.skew, (A,), {"nan_policy": "propagate"}),
]  # fmt: skip


@pytest.mark.parametrize("k", range(len(CALLS)), ids=lambda k: f"{CALLS[k][0].__name__}{k}")
def test_statistics(k):
    fn, args, options = CALLS[k]
    check(fn, *args, wrt=tuple(i for i, a in enumerate(args) if isinstance(a, np.ndarray)), **options)


@pytest.mark.parametrize("fn", STATISTICS[:-1])
def test_single_precision(fn):
    check_narrow(fn, A)


@pytest.mark.parametrize(("fn", "args", "options"), [
    (stats.zscore, (A,), {"nan_policy": "omit"}), (stats.skew, (A,), {"nan_policy": "omit"}), (stats.entropy, (A, W[0]), {}),
    (stats.gmean, (A,), {"weights": W[0]}), (stats.skew, (A,), {"bias": np.True_}), (stats.moment, (A, np.array([1, 2])), {}),
])  # fmt: skip
def test_what_rules_refuse(fn, args, options):
    d = row(fn)
    for rule in (d.rules[0].jvp, d.rules[0].vjp):
        with pytest.raises(UnsupportedError):
            rule(np.ones_like(A), np.ones(4), *args, **options)


def test_what_has_no_rule_says_what_to_use():
    for name in ("describe", "iqr", "spearmanr"):
        d = table.lookup(getattr(stats, name))
        assert not d.rules
        assert d.refusals[-1]
    assert table.lookup(stats.rankdata).family == "zero"


@pytest.mark.parametrize("name", ["skew", "kurtosis", "sem", "variation"])
def test_statistics_about_a_deviation_of_complex_numbers_are_refused(name):
    z = np.array([0.3 + 0.1j, 1.2 - 0.4j, 0.7 + 0.9j, 2.0 + 0.2j])
    with pytest.raises(UnsupportedError, match="complex"):
        row(getattr(stats, name)).rules[0].vjp(1.0, np.float64(0.5), z)


def test_distances_of_complex_points_are_refused():
    x = np.array([[0.3, 1.0], [2.0, 0.1]]) + 0.2j
    with pytest.raises(UnsupportedError, match="complex"):
        row(spatial.distance_matrix).rules[0].vjp(np.ones((2, 2)), np.ones((2, 2)), x, x + 1.0)
