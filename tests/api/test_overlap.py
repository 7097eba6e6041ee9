"""Arguments that overlap in memory and are written."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

import diffsrc as ds

RNG = np.random.default_rng(5)
MEMORY = RNG.standard_normal(8)
DIRECTION = RNG.standard_normal(8)
S = 1.3

PATTERNS: dict[str, Any] = {
    "the same twice": lambda m: (m, m),
    "shifted": lambda m: (m[1:], m[:-1]),
    "in part": lambda m: (m[:4], m[2:6]),
    "backwards": lambda m: (m, m[::-1]),
    "interleaved": lambda m: (m[::2], m[1::2]),
}


def update(a: Any, b: Any, s: Any) -> Any:
    a *= b
    a += s
    b[0] = a[1] ** 2
    return (a * b).sum() * s


def read(a: Any, b: Any, w: Any) -> Any:
    w[0] = a[0]
    return (a * b).sum() + w[0]


def differences(make: Any, f: Any, memory: Any, step: float = 1e-6) -> Any:
    """The Jacobian of f with respect to the memory that its arguments show."""
    rows = [(f(*make(memory + step * e), S) - f(*make(memory - step * e), S)) / (2 * step) for e in np.eye(len(memory))]
    return np.array(rows)


@pytest.mark.parametrize("make", PATTERNS.values(), ids=PATTERNS.keys())
class TestPatterns:
    def test_gradients_are_those_of_the_memory(self, make: Any) -> None:
        wanted = differences(make, update, MEMORY)
        places = make(np.arange(8))
        args = make(MEMORY.copy())
        found = ds.grad(update, (0, 1))(*args, S)
        for g, place in zip(found, places):
            np.testing.assert_allclose(g, wanted[place], rtol=1e-5, atol=1e-8)
        assert not np.shares_memory(*found)
        plain = make(MEMORY.copy())
        update(*plain, S)
        assert all(np.array_equal(a, b) for a, b in zip(args, plain))

    def test_one_argument_alone(self, make: Any) -> None:
        wanted = differences(make, update, MEMORY)
        np.testing.assert_allclose(
            ds.grad(update)(*make(MEMORY.copy()), S), wanted[make(np.arange(8))[0]], rtol=1e-5, atol=1e-8
        )

    def test_pullback_twice(self, make: Any) -> None:
        wanted = differences(make, update, MEMORY)
        _, pullback = ds.vjp(update, *make(MEMORY.copy()), S)
        for scale in (1.0, 2.0):
            for g, place in zip(pullback(scale), make(np.arange(8))):
                np.testing.assert_allclose(g, scale * wanted[place], rtol=1e-5, atol=1e-8)

    def test_tangents(self, make: Any) -> None:
        shown = np.zeros(8)
        for place in make(np.arange(8)):
            shown[place] = 1.0
        tangents = tuple(t.copy() for t in make(DIRECTION))
        _, dot = ds.jvp(update, (*make(MEMORY.copy()), S), (*tangents, 0.0))
        np.testing.assert_allclose(dot, differences(make, update, MEMORY) @ (shown * DIRECTION), rtol=1e-5)

    def test_second_order(self, make: Any) -> None:
        shown = np.zeros(8)
        for place in make(np.arange(8)):
            shown[place] = DIRECTION[place]

        def gradients(memory: Any) -> Any:
            return np.concatenate(ds.grad(update, (0, 1))(*make(memory), S))

        wanted = (gradients(MEMORY + 1e-6 * shown) - gradients(MEMORY - 1e-6 * shown)) / 2e-6
        tangents = tuple(t.copy() for t in make(DIRECTION))
        found = ds.hvp(update, *make(MEMORY.copy()), S, tangents, argnums=(0, 1))
        np.testing.assert_allclose(np.concatenate(found), wanted, rtol=1e-4, atol=1e-6)


def scale(a: Any, b: Any, s: Any) -> Any:
    a *= b
    return np.sum(a + b) * s


def test_what_is_written_by_its_other_name_is_copied_before() -> None:
    x = MEMORY[:3].copy()
    for g in ds.grad(scale, (0, 1))(x, x, S):
        np.testing.assert_allclose(g, 4.0 * S * MEMORY[:3])


def test_tangents_that_differ_are_refused() -> None:
    x = MEMORY.copy()
    with pytest.raises(ds.ActivityError, match="tangents differ"):
        ds.jvp(update, (x, x, S), (DIRECTION, 2 * DIRECTION, 0.0))


def test_what_is_only_read_has_a_gradient_per_argument() -> None:
    x, w = MEMORY[:3].copy(), np.zeros(2)
    for_a, for_b = ds.grad(read, (0, 1))(x, x, w)
    np.testing.assert_allclose(for_a, x + np.array([1.0, 0.0, 0.0]))
    np.testing.assert_allclose(for_b, x)


def test_a_list_that_holds_another_argument_is_refused() -> None:
    def f(xs: Any, a: Any) -> Any:
        a *= 2.0
        return (xs[0] * a).sum()

    x = MEMORY[:3].copy()
    with pytest.raises(ds.AliasError, match="arguments 0 and 1 of .*f overlap"):
        ds.grad(f, 1)([x], x)


def test_shadows_overlap_as_their_primals_do() -> None:
    x, d = MEMORY[:3].copy(), np.zeros(3)
    ds.autodiff(ds.Reverse, update, ds.Active, ds.Duplicated(x, d), ds.Duplicated(x, d), ds.Const(S))
    x = MEMORY[:3].copy()
    np.testing.assert_allclose(d, ds.grad(update)(x, x, S))
    with pytest.raises(ds.AliasError, match="don't overlap as their primals do"):
        ds.autodiff(
            ds.Reverse, update, ds.Active, ds.Duplicated(x, np.zeros(3)), ds.Duplicated(x, np.zeros(3)), ds.Const(S)
        )
    with pytest.raises(ds.AliasError, match="not all have a shadow"):
        ds.autodiff(ds.Reverse, update, ds.Active, ds.Duplicated(x, np.zeros(3)), ds.Const(x), ds.Const(S))


def test_the_pattern_is_found_at_each_call() -> None:
    gradient = ds.grad(update)
    for _ in range(2):
        x, y = MEMORY[:3].copy(), MEMORY[3:6].copy()
        apart = gradient(x, y, S)
        x = MEMORY[:3].copy()
        together = gradient(x, x, S)
    wanted = differences(PATTERNS["the same twice"], update, MEMORY[:3])
    np.testing.assert_allclose(together, wanted, rtol=1e-5)
    assert not np.allclose(apart, together)


def test_shadows_that_overlap_though_their_primals_do_not() -> None:
    x, y, memory = np.ones(3), np.ones(3), np.zeros(4)
    with pytest.raises(ds.AliasError, match="arguments 0 and 1"):
        ds.autodiff(ds.Reverse, np_dot, ds.Active, ds.Duplicated(x, memory[:3]), ds.Duplicated(y, memory[1:]))
    with pytest.raises(ds.ActivityError, match="elements of the shadow overlap"):
        ds.Duplicated(x, np.lib.stride_tricks.as_strided(memory, (3,), (0,)))
    ds.Duplicated(np.ones((2, 3)), np.zeros((4, 6))[::2, ::-2])


def np_dot(a: Any, b: Any) -> Any:
    return np.sum(a * b)


def flattened_in_place(x: Any) -> Any:
    r = x.ravel()
    r *= r
    r[0] *= x[0, 1]
    return x.sum()


@pytest.mark.parametrize("shadow", [np.zeros((2, 3)), np.zeros((2, 3), order="F"), np.zeros((4, 6))[::2, ::2]])
def test_shadows_in_another_layout_than_their_primals(shadow: Any) -> None:
    x = np.arange(6.0).reshape(2, 3) + 0.5
    wanted = ds.grad(flattened_in_place)(x.copy())
    ds.autodiff(ds.Reverse, flattened_in_place, ds.Active, ds.Duplicated(x.copy(), shadow))
    assert np.array_equal(shadow, wanted)
    shadow[...] = 1.0
    dot, *_ = ds.autodiff(ds.Forward, flattened_in_place, ds.Duplicated, ds.Duplicated(x.copy(), shadow))
    assert np.isclose(dot, wanted.sum()) and np.isclose(shadow.sum(), dot)


@dataclass
class Body:
    k: float


def _two(x, a, b):
    a.k = x[0] ** 2
    return b.k * x[1]


def _pairs(x, bodies, pairs):
    for b in bodies:
        b.k = b.k * x[0]
    s = 0.0
    for p, q in pairs:
        s = s + p.k * q.k * x[1]
    return s


def _keys(x, d, e):
    d["k"] = x[0] ** 2
    return e["k"] * x[1]


ONE, OTHER = Body(1.0), Body(2.0)


@pytest.mark.parametrize(
    ("f", "args"),
    [(_two, (ONE, ONE)), (_pairs, ([ONE, OTHER], [(ONE, OTHER)])), (_keys, ({"k": 1.0},) * 2), (_keys, ({"k": 1.0}, {"k": 1.0}))],
)
def test_objects_that_two_arguments_hold(f, args):
    x = np.array([3.0, 2.0])
    shared = args[0] is args[1] or f is _pairs
    for run in (
        lambda: ds.grad(f)(x, *copy.deepcopy(args)),
        lambda: ds.vjp(f, x, *copy.deepcopy(args))[1](1.0),
        lambda: ds.jvp(f, (x, *copy.deepcopy(args)), (x, *map(ds.make_zero, args))),
    ):
        if shared:
            with pytest.raises(ds.AliasError, match="arguments 1 and 2 of .* hold one and the same object"):
                run()
        else:
            run()


def test_an_object_of_two_arguments_that_is_only_read():
    def f(x, a, rows):
        return a[0] * x[0] + rows[0][0] * x[1]

    a = [2.0, 3.0]
    assert ds.grad(f)(np.array([3.0, 2.0]), a, [a]).tolist() == [2.0, 2.0]
