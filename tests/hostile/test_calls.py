"""Strange calls: argnums, keywords, defaults and globals that change, files that change or vanish, doctests, threads."""

from __future__ import annotations

import doctest
import importlib
import importlib.util
import linecache
import os
import sys
import threading
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

import diffsrc as ds

from .harness import defined


def pair(x, y):
    return x * x * y


@pytest.mark.parametrize("argnums", [2, -3, "z", (0, 0), (), (0, 5), 1.5, None, True, (0, None), [[0]], {0}, object()])
def test_argnums_that_name_nothing(argnums: Any) -> None:
    with pytest.raises(ds.ActivityError):
        ds.grad(pair, argnums)(1.5, 2.0)


@pytest.mark.parametrize(("argnums", "wanted"), [
    (0, 6.0), (1, 2.25), (-1, 2.25), (-2, 6.0), ("x", 6.0), ("y", 2.25), ((0, 1), (6.0, 2.25)), ([1, 0], (2.25, 6.0)),
    (("y",), (2.25,)), ((0, "y"), (6.0, 2.25)),
])  # fmt: skip
def test_argnums_that_are_right(argnums: Any, wanted: Any) -> None:
    assert ds.grad(pair, argnums)(1.5, 2.0) == wanted


def test_one_argument_named_twice() -> None:
    """A negative number or a name may mean an argument that is there already: once each is fine, both get its gradient,
    or it is refused."""
    for argnums in ((0, -2), (0, "x")):
        try:
            got = ds.grad(pair, argnums)(1.5, 2.0)
        except ds.ActivityError:
            continue
        assert got == (6.0, 6.0)


@pytest.mark.parametrize(("args", "kwargs"), [
    ((), {}), ((1.0,), {}), ((1.0, 2.0, 3.0), {}), ((1.0,), {"z": 2.0}), ((1.0, 2.0), {"x": 1.0}), ((), {"y": 1.0}),
])  # fmt: skip
def test_calls_that_do_not_fit(args: Any, kwargs: Any) -> None:
    with pytest.raises(TypeError):
        pair(*args, **kwargs)
    for run in (ds.grad(pair), ds.value_and_grad(pair)):
        with pytest.raises(TypeError):
            run(*args, **kwargs)
    with pytest.raises(TypeError):
        ds.vjp(pair, *args, **kwargs)


def test_keywords() -> None:
    assert ds.grad(pair)(1.5, y=2.0) == 6.0
    assert ds.grad(pair, "x")(x=1.5, y=2.0) == 6.0
    assert ds.grad(pair, "y")(1.5, y=2.0) == 2.25
    assert ds.grad(pair, ("x", "y"))(y=2.0, x=1.5) == (6.0, 2.25)


def test_defaults_that_change() -> None:
    f = defined("def f(x, k=2.0, w=[1.0, 2.0]):\n    return x * x * k * w[0]\n")
    assert ds.grad(f)(1.5) == 6.0
    f.__defaults__ = (3.0, [1.0, 2.0])
    assert ds.grad(f)(1.5) == 9.0
    f.__defaults__[1][0] = 2.0
    assert ds.grad(f)(1.5) == 18.0
    f.__defaults__[1].append(5.0)
    assert ds.grad(f)(1.5) == 18.0


def test_globals_that_change() -> None:
    f = defined("K = 2.0\nW = np.ones(3)\n\ndef g(x):\n    return x * K\n\ndef f(x):\n    return g(x) * x * W[0]\n")
    grad = ds.grad(f)
    scope = f.__globals__
    assert grad(1.5) == 6.0
    scope["K"] = 3.0
    assert grad(1.5) == 9.0
    scope["K"] = np.float64(4.0)
    assert grad(1.5) == 12.0
    scope["W"][0] = 2.0  # the array is the same, its contents are read at each call
    assert grad(1.5) == 24.0
    scope["W"] = np.full(2, 3.0)
    assert grad(1.5) == 36.0
    scope["g"] = lambda x: x * x
    assert abs(grad(1.5) - 3 * 1.5**2 * 3.0) < 1e-12
    del scope["K"], scope["W"]
    with pytest.raises((ds.UnsupportedError, NameError)):
        grad(1.5)
    scope["W"] = np.ones(1)
    assert abs(grad(1.5) - 3 * 1.5**2) < 1e-12


