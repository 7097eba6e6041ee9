"""Every elementwise and select row of the table, in all modes, at points of its domain."""

import itertools
import math
import operator

import numpy as np
import pytest

from diffsrc.defs.table import BY_NAME as EVERY
from tests.rules.harness import OF_PARAMETERS, check, check_narrow, evaluate, jvp, row, vjp

BY_NAME = {n: d for n, d in EVERY.items() if not n.startswith("scipy.") and n not in OF_PARAMETERS}
ROWS = {n: d for n, d in BY_NAME.items() if d.family in ("elementwise", "select") and d.fn is not np.where}
POWERS = {n: BY_NAME[n] for n in ("pow", "np.power", "np.float_power")}
SCALARS = ("math.", "cmath.")
ARRAYS = {n: d for n, d in ROWS.items() if not n.startswith(SCALARS) and n not in ("float", "complex")}
ARRAYS |= POWERS
HOLOMORPHIC = [
    "add", "sub", "mul", "truediv", "neg", "pos", "np.add", "np.subtract", "np.multiply", "np.divide",
    "np.negative", "np.positive", "np.square", "np.reciprocal", "np.exp", "np.exp2", "np.expm1", "np.log",
    "np.log2", "np.log10", "np.log1p", "np.sqrt", "np.sin", "np.cos", "np.tan", "np.arcsin", "np.arccos",
    "np.arctan", "np.sinh", "np.cosh", "np.tanh", "np.arcsinh", "np.arccosh", "np.arctanh", "pow",
    "np.power",
]  # fmt: skip
#: the result jumps by rounding, so differences of it say nothing
NO_DIFFERENCES = {"np.nextafter", "math.nextafter", "np.heaviside"}


def draw(d, *shapes, seed=0):
    rng = np.random.default_rng(seed)
    low, high = d.domain
    if "ldexp" in d.name:
        return rng.uniform(low, high, shapes[0])[()], rng.integers(-3, 4, shapes[1]) if shapes[1] else 3
    return tuple(rng.uniform(low, high, s) if s != () else float(rng.uniform(low, high)) for s in shapes)


def arity(d):
    return len(d.partials) or 2


@pytest.mark.parametrize("name", sorted(ROWS))
def test_text_parses_and_evaluates(name):
    d = ROWS[name]
    args = draw(d, *[()] * arity(d))
    out = d.fn(*args)
    for partial in d.partials:
        if partial is not None:
            assert partial.free <= {*d.params, "out", "math", "cmath", "polygamma", "bessel_i"} | set(vars(np))
            value = evaluate(partial, d, out, args)
            assert np.shape(value) == ()
            assert partial.text
            if d.family == "select":
                assert np.asarray(value).dtype == bool


@pytest.mark.parametrize("name", sorted({*ROWS, *POWERS} - NO_DIFFERENCES))
def test_scalars(name):
    d = BY_NAME[name]
    for seed in range(3):
        check(d.fn, *draw(d, *[()] * arity(d), seed=seed))


@pytest.mark.parametrize("name", sorted(set(ARRAYS) - NO_DIFFERENCES))
def test_arrays_and_broadcasting(name):
    d = ARRAYS[name]
    shapes = [(3,), (2, 3), (1,), (0,), (2, 0)]
    pairs = [((), (3,)), ((3,), ()), ((2, 3), (3,)), ((2, 1), (1, 3)), ((1, 3), (2, 3)), ((1,), (4,))]
    pairs.append(((2, 1, 2), (3, 1)))
    cases = [(s,) * arity(d) for s in shapes] + (pairs if arity(d) == 2 else [])
    for seed, case in enumerate(cases):
        check(d.fn, *draw(d, *case, seed=seed))


@pytest.mark.parametrize("name", sorted(set(ARRAYS) - NO_DIFFERENCES - {"np.float_power"}))
def test_single_precision(name):
    d = ARRAYS[name]
    check_narrow(d.fn, *draw(d, *[(3,)] * arity(d)))
    if arity(d) == 2 and d.family == "elementwise":
        a, b = draw(d, (2, 3), (3,))
        check_narrow(d.fn, a, b)


