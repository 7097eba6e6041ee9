"""`grad` and `value_and_grad`: arguments, structures, effects, refusals."""

from __future__ import annotations

import copy
import functools
import inspect
import pickle
from typing import NamedTuple

import numpy as np
import pytest

import diffsrc as ds

X = np.array([0.5, -1.0, 2.0])


def cube(x):
    """The third power."""
    return x**3


def weighted(x, w=2.0, *, bias=1.0):
    return (x * x).sum() * w + bias * w


def scaled(x, axis=0, power=2):
    return (x.sum(axis=axis) ** power).sum()


class Pair(NamedTuple):
    a: float
    b: np.ndarray


class Oscillator:
    def __init__(self, k):
        self.k = k

    def energy(self, x):
        return self.k * (x * x).sum()

    def __call__(self, x):
        return self.k * x


def test_numbers() -> None:
    assert ds.grad(cube)(2.0) == 12.0
    assert ds.grad(cube)(2) == 12.0
    assert ds.grad(cube)(True) == 3.0
    assert ds.value_and_grad(cube)(2.0) == (8.0, 12.0)
    assert ds.grad(cube)(np.float32(2.0)).dtype == np.float32


def test_argnums_by_number_and_name() -> None:
    np.testing.assert_allclose(ds.grad(weighted)(X), 4.0 * X)
    assert ds.grad(weighted, argnums=1)(X, 3.0) == pytest.approx(6.25)
    assert ds.grad(weighted, argnums=-1)(X, 3.0) == pytest.approx(6.25)
    assert ds.grad(weighted, argnums="bias")(X) == 2.0
    dx, dw, dbias = ds.grad(weighted, argnums=(0, "w", "bias"))(X, bias=4.0)
    np.testing.assert_allclose(dx, 4.0 * X)
    assert (dw, dbias) == (9.25, 2.0)
    assert isinstance(ds.grad(weighted, argnums=(0,))(X), tuple)


@pytest.mark.parametrize("argnums", [3, "z", (0, 0), (), 1.5, True, None])
def test_argnums_that_do_not_fit(argnums: object) -> None:
    with pytest.raises(ds.ActivityError):
        ds.grad(weighted, argnums=argnums)(X)


def test_defaults_are_known_at_compile_time() -> None:
    a = np.arange(6.0).reshape(2, 3)
    np.testing.assert_allclose(ds.grad(scaled)(a), 2.0 * a.sum(0) * np.ones((2, 1)))


def test_methods_partials_and_callable_objects() -> None:
    spring = Oscillator(3.0)
    np.testing.assert_allclose(ds.grad(spring.energy)(X), 6.0 * X)
    np.testing.assert_allclose(ds.grad(Oscillator.energy, 1)(spring, X), 6.0 * X)
    assert ds.grad(spring)(2.0) == 3.0
    assert ds.grad(functools.partial(weighted, X))(3.0) == pytest.approx(6.25)
    assert ds.grad(functools.partial(weighted, w=3.0, bias=0.0))(X)[2] == 12.0
    assert ds.grad(lambda x, y: x * y, 1)(2.0, 3.0) == 2.0


def test_has_aux() -> None:
    def f(x):
        return (x * x).sum(), x[0] * 2.0

    gradient, aux = ds.grad(f, has_aux=True)(X)
    np.testing.assert_allclose(gradient, 2.0 * X)
    assert aux == 1.0
    (value, aux), gradient = ds.value_and_grad(f, has_aux=True)(X)
    assert (value, aux) == (5.25, 1.0)
    np.testing.assert_allclose(gradient, 2.0 * X)


def test_gradients_have_the_structure_of_the_argument() -> None:
    def f(p):
        return (p["w"] ** 2).sum() * p["k"][0] * p["n"]

    g = ds.grad(f)({"w": X, "k": [2.0], "n": 3, "s": "relu", "none": None})
    np.testing.assert_allclose(g["w"], 12.0 * X)
    assert g["k"] == [pytest.approx(15.75)]
    assert (g["n"], g["s"], g["none"]) == (None, None, None)


def test_gradient_of_a_namedtuple() -> None:
    g = ds.grad(lambda p: p.a * p.b.sum())(Pair(2.0, X))
    assert type(g) is Pair
    assert g.a == 1.5
    np.testing.assert_allclose(g.b, 2.0)


def test_constant_function_has_zero_gradient() -> None:
    np.testing.assert_array_equal(ds.grad(lambda x: 3.0)(X), np.zeros(3))
    assert ds.grad(lambda x: 3.0)(1.0) == 0.0


def test_float32_stays() -> None:
    x = X.astype(np.float32)
    assert ds.grad(lambda x: (x * x).sum())(x).dtype == np.float32


