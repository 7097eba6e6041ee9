"""Rows that move elements: shapes, axes, joins, splits, copies of parts, diagonals."""

import numpy as np
import pytest

from diffsrc.errors import UnsupportedError
from tests.rules.harness import check, check_narrow, row
from tests.rules.several import check_several

RNG = np.random.default_rng(5)
A0, A1, A2, A3 = np.float64(0.7), RNG.normal(size=4), RNG.normal(size=(3, 4)), RNG.normal(size=(2, 3, 4))
SQUARE, EMPTY, COMPLEX = RNG.normal(size=(3, 3)), np.empty((0, 3)), A2 + 1j * A2[::-1]

CALLS = [
    (np.reshape, A2, (4, 3)), (np.reshape, A2, -1), (np.reshape, A2, (2, -1)), (np.reshape, A1, (2, 2)),
    (np.reshape, A0, (1, 1)), (np.reshape, EMPTY, (3, 0)), (np.ravel, A2), (np.ravel, A3), (np.ravel, A1),
    (np.squeeze, A2[None]), (np.squeeze, A2[None, :, None], 0), (np.squeeze, A2[None, :, None], (0, 2)),
    (np.squeeze, A2[None, :, None], -2 + 0 if False else 2), (np.squeeze, np.ones((1, 1))),
    (np.expand_dims, A2, 0), (np.expand_dims, A2, -1), (np.expand_dims, A2, (0, 2)),
    (np.expand_dims, A1, (0, -1)), (np.atleast_1d, A0), (np.atleast_1d, A2), (np.atleast_2d, A1),
    (np.atleast_2d, A0), (np.atleast_3d, A2), (np.atleast_3d, A1), (np.broadcast_to, A1, (3, 4)),
    (np.broadcast_to, A1[:1], (4,)), (np.broadcast_to, A0, (2, 3)),
    (np.broadcast_to, A2[:, None], (2, 3, 5, 4)), (np.broadcast_to, A1, (0, 4)), (np.transpose, A2),
    (np.transpose, A1), (np.transpose, A3), (np.transpose, A3, (1, 2, 0)), (np.transpose, A3, (0, -1, 1)),
    (np.transpose, A2, (0, 1)), (np.transpose, EMPTY), (np.swapaxes, A3, 0, 2), (np.swapaxes, A3, -1, 1),
    (np.moveaxis, A3, 0, -1), (np.moveaxis, A3, (0, 1), (2, 0)), (np.moveaxis, A3, -1, 0),
    (np.matrix_transpose, A3), (np.rollaxis, A3, 2), (np.rollaxis, A3, 0, 3), (np.rollaxis, A3, 0, 2),
    (np.rollaxis, A3, -1, 1), (np.rollaxis, A3, 1, 1), (np.roll, A1, 1), (np.roll, A1, -5), (np.roll, A2, 2),
    (np.roll, A2, 1, 0), (np.roll, A2, (1, -1), (0, 1)), (np.roll, A2, 2, (0, 1)), (np.flip, A2),
    (np.flip, A2, 0), (np.flip, A3, (0, -1)), (np.fliplr, A2), (np.flipud, A2), (np.flipud, A1),
    (np.rot90, A2), (np.rot90, A2, 2), (np.rot90, A2, -1), (np.rot90, A3, 1, (0, 2)),
    (np.rot90, A3, 3, (2, 1)), (np.tile, A1, 3), (np.tile, A1, (2, 3)), (np.tile, A2, 2),
    (np.tile, A2, (2, 1)), (np.tile, A2, (1, 2, 3)), (np.tile, A0, 3), (np.tile, A0, (2, 2)),
    (np.tile, A3, (2, 1, 3)), (np.tile, A2, 1), (np.tile, A1, 0), (np.tile, EMPTY, (2, 2)),
    (np.repeat, A1, 3), (np.repeat, A2, 2), (np.repeat, A2, 2, 0), (np.repeat, A2, 2, -1),
    (np.repeat, A3, 2, 1), (np.repeat, A0, 3), (np.repeat, A1, [1, 0, 2, 3]),
    (np.repeat, A2, np.array([2, 0, 1]), 0), (np.repeat, A1, 0), (np.repeat, A2, [1, 2, 0, 1], -1),
    (np.repeat, A2, np.arange(12)), (np.repeat, A1, np.array([2])), (np.pad, A1, 2), (np.pad, A1, (1, 0)),
    (np.pad, A2, 1), (np.pad, A2, (0, 2)), (np.pad, A2, ((1, 2), (0, 3))), (np.pad, A2, ((1, 2),)),
    (np.pad, A2, (2,)), (np.pad, EMPTY, 1), (np.pad, A2, ((0, 0), (0, 0))), (np.diag, A1), (np.diag, A1, 1),
    (np.diag, A1, -2), (np.diag, SQUARE), (np.diag, A2), (np.diag, A2, 2), (np.diag, A2, -1),
    (np.diag, A2.T, 1), (np.diagonal, A2), (np.diagonal, A2, -1), (np.diagonal, A3),
    (np.diagonal, A3, 1, 1, 2), (np.diagonal, A3, 0, 2, 0), (np.diagonal, A3, 0, -1, -2), (np.trace, SQUARE),
    (np.trace, A2), (np.trace, A2, 1), (np.trace, A2, -1), (np.trace, A3), (np.trace, A3, 0, 1, 2),
    (np.trace, A3, 1, 2, 0), (np.trace, A3, -1, -1, 0), (np.trace, A2, 1, 1, 0), (np.tril, SQUARE),
    (np.tril, A2, 1), (np.tril, A3, -1), (np.triu, A2), (np.triu, A3, 2), (np.triu, A1), (np.tril, A1),
]  # fmt: skip


