"""How derivatives are found, kept and checked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import diffsrc as ds
from diffsrc.api import engine
from diffsrc.compiler import validate
from diffsrc.errors import InternalError

X = np.array([1.0, 2.0, 3.0])


def scaled(x, ks):
    return np.sum(x * ks[0]) + ks[1]


def test_ints_among_floats_are_refused_where_derivatives_are_asked_for() -> None:
    with pytest.raises(ds.DiffTypeError, match="among floats"):
        ds.grad(scaled, argnums=1)(X, [2.0, 1])
    assert ds.grad(scaled)(X, [2.0, 1]).tolist() == [2.0, 2.0, 2.0]


def squares(x):
    return np.sum(x * x)


def test_the_oldest_signature_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    engine.forget()
    monkeypatch.setattr(engine, "_TABLE_SIZE", 2)
    compiled = []
    compile_derivative = engine.compile_derivative

    def counted(mode: str, fn: Any, types: Any, *more: Any) -> Any:
        compiled.append(types)
        return compile_derivative(mode, fn, types, *more)

    monkeypatch.setattr(engine, "compile_derivative", counted)
    for shape in ((3,), (3, 3), (3, 3, 3), (3, 3)):
        ds.grad(squares)(np.ones(shape))
    assert len(compiled) == 3
    ds.grad(squares)(np.ones(3))
    assert len(compiled) == 4
    engine.forget()


MODES: dict[str, Callable[[], Any]] = {
    "grad": lambda: ds.grad(squares)(X),
    "value_and_grad": lambda: ds.value_and_grad(squares)(X),
    "vjp": lambda: ds.vjp(squares, X)[1](1.0),
    "jvp": lambda: ds.jvp(squares, (X,), (X,)),
}


@pytest.mark.parametrize("mode", list(MODES))
def test_each_mode_is_validated(mode: str, monkeypatch: pytest.MonkeyPatch) -> None:
    engine.forget()
    monkeypatch.setenv("DIFFSRC_VALIDATE", "1")
    before = sum(validate.TALLY.values())
    MODES[mode]()
    assert sum(validate.TALLY.values()) > before
    engine.forget()


def test_gradients_of_a_wrong_kind_are_internal_errors() -> None:
    """What the compiler gives is held against the argument: never another shape, never a part dropped in silence."""
    for primal, got in ((X, np.zeros(2)), (X, 1.0), (X, X * 1j), (1.0, X), (1.0, 1j)):
        with pytest.raises(InternalError):
            engine.finish(primal, got, "value")
    assert engine.finish(X, 0.0, "value").tolist() == [0.0, 0.0, 0.0]
    assert engine.finish(X.astype(np.float32), X, "value").dtype == np.float32
    assert engine.finish(np.array(2.0), 3.0, "value").shape == ()


def weighted(x, w):
    return np.sum(x * w)


def test_calls_like_the_last_one_take_the_short_way(monkeypatch: pytest.MonkeyPatch) -> None:
    g = ds.value_and_grad(weighted)
    w = np.array([1.0, 2.0, 4.0])
    g(X, w)
    g(X, w)
    monkeypatch.setattr(engine.Site, "find", lambda *args: pytest.fail("types were looked at again"))
    value, gradient = g(X + 1.0, w)
    assert value == np.sum((X + 1.0) * w)
    assert gradient.tolist() == w.tolist()


def test_other_shapes_and_dtypes_do_not_take_it() -> None:
    g = ds.grad(weighted)
    w = np.array([1.0, 2.0, 4.0])
    for _ in range(3):
        assert g(X, w).tolist() == w.tolist()
    assert g(np.ones(1), w).tolist() == [7.0]
    assert g(X, w).tolist() == w.tolist()
    assert g(X, w[:1]).tolist() == [1.0, 1.0, 1.0]
    assert g(X.astype(np.float32), w).dtype == np.float32


STATE: dict[str, Any] = {"w": 2.0, "fixed": (1.0, 3)}
PAIR: Any = (2.0, 3)


def reads_state(x):
    return np.sum(x * STATE["w"]) * PAIR[1]


def test_what_is_read_from_outside_may_change_its_type(monkeypatch: pytest.MonkeyPatch) -> None:
    g = ds.grad(reads_state)
    assert g(X).tolist() == [6.0, 6.0, 6.0]
    monkeypatch.setitem(STATE, "w", np.array([[1.0, 2.0, 4.0], [1.0, 1.0, 1.0]]))
    assert g(X).tolist() == [6.0, 9.0, 15.0]
    monkeypatch.setitem(STATE, "w", X * 0.0 + 1.0)
    assert g(X).tolist() == [3.0, 3.0, 3.0]


def test_an_equal_tuple_in_place_of_one_is_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    g = ds.grad(reads_state)
    g(X)
    monkeypatch.setitem(globals(), "PAIR", (float("2.0"), int("3")))
    monkeypatch.setattr(engine, "compile_derivative", lambda *args: pytest.fail("compiled again"))
    assert g(X).tolist() == [6.0, 6.0, 6.0]
