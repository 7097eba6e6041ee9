"""Splines in a basis, monotone and Akima splines, `interp1d`, interpolation on grids: in values and at points."""

import numpy as np
import pytest
from scipy.interpolate import (
    Akima1DInterpolator,
    BSpline,
    CubicHermiteSpline,
    PchipInterpolator,
    RegularGridInterpolator,
    interp1d,
    make_interp_spline,
)

import diffsrc as ds
from diffsrc.runtime import splines

X = np.array([0.0, 0.7, 1.5, 2.0, 3.1, 4.0])
Y = np.sin(X) + 0.3
POINTS = np.array([0.3, 1.2, 2.2, 3.7])


def check(f, *args, order=2):
    out, _ = ds.value_and_grad(f, tuple(range(len(args))))(*args)
    assert out == f(*args)
    ds.check_grads(f, args, order=order)


# splines in a basis

KNOTS = np.array([0.0, 0.0, 0.0, 0.0, 1.0, 2.5, 4.0, 4.0, 4.0, 4.0])
COEFFICIENTS = np.array([1.0, 0.5, -0.3, 0.8, 0.2, 0.4])
FIXED = BSpline(KNOTS, COEFFICIENTS, 3)


def in_a_basis(c, x):
    s = BSpline(KNOTS, c, 3)
    return np.sum(s(x) ** 2) + s(x[0], 1) ** 2 + np.sum(s.c)


def in_a_basis_of_several(c, x):
    s = BSpline(KNOTS, np.stack([c, c**2], axis=1), 3)
    return np.sum(s(x) ** 2) + np.sum(s.derivative()(x) ** 3)


def changed(c, x):
    s = BSpline(KNOTS, c, 3)
    return np.sum(s.derivative(2)(x) ** 3) + s.integrate(x[0], x[1]) ** 2 + np.sum(s.antiderivative()(x) ** 2)


def fixed(c, x):
    return np.sum(FIXED(x) ** 2) * FIXED.c[2] * c[0]


@pytest.mark.parametrize("f", [in_a_basis, in_a_basis_of_several, changed, fixed], ids=lambda f: f.__name__)
def test_splines_in_a_basis(f):
    check(f, COEFFICIENTS, POINTS)


ENDS = {"none": None, "natural": "natural", "clamped": "clamped", "periodic": "periodic", "given": ([(1, 0.3)], [(2, 0.1)])}


@pytest.mark.parametrize("bc", ENDS)
def test_interpolating_splines(bc):
    bc_type = ENDS[bc]

    def f(y, x):
        y = np.append(y[:-1], y[0]) if bc_type == "periodic" else y
        return np.sum(make_interp_spline(X, y, bc_type=bc_type)(x) ** 2)

    check(f, Y, POINTS)


@pytest.mark.parametrize("k", [1, 2, 3, 5])
def test_degrees_of_interpolating_splines(k):
    def f(y, x):
        s = make_interp_spline(X, np.stack([y, y**2], axis=1), k=k)
        return np.sum(s(x) ** 2) + np.sum(s(x[0], nu=1))

    check(f, Y, POINTS)


# splines by slopes


def test_slopes_are_those_of_scipy():
    rng = np.random.default_rng(0)
    for k in range(60):
        n = rng.integers(3, 9)
        x, y = np.cumsum(rng.uniform(0.2, 1.0, n)), rng.normal(size=n)
        y = np.sort(y) if k % 3 == 0 else y
        if k % 7 == 0:
            y[1] = y[0]
        np.testing.assert_allclose(splines.pchip_coefficients(x, y), PchipInterpolator(x, y).c, atol=1e-11)
        np.testing.assert_allclose(splines.akima_coefficients(x, y), Akima1DInterpolator(x, y).c, atol=1e-11)


def monotone(y, x):
    return np.sum(PchipInterpolator(X, y)(x) ** 2)


def akima(y, x):
    return np.sum(Akima1DInterpolator(X, y)(x) ** 2)


def hermite(y, x):
    s = CubicHermiteSpline(X, y, np.cos(y))
    return np.sum(s(x) ** 2) + s.integrate(0.0, x[1]) + np.sum(s.derivative()(x) ** 2)


@pytest.mark.parametrize("y", [Y, Y**2 * [1, -1, 1, 1, 2, 3]], ids=["smooth", "turning"])
@pytest.mark.parametrize("f", [monotone, akima, hermite], ids=lambda f: f.__name__)
def test_splines_by_slopes(f, y):
    check(f, y, POINTS)


# interp1d

KINDS = ["linear", "nearest", "zero", "slinear", "quadratic", "cubic", "previous", "next"]


@pytest.mark.parametrize("fill", [np.nan, "extrapolate", 0.3, (0.1, 0.5)], ids=["nan", "extrapolate", "number", "pair"])
@pytest.mark.parametrize("kind", KINDS)
def test_kinds(kind, fill):
    def f(y, x):
        return np.nansum(interp1d(X, y, kind=kind, fill_value=fill, bounds_error=False)(x) ** 2)

    check(f, Y, POINTS)
    if isinstance(fill, float) and fill == fill:
        check(f, Y, POINTS + 2.0, order=1)


