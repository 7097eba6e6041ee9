"""What is called a function: builtins, classes, partials, methods, generators, code without source, lambdas."""

# ruff: noqa: E501  programs in one line each
from __future__ import annotations

import functools
import math
import operator
import types

import numpy as np

from .harness import add, defined

X = np.array([0.5, -1.2, 0.8, 1.7])


def square(x):
    return x * x


# not Python functions
NO_FUNCTIONS = {
    "builtin": (abs, "DS100"),
    "c_function": (math.sin, "DS100"),
    "ufunc": (np.sin, "right"),
    "numpy_function": (np.sum, None),
    "class": (float, "DS100"),
    "operator": (operator.neg, "DS100"),
    "itemgetter": (operator.itemgetter(0), "DS100"),
    "partial_of_builtin": (functools.partial(pow, 2.0), "DS100"),
    "vectorize": (np.vectorize(square), None),
    "bound_builtin": ([1.0].count, "DS100"),
    "slot_wrapper": (float.__neg__, "DS100"),
}
add("callable.lru_cache", functools.lru_cache(square), lambda: (1.5,))
for key, (fn, code) in NO_FUNCTIONS.items():
    if code:
        add(f"callable.{key}", fn, lambda: (1.5,), code)
for key, thing in {"none": None, "number": 3, "text": "f", "module": np, "list": [square]}.items():
    add(f"not_callable.{key}", thing, lambda: (1.5,), "DS100")


# Python functions in disguise
class Model:
    scale = 2.0

    def __init__(self, w):
        self.w = w

    def __call__(self, x):
        return self.w * x * x

    def method(self, x):
        return self.w * x * x * self.scale

    @staticmethod
    def static(x):
        return x * x * 3.0

    @classmethod
    def of_class(cls, x):
        return x * x * cls.scale

    @property
    def squared(self):
        return self.w * self.w


class Child(Model):
    def method(self, x):
        return super().method(x) * x


class Meta(type):
    def __call__(cls, x):
        return x * 2.0


class WithMeta(metaclass=Meta):
    pass


def _with_property(x, m):
    return m.squared * x * x


model = Model(1.5)
add("callable.object", model, lambda: (1.5,))
add("callable.method", model.method, lambda: (1.5,))
add("callable.unbound", Model.method, lambda: (model, 1.5), options={"argnums": 1}, modes=("grad",))
add("callable.static", Model.static, lambda: (1.5,))
add("callable.static_of_instance", model.static, lambda: (1.5,))
add("callable.class_method", Model.of_class, lambda: (1.5,), "any")
add("callable.super", Child(0.5).method, lambda: (1.5,), "any")
add("callable.property", _with_property, lambda: (1.5, Model(0.5)))
add("callable.metaclass", WithMeta, lambda: (1.5,), "DS100")
add("callable.partial", functools.partial(lambda a, x: a * x * x, 2.0), lambda: (1.5,))
add("callable.partial_keyword", functools.partial(lambda x, a=1.0: a * x * x, a=2.0), lambda: (1.5,))
add("callable.partial_of_partial", functools.partial(functools.partial(lambda a, b, x: a * b * x * x, 2.0), 3.0), lambda: (1.5,))
add("callable.partial_of_method", functools.partial(Model.method, model), lambda: (1.5,))
add("callable.method_type", types.MethodType(lambda self, x: self * x * x, 2.0), lambda: (1.5,))


# generators, coroutines
def generates(x):
    yield x * x


async def waits(x):
    return x * x


async def generates_slowly(x):
    yield x * x


def generator_inside(x):
    def inner():
        yield x
        yield x * x

    s = 0.0
    for v in inner():
        s += v * v
    return s


add("generator", generates, lambda: (1.5,), "DS118", modes=("grad", "vjp"))
add("coroutine", waits, lambda: (1.5,), "DS110", modes=("grad", "vjp"))
add("async_generator", generates_slowly, lambda: (1.5,), "DS110", modes=("grad", "vjp"))


# the source that is there, or isn't
def _replaced(x):
    return x * 100.0


def _original(x):
    return x * x * 3.0


def replaced_code():
    def target(x):
        return x * 100.0

    target.__code__ = _original.__code__
    return target


def hidden(fn):
    def wrapper(*args):
        return fn(*args) * 2.0

    return wrapper


def wrapped(fn):
    @functools.wraps(fn)
    def wrapper(*args):
        return fn(*args) * 2.0

    return wrapper


def wrapped_keywords(fn):
    @functools.wraps(fn)
    def wrapper(*args, **kwargs):
        return fn(*args, **kwargs) * 2.0

    return wrapper


@hidden
def decorated(x):
    return x * x


@wrapped
def decorated_wraps(x):
    return x * x


@wrapped
@wrapped_keywords
@hidden
def decorated_thrice(x):
    return x * x


def without_source():
    scope: dict = {}
    exec("def f(x):\n    return x * x\n", scope)  # noqa: S102
    return scope["f"]


def calls_hidden_source():
    scope: dict = {}
    exec("def g(x):\n    return x * x\n", scope)  # noqa: S102
    g = scope["g"]
    return lambda x: g(x) * x


def made_by_eval():
    return eval("lambda x: x * x")  # noqa: S307


def rebuilt():
    return types.FunctionType(square.__code__, {"np": np})


def rebuilt_constants():
    code = square.__code__
    return types.FunctionType(code.replace(co_consts=(*code.co_consts, 7)), {})


def wrong_file():
    return types.FunctionType(square.__code__.replace(co_filename=math.__file__ if hasattr(math, "__file__") else "/"), {})


