"""Hand-written gradients against autograd, and primals against their rewrites: a rival must be right."""

import numpy as np
import pytest

from .cases import CASES, Case
from .measure import autograd_gradient, leaves

cases = pytest.mark.parametrize("case", CASES, ids=lambda case: case.key)


@cases
def test_rewrite_for_autograd_computes_the_same(case: Case):
    first, *rest = case.arguments()
    assert case.functional is not None
    rewritten = case.functional(case.pack(first), *rest)
    np.testing.assert_allclose(rewritten, case.primal(first, *rest), rtol=1e-12)


@cases
def test_hand_written_gradient_is_right(case: Case):
    got = leaves(case.hand(*case.arguments()))
    gradient = autograd_gradient(case)
    assert gradient is not None
    expected = leaves(gradient())
    assert len(got) == len(expected)
    for g, e in zip(got, expected):
        np.testing.assert_allclose(g, e, rtol=1e-9, atol=1e-12)
