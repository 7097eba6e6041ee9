"""Rows for np.linalg: stacks, vectors and matrices, singular matrices, one triangle only."""

import numpy as np
import pytest

from diffsrc.errors import UnsupportedError
from tests.rules.harness import check, check_narrow, jvp, row, vjp
from tests.rules.several import check_several

RNG = np.random.default_rng(11)


def draw(*shape):
    return RNG.normal(size=shape)


def regular(*shape):
    """Well conditioned matrices."""
    return draw(*shape) + 3.0 * np.eye(shape[-1])


def positive(*shape):
    a = draw(*shape)
    return a @ np.swapaxes(a, -1, -2) / shape[-1] + 2.0 * np.eye(shape[-1])


A, STACK = regular(3, 3), regular(2, 3, 3)
COMPLEX = regular(3, 3) + 1j * draw(3, 3)


@pytest.mark.parametrize("fn", [np.linalg.inv, np.linalg.det, np.linalg.pinv])
@pytest.mark.parametrize("a", [A, STACK, regular(1, 1), regular(2, 1, 2, 2)], ids=lambda a: str(a.shape))
def test_one_matrix(fn, a):
    check(fn, a)
    check_narrow(fn, a)


@pytest.mark.parametrize("fn", [np.linalg.inv, np.linalg.det])
def test_one_complex_matrix(fn):
    check(fn, COMPLEX)
    check_narrow(fn, COMPLEX)


SOLVES = [
    (A, draw(3)), (A, draw(3, 2)), (A, draw(3, 1)), (STACK, draw(3)), (STACK, draw(2, 3, 2)),
    (STACK, draw(3, 2)), (A, draw(2, 3, 2)), (STACK, draw(1, 3, 2)), (regular(1, 3, 3), draw(2, 3, 2)),
    (regular(4, 1, 3, 3), draw(2, 3, 2)), (regular(1, 1), draw(1)), (regular(2, 2, 3, 3), draw(3)),
]  # fmt: skip


@pytest.mark.parametrize("case", SOLVES, ids=lambda c: f"{c[0].shape}-{c[1].shape}")
def test_solve(case):
    check(np.linalg.solve, *case)
    check_narrow(np.linalg.solve, *case)


def test_complex_solve():
    check(np.linalg.solve, COMPLEX, draw(3) + 1j * draw(3))
    check(np.linalg.solve, COMPLEX, draw(3, 2) + 1j * draw(3, 2))


@pytest.mark.parametrize(
    "a",
    [np.array([[1.0, 2.0], [2.0, 4.0]]), np.arange(9.0).reshape(3, 3),
     np.zeros((1, 1)), np.diag([0.0, 0.0, 1.0]), np.stack([np.eye(2), np.ones((2, 2))])],
    ids=lambda a: str(a.shape),
)  # fmt: skip
def test_determinant_of_a_singular_matrix(a):
    check(np.linalg.det, a, second=False)


def test_determinant_of_a_singular_complex_matrix():
    a = COMPLEX.copy()
    a[2] = (1 + 2j) * a[0]
    check(np.linalg.det, a, second=False)
    a[:] = np.outer(a[0], a[1])
    a[2] = 0
    check(np.linalg.det, a, second=False)


@pytest.mark.parametrize(
    "a", [A, STACK, -A, COMPLEX, np.stack([COMPLEX, COMPLEX.T + 1])], ids=lambda a: f"{a.dtype}{a.shape}"
)
def test_slogdet(a):
    check_several(np.linalg.slogdet, a)


def test_slogdet_of_a_singular_matrix_raises():
    with pytest.raises(np.linalg.LinAlgError):
        vjp(row(np.linalg.slogdet), 0, (0.0, 1.0), (0.0, -np.inf), (np.ones((2, 2)),), {})


NORMS = [
    (draw(4), {}), (draw(3, 2), {}), (draw(2, 3, 2), {}), (draw(4), {"ord": 2}), (draw(4), {"ord": 1}),
    (draw(4), {"ord": np.inf}), (draw(4), {"ord": 3}), (draw(4), {"ord": 2.5}), (draw(3, 2), {"ord": "fro"}),
    (draw(3, 2), {"axis": 0}), (draw(3, 2), {"axis": -1}), (draw(3, 2), {"axis": 1, "keepdims": True}),
    (draw(3, 2), {"axis": (0, 1)}), (draw(2, 3, 2), {"axis": (0, 2)}),
    (draw(2, 3, 2), {"axis": (-1, 0), "keepdims": True}), (draw(2, 3), {"keepdims": True}),
    (draw(3, 2), {"ord": 1, "axis": 0}), (draw(3, 2), {"ord": np.inf, "axis": -1}),
    (draw(3, 2), {"ord": 3, "axis": 1}), (draw(3, 2), {"ord": np.inf, "axis": 0, "keepdims": True}),
    (draw(2, 3, 2), {"ord": "fro", "axis": (1, 2)}), (draw(1), {}), (draw(1, 1), {"axis": 0}),
    (draw(3, 2), {"ord": 2, "axis": 0}),
]  # fmt: skip


@pytest.mark.parametrize("case", NORMS, ids=lambda c: f"{c[0].shape}{c[1]}")
def test_norm(case):
    x, options = case
    check(np.linalg.norm, x, **options)
    check_narrow(np.linalg.norm, x, **options)
    z = x + 1j * draw(*x.shape)
    check(np.linalg.norm, z, **options)
    check_narrow(np.linalg.norm, z, **options)


def test_norm_positional():
    check(np.linalg.norm, draw(3, 2), None, 1)
    check(np.linalg.norm, draw(3, 2), 1, 0, True)


