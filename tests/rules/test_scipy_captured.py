"""Functions given to integrals, solvers and optimizers that capture splines, interpolators and sparse
matrices, or are splines."""

from __future__ import annotations

import subprocess
import sys
from functools import partial

import numpy as np
import pytest
from scipy import integrate, optimize, sparse
from scipy.interpolate import CubicSpline, PchipInterpolator, RegularGridInterpolator, interp1d, make_interp_spline

import diffsrc as ds

X = np.linspace(0.0, 2.0, 6)
Y = np.sin(X) + 0.3
D = np.array([1.0, 2.0, 3.0])
SPLINE = CubicSpline(X, Y)
MATRIX = sparse.csr_array(np.diag(D))


def square(y):
    s = CubicSpline(X, y)
    return integrate.quad(lambda t: s(t) ** 2, 0.1, 1.5)[0]


def spline_itself(y, b):
    s = CubicSpline(X, y)
    return integrate.quad(s, 0.1, b)[0]


def derivative_itself(y):
    s = CubicSpline(X, y).derivative()
    return integrate.quad(s, 0.1, 1.5)[0] ** 2


def with_arguments(y):
    s = CubicSpline(X, y)

    def f(t, k):
        return k * s(t)

    return integrate.quad(f, 0.1, 1.5, args=(y[0],))[0]


def of_vectors(y):
    s = CubicSpline(X, np.stack([y, y**2], axis=1))
    return np.sum(integrate.quad_vec(lambda t: s(t), 0.1, 1.5)[0])


def on_a_grid(y):
    g = RegularGridInterpolator((X, X), np.outer(y, y))
    return integrate.quad(lambda t: g([[t, 0.5]])[0], 0.1, 1.5)[0]


def two(y):
    a, b = CubicSpline(X, y), PchipInterpolator(X, y**2)
    return integrate.quad(lambda t: a(t) * b(t), 0.1, 1.5)[0]


def through_a_function(y):
    s = CubicSpline(X, y)
    g = lambda t: s(t) * t  # noqa: E731
    return integrate.quad(lambda t: g(t) ** 2, 0.1, 1.5)[0]


def scaled(s, k, t):
    return s(t) * k


def given_beforehand(y):
    return integrate.quad(partial(scaled, CubicSpline(X, y), y[0]), 0.1, 1.5)[0]


def passed_on(s, k):
    return integrate.quad(lambda t: k * s(t) ** 2, 0.1, 1.5)[0]


def as_argument(y):
    return passed_on(CubicSpline(X, y), y[1])


def in_a_loop(y):
    t = 0.0
    for k in range(3):
        s = CubicSpline(X, y * (k + 1))
        t += integrate.quad(lambda u: s(u) ** 2, 0.1, 1.5)[0]  # noqa: B023
    return t


def root(y):
    s = PchipInterpolator(X, y)
    return optimize.brentq(lambda t: s(t) - 0.8, -0.5, 1.5)


def root_of_derivative(y):
    s = CubicSpline(X, y)
    return optimize.brentq(lambda z: s(z, 1) - 0.2, 0.0, 2.0)


def minimum(y):
    s = CubicSpline(X, y)
    return optimize.minimize(lambda z: np.sum(s(z) ** 2 + (z - 0.5) ** 4), np.array([0.4]), tol=1e-12).x[0]


def minimum_in_one(y):
    s = CubicSpline(X, y)
    return optimize.minimize_scalar(lambda z: s(z) + (z - 1) ** 2, bracket=(0.2, 1.5), tol=1e-10).x


def fixed(y):
    s = make_interp_spline(X, y)
    return optimize.fixed_point(lambda z: 0.3 * s(z), 0.5) + ds.fixed_point(lambda z: 0.3 * s(z), 0.5)


def motion(y):
    s = CubicSpline(X, y)
    return integrate.solve_ivp(lambda t, u: -s(t) * u, (0, 1.5), [1.0], rtol=1e-9, atol=1e-10).y[0, -1]


def stepwise(y):
    s = interp1d(X, y, bounds_error=False, fill_value="extrapolate")
    times = np.array([0.0, 1.0, 1.5])
    return integrate.odeint(lambda u, t: -s(t) * u, 1.0, times, rtol=1e-10, atol=1e-11)[-1, 0]


def sparse_motion(d):
    a = sparse.csr_array((d, (np.arange(3), np.arange(3))), shape=(3, 3))
    return np.sum(integrate.odeint(lambda u, t: -(a @ u) * u, np.ones(3), np.array([0.0, 1.0]), rtol=1e-10, atol=1e-11)[-1])


def sparse_root(d):
    a = sparse.csr_array((d, (np.arange(3), np.arange(3))), shape=(3, 3))
    return np.sum(optimize.root(lambda u: a @ u + u**3 - 1.0, np.ones(3)).x)


def constant(k):
    return integrate.quad(lambda t: k * SPLINE(t), 0.1, 1.5)[0] + integrate.quad(SPLINE, 0.1, k)[0] + passed_on(SPLINE, k)


def constant_matrix(k):
    return np.sum(optimize.root(lambda u: MATRIX @ u + k * u**3 - 1.0, np.ones(3)).x)


def of_a_function(f, b):
    return integrate.quad(lambda t: f(t) ** 2, 0.0, b)[0]


def function_as_argument(k, b):
    return of_a_function(lambda t: k * t, b)


OF_VALUES = (
    square, derivative_itself, with_arguments, of_vectors, on_a_grid, two, through_a_function, given_beforehand, as_argument,
    in_a_loop, root, root_of_derivative, minimum, minimum_in_one, fixed, motion, stepwise,
)  # fmt: skip
CALLS = [
    *((f, (Y,)) for f in OF_VALUES), (spline_itself, (Y, 1.4)), (sparse_motion, (D,)), (sparse_root, (D,)),
    (constant, (0.9,)), (function_as_argument, (0.7, 1.2)), (constant_matrix, (0.9,)),
]  # fmt: skip
TWICE = (square, spline_itself, derivative_itself, root, minimum_in_one, sparse_root, function_as_argument)


@pytest.mark.parametrize(("f", "args"), CALLS, ids=[f.__name__ for f, _ in CALLS])
def test_captured_objects(f, args) -> None:
    ds.check_grads(f, args, order=2 if f in TWICE else 1, rtol=1e-4, atol=1e-6)


def test_scipy_is_imported_when_it_is_met(tmp_path) -> None:
    program = tmp_path / "program.py"
    program.write_text(
        "import sys\nimport numpy as np\nimport diffsrc as ds\ndef f(x):\n    return np.sum(x * x)\n"
        "ds.grad(f)(np.ones(2))\nsys.exit('scipy' in sys.modules)\n"
    )  # fmt: skip
    assert subprocess.run([sys.executable, str(program)], check=False).returncode == 0


def test_the_call_is_printed_with_the_object() -> None:
    text = str(ds.code_source(through_a_function, Y))
    assert "integrate.quad(lambda t: g(s, t) ** 2, 0.1, 1.5)" in text
    assert "def g(s, t):\n    return s(t) * t\n" in text
    assert "integrate.quad(s, 0.1, b)" in str(ds.code_source(spline_itself, Y, 1.4))


def test_objects_in_arguments_are_refused() -> None:
    def f(y):
        return integrate.quad(lambda t, s: s(t), 0.1, 1.5, args=(CubicSpline(X, y),))[0]

    with pytest.raises(ds.UnsupportedError, match="an object such as a spline"):
        ds.grad(f)(Y)
