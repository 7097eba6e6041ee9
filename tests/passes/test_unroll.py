"""Loops of few rounds written out, small arrays as numbers: text to text, and whole programs."""

import pickle
import re
from pathlib import Path

import numpy as np
import pytest

import diffsrc as ds
from diffsrc.ir.parse import parse
from diffsrc.ir.text import to_text
from diffsrc.ir.verify import verify
from diffsrc.transform.elements import store_first
from diffsrc.transform.numbers import added, order_of_sum
from diffsrc.transform.scalars import scalars
from diffsrc.transform.unroll import unroll
from tests.ir.rows import resolve

HEAD = "func f(%x: float, %y: float, %n: int, %a: f64[3], %b: f64[3], %c: bool) {\n"
PASSES = {"unroll": unroll, "scalars": scalars, "elements": store_first}


def cases():
    for name in PASSES:
        text = (Path(__file__).parent / "cases" / f"{name}.ir").read_text()
        for case in text.split("\n== ")[1:]:
            title, _, rest = case.partition("\n")
            before, _, after = rest.partition("=>")
            yield pytest.param(name, before, before if after.strip() == "unchanged" else after, id=f"{name}: {title}")


def function(body):
    return parse(f"{HEAD}{body}}}\n", resolve)


@pytest.mark.parametrize("name, before, after", list(cases()))
def test_case(name, before, after):
    start = function(before)
    verify(start)
    done = PASSES[name](start)
    verify(done)
    assert to_text(done) == to_text(function(after))


def recurrence(x):
    y = np.empty(10)
    y[0] = x[0]
    for i in range(1, 10):
        y[i] = 0.5 * y[i - 1] + x[i]
    return np.sum(y * y)


def last(x):
    y = np.zeros_like(x)
    y[0] = x[0]
    for i in range(1, len(x)):
        y[i] = 0.5 * y[i - 1] + x[i]
    return y[9]


@pytest.mark.parametrize("f", [recurrence, last])
@pytest.mark.parametrize("mode", ["primal", "forward", "reverse"])
def test_no_arrays_but_the_gradient(f, mode):
    source = str(ds.code_source(f, "f64[10]", mode=mode, unroll=True))
    assert re.findall(r"np\.\w+", re.sub("#.*", "", source)) == (["np.zeros_like"] if mode == "reverse" else [])
    assert "for " not in source.partition("def ")[2]
    assert "for i in range" in str(ds.code_source(f, "f64[10]", mode=mode))


@pytest.mark.parametrize("f", [recurrence, last])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_same_bits(f, dtype):
    built = {}
    exec(ds.build(f, np.zeros(10, dtype), modes=("primal",), unroll=True), built)
    random = np.random.default_rng(3)
    for _ in range(50):
        x = (random.normal(size=10) * 10.0 ** random.integers(-3, 4, 10)).astype(dtype)
        one, two = built[f.__name__](x), f(x)
        assert type(one) is type(two)
        assert one.tobytes() == two.tobytes()


@pytest.mark.parametrize("dtype", ["f64", "f32"])
@pytest.mark.parametrize("size", [1, 2, 7, 8, 9, 15, 16, 17, 33, 64])
def test_order_of_sums(dtype, size):
    """Sums are added as NumPy adds them, so that the bits are the same."""
    for mean in (False, True):
        zero = order_of_sum(dtype, size, mean)
        assert zero is not None
        x = np.random.default_rng(1).normal(size=size).astype({"f64": float, "f32": np.float32}[dtype]) * 1e3
        total = added(list(x), lambda a, b: a + b) + (0.0 if zero else 0)
        asked = np.mean(x) if mean else np.sum(x)
        assert (total / size if mean else total).tobytes() == asked.tobytes()


def test_sizes_are_those_of_the_call():
    gradient = ds.grad(last_of_all, unroll=True)
    for n in (1, 2, 5, 10, 70):
        assert np.allclose(gradient(np.ones(n)), 0.5 ** np.arange(n)[::-1])
    shown = [str(m) for m in ds.specializations(last_of_all) if m.mode == "reverse"]
    assert "last_of_all(f64[5]) reverse unrolled" in shown


def last_of_all(x):
    y = np.zeros(len(x))
    y[0] = x[0]
    for i in range(1, len(x)):
        y[i] = 0.5 * y[i - 1] + x[i]
    return y[-1]


