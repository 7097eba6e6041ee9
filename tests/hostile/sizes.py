"""Programs beyond all measure: thousands of statements, terms, levels."""

# ruff: noqa: E501  programs in one line each
from __future__ import annotations

import numpy as np

from .harness import add, defined

X = np.array([0.5, -1.2, 0.8, 1.7])


def statements(n: int) -> str:
    lines = ["    y = x * x"]
    for k in range(n):
        lines.append(f"    y = y * 0.999 + x * {0.001 * (k % 7)}" if k % 2 else f"    z{k} = y * 1.0001\n    y = z{k} + 0.001")
    return "def f(x):\n" + "\n".join(lines) + "\n    return y\n"


def array_statements(n: int) -> str:
    lines = [f"    u[{k % 4}] = u[{(k + 1) % 4}] * 0.5 + np.sin(x[{k % 4}])" for k in range(n)]
    return "def f(x):\n    u = x.copy()\n" + "\n".join(lines) + "\n    return np.sum(u * u)\n"


def branches(n: int) -> str:
    lines = [f"    if x > {0.01 * k}:\n        y = y * 1.001 + x\n    else:\n        y = y - x * 0.5" for k in range(n)]
    return "def f(x):\n    y = x\n" + "\n".join(lines) + "\n    return y\n"


def elifs(n: int) -> str:
    lines = [f"    elif x < {0.01 * (k + 1)}:\n        y = x * {k}.0" for k in range(n)]
    return "def f(x):\n    if x < 0.0:\n        y = x\n" + "\n".join(lines) + "\n    else:\n        y = x * x\n    return y\n"


def nested(n: int, head: str, inner: str) -> str:
    lines = ["    " * (k + 1) + head.format(k=k) for k in range(n)]
    return "def f(x):\n    y = x\n" + "\n".join(lines) + "\n" + "    " * (n + 1) + inner + "\n    return y\n"


def functions(n: int) -> str:
    parts = ["def g0(x):\n    return x * x\n"]
    parts += [f"def g{k}(x):\n    return g{k - 1}(x) * 1.01 + x * 0.01\n" for k in range(1, n)]
    return "\n".join(parts) + f"\ndef f(x):\n    return g{n - 1}(x)\n"


