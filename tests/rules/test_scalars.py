"""Rows for the math module and for builtins."""

import math
import operator

import numpy as np
import pytest

from diffsrc.defs.operators import INPLACE
from diffsrc.defs.special import positional
from diffsrc.defs.table import BY_NAME, lookup
from diffsrc.errors import UnsupportedError
from tests.rules.harness import check, jvp, row, vjp


@pytest.mark.parametrize("name", [n for n in dir(math) if callable(getattr(math, n)) and n[0] != "_"])
def test_every_function_of_math_has_a_row(name):
    assert lookup(getattr(math, name)) is not None, name


def test_logarithm_with_a_base():
    check(math.log, 1.7)
    check(math.log, 1.7, 3.0)
    check(math.log, 0.4, 0.7)


def test_math_pow_and_ldexp():
    check(math.pow, 1.7, 2.3)
    check(math.pow, 1.7, 3, wrt=(0,))
    check(math.ldexp, 1.7, -4)


@pytest.mark.parametrize("n", [1, 2, 3, 7])
def test_hypot(n):
    check(math.hypot, *np.linspace(0.5, 2.0, n).tolist())


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_hypot_at_the_origin_does_not_raise():
    assert math.isnan(jvp(row(math.hypot), 0, 1.0, 0.0, (0.0, 0.0), {}))
    assert jvp(row(math.sqrt), 0, 1.0, 0.0, (0.0,), {}) == math.inf


def test_sequences_of_numbers():
    check(math.fsum, [0.5, 1.5, -2.0])
    check(math.fsum, np.array([0.5, 1.5, -2.0]), second=False)
    check(math.prod, [0.5, 1.5, -2.0])
    check(math.prod, (0.5, 0.0, -2.0))
    check(math.prod, [0.5, 1.5], start=3.0)
    check(math.prod, np.array([0.5, 0.0, -2.0]), second=False)
    check(math.prod, [])
    check(math.dist, [0.5, 1.5, 1.0], (1.0, 2.0, 3.0))
    check(math.dist, np.array([0.5, 1.5]), np.array([0.0, 2.0]), second=False)


@pytest.mark.parametrize("fn", [min, max])
def test_min_and_max(fn):
    check(fn, 0.5, 1.5)
    check(fn, 1.5, 0.5)
    check(fn, 0.5, 2.5, -1.0, 1.0)
    check(fn, 0.5, 3)
    check(fn, [0.5, 2.5, -1.0])
    check(fn, (0.5, 2.5))
    check(fn, np.array([0.5, 2.5, -1.0]))


def test_ties_go_to_the_first():
    for fn in (min, max):
        for args in ((1.0, 1.0), (1.0, 1.0, 1.0)):
            found = [float(vjp(row(fn), i, 2.0, 1.0, args, {})) for i in range(len(args))]
            assert found == [2.0, *[0.0] * (len(args) - 1)]
        np.testing.assert_array_equal(vjp(row(fn), 0, 2.0, 1.0, (np.ones(3),), {}), [2, 0, 0])
        assert vjp(row(fn), 0, 2.0, 1.0, ([1.0, 1.0],), {}) == [2.0, 0.0]


def test_options_of_min_and_max_are_refused():
    with pytest.raises(UnsupportedError, match="key"):
        vjp(row(max), 0, 1.0, 1.0, (1.0, 2.0), {"key": abs})


def test_sum():
    check(sum, [0.5, 1.5])
    check(sum, (0.5, 1.5), 2.0)
    check(sum, np.array([0.5, 1.5]))
    check(sum, np.arange(6.0).reshape(2, 3))
    check(sum, [np.arange(3.0), np.ones(3)])
    check(sum, [np.arange(3.0), 2.0])
    check(sum, [np.arange(3.0)], 0.5)


def test_conversions():
    check(float, 0.5)
    check(complex, 0.5, 1.5)


def test_absolute():
    check(abs, -0.5)
    assert jvp(row(abs), 0, 3.0, 0.0, (0.0,), {}) == 0
    assert vjp(row(abs), 0, 3.0, 0.0, (0j,), {}) == 0


def test_operators_have_the_names_of_their_module():
    names = ("not_", "is_", "is_not", "and_", "or_", "xor", "contains", "lt", "floordiv", "pow", "add")
    for name in (*names, *INPLACE):
        assert BY_NAME[name].fn is getattr(operator, name)
    for plain in INPLACE.values():
        assert hasattr(operator, plain)
    assert BY_NAME["abs"].fn is abs


def _positional(fn, *args, **kwargs):
    return positional(lookup(fn), args, kwargs, lambda value: value)


def test_keywords_that_rules_know_by_position_are_put_in_place():
    assert _positional(np.clip, "x", a_max=1) == (("x", None, 1), {})
    assert _positional(np.clip, "x", min=0, max=1) == (("x", 0, 1), {})
    assert _positional(np.average, "x", axis=1, weights="w") == (("x", 1, "w"), {})
    assert _positional(np.average, "x", keepdims=True, weights="w") == (("x", None, "w"), {"keepdims": True})
    assert _positional(np.sum, "x", axis=1) == (("x",), {"axis": 1})
    assert _positional(np.sum, a="x", axis=1) == (("x",), {"axis": 1})
    with pytest.raises(UnsupportedError, match="where"):
        _positional(np.exp, "x", where="mask")
