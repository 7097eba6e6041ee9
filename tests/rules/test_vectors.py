"""Functions of the array API standard: stacks of vectors and matrices, running sums and products, the last two axes."""

import numpy as np
import pytest

from diffsrc.errors import UnsupportedError
from tests.rules.harness import check, check_narrow, row, vjp

RNG = np.random.default_rng(21)


def draw(*shape):
    return RNG.normal(size=shape)


def complex_draw(*shape):
    return draw(*shape) + 1j * draw(*shape)


PAIRS = [((3,), (3,)), ((2, 3), (3,)), ((3,), (2, 3)), ((2, 3), (2, 3)), ((2, 1, 3), (4, 3)), ((1, 3), (2, 3)), ((0,), (0,))]


@pytest.mark.parametrize(("a", "b"), PAIRS, ids=str)
def test_vecdot(a, b):
    for fn in (np.vecdot, np.linalg.vecdot):
        check(fn, draw(*a), draw(*b))
        check(fn, complex_draw(*a), draw(*b))
        check(fn, draw(*a), complex_draw(*b))
        check(fn, complex_draw(*a), complex_draw(*b))
        check_narrow(fn, complex_draw(*a), draw(*b))
    check(np.vecdot, draw(3, 2), draw(4, 3, 1), axis=-2)
    check(np.linalg.vecdot, draw(3, 2), draw(3, 2), axis=0)


@pytest.mark.parametrize(("a", "x"), [((2, 3), (3,)), ((4, 2, 3), (3,)), ((2, 3), (4, 3)), ((1, 2, 3), (4, 3))], ids=str)
def test_matrices_and_vectors(a, x):
    for make in (draw, complex_draw):
        check(np.matvec, make(*a), draw(*x))
        check(np.matvec, draw(*a), make(*x))
        back = (*a[:-2], a[-1], a[-2])
        check(np.vecmat, make(*x), draw(*back))
        check(np.vecmat, draw(*x), make(*back))
        check_narrow(np.vecmat, make(*x), draw(*back))


@pytest.mark.parametrize("fn", [np.cumulative_sum, np.cumulative_prod])
@pytest.mark.parametrize("options", [{}, {"include_initial": True}])
def test_running(fn, options):
    check(fn, draw(4), **options)
    check(fn, complex_draw(4), **options)
    check(fn, np.array([0.5, 0.0, 2.0, 0.0]), **options)
    for axis in (0, 1, -1):
        check(fn, draw(2, 3), axis=axis, **options)
        check_narrow(fn, draw(2, 3), axis=axis, **options)
    with pytest.raises(UnsupportedError, match="dtype"):
        vjp(row(fn), 0, np.ones(3), np.ones(3), (np.ones(3),), {"dtype": np.float32})


def test_last_axes():
    for a in (draw(3, 4), draw(2, 3, 3), complex_draw(2, 4, 3)):
        for offset in (0, 1, -2):
            check(np.linalg.diagonal, a, offset=offset)
            check(np.linalg.trace, a, offset=offset)
            check_narrow(np.linalg.trace, a, offset=offset)
        check(np.linalg.svdvals, a, second=False)
        check_narrow(np.linalg.svdvals, a)


def test_other_names():
    u, v, a, b = draw(3), draw(2, 3), draw(2, 3), draw(3, 4)
    check(np.linalg.cross, u, v)
    check(np.linalg.cross, draw(3, 2), draw(3, 2), axis=0)
    check(np.linalg.outer, u, draw(2))
    check(np.linalg.matmul, a, b)
    check(np.linalg.tensordot, a, b, axes=1)
    check(np.linalg.tensordot, a, draw(2, 3))


SQUARE = draw(4, 4) + 4 * np.eye(4)


def test_systems_of_several_axes():
    a = SQUARE.reshape(2, 2, 4)
    check(np.linalg.tensorsolve, a, draw(2, 2))
    check(np.linalg.tensorsolve, SQUARE.reshape(4, 2, 2), draw(4))
    check(np.linalg.tensorsolve, np.moveaxis(a, 2, 0), draw(2, 2), axes=(0,))
    check(np.linalg.tensorsolve, np.moveaxis(SQUARE.reshape(4, 2, 2), (1, 2), (0, 1)), draw(4), axes=(0, 1))
    check(np.linalg.tensorinv, SQUARE.reshape(2, 2, 4))
    check(np.linalg.tensorinv, SQUARE.reshape(4, 2, 2), ind=1)


A, B, C, X, Y = draw(2, 3), draw(3, 4), draw(4, 2), draw(2), draw(4)


@pytest.mark.parametrize("factors", [
    (A, B), (X, A), (B, Y), (Y, Y), (A, B, C), (X, A, B), (A, B, Y), (X, A, B, Y), (X, A, B, C, A), [A, B, C, X],
], ids=lambda f: str([a.shape for a in f]))  # fmt: skip
def test_multi_dot(factors):
    check(np.linalg.multi_dot, factors, second=False)
    check(np.linalg.multi_dot, [f + 1j * draw(*f.shape) for f in factors], second=False)
