"""Splines and interpolators as objects: in their values and at their points."""

import numpy as np
import pytest
from scipy import interpolate
from scipy.interpolate import CubicSpline, PPoly

import diffsrc as ds

X = np.array([0.0, 0.7, 1.5, 2.0, 3.1, 4.0])
Y = np.sin(X) + 0.3
POINTS = np.array([0.2, 0.7, 1.9, 3.6, 4.5, -0.3])
FIXED = CubicSpline(X, Y)


def check(f, *args, order=2):
    out, _ = ds.value_and_grad(f, tuple(range(len(args))))(*args)
    assert out == f(*args)
    ds.check_grads(f, args, order=order)


BOUNDARIES = {
    "not-a-knot": "not-a-knot",
    "natural": "natural",
    "clamped": "clamped",
    "periodic": "periodic",
    "slopes": ((1, 0.5), (1, -0.2)),
    "curvatures": ((2, 0.5), (2, -0.2)),
    "mixed": ("not-a-knot", (1, 0.3)),
}


@pytest.mark.parametrize("n", [2, 3, 4, 6])
@pytest.mark.parametrize("bc", BOUNDARIES)
def test_boundaries(bc, n):
    bc_type, x = BOUNDARIES[bc], X[:n]

    def f(y, t):
        y = np.append(y[:-1], y[0]) if bc_type == "periodic" else y
        s = CubicSpline(x, y, bc_type=bc_type)
        return np.sum(s(t) ** 2) + s(t[1], 1) * s(t[0], nu=2)

    check(f, Y[:n], 0.25 + POINTS)


@pytest.mark.parametrize("extrapolate", [None, True, False, "periodic"])
def test_outside(extrapolate):
    def f(y, t):
        s = CubicSpline(X, y, extrapolate=extrapolate)
        return np.nansum(s(t) ** 2)

    check(f, Y, POINTS[:4] if extrapolate is False else POINTS + 0.01, order=1)


@pytest.mark.parametrize("axis", [0, 1, -1])
@pytest.mark.parametrize("shape", [(), (2,), (1, 3)])
def test_several_values_at_a_point(axis, shape):
    y = np.moveaxis(np.random.default_rng(0).normal(size=(6, *shape)), 0, axis if shape else 0)
    axis = axis if shape else 0

    def f(y, t):
        s = CubicSpline(X, y, axis=axis)
        return np.sum(s(t) ** 3) + np.sum(s(t[0, 0], 1) ** 2)

    check(f, y, np.array([[0.3, 1.1], [2.2, 5.0]]))


def test_complex_values():
    def f(y, t):
        return np.sum(np.abs(CubicSpline(X, y)(t)) ** 2)

    check(f, Y + 0.5j * np.cos(X), POINTS + 0.01, order=1)


def test_single_precision():
    def f(y, t):
        return np.sum(CubicSpline(X, y)(t) ** 2)

    one, two = ds.grad(f, (0, 1))(Y.astype(np.float32), POINTS.astype(np.float32))
    assert one.dtype == two.dtype == np.float32
    np.testing.assert_allclose(one, ds.grad(f)(Y, POINTS), rtol=1e-4)


def derivatives(y, t):
    s = CubicSpline(X, y)
    return np.sum(s.derivative()(t) * s.derivative(2)(t)) + np.sum(s.antiderivative()(t) ** 2) + s.derivative(nu=3)(t[0])


def integrals(y, t):
    s = CubicSpline(X, y, bc_type="natural")
    return s.integrate(t[0], t[1]) ** 2 + np.sum(s.antiderivative().derivative()(t) ** 2)


def coefficients(y, t):
    s = CubicSpline(X, y)
    return np.sum(s.c**2) + np.sum(FIXED.x) * s.c[1, 2] * t[0]


def given(y, t):
    p = PPoly(np.stack([y[:5], y[1:], y[:5] ** 2]), X)
    return np.sum(p(t) ** 2)


def in_a_loop(y, t):
    s = CubicSpline(X, y, bc_type="natural")
    total = 0.0
    for k in range(len(t)):
        total += s(t[k]) ** 2
    return total


def chosen(y, t):
    s = CubicSpline(X, y)
    if y[0] > 0:
        s = CubicSpline(X, y**2, bc_type="clamped")
    return np.sum(s(t))


def remade(y, t):
    s = CubicSpline(X, y)
    for _ in range(3):
        s = CubicSpline(X, np.sin(s(X)) + t[0])
    return np.sum(s(t) ** 2)


def kept(y, t):
    splines = [CubicSpline(X, y * k) for k in (1.0, 2.0)]
    return value(splines[0], t) * value(splines[1], t[:2])


def value(spline, t):
    return np.sum(spline(t))


class Curve:
    def __init__(self, y):
        self.x = CubicSpline(X, np.cos(y))
        self.y = CubicSpline(X, y)

    def length(self, t):
        return np.sum(np.sqrt(self.x(t, 1) ** 2 + self.y(t, 1) ** 2))


