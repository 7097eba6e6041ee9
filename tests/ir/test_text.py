"""The text of the IR: printing, parsing, and that one undoes the other."""

import numpy as np
import pytest

from diffsrc.errors import DiffsrcError
from diffsrc.ir.lex import parse_type
from diffsrc.ir.ops import For, FuncRef, If, Load, Method, Store, While
from diffsrc.ir.parse import parse
from diffsrc.ir.text import to_text, value_text
from diffsrc.ir.values import Literal
from tests.ir.rows import resolve

TEXTS = {
    "typed": """\
func smooth(%x: f64[n] @A active, %w: float const) -> f64 { # smooth.py:1
  mem A: param x, read
  %y: f64[n] @B = np.zeros_like(%x)                   # 2:9
  %0: int = len(%x)                                   # 3:22
  for %i: int in range(1, %0, 1) {                    # 3:5
    %1: int = sub(%i, 1)                              # 4:22
    %2: f64 = load %y[%1]                             # 4:20
    store %y[%i] = %2                                 # 4:9
    accum %y[...] = 1.5
    yield
  }
  %out: f64 = np.sum(%y, axis=None) as .sum           # 5:11
  return %out
}
""",
    "loops": """\
func f(%xs, %x) {
  %s, %n = for %e in %xs carry (%s_1 = 0.0, %n_1 = undef) {
    %s_2 = add(%s_1, %e)
    yield %s_2, %n_1
  } else (%s_3, %n_2) {
    yield %n_2, %s_3
  }
  for %i, %a, %j, %b in zip(enumerate(reversed(%xs), 1), enumerate(range(0, 3, 1), 0)) {
    if %i {
      continue
    }
    break
  }
  %y = while carry (%y_1 = %x) {
    %0 = gt(%y_1, 1.0)
    yield %0
  } do (%y_2) {
    if %y_2 {
      return (%s, (%n,), [])
    } else {
      raise <class ValueError>
    }
    unreachable
  }
  while {
    yield True
  } do {
    yield
  } else {
    break
  }
  return None
}
""",
    "operands": """\
func f(%x, %f, %p) {
  %0 = load %x[%f, None, ..., 1:, :%f, ::2, :, (1, 2), [True]]
  %1 = load %p.alpha
  %2 = load ($cfg).k
  %3 = view %x[$n]
  %4 = %f(%x, k=%p)
  %5 = call g(%4)
  %6 = method sum(%5, axis=-1)
  %7 = call outer.<locals>.g()
  %8 = call <lambda>()
  print('a # b', "it's", b'x', '\\xe4\\n')
  %f(inf, -inf, nan, 1e-30, -2, 1.0-2.0j, 0.0+infj)
  %a, %b = unpack(%6)
  %9 = closure(<func inner>, %a)
  store %x[1, 2] = $'np.array([1])'
  return ()
}
""",
    "types": """\
func f(%a: f64[:, 3, n-2, %k], %b: (float, int), %c: list[{'k': str, 1: f32[]}], %d: Net{w: f64[:], n: int}) {
  %0: func g = id(%a)
  %1: int=3 = id(%a)
  %2: str='a, b' @A|B const = id(%a)
  %3: P(x: (), y: None) active = id(%a)
  return 1
}
""",
}


@pytest.mark.parametrize("name", TEXTS)
def test_parse_undoes_print(name: str) -> None:
    func = parse(TEXTS[name], resolve)
    printed = to_text(func)
    if name == "typed":
        assert [line.split() for line in printed.splitlines()] == [line.split() for line in TEXTS[name].splitlines()]
    elif name != "types":
        assert printed == TEXTS[name]
    assert to_text(parse(printed, resolve)) == printed


def test_parsed_ops() -> None:
    func = parse(TEXTS["operands"])
    load, field, _, _, _, call, method = func.body.ops[:7]
    assert isinstance(load, Load) and isinstance(field, Load)
    assert isinstance(call.fn, FuncRef) and call.fn.name == "g" and call.fn.target is None
    assert method.fn == Method("sum") and isinstance(func.body.ops[-2], Store)
    assert parse(TEXTS["operands"], names={"n": 7}).body.ops[3].place.items[0].value == 7


def test_named_versions() -> None:
    func = parse(TEXTS["loops"])
    loop, _, wh = func.body.ops[:3]
    assert isinstance(loop, For) and isinstance(wh, While)
    assert [v.name for v in (*loop.results, *loop.body.params[1:], *loop.orelse.params)] == ["s", "n"] * 3
    assert isinstance(wh.body.ops[0], If)


def test_locs_are_read() -> None:
    func = parse(TEXTS["typed"])
    assert (func.loc.file, func.loc.line) == ("smooth.py", 1)
    assert str(func.body.ops[0].loc) == "smooth.py:2:9"


def test_columns() -> None:
    printed = to_text(parse(TEXTS["typed"]), {})
    assert {line.index("#") for line in printed.splitlines()[1:] if "#" in line} == {56}
    func = parse(TEXTS["operands"])
    noted = to_text(func, {func.body.ops[3]: "needed by %4"})
    assert "  # needed by %4" in noted


@pytest.mark.parametrize(
    "value",
    [
        0.1,
        -0.0,
        float("inf"),
        float("nan"),
        1 + 2j,
        complex(-0.0, float("-inf")),
        complex(1, float("nan")),
        "ä'\n",
        b"\x00",
        None,
        True,
        ...,
        10**30,
    ],
)
def test_constants(value: object) -> None:
    func = parse(f"func f() {{\n  return {value_text(value)}\n}}\n")
    found = func.body.ops[0].value
    assert isinstance(found, Literal)
    assert repr(found.value) == repr(value)


def test_values_without_a_literal_form() -> None:
    assert value_text(np.float64(1.5)) == "<object float64 1.5>"
    assert value_text(np.dtype("f8")) == "<object Float64DType>"
    assert value_text(ValueError) == "<class ValueError>"
    assert value_text(len) == "<function len>"


@pytest.mark.parametrize(
    "text",
    [
        "f64", "f64[]", "f64[n, :]", "(f64,)", "()", "{'a': list[int]}", "bool=True", "Any",
        "A{x: float} | B{y: f64[n]}", "N{v: f64, n: ^N | None}",
    ],
)  # fmt: skip
def test_types(text: str) -> None:
    assert str(parse_type(text)) == text


@pytest.mark.parametrize(
    "text, line",
    [
        ("func f() {\n  return %x\n}\n", 2),
        ("func f(%x) {\n\n  %x = g()\n}", 3),
        ("func f() {\n yield 1 2\n}", 2),
        ("func f() {\n  %y = what\n}", 2),
    ],
)
def test_faults_name_the_line(text: str, line: int) -> None:
    with pytest.raises(DiffsrcError, match=f"line {line}"):
        parse(text)
