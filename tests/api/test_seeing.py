"""Dumps, types given as text, built modules, public names."""

from __future__ import annotations

import re
import subprocess
import sys

import numpy as np
import pytest

import diffsrc as ds


def smooth(x, w):
    y = x.copy()
    for i in range(1, len(x)):
        y[i] = w * y[i - 1] + np.sin(x[i])
    return y.sum()


def relu_or_not(x, kind):
    return np.maximum(x, 0.0).sum() if kind == "relu" else x.sum()


def test_every_stage() -> None:
    assert "func smooth(%x, %w)" in str(ds.code_lowered(smooth))
    assert "%x: f64[n]" in str(ds.code_typed(smooth, "f64[n]", "f64"))
    assert "active" in str(ds.code_activity(smooth, "f64[n]", "f64", wrt=1))
    assert "func smooth_vjp" in str(ds.code_reverse(smooth, np.ones(3), 1.0))
    assert "func smooth_jvp" in str(ds.code_forward(smooth, np.ones(3), 1.0))
    assert "accum" in str(ds.code_optimized(smooth, "f64[:]", "float", mode="reverse"))
    assert "def smooth_jvp" in str(ds.code_source(smooth, "f64[:]", "float", mode=ds.Forward))
    assert "func smooth(%x: f64[%x]" in str(ds.code_warntype(smooth, "f64[:]", "f64"))


def test_memory_effects_and_plan_are_shown() -> None:
    typed = str(ds.code_typed(smooth, "f64[n]", "f64"))
    assert "mem A: param x, read" in typed
    assert "mem B: local y, written" in typed
    assert "reads B" in typed
    assert "writes B" in typed
    shown = str(ds.code_activity(smooth, "f64[n]", "f64"))
    assert "mem A: buffer (never written, read by part)" in shown
    assert "mem B: shadow (written)" in shown
    assert re.search(r"%\d+: f64 active = load %x\[%i\] .* needed by %\d+: reload", shown)
    assert "mem A: tangent" in str(ds.code_activity(smooth, "f64[n]", "f64", mode="forward"))


def clipped(x, k):
    def scaled(y):
        return k * y

    total = 0.0
    for i in range(len(x)):
        if x[i] > 1.0:
            total = np.exp(total) + scaled(x[i])
    return total


def test_functions_that_are_called_are_shown() -> None:
    for text in (ds.code_lowered(clipped), ds.code_typed(clipped, "f64[n]", "f64")):
        assert re.findall(r"^func (\w+)", str(text), re.M) == ["clipped", "scaled"]
    shown = str(ds.code_activity(clipped, "f64[n]", "f64"))
    assert re.search(r"needed by %\d+: save in \w+_saved", shown)


def test_dumps_are_shown_with_colours() -> None:
    dump = ds.code_source(smooth, "f64[n]", "f64")
    assert "\x1b[" in dump.coloured()
    assert dump._repr_html_().startswith("<pre>")
    assert "&lt;" in ds.code_source(lambda x: x if x < 1.0 else x * x, 2.0)._repr_html_()
    assert repr(dump) == str(dump)


def test_strings_are_types_and_constants_are_wrapped() -> None:
    text = str(ds.code_source(relu_or_not, "f64[n]", ds.Const("relu"), wrt=0))
    assert "x >= 0.0" in text or "x > 0.0" in text or "np.maximum" in text


@pytest.mark.parametrize("given", [("f64[",), ("unknown",), ("f64", "f64", "f64")])
def test_types_that_are_none(given: tuple[str, ...]) -> None:
    with pytest.raises(ds.DiffsrcError):
        ds.code_typed(smooth, *given)


def test_missing_types_are_named() -> None:
    with pytest.raises(ds.ActivityError, match="'w'"):
        ds.code_typed(smooth, "f64[n]")


def test_build_makes_a_module_without_diffsrc(tmp_path) -> None:
    path = tmp_path / "smooth_derivatives.py"
    text = ds.build(smooth, "f64[n]", "float", path=path)
    assert path.read_text(encoding="utf-8") == text
    assert text.splitlines()[0] == "# -*- coding: utf-8 -*-"
    assert text == ds.build(smooth, "f64[n]", "float")
    x = np.linspace(0.1, 1.0, 4)
    code = (
        f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n"
        "import numpy as np, smooth_derivatives as m\n"
        "x = np.linspace(0.1, 1.0, 4)\n"
        "(dx, dw) = m.smooth_grad(x, 0.5)\n"
        "value, both = m.smooth_value_and_grad(x, 0.5)\n"
        "out, dot = m.smooth_jvp(x, 0.5, dx, dw)\n"
        "assert 'diffsrc' not in sys.modules\n"
        "print(repr(float(value)), repr(float(dw)), repr(float(dot)), *map(repr, dx.tolist()))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    value, dw, dot, *dx = map(float, done.stdout.split())
    expected, (gx, gw) = ds.value_and_grad(smooth, (0, 1))(x, 0.5)
    assert (value, dw) == (expected, gw)
    assert dot == pytest.approx((gx * gx).sum() + gw * gw)
    np.testing.assert_array_equal(dx, gx)


def test_build_with_lists_and_one_mode() -> None:
    def total(xs, k):
        s = 0.0
        for i in range(len(xs)):
            s += xs[i] * xs[i]
        return s * k

    text = ds.build(total, "list[f64]", "float", wrt=0, modes=("reverse",))
    assert "_jvp" not in text
    scope: dict = {}
    exec(text, scope)
    assert scope["total_grad"]([1.0, 2.0], 3.0) == [6.0, 12.0]


def test_public_names() -> None:
    for name in ds.__all__:
        assert getattr(ds, name) is not None
    assert set(ds.__all__) <= set(dir(ds))
    with pytest.raises(AttributeError):
        ds.no_such_name  # noqa: B018


def first_doubled(container):
    y = container[0]
    n = len(container)
    z = 2 * y
    return z + n * 2.0


def test_what_is_not_concrete_stands_out(monkeypatch) -> None:
    """In red, on a terminal and in HTML; what is concrete doesn't."""
    dump = ds.code_warntype(first_doubled, "list[Any]")
    assert "-> Any {" in dump and "%y: Any" in dump and "# not concrete: y" in dump
    assert "# not concrete: n" not in dump
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    red = re.findall(r"\x1b\[1;31m(.*?)\x1b\[0m", repr(dump))
    assert {"%container", "%y", "%z", "Any"} <= set(red) and not {"%n", "int", "float"} & set(red)
    assert re.sub(r"\x1b\[[\d;]*m", "", repr(dump)) == str(dump)
    page = re.findall(r'<span style="color:#b31d28;font-weight:bold">(.*?)</span>', dump._repr_html_())
    assert page == red
    concrete = ds.code_warntype(first_doubled, [1.0])
    assert "not concrete" not in concrete and "1;31m" not in concrete.coloured() and "b31d28" not in concrete._repr_html_()


class Ball:
    r = 1.0

    def area(self, x):
        return x * self.r


class Box:
    w = 2.0

    def area(self, x):
        return x * self.w**2


def test_one_of_several_is_not_concrete() -> None:
    def total(x, big):
        shape = Ball() if big else Box()
        size = None
        for i in range(3):
            size = shape.area(x) if size is None else size + i
        return size

    dump = ds.code_warntype(total, "float", "int")
    assert re.search(r"%shape: .*# not concrete: .*shape", str(dump))
    assert re.search(r"%size\w*: .*None.*# not concrete: .*size", str(dump))
    assert "%x" not in "".join(re.findall("# not concrete: (.*)", str(dump)))
