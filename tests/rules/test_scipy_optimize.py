"""Roots, fixed points and minima of `scipy.optimize`, as programs: against differences and closed forms, to second order."""

from __future__ import annotations

import functools

import numpy as np
import pytest
from scipy import optimize

import diffsrc as ds
from diffsrc.defs import packages, table

packages.load_all()
PREFIX = "scipy.optimize."
A = np.array([1.0, 2.0])
T = np.linspace(0.0, 1.0, 5)
Y = 2 * np.exp(-1.5 * T) + 0.1 * T**2
TIGHT = {"xtol": 1e-14, "ftol": 1e-14}


def captured(a):
    x = optimize.brentq(lambda x: x**3 - a * x - 1.0, 0.0, 10.0)
    return a * x


def bisected(a, b):
    f = lambda x: x**3 + a * x - b  # noqa: E731
    x = optimize.bisect(f, 0.0, 4.0, xtol=1e-14) + optimize.ridder(f, 0.0, 4.0, xtol=1e-14)
    return x + optimize.brenth(f, 0.0, 4.0) * optimize.toms748(f, 0.0, 4.0)


def by_args(a, b):
    s = 0.0
    for i in range(3):
        s += optimize.brentq(lambda x, p, q: x**3 + p * x - q, 0.0, 10.0, args=(a, b * (i + 1.0)), xtol=1e-13)
    return s


def one_argument(a):
    return optimize.brentq(lambda x, c: x**3 + x - c, 0, 10, args=a) + optimize.brentq(np.cos, 0.0, a)


def started_by_the_last(a):
    s, x = 0.0, 1.0
    for k in range(3):
        p = a * (k + 1)
        x = optimize.newton(lambda x: x**3 - p * x - 1.0, x + 1.0, tol=1e-13)
        s = s + x * p
    return s


def cubic(x, a):
    return x**3 - a


class Fluid:
    def __init__(self, a):
        self.a = a

    def residual(self, x):
        return x**3 - self.a


def bound_functions(a):
    x = optimize.brentq(functools.partial(cubic, a=a), 0.0, 5.0)
    return x * optimize.brentq(Fluid(a).residual, 0.0, 5.0) * optimize.brentq(cubic, 0.0, 5.0, (a,))


def with_all_results(a):
    x, found = optimize.brentq(cubic, 0.0, 5.0, args=(a,), full_output=True)
    return x**2 if found.converged else 0.0


def elementwise_newton(a):
    return np.sum(optimize.newton(lambda x: x**3 - a, np.ones(3), fprime=lambda x: 3 * x**2, tol=1e-13) ** 2)


def equations(v, a, b):
    x, y = v
    return [x**2 + y - a, x * y - b]


def system(a, b):
    sol = optimize.fsolve(equations, [1.0, 1.0], args=(a, b), xtol=1e-13)
    return sol[0] * 2 + sol[1] ** 2


def root_record(a):
    sol = optimize.root(lambda v: np.array([v[0] ** 2 - a, v[1] * v[0] - 1.0]), np.array([1.0, 1.0]), tol=1e-13)
    if not sol.success:
        raise RuntimeError(sol.message)
    return np.sum(sol["x"] ** 3) + np.sum(sol.fun)


def root_scalar_record(a):
    return optimize.root_scalar(lambda x: x**3 - a, bracket=(0, 5), method="brentq").root


def cosine(a):
    return optimize.fixed_point(lambda x: np.cos(a * x), 0.5, xtol=1e-13) * 2.0


def cosines(a):
    return np.sum(optimize.fixed_point(lambda x, a: np.cos(a * x), np.full(2, 0.5), args=(a,), xtol=1e-13) ** 2)


def krylov(a):
    return np.sum(optimize.newton_krylov(lambda x: x**3 + x - a, np.ones(2), f_tol=1e-8))