@pytest.mark.parametrize("name", HOLOMORPHIC)
def test_complex(name):
    d = BY_NAME[name]
    args = draw(d, *[(3,)] * arity(d))
    turned = tuple(a + 0.3j * b for a, b in zip(args, draw(d, *[(3,)] * arity(d), seed=1)))
    check(d.fn, *turned)
    if arity(d) == 2:
        check(d.fn, turned[0], args[1])
        check(d.fn, args[0], turned[1])


@pytest.mark.parametrize("name", [n for n in HOLOMORPHIC if arity(BY_NAME[n]) == 1])
def test_complex_in_every_quadrant(name):
    """Inverse functions have branch cuts, beyond which a root of a product takes the wrong sign."""
    check(BY_NAME[name].fn, np.array([1.5 + 0.3j, -1.5 + 0.3j, -1.5 - 0.3j, 1.5 - 0.3j, 0.4 + 0.2j, -0.4 - 0.2j]))


def test_terms_without_weight():
    a, b = np.array([-np.inf, 0.0, 1.0]), np.array([-np.inf, -np.inf, 1.0])
    for fn in (np.logaddexp, np.logaddexp2):
        d, out = row(fn), fn(a, b)
        assert np.allclose(vjp(d, 0, np.ones(3), out, (a, b), {}), [0.0, 1.0, 0.5])
        assert np.allclose(vjp(d, 1, np.ones(3), out, (a, b), {}), [0.0, 0.0, 0.5])


def test_where():
    c = np.array([True, False, True])
    x, y = np.array([1.0, 2.0, 3.0]), np.array([[4.0], [5.0]])
    check(np.where, c, x, y)
    check(np.where, c, 2.0, y)
    check(np.where, np.array([1.0, 0.0, -1.0]), x, x * x, wrt=(1, 2))
    check_narrow(np.where, c, x, y)


def test_clip_at_its_bounds():
    """Exactly one argument passes, in every order of the three and where they are equal: x where it can, then the upper
    bound; either bound may be missing."""
    d = BY_NAME["np.clip"]
    x, low, high = (np.ravel(g) for g in np.meshgrid(*[[0.0, 1.0, 2.0]] * 3))
    for args in ((x, low, high), (x, low, None), (x, None, high)):
        out = np.clip(*args)
        there = [k for k, a in enumerate(args) if a is not None]
        masks = [np.broadcast_to(evaluate(d.partials[k], d, out, args), x.shape) for k in there]
        np.testing.assert_array_equal(np.sum(masks, axis=0), 1)
        for k, mask in zip(there, masks):
            np.testing.assert_array_equal(out[mask], args[k][mask])
        inside = np.ones(x.shape, bool)
        inside &= True if args[1] is None else low <= x
        inside &= True if args[2] is None else x <= high
        np.testing.assert_array_equal(masks[0], inside)
    assert evaluate(d.partials[0], d, x, (x, None, None)) is True


CLIPS = [(-0.5, 0.7), (None, 0.7), (-0.5, None), (0.7, -0.5)]


@pytest.mark.parametrize(("low", "high"), CLIPS)
def test_clip(low, high):
    x = np.array([[-1.3, -0.2], [0.4, 1.9]])
    check(np.clip, x, low, high)
    check(np.clip, x, *(None if b is None else np.array([b, b + 0.05]) for b in (low, high)))
    check(np.clip, 0.3, low, high)
    check_narrow(np.clip, x, low, high)


@pytest.mark.parametrize("fn", [np.abs, abs, np.fabs, np.ldexp, np.real, np.imag, np.conj, np.angle])
def test_other_rows_on_reals(fn):
    x = np.array([[1.5, -0.4, 0.7], [0.3, -2.0, 1.1]])
    args = (x, np.array([1, -2, 3])) if fn is np.ldexp else (x,)
    if fn is np.angle:
        args = (np.abs(x),)
    check(fn, *args)
    check_narrow(fn, *args)
    check(fn, x[0, 0], *(a[0] for a in args[1:]))


