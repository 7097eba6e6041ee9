"""Lists whose items are known by position: where the length of a list matters, a derivative is one for lists of that length."""

from __future__ import annotations

import numpy as np
import pytest

import diffsrc as ds
from diffsrc.errors import UnsupportedError

RNG = np.random.default_rng(3)


def chain(ms, x):
    return np.sum(np.linalg.multi_dot(ms) ** 2) * x


def matrices(*sizes):
    return [RNG.normal(size=pair) for pair in zip(sizes, sizes[1:])]


def test_lengths_may_change_from_call_to_call():
    gradient = ds.grad(chain)
    for sizes in ((2, 3, 4), (2, 3, 4, 2), (3, 2, 2), (2, 3, 4)):
        ms = matrices(*sizes)
        found = gradient(ms, 1.5)
        assert type(found) is list
        assert [g.shape for g in found] == [m.shape for m in ms]
        ds.check_grads(chain, (ms, 1.5))


def test_what_is_shown_is_what_runs():
    text = ds.code_source(chain, matrices(2, 3, 4), 1.5)
    assert "arguments: [f64[n, m], f64[k, p]] value, float value" in text
    assert "multi_dot([ms_0, ms_1])" in text


def test_long_lists_are_refused_with_the_first_reason():
    with pytest.raises(UnsupportedError, match="multi_dot with a list made at run time"):
        ds.grad(chain)([np.eye(2)] * 70, 1.5)


def test_structures_come_back():
    def f(d):
        w, s = d["l"]
        return np.sum(w) * s * d["m"][1:][0]

    given = {"l": [np.ones(3), 2.0], "m": [[1.0], 2.0]}
    found = ds.grad(f)(given)
    assert type(found["l"]) is list
    assert found["m"][0] == [0.0]
    assert found["m"][1] == 6.0
    _, pull = ds.vjp(f, given)
    assert pull(1.0)[0]["l"][1] == 6.0
    assert ds.jvp(f, (given,), (given,))[1] == pytest.approx(3.0 * f(given))


def test_a_list_stays_a_list_to_the_program():
    def f(xs):
        factor = 1.0 if isinstance(xs, list) else 7.0
        return factor * (xs + [xs[1] * 2.0])[2] * np.sum(xs[0])

    with pytest.raises(UnsupportedError, match="add isn't defined"):
        ds.grad(lambda xs: (xs + (1.0,))[1] * np.sum(xs[0]))([np.ones(3), 2.0])
    assert ds.grad(f)([np.ones(3), 2.0])[1] == 6.0


def test_functions_that_nothing_reads_are_not_handed_on():
    def f(x):
        return np.sum(ds.jacrev(np.sin)(x) ** 2)

    def twice(g, x):
        return g(g(x))

    assert "fun" not in ds.code_source(f, np.ones(3))
    text = ds.code_source(lambda x: twice(np.sin, x) * 2.0, 1.5)
    assert "twice_fwd(x)" in text


def sorted_first(x, axis):
    return np.sum(np.sort(x, axis=axis)[0] * 2.0)


def by_layers(p, x, n):
    for i in range(n):
        x = np.tanh(x @ p[f"W{i}"] + p[f"b{i}"])
    return np.sum(x**2)


def test_numbers_whose_values_matter_may_change_from_call_to_call():
    x = np.arange(6.0).reshape(3, 2)[::-1]
    gradient, both = ds.grad(sorted_first), ds.value_and_grad(sorted_first)
    down, right = [[0.0, 0.0], [0.0, 0.0], [2.0, 2.0]], [[2.0, 2.0], [0.0, 0.0], [0.0, 0.0]]
    for axis, expected in ((0, down), (1, right), (0, down), (-1, right)):
        assert gradient(x, axis).tolist() == expected
        assert both(x, axis)[1].tolist() == expected
    for axis in (0, 1, 0):
        sparse = ds.sparse_jacobian(running)(x, axis).toarray()
        assert np.array_equal(sparse, ds.jacobian(running)(x, axis).reshape(6, 6))
        assert np.array_equal(ds.jvp(running, (x, axis), (x, None))[1], running(x, axis))


def running(x, axis):
    return np.ravel(np.cumsum(x, axis=axis))


def test_keys_of_a_number_that_is_given():
    p = {"W0": RNG.normal(size=(3, 4)), "b0": np.ones(4), "W1": RNG.normal(size=(4, 2)), "b1": np.ones(2)}
    x = RNG.normal(size=(2, 3))
    gradient = ds.grad(by_layers)
    for n in (2, 1, 2):
        ds.check_grads(by_layers, (p, x, n), order=2)
        assert np.any(gradient(p, x, n)["W1"]) == (n == 2)
