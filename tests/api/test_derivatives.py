"""`jvp`, `vjp`, `linearize`, Jacobians, Hessians, `check_grads`."""

from __future__ import annotations

import numpy as np
import pytest

import diffsrc as ds

X = np.array([0.5, -1.0, 2.0])
V = np.array([1.0, 2.0, -0.5])
A = np.arange(6.0).reshape(2, 3) / 4.0


def quadratic(x):
    return 0.5 * (x * x).sum() * x[0]


def linear_map(x):
    return A @ x


def rosenbrock(x):
    return (1.0 - x[0]) ** 2 + 100.0 * (x[1] - x[0] ** 2) ** 2


def test_jvp() -> None:
    out, dot = ds.jvp(linear_map, (X,), (V,))
    np.testing.assert_array_equal(out, A @ X)
    np.testing.assert_allclose(dot, A @ V)
    assert ds.jvp(lambda x, y: x * y, (2.0, 3.0), (1.0, None)) == (6.0, 3.0)


def test_jvp_of_ints() -> None:
    assert ds.jvp(lambda x: x**2, (3,), (1.0,)) == (9.0, 6.0)
    assert ds.jvp(lambda x: x**2, (3,), (1,)) == (9.0, 6.0)
    assert ds.jvp(lambda x, n: x**n, (3.0, 2), (1.0, 2)) == (9.0, 6.0)
    with pytest.raises(ds.DiffTypeError, match="astype"):
        ds.jvp(lambda x: x.sum(), (np.arange(3),), (np.ones(3),))


def test_jvp_leaves_tangents_alone() -> None:
    def double(x):
        x *= 2.0
        return x.sum()

    x, v = X.copy(), V.copy()
    out, dot = ds.jvp(double, (x,), (v,))
    np.testing.assert_array_equal(x, 2.0 * X)
    np.testing.assert_array_equal(v, V)
    assert dot == pytest.approx(2.0 * V.sum())


@pytest.mark.parametrize(
    ("primals", "tangents"),
    [((X,), (V[:2],)), ((X,), (V, V)), ((X,), ()), (X, V), ((X,), (V * 1j,)), ((X,), ([V],))],
)
def test_tangents_that_do_not_fit(primals: object, tangents: object) -> None:
    with pytest.raises(ds.ActivityError):
        ds.jvp(linear_map, primals, tangents)


def test_vjp_may_be_pulled_more_than_once() -> None:
    x = X.copy()
    out, pullback = ds.vjp(quadratic, x)
    first = pullback(1.0)[0]
    x[:] = 100.0
    second = pullback(1.0)[0]
    np.testing.assert_array_equal(first, second)
    np.testing.assert_allclose(pullback(2.0)[0], 2.0 * first)


def test_the_result_may_change_before_the_pullback() -> None:
    out, pullback = ds.vjp(lambda x: np.exp(x), X)
    out *= 0.0
    np.testing.assert_allclose(pullback(np.ones(3))[0], np.exp(X))


def test_one_cotangent_per_primal() -> None:
    out, pullback = ds.vjp(lambda x, n, s, flag: x * n * s, 2.0, 3, 0.5, True)
    assert pullback(1.0) == (1.5, None, 6.0, None)


def test_cotangents_of_nested_results() -> None:
    _, pullback = ds.vjp(lambda x, y: ((x * y, 3), y * X), 2.0, 3.0)
    dx, dy = pullback(((1.0, None), np.ones(3)))
    assert dx == 3.0
    assert dy == pytest.approx(2.0 + X.sum())
    with pytest.raises(ds.ActivityError):
        pullback((1.0, np.ones(3)))
    with pytest.raises(ds.ActivityError):
        pullback(((1.0, None), np.ones(2)))


def test_cotangents_are_not_written_or_handed_back() -> None:
    _, pullback = ds.vjp(lambda x, y: x + y, X, V)
    ct = np.ones(3)
    dx, dy = pullback(ct)
    assert not np.shares_memory(dx, ct)
    assert not np.shares_memory(dx, dy)
    dx += 1.0
    np.testing.assert_array_equal(ct, 1.0)
    np.testing.assert_array_equal(dy, 1.0)


def test_vjp_with_aux() -> None:
    out, pullback, aux = ds.vjp(lambda x: (x * x, x + 1.0), 3.0, has_aux=True)
    assert (out, aux, pullback(1.0)) == (9.0, 4.0, (6.0,))


def test_linearize() -> None:
    out, push = ds.linearize(quadratic, X)
    assert out == quadratic(X)
    assert push(V) == pytest.approx(ds.jvp(quadratic, (X,), (V,))[1])
    assert push(2.0 * V) == pytest.approx(2.0 * push(V))


@pytest.mark.parametrize("jac", [ds.jacfwd, ds.jacrev, ds.jacobian])
def test_jacobians(jac) -> None:
    np.testing.assert_allclose(jac(linear_map)(X), A)
    np.testing.assert_allclose(jac(lambda x: x * 2.0)(np.ones((2, 2))).shape, (2, 2, 2, 2))
    assert jac(lambda x: x**2)(3.0) == 6.0
    np.testing.assert_allclose(jac(lambda t: np.array([np.cos(t), np.sin(t)]))(0.0), [0.0, 1.0])
    np.testing.assert_allclose(jac(quadratic)(X), ds.grad(quadratic)(X))