def minimum(a, b):
    def objective(x):
        return np.sum((x - a) ** 2 * b) + 0.1 * np.sum(x**4)

    def slope(x):
        return 2 * (x - a) * b + 0.4 * x**3

    sol = optimize.minimize(objective, np.zeros(2), jac=slope, method="BFGS", tol=1e-12)
    return np.sum(sol.x**2) + sol.fun**2


def minimum_with_its_slope(a):
    def both(x):
        return np.sum((x - a) ** 2 + x**4), 2 * (x - a) + 4 * x**3

    return np.sum(optimize.minimize(both, [0.0, 0.0], jac=True, tol=1e-12).x)


def minimum_of_a_loop(a):
    def objective(x, a):
        s = 0.0
        for i in range(len(x)):
            s += (x[i] - a[i]) ** 2 * (1 + a[0] ** 2) + 0.1 * x[i] ** 4
        return s

    def slope(x, a):
        return 2 * (x - a) * (1 + a[0] ** 2) + 0.4 * x**3

    sol = optimize.minimize(objective, np.zeros(2), args=(a,), jac=slope, tol=1e-12)
    return sol.x @ a + sol.fun


def minimum_of_a_number(a):
    sol = optimize.minimize_scalar(lambda x: (x - a) ** 2 + 0.1 * x**4, tol=1e-12)
    return sol.x**2 + sol.fun


def old_minimizers(a):
    return np.sum(optimize.fmin_bfgs(lambda x: np.sum((x - a) ** 2), np.zeros(2), disp=False)) + optimize.brent(
        lambda x: (x - a[0]) ** 2 + x**4, tol=1e-10
    )


def residuals(a, t):
    sol = optimize.least_squares(lambda p: p[0] * np.exp(-p[1] * t) - a, A, gtol=1e-15, **TIGHT)
    return np.sum(sol.x**2) + sol.cost


def decay(x, a, b):
    return a * np.exp(-b * x)


def fitted(x, y):
    p, _ = optimize.curve_fit(decay, x, y, p0=[1.0, 1.0], xtol=1e-14, ftol=1e-14)
    return p[0] + p[1] ** 2


def fitted_with_an_offset(y, k, sigma):
    model = lambda x, a, b: a * np.exp(-b * x) + k  # noqa: E731
    return np.sum(optimize.curve_fit(model, T, y, p0=(1.0, 1.0), sigma=sigma, xtol=1e-14, ftol=1e-14)[0] ** 2)


def equation_of_state(a, b, temperatures):
    """Volumes of a van der Waals gas at one pressure."""
    s = 0.0
    for temperature in temperatures:
        v = optimize.brentq(lambda v: (1.5 + a / v**2) * (v - b) - temperature, 1.01 * b, 50.0, xtol=1e-13)
        s += np.log(v)
    return s


def ridge(strength, X, y, X2, y2):
    """The loss on other data of a regression, by the strength of its regularisation."""

    def loss(w):
        return np.mean(np.log1p(np.exp(-y * (X @ w)))) + np.exp(strength) * np.sum(w**2)

    def slope(w):
        return -X.T @ (y / (1 + np.exp(y * (X @ w)))) / len(y) + 2 * np.exp(strength) * w

    w = optimize.minimize(loss, np.zeros(X.shape[1]), jac=slope, method="BFGS", tol=1e-11).x
    return np.mean(np.log1p(np.exp(-y2 * (X2 @ w))))


def result_in_a_loop(a):
    x = np.zeros(2)
    for i in range(3):
        goal = a * (i + 1)
        sol = optimize.minimize(
            lambda x: np.sum((x - goal) ** 2) + 0.1 * np.sum(x**4), x, jac=lambda x: 2 * (x - goal) + 0.4 * x**3, tol=1e-12
        )
        x = sol.x
    return sol.fun + np.sum(x)


def point_of(sol):
    return sol.x