@pytest.mark.parametrize("fn", [np.abs, abs, np.real, np.imag, np.conj, np.angle])
def test_other_rows_on_complex_numbers(fn):
    z = np.array([1.5 + 0.3j, -0.4 - 1j, 0.7 + 2j])
    check(fn, z)
    check_narrow(fn, z)
    check(fn, complex(z[0]))


@pytest.mark.parametrize("x", [np.array([1.5, 0.0, -2.0]), 0.0, -1.0], ids=str)
def test_angle_of_real_numbers_is_constant(x):
    for rule in (jvp, vjp):
        np.testing.assert_array_equal(rule(row(np.angle), 0, np.ones_like(x), np.angle(x), (x,), {}), np.zeros_like(x))


def test_angle_in_degrees():
    check(np.angle, np.array([1.5 + 0.3j, -0.4 - 1j]), deg=True)


def test_heaviside_and_nextafter():
    d = BY_NAME["np.heaviside"]
    x = np.array([-1.0, 0.0, 2.0])
    assert d.partials[0] is None
    np.testing.assert_array_equal(evaluate(d.partials[1], d, None, (x, 0.5)), [False, True, False])
    assert BY_NAME["np.nextafter"].partials[0].text == "1"


def test_sinc_near_its_series():
    for x in (0.0, 1e-9, 1e-3, 0.049, 0.0501, 0.06):
        check(np.sinc, x)
    rule = BY_NAME["np.sinc"]
    x = np.array([0.0, 1e-7, 0.049, 0.051, 1.0])
    k = np.arange(1, 20)
    factorials = np.array([float(math.factorial(2 * n + 1)) for n in k])
    want = [np.sum((-1.0) ** k * 2 * k * np.pi ** (2 * k) * v ** (2 * k - 1) / factorials) for v in x]
    np.testing.assert_allclose(evaluate(rule.partials[0], rule, np.sinc(x), (x,)), want, rtol=1e-12)


# -- singular points and extreme values

SPECIAL = [0.0, -0.0, 1.0, -1.0, 2.0, 0.5, -3.0, 1e-200, 1e200, 5e-324, 1e308, math.inf, -math.inf]
SPECIAL.append(math.nan)


def _kinds(values):
    yield tuple(values)
    yield tuple(map(np.float64, values))
    yield tuple(np.array([v]) for v in values)
    if len(values) == 2:
        yield values[0], np.float64(values[1])
        yield np.float64(values[0]), values[1]


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("name", sorted(ROWS))
def test_partials_never_raise_where_the_function_does_not(name):
    d = ROWS[name]
    mixed = d.fn in (operator.truediv, operator.mod)  # NumPy number / Python 0.0: the cotangent is divided
    for point in itertools.product(SPECIAL, repeat=arity(d)):
        for args in _kinds(point):
            if mixed and point[1] == 0 and type(args[0]) is not float and type(args[1]) is float:
                continue
            try:
                out = d.fn(*args)
            except (ValueError, ArithmeticError, TypeError):
                continue
            for partial in d.partials:
                if partial is not None:
                    evaluate(partial, d, out, args)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("name", sorted(ROWS))
def test_what_is_not_singular_is_finite(name):
    """A partial is finite at finite arguments, at poles too, unless its row says `singular`."""
    d = ROWS[name]
    ordinary = [v for v in SPECIAL if v == 0 or 1e-100 < abs(v) < 1e100]
    for point in itertools.product(ordinary, repeat=arity(d)):
        try:
            out = d.fn(*point)
        except (ValueError, ArithmeticError, TypeError):
            continue
        for partial in d.partials:
            if partial is not None and not partial.singular and not np.isnan(out):
                assert np.isfinite(evaluate(partial, d, out, point)), (point, partial.text)


# -- facts

