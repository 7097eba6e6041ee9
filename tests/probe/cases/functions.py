"""Functions as values: closures passed, returned, stored, chosen by a condition; signatures and ways to call."""

import functools
import math
import operator

import numpy as np

from ..data import X3, Y3
from ..harness import case


def square(t):
    return t * t


def cube(t):
    return t * t * t


def compose(f, g):
    return lambda t: f(g(t))


def apply_n(f, t, n):
    for _ in range(n):
        t = f(t)
    return t


def adder(a):
    return lambda b: a + b


def scaled_by(a):
    def scale(x):
        return a * x

    def shift(x):
        return x + a

    return scale, shift


def newton(f, df, x, steps):
    for _ in range(steps):
        x = x - f(x) / df(x)
    return x


@case((1.1, 1.3))
def composed(x, y):
    f = compose(square, lambda t: t * y)
    return f(x) + compose(math.sin, square)(y)


@case((1.1, 1.3))
def composed_of_closures(x, y):
    f = compose(lambda t: t + x, lambda t: t * y)
    return compose(f, f)(x)


@case((1.1, 1.3, 3))
def closure_in_callee_loop(x, y, n):
    return apply_n(lambda t: t * y + x, x, n)


@case((X3, 1.3))
def closure_over_array(x, y):
    f = lambda t: (x * t).sum()  # noqa: E731
    return apply_n(f, y, 2)


@case((X3, 1.3))
def closure_over_written_array(x, y):
    buf = np.zeros(3)

    def step(t):
        buf[0] = buf[0] + t * x[0]
        return buf[0] * x[1]

    return apply_n(step, y, 3) + buf[0]


@case((1.1, 1.3))
def pair_of_closures(x, y):
    scale, shift = scaled_by(x)
    return scale(y) * shift(y)


@case((1.1, 1.3))
def pair_passed_on(x, y):
    fs = scaled_by(x)
    return fs[0](y) + apply_n(fs[1], y, 2)


@case((2.0, 1.3))
def newton_with_lambdas(x, y):
    return newton(lambda t: t * t - x, lambda t: 2.0 * t, y, 4)


@case((1.1, 1.3))
def curried(x, y):
    return adder(x)(adder(y)(x * y))


@case((1.1, 1.3))
def list_of_functions(x, y):
    s = 0.0
    for f in [square, cube, lambda t: t * y]:
        s = s + f(x)
    return s


@case((1.1, 1.3))
def list_of_closures(x, y):
    fs = [adder(x), adder(y)]
    return fs[0](y) * fs[1](x)


@case((1.1, 1.3))
def dict_of_closures(x, y):
    fs = {"f": lambda t: t * y, "g": lambda t: t + x}
    return fs["f"](x) * fs["g"](y)


@case((1.1, 1.3))
def sorted_by_lambda(x, y):
    order = sorted([2, 0, 1], key=lambda i: -i)
    return x * order[0] + y * order[1]


@case((1.1, 1.3))
def immediately_called(x, y):
    return (lambda t: t * y)(x)


@case((1.1, True), (1.1, False))
def chosen_by_flag(x, flag):
    g = square if flag else cube
    return g(x) * x


@case((1.1, 2.0), (-1.1, 2.0))
def chosen_at_run_time(x, y):
    g = square if x > 0 else cube
    return g(y) * x


@case((1.1, 2.0), (-1.1, 2.0), (3.0, 2.0))
def chosen_of_three(x, y):
    if x > 2.0:
        g = square
    elif x > 0.0:
        g = cube
    else:
        g = math.sin
    return g(x * y) + g(y)


@case((1.1, 2.0), (-1.1, 2.0))
def chosen_closures(x, y):
    if x > 0:
        g = lambda t: t * y  # noqa: E731
    else:
        g = lambda t: t + x * y  # noqa: E731
    return g(x) * g(y)


@case((1.1, 2.0), (-1.1, 2.0))
def chosen_closures_of_one_function(x, y):
    g = adder(x) if x > 0 else adder(y * y)
    return g(x) * g(y)


@case((X3, 2.0))
def chosen_in_loop(x, y):
    s = 0.0
    for e in x:
        f = np.sin if e > 1.0 else np.cos
        s = s + f(e * y)
    return s


@case((1.1, 2.0), (-1.1, 2.0))
def chosen_passed_on(x, y):
    g = square if x > 0 else cube
    return apply_n(g, y, 2) * x


def pick(c):
    return square if c > 0 else cube


def pick_early(c):
    if c > 0:
        return square
    return cube


@case((1.1, 2.0), (-1.1, 2.0))
def chosen_by_callee(x, y):
    return pick(x)(y) * x


@case((1.1, 2.0), (-1.1, 2.0))
def chosen_by_callee_early(x, y):
    return pick_early(x)(y) * x


@case((1.1, 2.0), (-1.1, 2.0))
def changes_in_loop(x, y):
    g = square
    s = x
    for i in range(3):
        s = g(s) * y
        g = cube if i == 0 else square
    return s


@case((1.1, 2.0), (-1.1, 2.0))
def optional_function(x, y):
    g = square if x > 0 else None
    if g is None:
        return x * y
    return g(x) * y


