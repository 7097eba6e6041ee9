# ruff: noqa: PLC3002
"""What lowering makes: the shape of the IR, names, places, dependencies, depth."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from diffsrc.defs.table import Def
from diffsrc.errors import UnsupportedError
from diffsrc.frontend.lower import dependencies, lower_function
from diffsrc.ir.ops import Apply, For, FuncRef, If, Index, Method, Return, Slice, While
from diffsrc.ir.text import to_text
from diffsrc.ir.values import Literal, Pack
from diffsrc.source import register_generated

LIMIT = 3
ARRAY = np.zeros(3)


def text(f: Any) -> list[str]:
    """The lines of the body without places."""
    lines = to_text(lower_function(f), locs=False).strip().splitlines()
    return [line.rstrip()[2:] for line in lines[1:-1]]


def test_assignment_makes_no_op() -> None:
    def f(x):
        y = x
        z = y, x
        a, b = z
        return b

    assert text(f) == ["return %x"]


def test_names_of_results() -> None:
    def f(x):
        y = z = x + 1
        w: float = np.sin(y)
        v = x.T
        u = x[0] if w > 0 else w
        return u, v, z

    lines = text(f)
    assert lines[:3] == ["%y = add(%x, 1)", "%w = np.sin(%y)", "%v = load %x.T"]
    assert lines[4] == "%u = if %0 {"
    assert lines[-1] == "return (%u, %v, %y)"


def test_only_what_is_read_later_is_carried() -> None:
    def f(n):
        s = 0
        for i in range(n):
            t = i * 2
            s = s + t
        return s

    func = lower_function(f)
    (loop,) = (op for op in func.body.ops if isinstance(op, For))
    assert [p.name for p in loop.body.params] == ["i", "s"]
    assert [r.name for r in loop.results] == ["s"]


def test_only_what_is_read_later_is_a_result() -> None:
    def f(x):
        if x > 0:
            t = x * 2
            y = t + 1
        else:
            y = x
        return y

    (branch,) = (op for op in lower_function(f).body.ops if isinstance(op, If))
    assert [r.name for r in branch.results] == ["y"]


def test_leaves_are_bound_straight() -> None:
    def f(xs, ys):
        s = 0
        for i, (a, b) in enumerate(zip(xs, ys)):
            s = s + i * a * b
        return s

    (loop,) = (op for op in lower_function(f).body.ops if isinstance(op, For))
    assert [p.name for p in loop.body.params] == ["i", "a", "b", "s"]
    assert not any(isinstance(op, Apply) and op.fn.name == "unpack" for op in loop.body.ops)


def test_places_are_evaluated_once() -> None:
    def f(a, g):
        a[g(1), 1:] += 2
        return a

    assert text(f) == [
        "%0 = %g(1)",
        "%1 = load %a[%0, 1:]",
        "%2 = iadd(%1, 2)",
        "store %a[%0, 1:] = %2",
        "return %a",
    ]


def test_callees() -> None:
    def f(x, g):
        return np.linalg.norm(x), helper(x), x.sum(), g(x), math.exp(x), Plain(x)

    fns = [op.fn for op in lower_function(f).body.ops if isinstance(op, Apply)]
    assert [type(fn).__name__ for fn in fns] == ["Def", "FuncRef", "Method", "Value", "Def", "FuncRef"]
    assert isinstance(fns[0], Def)
    assert fns[0].fn is np.linalg.norm
    assert isinstance(fns[1], FuncRef)
    assert fns[1].target is helper
    assert isinstance(fns[2], Method)


def helper(x):
    return x


class Plain:
    def __init__(self, x):
        self.x = x


def test_literals_keep_their_text() -> None:
    def f(x):
        return x + np.pi, ARRAY, LIMIT, cell

    cell = 5
    ops = lower_function(f).body.ops
    assert isinstance(ops[-1], Return)
    assert isinstance(ops[-1].value, Pack)
    found = [o for o in (*ops[0].args, *ops[-1].value.items) if isinstance(o, Literal)]
    assert [o.text for o in found] == ["np.pi", "ARRAY", "LIMIT", "cell"]
    assert found[1].value is ARRAY


def test_dependencies() -> None:
    def f(x):
        return np.sin(x) + LIMIT + cell + len(x) + np.linalg.norm(x) + g()

    def g():
        return math.pi

    cell = 5
    found = {(kind, name): value for kind, name, value in dependencies(f)}
    assert found["global", "np.sin"] is np.sin
    assert found["global", "LIMIT"] == LIMIT
    assert found["cell", "cell"] == cell
    assert found["builtin", "len"] is len
    assert found["global", "np.linalg.norm"] is np.linalg.norm
    assert found["cell", "g"] is g


def test_dependencies_of_inner_functions_count() -> None:
    def f(x):
        return (lambda t: t * LIMIT)(x)

    assert ("global", "LIMIT", LIMIT) in dependencies(f)


def test_subscripts() -> None:
    def f(x):
        return x[1:, None, ..., ::2]

    place = lower_function(f).body.ops[0].place
    assert isinstance(place, Index)
    assert [type(i).__name__ for i in place.items] == ["Slice", "Literal", "Literal", "Slice"]
    assert isinstance(place.items[3], Slice)
    assert place.items[3].step.value == 2
    assert place.items[2].value is ...


def test_condition_with_effect_is_tested_in_the_body() -> None:
    def f(xs):
        while xs.pop():
            pass

    def g(x):
        while x.sum() > 1 and len(x) < 3:
            x = x / 2
        return x

    def test(h: Any) -> Any:
        (loop,) = (op for op in lower_function(h).body.ops if isinstance(op, While))
        return loop.cond.ops[-1].values[0]

    assert isinstance(test(f), Literal)
    assert not isinstance(test(g), Literal)


def test_shadowed_builtins() -> None:
    def f(n):
        for i in range(n):
            n = i
        return n

    def range(n):  # noqa: A001
        return [n]

    assert text(f)[0] == "%0 = call range(%n)"


def test_inner_function_is_lifted() -> None:
    def f(x):
        k = x * 2
        g = lambda t, s=3: t * k + s
        k = x
        return g(1.0)

    assert text(f)[1:] == ["%g = closure(<func g>, %k, 3)", "%0 = call g(%x, 3, 1.0)", "return %0"]


def generated(name: str, program: str) -> Any:
    register_generated(name, program)
    space: dict[str, Any] = {}
    exec(compile(program, name, "exec"), space)
    return space["f"]


def test_long_sums() -> None:
    f = generated("<long sum>", "def f(x):\n    return " + " + ".join(["x"] * 700) + "\n")
    assert len(lower_function(f).body.ops) == 700


def test_too_long_sums_are_refused() -> None:
    """CPython's own parser gives up before we do."""
    f = generated("<too long sum>", "def f(x):\n    return " + " + ".join(["x"] * 2500) + "\n")
    refused_or_lowered(f)


