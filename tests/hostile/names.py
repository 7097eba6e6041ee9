"""Names that meet ours, names in other scripts, names that are taken elsewhere."""

# ruff: noqa: E501  programs in one line each
from __future__ import annotations

import numpy as np

from .harness import add, defined

X = np.array([0.5, -1.2, 0.8, 1.7])

#: names that generated code likes to use
OURS = """
dx dy dout out x_dot y_dot out_dot saved y_saved x_saved exit_id n n_1 ex path t t_1 k k_1 i j d dt g dg s ds
f_vjp f_grad f_jvp f_fwd f_rev f value unbroadcast zeros_of builtins math range len sum min max abs float reversed
list print zip enumerate isinstance diffsrc zeros_like np_1 numpy inf nan pi e x_1 dx_1 undef dself self cls args kwargs
_ __ ___ _x __x __dx__ l1 O0 x0 x1 tmp result ret step old new match case type soft
""".split()

BODY = """
def f({p}, w):
    {v} = {p} * w
    u = np.zeros(4)
    for i_ in range(4):
        u[i_] = np.sin({v}[i_]) * w + u[i_ - 1] * {v}[i_]
        if u[i_] > 0.5:
            {v} = {v} * 1.5
    {v} = np.sum(u * {v})
    return {v} * {v}
"""
SHADOWED = {"np", "range", "f"}
for name in OURS:
    if name not in SHADOWED:
        add(f"variable.{name}", defined(BODY.format(p="x", v=name)), lambda: (X.copy(), 0.7), modes=("grad", "hvp"))
        add(f"parameter.{name}", defined(BODY.format(p=name, v="y")), lambda: (X.copy(), 0.7), modes=("vjp", "jvp"))
add("variable.f", defined(BODY.format(p="x", v="f")), lambda: (X.copy(), 0.7))
add("parameter.f", defined(BODY.format(p="f", v="y")), lambda: (X.copy(), 0.7))

for name in ["f_grad", "f_vjp", "out", "dx", "np_", "diffsrc", "sum", "print", "zeros_of", "unbroadcast", "range"]:
    text = f"def {name}(x):\n    s = 0.0\n    for v in x:\n        s += v * v * s + v\n    return s\n"
    add(f"function.{name}", defined(text, name), lambda: (X.copy(),))

CALLEE = "def {n}(x, w):\n    return np.sin(x) * w\n\ndef f(x, w):\n    y = {n}(x, w)\n    return np.sum({n}(y, w) * y)\n"
for name in ["f_vjp", "f_grad", "f_fwd", "f_rev", "sin", "dx", "dout", "out", "saved", "np_sin", "g_vjp", "x", "y_saved"]:
    if name != "x":
        add(f"callee.{name}", defined(CALLEE.format(n=name)), lambda: (X.copy(), 0.7))

#: globals of these names, read by the function
for name in ["dx", "dout", "out", "t", "saved", "unbroadcast", "zeros_of", "d", "k", "n", "f_vjp", "y_saved", "dy"]:
    text = f"{name} = 3.0\n\ndef f(x):\n    y = np.sin(x) * {name}\n    z = y * y\n    return np.sum(z * z * {name})\n"
    add(f"global.{name}", defined(text), lambda: (X.copy(),))


class NotNumpy:
    """A global called `np`."""

    @staticmethod
    def sin(x):
        return x * 3.0


def _np_parameter(np):
    return np * np * 2.0


def _np_local(x):
    np = x * 2.0
    return np * np


add("np.parameter", _np_parameter, lambda: (1.5,))
add("np.local", _np_local, lambda: (1.5,))
add("np.is_a_number", defined("np = 2.5\ndef f(x):\n    return x * x * np\n"), lambda: (1.5,))
add("np.is_an_array", defined("np = np.ones(4) * 2.5\ndef f(x):\n    return (x * x * np).sum()\n"), lambda: (X.copy(),))
add("np.is_a_class", defined("def f(x):\n    return np.sin(x) * x\n", np=NotNumpy), lambda: (1.5,))
add("np.is_math", defined("import math as np\ndef f(x):\n    return np.sin(x) * x\n"), lambda: (1.5,))
add("math.is_numpy", defined("import numpy as math\ndef f(x):\n    return math.sum(math.sin(x) * x)\n"), lambda: (X.copy(),))
add("numpy.star_names", defined("from numpy import *\ndef f(x):\n    return sum(sin(x) * x)\n"), lambda: (X.copy(),))
add("builtin.shadowed", defined("def len(x):\n    return 2.0\ndef f(x):\n    return x[0] * len(x)\n"), lambda: (X.copy(),))
add("builtin.sum_is_product", defined("def sum(x):\n    return x[0] * x[1]\ndef f(x):\n    return sum(x * x)\n"), lambda: (X.copy(),))
add("builtin.range_is_ours", defined("def range(n):\n    return [3, 2]\ndef f(x):\n    s = 0.0\n    for i in range(4):\n        s += x[i] * x[i]\n    return s\n"), lambda: (X.copy(),))
add("builtin.float_is_double", defined("def float(x):\n    return 2.0 * x\ndef f(x):\n    return float(x) * x\n"), lambda: (1.5,))
add("builtin.local_sum", defined("def f(x):\n    sum = 0.0\n    for v in x:\n        sum += v * v\n    return sum\n"), lambda: (X.copy(),))
add("builtin.local_max", defined("def f(x):\n    max = x[0]\n    for v in x:\n        if v > max:\n            max = v\n    return max * max\n"), lambda: (X.copy(),))
add("builtin.parameter_zip", defined("def f(zip, len):\n    return zip * len * zip\n"), lambda: (1.5, 2.0))
add("builtin.abs_is_lambda", defined("abs = lambda v: v * v\ndef f(x):\n    return abs(x) * x\n"), lambda: (-1.5,))

