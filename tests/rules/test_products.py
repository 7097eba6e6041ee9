"""Rows for products: every combination of numbers of axes, stacks that broadcast, einsum, convolution."""

import itertools
import operator

import numpy as np
import pytest

from diffsrc.errors import UnsupportedError
from tests.rules.harness import check, check_narrow, row

RNG = np.random.default_rng(7)


def draw(*shape):
    return RNG.normal(size=shape)


LEFT = [draw(3), draw(2, 3), draw(4, 2, 3), draw(1, 2, 3), draw(5, 1, 2, 3)]
RIGHT = [draw(3), draw(3, 2), draw(4, 3, 2), draw(1, 3, 5), draw(4, 3, 1)]
PAIRS = list(itertools.product(LEFT, RIGHT))


@pytest.mark.parametrize("fn", [operator.matmul, np.matmul])
@pytest.mark.parametrize("pair", PAIRS, ids=lambda p: f"{p[0].shape}-{p[1].shape}")
def test_matmul(fn, pair):
    check(fn, *pair, second=fn is np.matmul)
    check_narrow(fn, *pair)


@pytest.mark.parametrize("pair", PAIRS, ids=lambda p: f"{p[0].shape}-{p[1].shape}")
def test_dot(pair):
    check(np.dot, *pair)
    check_narrow(np.dot, *pair)


@pytest.mark.parametrize("fn", [np.matmul, np.dot])
def test_sizes_0_and_1(fn):
    for a, b in [
        ((0,), (0,)),
        ((2, 0), (0, 3)),
        ((0, 2), (2, 3)),
        ((1, 1), (1, 1)),
        ((1,), (1, 4)),
        ((2, 3), (3, 0)),
    ]:
        check(fn, draw(*a), draw(*b))


@pytest.mark.parametrize("fn", [np.dot, np.inner, np.kron, np.multiply])
def test_numbers(fn):
    for pair in [(0.3, draw(3)), (draw(2, 3), 0.4), (0.3, 0.4), (np.float64(0.3), draw(2, 2))]:
        check(fn, *pair)


@pytest.mark.parametrize("a", LEFT, ids=lambda a: str(a.shape))
@pytest.mark.parametrize("b", [draw(3), draw(2, 3), draw(4, 2, 3)], ids=lambda b: str(b.shape))
def test_inner(a, b):
    check(np.inner, a, b)
    check_narrow(np.inner, a, b)


@pytest.mark.parametrize("fn", [np.matmul, np.dot, np.inner, np.outer, np.vdot])
def test_complex(fn):
    z = draw(3, 3) + 1j * draw(3, 3)
    for a, b in [(z[0], z[1]), (z, z), (draw(3), z[2]), (z[0], draw(3))]:
        check(fn, a, b)
        check_narrow(fn, a, b) if a.dtype == b.dtype else None


@pytest.mark.parametrize("pair", [(draw(3), draw(2)), (draw(2, 3), draw(2)), (draw(2), draw(3, 1)), (draw(0), draw(2))])
def test_outer(pair):
    check(np.outer, *pair)
    check_narrow(np.outer, *pair)


def test_vdot():
    for a, b in [((3,), (3,)), ((2, 3), (3, 2)), ((6,), (2, 3))]:
        check(np.vdot, draw(*a), draw(*b))


TENSORDOT = [
    ((2, 3), (3, 4), 1), ((2, 3), (2, 3), 2), ((2,), (3,), 0), ((2, 3), (4,), 0), ((2, 3, 4), (3, 4, 5), 2),
    ((3,), (3,), 1), ((2, 3, 4), (4, 5, 3), ([1, 2], [2, 0])), ((2, 3, 4), (4, 5, 3), ((2, 1), (0, 2))),
    ((2, 3), (5, 3), (1, 1)), ((2, 3), (5, 3), (-1, -1)), ((3, 4, 2), (2, 3, 4), ((0, 1, 2), (1, 2, 0))),
    ((3, 4, 2), (2, 4, 3), ((1, 2, 0), (1, 0, 2))), ((2, 3, 4, 5), (5, 3), ((3, 1), (0, 1))),
    ((2, 3), (3, 2, 2), ((0,), (2,))), ((0, 3), (3, 2), 1),
]  # fmt: skip


@pytest.mark.parametrize("case", TENSORDOT, ids=str)
def test_tensordot(case):
    a, b, axes = case
    check(np.tensordot, draw(*a), draw(*b), axes=axes)
    check_narrow(np.tensordot, draw(*a), draw(*b), axes)


@pytest.mark.parametrize(
    "pair",
    [((2,), (3,)), ((2, 3), (4, 2)), ((2,), (3, 4)), ((2, 3), (4,)), ((2, 1, 2), (3, 2)), ((2, 0), (1, 2))],
    ids=str,
)
def test_kron(pair):
    check(np.kron, draw(*pair[0]), draw(*pair[1]))
    check_narrow(np.kron, draw(*pair[0]), draw(*pair[1]))


