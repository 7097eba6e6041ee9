# ruff: noqa: E501
"""The text of functions given as IR: one test per way of printing."""

from __future__ import annotations

import ast
import math

import numpy as np
import pytest
from scipy import integrate

import diffsrc as ds
from diffsrc.codegen import module
from diffsrc.codegen.copies import in_order
from diffsrc.codegen.exprs import call, name
from diffsrc.codegen.module import ALLOWED, Options, docstring, function_text, module_text
from diffsrc.codegen.names import is_name
from diffsrc.codegen.preamble import paste
from diffsrc.codegen.printer import wrap
from diffsrc.defs import rows  # noqa: F401  it fills the rule table
from diffsrc.defs.structural import COMMENT
from diffsrc.errors import InternalError, UnsupportedError
from diffsrc.frontend.lower import lower_function
from diffsrc.ir.ops import Apply, Block, Func, Return
from diffsrc.ir.parse import parse
from diffsrc.ir.values import Literal, Value
from diffsrc.runtime import helpers
from diffsrc.source import Loc, register_generated
from tests.ir.rows import resolve


def text(ir: str, **options) -> str:
    return function_text(parse(ir, resolve), Options(**options))


def body(ir: str) -> list[str]:
    """The lines of a function of x, y, i and a list, without its header."""
    head = "func f(%x: float, %y: float, %i: int, %a: f64[n] @A, %b: f64[n] @B, %xs: list[float]) {\n"
    return [line[4:] for line in text(f"{head}{ir}\n}}").splitlines()[1:]]


@pytest.mark.parametrize(
    ("ir", "lines"),
    [
        ("%0: f64 = load %a[%i]\n%1: f64 = add(%0, %x)\nstore %a[%i] = %1\nreturn None", ["a[i] += x"]),
        ("%0: int = sub(%i, 1)\n%1: f64 = load %a[%0]\n%2: f64 = mul(%1, %x)\nstore %a[%0] = %2\nreturn None", ["a[i - 1] *= x"]),
        ("%0: f64[n] = sub(%a, %b)\nstore %a[...] = %0\nreturn None", ["a -= b"]),
        ("%0: f64[n] = sub(%b, %a)\nstore %a[...] = %0\nreturn None", ["a[...] = b - a"]),
        ("%0: f64[n] @A = view %a[1:]\n%1: f64[n] = add(%0, %x)\nstore %0[...] = %1\nreturn None", ["a[1:] += x"]),
        ("%0: f64[n] @A = view %a[1:]\naccum %0[...] = %x\nreturn None", ["a[1:] += x"]),
        ("%0: f64[n] @A = view %a[1:]\nstore %0[...] = %x\nreturn None", ["a[1:] = x"]),
        ("accum %a[%i] = %x\nreturn None", ["a[i] += x"]),
        ("accum %a[%b] = %x\nreturn None", ["np.add.at(a, b, x)"]),
        ("%0: f64 = neg(%x)\naccum %a[1:, None] = %0\nreturn None", ["a[1:, None] -= x"]),
        ("%0: f64 = neg(%x)\n%1: f64 = mul(%0, %y)\naccum %a[%i] = %1\nreturn None", ["a[i] -= x * y"]),
        # a load stays before a store that may write it, and goes over one that can't
        ("%0: f64 = load %a[0]\nstore %a[%i] = 1.0\n%1: f64 = add(%0, %x)\nreturn %1", ["a_0 = a[0]", "a[i] = 1.0", "return a_0 + x"]),
        ("%0: f64 = load %a[0]\nstore %b[%i] = 1.0\n%1: f64 = add(%0, %x)\nreturn %1", ["b[i] = 1.0", "return a[0] + x"]),
        ("%s: list[float] = list_new()\nlist_append(%s, %x)\n%0: float = list_pop(%s)\nreturn %0", ["s = []", "s.append(x)", "return s.pop()"]),
        ("%c: f64[n] = snapshot(%a)\nlist_append(%xs, %c)\nreturn None", ["xs.append(a.copy())"]),
        ("%p, %q = unpack(%xs)\nreturn (%q, %p)", ["p, q = xs", "return q, p"]),
        ("%0 = tuple_of(%x)\nreturn %0", ["return (x,)"]),
        ("%0 = dict_of(('k', %x))\nreturn %0", ["return {'k': x}"]),
        ("%0 = np.sum(%a) as .sum\nreturn %0", ["return a.sum()"]),
        ("%0: f64[n] @A = load %xs[%i]\n%1: f64[n] = add(%0, %x)\nstore %0[...] = %1\nreturn None", ["xs_i = xs[i]", "xs_i += x"]),
        ("%0 = mul(%x, (1+2j))\nreturn %0", ["return x * complex(1.0, 2.0)"]),
        ("%0: f64[n] = add(%a, inf)\nreturn %0", ["return a + np.inf"]),
        ("%0: float = pow(-2.0, %x)\nreturn %0", ["return (-2.0) ** x"]),
        ("%y_1: float = add(%y, %x)\nreturn %y_1", ["y += x", "return y"]),
        ("%0: bool = lt(%x, %y)\n%1: bool = if %0 {\n%2: bool = lt(%y, 1.0)\nyield %2\n} else {\nyield %0\n}\nreturn %1", ["return x < y < 1.0"]),
        ("%0: bool = lt(%x, %y)\n%1: bool = if %0 {\n%2: bool = eq(%i, 1)\nyield %2\n} else {\nyield False\n}\nreturn %1", ["return x < y and i == 1"]),
        ("%0: bool = lt(%x, %y)\nif %0 {\nyield\n} else {\nstore %a[0] = 1.0\nyield\n}\nreturn None", ["if not x < y:", "    a[0] = 1.0"]),
    ],
)  # fmt: skip
def test_statements(ir, lines):
    assert body(ir) == lines


