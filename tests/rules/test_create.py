"""Rows that make arrays: fills, ranges, conversions, displays of numbers, grids."""

import numpy as np
import pytest

from diffsrc.defs.numpy_create import astype
from diffsrc.errors import DiffTypeError, UnsupportedError
from diffsrc.ir.types import BOOL, Array, Lit
from tests.rules.harness import check, check_narrow, row
from tests.rules.several import check_several

RNG = np.random.default_rng(13)
A1, A2 = RNG.normal(size=3), RNG.normal(size=(2, 3))


@pytest.mark.parametrize(
    "fn", [np.zeros, np.ones, np.empty, np.eye, np.zeros_like, np.ones_like, np.empty_like, np.identity]
)
def test_constants(fn):
    assert row(fn).family == "zero"


def test_fills():
    check(np.full, (2, 3), 0.7)
    check(np.full, (2, 3), A1)
    check(np.full, (2, 3), A2[:, :1])
    check(np.full, 3, np.float64(0.7))
    check(np.full, (0,), 0.7)
    check(np.full_like, A2, 0.7, wrt=(1,))
    check(np.full_like, A2, A1, wrt=(1,))
    assert row(np.full_like).rules[0].vjp(A2, A2, A2, 0.7) is None
    check(np.full, 3, 0.7 + 0.1j)
    check_narrow(np.full, 3, np.float64(0.7))


def test_arange():
    check(np.arange, 0.3, 2.0, wrt=(0,))
    check(np.arange, 0.3, 2.0, 0.5, wrt=(0, 2))
    check(np.arange, 2.0, 0.3, -0.5, wrt=(0, 2))
    for i, args in [(0, (2.5,)), (1, (0.3, 2.5))]:
        assert row(np.arange).rules[i].vjp(np.ones(3), np.arange(*args), *args) is None


@pytest.mark.parametrize("options", [{}, {"endpoint": False}, {"num": 1}, {"num": 0}, {"num": 4}], ids=str)
def test_linspace(options):
    check(np.linspace, 0.3, 2.0, **options)
    check(np.linspace, 0.3, A1, **options)
    check(np.linspace, A2, 0.2, **options)
    check(np.linspace, A2, A2[::-1], **options)
    check(np.linspace, A2, A2[:1], **options)
    check(np.linspace, A2, A2[::-1], axis=-1, **options)
    check(np.linspace, 0.1, A2, axis=1, **options)
    check(np.linspace, A1 + 1j, A1, **options)


def test_linspace_of_ends_of_several_ranks():
    check(np.linspace, A2, A2[0], 3)
    check(np.linspace, A2[0], A2, 3, axis=1)
    check(np.linspace, A2, A2[0], 3, axis=-1)


@pytest.mark.parametrize("fn", [np.array, np.asarray, np.asanyarray, np.ascontiguousarray, np.asfortranarray])
def test_conversions(fn):
    check(fn, A2)
    check_narrow(fn, A2)
    check(fn, A2 + 1j * A2)
    check(fn, [0.1, 0.2])
    check(fn, ((0.1, 0.2, 0.3), (0.4, 0.5, 0.6)))
    check(fn, [A1, A1 * 2])
    check(fn, [[A1, A1], [A1, A1]])
    check(fn, [])
    check(fn, 0.3)


def test_options_of_conversions():
    check(np.array, A2, dtype="float64")
    check(np.array, A2, dtype=complex)
    check(np.array, [0.1, 0.2], "float64", copy=True)
    with pytest.raises(UnsupportedError, match="ndmin"):
        row(np.array).rules[0].vjp(A2[None], None, [0.1, 0.2], ndmin=3)
    check(np.array, A2, ndmin=3)


def test_copies_that_may_not_copy_are_refused():
    f64 = Array("f64", ("n",))
    assert row(np.array).infer((f64,), {}) == f64
    assert row(np.array).infer((f64,), {"copy": Lit(True, BOOL)}) == f64
    with pytest.raises(DiffTypeError, match="argument itself"):
        row(np.array).infer((f64,), {"copy": Lit(False, BOOL)})


def test_copy_and_astype():
    check(np.copy, A2)
    check_narrow(np.copy, A2)
    check(astype, A2, "float64")
    check(astype, A2, "complex128")
    check(np.astype, A2, "float64")
    small = A1.astype(np.float32)
    assert row(astype).rules[0].vjp(A1, A1, small, np.float64).dtype == np.float32
    assert row(astype).rules[0].jvp(small, A1, small, np.float64).dtype == np.float64


@pytest.mark.parametrize("options", [{}, {"indexing": "ij"}, {"sparse": True}, {"indexing": "ij", "sparse": True}])
def test_grids(options):
    check_several(np.meshgrid, A1, **options)
    check_several(np.meshgrid, A1, RNG.normal(size=2), **options)
    check_several(np.meshgrid, A1, RNG.normal(size=2), RNG.normal(size=4), **options)
    check_several(np.meshgrid, A1, np.empty(0), **options)


