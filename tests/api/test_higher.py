"""Derivatives of derivatives: recursion, third order, closures, repeated calls."""

import functools
import time
from dataclasses import dataclass

import numpy as np
import pytest

import diffsrc as ds

X = np.array([0.3, 0.5])
V = np.array([1.0, -2.0])


def slope(f, x, step=1e-5):
    return (f(x + step) - f(x - step)) / (2.0 * step)


def tree(x, depth):
    if depth == 0:
        return np.sin(x)
    return tree(x * 0.9, depth - 1) * tree(x + 0.1, depth - 1)


def even(x, n):
    return x * x if n == 0 else odd(x, n - 1) * x


def odd(x, n):
    return np.sin(x) if n == 0 else even(x + 0.1, n - 1)


def halves(x, n):
    if n == 0:
        return x * x
    return halves(x * 0.5, n - 1) * np.sum(x)


@dataclass
class Node:
    w: float
    left: object = None
    right: object = None


def evaluate(node, x):
    if node is None:
        return x
    return np.tanh(node.w * evaluate(node.left, x) + evaluate(node.right, x * x))


def crossed(x, k, n):
    if n == 0:
        return x * x * k
    return crossed(k, x * 2.0, n - 1) * x


@pytest.mark.parametrize(("f", "n"), [(tree, 2), (even, 5)])
def test_recursion_to_third_order(f, n):
    first, second, third = ds.grad(f), ds.grad(ds.grad(f)), ds.grad(ds.grad(ds.grad(f)))
    assert first(0.7, n) == pytest.approx(slope(lambda x: f(x, n), 0.7), rel=1e-7)
    assert second(0.7, n) == pytest.approx(slope(lambda x: first(x, n), 0.7), rel=1e-7)
    assert third(0.7, n) == pytest.approx(slope(lambda x: second(x, n), 0.7), rel=1e-7)


def test_recursion_over_arrays_and_objects():
    gradient = ds.grad(lambda x: np.sum(halves(x, 2)))
    wanted = slope(lambda t: gradient(X + t * V), 0.0)
    np.testing.assert_allclose(ds.hvp(lambda x: np.sum(halves(x, 2)), X, V), wanted, rtol=1e-7)
    node = Node(0.5, Node(0.2, None, Node(0.7)), Node(1.1))
    first = ds.grad(lambda x: evaluate(node, x))
    assert ds.grad(first)(0.4) == pytest.approx(slope(first, 0.4), rel=1e-7)


def test_recursion_that_writes_keeps_its_halves():
    def fill(a, x, n):
        if n < 0:
            return
        a[n] = np.sin(x) * n
        fill(a, x * 0.5, n - 1)

    def f(x):
        a = np.zeros(3)
        fill(a, x, 2)
        return np.sum(a * a)

    assert ds.grad(f)(0.4) == pytest.approx(slope(f, 0.4), rel=1e-7)
    assert ds.grad(ds.grad(f))(0.4) == pytest.approx(slope(ds.grad(f), 0.4), rel=1e-7)


@pytest.mark.parametrize("n", [1, 2, 3])
def test_a_recursion_that_exchanges_its_arguments(n):
    """The entry differentiates one argument, the call inside it the other."""
    wanted = slope(lambda x: crossed(x, 0.7, n), 0.3)
    for derivative in (ds.grad, ds.jacrev, ds.jacfwd):
        assert derivative(crossed)(0.3, 0.7, n) == pytest.approx(wanted, rel=1e-7)
    assert ds.vjp(lambda x: crossed(x, 0.7, n), 0.3)[1](1.0)[0] == pytest.approx(wanted, rel=1e-7)
    assert ds.grad(ds.grad(crossed))(0.3, 0.7, n) == pytest.approx(
        slope(lambda x: ds.grad(crossed)(x, 0.7, n), 0.3), rel=1e-6, abs=1e-9
    )


def test_gradients_in_a_loop_are_not_compiled_again():
    def loss(w, x, y):
        return (np.sum(w * x) - y) ** 2

    w, rows = np.ones(3), np.ones((200, 3))
    ds.grad(loss)(w, rows[0], 1.0)
    start = time.perf_counter()
    for row in rows:
        ds.grad(loss)(w, row, 1.0)
    assert time.perf_counter() - start < 0.2  # one compilation takes some 10 ms


def compilations(run):
    """How many texts a run generates."""
    from diffsrc.compiler import derived

    before = derived._TIMES.total()
    run()
    return derived._TIMES.total() - before


def test_closures_made_in_a_loop_are_compiled_at_most_twice():
    rows = np.random.default_rng(0).standard_normal((20, 3))
    w = np.ones(3)

    def loop():
        for i, row in enumerate(rows):
            target = float(i)
            g = ds.grad(lambda w: (np.sum(w * row) - target) ** 2)(w)
            np.testing.assert_allclose(g, 2.0 * (np.sum(w * row) - target) * row)
            h = ds.grad(lambda w: (np.sum(w * rows[i]) - target) ** 2)(w)
            np.testing.assert_allclose(h, g)

    assert compilations(loop) <= 8
    assert compilations(loop) == 0