def test_cross():
    check(np.cross, draw(3), draw(3))
    check(np.cross, draw(4, 3), draw(4, 3))
    check(np.cross, draw(3), draw(4, 3))
    check(np.cross, draw(5, 1, 3), draw(4, 3))
    check(np.cross, draw(3, 4), draw(3, 4), axis=0)
    check(np.cross, draw(3, 4), draw(4, 3), 0, 1, 0)
    check(np.cross, draw(3, 4), draw(4, 3), axisa=0)
    check(np.cross, draw(3, 4), draw(3), axisa=0, axisc=0)
    check(np.cross, draw(3, 1), draw(3, 4), axisa=0, axisb=0)
    check_narrow(np.cross, draw(4, 3), draw(3))


EINSUM = [
    ("ij,jk->ik", (2, 3), (3, 4)), ("ij,jk", (2, 3), (3, 4)), ("ba,bc", (3, 2), (3, 4)),
    ("i,i->", (3,), (3,)), ("i,i", (3,), (3,)), ("i,j->ij", (3,), (2,)), ("ij->ji", (2, 3)), ("ji", (2, 3)),
    ("ij->", (2, 3)), ("ij->i", (2, 3)), ("ij->j", (2, 3)), ("ii->i", (3, 3)), ("ii", (3, 3)),
    ("iij->j", (2, 2, 3)), ("iii->i", (2, 2, 2)), ("ijij->ij", (2, 3, 2, 3)), ("ij,ij->i", (2, 3), (2, 3)),
    ("bij,bjk->bik", (2, 3, 4), (2, 4, 2)), ("bij,jk->bik", (2, 3, 4), (4, 2)),
    ("ij,jk,kl->il", (2, 3), (3, 2), (2, 4)), ("i,ij,j->", (2,), (2, 3), (3,)),
    ("i,i,i->i", (3,), (3,), (3,)), ("ij,k->k", (2, 3), (4,)), ("i, j -> j i", (2,), (3,)),
    ("ii,i->i", (3, 3), (3,)), ("ii,ij->j", (3, 3), (3, 2)), ("...ij,...jk->...ik", (4, 2, 3), (4, 3, 2)),
    ("...ij,jk->...ik", (4, 2, 3), (3, 2)), ("...ij,...jk", (5, 1, 2, 3), (4, 3, 2)),
    ("...i->...", (2, 3, 4)), ("i...->...", (2, 3, 4)), ("...,...->...", (2, 1), (3,)),
    ("...i,i", (2, 3), (3,)), ("ij,ij->ij", (1, 3), (2, 3)), (",i->i", (), (3,)), ("i->i", (3,)),
    ("ij,jk->ik", (0, 3), (3, 2)), ("aB,Bc->ac", (2, 3), (3, 4)),
]  # fmt: skip


@pytest.mark.parametrize("case", EINSUM, ids=lambda c: c[0])
def test_einsum(case):
    subscripts, *shapes = case
    operands = [draw(*s) for s in shapes]
    check(np.einsum, subscripts, *operands)
    check_narrow(np.einsum, subscripts, *operands)


def test_einsum_options_and_complex():
    z = draw(2, 3) + 1j * draw(2, 3)
    check(np.einsum, "ij,jk->ik", z, draw(3, 2) + 0j)
    check(np.einsum, "ij,jk,kl->il", draw(2, 3), draw(3, 2), draw(2, 4), optimize=True)
    x = draw(3)
    check(np.einsum, "i,i->", x, x)
    with pytest.raises(UnsupportedError, match="subscripts"):
        row(np.einsum).rules[2].vjp(1.0, None, x, [x[0]], x, [0])


def test_einsum_with_lists_of_subscripts():
    a, b = draw(2, 3), draw(4, 3)
    for args in ((a, [0, 1], b, [2, 1], [0, 2]), (a, (0, 1), b, (2, 1)), (a, [..., 0], b, [1, 0], [..., 1]), (b, [0, 0 + 1], [])):
        check(np.einsum, *args, wrt=tuple(i for i in (0, 2) if i < len(args) and isinstance(args[i], np.ndarray)))


SIZES = [(5, 3), (3, 5), (4, 4), (5, 2), (5, 1), (1, 4), (1, 1), (4, 2), (2, 4)]


@pytest.mark.parametrize("fn", [np.convolve, np.correlate])
@pytest.mark.parametrize("mode", ["full", "same", "valid"])
@pytest.mark.parametrize("sizes", SIZES, ids=str)
def test_convolution(fn, mode, sizes):
    a, v = draw(sizes[0]), draw(sizes[1])
    check(fn, a, v, mode)
    check(fn, a, v, mode=mode)
    check_narrow(fn, a, v, mode)


@pytest.mark.parametrize("fn", [np.convolve, np.correlate])
def test_complex_convolution(fn):
    check(fn, draw(4) + 1j * draw(4), draw(2) + 1j * draw(2))
    check(fn, draw(4) + 1j * draw(4), draw(2))


def test_default_modes():
    check(np.convolve, draw(4), draw(2))
    check(np.correlate, draw(4), draw(2))
