"""Sums over samples, integrals and differential equations of `scipy.integrate`, as programs: against differences, to second
order."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from scipy import integrate, optimize

import diffsrc as ds
from diffsrc.defs import packages, table
from diffsrc.defs.scipy import quadrature as scipy_quadrature

packages.load_all()
RNG = np.random.default_rng(0)
TIGHT = {"rtol": 1e-11, "atol": 1e-12}
T = np.linspace(0.0, 2.0, 5)
START = np.array([1.0, 0.5])
ROTATION = np.array([[-0.5, 1.0], [-1.0, -0.3]])


# -- samples


def grids(n, shape=None, axis=-1):
    return np.cumsum(RNG.random(shape or n) + 0.1, axis=axis)


def by_trapezoid(y, x):
    return integrate.trapezoid(y, x) ** 2


def by_trapezoid_in_steps(y, h):
    return np.sum(integrate.trapezoid(y, dx=h, axis=0) ** 2)


def by_simpson(y, x):
    return integrate.simpson(y**2, x=x)


def by_simpson_in_steps(y, h):
    return np.sum(integrate.simpson(y, dx=h, axis=0) ** 2)


def by_simpson_on_rows(y, x):
    return np.sum(integrate.simpson(y, x=x, axis=-1) ** 2)


def cumulated(y, x):
    return np.sum(integrate.cumulative_trapezoid(y, x, initial=0) ** 2)


def cumulated_in_steps(y, h):
    return np.sum(integrate.cumulative_trapezoid(y, dx=h, axis=0) ** 3)


def cumulated_parabolas(y, x):
    return np.sum(integrate.cumulative_simpson(y, x=x, initial=0) ** 2)


def cumulated_parabolas_in_steps(y, h):
    return np.sum(integrate.cumulative_simpson(y, dx=h, axis=0, initial=h) ** 3)


def by_romberg(y, h):
    return np.sum(integrate.romb(y, h, axis=0) ** 2)


ROWS = RNG.normal(size=(5, 3))
SAMPLED = [
    (by_trapezoid, (RNG.normal(size=6), grids(6))), (by_trapezoid_in_steps, (ROWS, 0.3)),
    (by_simpson, (RNG.normal(size=6), grids(6))), (by_simpson, (RNG.normal(size=5), grids(5))),
    (by_simpson, (RNG.normal(size=2), grids(2))), (by_simpson_in_steps, (ROWS, 0.3)),
    (by_simpson_on_rows, (ROWS, grids(3, (5, 3)))), (cumulated, (RNG.normal(size=6), grids(6))),
    (cumulated_in_steps, (ROWS, 0.3)), (cumulated_parabolas, (RNG.normal(size=6), grids(6))),
    (cumulated_parabolas, (RNG.normal(size=2), grids(2))), (cumulated_parabolas_in_steps, (ROWS, 0.3)),
    (by_romberg, (ROWS, 0.3)), (by_romberg, (RNG.normal(size=9), 0.3)),
]  # fmt: skip


@pytest.mark.parametrize(("f", "args"), SAMPLED, ids=[f.__name__ for f, _ in SAMPLED])
def test_samples(f, args) -> None:
    ds.check_grads(f, args, order=2)


@pytest.mark.parametrize("n", [2, 3, 4, 5, 6, 9])
def test_what_the_compiler_reads_computes_the_same(n) -> None:
    for shape, axis in (((n,), -1), ((2, n), -1), ((n, 3), 0)):
        y = RNG.normal(size=shape)
        for x in (None, grids(n), grids(n, shape, axis)):
            given = {"dx": 0.3, "axis": axis} | ({} if x is None else {"x": x})
            assert np.allclose(integrate.trapezoid(y, **given), scipy_quadrature.trapezoid(y, x, 0.3, axis))
            assert np.allclose(integrate.simpson(y, **given), scipy_quadrature.simpson(y, x, 0.3, axis))
            for first in (None, 0):
                found = integrate.cumulative_trapezoid(y, **given, initial=first)
                assert np.allclose(found, scipy_quadrature.cumulative_trapezoid(y, x, 0.3, axis, first))
            for first in (None, 0.7):
                found = integrate.cumulative_simpson(y, **given, initial=first)
                assert np.allclose(found, scipy_quadrature.cumulative_simpson(y, x, 0.3, axis, first))
        if n in (2, 3, 5, 9):
            assert np.allclose(integrate.romb(y, dx=0.3, axis=axis), scipy_quadrature.romb(y, 0.3, axis))


# -- integrals


def gaussian(a):
    return integrate.quad(lambda x: np.exp(-a * x**2), 0.0, 1.0)[0]


def limits(a, b, k):
    return integrate.quad(lambda x, k: np.sin(k * x) * a, a, b, args=(k,))[0] ** 2


def of_an_array(p):
    value, error = integrate.quad(lambda x: np.sum(p * x ** np.arange(3)), 0, 2)
    if error > 1e-3:
        raise ValueError("too coarse")
    return value**2


def over_the_line(s):
    return integrate.quad(lambda x: np.exp(-(x**2) / (2 * s**2)), -np.inf, np.inf, epsabs=1e-12)[0]


def period(length, angle):
    """Of a pendulum."""
    m = np.sin(angle / 2)
    return 4 * np.sqrt(length) * integrate.quad(lambda u: 1 / np.sqrt(1 - m**2 * np.sin(u) ** 2), 0, np.pi / 2)[0]


def decay(x, a, b):
    return a * np.exp(-b * x)


def in_a_loop(a, b):
    s = 0.0
    for i in range(3):
        s += integrate.quad(decay, 0.0, 1.0 + i, args=(a, b))[0] * a
    return s


def until_it_is_one(a):
    return optimize.brentq(lambda t: integrate.quad(lambda x: np.exp(a * x), 0, t)[0] - 1.0, 0.0, 3.0)


def of_a_tuple(a, b):
    p = (a, b * 2.0)
    return integrate.quad(lambda x: p[0] * np.cos(p[1] * x), 0.0, 1.0)[0]


def of_arrays(p):
    return np.sum(integrate.quad_vec(lambda x: p**2 * np.exp(-x * p), 0.0, 1.0)[0] ** 2)


def of_a_display(a, b):
    return np.sum(integrate.quad_vec(lambda x: np.array([a, x * a**2]), 0.0, b)[0] ** 2)


def by_gauss(a, b, k):
    return integrate.fixed_quad(lambda x: np.exp(-k * x**2), a, b, n=4)[0]


def by_gauss_with_arguments(a):
    return integrate.fixed_quad(lambda x, a, c: a * x**2 + c, 0.0, a, args=(a, 2.0))[0]


def of_a_dict(a, c):
    p = {"a": a, "n": 2, "c": {"inner": c}}
    return integrate.quad(lambda x: p["a"] * x ** p["n"] + np.sum(p["c"]["inner"] * x), 0.0, 1.5)[0]


@dataclass(frozen=True)
class Line:
    slope: float
    offset: np.ndarray


def of_an_instance(a, c):
    p = Line(a, c)
    return integrate.quad(lambda x, p: p.slope * x**3 + np.sum(p.offset) * x, 0.0, 1.5, args=(p,))[0] ** 2


INTEGRALS = [
    (of_a_dict, (1.2, START)), (of_an_instance, (1.2, START)),
    (gaussian, (2.0,)), (limits, (0.5, 1.5, 2.0)), (of_an_array, (np.array([1.0, 2.0, 3.0]),)), (over_the_line, (1.3,)),
    (period, (2.0, 0.7)), (in_a_loop, (1.5, 0.5)), (until_it_is_one, (0.5,)), (of_a_tuple, (1.2, 0.7)),
    (of_arrays, (np.array([1.0, 2.0, 3.0]),)), (of_a_display, (1.5, 2.0)), (by_gauss, (0.1, 1.2, 2.0)),
    (by_gauss_with_arguments, (1.5,)),
]  # fmt: skip


@pytest.mark.parametrize(("f", "args"), INTEGRALS, ids=[f.__name__ for f, _ in INTEGRALS])
def test_integrals(f, args) -> None:
    ds.check_grads(f, args, order=2)


def nested(a, c):
    return integrate.quad(lambda x: integrate.quad(lambda y: a * x * y**2 + c, 0.0, c * x)[0], 0.0, 2.0)[0]


def test_nested_integrals() -> None:
    """The integral of `a x y**2 + c` over a triangle."""
    a, c = 2.0, 0.7
    right = (c**3 * 32 / 15, a * c**2 * 32 / 5 + 4 * c)
    assert ds.grad(nested, (0, 1))(a, c) == pytest.approx(right, rel=1e-12)
    assert ds.jacfwd(nested, (0, 1))(a, c) == pytest.approx(right, rel=1e-12)


def test_the_text_of_an_integral() -> None:
    text = str(ds.code_source(in_a_loop, 1.5, 0.5))
    assert "integrate.quad(gfun" not in text
    assert "integrate.quad(decay, 0.0, 1.0 + i, args=(a, b))" in text
    assert "integral_of_slope(decay, 0.0, " in text


# -- differential equations


def lotka_volterra(y, t, a, b):
    return np.array([a * y[0] - b * y[0] * y[1], b * y[0] * y[1] - y[1]])


def predators(y0, a, b):
    return np.sum(integrate.odeint(lotka_volterra, y0, T, args=(a, b), rtol=1e-11, atol=1e-12) ** 2)


def sir(y, t, beta, gamma):
    s, i, _ = y
    return [-beta * s * i, beta * s * i - gamma * i, gamma * i]


def calibration(rates, cases):
    found = integrate.odeint(sir, [0.99, 0.01, 0.0], T, args=(rates[0], rates[1]), rtol=1e-11, atol=1e-12)
    return np.sum((found[:, 1] - cases) ** 2)


def driven(k, y0):
    y = integrate.odeint(lambda y, t: -k * y + np.sin(t), y0, T, rtol=1e-11, atol=1e-12)
    return np.sum(y[:, 0] ** 3)


def turned(A, y0):
    return integrate.odeint(lambda y, t: A @ y, y0, T, rtol=1e-11, atol=1e-12)[-1, 0]


def time_first(k):
    start = [k, 1.0]
    return np.sum(integrate.odeint(lambda t, y: [-k * y[0], t * k], start, T, tfirst=True, rtol=1e-11, atol=1e-12)[2])


def predators_by_ivp(y0, a, b):
    sol = integrate.solve_ivp(
        lambda t, y, a, b: lotka_volterra(y, t, a, b), (0.0, 2.0), y0, args=(a, b), t_eval=T, rtol=1e-11, atol=1e-12
    )
    if not sol.success:
        raise RuntimeError(sol.message)
    return np.sum(sol.y**2)


def at_the_end(A, y0):
    sol = integrate.solve_ivp(lambda t, y: A @ y, [0, 2], y0, method="DOP853", rtol=1e-11, atol=1e-12)
    return sol.y[0, -1] * 2


def later(k):
    """Outputs that begin after the start, of equations in a loop."""
    s = 0.0
    for i in range(2):
        sol = integrate.solve_ivp(
            lambda t, y: [y[1], -k * (i + 1) * y[0]], (0, 2), [1.0, k], t_eval=np.array([0.5, 1.0]), rtol=1e-11, atol=1e-12
        )
        s += sol.y[0, 0] * sol.y[1, 1]
    return s


class Spring:
    def __init__(self, k, damping):
        self.k = k
        self.damping = damping

    def force(self, t, y):
        return [y[1], -self.k * y[0] - self.damping * y[1]]

    def run(self):
        return integrate.solve_ivp(self.force, (0, 1), [1.0, 0.0], rtol=1e-11, atol=1e-12).y[0, -1]


def of_a_method(k, damping):
    return Spring(k, damping).run()


def of_parameters(rates):
    p = {"in": rates[0], "out": rates[1:]}
    return integrate.odeint(lambda y, t: p["in"] - np.sum(p["out"]) * y, [1.0], T, rtol=1e-11, atol=1e-12)[-1, 0]


def of_the_start_alone(y0):
    y = integrate.odeint(lambda y, t: -y + np.cos(t), y0, T, rtol=1e-11, atol=1e-12)
    sol = integrate.solve_ivp(lambda t, y: -(y**2) + np.cos(t), (0, 1), y0, rtol=1e-11, atol=1e-12)
    return np.sum(sol.y[:, -1] ** 2) + np.sum(y**2)


def piece_by_piece(k):
    y, t = np.array([1.0, 0.0]), 0.0
    for _ in range(3):
        sol = integrate.solve_ivp(lambda t, y: [y[1], -k * y[0]], (t, t + 0.5), y, rtol=1e-11, atol=1e-12)
        y, t = sol.y[:, -1], t + 0.5
    return y[0]


def pushed(y, t, p):
    return np.array([p * y[0] - y[1] * np.sin(t), y[0] * y[1] - t * y[1]])


def at_times(y0, t, p):
    return np.sum(np.cos(integrate.odeint(pushed, y0, t, (p,), **TIGHT)) * np.arange(1.0, 2 * len(t) + 1).reshape(-1, 2))


def at_stretched_times(p, s):
    return integrate.odeint(lambda t, y: p * y * t, [s, 2.0], np.array([0.0, s, 2 * s]), tfirst=True, **TIGHT)


def between(t0, t1, p):
    sol = integrate.solve_ivp(lambda t, y: pushed(y, t, p), [t0, t1], START, rtol=1e-9, atol=1e-10)
    return sol.t[-1] * sol.y[0, -1] + sol.y[1, 0] * sol.t[0]


def of_a_span(span, p):
    return integrate.solve_ivp(lambda t, y: -p * t * y, span, [1.0], rtol=1e-9, atol=1e-10).y[0, -1]


def at_times_from(t0, t, p):
    sol = integrate.solve_ivp(lambda t, y: pushed(y, t, p), (t0, 1.5), START, "DOP853", t, rtol=1e-9, atol=1e-10)
    return sol.t @ sol.y[0]


def when_it_is_half(k):
    motion = lambda s: integrate.odeint(lambda y, t: -k * y, 1.0, np.array([0.0, s]), **TIGHT)  # noqa: E731
    return optimize.brentq(lambda s: motion(s)[-1, 0] - 0.5, 0.01, 5.0)


LATER = np.array([0.1, 0.5, 0.9])
MOTIONS = [
    (at_times, (START, LATER, 0.7)), (at_stretched_times, (0.7, 0.8)), (between, (0.1, 0.9, 0.7)), (of_a_span, ((0.2, 1.1), 0.7)),
    (of_a_span, (np.array([0.2, 1.1]), 0.7)), (at_times_from, (0.05, LATER, 0.7)), (when_it_is_half, (0.8,)),
    (of_a_method, (2.0, 0.3)), (of_parameters, (np.array([1.2, 0.4, 0.3]),)), (of_the_start_alone, (START,)),
    (piece_by_piece, (2.0,)),
    (predators, (START, 1.1, 0.7)), (calibration, (np.array([2.0, 0.5]), np.array([0.01, 0.05, 0.1, 0.1, 0.1]))),
    (driven, (0.7, 1.3)), (turned, (ROTATION, START)), (time_first, (0.7,)), (predators_by_ivp, (START, 1.1, 0.7)),
    (at_the_end, (ROTATION, START)), (later, (0.7,)),
]  # fmt: skip


@pytest.mark.parametrize(("f", "args"), MOTIONS, ids=[f"{f.__name__}{k}" for k, (f, _) in enumerate(MOTIONS)])
def test_differential_equations(f, args) -> None:
    ds.check_grads(f, args, order=2 if f in (calibration, at_the_end, of_a_span, at_stretched_times) else 1, rtol=1e-6)


@pytest.mark.parametrize("method", ["RK45", "RK23", "DOP853", "Radau", "BDF", "LSODA"])
def test_methods(method) -> None:
    """A decaying start: `y(1) = y0 exp(-k)`."""

    def f(k, y0):
        return integrate.solve_ivp(lambda t, y: -k * y, (0, 1), np.array([y0]), method=method, rtol=1e-7, atol=1e-9).y[0, -1]

    right = (-3.0 * np.exp(-0.7), np.exp(-0.7))
    assert ds.grad(f, (0, 1))(0.7, 3.0) == pytest.approx(right, rel=2e-5)
    assert ds.jacfwd(f, (0, 1))(0.7, 3.0) == pytest.approx(right, rel=2e-5)


def test_the_text_of_a_motion() -> None:
    text = str(ds.code_source(predators, START, 1.1, 0.7))
    assert "integrate.odeint(lotka_volterra, y0, T, args=(a, b), rtol=1e-11, atol=1e-12)" in text
    assert "adjoint(lotka_volterra, " in text
    assert "range(len(t) - 1, 0, -1)" in text


# -- what isn't differentiated


def _ivp(a, **options):
    return np.sum(integrate.solve_ivp(lambda t, y: -a * y, (0, 1), START, **options).y)


def error_estimate(a):
    return gaussian(a) + integrate.quad(lambda x: np.exp(-a * x), 0.0, 1.0)[1]


REFUSED = [
    (lambda a: integrate.quad(lambda x: np.exp(-a * x**2), 0.0, 1.0, points=[0.5])[0], "over pieces"),
    (lambda a: integrate.quad(lambda x: a * x, 0.0, 1.0, weight="cos", wvar=1.0)[0], "with a weight"),
    (lambda a: integrate.quad(lambda x: a * x, 0.0, 1.0, full_output=1)[0], "holds more"),
    (lambda a: integrate.dblquad(lambda y, x: a * x * y, 0, 1, 0, 1)[0], "nested integrals"),
    (lambda a: integrate.nquad(lambda x, y: a * x * y, [(0, 1), (0, 1)])[0], "nested integrals"),
    (lambda a: integrate.tanhsinh(lambda x: a * x, 0, 1).integral, "use quad"),
    (lambda a: _ivp(a, dense_output=True), "solver chooses"),
    (lambda a: _ivp(a, vectorized=True), "vectorized"),
    (lambda a: _ivp(a, events=lambda t, y: y[0] - 0.5), "event"),
    (lambda a: np.sum(integrate.odeint(lambda y, t: -a * y, START, T, full_output=1)[0]), "full_output"),
    (lambda a: integrate.solve_bvp(lambda x, y: a * y, lambda p, q: p - q, T, np.ones((2, 5))).y[0, 0], "custom_root"),
]  # fmt: skip


@pytest.mark.parametrize(("f", "why"), REFUSED, ids=[why for _, why in REFUSED])
def test_what_is_refused(f, why) -> None:
    for run in (ds.grad(f), ds.jacfwd(f)):
        with pytest.raises(ds.UnsupportedError, match=why):
            run(2.0)


def test_error_estimates_have_no_derivative() -> None:
    with pytest.raises(ds.UnsupportedError, match="error estimate"):
        ds.grad(error_estimate)(2.0)
    assert np.isnan(ds.jacfwd(error_estimate)(2.0))


def test_every_function_is_decided() -> None:
    """Each public function has a row that differentiates it or says why not; classes have none."""
    for name in dir(integrate):
        fn = getattr(integrate, name)
        if name.startswith("_") or not callable(fn) or isinstance(fn, type) or name == "test":
            continue
        row = table.lookup(fn)
        assert row is not None, name
        assert row.family == "zero" or row.solver.why or row.solver.equation