def result_of_a_branch(a):
    best = optimize.root(lambda x: x**3 - a, np.ones(2), tol=1e-13)
    if best.nfev < 0:
        best = optimize.root(lambda x: x**2 - a, np.ones(2), tol=1e-13)
    return np.sum(best.x) + np.sum(point_of(optimize.root(lambda x: x**2 - a, np.ones(2), tol=1e-13)))


def minimum_of_one_element(a):
    return optimize.minimize(lambda x: (x - a) ** 2, 0.0).x[0] ** 2


_RNG = np.random.default_rng(3)
DATA = (_RNG.normal(size=(8, 2)), np.sign(_RNG.normal(size=8)), _RNG.normal(size=(5, 2)), np.sign(_RNG.normal(size=5)))
CASES = [
    (result_in_a_loop, (A,)), (result_of_a_branch, (A,)), (minimum_of_one_element, (A[:1],)),
    (captured, (2.0,)), (bisected, (2.0, 3.0)), (by_args, (2.0, 3.0)), (one_argument, (2.0,)),
    (started_by_the_last, (2.0,)), (bound_functions, (2.0,)), (with_all_results, (2.0,)),
    (elementwise_newton, (np.array([1.0, 2.0, 3.0]),)), (system, (3.0, 1.0)), (root_record, (2.0,)),
    (root_scalar_record, (2.0,)), (cosine, (0.9,)), (cosines, (0.9,)), (minimum, (A, A)),
    (minimum_with_its_slope, (A,)), (minimum_of_a_loop, (A,)), (minimum_of_a_number, (1.3,)), (residuals, (Y, T)),
    (fitted, (T, Y)), (fitted_with_an_offset, (Y, 0.1, 1 + T)), (equation_of_state, (0.4, 0.1, np.array([1.0, 1.5, 2.0]))),
]  # fmt: skip


SECOND = (captured, by_args, elementwise_newton, system, root_record, cosine, minimum, minimum_of_a_number, fitted)


@pytest.mark.parametrize(("f", "args"), CASES, ids=[f.__name__ for f, _ in CASES])
def test_by_differences(f, args) -> None:
    ds.check_grads(f, args, order=2 if f in SECOND else 1)


def test_closed_forms() -> None:
    assert ds.grad(root_scalar_record)(2.0) == pytest.approx(2 ** (-2 / 3) / 3, rel=1e-11)
    assert ds.grad(ds.grad(root_scalar_record))(2.0) == pytest.approx(-2 / 9 * 2 ** (-5 / 3), rel=1e-11)
    assert np.allclose(ds.grad(old_minimizers)(A), [1 + 1 / (1 + 6 * optimize.brent(lambda x: (x - 1) ** 2 + x**4) ** 2), 1])
    x = optimize.newton_krylov(lambda x: x**3 + x - A, np.ones(2))
    assert np.allclose(ds.grad(krylov)(A), 1 / (3 * x**2 + 1), rtol=1e-5)
    mean = ds.jacobian(lambda a: optimize.minimize(lambda x: np.sum((x - np.sum(a)) ** 2), np.zeros(2)).x)(A)
    assert np.allclose(mean, 1.0)


def test_a_hyperparameter() -> None:
    strength, h = -3.0, 1e-3
    difference = (ridge(strength + h, *DATA) - ridge(strength - h, *DATA)) / (2 * h)
    assert ds.grad(ridge)(strength, *DATA) == pytest.approx(difference, rel=1e-5)
    assert ds.jacfwd(ridge)(strength, *DATA) == pytest.approx(difference, rel=1e-5)


def test_the_call_stays_as_written() -> None:
    text = str(ds.code_source(captured, 2.0))
    assert "x = optimize.brentq(lambda x: x ** 3 - a * x - 1.0, 0.0, 10.0)" in text
    assert text.count("brentq(") == 2  # one in a comment
    assert "slope_at_root(captured_lambda, x, (a,))" in text
    text = str(ds.code_source(system, 3.0, 1.0))
    assert "np.linalg.solve(" in text
    assert "optimize.fsolve(equations, [1.0, 1.0], args=(a, b), xtol=1e-13)" in text


