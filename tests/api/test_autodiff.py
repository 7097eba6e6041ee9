"""The style of Enzyme: activities, modes, shadows."""

from __future__ import annotations

import numpy as np
import pytest

import diffsrc as ds
from diffsrc import Active, BatchDuplicated, Const, Duplicated, DuplicatedNoNeed, Forward, Reverse

X = np.array([0.5, -1.0, 2.0])


def product(x, y):
    return x * y


def energy(x, k):
    return k * (x * x).sum()


def square_into(out, x):
    out[:] = x * x


def test_reverse_of_numbers() -> None:
    assert ds.autodiff(Reverse, product, Active, Active(2.0), Active(3.0)) == (3.0, 2.0)
    assert ds.autodiff(Reverse, product, Active, Active(2.0), Const(3.0)) == (3.0, None)
    assert ds.autodiff(Reverse, product, Active(2.0), 3.0) == (3.0, None)
    assert ds.autodiff(ds.ReverseWithPrimal, product, Active, Active(2), Const(3.0)) == ((3.0, None), 6.0)


def test_reverse_adds_to_shadows() -> None:
    dx = np.ones(3)
    derivatives = ds.autodiff(Reverse, energy, Active, Duplicated(X, dx), Active(2.0))
    assert derivatives == (None, pytest.approx(5.25))
    np.testing.assert_allclose(dx, 1.0 + 4.0 * X)


def test_reverse_through_a_written_argument() -> None:
    out, dout, dx = np.zeros(3), np.array([1.0, 2.0, 3.0]), np.zeros(3)
    assert ds.autodiff(Reverse, square_into, Const, Duplicated(out, dout), Duplicated(X, dx)) == (None, None)
    np.testing.assert_array_equal(out, X * X)
    np.testing.assert_array_equal(dout, 0.0)
    np.testing.assert_allclose(dx, 2.0 * X * np.array([1.0, 2.0, 3.0]))


def test_forward() -> None:
    v = np.ones(3)
    assert ds.autodiff(Forward, energy, Duplicated, Duplicated(X, v), Const(2.0)) == (pytest.approx(4.0 * X.sum()),)
    assert ds.autodiff(ds.ForwardWithPrimal, product, Duplicated, Duplicated(2.0, 1.0), Const(3.0)) == (
        3.0,
        6.0,
    )
    assert ds.autodiff(Forward, product, DuplicatedNoNeed, Duplicated(2.0, 1.0), Duplicated(3.0, 1.0)) == (5.0,)
    assert ds.autodiff(Forward, product, Const, Duplicated(2.0, 1.0), Const(3.0)) == ()


def test_forward_through_a_written_argument() -> None:
    out, out_dot = np.zeros(3), np.full(3, 9.0)
    ds.autodiff(Forward, square_into, Const, Duplicated(out, out_dot), Duplicated(X, np.ones(3)))
    np.testing.assert_allclose(out_dot, 2.0 * X)


def test_batches() -> None:
    got = ds.autodiff(Forward, product, BatchDuplicated(2.0, (1.0, 2.0)), Const(3.0))
    assert got == ((3.0, 6.0),)
    d1, d2 = np.zeros(3), np.ones(3)
    ds.autodiff(Reverse, energy, Active, BatchDuplicated(X, (d1, d2)), Const(1.0))
    np.testing.assert_allclose(d1, 2.0 * X)
    np.testing.assert_allclose(d2, 2.0 * X + 1.0)
    with pytest.raises(ds.ActivityError):
        ds.autodiff(Forward, product, BatchDuplicated(2.0, (1.0,)), BatchDuplicated(3.0, (1.0, 2.0)))
    with pytest.raises(ds.ActivityError):
        ds.autodiff(Forward, product, BatchDuplicated(2.0, (1.0,)), Duplicated(3.0, 1.0))


def work_buffer(x, work):
    work[:] = x * x
    return work.sum()


def test_a_constant_work_buffer_has_a_shadow_of_its_own() -> None:
    work, dx = np.zeros(3), np.zeros(3)
    ds.autodiff(Reverse, work_buffer, Active, Duplicated(X, dx), Const(work))
    np.testing.assert_allclose(dx, 2.0 * X)
    np.testing.assert_array_equal(work, X * X)
    np.testing.assert_allclose(ds.grad(work_buffer)(X, np.zeros(3)), 2.0 * X)
    got = ds.autodiff(Forward, work_buffer, Duplicated, Duplicated(X, np.ones(3)), Const(np.zeros(3)))
    assert got == (pytest.approx(2.0 * X.sum()),)


def test_wrong_annotations() -> None:
    with pytest.raises(ds.ActivityError, match="Duplicated"):
        Active(X)
    with pytest.raises(ds.ActivityError):
        Active("text")
    with pytest.raises(ds.ActivityError, match="gradient"):
        ds.autodiff(Reverse, product, Active, Duplicated(2.0, 0.0), Const(3.0))
    with pytest.raises(ds.ActivityError, match="gradient"):
        ds.autodiff(Reverse, lambda p: p[0], Active, Duplicated((2.0,), (0.0,)))
    with pytest.raises(ds.ActivityError, match="reverse"):
        ds.autodiff(Forward, product, Duplicated, Active(2.0), Const(3.0))
    with pytest.raises(ds.ActivityError):
        ds.autodiff(Forward, product, Active, Duplicated(2.0, 1.0), Const(3.0))
    with pytest.raises(ds.ActivityError, match="Active"):
        ds.autodiff(Reverse, lambda x: x * 2.0, Active, Duplicated(X, np.zeros(3)))


def annotated(w: ds.Const, x: ds.Active) -> ds.Active:
    return w * x


def test_annotations_of_the_function() -> None:
    assert ds.autodiff(Reverse, annotated, 2.0, 3.0) == (None, 2.0)
    assert ds.autodiff(Reverse, annotated, Active(2.0), Const(3.0)) == (3.0, None)


def test_gradient_by_mode() -> None:
    for mode in (Forward, Reverse):
        dx, dk = ds.gradient(mode, energy, X, 2.0)
        np.testing.assert_allclose(dx, 4.0 * X)
        assert dk == pytest.approx(5.25)
        dx, dk = ds.gradient(mode, energy, X, Const(2.0))
        assert dk is None
    (dx, dk), value = ds.gradient(ds.ReverseWithPrimal, energy, X, 2.0)
    assert value == pytest.approx(10.5)


def test_jacobian_by_mode() -> None:
    f = lambda x, k: x * k
    for mode in (Forward, Reverse):
        dx, dk = ds.jacobian(mode, f, X, 2.0)
        np.testing.assert_allclose(dx, 2.0 * np.eye(3))
        np.testing.assert_allclose(dk, X)
    (dx,), value = ds.jacobian(ds.ForwardWithPrimal, lambda x: x * 2.0, X)
    np.testing.assert_array_equal(value, 2.0 * X)


def test_modes_are_values() -> None:
    assert ds.set_runtime_activity(Reverse) != Reverse
    assert ds.autodiff(ds.set_strong_zero(ds.set_runtime_activity(Reverse)), product, Active(2.0), 3.0) == (
        3.0,
        None,
    )


def test_exceptions_leave_shadows_alone() -> None:
    def f(x):
        y = x * x
        if y[0] < 10.0:
            raise ValueError("stop")
        return y.sum()

    dx = np.ones(3)
    with pytest.raises(ValueError, match="stop"):
        ds.autodiff(Reverse, f, Active, Duplicated(X, dx))
    np.testing.assert_array_equal(dx, 1.0)
