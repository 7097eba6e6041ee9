"""Typed programs do what Python does, and every value is what its type says (checked while running)."""

# ruff: noqa: E501
from __future__ import annotations

import copy
import inspect
import pickle
from typing import Any

import numpy as np
import pytest

from diffsrc.analysis.items import is_optional, leaves
from diffsrc.analysis.typeof import parse_type, typeof_args
from diffsrc.compiler.instances import Compiler
from diffsrc.errors import DiffTypeError, UnsupportedError
from diffsrc.ir.text import to_text
from diffsrc.ir.types import ANY, Type
from diffsrc.ir.verify import verify
from tests.analysis.interpreter import call
from tests.analysis.programs import CASES, Momentum
from tests.frontend.programs import CASES as LOWERED
from tests.frontend.test_programs import outcome, same

#: programs whose calls hang on a run-time choice of function, which stays unknown; empty lists read as arrays
UNKNOWN = {"functions_as_values", "conditional_def", "comprehensions"}
RUNS = [*CASES, *((f, args) for f, inputs in LOWERED for args in inputs if f.__name__ not in UNKNOWN)]


def bound(f: Any, args: tuple[Any, ...]) -> tuple[Any, ...]:
    found = inspect.signature(f).bind(*args)
    found.apply_defaults()
    return tuple(found.arguments.values())


@pytest.mark.parametrize(("f", "args"), RUNS, ids=lambda x: getattr(x, "__name__", ""))
def test_runs_as_typed(f: Any, args: tuple[Any, ...]) -> None:
    try:
        args = bound(f, args)
    except TypeError:
        pytest.skip("the call itself is wrong")
    kind, result, after = outcome(f, args)
    compiler = Compiler()
    try:
        instance = compiler.instance(f, typeof_args(args))
    except UnsupportedError:
        assert (f, args) not in CASES
        return
    for each in compiler.instances.values():
        verify(each.func)
    mine = copy.deepcopy(args)
    if kind == "exception":
        with pytest.raises(result[0]):
            call(instance.func, mine)
        return
    try:
        got = call(instance.func, mine)
    except NotImplementedError:
        pytest.skip("it calls a function that types don't know")
    if result is None and is_optional(instance.result_type):  # it is given by its parts, None each
        result = (None,) * len(list(leaves(instance.result_type)))
    assert same(result, got)
    assert all(map(same, after, mine))


def typed(f: Any, *types: str | Type) -> str:
    kinds = tuple(parse_type(t) if isinstance(t, str) else t for t in types)
    return to_text(Compiler().instance(f, kinds).func, locs=False)


def smooth(x, w):
    y = np.zeros_like(x)
    for i in range(1, len(x)):
        y[i] = w * y[i - 1] + np.sin(x[i])
    out = y.sum()
    return out


def test_text() -> None:
    assert (
        typed(smooth, "f64[n]", "f64")
        == """\
func smooth(%x: f64[n], %w: float) -> f64 {
  %y: f64[n] = np.zeros_like(%x)
  %0: int = len(%x)
  for %i: int in range(1, %0, 1) {
    %1: int = sub(%i, 1)
    %2: f64 = load %y[%1]
    %3: f64 = mul(%w, %2)
    %4: f64 = load %x[%i]
    %5: f64 = np.sin(%4)
    %6: f64 = add(%3, %5)
    store %y[%i] = %6
    yield
  }
  %out: f64 = np.sum(%y) as .sum
  return %out
}
"""
    )


def test_a_size_of_the_last_round_is_forgotten() -> None:
    def f(n):
        x = np.ones(n)
        for k in range(n):
            x = np.ones(k)
        return x

    instance = Compiler().instance(f, (parse_type("int"),))
    assert str(instance.result_type) == "f64[:]"


def test_sizes_come_back_from_calls() -> None:
    def inner(a):
        return a[1:] - a[:-1]

    def outer(x, y):
        return inner(y)

    assert str(Compiler().instance(outer, (parse_type("f64[n]"), parse_type("f64[m]"))).result_type) == "f64[m-1]"