def test_what_is_no_solution_is_refused() -> None:
    def jump(a):
        return optimize.brentq(lambda x: (1.0 if x > a else -1.0) * a, 0.0, 5.0)

    def stopped(a):
        return np.sum(optimize.minimize(lambda x: np.sum((x - a) ** 4), np.zeros(2), options={"maxiter": 1}).x)

    for f, args in ((jump, 2.0), (stopped, A)):
        for run in (ds.grad(f), ds.jacfwd(f)):
            with pytest.raises((RuntimeError, np.linalg.LinAlgError)):
                run(args)


# -- bounds: a number at a bound moves with it, the others as a minimum in them

PAIRS = [(0.0, 1.0), (None, 0.5)]
BOUNDS = optimize.Bounds([0, 0], [1, 0.5])
TIGHTEST = {"xtol": 1e-15, "ftol": 1e-15, "gtol": 1e-15}


def bowl(x, a):
    return np.sum((x - a) ** 2) + 0.3 * x[0] * x[1] + 0.1 * np.sum(x**4)


def between_constants(a):
    x = optimize.minimize(lambda x: bowl(x, a), INSIDE, bounds=[(0.0, 1.0), (None, 0.5)], tol=1e-12).x
    return np.sum(x) + np.sum(optimize.minimize(bowl, INSIDE, args=(a,), bounds=PAIRS, tol=1e-12).x ** 2)


def between_objects(a):
    x = optimize.minimize(bowl, INSIDE, args=(a,), bounds=BOUNDS, tol=1e-12).x
    return np.sum(x) + optimize.minimize(bowl, INSIDE, (a,), bounds=optimize.Bounds([0, 0], [1, 0.5]), tol=1e-12).fun


def between_others(a):
    return np.sum(optimize.minimize(bowl, INSIDE, args=(a,), method="SLSQP", bounds=((0, 1), (0, 0.5)), tol=1e-14).x)


def between_many(a):
    bounds = [(0.0, 1.0) for _ in range(len(a))]
    return np.sum(optimize.minimize(lambda x: bowl(x, a), INSIDE, bounds=bounds, tol=1e-12).x)


def between_active(a, b):
    found = optimize.minimize(bowl, INSIDE, args=(a,), bounds=[(0.0, b), (-b, None)], tol=1e-12)
    return found.fun + found.x @ a


def residuals(x, a):
    return np.array([x[0] - a[0], x[1] * x[0] - a[1], x[1] - 0.3])


def squares_between(a):
    return np.sum(optimize.least_squares(residuals, INSIDE, args=(a,), bounds=(0, 1), **TIGHTEST).x)


def squares_between_active(a, b):
    found = optimize.least_squares(residuals, INSIDE, args=(a,), bounds=([0.0, 0.0], [b, 1.0]), **TIGHTEST)
    return found.cost * 2 + found.x[1]


def fit_between(y):
    model = lambda t, k, c: k * np.exp(-c * t)  # noqa: E731
    return np.sum(optimize.curve_fit(model, T, y, p0=[1.0, 0.5], bounds=([0, 0], [2.0, 0.8]), **TIGHTEST)[0])


INSIDE, FREE, BOTH = np.array([0.5, 0.2]), np.array([0.4, 0.3]), np.array([1.8, -0.4])
BOUNDED = [
    *((f, (a,)) for f in (between_constants, between_objects, between_others, between_many, squares_between)
      for a in (FREE, BOTH, np.array([0.4, 0.9]))),
    *((f, (a, 1.0)) for f in (between_active, squares_between_active) for a in (FREE, BOTH)),
    (fit_between, (1.7 * np.exp(-1.2 * T) + 0.01 * np.sin(9 * T),)),
]  # fmt: skip


