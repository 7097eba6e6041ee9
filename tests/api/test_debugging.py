"""What helps to find a fault in a derivative: generated lines in tracebacks, `grad_of`, `find_nan`, `bisect_grad`."""

import contextlib
import io
import linecache
import pdb  # noqa: T100  it is what is tested
import sys
import traceback
from dataclasses import dataclass

import numpy as np
import pytest

import diffsrc as ds
from diffsrc.source import is_generated


def boom(ct):
    raise RuntimeError("stop here")


def stops(x, w):
    y = x * w
    with ds.insert_grad_of(y) as dy:
        boom(dy)
    return np.sum(np.sin(y))


def line_of(f, text):
    """The line of the file on which a function says something."""
    import inspect

    lines, first = inspect.getsourcelines(f)
    return next(first + n for n, line in enumerate(lines) if text in line)


# -- tracebacks and pdb


def test_a_traceback_shows_generated_lines_and_the_users():
    with pytest.raises(RuntimeError) as caught:
        ds.grad(stops)(np.array([1.0, 2.0]), 3.0)
    frames = [f for f in traceback.extract_tb(caught.value.__traceback__) if is_generated(f.filename)]
    assert frames
    line = line_of(stops, "with ds.insert")
    assert any(f"# line {line}: with ds.insert_grad_of(y) as dy:" in (f.line or "") for f in frames)


def test_an_exception_of_the_program_passes_through_generated_lines():
    def f(x, i):
        y = x * x
        return y[i] * 2.0

    with pytest.raises(IndexError) as caught:
        ds.grad(f)(np.array([1.0, 2.0]), 7)
    last = traceback.extract_tb(caught.value.__traceback__)[-1]
    assert is_generated(last.filename)
    assert "y[i]" in last.line


def test_pdb_steps_through_generated_lines(monkeypatch):
    def f(x):
        y = np.sin(x)
        return y * y

    gradient = ds.grad(f)
    expected = gradient(0.5)
    compiled = gradient.__diffsrc_derivative__.fused.last[0].call
    shown = io.StringIO()
    debugger = pdb.Pdb(stdin=io.StringIO("next\n" * 8 + "continue\n"), stdout=shown, nosigint=True, readrc=False)
    debugger.use_rawinput = False
    before = sys.gettrace()
    try:
        assert debugger.runcall(compiled, 0.5) == expected
    finally:
        sys.settrace(before)
    assert "> <diffsrc f_grad" in shown.getvalue()
    assert "-> y = np.sin(x)" in shown.getvalue()


def test_comments_of_second_order_name_the_users_lines():
    def f(x):
        y = np.sin(x)
        return y * y

    def outer(x):
        return ds.grad(f)(x) * x

    text = str(ds.code_source(outer, 0.5))
    assert f"# line {line_of(f, 'np.sin')}: y = np.sin(x)" in text


# -- grad_of


def model(x):
    y = x * x
    for _ in range(2):
        y = np.sin(y)
    return 3.0 * y


def test_cotangent_of_a_variable():
    a = 0.25
    assert ds.grad_of(model, "y")(0.5) == 3.0
    each = ds.grad_of(model, "y", each=True)(0.5)
    np.testing.assert_allclose(each, [3 * np.cos(np.sin(a)) * np.cos(a), 3 * np.cos(np.sin(a)), 3.0])
    first = ds.grad_of(model, "y", line=line_of(model, "y = x * x"))(0.5)
    assert first == each[0]
    assert ds.grad_of(model, "x")(0.5) == pytest.approx(ds.grad(model)(0.5))


def test_cotangent_of_a_written_array():
    def f(x):
        z = np.zeros(3)
        for i in range(3):
            z[i] = x[i] ** 2
        return np.sum(z * z)

    x = np.array([1.0, 2.0, -1.0])
    np.testing.assert_allclose(ds.grad_of(f, "z")(x), 2.0 * x * x)
    each = ds.grad_of(f, "z", each=True)(x)
    assert len(each) == 4
    np.testing.assert_allclose(each[0], 0.0)


def test_cotangent_in_methods_closures_lambdas_and_branches():
    @dataclass
    class Scale:
        k: float

        def __call__(self, x):
            y = x * self.k
            return y * y

        def run(self, x):
            if x > 0:
                y = x * self.k
            else:
                y = -x
            return y**3

    k = 2.0
    assert ds.grad_of(Scale(3.0), "y")(2.0) == 12.0
    assert ds.grad_of(Scale(3.0).run, "y")(2.0) == 108.0
    assert ds.grad_of(lambda t: (t * k) ** 2, "t")(1.0) == 8.0
    a = ds.grad_of(model, "y")
    assert [a(t) for t in (0.5, 1.0)] == [3.0, 3.0]


def test_cotangents_that_are_not_there():
    def f(x):
        k = 3.0
        unused = x * 2.0
        return x * k

    with pytest.raises(ds.DiffTypeError):
        ds.grad_of(f, "nothing")
    with pytest.raises(ds.DiffTypeError):
        ds.grad_of(f, "k")(1.0)
    with pytest.raises(ds.DiffTypeError):
        ds.grad_of(f, "x", line=1)
    with pytest.raises(ds.DiffTypeError):
        ds.grad_of(lambda x: x * 2.0, "x")(np.ones(2))


# -- find_nan


def distance(p, q):
    d = p - q
    squared = np.sum(d * d)
    return np.sqrt(squared)


def logarithm(x):
    y = x - 1.0
    z = np.log(y)
    return z * 2.0


def outer_distance(p):
    total = 0.0
    for i in range(3):
        total = total + distance(p, np.array([float(i), 0.0]))
    return total


def masked(x):
    return np.sum(np.where(x > 0.0, np.sqrt(x), 0.0))