def in_an_instance(y, t):
    return Curve(y).length(t)


def constant(y, t):
    return FIXED(t[0]) * np.sum(y) + np.sum(FIXED(t, 1) ** 2) + FIXED.c[0, 0] * y[1]


def of_two_kinds(y, t):
    s = CubicSpline(X, y) if y[0] > 5 else interpolate.PchipInterpolator(X, y)
    return np.sum(s(t) ** 2) * (2.0 if isinstance(s, CubicSpline) else 3.0)


def in_dicts_and_lambdas(y, t):
    kept = {"a": CubicSpline(X, y), "b": CubicSpline(X, y**2)}
    scaled = lambda x: kept["a"](x) * y[0]  # noqa: E731
    return np.sum(scaled(t) * kept["b"](t)) + CubicSpline(X, y)([1.0, t[0]]).sum()


FITTED = interpolate.UnivariateSpline(X, Y, s=0)
SURFACE = interpolate.RectBivariateSpline(X, X, np.outer(Y, np.cos(X)))
TCK = interpolate.splrep(X, Y)


def fitted(y, t):
    t = np.abs(t)
    bent = FITTED(t) * interpolate.splev(t, TCK) + SURFACE.ev(t, 0.5 * t[0])
    return np.sum(bent) * y[0] + FITTED.integral(t[0], t[1])


HELD = interpolate.UnivariateSpline(X, Y, s=0, ext=3)


def held_at_the_boundary(y, t):
    return np.sum(HELD(t) ** 2) * y[0] + np.sum(FITTED(t, 1, ext=1)) + np.sum(SURFACE.ev(t, t[0]))


@pytest.mark.parametrize(
    "f",
    [
        of_two_kinds, in_dicts_and_lambdas, fitted, held_at_the_boundary, derivatives, integrals, coefficients, given,
        in_a_loop, chosen, remade, kept, in_an_instance, constant,
    ],
    ids=lambda f: f.__name__,
)  # fmt: skip
def test_programs(f):
    check(f, Y, POINTS + 0.01)


def test_a_spline_that_is_an_argument():
    def f(t, s):
        return np.sum(s(t) ** 2)

    np.testing.assert_allclose(ds.grad(f)(POINTS, FIXED), 2 * FIXED(POINTS) * FIXED(POINTS, 1))


def test_fitting_the_values_of_a_spline():
    """Gauss-Newton by the Jacobian finds the values that made the data."""
    t = np.linspace(0.1, 3.9, 30)
    data = CubicSpline(X, Y)(t)

    def residuals(y):
        return CubicSpline(X, y)(t) - data

    y = np.zeros_like(Y)
    y = y - np.linalg.lstsq(ds.jacobian(residuals)(y), residuals(y))[0]
    np.testing.assert_allclose(y, Y, atol=1e-12)


def test_what_an_expert_would_write():
    text = str(ds.code_source(in_a_loop, Y, POINTS))
    lines = [line.strip().partition("  #")[0] for line in text.splitlines()]
    assert "s = interpolate.CubicSpline(X, y, bc_type='natural')" in lines
    assert any(line.endswith(" = s(t[k])") for line in lines)
    assert any(line.startswith("return total, spline_back(ds_contents, s, 'natural')") for line in lines)


@pytest.mark.parametrize(
    ("f", "reason"),
    [
        (lambda x: CubicSpline(x, Y)(1.5), "the knots x"),
        (lambda x: np.sum(CubicSpline(x, Y).x ** 2), "the knots"),
        (lambda y: CubicSpline(X, Y, bc_type=((1, y[0]), (1, 0.0)))(1.5), "boundary values"),
        (lambda y: CubicSpline(X, y).roots()[0], "the method .roots() of a spline"),
        (lambda y: CubicSpline(X, y)(1.5, extrapolate=y[0]), "extrapolate"),
        (lambda y: interpolate.UnivariateSpline(X, y)(1.5), "how a spline is fitted has no rule"),
        (lambda y: interpolate.splev(1.5, interpolate.splrep(X, y)), "`scipy.interpolate.splev` has no derivative"),
        (lambda y: interpolate.RBFInterpolator(X[:, None], y)(X[:1, None])[0], "RBFInterpolator` has no derivative"),
        (lambda y: interpolate.griddata((X, X), y, (0.5, 0.5)), "`scipy.interpolate.griddata` has no derivative"),
        (lambda y: CubicSpline(X, y).antiderivative(2)(1.0), "antiderivative"),
        (lambda y: CubicSpline(X, y), "returns"),
    ],
)
def test_refusals(f, reason):
    with pytest.raises(ds.UnsupportedError) as found:
        ds.grad(f)(Y)
    assert reason in found.value.reason


def test_coefficients_that_are_written_later():
    def f(y):
        c = np.stack([y[:5], y[1:]])
        p = PPoly(c, X)
        c[0] = 0.0
        return p(1.5)

    with pytest.raises(ds.UnsupportedError, match="may keep|may share the memory"):
        ds.grad(f)(Y)