@pytest.mark.parametrize("case", CALLS, ids=lambda c: f"{c[0].__name__}-{np.shape(c[1])}-{c[2:]}".replace("\n", ""))
def test_one_array(case):
    fn, *args = case
    check(fn, *args, wrt=(0,))
    check_narrow(fn, *args)


@pytest.mark.parametrize("fn", [np.ravel, np.transpose, np.flip, np.trace, np.diag, np.tril, np.squeeze])
def test_complex(fn):
    check(fn, COMPLEX)
    check_narrow(fn, COMPLEX)


def test_order():
    check(np.reshape, A2, (4, 3), order="F")
    check(np.ravel, A2, order="F")
    for order in ("A", "K"):
        with pytest.raises(UnsupportedError, match="layout"):
            row(np.ravel).rules[0].vjp(A2.ravel(), None, A2, order=order)


B1, B2, B3 = RNG.normal(size=2), RNG.normal(size=(2, 4)), RNG.normal(size=(3, 2))
JOINS = [
    (np.concatenate, (A1, B1)), (np.concatenate, [A1]), (np.concatenate, (A2, B2)),
    (np.concatenate, [A2, B3, A2], 1), (np.concatenate, (A2, B3), -1), (np.concatenate, (A3, A3[:, :1]), 1),
    (np.concatenate, (A2, B1), None), (np.concatenate, (A2, EMPTY[:, :0].reshape(0, 4))),
    (np.concatenate, (A1, np.empty(0), B1)), (np.concatenate, A2), (np.concatenate, A3),
    (np.concatenate, A3, 1), (np.concatenate, RNG.normal(size=(2, 3, 4, 2)), 1),
    (np.concatenate, RNG.normal(size=(2, 3, 4, 2)), -1), (np.concatenate, A3, None), (np.stack, (A1, A1 + 1)),
    (np.stack, [A2, A2, A2], 1), (np.stack, (A2, A2), -1), (np.stack, (0.3, 0.4, 0.5)), (np.stack, A2),
    (np.stack, A2, 1), (np.stack, A3, 1), (np.stack, (A2, A2), 2), (np.vstack, (A1, A1)),
    (np.vstack, (A1, A2, A1)), (np.vstack, (0.1, 0.2)), (np.vstack, [A3, A3]), (np.vstack, A2),
    (np.vstack, A1), (np.vstack, A3), (np.hstack, (A1, B1)), (np.hstack, (0.1, A1, 0.2)),
    (np.hstack, (A2, B3)), (np.hstack, (A3, A3[:, :2])), (np.hstack, A2), (np.hstack, A3), (np.hstack, A1),
    (np.dstack, (A1, A1)), (np.dstack, (A2, A2)), (np.dstack, (A3, A3[..., :2])), (np.dstack, (0.1, 0.2)),
    (np.column_stack, (A1, A1)), (np.column_stack, (A2.T, A1)), (np.column_stack, [A1, A2.T, A1]),
    (np.column_stack, (0.1, 0.2)), (np.column_stack, A2), (np.column_stack, A3),
]  # fmt: skip


@pytest.mark.parametrize("case", JOINS, ids=lambda c: f"{c[0].__name__}-{len(c[1])}-{c[2:]}")
def test_joins(case):
    fn, *args = case
    check(fn, *args, wrt=(0,))


@pytest.mark.parametrize("pair", [(A2, B2), (A1, B1), (A2, B1), (A0, B1), (A1, 0.4)])
def test_append(pair):
    check(np.append, *pair)


def test_append_along_an_axis():
    check(np.append, A2, B2, 0)
    check(np.append, A2, B3, axis=-1)


SPLITS = [
    (np.split, A1, 2), (np.split, A2, 3), (np.split, A2, 2, 1), (np.split, A1, (1, 3)),
    (np.array_split, A1, 3), (np.array_split, A2, (1,), 1), (np.array_split, A3, 2, -1), (np.hsplit, A2, 2),
    (np.hsplit, A1, 2), (np.vsplit, A2, 3), (np.dsplit, A3, 2), (np.unstack, A2), (np.unstack, A3, ),
    (np.split, A1, 1), (np.hsplit, A3, 3),
]  # fmt: skip


@pytest.mark.parametrize("case", SPLITS, ids=lambda c: f"{c[0].__name__}-{c[1].ndim}-{c[2:]}")
def test_splits(case):
    fn, *args = case
    check_several(fn, *args)


BLOCKS = [
    [[A2, A2[:, :2]], [A2[:1], A2[:1, :2]]], [A1, A1[:2]], [[A1], [A1]], [[A0, A1[:2]]], [A2, A2], [[A3], [A3]],
    [[[A3[:1], A3[:1]]], [[A3[:1], A3[:1]]]], [A0, A0],
]  # fmt: skip


@pytest.mark.parametrize("k", range(len(BLOCKS)))
def test_block(k):
    check(np.block, BLOCKS[k])