def test_closures_over_what_decides_the_text_stay_constant():
    x = np.arange(6.0).reshape(2, 3)
    for axis in (0, 1, 0, 1):
        gradient = ds.grad(lambda x: np.sum(np.max(x, axis=axis)))(x)
        wanted = np.zeros((2, 3))
        wanted[(1, slice(None)) if axis == 0 else (slice(None), 2)] = 1.0
        np.testing.assert_array_equal(gradient, wanted)


def test_a_captured_variable_that_changes():
    def outer():
        b = 1.0

        def h(x):
            return x * b

        d = ds.grad(h)
        found = [d(1.0)]
        b = 5.0
        found.append(d(1.0))
        b = 2.0
        found.append(d(1.0))
        return found

    assert outer() == [1.0, 5.0, 2.0]
    assert outer() == [1.0, 5.0, 2.0]


def test_built_modules_hold_inner_gradients():
    def g(x, p):
        return np.sum(np.sin(x * p))

    def f(x, p):
        return ds.grad(g)(x, p) ** 2

    text = ds.build(f, 0.5, X)
    assert "diffsrc" not in "\n".join(line for line in text.splitlines() if not line.startswith("#"))
    assert "def g_grad" in text
    namespace = {}
    exec(compile(text, "built", "exec"), namespace)
    assert namespace["f_grad"](0.5, X)[0] == pytest.approx(ds.grad(f)(0.5, X))


def test_a_function_that_calls_its_own_derivative_is_refused():
    with pytest.raises(ds.UnsupportedError, match="its own derivative"):
        ds.grad(own_derivative)(0.5, 2)


def own_derivative(x, n):
    return x * x if n == 0 else ds.grad(own_derivative)(x, n - 1)


def test_a_global_gradient_that_is_rebound():
    assert use_inner(2.0) == 12.0
    assert ds.grad(use_inner)(2.0) == 12.0
    global inner
    inner = ds.grad(lambda t: t**2)
    try:
        assert ds.grad(use_inner)(2.0) == 2.0
    finally:
        inner = ds.grad(cubed)
    assert ds.grad(use_inner)(2.0) == 12.0


def cubed(t):
    return t**3


inner = ds.grad(cubed)


def use_inner(x):
    return inner(x)


def rows_of_display(x, d):
    q = d * 1.0
    for part in (q[:2], q[2:4]):
        part[...] = x[:2]
    return np.sum(q * q)


def rows_of_split(x):
    z = x * 1.0
    s = 0.0
    for part in np.split(z, 3):
        part *= part
        s += part[0] * part[1]
    return s + (z**2).sum()


def test_views_in_a_display_that_a_loop_writes():
    x, d = np.arange(1.0, 7.0), np.ones(6)
    wanted = ds.grad(rows_of_display)(x, d)
    np.testing.assert_allclose(wanted, [4.0, 8.0, 0.0, 0.0, 0.0, 0.0])
    np.testing.assert_allclose(ds.jacfwd(rows_of_display)(x, d), wanted)


def test_third_order_of_written_views():
    rng = np.random.default_rng(0)
    x, v, w = rng.standard_normal((3, 6))
    third = ds.jvp(lambda y: ds.hvp(rows_of_split)(y, v), (x,), (w,))[1]
    wanted = slope(lambda t: ds.hvp(rows_of_split)(x + t * w, v), 0.0)
    np.testing.assert_allclose(third, wanted, rtol=1e-6)


def test_jacobians_and_hessians_are_differentiated() -> None:
    def f(x, k=1.5):
        u = x.copy()
        u[1:] *= np.sin(u[:-1]) * k
        return np.sum(u**3)

    x, e = np.array([0.3, -0.6, 1.4]), 1e-5
    third = ds.jacobian(ds.hessian(f))(x)
    wanted = [(ds.hessian(f)(x + e * d) - ds.hessian(f)(x - e * d)) / (2.0 * e) for d in np.eye(3)]
    assert np.allclose(third, np.stack(wanted, -1), atol=1e-7)
    hessian = ds.hessian(f)(x, 0.5)
    assert np.allclose(ds.jacfwd(ds.jacrev(f))(x, 0.5), hessian)
    assert np.allclose(ds.jacrev(ds.jacfwd(f))(x, 0.5), hessian)


def test_a_derivative_that_cannot_be_differentiated_says_so() -> None:
    for f in (ds.hvp(lambda x: (x**3).sum()), functools.partial(ds.grad(lambda x: (x**3).sum()))):
        with pytest.raises(ds.UnsupportedError, match="can't be differentiated again"):
            ds.jacfwd(f)(np.ones(2), *([np.ones(2)] if not isinstance(f, functools.partial) else []))


def test_a_pullback_inside_a_program_is_a_function_without_rule() -> None:
    _, pull = ds.vjp(lambda x: x**3, np.ones(2))
    _, push = ds.linearize(lambda x: x**3, np.ones(2))
    for f, args in ((lambda y: pull(y)[0].sum(), ()), (lambda y, p: p(y)[0].sum(), (pull,)), (lambda y: push(y).sum(), ())):
        with pytest.raises(ds.NoRuleError):
            ds.grad(f)(np.ones(2), *args)
