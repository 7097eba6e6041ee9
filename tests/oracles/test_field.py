"""The exact oracle sees what tolerances don't, and knows nothing that isn't so."""

import copy
import math
import random

import numpy as np
import pytest

from tests.oracles import field, lifting
from tests.properties import exact


def chain(x, w):
    y = np.zeros_like(x)
    for i in range(len(x)):
        y[i] = math.sin(x[i]) * w[i] + y[i - 1] ** 2
        if y[i] > 0.5:
            x[i] *= 0.25
    return np.tanh(y) @ np.exp(x) / (1.0 + np.sum(w * w))


def _checked(f, args):
    after = copy.deepcopy(args)
    out = f(*after)
    return args, out, after


ARGS = (np.array([0.3, -0.7, 1.1, 0.2]), np.array([0.5, 1.5, -0.25, 0.125]))


def test_both_modes_of_a_program_are_exact():
    exact.check(chain, *_checked(chain, ARGS))


def test_a_relative_fault_of_two_to_the_minus_fifty_in_one_of_a_thousand_is_seen():
    rng = random.Random(1)
    ones = np.linspace(0.5, 1.5, 1000)
    a, b = lifting.random_like(ones, rng), lifting.into_field(ones)
    wanted = lifting.dot(lifting.values(ones, a), lifting.values(ones, b))
    b[617] = b[617] * (1.0 + 2.0**-50)
    assert lifting.dot(lifting.values(ones, a), lifting.values(ones, b)) != wanted


def test_floats_are_lifted_without_error():
    for x in (0.1, 1e-30, -3.75, 2.0**70, 1 / 3):
        a, b = field.number(x), field.number(0.7)
        assert (a * b / b).h == field.lift(x)
        assert (a + b - b).h == field.lift(x)
    assert field.lift(math.inf) is None


def test_what_only_rounding_makes_equal_is_not_known():
    with pytest.raises(TypeError, match="rounding"):
        bool(1.0 - field.number(40.0).tanh() ** 2 == 0.0)


def linear(a, b):
    return np.linalg.solve(a, b) @ np.linalg.inv(a)[0] * np.linalg.det(a)


def test_linear_algebra_is_exact():
    a = np.array([[0.25, 1.5, -0.5], [2.0, 0.125, 0.75], [-1.0, 0.5, 1.25]])
    exact.check(linear, *_checked(linear, (a, ARGS[0][:3])))


@pytest.mark.parametrize("p", [2, 3.0, 0.5, -1.5])
def test_identities_that_rules_use(p):
    x = field.number(0.83)
    assert (x ** (p - 1) * x).h == (x**p).h
    assert (x.sin() ** 2 + x.cos() ** 2).h == 1
    assert ((-x).exp() * x.exp()).h == 1
    assert (1 - x.tanh() ** 2).h == (1 / x.cosh() ** 2).h


def test_tangents_of_functions_are_their_derivatives():
    """The table of tangents in the field is that of the real functions: held against differences."""
    for name in ("exp", "log", "sqrt", "arctan", "arcsin", "arccos", "sin", "cos", "tanh", "sinh", "cosh", "tan"):
        got = getattr(field.Number(0.4, field.lift(0.4), 1), name)()
        assert got.dot not in (0, None), name
        assert got.x == pytest.approx(getattr(np, name)(0.4)), name


def test_a_wrong_adjoint_is_found(monkeypatch):
    from diffsrc.defs.table import BY_NAME

    rule = BY_NAME["np.tanh"]
    wrong = type(rule.partials[0])("1 - out * 0.5", *_parsed("1 - out * 0.5"))
    monkeypatch.setattr(rule, "partials", (wrong,))
    with pytest.raises(exact.NotExact):
        exact.check(chain, *_checked(chain, ARGS))


def _parsed(text):
    import ast

    code = ast.parse(text, mode="eval").body
    return code, frozenset({"out"})