ONE, FIRST = ("grad", "jvp", "vjp"), ("grad",)
NUMBER = lambda: (1.5,)  # noqa: E731
add("statements.5000", defined(statements(5000)), NUMBER, modes=FIRST)
add("statements.array.500", defined(array_statements(500)), lambda: (X.copy(),), modes=FIRST)
add("statements.branches.300", defined(branches(300)), NUMBER, modes=FIRST)
add("statements.elif.60", defined(elifs(60)), lambda: (0.333,), modes=ONE)
add("statements.elif.900", defined(elifs(900)), lambda: (0.333,), "any", modes=FIRST)
add("terms.1000", defined("def f(x):\n    return " + " + ".join(f"x * {k}.5" for k in range(1000)) + "\n"), NUMBER, modes=ONE)
add("terms.product.1000", defined("def f(x):\n    return " + " * ".join(["(x * 0.66)"] * 1000) + "\n"), NUMBER, modes=FIRST)
add("terms.variables.1000", defined("def f(x):\n    return " + " + ".join(["x"] * 1000) + "\n"), NUMBER, modes=FIRST)
add("terms.mixed.1000", defined("def f(x):\n    return x" + "".join((f" + x * {k}.0", f" - x / {k + 1}.0")[k % 2] for k in range(1000)) + "\n"), NUMBER, modes=FIRST)
add("chain.5000", defined("def f(x):\n    s = 0.0\n" + "".join(f"    s += x * {k % 5}.0\n" for k in range(5000)) + "    return s\n"), NUMBER, modes=FIRST)
add("terms.and.300", defined("def f(x):\n    if " + " and ".join(f"x > {-k}.0" for k in range(1, 301)) + ":\n        return x * x\n    return x\n"), NUMBER, "any", modes=ONE)
add("terms.compare.300", defined("def f(x):\n    if " + " < ".join(["-x * 1.0", *map(str, range(300))]) + ":\n        return x * x\n    return x\n"), NUMBER, "any", modes=ONE)
add("terms.call.200", defined("def f(x):\n    return " + "np.sin(" * 90 + "x" + ")" * 90 + "\n"), NUMBER, modes=ONE)
add("parentheses.80", defined("def f(x):\n    return " + "(" * 80 + "x * x" + ")" * 80 + "\n"), NUMBER, modes=ONE)
add("parentheses.190", defined("def f(x):\n    return " + "(" * 190 + "x * x" + ")" * 190 + "\n"), NUMBER, modes=ONE)
add("parentheses.terms.90", defined("def f(x):\n    return " + "(x * " * 90 + "x" + ")" * 90 + "\n"), NUMBER, modes=ONE)
add("parentheses.sums.90", defined("def f(x):\n    return " + "(x - " * 90 + "x" + ")" * 90 + "\n"), NUMBER, modes=ONE)
add("minus.500", defined("def f(x):\n    return " + "-" * 500 + "x * x\n"), NUMBER, "any", modes=ONE)
add("not.50", defined("def f(x):\n    if " + "not " * 50 + "(x > 0):\n        return x * x\n    return x\n"), NUMBER, modes=ONE)
add("ternary.60", defined("def f(x):\n    return " + "".join(f"x * {k}.0 if x < {0.01 * k} else " for k in range(60)) + "x * x\n"), NUMBER, modes=ONE)
add("power.40", defined("def f(x):\n    return " + "**".join(["x", *["1.0"] * 40]) + "\n"), NUMBER, modes=ONE)
add("nested.if.18", defined(nested(18, "if x > -{k}:", "y = x * x")), NUMBER, modes=ONE)
add("nested.if.90", defined(nested(90, "if x > -{k}:", "y = x * x")), NUMBER, "any", modes=ONE)
add("nested.for.8", defined(nested(8, "for i{k} in range(2):", "y = y * 1.001 + x")), NUMBER, modes=ONE)
add("nested.for.19", defined(nested(19, "for i{k} in range(1):", "y = y * 1.001 + x")), NUMBER, modes=ONE)
add("nested.while.6", defined(nested(6, "for i{k} in [0, 1]:", "y = y * y * 0.1 + x")), NUMBER, modes=ONE)
add("nested.function.10", defined("def f(x):\n" + "".join("    " * (k + 1) + f"def g{k}(y):\n" for k in range(10)) + "    " * 11 + "return y * y * x\n" + "".join("    " * (10 - k) + f"return g{9 - k}(y) * 1.1\n" for k in range(9)) + "    return g0(x)\n"), NUMBER, "any", modes=ONE)
add("nested.list.30", defined("def f(x):\n    y = " + "[" * 30 + "x * x" + "]" * 30 + "\n    return y" + "[0]" * 30 + "\n"), NUMBER, "any", modes=ONE)
add("nested.lambda.10", defined("def f(x):\n    return " + "(lambda y: " * 10 + "y * x" + ")(x * 2.0)" * 10 + "\n"), NUMBER, "any", modes=ONE)
add("functions.100", defined(functions(100)), NUMBER, modes=ONE)
add("functions.400", defined(functions(400)), NUMBER, "any", modes=FIRST)
add("literal.list.3000", defined("def f(x):\n    w = [" + ", ".join(f"{k}.5" for k in range(3000)) + "]\n    s = 0.0\n    for v in w:\n        s += v * x * x\n    return s\n"), NUMBER, modes=ONE)
add("literal.array.3000", defined("def f(x):\n    w = np.array([" + ", ".join(f"{k}.5" for k in range(3000)) + "])\n    return np.sum(w * x * x)\n"), NUMBER, modes=ONE)
add("literal.active.500", defined("def f(x):\n    w = [" + ", ".join(f"x * {k}.5" for k in range(500)) + "]\n    s = 0.0\n    for v in w:\n        s += v * v\n    return s\n"), NUMBER, modes=FIRST)
add("literal.unpack.300", defined("def f(x):\n    " + ", ".join(f"a{k}" for k in range(300)) + " = " + ", ".join(f"x * {k}.5" for k in range(300)) + "\n    return " + " + ".join(f"a{k} * a{k}" for k in range(300)) + "\n"), NUMBER, modes=ONE)
add("literal.int", defined(f"def f(x):\n    return x * {10**200} * 1e-200\n"), NUMBER, modes=ONE)
add("literal.int_too_large", defined(f"def f(x):\n    return x * {hex(10**400)}\n"), NUMBER, "any", modes=("grad",))
add("literal.int_digits", defined(f"def f(x):\n    n = {hex(16**6000)}\n    return x * x * (n % 7)\n"), NUMBER, "any", modes=ONE)
add("literal.int_global", defined("N = 16**6000\n\ndef f(x):\n    return x * x * (N % 7)\n"), NUMBER, "any")
add("literal.int_captured", defined("def g(n):\n    def f(x):\n        return x * x * (n % 7)\n    return f\nf = g(16**6000)\n"), NUMBER, "any")
add("literal.int_argument", lambda x, n: x * x * (n % 7), lambda: (1.5, 16**6000), "any")
add("literal.int_default", defined("def f(x, n=16**6000):\n    return x * x * (n % 7)\n"), NUMBER, "any")
add("literal.text", defined(f"def f(x):\n    s = {'a' * 100000!r}\n    return x * x * len(s)\n"), NUMBER, modes=ONE)
add("loop.long", defined("def f(x):\n    s = x\n    for i in range(20000):\n        s = s * 0.9999 + x * 1e-4\n    return s\n"), NUMBER, modes=ONE)
add("loop.none", defined("def f(x):\n    s = x * x\n    for i in range(0):\n        s = s * x\n    return s\n"), NUMBER)
add("loop.negative", defined("def f(x):\n    s = x * x\n    for i in range(-5):\n        s = s * x\n    for i in range(3, 0):\n        s = s * s\n    return s\n"), NUMBER)
add("loop.backwards", defined("def f(x):\n    s = 1.0\n    for i in range(3, -1, -1):\n        s = s * x[i] + x[-i]\n    return s\n"), lambda: (X.copy(),))
add("loop.big_range", defined("def f(x):\n    s = x\n    for i in range(10**20, 10**20 + 3):\n        s = s * x\n    return s\n"), NUMBER)
add("loop.step_zero", defined("def f(x):\n    s = x\n    for i in range(0, 3, 0):\n        s = s * x\n    return s\n"), NUMBER, "ValueError")
add("loop.float_range", defined("def f(x):\n    s = x\n    for i in range(3.0):\n        s = s * x\n    return s\n"), NUMBER, "any")
add("loop.endless_break", defined("def f(x):\n    s = x\n    while True:\n        s = s * x\n        if s > 100.0:\n            break\n    return s\n"), NUMBER)
add("loop.while_false", defined("def f(x):\n    s = x\n    while False:\n        s = s * x\n    return s * s\n"), NUMBER)
add("many_arguments.200", defined("def g(*a):\n    return a[0] * a[199]\ndef f(x):\n    return g(" + ", ".join(f"x * {k}.0" for k in range(200)) + ") * x\n"), NUMBER, "any", modes=ONE)
add("one_line", defined("def f(x): y = x * x; z = y * x; return z * y\n"), NUMBER)
add("continued_lines", defined("def f(x):\n    y = x \\\n        * \\\n        x\n    return (y\n        *\n\n        x)\n"), NUMBER)
add("form_feed", defined("def f(x):\n\x0c    y = x * x\n\x0c\n    return y * x\n"), NUMBER)
add("crlf", defined("def f(x):\r\n    y = x * x\r\n    return y * x\r\n"), NUMBER, "any")
add("tabs", defined("def f(x):\n\ty = x * x\n\tif x > 0:\n\t\ty = y * x\n\treturn y\n"), NUMBER)
add("no_final_newline", defined("def f(x):\n    return x * x"), NUMBER)
add("only_docstring", defined('def f(x):\n    """Nothing."""\n'), NUMBER, "DS400", modes=("grad",))
add("only_pass", defined("def f(x):\n    pass\n"), NUMBER, "DS400", modes=("grad",))
add("after_return", defined("def f(x):\n    return x * x\n    return x\n    y = undefined_name\n"), NUMBER)
