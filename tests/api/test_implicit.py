"""Solvers of users, differentiated by the implicit function theorem: against closed forms and differences."""

from __future__ import annotations

import pickle
from dataclasses import dataclass

import numpy as np
import pytest

import diffsrc as ds


def square(x, a):
    return x**2 - a


@ds.custom_root(square)
def root(x0, a):
    x = x0
    for _ in range(60):
        x = 0.5 * (x + a / x)
    return x


def cubic(x, A, b):
    return A @ x + 0.1 * x**3 - b


@ds.custom_root(cubic)
def newton(x0, A, b):
    x = x0
    for _ in range(60):
        x -= np.linalg.solve(A + np.diag(0.3 * x**2), cubic(x, A, b))  # in place: the start is a copy
    return x


A, B = np.array([[3.0, 1.0], [0.5, 2.0]]), np.array([1.0, 2.0])


def of_number(a):
    return root(1.0, a)


def of_arrays(A, b):
    start = np.zeros(2)
    return np.sum(newton(start, A, b) ** 2) + np.sum(start)


def overwritten_later(A, b):
    A2 = A * 1.0
    x = newton(np.zeros(2), A2, b)
    A2 *= 0.0
    return np.sum(x**2) + np.sum(A2)


def in_a_loop(k):
    x, s = 1.0, 0.0
    for i in range(3):
        x = root(x, k * (i + 1))
        s += x**3
    return s


def from_an_active_start(a):
    return root(a, a)


def of_an_int(a):
    return root(1, a)


def cosines(x, a):
    return np.cos(x) * a


def fixed(a):
    return np.sum(ds.fixed_point(cosines, np.zeros(3), a) ** 2)


def babylonian(a):
    return ds.fixed_point(lambda x, a: 0.5 * (x + a / x), 1.0, a)


def of_a_tuple(x, p, c):
    return x**2 * c - p[0] * p[1]


@ds.custom_root(of_a_tuple)
def root_of_a_tuple(x0, p, c):
    return (p[0] * p[1] / c) ** 0.5


def tuples(a, b):
    return root_of_a_tuple(1.0, (a, b), 2.0)


def beside_a_tuple(c):
    return root_of_a_tuple(1.0, (2.0, 3.0), c)


@dataclass(frozen=True)
class Law:
    k: float
    c: np.ndarray


def law(x, p, n):
    return x * n + 0.3 * np.tanh(x) * p.k - p.c


@ds.custom_root(law)
def root_of_a_law(x0, p, n):
    x = x0
    for _ in range(200):
        x = x - law(x, p, n) / n / 2
    return x


def of_an_instance(k, c):
    return np.sum(root_of_a_law(np.zeros((2, 2)), Law(k, c), 3) ** 2)


def objective(x, p):
    return np.sum((x - p["m"]) ** 2 * p["w"]) + 0.1 * np.sum(x**4)


@ds.custom_root(ds.grad(objective))
def argmin(x0, p):
    x = x0
    for _ in range(80):
        x = x - (2 * (x - p["m"]) * p["w"] + 0.4 * x**3) / (2 * p["w"] + 1.2 * x**2)
    return x


def of_a_minimum(m, w):
    return np.sum(argmin(np.zeros(2), {"m": m, "w": w}) ** 2)


@ds.custom_root(lambda x, n, a: x - sum(a / (i + 1) for i in range(n)))
def harmonic(x0, n, a):
    return sum(a / (i + 1) for i in range(n))


def with_a_count(a):
    return harmonic(0.0, 4, a * a)


def capturing(a):
    return ds.fixed_point(lambda x: 0.5 * (x + a / x), 1.0)


def capturing_in_a_loop(a, b):
    s = 0.0
    for i in range(3):
        k = a * (i + 1)
        x = ds.fixed_point(lambda x: np.cos(x) * k + b, np.zeros(3))
        s += np.sum(x * x)
    return s


def capturing_a_function(a):
    scale = lambda x: a * np.tanh(x)  # noqa: E731
    return ds.fixed_point(lambda x: 0.5 * scale(x) + 1.0, 0.0)


def capturing_structures(k, c):
    p = Law(k, c)
    q = {"s": k}
    return np.sum(ds.fixed_point(lambda x: 0.1 * np.tanh(x) * p.k + p.c * q["s"], np.zeros((2, 2))))


def conjugate_gradients(matvec, b):
    x = np.zeros_like(b)
    r = b - matvec(x)
    p, rr = r, r @ r
    for _ in range(3 * len(b)):
        if rr < 1e-30:
            break
        q = matvec(p)
        step = rr / (p @ q)
        x = x + step * p
        r = r - step * q
        new = r @ r
        p, rr = r + new / rr * p, new
    return x


