"""Rows for np.linalg: stacks, vectors and matrices, singular matrices, one triangle only."""

import numpy as np
import pytest

import diffsrc as ds
from diffsrc.errors import UnsupportedError
from tests.rules.harness import check, check_narrow, row, vjp
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


def test_svd_of_a_symmetric_matrix():
    a = positive(3, 3) + np.triu(draw(3, 3), 1) - 3 * np.eye(3)
    check_several(np.linalg.svd, a, hermitian=True)
    check(np.linalg.svd, a, compute_uv=False, hermitian=True, second=False)
    check(np.linalg.pinv, a, hermitian=True)
    check(np.linalg.pinv, a + 1j * draw(3, 3), hermitian=True)


SHAPES = [(4, 3), (3, 3), (2, 4, 3), (1, 1), (2, 4), (2, 2, 3), (1, 3), (3, 1)]


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("imag", [0.0, 1.0j])
def test_qr_modes(shape, imag):
    a = draw(*shape) + imag * draw(*shape) if imag else draw(*shape)
    check(np.linalg.qr, a, "r")
    check_narrow(np.linalg.qr, a, "r")
    if imag and shape[-2] > shape[-1]:
        with pytest.raises(UnsupportedError, match="phases"):
            row(np.linalg.qr).rules[0].vjp(None, np.linalg.qr(a, "complete"), a, "complete")
    elif shape[-2] - shape[-1] < 2:
        check_several(np.linalg.qr, a, mode="complete")
    with pytest.raises(UnsupportedError, match="raw"):
        row(np.linalg.qr).rules[0].vjp(None, np.linalg.qr(a, "raw"), a, "raw")


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_qr(shape):
    a = draw(*shape)
    check_several(np.linalg.qr, a)
    check_several(np.linalg.qr, a + 1j * draw(*shape))
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


@pytest.mark.parametrize("n", [-3, -1, 0, 1, 2, 3, 5])
def test_matrix_power(n):
    for a in (A / 4, STACK / 4, COMPLEX / 4):
        check(np.linalg.matrix_power, a + np.eye(a.shape[-1]), n, second=a is A)


def hermitian(*shape):
    z = draw(*shape) + 1j * draw(*shape)
    return z @ np.conj(np.swapaxes(z, -1, -2)) + 3 * np.diag(np.arange(1.0, shape[-1] + 1))


@pytest.mark.parametrize("shape", [(3, 3), (2, 2, 2), (1, 1)], ids=str)
def test_hermitian_decompositions(shape):
    a = hermitian(*shape)
    for options in ({}, {"upper": True}):
        check(np.linalg.cholesky, a, **options)
        check(np.linalg.cholesky, np.real(a), **options)
        check_narrow(np.linalg.cholesky, a, **options)
    for triangle in "LU":
        check(np.linalg.eigvalsh, a + 1j * np.triu(np.abs(a), 1), triangle, second=False)
        check_several(np.linalg.eigh, a, triangle)
    check_narrow(np.linalg.eigvalsh, a)


@pytest.mark.parametrize("shape", [(3, 2), (2, 3), (2, 3, 3)], ids=str)
def test_complex_singular_values(shape):
    a = draw(*shape) + 1j * draw(*shape)
    check(np.linalg.svd, a, compute_uv=False, second=False)
    check_narrow(np.linalg.svd, a, compute_uv=False)
    check(np.linalg.pinv, a)


def rebuilt(a):
    u, s, vh = np.linalg.svd(a, full_matrices=False)
    return np.sum(np.abs((u * s**2) @ vh) ** 2) + np.sum(np.real((u @ vh)[0]))


def test_functions_of_complex_singular_vectors_in_which_phases_cancel():
    ds.check_grads(rebuilt, (draw(3, 2) + 1j * draw(3, 2),))


TURNING = np.array([[0.2, -2.0, 0.1, 0.0], [2.4, 0.3, 0.0, 0.2], [0.2, 0.0, -1.0, 4.0], [0.0, 0.1, -5.0, -1.2]])
GENERAL = [TURNING, np.diag([1.0, -2.0, 4.0]) + 0.3 * draw(2, 3, 3),
           np.diag([1.0, 2.0, 4.0]) + 0.3 * draw(3, 3), COMPLEX, np.array([[2.0]])]  # fmt: skip


@pytest.mark.parametrize("a", GENERAL, ids=lambda a: f"{a.dtype}{a.shape}")
def test_eigenvectors_of_any_matrix(a):
    check_several(np.linalg.eig, a)
    check(np.linalg.eigvals, a, second=False)
    out, rule = tuple(np.linalg.eig(a)), row(np.linalg.eig).rules[0].vjp
    for kept in range(2):
        ct = tuple(draw(*x.shape) + 0j if k == kept else 0.0 for k, x in enumerate(out))
        full = tuple(np.zeros_like(x) + c for x, c in zip(out, ct))
        np.testing.assert_allclose(rule(ct, out, a), rule(full, out, a), rtol=1e-9, atol=1e-12)


def abscissa(a):
    return np.max(np.real(np.linalg.eigvals(a)))


def modes(a, t):
    w, v = np.linalg.eig(a)
    return np.sum(np.real(v @ (np.exp(w * t) * np.linalg.solve(v, np.ones(3) + 0j))))


def test_programs_of_eigenvalues():
    for a in (np.diag([1.0, 2.0, 4.0]) + 0.3 * draw(3, 3), np.array([[0.0, -2.0, 0.1], [2.0, 0.3, 0.0], [0.2, 0.0, -1.0]])):
        ds.check_grads(abscissa, (a,))
        ds.check_grads(modes, (a, 0.3))
        assert ds.grad(abscissa)(a).dtype == np.float64
    assert ds.grad(abscissa)(np.float32(a)).dtype == np.float32