def test_size_one_results() -> None:
    np.testing.assert_allclose(ds.grad(lambda x: x * x)(np.array([3.0])), [6.0])
    np.testing.assert_allclose(ds.grad(lambda x: x * x)(np.array([[3.0]])), [[6.0]])
    np.testing.assert_allclose(ds.grad(lambda x: x[1:2] * 2.0)(X), [0.0, 2.0, 0.0])


def test_what_is_not_one_number_is_refused() -> None:
    with pytest.raises(ds.DiffTypeError, match="jacobian"):
        ds.grad(lambda x: x * 2.0)(X)
    with pytest.raises(ds.DiffTypeError, match="one number"):
        ds.grad(lambda x: x[1:] * 2.0)(X)
    with pytest.raises(ds.DiffTypeError, match="one number"):
        ds.grad(lambda x: (x, x))(1.0)
    with pytest.raises(ds.DiffTypeError, match="complex"):
        ds.grad(lambda x: x * 1j)(1.0)
    with pytest.raises(ds.DiffTypeError):
        ds.grad(lambda x: int(x))(1.0)


@pytest.mark.parametrize("x", [np.arange(3), np.array([True]), np.array([1.0], object)])
def test_arrays_without_derivative_are_refused(x: np.ndarray) -> None:
    with pytest.raises(ds.DiffTypeError, match=r"x\.astype\(float\)"):
        ds.grad(lambda x: (x * 2).sum())(x)


@pytest.mark.parametrize("x", ["text", None, [1, 2], {"n": 1}])
def test_arguments_without_floats_are_refused(x: object) -> None:
    with pytest.raises(ds.DiffTypeError):
        ds.grad(lambda x: 1.0)(x)


def test_functions_without_source_are_refused() -> None:
    with pytest.raises(ds.UnsupportedError):
        ds.grad(abs)
    with pytest.raises(ds.UnsupportedError):
        ds.grad(eval("lambda x: x"))(1.0)


def test_python_reports_misfitting_arguments() -> None:
    with pytest.raises(TypeError):
        ds.grad(cube)()
    with pytest.raises(TypeError):
        ds.grad(cube)(1.0, 2.0)


def test_other_backends_are_refused() -> None:
    ds.grad(cube, backend="numpy")
    with pytest.raises(ds.UnsupportedError, match="backend"):
        ds.grad(cube, backend="numba")


def test_arguments_are_left_alone() -> None:
    x = X.copy()
    ds.grad(lambda x: (x * x).sum())(x)
    np.testing.assert_array_equal(x, X)


def written(x, s):
    x *= s
    return x.sum()


def test_written_arguments_are_written_once() -> None:
    x = X.copy()
    value, (dx, ds_) = ds.value_and_grad(written, (0, 1))(x, 2.0)
    np.testing.assert_array_equal(x, 2.0 * X)
    assert value == x.sum()
    np.testing.assert_allclose(dx, 2.0)
    assert ds_ == pytest.approx(X.sum())


def add_into(out, x):
    out += x
    return out.sum()


def test_overlapping_arguments_that_are_written_are_one_memory() -> None:
    a = np.ones(6)
    np.testing.assert_allclose(ds.grad(add_into, 1)(a, a), 2.0)
    a = np.ones(6)
    np.testing.assert_allclose(ds.grad(add_into, 1)(a[:4], a[2:]), [2.0, 2.0, 1.0, 1.0])
    ds.grad(add_into, 1)(a[:3], a[3:])
    np.testing.assert_allclose(ds.grad(lambda x, y: (x * y).sum())(a, a), a)


def test_dispatch_by_type() -> None:
    g = ds.grad(lambda x, flag: (x * x).sum() if flag else x.sum() * 3.0)
    np.testing.assert_allclose(g(X, True), 2.0 * X)
    np.testing.assert_allclose(g(X, False), 3.0)
    np.testing.assert_allclose(g(X[None], True), 2.0 * X[None])
    np.testing.assert_allclose(g(X, True), 2.0 * X)


FACTOR = 2.0


def uses_global(x):
    return helper(x) * FACTOR


def helper(x):
    return x * OFFSET


OFFSET = 1.0


def test_rebound_globals_are_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    g = ds.grad(uses_global)
    assert g(1.0) == 2.0
    monkeypatch.setitem(globals(), "FACTOR", 5.0)
    assert g(1.0) == 5.0
    monkeypatch.setitem(globals(), "OFFSET", 3.0)
    assert g(1.0) == 15.0


def test_rebound_cells_are_seen() -> None:
    k = 2.0

    def f(x):
        return k * x

    g = ds.grad(f)
    assert g(1.0) == 2.0
    k = 7.0
    assert g(1.0) == 7.0