def columns(matvec, b):
    return np.linalg.solve(np.stack([matvec(e) for e in np.eye(len(b))], axis=1), b)


def symmetric_system(A, b):
    x = ds.linear_solve(lambda v: A @ v + A.T @ v + 5 * v, b, conjugate_gradients, symmetric=True)
    return np.sum(x**3)


def any_system(A, b):
    x = ds.linear_solve(lambda v: A @ v + np.sum(b) * v, b, solve=columns, transpose_solve=columns)
    return np.sum(x**3)


def constant_matrix(b):
    return np.sum(ds.linear_solve(lambda v: A @ v, b, solve=columns, transpose_solve=columns) ** 2)


def constant_side(k):
    x = ds.linear_solve(lambda v: k * (A @ v), B, solve=columns, transpose_solve=columns)
    return np.sum(x**2)


def preconditioned(A, b):
    m = 1.0 / np.diag(A)
    x = ds.linear_solve(
        lambda v: A @ v, b, solve=lambda f, b: m * columns(lambda v: f(m * v), b),
        transpose_solve=lambda f, b: m * columns(lambda v: f(m * v), b),
    )  # fmt: skip
    return np.sum(x**2)


def stencil(k, b):
    """A diffusion equation on a grid of two axes: the operator is never a matrix."""

    def operator(u):
        padded = np.pad(u, 1)
        around = padded[2:, 1:-1] + padded[:-2, 1:-1] + padded[1:-1, 2:] + padded[1:-1, :-2]
        return k * (4 * u - around) + u

    def solve(matvec, b):
        flat = conjugate_gradients(lambda v: matvec(v.reshape(b.shape)).ravel(), b.ravel())
        return flat.reshape(b.shape)

    return np.sum(ds.linear_solve(operator, b, solve, symmetric=True) ** 2)


def of_a_number(a, b):
    return ds.linear_solve(lambda x: a * x, b, solve=lambda f, b: b / f(1.0), symmetric=True)


CASES = [
    (capturing, (2.0,)),
    (capturing_in_a_loop, (0.3, np.array([0.1, 0.2, 0.3]))),
    (capturing_a_function, (0.5,)),
    (capturing_structures, (1.5, np.arange(4.0).reshape(2, 2))),
    (symmetric_system, (A, B)),
    (any_system, (A, B)),
    (constant_matrix, (B,)),
    (constant_side, (2.0,)),
    (preconditioned, (A, B)),
    (stencil, (0.7, np.arange(6.0).reshape(2, 3))),
    (of_a_number, (2.0, 3.0)),
    (with_a_count, (2.0,)),
    (of_number, (2.0,)),
    (of_arrays, (A, B)),
    (overwritten_later, (A, B)),
    (in_a_loop, (2.0,)),
    (from_an_active_start, (2.0,)),
    (of_an_int, (2.0,)),
    (fixed, (np.array([0.3, 0.5, 0.7]),)),
    (babylonian, (2.0,)),
    (tuples, (2.0, 3.0)),
    (beside_a_tuple, (2.0,)),
    (of_an_instance, (1.5, np.arange(4.0).reshape(2, 2))),
    (of_a_minimum, (np.array([1.0, 2.0]), np.array([0.5, 1.5]))),
]


@pytest.mark.parametrize(("f", "args"), CASES, ids=[f.__name__ for f, _ in CASES])
def test_by_differences(f, args) -> None:
    ds.check_grads(f, args, order=2)


def test_closed_forms() -> None:
    assert ds.grad(of_number)(2.0) == pytest.approx(1 / (2 * 2**0.5), rel=1e-14)
    assert ds.grad(ds.grad(of_number))(2.0) == pytest.approx(-0.25 * 2**-1.5, rel=1e-13)
    assert ds.grad(ds.grad(ds.grad(of_number)))(2.0) == pytest.approx(0.375 * 2**-2.5, rel=1e-12)
    assert ds.grad(babylonian)(2.0) == pytest.approx(1 / (2 * 2**0.5), rel=1e-14)


def test_a_solver_as_the_function() -> None:
    assert ds.grad(root, 1)(1.0, 2.0) == pytest.approx(1 / (2 * 2**0.5))
    x = newton(np.zeros(2), A, B)
    jacobian = ds.jacobian(newton, 2)(np.zeros(2), A, B)
    assert np.allclose(jacobian, np.linalg.inv(A + np.diag(0.3 * x**2)), rtol=1e-12)
    assert ds.grad(ds.custom_root(square)(lambda x0, a: a**0.5), 1)(1.0, 2.0) == pytest.approx(1 / (2 * 2**0.5))