def test_deep_nesting_is_refused() -> None:
    """What exhausts the stack is a refusal, not a crash."""
    program = "def f(x):\n    if x == 0:\n        return 0\n"
    program += "".join(f"    elif x == {n}:\n        return {n}\n" for n in range(1, 900))
    f = generated("<deep>", program)
    refused_or_lowered(f)


def refused_or_lowered(f: Any) -> None:
    try:
        lower_function(f)
    except UnsupportedError as err:
        assert err.code == "DS105"  # noqa: PT017  whether it is refused depends on the Python


def test_parentheses_within_limits() -> None:
    f = generated("<right>", "def f(x):\n    return " + "x ** (" * 60 + "x" + ")" * 60 + "\n")
    assert len(lower_function(f).body.ops) == 61


def test_places() -> None:
    def f(x):
        y = np.sin(x)
        return y * 2

    call, product, ret = lower_function(f).body.ops
    assert call.loc.text()[call.loc.column - 1 : call.loc.end_column - 1] == "np.sin(x)"
    assert product.loc.text()[product.loc.column - 1 : product.loc.end_column - 1] == "y * 2"
    assert ret.loc.text().strip() == "return y * 2"


def test_unbound_cell() -> None:
    def f(x):
        return later(x)

    with pytest.raises(UnsupportedError) as info:
        lower_function(f)
    assert info.value.code == "DS103"
    later = abs
    assert later is abs
