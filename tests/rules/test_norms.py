"""Norms of vectors and matrices in every order, along axes, of stacks, and condition numbers."""

import numpy as np
import pytest

import diffsrc as ds
from tests.rules.harness import check, check_narrow, row, vjp

RNG = np.random.default_rng(12)
V = np.array([0.8, -1.3, 0.5, 2.1, -0.9])
A, T = (np.sign(x) * (0.4 + np.abs(x)) for x in (RNG.normal(size=(3, 4)), RNG.normal(size=(2, 3, 4))))
C, H = V + 1j * RNG.normal(size=5), A + 1j * RNG.normal(size=(3, 4))
S = 0.4 * RNG.normal(size=(3, 3)) + np.diag([3.0, 4.0, 5.5])
B = np.stack([S, S.T @ S])
VECTOR = [None, 1, 2, 3, 2.5, 0.5, -1, -2.5, 0, np.inf, -np.inf]
MATRIX = [None, "fro", "nuc", 1, -1, 2, -2, np.inf, -np.inf]


@pytest.mark.parametrize("order", VECTOR)
def test_vectors(order):
    check(np.linalg.norm, V, order, wrt=(0,))
    check(np.linalg.norm, C, order, wrt=(0,))
    check_narrow(np.linalg.norm, V, order)
    for axis in (0, -1):
        check(np.linalg.norm, T, order, axis, wrt=(0,))
        check(np.linalg.norm, T, order, axis, True, wrt=(0,))
        check_narrow(np.linalg.norm, A, order, axis)


@pytest.mark.parametrize("order", MATRIX)
def test_matrices(order):
    check(np.linalg.norm, A, order, wrt=(0,))
    check(np.linalg.norm, A.T, order, keepdims=True, wrt=(0,))
    check_narrow(np.linalg.norm, A, order)
    for axis in ((1, 2), (0, 2), (2, 0), (-1, -3)):
        check(np.linalg.norm, T, order, axis, wrt=(0,))
        check(np.linalg.norm, T, order, axis=axis, keepdims=True, wrt=(0,))
    if order not in ("nuc", 2, -2):
        check(np.linalg.norm, H, order, wrt=(0,))
        check(np.linalg.norm, H, order, axis=(1, 0), keepdims=True, wrt=(0,))


@pytest.mark.parametrize("order", [o for o in VECTOR if o is not None])
def test_array_api_vectors(order):
    for axis in (None, 1, (0, 2), (-1, 0)):
        check(np.linalg.vector_norm, T, axis=axis, ord=order, wrt=(0,))
        check(np.linalg.vector_norm, T, axis=axis, ord=order, keepdims=True, wrt=(0,))


@pytest.mark.parametrize("order", [o for o in MATRIX if o is not None])
def test_array_api_matrices(order):
    check(np.linalg.matrix_norm, A, ord=order, wrt=(0,))
    check(np.linalg.matrix_norm, T, ord=order, keepdims=True, wrt=(0,))


@pytest.mark.parametrize("order", [None, 2, -2, 1, -1, np.inf, -np.inf, "fro", "nuc"])
def test_condition_numbers(order):
    check(np.linalg.cond, S, order, wrt=(0,))
    check(np.linalg.cond, B, order, wrt=(0,))
    if order in (None, 2, -2):
        check(np.linalg.cond, A, order, wrt=(0,))


@pytest.mark.parametrize("order", [o for o in VECTOR if o is None or o >= 1])
def test_zero_is_the_slope_where_the_norm_is_zero(order):
    zero = np.zeros(3)
    np.testing.assert_array_equal(vjp(row(np.linalg.norm), 0, 1.0, np.linalg.norm(zero, order), (zero, order), {}), zero)


def test_ties_share():
    for order, want in ((np.inf, [0.5, 0, -0.5]), (-np.inf, [0, 1, 0])):
        a = np.array([2.0, 1.0, -2.0])
        np.testing.assert_array_equal(vjp(row(np.linalg.norm), 0, 1.0, np.linalg.norm(a, order), (a, order), {}), want)
    m = np.eye(2)
    np.testing.assert_allclose(vjp(row(np.linalg.norm), 0, 1.0, np.float64(1.0), (m, 2), {}), m / 2)
    np.testing.assert_allclose(vjp(row(np.linalg.norm), 0, 1.0, np.float64(1.0), (m, 1), {}), m / 2)


def program(a, order):
    return np.linalg.norm(a, order)


def below(a):
    return np.linalg.norm(a, -np.inf) * np.sum(np.linalg.norm(a, ord=2, axis=(-2, -1), keepdims=True))


def test_programs():
    ds.check_grads(below, (A,))
    with pytest.raises(ds.UnsupportedError, match="an order that is known only when the program runs"):
        ds.grad(lambda a: program(a, int(a[0, 0]) + 1))(A)
    ds.check_grads(program, (A, 1))
