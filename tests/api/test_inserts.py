"""`with ds.insert_grad_of(x) as dx`: the body runs in the reverse sweep, and nowhere else."""

import contextlib
import io
import sys

import numpy as np
import pytest

import diffsrc as ds

seen = []


def clipped(x, w):
    h = np.sin(x * w)
    with ds.insert_grad_of(h) as dh:
        dh = np.clip(dh, -0.5, 0.5)
    return h * h * 20.0


def watched(x):
    h = x * x
    for _ in range(3):
        with ds.insert_grad_of(h) as dh:
            seen.append(dh)
        h = h * x
    return h


def of_array(x, y):
    z = x * y
    with ds.insert_grad_of(z) as dz:
        dz[0] = 0.0
    return np.sum(z * z)


def of_written(x, y):
    z = np.zeros(3)
    for i in range(3):
        z[i] = x[i] * y[i]
    with ds.insert_grad_of(z) as dz:
        dz = dz * np.array([0.0, 1.0, 2.0])
    z[1] = z[1] * 3.0
    return np.sum(z)


def with_variables(x):
    w = 2.0
    y = x * 3.0
    with ds.insert_grad_of(y) as dy:
        dy = dy * w + y
    w = 5.0
    return y * w


def printing(x):
    y = x * x
    with ds.insert_grad_of(y) as dy: print("dy =", dy)  # noqa: E701
    return y


def in_callee(x):
    return clipped(x, 2.0) * 3.0


def test_clipping_changes_the_cotangent():
    x, w = 0.7, 1.3
    assert ds.grad(clipped)(x, w) == pytest.approx(0.5 * np.cos(x * w) * w)
    assert ds.grad(clipped, 1)(x, w) == pytest.approx(0.5 * np.cos(x * w) * x)
    assert ds.grad(in_callee)(0.7) == pytest.approx(0.5 * np.cos(1.4) * 2.0)


def test_a_plain_call_skips_the_body():
    seen.clear()
    assert clipped(0.7, 1.3) == np.sin(0.7 * 1.3) ** 2 * 20.0
    assert watched(2.0) == 32.0
    assert seen == []
    assert sys.gettrace() is None
    with contextlib.redirect_stdout(io.StringIO()) as text:
        printing(2.0)
    assert text.getvalue() == ""


def test_a_plain_call_leaves_a_tracer_alone():
    lines = []

    def tracer(frame, event, arg):
        lines.append(event)
        return tracer

    before = sys.gettrace()
    sys.settrace(tracer)
    try:
        value = clipped(0.7, 1.3)
    finally:
        sys.settrace(before)
    assert value == clipped(0.7, 1.3)
    assert lines[-1] == "return"


def test_forward_mode_skips_the_body():
    seen.clear()
    assert ds.jvp(watched, (2.0,), (1.0,)) == (32.0, 80.0)
    assert ds.jvp(clipped, (0.7, 1.3), (1.0, 0.0))[1] == pytest.approx(20.0 * np.sin(1.82) * 1.3)
    assert seen == []


def test_cotangents_are_seen_in_the_order_of_the_reverse_sweep():
    seen.clear()
    assert ds.grad(watched)(2.0) == 80.0
    assert seen == [2.0, 4.0, 8.0]


def test_printing_in_the_reverse_sweep():
    with contextlib.redirect_stdout(io.StringIO()) as text:
        assert ds.grad(printing)(3.0) == 6.0
    assert text.getvalue() == "dy = 1.0\n"


def test_arrays():
    x, y = np.array([1.0, 2.0, 3.0]), np.array([0.5, -1.0, 2.0])
    np.testing.assert_allclose(ds.grad(of_array)(x, y), [0.0, 4.0, 24.0])
    np.testing.assert_allclose(ds.grad(of_written)(x, y), np.array([0.0, 3.0, 2.0]) * y)


def test_variables_have_the_values_of_the_with():
    assert ds.grad(with_variables)(1.0) == (5.0 * 2.0 + 3.0) * 3.0


def test_second_order_goes_through_what_was_inserted():
    assert ds.grad(ds.grad(clipped))(0.7, 1.3) == pytest.approx(-0.5 * np.sin(0.7 * 1.3) * 1.3**2)


def test_other_forms_are_refused():
    def expression(x):
        with ds.insert_grad_of(x * x) as d:
            print(d)
        return x

    def leaves(x):
        y = x * x
        with ds.insert_grad_of(y) as dy:
            return dy
        return y

    def assigns(x):
        y, z = x * x, 2.0
        with ds.insert_grad_of(y) as dy:
            z = dy
        return y * z

    def wrong_shape(x):
        y = x * x
        with ds.insert_grad_of(y) as dy:
            dy = np.array([dy, dy])
        return y

    for f in (expression, leaves, assigns, wrong_shape):
        with pytest.raises(ds.UnsupportedError):
            ds.grad(f)(2.0)


def test_an_inactive_variable_has_no_cotangent():
    seen.clear()

    def f(x, k):
        with ds.insert_grad_of(k) as dk:
            seen.append(dk)
        return x * k

    assert ds.grad(f)(2.0, 3.0) == 3.0
    assert seen == []


def test_names_of_handlers_belong_to_the_body() -> None:
    seen = []

    def f(x):
        s = np.sum(x)
        with ds.insert_grad_of(s) as ct:
            try:
                raise ValueError("in reverse")
            except ValueError as err:
                seen.append(str(err))
                ct = 2.0 * ct
        return s * s

    assert ds.grad(f)(np.array([0.5, 1.0])).tolist() == [6.0, 6.0]
    assert seen == ["in reverse"]