def test_structures_beside_what_is_differentiated() -> None:
    @ds.custom_root(lambda x, p, c: x**2 * c - p["a"] * p["b"])
    def of_a_dict(x0, p, c):
        return (p["a"] * p["b"] / c) ** 0.5

    def f(c, p):
        return of_a_dict(1.0, p, c)

    p = {"a": 2.0, "b": 3.0}
    right = -0.5 * (6.0 / 8.0) ** 0.5
    assert ds.grad(f)(2.0, p) == pytest.approx(right)
    assert ds.jacfwd(f)(2.0, p) == pytest.approx(right)


def test_the_solver_is_run_as_it_is() -> None:
    """Nothing of it is compiled: here it isn't even Python that could be read."""
    solver = ds.custom_root(square)(eval("lambda x0, a: a ** 0.5"))

    def f(a):
        return solver(1.0, a)

    assert ds.grad(f)(2.0) == pytest.approx(1 / (2 * 2**0.5))
    text = str(ds.code_source(of_arrays, A, B))
    assert "newton(start, A, b)" in text
    assert text.count("np.linalg.solve(") == 1


def test_what_has_not_converged_is_refused() -> None:
    @ds.custom_root(square)
    def stopped(x0, a):
        return x0 + 0.1

    for run in (lambda a: stopped(1.0, a), ds.grad(lambda a: stopped(1.0, a)), ds.jacfwd(lambda a: stopped(1.0, a))):
        with pytest.raises(RuntimeError, match=r"stopped has not converged: the residual is 0\.79"):
            run(2.0)
    loose = ds.custom_root(square, tol=None)(stopped.solver)
    assert loose(1.0, 2.0) == 1.1
    diverges = ds.grad(lambda a: ds.fixed_point(lambda x, a: 2 * x + a, 1.0, a, maxiter=50))
    with pytest.raises(RuntimeError, match="not converged after 50 steps"):
        diverges(2.0)


def test_a_function_that_works_in_place() -> None:
    def halve(x, a):
        x *= 0.5
        x += a
        return x

    a = np.array([1.0, 2.0])
    assert np.allclose(ds.fixed_point(halve, np.zeros(2), a), 2 * a, rtol=1e-10)
    assert np.allclose(ds.grad(lambda a: np.sum(ds.fixed_point(halve, np.zeros(2), a)))(a), 2.0)


def test_a_linear_solver_is_not_looked_into() -> None:
    """Nothing of it is compiled: here it isn't even Python that could be read."""
    text = "lambda matvec, b: np.linalg.solve(np.stack([matvec(e) for e in np.eye(len(b))], axis=1), b)"
    solver = eval(text, {"np": np})

    def f(A, b):
        return np.sum(ds.linear_solve(lambda v: A @ v, b, solve=solver, transpose_solve=solver))

    dA, db = ds.grad(f, (0, 1))(A, B)
    w = np.linalg.solve(A.T, np.ones(2))
    assert np.allclose(db, w, rtol=1e-13)
    assert np.allclose(dA, -np.outer(w, np.linalg.solve(A, B)), rtol=1e-13)
    text = str(ds.code_source(symmetric_system, A, B))
    assert text.count("linear_solve(lambda v: A @ v + A.T @ v + 5 * v, ") == 3  # one in a comment
    assert text.count("solve=conjugate_gradients") == 2


def test_solvers_are_pickled_by_name() -> None:
    assert pickle.loads(pickle.dumps(root)) is root


def test_what_is_refused() -> None:
    def counted(a):
        seen = np.zeros(1)

        def step(x):
            seen[0] += 1.0
            return 0.5 * (x + a / x)

        return ds.fixed_point(step, 1.0) + seen[0]

    with pytest.raises(ds.UnsupportedError, match="writes what it captures"):
        ds.grad(counted)(2.0)
    one_way = ds.grad(lambda a: ds.linear_solve(lambda x: a * x, 1.0, solve=lambda f, b: b / f(1.0)))
    with pytest.raises(ds.UnsupportedError, match="without transpose_solve"):
        one_way(2.0)
    with pytest.raises(TypeError, match="returns shape"):
        ds.custom_root(square)(lambda x0, a: np.ones(2))(1.0, 2.0)
    with pytest.raises(ds.UnsupportedError, match="solution of type"):
        ds.grad(lambda a: abs(root(1.0 + 0j, a)))(2.0)
    flat = ds.custom_root(lambda x, a: 0.0 * x * a)(lambda x0, a: x0)
    with pytest.raises(np.linalg.LinAlgError):
        ds.grad(lambda a: np.sum(flat(np.ones(2), a)))(2.0)