@pytest.mark.parametrize("order", [None, 1, 2, 3, np.inf])
def test_norm_at_zero_is_safe(order):
    x = np.zeros(3)
    assert not np.any(vjp(row(np.linalg.norm), 0, 1.0, np.float64(0.0), (x,), {"ord": order}))
    assert jvp(row(np.linalg.norm), 0, np.ones(3), np.float64(0.0), (x,), {"ord": order}) == 0.0


@pytest.mark.parametrize("case", [("nuc", (2, 2)), (2, (2, 2)), (1, (2, 2)), (0, (3,)), (0.5, (3,)), (-np.inf, (3,))])
def test_other_norms_are_refused(case):
    order, shape = case
    with pytest.raises(UnsupportedError, match="ord="):
        vjp(row(np.linalg.norm), 0, 1.0, 1.0, (np.ones(shape),), {"ord": order})


@pytest.mark.parametrize("order", [1, 2, -2, np.inf, "nuc"])
@pytest.mark.parametrize(("shape", "axis"), [((2, 3), (0, 1)), ((2, 3, 2), (-1, 0))])
def test_norms_of_matrices_in_two_axes_are_refused(order, shape, axis):
    x = np.ones(shape)
    out = np.linalg.norm(x, order, axis)
    for rule, seed in ((jvp, x), (vjp, out)):
        with pytest.raises(UnsupportedError, match="of a matrix"):
            rule(row(np.linalg.norm), 0, seed, out, (x, order, axis), {})


@pytest.mark.parametrize("a", [positive(3, 3), positive(2, 3, 3), positive(1, 1)], ids=lambda a: str(a.shape))
def test_symmetric_decompositions(a):
    check(np.linalg.cholesky, a)
    check_narrow(np.linalg.cholesky, a)
    check(np.linalg.eigvalsh, a, second=False)
    check(np.linalg.eigvalsh, a, "U", second=False)
    check_narrow(np.linalg.eigvalsh, a)
    check_several(np.linalg.eigh, a)
    check_several(np.linalg.eigh, a, UPLO="U")


@pytest.mark.parametrize("shape", [(4, 3), (3, 3), (3, 4), (2, 4, 3), (1, 1)], ids=str)
def test_svd(shape):
    a = draw(*shape)
    check_several(np.linalg.svd, a, False)
    check_several(np.linalg.svd, a, full_matrices=False)
    check(np.linalg.svd, a, compute_uv=False, second=False)
    check_narrow(np.linalg.svd, a, compute_uv=False)
    out = tuple(np.linalg.svd(a, False))
    for kept in range(3):
        ct = tuple(draw(*x.shape) if k == kept else 0.0 for k, x in enumerate(out))
        full = tuple(np.zeros_like(x) + c for x, c in zip(out, ct))
        rule = row(np.linalg.svd).rules[0].vjp
        np.testing.assert_allclose(rule(ct, out, a, False), rule(full, out, a, False), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("shape", [(4, 3), (3, 3), (3, 4)], ids=str)
def test_full_svd(shape):
    """The columns without a singular value, of which there is one, included."""
    check_several(np.linalg.svd, np.random.default_rng(0).standard_normal(shape))


def test_svd_refusals():
    with pytest.raises(UnsupportedError, match="hermitian"):
        row(np.linalg.svd).rules[0].vjp((A, A[0], A), None, A, False, True, True)


@pytest.mark.parametrize("shape", [(4, 3), (3, 3), (2, 4, 3), (1, 1)], ids=str)
def test_qr(shape):
    a = draw(*shape)
    check_several(np.linalg.qr, a)
    out = tuple(np.linalg.qr(a))
    rule = row(np.linalg.qr).rules[0].vjp
    for ct in ((draw(*out[0].shape), 0.0), (0.0, draw(*out[1].shape))):
        full = tuple(np.zeros_like(x) + c for x, c in zip(out, ct))
        np.testing.assert_allclose(rule(ct, out, a), rule(full, out, a), rtol=1e-9, atol=1e-12)


def test_only_one_triangle_is_read():
    a = positive(3, 3)
    g = vjp(row(np.linalg.cholesky), 0, draw(3, 3), np.linalg.cholesky(a), (a,), {})
    assert not np.any(np.triu(g, 1))
    check(np.linalg.cholesky, a + np.triu(draw(3, 3), 1))


def test_equal_eigenvalues():
    d, a = row(np.linalg.eigh), np.eye(2)
    out = tuple(np.linalg.eigh(a))
    g = d.rules[0].vjp((np.array([1.0, 1.0]), np.zeros((2, 2))), out, a)
    np.testing.assert_allclose(g, np.eye(2))
    with np.errstate(divide="ignore", invalid="ignore"):
        g = d.rules[0].vjp((np.zeros(2), np.array([[0.0, 1.0], [2.0, 0.0]])), out, a)
    assert not np.all(np.isfinite(g))


@pytest.mark.parametrize("shape", [(3, 2), (2, 3), (2, 3, 2)], ids=str)
def test_pinv(shape):
    check(np.linalg.pinv, draw(*shape))


@pytest.mark.parametrize("n", [1, 2, 3, 5])
def test_matrix_power(n):
    check(np.linalg.matrix_power, A / 4, n)
    check(np.linalg.matrix_power, STACK / 4, n, second=False)
    check(np.linalg.matrix_power, COMPLEX / 4, n, second=False)


@pytest.mark.parametrize("fn", [np.linalg.cholesky, np.linalg.eigvalsh, np.linalg.pinv])
def test_complex_decompositions_are_refused(fn):
    with pytest.raises(UnsupportedError, match="complex"):
        vjp(row(fn), 0, 1.0, None, (COMPLEX,), {})