def test_names_of_gradient_functions() -> None:
    g = ds.grad(cube)
    assert g.__name__ == "grad_cube"
    assert "cube" in g.__doc__


def test_exceptions_of_the_program_come_through() -> None:
    def f(x):
        if x < 0:
            raise ValueError("negative")
        return np.sqrt(x)

    with pytest.raises(ValueError, match="negative"):
        ds.grad(f)(-1.0)


def test_ufuncs_themselves() -> None:
    x = np.array([0.3, -0.7])
    assert np.allclose(ds.elementwise_grad(np.tanh)(x), 1 - np.tanh(x) ** 2)
    assert ds.grad(np.sin)(0.4) == np.cos(0.4)
    assert ds.grad(np.multiply, argnums=(0, 1))(2.0, 3.0) == (3.0, 2.0)
    assert np.allclose(ds.jvp(np.exp, (x,), (np.ones(2),))[1], np.exp(x))


def test_elementwise_grad() -> None:
    g = ds.elementwise_grad(lambda x: np.tanh(x))
    np.testing.assert_allclose(g(X), 1.0 - np.tanh(X) ** 2)
    gg = ds.elementwise_grad(g)
    np.testing.assert_allclose(gg(X), -2.0 * np.tanh(X) * (1.0 - np.tanh(X) ** 2))


def test_stop_gradient() -> None:
    assert ds.grad(lambda x: x * ds.stop_gradient(x))(3.0) == 3.0
    np.testing.assert_allclose(ds.grad(lambda x: (x * ds.stop_gradient(x)).sum())(X), X)
    assert ds.stop_gradient({"a": (1.0, [2.0])}) == {"a": (1.0, [2.0])}


@ds.differentiable
def decorated(x: ds.Duplicated, k: ds.Const = 2.0) -> ds.Active:
    """Documented."""
    return k * (x * x).sum()


def test_differentiable_leaves_the_function_as_it_is() -> None:
    assert decorated.__doc__ == "Documented."
    assert list(inspect.signature(decorated).parameters) == ["x", "k"]
    assert pickle.loads(pickle.dumps(decorated)) is decorated
    assert decorated(X) == 10.5
    np.testing.assert_allclose(decorated.grad()(X), 4.0 * X)
    out, pullback = decorated.vjp(X, 3.0)
    np.testing.assert_allclose(pullback(1.0)[0], 6.0 * X)
    assert decorated.jvp((X, 2.0), (X, 0.0))[1] == pytest.approx(21.0)
    assert "func decorated" in str(decorated.ir("lowered"))
    assert "def decorated_vjp" in str(decorated.source("reverse", X, 2.0))


def test_differentiable_refuses_at_decoration() -> None:
    with pytest.raises(ds.UnsupportedError, match="hint"):

        @ds.differentiable
        def f(x):
            async def later():
                return x

            return x


@pytest.mark.parametrize(
    "call",
    [
        lambda f: ds.grad(f)(1.0, ds.Const(2)),
        lambda f: ds.vjp(f, 1.0, ds.Const(2)),
        lambda f: ds.jvp(f, (1.0, ds.Const(2)), (1.0, 0)),
    ],
)
def test_annotations_are_for_autodiff(call):
    with pytest.raises(ds.ActivityError, match="`Const\\(...\\)` where a plain value is expected"):
        call(_power)


def _power(x, n):
    return x**n


def _logged(x, log):
    for i in range(3):
        log.append(x[i] ** 2)
    return sum(log)


def _replaced(x, values):
    for i in range(3):
        values[i] = values[i] + x[i] ** 2
    values.append(x[0] * x[1])
    return sum(values)


def _keyed(x, d):
    d["a"] += x[0] ** 2
    d["b"] = x[0] * x[1] * d["a"]
    return d["a"] * x[1] + d["b"]


@pytest.mark.parametrize(
    ("f", "held"), [(_logged, []), (_logged, [1.0]), (_replaced, [0.1, 0.2, 0.3, 0.4]), (_keyed, {"a": 1.0, "b": 0.3})]
)
def test_containers_that_are_not_differentiated_receive_active_numbers(f, held):
    x = np.array([1.0, 2.0, 3.0])
    plain, mine = copy.deepcopy(held), copy.deepcopy(held)
    f(x, plain)
    gradient = ds.grad(f)(x, mine)
    assert mine == plain
    step = 1e-6
    for i, e in enumerate(np.eye(3) * step):
        slope = (f(x + e, copy.deepcopy(held)) - f(x - e, copy.deepcopy(held))) / (2 * step)
        assert abs(gradient[i] - slope) < 1e-7
