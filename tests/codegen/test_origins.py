"""Which line of the user, and which sweep, each line of generated code serves: held against the text itself."""

import ast

import numpy as np
import pytest

from diffsrc.analysis.typeof import typeof_args
from diffsrc.compiler.derived import made_from
from diffsrc.compiler.driver import derive_forward, derive_reverse
from diffsrc.source import origins_of


def inner(h, w):
    z = h @ w
    return np.tanh(z)


def layered(w, x):
    h = x
    for i in range(3):
        h = inner(h, w)
        if h[0, 0] > 0.5:
            h = h * 2.0
    return np.sum(h * h)


def wide(w, x):
    a = np.sin(w) + np.cos(x) * np.exp(w) + np.sin(x) * np.cos(w) + np.tanh(x * w) + np.sin(w * x) * np.cos(x * w)
    return np.sum(np.stack([a, a * w, a * x, a * a, np.sin(a), np.cos(a), np.exp(-a), np.tanh(a), a - w, a - x, w - a]))


def stored(w, x):
    y = np.zeros_like(x)
    i = 0
    while i < len(x):
        try:
            y[i] = w[i, 0] * x[i, 0]
        finally:
            i += 1
    return np.sum(y * y)


PROGRAMS = [layered, wide, stored]
ARGUMENTS = (np.eye(4), np.ones((4, 4)))


def derived(f, how):
    types = typeof_args(ARGUMENTS)
    return derive_forward(f, types, ("dup", "dup")) if how == "forward" else derive_reverse(
        f, types, ("value", "value"), split=how == "split"
    )


def statements(text):
    """First and last line of each statement inside functions, without what it holds."""
    for function in ast.parse(text).body:
        for node in ast.walk(function) if isinstance(function, ast.FunctionDef) else ():
            if isinstance(node, ast.stmt) and node is not function and not isinstance(node, (ast.Pass, ast.Try)):
                body = getattr(node, "body", None)
                yield node.lineno, body[0].lineno - 1 if body else node.end_lineno


@pytest.mark.parametrize("f", PROGRAMS)
@pytest.mark.parametrize("how", ["reverse", "split", "forward"])
def test_every_line_serves_one(f, how):
    made = derived(f, how)
    origins = origins_of(made.file)
    code = {g.__code__ for g in (f, inner)}
    lines = {n for c in code for *_, n in c.co_lines() if n} | {c.co_firstlineno for c in code}
    assert list(statements(made.source))
    for first, last in statements(made.source):
        for line in range(first, last + 1):
            assert origins[line].file == __file__
            assert origins[line].line in lines
            assert origins[line] == origins[first]


@pytest.mark.parametrize("f", PROGRAMS)
@pytest.mark.parametrize("how", ["reverse", "split", "forward"])
def test_sweeps_are_those_of_the_markers(f, how):
    made = derived(f, how)
    text = made_from(made.file).text
    assert text == made.source
    origins, sweep = origins_of(made.file), ""
    begin = {first for first, _ in statements(text)}
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith("def "):
            sweep = ""
        elif line.strip() in ("# forward", "# reverse"):
            sweep = line.strip()[2:]
        elif number in begin:
            assert origins[number].sweep == sweep, line
    assert ("# reverse" in text) == (how != "forward")


def test_the_second_derivative_keeps_the_sweeps():
    first = derived(layered, "reverse")
    both = derive_forward(first.call, typeof_args((*ARGUMENTS, 1.0)), ("dup", "const", "const"))
    sweeps = {o.sweep for o in origins_of(both.file).values()}
    assert sweeps == {"", "forward", "reverse"}
    places = {(o.line, o.sweep) for o in origins_of(first.file).values()}
    assert {(o.line, o.sweep) for o in origins_of(both.file).values()} <= places


def test_a_return_serves_what_it_computes():
    """`return dz @ w.T, h.T @ dz` is the derivative of the product, and not of the whole function."""
    made = derived(layered, "reverse")
    returned = next(n for n, line in enumerate(made.source.splitlines(), 1) if line.startswith("    return ") and " @ " in line)
    assert origins_of(made.file)[returned].line == inner.__code__.co_firstlineno + 1