def test_swap_of_shadows_is_one_tuple():
    ir = """func f(%u: f64[n], %v: f64[n], %du: f64[n], %dv: f64[n], %n: int) {
      %u_1, %v_1, %du_1, %dv_1 = for %t: int in range(0, %n, 1) carry (%u_2 = %u, %v_2 = %v, %du_2 = %du, %dv_2 = %dv) {
        yield %v_2, %u_2, %dv_2, %du_2
      }
      return (%u_1, %du_1)
    }"""
    assert "        u, v = v, u\n" not in text(ir)
    assert "        u, v, du, dv = v, u, dv, du\n" in text(ir)


def test_tail_of_a_loop_is_written_with_guards():
    ir = """func f(%xs: list[float]) {
      %s: float = for %x: float in %xs carry (%s_1: float = 0.0) {
        %0: bool = lt(%x, 0.5)
        if %0 {
          continue %s_1
        } else {
          %1: bool = gt(%x, 1.5)
          if %1 {
            %s_2: float = mul(%s_1, 2.0)
            break %s_2
          } else {
            %s_3: float = add(%s_1, %x)
            continue %s_3
          }
          unreachable
        }
        unreachable
      }
      return %s
    }"""
    assert text(ir).splitlines()[1:] == [
        "    s = 0.0", "    for x in xs:", "        if x < 0.5:", "            continue", "        if x > 1.5:",
        "            s *= 2.0", "            break", "        s += x", "    return s",
    ]  # fmt: skip


def test_exit_states_of_a_loop():
    """Results that are set both at `break` and in the `else` part share a variable."""
    ir = """func f(%x: float) {
      %out: float, %ex: int = for %k: int in range(0, 9, 1) carry (%y: float = %x) {
        %0: bool = gt(%y, 3.0)
        if %0 {
          %1: float = mul(%y, 10.0)
          break %1, 1
        }
        %y_1: float = add(%y, 1.0)
        yield %y_1
      } else (%y_2: float) {
        yield %y_2, 0
      }
      return (%out, %ex)
    }"""
    assert text(ir).splitlines()[2:] == [
        "    for k in range(9):", "        if y > 3.0:", "            out = y * 10.0", "            ex = 1",
        "            break", "        y += 1.0", "    else:", "        out = y", "        ex = 0", "    return out, ex",
    ]  # fmt: skip


def test_value_that_is_unbound_on_a_path():
    """A copy from it must not raise where the program doesn't; nothing is printed for what is never bound."""
    ir = """func f(%c: bool, %x: float) {
      %u: float, %w: float = if %c {
        yield %x, undef
      } else {
        yield undef, undef
      }
      %v: float = if %c {
        yield %u
      } else {
        %0: float = mul(%x, 2.0)
        yield %0
      }
      %z: float = if %c {
        yield %v
      } else {
        yield %w
      }
      %r = tuple_of(%u, %v)
      return (%v, %z, %r)
    }"""
    made = text(ir)
    space: dict = {}
    exec(made, space)
    assert space["f"](True, 3.0)[0] == 3.0
    assert "w" not in made.split("\n", 1)[1]


