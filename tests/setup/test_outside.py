"""Nothing from outside becomes code: paths, comments, docstrings, names, keys, types given as text.

Each attack carries a payload that leaves a mark when it runs. The generated text is executed as a file would
be (read as bytes, with the encoding that its first lines declare), and no mark may appear.
"""

import builtins
import importlib.util
import math
import sys
import types
from pathlib import Path

import numpy as np
import pytest

import diffsrc as ds

MARK = "diffsrc_attack_mark"
PAYLOAD = f"import builtins; builtins.{MARK} = True"


@pytest.fixture(autouse=True)
def no_mark():
    assert not hasattr(builtins, MARK)
    yield
    left = hasattr(builtins, MARK)
    if left:
        delattr(builtins, MARK)
    assert not left, "the payload ran"


def load(source: str, path: Path):
    """The module of a source text at a path that may look odd."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(source.encode("utf-8"))
    spec = importlib.util.spec_from_file_location("victim", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules["victim"] = module
    try:
        spec.loader.exec_module(module)
    finally:
        del sys.modules["victim"]
    return module


def execute(f, *arguments, folder: Path, wrt=0) -> types.ModuleType:
    """Build the derivative of `f` as a module file and run that file."""
    path = folder / "built.py"
    ds.build(f, *arguments, wrt=wrt, modes=("reverse", "forward"), path=path)
    data = path.read_bytes()
    assert data.startswith(b"# -*- coding: utf-8 -*-\n")
    module = types.ModuleType("built")
    exec(compile(data, str(path), "exec"), module.__dict__)
    return module


def check_square(module: types.ModuleType, name: str = "f") -> None:
    np.testing.assert_allclose(getattr(module, f"{name}_grad")(3.0), 6.0)


SQUARE = "def f(x):\n    return x * x\n"


FOLDERS = {
    "newline": f"a\n{PAYLOAD}\n#",
    "return": f"a\r{PAYLOAD}\r#",
    "separator": f"a\u2028{PAYLOAD}\u2028#",
    "quotes": f'a"""\n{PAYLOAD}\n"""',
    "apostrophes": f"a'''\n{PAYLOAD}\n'''",
    "utf7": "coding=utf-7",
    "utf16": "-*- coding: utf-16 -*-",
    "utf7-payload": f"coding=utf-7 +AAo-{PAYLOAD.replace('=', '+AD0-')}+AAo-",
    "backslash": "back\\slash\\",
    "format": "{braces} %s %(x)s",
}


@pytest.mark.parametrize("name", FOLDERS)
def test_path_of_the_source(name: str, tmp_path: Path):
    module = load(SQUARE, tmp_path / FOLDERS[name] / "victim.py")
    check_square(execute(module.f, 3.0, folder=tmp_path))


@pytest.mark.parametrize(
    "docstring",
    [
        f'"\\"\\"\\"\\n{PAYLOAD}\\n\\"\\"\\""',
        f"'\\'\\'\\'\\n{PAYLOAD}\\n\\'\\'\\''",
        '"ends with a backslash\\\\"',
        f'"\\\\\\"\\\\\\"\\\\\\"\\n{PAYLOAD}\\n"',
        '"a lone surrogate \\ud800 and a null \\0"',
        f'"""+AAo-{PAYLOAD}+AAo- coding: utf-7"""',
    ],
    ids=["quotes", "apostrophes", "backslash", "escaped-quotes", "surrogate", "utf7"],
)
def test_docstring(docstring: str, tmp_path: Path):
    module = load(f"def f(x):\n    {docstring}\n    return x * x\n", tmp_path / "victim.py")
    check_square(execute(module.f, 3.0, folder=tmp_path))


SEPARATORS = ["\x0b", "\x0c", "\x1c", "\x1d", "\x1e", "\x85", "\u2028", "\u2029", "\u202e", "\x1b[2J"]


@pytest.mark.parametrize("character", SEPARATORS)
def test_comment_with_what_some_take_for_a_line_end(character: str, tmp_path: Path):
    source = f"def f(x):\n    y = x * x  # {character}{PAYLOAD}{character}#\n    return y\n"
    check_square(execute(load(source, tmp_path / "victim.py").f, 3.0, folder=tmp_path))


def test_comment_in_another_encoding(tmp_path: Path):
    source = f"def f(x):\n    y = x * x  # +AAo-{PAYLOAD}+AAo- vim: set fileencoding=utf-7 :\n    return y\n"
    check_square(execute(load(source, tmp_path / "victim.py").f, 3.0, folder=tmp_path))


@pytest.mark.parametrize("attribute", ["__name__", "__qualname__", "__module__"])
def test_name_of_the_function(attribute: str, tmp_path: Path):
    f = load(SQUARE, tmp_path / "victim.py").f
    setattr(f, attribute, f"f(x):\n    pass\n{PAYLOAD}\ndef g")
    try:
        module = execute(f, 3.0, folder=tmp_path)
    except ds.DiffsrcError:
        return
    assert any(name.endswith("_grad") for name in vars(module))


def test_identifiers_that_python_normalises(tmp_path: Path):
    source = "def f(\ufb01):\n    \u210c = \ufb01 * fi\n    return H\n"
    check_square(execute(load(source, tmp_path / "victim.py").f, 3.0, folder=tmp_path))


def test_strings_and_keys_of_the_program(tmp_path: Path):
    key = f"'''\\n{PAYLOAD}\\n'''\\\"\\ud800\\0"
    source = f'def f(x):\n    d = {{"{key}": x}}\n    return d["{key}"] * x\n'
    check_square(execute(load(source, tmp_path / "victim.py").f, 3.0, folder=tmp_path))


def test_attribute_that_is_no_identifier(tmp_path: Path):
    source = "class Box:\n    pass\n\n\ndef f(box):\n    return box.x * box.x\n"
    victim = load(source, tmp_path / "victim.py")
    box = victim.Box()
    box.x = 3.0
    setattr(box, f"x\n{PAYLOAD}\n", 1.0)
    try:
        slope = ds.grad(victim.f)(box)
    except ds.DiffsrcError:
        return
    assert slope.x == 6.0


BAD_TYPES = ["f64[__import__('os')]", "__import__('os')", "f64[n]\n" + PAYLOAD, "(f64, " * 500, "{a: f64", ""]


@pytest.mark.parametrize("text", BAD_TYPES)
def test_types_given_as_text(text: str):
    with pytest.raises(ds.DiffsrcError):
        ds.code_source(square, text, wrt=0)


def square(x):
    return x * x


def nested(head: str, depth: int, body: str) -> str:
    lines = ["    " * (i + 1) + head for i in range(depth)] + ["    " * (depth + 1) + body]
    return "\n".join(lines) + "\n"


LIMITS = {
    "parentheses": "    return " + "(" * 90 + "x * x" + ")" * 90 + "\n",
    "calls": "    return " + "abs(" * 80 + "x" + ")" * 80 + " * x\n",
    "powers": "    return x" + " ** 1.0" * 400 + " * x\n",
    "terms": "    return (" + " + ".join(["x * x"] * 2000) + ") / 2000.0\n",
    "ifs": nested("if x > 0.0:", 80, "return x * x") + "    return 0.0\n",
    "loops": "    y = x * x\n" + nested("for _ in range(1):", 18, "y = y * 1.0") + "    return y\n",
    "statements": "    y = x * x\n" + "    y = y + 0.0\n" * 2000 + "    return y\n",
    "digits": "    return x * x * (1.0 if " + "9" * 4300 + " > 0 else 0.0)\n",
}


@pytest.mark.parametrize("name", LIMITS)
def test_limits_of_the_language(name: str, tmp_path: Path):
    """What CPython itself accepts is differentiated or refused; no other exception leaves the compiler."""
    f = load("def f(x):\n" + LIMITS[name], tmp_path / "victim.py").f
    assert math.isclose(f(3.0), 9.0)
    try:
        module = execute(f, 3.0, folder=tmp_path)
    except ds.UnsupportedError:
        return
    check_square(module)