def test_recursion_through_a_global_that_is_rebound() -> None:
    f = defined("def f(x, n):\n    return x if n == 0 else x * f(x, n - 1)\n")
    grad, scope = ds.grad(f), f.__globals__
    assert grad(1.5, 2) == 3 * 1.5**2
    scope["f"] = lambda x, n: 1.0
    assert grad(1.5, 2) == 1.0


def test_code_that_is_replaced() -> None:
    f = defined("def f(x):\n    return x * x\n\ndef g(x):\n    return x * x * x\n")
    g = f.__globals__["g"]
    grad = ds.grad(f)
    assert grad(2.0) == 4.0
    f.__code__ = g.__code__
    assert grad(2.0) == 12.0
    assert ds.grad(f)(2.0) == 12.0
    caller = defined("def f(x):\n    return x * x\n\ndef g(x):\n    return f(x) * x\n", "g")
    assert ds.grad(caller)(2.0) == 12.0
    caller.__globals__["f"].__code__ = g.__code__
    assert ds.grad(caller)(2.0) == 32.0


def test_defaults_of_callees_that_change() -> None:
    f = defined("def g(x, k=2.0):\n    return x * k\n\ndef f(x):\n    return g(x) * x\n")
    grad = ds.grad(f)
    assert grad(1.5) == 6.0
    f.__globals__["g"].__defaults__ = (3.0,)
    assert grad(1.5) == 9.0


def module_of(file: Path, text: str) -> ModuleType:
    file.write_text(text, encoding="utf-8")
    spec = importlib.util.spec_from_file_location(file.stem, file)
    assert spec is not None and spec.loader is not None
    module = sys.modules[file.stem] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


TEXT = "def f(x):\n    return x * x\n\n\ndef g(x):\n    return f(x) * x\n"


def test_files_that_change(tmp_path: Path) -> None:
    """A file edited after its import isn't what runs; one that is reloaded is."""
    file = tmp_path / "hostile_module.py"
    module = module_of(file, TEXT)
    old = module.f
    file.write_text(TEXT.replace("x * x\n\n", "x * x * x\n\n"), encoding="utf-8")
    os.utime(file, (1, 1))
    for fn in (module.f, module.g):
        with pytest.raises(ds.UnsupportedError) as info:
            ds.grad(fn)(2.0)
        assert info.value.code == "DS102"
    linecache.checkcache()
    module = module_of(file, file.read_text(encoding="utf-8"))
    assert ds.grad(module.f)(2.0) == 12.0
    with pytest.raises(ds.UnsupportedError):
        ds.grad(old)(2.0)
    file.write_text("this is no Python (\n", encoding="utf-8")
    os.utime(file, (2, 2))
    fresh = defined("def h(x):\n    return 2.0 * x\n", "h")
    assert ds.grad(fresh)(2.0) == 2.0
    assert ds.grad(module.f)(2.0) == 12.0  # compiled before
    assert ds.jvp(module.f, (2.0,), (1.0,)) == (8.0, 12.0)  # lowered before: what runs hasn't changed
    file.unlink()
    with pytest.raises(ds.UnsupportedError) as info:
        ds.vjp(module.g, 2.0)
    assert info.value.code in ("DS101", "DS102")


@pytest.mark.parametrize("text", ["\ufeff" + TEXT, "# -*- coding: latin-1 -*-\n# caf\xe9\n" + TEXT, TEXT.replace("\n", "\r\n")])
def test_encodings(tmp_path: Path, text: str) -> None:
    file = tmp_path / "hostile_encoding.py"
    encoding = "latin-1" if "latin" in text else "utf-8"
    file.write_bytes(text.encode(encoding))
    spec = importlib.util.spec_from_file_location(file.stem, file)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert ds.grad(module.g)(2.0) == 12.0