add("source.replaced_code", replaced_code(), lambda: (1.5,))
add("source.decorated", decorated, lambda: (1.5,))
add("source.decorated_wraps", decorated_wraps, lambda: (1.5,))
add("source.decorated_thrice", decorated_thrice, lambda: (1.5,))
add("source.exec", without_source(), lambda: (1.5,), "DS101")
add("source.exec_callee", calls_hidden_source(), lambda: (1.5,), "DS101")
add("source.eval", made_by_eval(), lambda: (1.5,), "DS101")
add("source.rebuilt", rebuilt(), lambda: (1.5,))
add("source.rebuilt_constants", rebuilt_constants(), lambda: (1.5,), "DS102")
add("source.other_file", wrong_file(), lambda: (1.5,), "DS101")
add("source.dataclass_method", Model.__init__, lambda: (model, 1.5), "DS400", options={"argnums": 1}, modes=("grad",))

# text that isn't Python any more, or is another text
for key, text in {
    "syntax_error": "def f(x:\n    return x\n",
    "other_text": "def f(x):\n    return x * x * x\n",
    "empty": "\n",
    "null": "def f(x):\n    return x\0 * x\n",
    "shifted": "\n\ndef f(x):\n    return x * x\n",
    "tabs": "def f(x):\n\treturn x * x\n        y = 1\n",
    "binary": "\x80\x81\x82",
}.items():
    import linecache

    fn = defined("def f(x):\n    return x * x\n", file=f"<changed {key}>")
    linecache.cache[f"<changed {key}>"] = (len(text), None, text.splitlines(keepends=True), f"<changed {key}>")
    add(f"changed.{key}", fn, lambda: (1.5,), "DS101" if key == "missing" else "DS102")
same = defined("def f(x):\n    return x * x\n", file="<changed comment>")
linecache.cache["<changed comment>"] = (9, None, ["def f(x):\n", "    return x   *   x  # other blanks\n"], "<changed comment>")
add("changed.blanks", same, lambda: (1.5,))

# notebooks, doctests, consoles
for file in ["<ipython-input-3-1a2b3c>", "/tmp/ipykernel_42/123.py", "<doctest page.rst[3]>", "<stdin>", "<python-input-5>"]:
    add(f"notebook.{file}", defined("def f(x):\n    y = x * x\n    return y * x\n", file=file), lambda: (1.5,))
for file in ["", "<string>\n", "a'b\"c", "\\", "coding=utf-7", "+AAo-", "\u202e"]:
    add(f"file.{file!r}", defined("def f(x):\n    y = x * x\n    return y * x\n", file=file or " "), lambda: (1.5,))

# lambdas
one, two = lambda x: x * x, lambda x: x * x * x
nested = lambda x: (lambda y: y * y * x)(x * 2.0)  # noqa: E731
same_text = [lambda x: x * 2.0 * x, lambda x: x * 2.0 * x]
defaults = [lambda x, k=k: x * x * k for k in (1.0, 2.0, 3.0)]
table = {"a": lambda x: x * x, "b": lambda x: x * x * x}
conditional = (lambda x: x * x) if X[0] > 0 else (lambda x: x)
multiline = (
    lambda x: x
    * x
    * 2.0
)  # fmt: skip
add("lambda.one", one, lambda: (1.5,))
add("lambda.two", two, lambda: (1.5,))
add("lambda.nested", nested, lambda: (1.5,))
add("lambda.same_text_0", same_text[0], lambda: (1.5,))
add("lambda.same_text_1", same_text[1], lambda: (1.5,))
add("lambda.defaults_0", defaults[0], lambda: (1.5,))
add("lambda.defaults_2", defaults[2], lambda: (1.5,))
add("lambda.table_a", table["a"], lambda: (1.5,))
add("lambda.table_b", table["b"], lambda: (1.5,))
add("lambda.conditional", conditional, lambda: (1.5,))
add("lambda.multiline", multiline, lambda: (1.5,))
add("lambda.of_lambda", (lambda k: lambda x: x * x * k)(3.0), lambda: (1.5,))
add("lambda.constant", lambda x: 3.0, lambda: (1.5,))
add("lambda.nothing", lambda x: None, lambda: (1.5,), "DS400", modes=("grad",))
add("lambda.identity", lambda x: x, lambda: (1.5,))


# recursion through names that are rebound, mutual, deep
def down(x, n):
    return x if n == 0 else down(x * 1.001, n - 1) * 1.0


def forever(x):
    return forever(x * 0.5) + 1.0


def even(x, n):
    return x * x if n == 0 else odd(x * 0.9, n - 1)


def odd(x, n):
    return x * 2.0 if n == 0 else even(x * 1.1, n - 1)


add("recursion.deep", lambda x: down(x, 150), lambda: (1.5,), "any")
add("recursion.too_deep", lambda x: down(x, 100_000), lambda: (1.5,), "RecursionError", modes=("grad", "vjp", "jvp"))
add("recursion.forever", forever, lambda: (1.5,), "any")
add("recursion.mutual", lambda x: even(x, 7), lambda: (1.5,), "any")


# defaults
def with_default(x, k=2.0):
    return x * x * k


def mutable_default(x, seen=[1.0, 2.0]):  # noqa: B006
    return x * seen[0] * x * seen[1]


def grows_default(x, seen=[]):  # noqa: B006
    seen.append(1.0)
    return x * x * len(seen)


add("default.number", with_default, lambda: (1.5,))
add("default.given", with_default, lambda: (1.5, 3.0))
add("default.list", mutable_default, lambda: (1.5,))
