# ruff: noqa: PLC3002
"""Functions are found by their code, whatever stands around them, and checked against what runs."""

from __future__ import annotations

import ast
import functools
import sys
import textwrap
from pathlib import Path
from types import FunctionType
from typing import Any

import pytest

from diffsrc.errors import UnsupportedError
from diffsrc.frontend.lower import lower_function
from diffsrc.frontend.parse import find_source, same_code
from diffsrc.source import register_generated


def decorate(**_: Any) -> Any:
    def inner(f: Any) -> Any:
        @functools.wraps(f)
        def wrapper(x: Any) -> Any:
            return f(x) + 1

        return wrapper

    return inner


def keep(f: Any) -> Any:
    return f


@decorate(
    a=1,
)
def wrapped(x: float) -> float:
    return x * 2


@keep
@keep
def kept(x: float) -> float:
    return x * 3


pair = [lambda x: x + 1, lambda x: x + 2, lambda x: x + 1]
inner_lambda = (lambda x: lambda y: x * y)(3.0)
spread = (
    lambda x:
        x
        + 1
)  # fmt: skip
nested_default = lambda x, f=(lambda y: y): f(x)


class Outer:
    class _Inner:
        def method(self, x: float) -> float:
            return self.__scale * x

        get = lambda self: self.__scale


def of(f: FunctionType) -> str:
    node, info = find_source(f)
    assert info.file == __file__
    return ast.unparse(node)


def test_decorated() -> None:
    node, info = find_source(kept)
    assert isinstance(node, ast.FunctionDef)
    assert node.name == "kept"
    assert info.text.startswith("@keep\n@keep\ndef kept(")
    assert info.first_line == kept.__code__.co_firstlineno


def test_wrapped_is_never_followed() -> None:
    assert of(wrapped).startswith("@functools.wraps(f)\ndef wrapper(x: Any)")


def test_lambdas_of_one_line() -> None:
    assert [of(f) for f in pair] == ["lambda x: x + 1", "lambda x: x + 2", "lambda x: x + 1"]
    first, last = (find_source(pair[n])[0] for n in (0, 2))
    if sys.version_info >= (3, 12):  # before, equal lambdas of a line are one code object
        assert first.col_offset < last.col_offset
    assert of(inner_lambda) == "lambda y: x * y"
    assert of(spread) == "lambda x: x + 1"
    assert of(nested_default) == "lambda x, f=lambda y: y: f(x)"
    assert of(nested_default.__defaults__[0]) == "lambda y: y"


def test_method_knows_its_class() -> None:
    assert find_source(Outer._Inner.method)[1].owner == "_Inner"
    func = lower_function(Outer._Inner.method)
    assert func.body.ops[0].place.name == "_Inner__scale"
    assert lower_function(Outer._Inner.get).body.ops[0].place.name == "_Inner__scale"


def test_locations_count_characters_from_one() -> None:
    def f(x):
        y = "äöü" + x
        return (y +
                x)  # fmt: skip

    node, info = find_source(f)
    assign, ret = node.body
    loc = info.loc(assign.value.right)
    assert loc.text()[loc.column - 1 : loc.end_column - 1] == "x"
    loc = info.loc(ret.value)
    assert loc.text()[loc.column - 1 : loc.end_column - 1] == "y +"
    assert loc.file == __file__


def test_generated_source_has_no_file() -> None:
    space: dict[str, Any] = {}
    text = "def f(x):\n    return x * 2\n"
    register_generated("<generated test>", text)
    exec(compile(text, "<generated test>", "exec"), space)
    assert find_source(space["f"])[1].text == text


def refused(f: Any, code: str) -> None:
    with pytest.raises(UnsupportedError) as info:
        find_source(f)
    assert info.value.code == code


def test_no_source() -> None:
    space: dict[str, Any] = {}
    exec("def f(x):\n    return x\ng = lambda x: x", space)
    refused(space["f"], "DS101")
    refused(space["g"], "DS101")
    refused(len, "DS101")
    refused(Outer, "DS101")


def module(tmp_path: Path, text: str) -> tuple[Path, dict[str, Any]]:
    path = tmp_path / "prog.py"
    path.write_text(textwrap.dedent(text))
    space: dict[str, Any] = {}
    exec(compile(path.read_text(), str(path), "exec"), space)
    return path, space


@pytest.mark.parametrize(
    "change",
    [
        "def f(x):\n    return x * 3.0\n",
        "def f(y):\n    return y * 2.0\n",
        "def g(x):\n    return x * 2.0\n",
        "\ndef f(x):\n    return x * 2.0\n",
        "def f(:\n",
        "",
    ],
)
def test_changed_on_disk(tmp_path: Path, change: str) -> None:
    path, space = module(tmp_path, "def f(x):\n    return x * 2.0\n")
    find_source(space["f"])
    path.write_text(change)
    with pytest.raises(UnsupportedError) as info:
        find_source(space["f"])
    assert info.value.code in {"DS101", "DS102"} if not change else info.value.code == "DS102"


def test_changed_elsewhere_is_no_matter(tmp_path: Path) -> None:
    path, space = module(tmp_path, "def f(x):\n    return x * 2.0\n")
    path.write_text("def f(x):\n    return x * 2.0\n\n\nK = 3\n")
    assert lower_function(space["f"]).name == "f"


def test_constants_are_compared_by_type() -> None:
    codes = [compile(t, "a", "eval") for t in ("1", "1.0", "True", "-0.0", "0.0", "(1, 2)", "(1, 2.0)")]
    for n, a in enumerate(codes):
        for m, b in enumerate(codes):
            assert same_code(a, b) == (n == m)


def test_future_flags_of_the_surroundings() -> None:
    import __future__

    space: dict[str, Any] = {}
    text = "def f(x: undefined_name):\n    return x\n"
    register_generated("<generated flags>", text)
    flags = __future__.annotations.compiler_flag
    exec(compile(text, "<generated flags>", "exec", flags, dont_inherit=True), space)
    assert find_source(space["f"])[0].name == "f"


def test_lines_of_odd_characters(tmp_path: Path) -> None:
    _, space = module(tmp_path, "# \x0c form feed\ns = 'a\u2028b'\ndef f(x):\n    return x + 1\n")
    func = lower_function(space["f"])
    assert func.body.ops[0].loc.text() == "    return x + 1"