#: functions that are the same but for what they take, or mirror each other
SAME = [
    ("add", "np.add"), ("sub", "np.subtract"), ("mul", "np.multiply"), ("truediv", "np.divide"), ("neg", "np.negative"),
    ("pos", "np.positive"), ("abs", "np.abs"), ("np.maximum", "np.minimum"), ("np.fmax", "np.fmin"),
    ("np.maximum", "np.fmax"), ("np.arcsin", "np.arccos"), ("np.log2", "np.log10"), ("np.deg2rad", "np.radians"),
    ("np.rad2deg", "np.degrees"), ("np.log", "np.log2"), ("np.logaddexp", "np.logaddexp2"),
]  # fmt: skip
NUMPY_NAMES = {
    "asin": "arcsin", "acos": "arccos", "atan": "arctan", "asinh": "arcsinh", "acosh": "arccosh", "atanh": "arctanh",
    "atan2": "arctan2",
}  # fmt: skip
SAME += [
    (n, same) for n, d in ROWS.items() if n.startswith("math.") and d.partials
    and (same := f"np.{NUMPY_NAMES.get(n[5:], n[5:])}") in ROWS and len(ROWS[same].partials) == len(d.partials)
]  # fmt: skip


@pytest.mark.parametrize(("one", "other"), SAME)
def test_the_same_function_has_the_same_facts(one, other):
    a, b = BY_NAME[one], BY_NAME[other]
    assert (a.family, a.cheap, a.kink, a.domain) == (b.family, b.cheap, b.kink, b.domain)


def test_domains_have_points():
    for d in BY_NAME.values():
        assert d.domain[0] + 0.5 <= d.domain[1], d.name


def test_what_selects_rounds_or_compares_is_cheap():
    for d in BY_NAME.values():
        rounds = d.family == "zero" and isinstance(d.fn, np.ufunc)
        if rounds or (d.family == "select" and d.fn is not np.nan_to_num and d.fn is not np.heaviside):
            assert d.cheap, d.name


# -- powers

_ALL_POWERS = [operator.pow, pow, np.power, np.float_power]


def _rules(fn, x, p):
    d, out = row(fn), fn(x, p)
    return [rule(d, i, np.ones_like(out)[()], out, (x, p), {}) for rule in (jvp, vjp) for i in (0, 1)]


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("fn", _ALL_POWERS)
@pytest.mark.parametrize("kind", [float, np.float64, lambda v: np.array([v])])
def test_power_at_zero(fn, kind):
    for p, slope in ((0.0, 0.0), (1.0, 1.0), (2.0, 0.0), (3.0, 0.0), (0.5, np.inf)):
        for exponent in (p, kind(p)):
            dx, dp, cx, cp = _rules(fn, kind(0.0), exponent)
            assert np.all(dx == slope)
            assert np.all(cx == slope)
            assert np.all(dp == 0)
            assert np.all(cp == 0)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("fn", _ALL_POWERS)
def test_power_rules_never_raise_where_powers_do_not(fn):
    for point in itertools.product(SPECIAL, repeat=2):
        for x, p in _kinds(point):
            try:
                if isinstance(fn(x, p), complex):
                    continue
            except (ValueError, ArithmeticError, TypeError):
                continue
            _rules(fn, x, p)


@pytest.mark.parametrize("p", [-3, -1, 0, 1, 2, 3, 4, 0.5, 1.5, -0.5, 2.0])
def test_literal_powers(p):
    for fn in _ALL_POWERS:
        check(fn, np.array([0.5, 1.5, 2.5]), p, wrt=(0,))
        check(fn, 1.7, p, wrt=(0,))
    check_narrow(operator.pow, np.array([0.5, 1.5, 2.5]), p)
    if p == int(p) and p > 0:
        check(operator.pow, np.array([0.0, -1.5, 2.5]), p, wrt=(0,))


def test_literal_bases():
    check(operator.pow, 2.0, np.array([0.0, 1.0, -1.5]), wrt=(1,))
    check(operator.pow, np.array([2.0, 0.5]), np.array([0.0, 0.0]))
