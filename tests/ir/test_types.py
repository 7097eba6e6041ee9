"""Questions about types."""

from __future__ import annotations

import pytest

from diffsrc.ir.types import FLOAT, Array, same_shape

VECTOR, MATRIX = Array("f64", ("n",)), Array("f64", ("n", "m"))
#: two types, and whether arrays of these types that meet certainly have one shape
SHAPES = [
    (VECTOR, VECTOR, True),
    (VECTOR, Array("f64", ("m",)), True),  # neither can be 1, so they are equal or NumPy raises
    (VECTOR, Array("f32", (3,)), True),
    (VECTOR, Array("f64", (1,)), False),
    (VECTOR, Array("f64", (None,)), False),
    (Array("f64", (None,)), VECTOR, False),
    (Array("f64", (None,)), Array("f64", (None,)), False),
    (VECTOR, MATRIX, False),
    (MATRIX, VECTOR, False),
    (MATRIX, Array("f64", ("n", 1)), False),
    (VECTOR, FLOAT, False),
    (FLOAT, VECTOR, False),
    (FLOAT, FLOAT, False),
]


@pytest.mark.parametrize(("a", "b", "same"), SHAPES, ids=[f"{a}-{b}" for a, b, _ in SHAPES])
def test_same_shape(a, b, same):
    assert same_shape(a, b) is same