@pytest.mark.parametrize(("f", "args"), BOUNDED, ids=[f"{f.__name__}{k}" for k, (f, _) in enumerate(BOUNDED)])
def test_bounds(f, args) -> None:
    ds.check_grads(f, args, order=2 if f in (between_active, squares_between_active) else 1, rtol=1e-4, atol=1e-5)


def test_active_bounds_in_a_list_are_refused_or_right() -> None:
    def f(a, b):
        bounds = [(0.0, v) for v in b]
        return np.sum(optimize.minimize(bowl, INSIDE, args=(a,), bounds=bounds, tol=1e-12).x)

    np.testing.assert_allclose(ds.grad(f)(BOTH, np.ones(2)), [0.0, 0.0], atol=1e-8)
    try:
        found = ds.grad(f, 1)(BOTH, np.ones(2))
    except ds.UnsupportedError:
        return
    np.testing.assert_allclose(found, [1.0, 0.0], atol=1e-8)


REFUSED = [
    (lambda a: np.sum(optimize.minimize(lambda x: np.sum((x - a) ** 2), A, bounds=optimize.Bounds(0.0, a)).x), "in an object"),
    (
        lambda a: optimize.minimize(lambda x: np.sum((x - a) ** 2), A, constraints={"type": "eq", "fun": np.sum}).fun,
        "which of the constraints",
    ),
    (lambda a: optimize.minimize_scalar(lambda x: (x - a[0]) ** 2, bounds=(0, 1)).x, "at a bound"),
    (lambda a: optimize.least_squares(lambda x: x - a, A, loss="huber").cost, "another loss"),
    (lambda a: optimize.linprog(a, A_ub=np.eye(2), b_ub=np.ones(2)).fun, "which constraints"),
    (lambda a: optimize.nnls(np.eye(2), a)[1], "which constraints"),
    (lambda a: optimize.differential_evolution(lambda x: np.sum((x - a) ** 2), [(0, 5)] * 2).x[0], "global search"),
    (lambda a: optimize.fminbound(lambda x: (x - a[0]) ** 2, 0, 5), "at a bound"),
    (lambda a: optimize.curve_fit(decay, T, Y * a[0], p0=[1.0, 1.0])[1][0, 0], "couldn't be inferred"),
    (lambda a: optimize.minimize(lambda x: np.sum((x - a) ** 2), A).hess_inv[0, 0], "couldn't be inferred"),
    (lambda a: np.sum(optimize.root(lambda x: (x**2 - a, 2 * x), A, jac=True).x), "no derivative"),
    (lambda a: np.sum(optimize.minimize(lambda x: (x - a) ** 2, A).x), "not a number|no derivative"),
    (lambda a: optimize.rosen(a), "example of SciPy's"),
]


@pytest.mark.parametrize(("f", "why"), REFUSED, ids=[why for _, why in REFUSED])
def test_what_is_refused(f, why) -> None:
    for run in (ds.grad(f), ds.jacfwd(f)):
        with pytest.raises(ds.UnsupportedError, match=why):
            run(A)


def test_constants_are_left_alone() -> None:
    """Where nothing active reaches a solver, any option will do."""

    def f(a):
        x = optimize.minimize(lambda x: np.sum((x - A) ** 2), np.zeros(2), bounds=[(0, 1)] * 2).x
        r = optimize.linprog(A, A_ub=np.eye(2), b_ub=np.ones(2))
        return np.sum(x) * a + r.fun

    assert ds.grad(f)(2.0) == pytest.approx(2.0)


def test_every_function_is_decided() -> None:
    """Each public function has a row that differentiates it or says why not; classes have none, and are refused."""
    for name in dir(optimize):
        fn = getattr(optimize, name)
        if name.startswith("_") or not callable(fn) or isinstance(fn, type) or name in ("test",):
            continue
        row = table.lookup(fn)
        assert row is not None, name
        assert row.name == PREFIX + name or row.family == "zero"
        assert row.family == "zero" or row.solver.why or row.solver.equation
