"""Rows of cmath, of complex and real arguments."""

import cmath

import pytest

from diffsrc.defs.table import lookup
from tests.rules.harness import check

REAL = [cmath.asinh, cmath.atan, cmath.cos, cmath.cosh, cmath.exp, cmath.sin, cmath.sinh, cmath.tan, cmath.tanh]


@pytest.mark.parametrize("name", [n for n in dir(cmath) if callable(getattr(cmath, n)) and n[0] != "_"])
def test_every_function_of_cmath_has_a_row(name):
    assert lookup(getattr(cmath, name)) is not None, name


@pytest.mark.parametrize("z", [0.4 + 0.3j, -0.2 + 0.5j, 1.3 - 0.4j])
@pytest.mark.parametrize(
    "fn", [*REAL, cmath.acos, cmath.acosh, cmath.asin, cmath.atanh, cmath.log, cmath.log10, cmath.sqrt, cmath.phase],
    ids=lambda f: f.__name__,
)  # fmt: skip
def test_complex(fn, z):
    check(fn, z)


def test_polar_form():
    check(cmath.rect, 1.3, 0.4)
    check(cmath.log, 1.3 + 0.2j, 2.0, wrt=(0,))