def cubic(x):
    """
    >>> def f(x):
    ...     y = x * x
    ...     return y * x
    >>> ds.grad(f)(2.0)
    12.0
    >>> ds.grad(lambda x: x * x)(3.0)
    6.0
    """
    return x**3


def test_doctests() -> None:
    runner = doctest.DocTestRunner(verbose=False)
    for test in doctest.DocTestFinder().find(cubic, globs={"ds": ds}):
        runner.run(test)
    assert runner.summarize(verbose=False) == (0, 3)


def test_cells_of_a_notebook() -> None:
    """A cell that is run again replaces the function; the old one is still what it was."""
    old = defined("def f(x):\n    return x * x\n", file="<ipython-input-1-abc>")
    new = defined("def f(x):\n    return x * x * x\n", file="<ipython-input-2-abc>")
    assert ds.grad(old)(2.0) == 4.0
    assert ds.grad(new)(2.0) == 12.0
    assert ds.grad(old)(2.0) == 4.0


def test_compiled_in_threads() -> None:
    """Many threads may compile and run at once."""
    f = defined("def f(x, k):\n    s = 0.0\n    for i in range(k):\n        s += x * x * i\n    return s\n")
    results: dict[int, float] = {}

    def run(k: int) -> None:
        results[k] = ds.grad(f)(2.0 if k % 2 else np.float64(2.0), k)

    threads = [threading.Thread(target=run, args=(k,)) for k in range(12)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert results == {k: 4.0 * (k * (k - 1) // 2) for k in range(12)}


@pytest.mark.parametrize("bad", ["abc", None, (1.0, 2.0), [1.0], np.ones(3), {"a": 1.0}, 1j, object()])
def test_tangents_and_cotangents_of_another_kind(bad: Any) -> None:
    f = defined("def f(x):\n    return x * x\n")
    with pytest.raises(ds.DiffsrcError):
        ds.jvp(f, (1.5,), (bad,)) if bad is not None else ds.jvp(f, (1.5,), (None, None))
    _, pullback = ds.vjp(f, 1.5)
    if bad is not None:
        with pytest.raises(ds.DiffsrcError):
            pullback(bad)


@pytest.mark.parametrize("wrong", [3, "f", None, [], np.ones(2), 1.5])
def test_what_is_no_function(wrong: Any) -> None:
    for run in (
        lambda: ds.grad(wrong)(1.0), lambda: ds.jvp(wrong, (1.0,), (1.0,)), lambda: ds.vjp(wrong, 1.0),
        lambda: ds.jacrev(wrong)(1.0), lambda: ds.jacfwd(wrong)(1.0), lambda: ds.hessian(wrong)(1.0),
        lambda: ds.hvp(wrong, 1.0, (1.0,)), lambda: ds.check_grads(wrong, (1.0,)), lambda: ds.linearize(wrong, 1.0),
    ):  # fmt: skip
        with pytest.raises((ds.DiffsrcError, TypeError)) as info:
            run()
        assert not isinstance(info.value, ds.InternalError)


def _raises(x: Any) -> Any:
    y = x * 2.0
    raise NotImplementedError(f"of {np.size(y)}")


def test_a_function_that_only_raises() -> None:
    x = np.ones(3)
    for call in (ds.grad(_raises), ds.jacobian(_raises), lambda x: ds.vjp(_raises, x), lambda x: ds.jvp(_raises, (x,), (x,))):
        with pytest.raises(NotImplementedError, match="of 3"):
            call(x)


def test_an_array_without_axes() -> None:
    gradient = ds.grad(lambda x: np.sum(x * x))(np.array(2.0, np.float32))
    assert gradient.shape == () and gradient.dtype == np.float32 and gradient == 4.0