def test_comments_after_the_marker():
    file = "<program \u00e9>"
    register_generated(file, "def f(x):\n    y = x * 'caf\u00e9'\n    return y\n")
    x, y, z = Value("x"), Value("y"), Value("z")
    mark = [Apply(COMMENT, (Literal(t),)) for t in ("forward", "reverse")]
    mul = resolve("mul")
    ops = (
        mark[0], Apply(mul, (x, x), (), (y,), Loc(file, 2)), mark[1], Apply(mul, (y, x), (), (z,), Loc(file, 2)),
        Apply(mul, (z, x), (), (y2 := Value("y"),), Loc(file, 2)), Return(y2),
    )  # fmt: skip
    assert function_text(Func("f", (x,), Block((), ops))).splitlines()[1:] == [
        "    # forward", "    y = x * x", "    # reverse", "    z = y * x  # line 2: y = x * 'caf\\xe9'", "    y = z * x",
        "    return y",
    ]  # fmt: skip


def test_injection_is_refused():
    for bad in ("a b", "lambda", "x\n", "\ufb01", "1a", ""):
        assert not is_name(bad)
    f = parse("func f(%x) {\nreturn %x\n}", resolve)
    made = module_text([f], header=["evil\nimport os", "\xa7+AAo-"], doc='"""\nimport os\\')
    assert made.text.startswith("# -*- coding: utf-8 -*-\n# evil import os\n# \\xa7+AAo-\n")
    assert not any(line.startswith("import os") for line in made.text.splitlines())
    assert "os" not in function_text(Func("f", (), Block((), (Return(Literal(1, "np.sin(os)")),))))
    with pytest.raises(InternalError):
        function_text(Func("f(x=os)", (), Block((), (Return(Literal(1)),))))


def test_docstrings():
    for doc in (
        "One line.",
        "Two\n\n    lines.",
        'Ends with "',
        "back\\slash",
        '"""',
        "caf\u00e9",
        "tab\there",
        "'",
        "",
    ):
        f = Func("f", (), Block((), (Return(Literal(None)),)), doc=doc)
        space: dict = {}
        exec(function_text(f), space)
        assert (space["f"].__doc__ or "") == doc
    assert docstring("Plain.") == ['    """Plain."""']


def test_lambdas_name_what_never_changes():
    def f(x, y):
        fs = [lambda t: t * y]
        return fs[0](x)

    assert "    fs = [lambda t: t * y]\n" in module_text([lower_function(f)]).text


def test_middle_of_a_long_chain_is_evaluated_once():
    def f(x, y, alpha):
        if x < x * y < alpha * alpha * alpha + alpha / x - 2.0 * alpha * alpha * alpha * alpha * alpha * alpha * alpha:
            return 1.0
        return 2.0

    assert module_text([lower_function(f)]).text.count("x * y") == 1


def test_slices_are_written_short():
    def f(x, n):
        cuts = [slice(n), slice(1, n)]
        return sum(np.sum(x[c]) for c in cuts)

    assert "    cuts = [slice(n), slice(1, n)]\n" in str(ds.code_source(f, np.ones(3), 2))


def test_names_avoid_what_the_text_refers_to():
    ir = "func f(%np: f64[n], %abs: float, %t: float) {\n%0: f64 = np.sum(%np)\n%1 = tuple_of(%0, %0)\n%2 = abs(%abs)\nreturn (%1, %2, %0, %t)\n}"
    space: dict = {"np": np}
    exec(text(ir), space)
    assert space["f"](np.ones(3), -1.0, 7) == ((3.0, 3.0), 1.0, 3.0, 7)


