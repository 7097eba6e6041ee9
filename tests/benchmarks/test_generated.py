"""Generated gradients against the hand-written ones: equal always, timed with `pytest --benchmark-enable`."""

import numpy as np
import pytest

from . import generated
from .cases import CASES, Case
from .measure import leaves

cases = pytest.mark.parametrize("case", CASES, ids=lambda case: case.key)


def check(got, case: Case) -> None:
    expected = leaves(case.hand(*case.arguments()))
    assert len(leaves(got)) == len(expected)
    for g, e in zip(leaves(got), expected):
        assert g.shape == e.shape
        np.testing.assert_allclose(g, e, rtol=1e-9, atol=1e-12)


@cases
def test_primal(benchmark, case: Case):
    benchmark.group = case.name
    benchmark(case.primal, *case.arguments())


@cases
def test_by_hand(benchmark, case: Case):
    benchmark.group = case.name
    benchmark(case.hand, *case.arguments())


@cases
def test_grad(benchmark, case: Case):
    benchmark.group = case.name
    check(benchmark(generated.dispatched(case)), case)


@cases
def test_built_module(benchmark, case: Case, tmp_path):
    benchmark.group = case.name
    check(benchmark(generated.built(case, tmp_path)), case)