def test_with_and_without_are_two_instances():
    x = np.ones(10)
    assert np.allclose(ds.grad(recurrence)(x), ds.grad(recurrence, unroll=True)(x))
    spec = {m.variant.unroll: m for m in ds.specializations(recurrence) if m.mode == "reverse"}
    assert "for " in spec[False].source
    assert "for " not in spec[True].source.partition("def ")[2]


@ds.differentiable(unroll=True)
def decorated(x):
    y = np.zeros(3)
    for i in range(3):
        y[i] = x[i] ** 2
    return y[0] * y[2]


def test_option_of_the_function():
    x = np.array([1.0, 2.0, 3.0])
    assert np.allclose(decorated.grad()(x), [18.0, 0.0, 6.0])
    assert np.allclose(ds.grad(decorated)(x), [18.0, 0.0, 6.0])
    for source in (decorated.source("reverse", x), ds.code_source(decorated, "f64[3]"), ds.build(decorated, "f64[3]")):
        assert "for i in range" not in re.sub("#.*", "", str(source))


def product(x):
    y = np.zeros(3)
    for i in range(3):
        y[i] = x[i] ** 2
    return y[0] * y[2]


def squares(x):
    y = np.zeros(3)
    for i in range(3):
        y[i] = x[i] ** 2
    return y


V = np.array([1.0, 2.0, 3.0])


@pytest.mark.parametrize(
    "entry, f, args",
    [
        (ds.value_and_grad, product, (V,)), (ds.elementwise_grad, squares, (V,)), (ds.jacfwd, squares, (V,)),
        (ds.jacrev, squares, (V,)), (ds.jacobian, squares, (V,)), (ds.hessian, product, (V,)), (ds.hvp, product, (V, V)),
    ],
    ids=lambda a: getattr(a, "__name__", ""),
)  # fmt: skip
def test_every_entry_point_takes_it(entry, f, args):
    known = {id(m) for m in ds.specializations(f)}
    found = entry(f, unroll=True) if entry is not ds.hvp else ds.hvp(f, unroll=True)
    one, two = found(*args), entry(f)(*args) if entry is not ds.hvp else ds.hvp(f)(*args)
    for a, b in zip(one if isinstance(one, tuple) else (one,), two if isinstance(two, tuple) else (two,), strict=True):
        assert np.allclose(a, b)
    assert any(m.variant.unroll for m in ds.specializations(f) if id(m) not in known or m.mode != "primal")


def test_in_a_direction():
    x, v = np.ones(10), np.arange(10.0)
    assert np.isclose(ds.jvp(recurrence, (x,), (v,), unroll=True)[1], ds.grad(recurrence)(x) @ v)
    assert np.allclose(ds.vjp(recurrence, x, unroll=True)[1](1.0)[0], ds.grad(recurrence)(x))
    assert np.isclose(ds.linearize(recurrence, x, unroll=True)[1](v), ds.grad(recurrence)(x) @ v)


def test_sent_to_another_process():
    sent = pickle.loads(pickle.dumps(ds.grad(recurrence, unroll=True)))
    assert np.allclose(sent(np.ones(10)), ds.grad(recurrence)(np.ones(10)))
    sent(np.ones(11))  # the first ten are read
    assert any(m.variant.unroll and "f64[11]" in str(m) for m in ds.specializations(recurrence))


def test_rules_of_the_user_are_asked():
    """A sum whose rule is the user's stays a sum."""

    def f(x):
        y = np.zeros(2)
        for i in range(2):
            y[i] = x[i]
        return np.sum(y)

    from diffsrc.defs import table

    row = table.lookup(np.sum)
    kept = row.changed
    try:
        table.touch(row)
        assert "np.sum" in str(ds.code_source(f, "f64[2]", unroll=True))
    finally:
        row.changed = kept


def test_division_by_an_element_is_numpys():
    def f(x, a):
        y = np.zeros(1)
        y[0] = a
        return x[0] / y[0]

    built = {}
    exec(ds.build(f, "f64[2]", "float", modes=("primal",), unroll=True), built)
    with np.errstate(all="ignore"):
        assert np.isinf(built["f"](np.ones(2), 0.0))
    with pytest.warns(RuntimeWarning, match="divide by zero"):
        built["f"](np.ones(2), 0.0)