@pytest.mark.parametrize(
    "value",
    [0.0, -0.0, 1e-300, -1e300, 5, -5, 10**50, True, None, "a'b\"\n", b"\x00", 2j, -2j, 1 + 2j, complex("inf"), (1, (2.0,)),
     [1], {"a": -1}, ..., np.float64(-1.5), np.int32(3), np.float32(0.1), np.bool_(True), math.inf, -math.inf, slice(1, None)],
    ids=repr,
)  # fmt: skip
def test_constants(value):
    made = module_text([Func("f", (), Block((), (Return(Literal(value)),)))])
    space = dict(made.names)
    exec(made.text, space)
    got = space["f"]()
    assert type(got) is type(value)
    assert repr(got) == repr(value)


def test_nan_and_huge_integers():
    made = module_text([Func("f", (), Block((), (Return(Literal(math.nan)),)))])
    space: dict = {}
    exec(made.text, space)
    assert math.isnan(space["f"]())
    with pytest.raises(UnsupportedError):
        function_text(Func("f", (), Block((), (Return(Literal(1 << 20000)),))))


def test_standalone_module():
    f = parse(
        "func f(%x: f64[n], %y: float) {\n%0 = unbroadcast(%x, %y)\n%1 = mul(%0, $G)\nreturn %1\n}",
        resolve,
        names={"G": 2.5},
    )
    made = module_text([f], options=Options(standalone=True))
    assert made.names == {}
    assert "diffsrc" not in made.text.replace("# -*-", "")
    space: dict = {}
    exec(made.text, space)
    assert space["f"](np.ones(3), 1.0) == 7.5
    object_needed = parse("func f() {\nreturn $G\n}", resolve, names={"G": object()})
    with pytest.raises(UnsupportedError, match="G"):
        module_text([object_needed], options=Options(standalone=True))


def test_helpers_can_be_pasted():
    wanted = {n: f for n, f in vars(helpers).items() if getattr(f, "__module__", "") == helpers.__name__}
    lines, _ = paste(wanted)
    space: dict = {"np": np}
    exec("\n".join(lines), space)
    assert set(wanted) <= set(space)
    assert {type(node).__name__ for node in ast.walk(ast.parse("\n".join(lines)))} <= ALLOWED


def test_two_objects_of_one_name():
    class A:
        pass

    one, two = A(), A()
    f = Func("f", (), Block((), (Return(Literal(one, "G")),)))
    g = Func("g", (), Block((), (Return(Literal(two, "G")),)))
    made = module_text([f, g])
    space = dict(made.names)
    exec(made.text, space)
    assert space["f"]() is one
    assert space["g"]() is two


def test_wrapping_breaks_inside_brackets():
    long = "    out = function(" + ", ".join(f"argument_{k}(1, 2)" for k in range(9)) + ")"
    lines = wrap([long])
    assert len(lines) > 1
    assert all(len(line) <= 88 for line in lines)
    assert "".join(line.strip() + " " for line in lines).split() == long.split()


def test_copies_in_order():
    a, b, c = (name(n) for n in "abc")
    assert [len(g) for g in in_order([("a", b), ("b", c)])] == [1, 1]
    assert [g[0][0] for g in in_order([("b", c), ("a", b)])] == ["a", "b"]
    assert [len(g) for g in in_order([("a", b), ("b", a), ("c", c)])] == [1, 2]
    assert [len(g) for g in in_order([("b", call("f", c)), ("a", b)])] == [2]


def test_deep_sums_are_refused_or_printed():
    ops, last = [], Value("x")
    params = (last,)
    add = resolve("add")
    for _ in range(3000):
        new = Value(None)
        ops.append(Apply(add, (last, params[0]), (), (new,)))
        last = new
    f = Func("f", params, Block((), (*ops, Return(last))))
    space: dict = {}
    exec(function_text(f), space)
    assert space["f"](1) == 3001


def test_a_callee_is_printed_once_to_be_compared(monkeypatch):
    """However deep functions that call one another are nested, as in derivatives of derivatives of integrals."""
    printed = []
    plain = module._print  # noqa: SLF001
    monkeypatch.setattr(module, "_print", lambda func, *rest: printed.append(func) or plain(func, *rest))
    monkeypatch.setenv("DIFFSRC_CACHE", "0")

    def area(a):
        p = {"a": a[0], "c": {"inner": a}}
        return integrate.quad(lambda x: p["a"] * x**2 + np.sum(p["c"]["inner"] * x), 0.0, 1.5)[0]

    ds.hvp(area, np.ones(3), np.ones(3))
    assert len(printed) < 10 * len({(f.name, len(f.params)) for f in printed})