def power(t, n=2, *, scale=1.0):
    return scale * t**n


def positional_only(a, b, /, c=2.0):
    return a * b + c


def variadic(first, *rest):
    s = first
    for r in rest:
        s = s * r
    return s + len(rest)


@case((1.1, 1.3))
def keyword_only(x, y):
    return power(x, scale=y) + power(t=x, n=3, scale=2.0)


@case((1.1, 1.3))
def positional_only_parameters(x, y):
    return positional_only(x, y) * positional_only(y, x, c=x)


@case((1.1, 1.3))
def variadic_callee(x, y):
    return variadic(x, y, x) + variadic(y)


@case((1.1, 1.3))
def star_of_tuple(x, y):
    args = (x, y)
    return variadic(*args) + positional_only(*args, 3.0) + variadic(2.0, *args)


@case((1.1, 1.3))
def star_of_tuple_of_callee(x, y):
    args = swapped(x, y)
    return positional_only(*args)


def swapped(a, b):
    return b * 2.0, a


@case(([1.0, 2.0, 3.0], 1.3))
def star_of_list(xs, y):
    return variadic(y, *xs)


@case((1.1, 1.3))
def star_of_dict(x, y):
    options = {"scale": y}
    return power(x, **options)


@case((1.1, 1.3))
def star_parameter_forwarded(x, y):
    return forwards(x, y)


def forwards(*args):
    return positional_only(*args)


@case((1.1, 1.3))
def keywords_forwarded(x, y):
    return with_keywords(x, scale=y)


def with_keywords(x, **options):
    return power(x, **options)


@case((1.1, 1.3))
def local_partial(x, y):
    f = functools.partial(power, n=3)
    return f(x) + f(y, scale=x)


@case((1.1, 1.3))
def partial_with_active(x, y):
    f = functools.partial(positional_only, x)
    return f(y) * f(2.0, x)


@case((1.1, 1.3))
def partial_passed(x, y):
    return apply_n(functools.partial(positional_only, 2.0), x, 2) * y


@case((1.1, 1.3))
def operator_module(x, y):
    return operator.mul(x, y) + apply_two(operator.add, x, y)


def apply_two(f, a, b):
    return f(a, b)


@case((1.1, 1.3))
def functools_reduce(x, y):
    return functools.reduce(lambda a, b: a * b + 1.0, [x, y, x])


@case((X3, Y3))
def map_of_lambda(x, y):
    return sum([e for e in map(lambda a, b: a * b, x, y)])


@case((1.1, 1.3))
def default_of_definition(x, y):
    k = x * 2.0

    def g(t, scale=k):
        return t * scale

    k = 100.0
    return g(y) + g(y, 3.0) + k * x


@case((1.1, 1.3))
def default_passed_as_value(x, y):
    def g(t, scale=x):
        return t * scale

    return apply_n(g, y, 2)


@case((1.1, 1.3))
def recursive_inner(x, y):
    def fact(n):
        return x if n == 0 else fact(n - 1) * y

    return fact(3)


@case((1.1, 1.3))
def nonlocal_variable(x, y):
    total = 0.0

    def add(t):
        nonlocal total
        total = total + t * y

    add(x)
    add(y)
    return total


class Scale:
    """Called like a function."""

    def __init__(self, k):
        self.k = k

    def __call__(self, t):
        return self.k * t * t

    def twice(self, t):
        return self(self(t))


@case((1.1, 1.3))
def callable_object(x, y):
    s = Scale(y)
    return s(x) + apply_n(s, x, 2)


@case((1.1, 1.3))
def bound_method_passed(x, y):
    s = Scale(y)
    return apply_n(s.twice, x, 2)


@case((1.1, 1.3))
def bound_method_in_variable(x, y):
    s = Scale(y)
    f = s.twice
    return f(x)


@case((1.1, 2.0), (-1.1, 2.0))
def chosen_captures_array(x, y):
    a = np.ones(2) * y
    g = (lambda t: (a * t).sum()) if x > 0 else cube
    return g(x) * g(y)


@case((1.1, 2.0), (-1.1, 2.0))
def chosen_again(x, y):
    g = square if x > 0 else cube
    h = math.exp if y > 0 else g
    k = h if x * y > 0 else g
    return k(x) * h(y) * g(y)


@case((1.1, 3), (1.1, 1))
def chosen_but_inactive(x, n):
    g = square if n > 2 else cube
    return x * g(n)


@case((1.1, 1.3))
def partial_of_partial(x, y):
    f = functools.partial(power, scale=y)
    g = functools.partial(f, n=3)
    return g(x) + functools.partial(lambda a, b: a * b * x, y)(2.0)


@case((1.1, 1.3), (-1.1, 1.3))
def chosen_partials(x, y):
    s = Scale(y)
    f = functools.partial(power, n=3) if x > 0 else s.twice
    return f(x) * f(y)


@case((1.1, 1.3))
def variadic_with_options(x, y):
    return all_kinds(x, y, 2.0, scale=y, power=2) + all_kinds(x) + all_kinds(y, x)


def all_kinds(first, *rest, scale=2.0, **options):
    s = first * scale
    for r in rest:
        s = s + r * r
    return s ** options.get("power", 1)
