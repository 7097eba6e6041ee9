"""Calls, closures, methods."""

from __future__ import annotations

import functools
import math

import numpy as np

from ..data import A33, A34, P5, X3, X5, Y3
from ..harness import case
from . import helpers
from .helpers import affine, scale_in_place

GAIN = 1.7
TABLE = np.array([1.0, 2.0, 3.0])


def square(t):
    return t * t


def poly(t, a=2.0, *, b=1.0):
    return a * t * t + b * t


def fact(x, n):
    if n == 0:
        return 1.0
    return x * fact(x, n - 1)


def is_even(x, n):
    return x if n == 0 else is_odd(x * 1.5, n - 1)


def is_odd(x, n):
    return x * x if n == 0 else is_even(x + 1.0, n - 1)


def pair(x, y):
    return x * y, x - y


def first_above(x, c):
    for e in x:
        if e * e > c:
            return e * c
    return c


@case((2.0, 3.0), second=True)
def call_function(x, y):
    return square(x) * square(y + x)


@case((2.0, 3.0))
def call_keywords(x, y):
    return poly(x) + poly(x, y) + poly(b=x, t=y)


@case((2.0, 3.0))
def call_other_module(x, y):
    return affine(x, y, 2.0) + helpers.affine(y, x, 1.0)


@case((1.3, 4), (1.3, 0))
def recursion(x, n):
    return fact(x, n)


@case((1.3, 3), (1.3, 4))
def mutual_recursion(x, n):
    return is_even(x, n)


@case((2.0, 3.0))
def tuple_return(x, y):
    a, b = pair(x, y)
    return a * b


@case((2.0, 3.0))
def returns_tuple(x, y):
    return x * y, np.sin(x), 3


@case((X3, 2.0))
def returns_nested(x, y):
    return (x * y, (x.sum(), y * y)), y


@case((2.0, 3.0))
def call_with_unpacking(x, y):
    args = (x, y)
    return pair(*args)[0] + poly(x, **{"a": y})


@case((X5, 1.0), (X5, 100.0))
def callee_with_early_return(x, c):
    return first_above(x, c) * c


@case((2.0, 3.0))
def inner_function(x, y):
    def g(t):
        return t * x + y

    return g(x) * g(2.0)


@case((2.0, 3.0))
def inner_with_default(x, y):
    def g(t, s=x):
        return t * s

    x = x + 1.0
    return g(y) * x


@case(2.0)
def late_binding(x):
    k = 1.0

    def g(t):
        return t * k

    k = x
    return g(2.0)


@case((2.0, 3.0))
def lambda_expression(x, y):
    f = lambda t: t * y + x  # noqa: E731
    return f(x) * f(y)


@case((2.0, 3.0))
def function_as_argument(x, y):
    return apply_twice(square, x) + apply_twice(lambda t: t * y, x)


def apply_twice(f, t):
    return f(f(t))


@case((2.0, 3.0))
def returned_closure(x, y):
    return adder(x)(y) * x


def adder(a):
    def add(b):
        return a * b + a

    return add


def make(n, k):
    def powered(x):
        return k * x**n

    return powered


closure_argument = case(1.3)(make(3, 2.0))


@case(1.3)
def global_scalar(x):
    return GAIN * x * x


@case(X3)
def global_array(x):
    return (TABLE * x * x).sum()


@case(1.3)
def math_module(x):
    return math.sin(x) * math.exp(-x) + math.sqrt(x) * math.log(x) + math.pi * math.pow(x, 2.5)


@case(1.3)
def builtins_of_numbers(x):
    return abs(-x) + max(x, 0.5) * min(x, 2.0) + pow(x, 3) + float(x) + divmod(7, 2)[0] * x


@case(X5)
def builtin_sum(x):
    return sum(x) * sum([x[0], x[1] * 2.0])


@case(X5)
def builtin_max_of_array(x):
    return max(x) * min(x)


@case((X3, Y3))
def methods(x, y):
    return x.sum() * y.mean() + x.dot(y) + (x.copy() @ y) + x.max()


@case(A34)
def method_chain(a):
    return a.T.reshape(2, 6).sum(axis=0).prod()


@case(A33)
def transpose_attribute(a):
    return (a.T @ a).trace() + a.shape[0] * a[0, 0] + a.size + a.ndim


@case((X3, 2.0))
def callee_writes_argument(x, s):
    y = x.copy()
    scale_in_place(y, s)
    return (y * x).sum()


@case((X3, 2.0))
def callee_writes_callers_argument(x, s):
    scale_in_place(x, s)
    return (x * x).sum()


@case((X3, 2.0))
def callee_returns_its_argument(x, s):
    y = touch(x * 1.0, s)
    y[0] = 3.0 * s
    return y.sum()


def touch(a, s):
    a *= s
    return a


class Model:
    """A plain class."""

    def __init__(self, w, b):
        self.w = w
        self.b = b

    def forward(self, x):
        return np.tanh(self.w @ x + self.b)

    def __call__(self, x):
        return self.forward(x).sum()


MODEL = Model(np.array([[0.5, -0.3, 0.1], [0.2, 0.7, -0.4]]), np.array([0.1, -0.2]))


@case((Model(np.array([[0.5, -0.3, 0.1], [0.2, 0.7, -0.4]]), np.array([0.1, -0.2])), X3))
def object_argument(model, x):
    return model.forward(x).sum()


@case(X3)
def global_object(x):
    return (MODEL.forward(x) ** 2).sum()


bound_method = case(X3)(MODEL.forward)


@case((X3, 1.5))
def construct_object(x, s):
    m = Model(np.outer(x, x) * s, x)
    return m(x)


class Counter:
    """State that a method changes."""

    def __init__(self, start):
        self.total = start

    def add(self, x):
        self.total = self.total + x * x
        return self.total


@case((1.0, 2.0))
def stateful_object(x, y):
    c = Counter(x)
    c.add(y)
    return c.add(x * y) * c.total


def partial_target(a, x, b=1.0):
    return a * x * x + b


partial_function = case(1.4)(functools.wraps(partial_target)(functools.partial(partial_target, 2.0, b=3.0)))


@case(P5)
def function_from_dict(x):
    table = {"log": np.log, "exp": np.exp}
    return table["log"](x).sum()


@case(2.0)
def conditional_callee(x):
    f = math.sin if x > 1 else math.cos
    return f(x)