# other scripts; identifiers are NFKC-normalised by Python itself
add("unicode.greek", defined("def f(α, β):\n    γ = α * β\n    Δ = γ * γ\n    return Δ * α\n"), lambda: (1.5, 2.0))
add("unicode.chinese", defined("def 函数(变量):\n    结果 = 变量 * 变量\n    return 结果 * 变量\n", "函数"), lambda: (1.5,))
add("unicode.loop", defined("def f(ξ):\n    σ = 0.0\n    for ι in range(len(ξ)):\n        σ += ξ[ι] * ξ[ι] * σ + ξ[ι]\n    return σ\n"), lambda: (X.copy(),))
add("unicode.nfkc", defined("def f(ﬁ, ª):\n    𝐱 = ﬁ * ª\n    ℌ = x * x\n    return H * fi * a\n"), lambda: (1.5, 2.0))
add("unicode.nfkc_ours", defined("def f(x):\n    𝐝𝐱 = x * x\n    ｏｕｔ = dx * x\n    return out * out\n"), lambda: (1.5,))
add("unicode.decomposed", defined("def f(e\u0301):\n    y = é * e\u0301\n    return y * y\n"), lambda: (1.5,))
add("unicode.comment", defined("def f(x):\n    # “Größe” \u202e 'quotes' \\\\ \\n\n    return x * x  # 𝛑 \u2028 end\n".replace("\u2028", " ")), lambda: (1.5,))
add("unicode.text", defined("def f(x):\n    s = 'Größe \\u202e \U0001f600'\n    return x * x * len(s)\n"), lambda: (1.5,))
add("unicode.attribute", defined("class C:\n    pass\n\ndef f(x):\n    c = C()\n    c.größe = x * x\n    return c.größe * x\n"), lambda: (1.5,), "any")
add("unicode.key", defined("def f(x):\n    d = {'größe': x * x, '': x}\n    return d['größe'] * d['']\n"), lambda: (1.5,))


# keywords as attribute names, odd keys
class Bag:
    pass


def bag(**values):
    out = Bag()
    for k, v in values.items():
        setattr(out, k, v)
    return out


def keyword_attribute(o):
    return getattr(o, "class") * getattr(o, "class")


def keyword_attribute_set(x):
    o = Bag()
    setattr(o, "class", x * x)
    return getattr(o, "class") * x


def odd_attribute(o):
    return getattr(o, "not a name") * 2.0


def other_attribute(o):
    return o.value * o.value


add("attribute.keyword", keyword_attribute, lambda: (bag(**{"class": 1.5}),), "any")
add("attribute.keyword_set", keyword_attribute_set, lambda: (1.5,), "any")
add("attribute.no_name", odd_attribute, lambda: (bag(**{"not a name": 1.5}),), "any")
add("attribute.beside_keyword", other_attribute, lambda: (bag(value=1.5, **{"class": 2.5, "not a name": 0.5}),))
for key in ["class", "a b", "", "1", "None", "'", '"', "\\", "\n", "{", "__class__", "é", "%s"]:
    text = f"def f(d):\n    return d[{key!r}] * d[{key!r}]\n"
    add(f"key.{key!r}", defined(text), lambda key=key: ({key: 1.5},))
for key in [0, -1, True, None, 2.5, (1, "a")]:
    text = f"def f(d):\n    return d[{key!r}] * d[{key!r}]\n"
    add(f"key.{key!r}", defined(text), lambda key=key: ({key: 1.5},), "any")


# private names of classes, names with underscores
class Private:
    def __init__(self, w):
        self.__w = w

    def value(self, x):
        __y = self.__w * x
        return __y * self.__w


def private(x, w):
    return Private(w).value(x) * x


class __Hidden:
    def __init__(self, w):
        self.__w = w

    def __call__(self, x):
        return self.__w * x * x


_hidden = __Hidden(2.0)
add("private.method", private, lambda: (1.5, 2.0))
add("private.callable", _hidden, lambda: (1.5,))

# parameters of all kinds
add("parameter.keyword_only", defined("def f(x, *, k=2.0):\n    return x * x * k\n"), lambda: (1.5,))
add("parameter.positional_only", defined("def f(x, /, y):\n    return x * x * y\n"), lambda: (1.5, 2.0))
add("parameter.many", defined(f"def f({', '.join(f'a{i}' for i in range(100))}):\n    return {' + '.join(f'a{i} * a{i}' for i in range(100))}\n"), lambda: tuple(0.01 * i for i in range(100)), modes=("grad", "jvp"))
add("long_name", defined(f"def f({'x' * 5000}):\n    {'y' * 5000} = {'x' * 5000} * 2.0\n    return {'y' * 5000} * {'x' * 5000}\n"), lambda: (1.5,))