def test_opaque_calls_are_any() -> None:
    def f(x):
        return pickle.dumps(x)

    assert Compiler().instance(f, (parse_type("f64[n]"),)).result_type == ANY


def aliased_sum(x):
    s = 0.0
    hist = []
    for i in range(3):
        s += x
        hist.append(s)
    return s.sum() + hist[0].sum()


def two_names(x):
    s = 0.0
    t = s
    for i in range(3):
        s += x
        t = s
    return s.sum() + np.sum(t)


def int_array(x):
    y = np.zeros(3, dtype=int)
    y += x
    return y


def wrong_count(x):
    a, b = x.shape
    return a


def appended(xs, x):
    xs.append(x)
    return xs


def too_many(x):
    return x[0, 0]


def new_type(o):
    o.w = "text"


@pytest.mark.parametrize(
    ("f", "args"),
    [
        (aliased_sum, (np.ones(3),)), (two_names, (np.ones(3),)), (int_array, (np.ones(3),)),
        (wrong_count, (np.ones(3),)), (appended, ([1.0], np.ones(2))), (too_many, (np.ones(3),)),
        (new_type, (Momentum(0.5),)),
    ],
)  # fmt: skip
def test_refused(f: Any, args: tuple[Any, ...]) -> None:
    with pytest.raises(UnsupportedError) as err:
        Compiler().instance(f, typeof_args(args))
    assert err.value.loc.line


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("f64", "float"), ("f64[:, :]", "f64[:, :]"), ("f64[n, 3]", "f64[n, 3]"), ("(f64, f64[:])", "(float, f64[:])"),
        ("{a: f64, b: f64[:]}", "{'a': float, 'b': f64[:]}"), ("list[f64[n]]", "list[f64[n]]"), ("(f64,)", "(float,)"),
        ('"relu"', "str='relu'"), ("f64 | int", "float"), ("f64[n-2, %k]", "f64[n-2, %k]"),
    ],
)  # fmt: skip
def test_types_as_text(text: str, shown: str) -> None:
    assert str(parse_type(text)) == shown


@pytest.mark.parametrize("text", ["", "f65", "f64[", "(f64", "f64 f64", "{a f64}", "f64[n] @A"])
def test_no_types(text: str) -> None:
    with pytest.raises(DiffTypeError):
        parse_type(text)


def test_types_of_arguments() -> None:
    shown = [
        str(t) for t in typeof_args((np.ones((3, 1)), 2.0, np.float64(1), True, [1.0], {"a": np.ones(2)}, (1, None)))
    ]
    assert shown == ["f64[n, 1]", "float", "f64", "bool=True", "list[float]", "{'a': f64[m]}", "(int, None)"]


@pytest.mark.parametrize("value", [np.array([None]), np.ma.array([1.0]), np.zeros(2, "f8,i4")])
def test_refused_arguments(value: Any) -> None:
    with pytest.raises(DiffTypeError):
        typeof_args((value,))


def test_one_instance_per_content() -> None:
    def make(k):
        return lambda x: x * k

    compiler = Compiler()
    one, two, other = (compiler.instance(make(k), (parse_type("f64"),)) for k in (2.0, 2.0, 3.0))
    assert one is two
    assert one is not other
    assert one.name != other.name


@pytest.mark.parametrize("axes", [(), (slice(None),)])
def test_axes_of_in_place_results(axes: tuple[slice, ...]) -> None:
    def written(v, A):
        w = v * 2.0
        try:
            w[axes] += A
        except ValueError:
            pass
        return w.sum()

    def made(v, A):
        w = v * 2.0
        w += A
        return w.sum()

    for f in (written, made):
        with pytest.raises(DiffTypeError, match="other axes"):
            Compiler().instance(f, (parse_type("f64[n]"), parse_type("f64[m, 1]")))