def masked_and_wrong(x):
    a = np.where(x > 0.0, np.sqrt(x), 0.0)
    b = x - 1.0
    c = np.abs(b) ** 0.5
    return np.sum(a) + np.sum(c)


def test_first_primal_value():
    found = ds.find_nan(logarithm, 0.5)
    assert (found.kind, found.name, found.line) == ("primal", "z", line_of(logarithm, "np.log"))
    assert np.isnan(found.value)
    assert "z = np.log(y)" in str(found)
    assert ds.find_nan(logarithm, np.nan).name == "x"


def test_cause_of_a_cotangent():
    p = np.array([1.0, 2.0])
    found = ds.find_nan(distance, p, p)
    assert (found.kind, found.line) == ("cotangent", line_of(distance, "np.sqrt"))
    assert found.generated
    np.testing.assert_array_equal(p, [1.0, 2.0])
    found = ds.find_nan(outer_distance, np.array([1.0, 0.0]))
    assert (found.kind, found.line) == ("cotangent", line_of(distance, "np.sqrt"))


def test_what_is_masked_out_is_no_fault():
    assert ds.find_nan(masked, np.array([0.0, 4.0])) is None
    found = ds.find_nan(masked_and_wrong, np.array([0.0, 1.0]))
    assert found.line == line_of(masked_and_wrong, "** 0.5")


def test_all_finite():
    assert ds.find_nan(distance, np.array([1.0, 2.0]), np.zeros(2)) is None
    assert ds.find_nan(lambda n: n * 2.0, 3) is None
    before = sys.gettrace()
    ds.find_nan(masked, np.ones(2))
    assert sys.gettrace() is before


def filled(x):
    y = np.empty(3)
    y[0] = x[0]
    y[1] = np.arccos(x[1])
    y[2] = y[1] * 2.0
    return np.sum(y)


def test_what_an_empty_array_holds_by_chance_is_not_found():
    chance = np.full(3, np.inf)
    del chance  # the memory that np.empty is likely to get
    found = ds.find_nan(filled, np.array([0.1, 1.0, 0.2]))
    assert (found.kind, found.line) == ("cotangent", line_of(filled, "arccos"))


# -- bisect_grad


def squash_planted(x):
    return np.tanh(x)


@pytest.fixture(scope="module", autouse=True)
def _wrong_rule():
    """Given when the tests run: tests of the table take it as it is when they are collected."""
    ds.elementwise("1 - out")(squash_planted)  # wrong: 1 - out**2


def helper(a, k):
    b = a * k
    c = squash_planted(b)
    return c + b


def energy(x, w):
    a = x * w
    b = np.sin(a) + a
    total = 0.0
    for i in range(len(b)):
        if b[i] > 0.1:
            t = b[i] * 2.0
            total = total + squash_planted(t) * a[i]
        else:
            total = total - b[i]
    c = total * np.sum(b)
    d = np.exp(-c * c)
    return d + np.sum(w * a)


def through_helper(x, w):
    h = x * w + 1.0
    for _ in range(3):
        h = helper(h, 0.5)
    return np.sum(np.cos(h))


X = np.array([0.3, 0.5, -0.7, 0.9])


def test_one_statement_remains():
    culprit = ds.bisect_grad(energy, X, 0.7)
    assert culprit.statements == ("total = total + squash_planted(t) * a[i]",)
    assert culprit.lines == (line_of(energy, "squash_planted"),)
    namespace = {"np": np, "squash_planted": squash_planted}
    linecache.cache["<culprit>"] = (0, None, culprit.source.splitlines(keepends=True), "<culprit>")
    exec(compile(culprit.source, "<culprit>", "exec"), namespace)
    with pytest.raises(AssertionError):
        ds.check_grads(namespace["energy"], culprit.args, order=1)


def test_the_search_goes_on_in_callees():
    culprit = ds.bisect_grad(through_helper, X, 0.7)
    assert culprit.function == "helper"
    assert culprit.statements == ("c = squash_planted(b)",)
    assert "squash_planted" in str(culprit)


class Layer:
    def __init__(self, w):
        self.w = w

    def __call__(self, x):
        z = self.w * x
        return squash_planted(z)


def through_instance(x):
    layer, h = Layer(x * 0.5), x
    for k in range(1, 4):
        h = np.tanh(layer(h)) + k
    return np.sum(h)


def through_recursion(x, n):
    if n == 0:
        return np.sum(squash_planted(x))
    y = x * 2.0
    return through_recursion(y, n - 1) + np.sum(y)


def test_the_search_goes_on_in_methods_and_recursions():
    assert ds.bisect_grad(through_instance, X).statements == ("return squash_planted(z)",)
    assert ds.bisect_grad(through_recursion, X, 2).statements == ("return np.sum(squash_planted(x))",)
    assert np.allclose(ds.grad_of(through_recursion, "y")(X, 1), 1.0 + (1.0 - np.tanh(2.0 * X)))


def late(x, n):
    h, s = x, 0.0
    for i in range(n):
        h = h + squash_planted(h * i)
        s = s + np.sum(h)
    return s


def test_a_fault_of_a_late_iteration():
    assert ds.bisect_grad(late, X, 3).statements == ("h = h + squash_planted(h * i)",)


def test_a_right_function_has_no_culprit():
    assert ds.bisect_grad(distance, np.array([1.0, 2.0]), np.zeros(2)) is None


def test_nothing_is_printed_or_changed():
    x = X.copy()
    with contextlib.redirect_stdout(io.StringIO()) as text:
        ds.bisect_grad(energy, x, 0.7)
    assert text.getvalue() == ""
    np.testing.assert_array_equal(x, X)
