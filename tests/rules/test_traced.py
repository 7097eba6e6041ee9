"""The rules for array functions on tracers, at the calls of the other tests."""

import operator

import numpy as np
import pytest

from diffsrc.errors import DiffTypeError
from tests.rules import test_create, test_index, test_linalg, test_norms, test_products, test_shape
from tests.rules.traced import check_traced

A1, A2, A3 = test_shape.A1, test_shape.A2, test_shape.A3
draw = test_products.draw


def name(case):
    return "-".join([case[0].__name__, *(str(np.shape(a)) if isinstance(a, np.ndarray) else str(a) for a in case[1:])])[
        :70
    ]


@pytest.mark.parametrize("case", test_shape.CALLS + [c for c in test_shape.SPLITS if c[0] is not np.unstack], ids=name)
def test_shape_rows(case):
    fn, *args = case
    check_traced(fn, *args, wrt=(0,))


@pytest.mark.parametrize("case", test_shape.JOINS, ids=lambda c: f"{c[0].__name__}-{len(c[1])}-{c[2:]}")
def test_joins(case):
    check_traced(*case, wrt=(0,))


@pytest.mark.parametrize("pair", test_products.PAIRS, ids=lambda p: f"{p[0].shape}-{p[1].shape}")
@pytest.mark.parametrize("fn", [operator.matmul, np.dot])
def test_products_of_stacks(fn, pair):
    check_traced(fn, *pair)


@pytest.mark.parametrize("case", test_products.TENSORDOT, ids=str)
def test_tensordot(case):
    a, b, axes = case
    check_traced(np.tensordot, draw(*a), draw(*b), axes)


VIEWS = ("ij->ji", "ji", "ii->i", "iii->i", "ijij->ij", "i->i")  # refused: NumPy returns a view


@pytest.mark.parametrize("case", [c for c in test_products.EINSUM if c[0] not in VIEWS], ids=lambda c: c[0])
def test_einsum(case):
    subscripts, *shapes = case
    check_traced(np.einsum, subscripts, *(draw(*s) if s else 0.3 for s in shapes))


@pytest.mark.parametrize("case", [c for c in test_products.EINSUM if c[0] in VIEWS], ids=lambda c: c[0])
def test_einsum_that_returns_a_view(case):
    subscripts, shape = case
    a = draw(*shape)
    assert np.shares_memory(np.einsum(subscripts, a), a)
    with pytest.raises(DiffTypeError, match="may return its argument"):
        check_traced(np.einsum, subscripts, a)


OTHERS = [
    (np.inner, draw(2, 3), draw(4, 3)), (np.outer, draw(2), draw(3)), (np.vdot, draw(3), draw(3)),
    (np.vdot, draw(2, 3), draw(3, 2)), (np.kron, draw(2, 3), draw(3, 2)), (np.kron, draw(2), draw(3)),
    (np.cross, draw(4, 3), draw(3)), (np.convolve, draw(5), draw(3)), (np.convolve, draw(5), draw(2), "same"),
    (np.convolve, draw(2), draw(4), "valid"), (np.correlate, draw(5), draw(2), "same"),
    (np.correlate, draw(2), draw(5), "same"), (np.append, A1, A1), (np.append, A2, A2, 0), (np.diff, A2),
    (np.diff, A2, 2, 0), (np.diff, A1), (np.ediff1d, A2), (np.sort, A1), (np.sort, A2, 0),
    (np.sort, A2, None), (np.take_along_axis, A2, np.argsort(A2, 0), 0),
    (np.take_along_axis, A2, np.argsort(A2, 1), 1), (np.compress, np.array([True, False, True]), A2, 0),
    (np.extract, A2 > 0, A2), (np.bincount, np.array([0, 2, 2, 1]), A1),
    (np.interp, test_index.X, test_index.XP, A1), (np.interp, test_index.X, test_index.XP, A1, 0.3, 0.4),
    (np.interp, 0.7, test_index.XP, A1), (np.select, [A1 > 0.5, A1 > -0.5], [A1, 2 * A1], 0.3),
    (np.full, (2, 3), 0.7), (np.full, (2, 3), draw(3)), (np.full_like, A2, 0.3), (np.arange, 0.3, 2.0, 0.5),
    (np.linspace, 0.3, 2.0, 5), (np.linspace, A1, 0.1, 5), (np.linspace, A2, A2, 4, False),
    (np.array, [0.1, 0.2]), (np.array, ((0.1, 0.2), (0.3, 0.4))), (np.array, [A1, A1]), (np.array, A2),
    (np.asarray, A2), (np.copy, A2), (np.meshgrid, A1, draw(2)), (np.meshgrid, A1, draw(2), draw(3)),
    *[(np.take, a, np.array(i) if isinstance(i, list) and i else i, *axis)
      for a, i, *axis in test_index.TAKES if not isinstance(i, list) or i],
]  # fmt: skip


@pytest.mark.parametrize("case", OTHERS, ids=name)
def test_other_rows(case):
    fn, *args = case
    shape_only = {np.full_like: (1,), np.arange: (0, 2)}
    check_traced(fn, *args, wrt=shape_only.get(fn))


A, STACK = test_linalg.A, test_linalg.STACK
LINALG = [
    *[(f, a) for f in (np.linalg.inv, np.linalg.det, np.linalg.slogdet, np.linalg.pinv) for a in (A, STACK)],
    *[(f, test_linalg.positive(*s)) for f in (np.linalg.cholesky, np.linalg.eigh, np.linalg.eigvalsh)
      for s in ((3, 3), (2, 3, 3))],
    *[(np.linalg.solve, *case) for case in test_linalg.SOLVES], (np.linalg.matrix_power, A, 3),
    (np.linalg.matrix_power, A, 1),
]  # fmt: skip


@pytest.mark.parametrize("case", LINALG, ids=name)
def test_linear_algebra(case):
    if case[0] is np.linalg.matrix_power and case[2] == 1:
        pytest.skip("refused: returns its argument")
    check_traced(*case)


@pytest.mark.parametrize("order", [None, "fro", "nuc", 1, -1, 2, -2])
def test_norm(order):
    for axis in ((0, 1), (2, 0)):
        check_traced(np.linalg.norm, test_norms.T, order, axis, keepdims=axis == (0, 1))
        check_traced(np.linalg.norm, test_norms.T + 1j, order, axis)
    if not isinstance(order, str):
        check_traced(np.linalg.norm, test_norms.V, order)


def test_creation_module_is_covered():
    assert {c[0] for c in OTHERS} >= {np.full, np.arange, np.linspace, np.array, np.meshgrid}
    assert test_create.A1.ndim == 1