@pytest.mark.parametrize("kind", ["linear", "cubic", "nearest"])
@pytest.mark.parametrize("axis", [0, 1, -1])
def test_axes_and_unsorted_points(kind, axis):
    order = np.array([3, 1, 0, 5, 4, 2])
    y = np.stack([Y, Y**2, np.cos(Y)])[:, order]
    y = y.T.copy() if axis == 0 else y

    def f(y, x):
        g = interp1d(X[order], y, kind, axis=axis, fill_value="extrapolate")
        return np.sum(g(x) ** 2) + np.sum(g(x[0, 0]) ** 3)

    check(f, y, POINTS[:, None] + np.array([0.0, 0.1]))


def table(y, x):
    f = interp1d(X, y)
    total = 0.0
    for k in range(len(x)):
        total += f(x[k]) ** 2
    return total


def test_a_table_in_a_loop():
    check(table, Y, POINTS)


def test_a_constant_table():
    f = interp1d(X, Y, "cubic")
    check(lambda x: np.sum(f(x) ** 2), POINTS)


# grids

GX, GY = np.array([0.0, 1.0, 2.5, 4.0]), np.array([0.0, 0.7, 2.0])
VALUES = np.sin(GX)[:, None] + GY**2
PLACES = np.array([[0.3, 0.4], [1.7, 1.1], [3.3, 1.9]])
POTENTIAL = RegularGridInterpolator((GX, GY), VALUES)


def on_a_grid(v, x):
    return np.sum(RegularGridInterpolator((GX, GY), v)(x) ** 2)


def beyond(v, x):
    f = RegularGridInterpolator((GX, GY), v, bounds_error=False, fill_value=None)
    return np.sum(f((x[:, 0], x[:, 1] + 2.0)) ** 2) + f((x[0, 0], x[1, 1])) ** 3 + f((x[0, 0], x[:, 1]))[1]


def descending(v, x):
    f = RegularGridInterpolator((GX[::-1], GY), v, method="linear")
    return np.sum(f(x) ** 2) + np.sum(f(x[0]) ** 2)


def nearest(v, x):
    return np.sum(RegularGridInterpolator((GX, GY), v, method="nearest")(x) ** 2)


def with_zeros_outside(v, x):
    f = RegularGridInterpolator((GX, GY), v, bounds_error=False, fill_value=0.0)
    return np.sum(f(x * 1.3) ** 3)


def of_a_constant(v, x):
    return np.sum(POTENTIAL(x) ** 2) * POTENTIAL.values[1, 1] * v[0, 0]


def descent(v, x):
    f = RegularGridInterpolator((GX, GY), v)
    p = x[0]
    for _ in range(4):
        p = p + 0.05 * np.array([f((p[0], p[1])), 0.1])
    return np.sum(p**2)


@pytest.mark.parametrize(
    "f",
    [on_a_grid, beyond, descending, nearest, with_zeros_outside, of_a_constant, descent],
    ids=lambda f: f.__name__,
)
def test_grids(f):
    check(f, VALUES + 0.2, PLACES)


def test_grids_of_other_ranks():
    def line(v, x):
        return np.sum(RegularGridInterpolator((GX,), v)(x) ** 2)

    def cube(v, x):
        return np.sum(RegularGridInterpolator((GX, GY, GX), v)(x) ** 3)

    rng = np.random.default_rng(0)
    check(line, VALUES[:, 0] + 0.2, np.array([0.2, 3.0]))
    check(cube, rng.normal(size=(4, 3, 4)), rng.uniform(0.1, 1.9, (2, 5, 3)))


@pytest.mark.parametrize(
    ("f", "reason"),
    [
        (lambda t: BSpline(t, COEFFICIENTS, 3)(1.5), "`scipy.interpolate.BSpline.c` has no derivative"),
        (lambda x: np.sum(BSpline(KNOTS, COEFFICIENTS, 3)(1.5, nu=x[0])), "nu"),
        (lambda x: interp1d(x, Y)(1.5), "the points x"),
        (lambda x: interp1d(X, Y, fill_value=x[0], bounds_error=False)(9.0), "fill_value"),
        (lambda x: CubicHermiteSpline(x, Y, Y)(1.5), "its knots x"),
        (lambda y: Akima1DInterpolator(X, y, method="makima")(1.5), "method="),
        (lambda x: RegularGridInterpolator((x[:4], GY), VALUES)((1.0, 1.0)), "only the values and the points"),
        (lambda x: RegularGridInterpolator((GX, GY), VALUES * x[0], method="cubic")((1.0, 1.0)), "another method"),
        (lambda x: POTENTIAL((x[0], 1.0), method="nearest"), "method"),
    ],
)
def test_refusals(f, reason):
    with pytest.raises(ds.UnsupportedError) as found:
        ds.grad(f)(np.linspace(0.5, 1.5, 10) if "BSpline" in reason else X + 0.1)
    assert reason in found.value.reason