@pytest.mark.parametrize("jac", [ds.jacfwd, ds.jacrev])
def test_jacobians_of_structures(jac) -> None:
    def f(p, s):
        return p["w"] * s, (s * s, 3)

    (d0, (d1, none)) = jac(f, (0, 1))({"w": X, "n": 2}, 2.0)
    np.testing.assert_allclose(d0[0]["w"], 2.0 * np.eye(3))
    assert d0[0]["n"] is None
    np.testing.assert_allclose(d0[1], X)
    np.testing.assert_allclose(d1[0]["w"], np.zeros(3))
    assert (d1[1], none) == (4.0, None)


@pytest.mark.parametrize("jac", [ds.jacfwd, ds.jacrev])
def test_jacobian_writes_once(jac) -> None:
    def f(x):
        x *= 2.0
        return x * x

    x = X.copy()
    np.testing.assert_allclose(jac(f)(x), np.diag(8.0 * X))
    np.testing.assert_array_equal(x, 2.0 * X)


def test_hessian() -> None:
    expected = np.array([[802.0, -400.0], [-400.0, 200.0]])
    np.testing.assert_allclose(ds.hessian(rosenbrock)(np.array([1.0, 1.0])), expected)
    assert ds.hessian(lambda x: x**3)(2.0) == 12.0
    (xx, xy), (yx, yy) = ds.hessian(lambda x, y: (x * x).sum() * y, (0, 1))(X, 2.0)
    np.testing.assert_allclose(xx, 4.0 * np.eye(3))
    np.testing.assert_allclose(xy, 2.0 * X)
    np.testing.assert_allclose(yx, 2.0 * X)
    assert yy == 0.0


def test_hvp_at_once_and_as_a_function() -> None:
    x, v = np.array([1.0, 1.0]), np.array([1.0, 0.0])
    np.testing.assert_allclose(ds.hvp(rosenbrock, x, v), [802.0, -400.0])
    np.testing.assert_allclose(ds.hvp(rosenbrock)(x, v), [802.0, -400.0])
    np.testing.assert_allclose(ds.hvp(rosenbrock, 0)(x, v), [802.0, -400.0])
    product, gradient = ds.hvp_and_gradient(rosenbrock, x, v)
    np.testing.assert_allclose(product, [802.0, -400.0])
    np.testing.assert_allclose(gradient, [0.0, 0.0])


def test_gradients_of_gradients() -> None:
    f = lambda x: np.sin(x) * x
    second = 2.0 * np.cos(1.3) - np.sin(1.3) * 1.3
    assert ds.grad(ds.grad(f))(1.3) == pytest.approx(second)
    third = -3.0 * np.sin(1.3) - np.cos(1.3) * 1.3
    assert ds.grad(ds.grad(ds.grad(f)))(1.3) == pytest.approx(third)
    assert ds.grad(ds.grad(lambda x, y: x**2 * y**3, 0), 1)(2.0, 3.0) == pytest.approx(2 * 2.0 * 3 * 9.0)
    np.testing.assert_allclose(ds.jacobian(ds.grad(rosenbrock))(np.ones(2)), [[802.0, -400.0], [-400.0, 200.0]])
    out, dot = ds.jvp(ds.grad(rosenbrock), (np.ones(2),), (np.array([1.0, 0.0]),))
    np.testing.assert_allclose(dot, [802.0, -400.0])
    _, pullback = ds.vjp(ds.grad(rosenbrock), np.ones(2))
    np.testing.assert_allclose(pullback(np.array([1.0, 0.0]))[0], [802.0, -400.0])


def test_check_grads() -> None:
    ds.check_grads(rosenbrock, (np.array([0.3, 0.7]),))
    ds.check_grads(lambda x, y: x @ y, (A, X), order=1)
    ds.check_grads(lambda x: (x * x).sum(), (X.astype(np.float32),), order=1)
    with pytest.raises(ds.ActivityError):
        ds.check_grads(rosenbrock, (X,), modes=("sideways",))


def test_check_grads_finds_a_wrong_rule() -> None:
    def twice(x):
        return 2.0 * x

    ds.elementwise(twice, "3.0")

    def f(x):
        return twice(x) * x

    with pytest.raises(AssertionError, match="forward mode"):
        ds.check_grads(f, (1.5,), modes=("fwd",), order=1)
    with pytest.raises(AssertionError, match="reverse mode"):
        ds.check_grads(f, (1.5,), modes=("rev",), order=1)
    ds.elementwise(twice, "2.0")
    ds.check_grads(f, (1.5,), order=1)


def test_rules_of_users() -> None:
    def solve_twice(a, b):
        return np.linalg.solve(a, b)

    @ds.rule(solve_twice)
    class _:
        def jvp(a, b, da, db, *, out):
            return np.linalg.solve(a, db - da @ out)

        def vjp(a, b, ct, *, out):
            db = np.linalg.solve(a.T, ct)
            return -np.outer(db, out), db

    def f(a, b):
        return (solve_twice(a, b) ** 2).sum()

    ds.check_grads(f, (np.array([[2.0, 0.5], [0.1, 1.5]]), np.array([1.0, -1.0])), order=1)


def test_zero_rule_of_users() -> None:
    def steps(x):
        return np.floor(x)

    ds.zero(steps)
    assert ds.grad(lambda x: x * steps(x))(2.5) == 2.0
