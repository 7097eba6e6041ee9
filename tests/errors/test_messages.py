"""Refusals as users see them: code, place, line with a caret, reason, hint."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import diffsrc as ds

X = np.array([1.0, 2.0])


def from_text(tmp_path: Path, text: str) -> Callable[..., Any]:
    """The function `f` of a module with this text."""
    path = tmp_path / "refused.py"
    path.write_text("import numpy as np\n" + textwrap.dedent(text), encoding="utf-8")
    scope: dict[str, Any] = {"__name__": "refused"}
    exec(compile(path.read_text(encoding="utf-8"), str(path), "exec"), scope)
    found = scope["f"]
    assert callable(found)
    return found


#: text of the module, arguments, code, a part of the marked line, a word of the hint
CASES = [
    (
        "def f(x):\n    try:\n        y = x\n    finally:\n        return 2 * y\n",
        (1.0,),
        "DS125",
        "return 2 * y",
        "behind",
    ),
    ("def f(x, m):\n    with m as g:\n        return x\n", (1.0, object()), "DS100", "with m", "__exit__"),
    (
        "async def g(x):\n    return x\nasync def f(x):\n    return await g(x)\n",
        (1.0,),
        "DS110",
        "",
        "synchronous",
    ),
    ("def f(x):\n    class A:\n        pass\n    return x\n", (1.0,), "DS111", "class A", "module level"),
    ("def f(x):\n    import no_such_module\n    return x\n", (1.0,), "DS115", "import no_such", "module level"),
    ("def f(x):\n    import math\n    math = x\n    return x\n", (1.0,), "DS115", "math", "another name"),
    ("def f(x):\n    global y\n    y = x\n    return x\n", (1.0,), "DS116", "global y", "return the value"),
    ("def f(x):\n    return nothing(x)\n", (1.0,), "DS103", "nothing", "define"),
    (
        "def f(x):\n    return np.histogramdd(x * np.ones((2, 2)))[0].sum()\n",
        (1.0,),
        "DS200",
        "np.histogramdd",
        "ds.rule",
    ),
    ("def f(x):\n    it = map(abs, x)\n    return x[0]\n", (X,), "DS118", "map(abs, x)", "use it where"),
    ("def f(x):\n    return sum(x[0] async for i in x)\n", (X,), "DS110", "async for", "call"),
    ("K = 3\ndef f(x):\n    match x:\n        case K():\n            return x[0]\n", (X,), "DS114", "case K()", "class"),
    (
        ("def g(x):\n    yield x[0]; yield x[1]; yield x[0]; yield x[1]; yield x[0]; yield x[1]; yield x[0]\n"
        "def f(x):\n    s = 0.0\n    for v in g(x):\n        s += v * v\n    return s\n"),
        (X,),
        "DS118",
        "yield x[0]",
        "",
    ),
    ("def f(x):\n    a = [x[0], x[1]]\n    np.put(a, 0, x[1])\n    return a[0]\n", (X,), "DS100", "np.put", "array"),
    (
        "def f(x):\n    y = x * 1.0\n    np.place(y, y > 1.5, y[1:])\n    return y[0]\n",
        (X,),
        "DS100",
        "np.place",
        "copy",
    ),
    (
        ("class A:\n    def __init__(self, x):\n        self.x = x\n"
        "def f(x):\n    a = A(x)\n    a.p = (x * 2.0, x * 3.0)\n    return np.sum(a.p[0] * a.x * a.p[1])\n"),
        (X,),
        "DS311",
        "A(x)",
        "__init__",
    ),
    (
        ("import diffsrc as ds\ndef f(x):\n    with ds.insert_grad_of(x) as d, ds.insert_grad_of(x) as e:\n        pass\n"
        "    return x[0]\n"),
        (X,),
        "DS126",
        "with ds.insert_grad_of",
        "",
    ),
    (
        "def f(x):\n    m = np.zeros((2, 3))\n    np.sum(np.outer(x, x), axis=0, out=m)\n    return m[0, 0]\n",
        (X,),
        "DS400",
        "np.sum",
        "axes of the result",
    ),
    (
        "def f(x):\n    if x[0] > 0:\n        return x[0]\n    return {'a': x}\n",
        (X,),
        "DS400",
        "return x[0]",
        "return values of one type",
    ),
    (
        (
            "def f(x, bufs):\n    bufs[0], bufs[1] = bufs[1], bufs[0]\n    bufs[0][:] = x * 2.0\n"
            "    return np.sum(bufs[0] * bufs[1] * x)\n"
        ),
        (X, [X * 1.0, X * 2.0]),
        "DS316",
        "bufs",
        "parts",
    ),
    (
        (
            "def f(x):\n    ts = [(x[0], x * 1.0), (x[1], x * 2.0)]\n    ts[0], ts[1] = ts[1], ts[0]\n    a, v = ts[0]\n"
            "    v *= a\n    return np.sum(v) * ts[1][0]\n"
        ),
        (X,),
        "DS311",
        "ts[0], ts[1] = ts[1], ts[0]",
        "dataclass",
    ),
    (
        (
            "import diffsrc as ds\ndef rows(a):\n    return np.sum(a, axis=1, keepdims=True)\n"
            "@ds.rule(rows, 0)\nclass Rows:\n    def jvp(dot, out, a):\n        return rows(dot)\n"
            "    def vjp(ct, out, a):\n        return ct\ndef f(x):\n    return np.sum(rows(np.outer(x, x) + x[0]) ** 2)\n"
        ),
        (X,),
        "DS400",
        "rows(np.outer(x, x) + x[0])",
        "broadcast_to",
    ),
]


@pytest.mark.parametrize(("text", "args", "code", "line", "hint"), CASES, ids=[c[2] + c[3] for c in CASES])
def test_refusals(tmp_path: Path, text: str, args: tuple[Any, ...], code: str, line: str, hint: str) -> None:
    f = from_text(tmp_path, text)
    with pytest.raises(ds.UnsupportedError) as caught:
        ds.grad(f)(*args)
    message = caught.value.render()
    assert caught.value.code == code, message
    assert message.startswith(f"{code}: ")
    assert re.search(r"--> .*refused\.py:\d+:\d+", message), message
    assert line in message
    assert re.search(r"\| +\^+", message), message
    assert f"hint: {caught.value.hint}" in message
    assert hint in caught.value.hint


def test_the_caret_stands_under_the_reason(tmp_path: Path) -> None:
    f = from_text(tmp_path, "def f(x):\n    y = x + 1.0\n    return y * nothing\n")
    with pytest.raises(ds.UnsupportedError) as caught:
        ds.grad(f)(1.0)
    lines = caught.value.render().splitlines()
    shown = next(i for i, line in enumerate(lines) if line.startswith(" 4 | "))
    assert lines[shown] == " 4 |     return y * nothing"
    assert lines[shown + 1] == "   |                ^^^^^^^"


def test_refusals_of_the_entry_points() -> None:
    checks: list[tuple[type[Exception], str, Callable[[], Any]]] = [
        (ds.DiffTypeError, "DS400", lambda: ds.grad(lambda x: x)(X)),
        (ds.DiffTypeError, "DS400", lambda: ds.grad(lambda x: x.sum())(np.arange(3))),
        (ds.ActivityError, "DS500", lambda: ds.Active(X)),
        (ds.ActivityError, "DS500", lambda: ds.grad(lambda x: x, "y")(1.0)),
        (ds.UnsupportedError, "DS100", lambda: ds.grad(len)),
    ]
    for kind, code, run in checks:
        with pytest.raises(kind) as caught:
            run()
        assert isinstance(caught.value, ds.DiffsrcError)
        assert caught.value.code == code
        assert caught.value.hint


def test_a_missing_file_does_not_hide_the_message(tmp_path: Path) -> None:
    error = ds.UnsupportedError("reason", hint="do this")
    assert error.render() == "DS100: reason\n  hint: do this"


def _tree(x, n):
    return None if n == 0 else (x[n], _tree(x, n - 1), _tree(x, n - 1))


def _leaves(t):
    return 0.0 if t is None else t[0] * t[0] + _leaves(t[1]) + _leaves(t[2])


def test_tuples_in_tuples_without_end_are_refused_soon():
    with pytest.raises(ds.UnsupportedError, match="level within level"):
        ds.grad(lambda x: _leaves(_tree(x, 3)))(np.arange(1.0, 5.0))
