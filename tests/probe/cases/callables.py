"""Decorators, partials, *args, dispatch tables, globals."""

import functools
import math
from dataclasses import dataclass
from functools import cache, lru_cache, partial, wraps

import numpy as np

from ..data import X3, X5
from ..harness import case


def logged(f):
    @wraps(f)
    def wrapper(*args, **kwargs):
        return f(*args, **kwargs)

    return wrapper


def scaled(k):
    def decorate(f):
        @functools.wraps(f)
        def wrapper(*args):
            return k * f(*args)

        return wrapper

    return decorate


def doubled(f):
    def wrapper(x):
        return 2.0 * f(x)

    return wrapper


@logged
def decorated_square(x):
    return x * x


@scaled(3.0)
def decorated_product(x, y):
    return x * y


@doubled
def decorated_sin(x):
    return math.sin(x)


@lru_cache(maxsize=None)
def binomial(n, k):
    return 1 if k in (0, n) else binomial(n - 1, k - 1) + binomial(n - 1, k)


@cache
def cached_power(x, n):
    return 1.0 if n == 0 else x * cached_power(x, n - 1)


@case((1.1, 1.3), second=True)
def decorated(x, y):
    return decorated_square(x) + decorated_product(x, y) + decorated_sin(y)


@logged
@scaled(2.0)
def twice_decorated(x):
    return x * x


@case((1.1,))
def decorated_twice(x):
    return twice_decorated(x) * x


case((1.1, 1.3))(decorated_product)


@case((1.1,))
def cached_inactive(x):
    return sum(binomial(4, k) * x**k for k in range(5))


@case((1.1,))
def cached_active(x):
    return cached_power(x, 3) + cached_power(x, 2)


@case((1.1, 1.3))
def partial_keywords(x, y):
    f = partial(_poly, c=y)
    return f(x, 2.0) + f(x, b=y)


def _poly(a, b, c=1.0):
    return a * a * b + c * a


@case((1.1, 1.3))
def decorated_inner(x, y):
    def scale(f):
        def g(t):
            return f(t) * y

        return g

    @scale
    def h(t):
        return t * t

    return h(x) + h(y)


@case((1.1, 1.3))
def wraps_inner(x, y):
    def scale(f):
        @wraps(f)
        def g(*args):
            return f(*args) * y

        return g

    def h(t):
        return t * t

    return scale(h)(x)


def total(*args):
    s = 0.0
    for a in args:
        s = s + a * a
    return s


def weighted(*args, weight=1.0, **options):
    return weight * sum(args) + options.get("bias", 0.0)


def positional(a, b, /, c, *, d=2.0):
    return a * b + c * d


@case((1.1, 1.3))
def varargs(x, y):
    return total(x, y, x * y) + total() + weighted(x, y, weight=y) + weighted(x, bias=y)


@case((1.1, 1.3))
def positional_only(x, y):
    return positional(x, y, c=x) + positional(x, y, 3.0, d=y)


@case((X3, 1.3))
def star_of_array_again(x, y):
    return positional(*x) * y + total(*x)


@case(([1.1, 1.2, 1.3], 1.3))
def star_of_list_unknown(xs, y):
    return total(*xs) * y


@case(([1.1, 1.2, 1.3], 1.3))
def star_of_list_fixed(xs, y):
    return positional(*xs) * y


@case((1.1, 1.3))
def star_in_calls(x, y):
    args = [x, y]
    more = (x * y,)
    opts = {"d": y}
    return positional(*args, *more, **opts)


@case((1.1, 1.3))
def star_max(x, y):
    args = [x, y, x * y]
    return max(*args) + min(*args)


@case((X3,))
def star_assign(x):
    a, *rest = x
    *init, z = [t * 2.0 for t in x]
    return a * sum(rest) + z * init[0]


@case((X3,))
def star_display(x):
    ys = [1.0, *x, *[t * t for t in x]]
    return sum(ys) * ys[2]


@case((1.1, 1.3))
def inner_varargs(x, y):
    def tot(*args):
        return sum(args) * y

    return tot(x, y) + tot(x)


@case((1.1, 1.3))
def inner_kwargs(x, y):
    def f(a, **kw):
        return a * kw["k"] + kw.get("b", 1.0)

    return f(x, k=y) + f(y, k=x, b=x * y)


@case((1.1, 1.3))
def forwarding(x, y):
    def call(f, *args, **kwargs):
        return f(*args, **kwargs)

    return call(_poly, x, y) + call(_poly, x, b=2.0, c=y)


def default_list(x, acc=[]):  # noqa: B006
    return x * (1.0 + len(acc))


def default_array(x, w=np.array([1.0, 2.0, 3.0])):
    return x @ w


@case((X3,))
def mutable_defaults(x):
    return default_list(x[0]) + default_array(x)


ACTIVATIONS = {"tanh": np.tanh, "sin": np.sin, "square": lambda t: t * t}
CHAIN = [math.sin, math.exp, lambda t: t * t]


@case((X3,))
def dispatch_constant(x):
    return np.sum(ACTIVATIONS["tanh"](x) * ACTIVATIONS["square"](x))


@case((X3, "sin"))
def dispatch_argument(x, name):
    return np.sum(ACTIVATIONS[name](x))


@case((X3, 1))
def dispatch_runtime_index(x, i):
    return sum(CHAIN[(i + j) % 3](t) for j, t in enumerate(x))


@case((1.1,))
def chain_of_functions(x):
    for f in CHAIN:
        x = f(x)
    return x


@case((1.1, 1.3))
def local_dispatch(x, y):
    ops = {"add": lambda a, b: a + b, "mul": lambda a, b: a * b}
    s = x
    for name in ["add", "mul", "add"]:
        s = ops[name](s, y)
    return s


@case((1.1, 1.3))
def method_callback(x, y):
    m = Model(x)
    return apply_twice(m.step, y) + sum(map(m.step, [x, y]))


@dataclass
class Model:
    k: float

    def step(self, t):
        return math.sin(self.k * t)


def apply_twice(f, t):
    return f(f(t))


@case((1.1, 1.3))
def functions_returned(x, y):
    f = derivative_of(lambda t: t**3 * y)
    return f(x)


def derivative_of(f, h=1e-3):
    def df(t):
        return (f(t + h) - f(t - h)) / (2.0 * h)

    return df


@case((1.1, 1.3))
def optional_callback(x, y):
    return with_optional(x, None) + with_optional(y, math.sin)


def with_optional(x, f=None):
    if f is not None:
        x = f(x)
    return x * x


@case((1.1, 1.3), (-1.1, 1.3))
def conditional_callable(x, y):
    f = math.sin if x > 0 else (lambda t: t * y)
    return f(y) + f(x)


@case((1.1, 1.3), (-1.1, 1.3))
def partial_choice(x, y):
    f = partial(_poly, x) if x > 0 else partial(_poly, y, c=x)
    return f(y)


@case((1.1, 1.3))
def rk4_generic(x, k):
    def f(t, y):
        return -k * y + math.sin(t)

    return integrate(f, x, 0.1, 5)


def integrate(f, y, h, n):
    t = 0.0
    for _ in range(n):
        k1 = f(t, y)
        k2 = f(t + h / 2, y + h / 2 * k1)
        k3 = f(t + h / 2, y + h / 2 * k2)
        k4 = f(t + h, y + h * k3)
        y = y + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
        t += h
    return y


GAIN = 2.0


@case((1.1,))
def reads_global(x):
    return x * x * GAIN


@case((1.1,))
def currying(x):
    add = lambda a: lambda b: lambda c: a * b + c  # noqa: E731
    return add(x)(2.0)(x * x)


class Stack:
    def __init__(self, *layers):
        self.layers = layers

    def __call__(self, x):
        for f in self.layers:
            x = f(x)
        return x


@case((X3,))
def callables_in_object(x):
    net = Stack(np.tanh, lambda t: t * 2.0, np.sum)
    return net(x)


@case((X3,))
def vectorized(x):
    f = np.vectorize(lambda t: t * t)
    return f(x)


def picked(x, *idx):
    s = 0.0
    for i in idx:
        s = s + x[i] * (i + 1)
    return s


@case((X5, np.array([3, 1, 0])))
def star_of_int_array(x, idx):
    return picked(x, *idx) + picked(x, *[0, 2])


def mean_of(first, *rest):
    return (first + sum(rest)) / (1 + len(rest))


def pick_many(c, k):
    if c > 2.0:
        return math.sin
    if c > 0.0:
        return lambda t: t * k
    return math.exp


@case((1.1, 1.3), (-1.1, 1.3), (2.5, 0.4))
def chosen_of_three_again(x, y):
    f = pick_many(x, y)
    return f(y) + pick_many(y, x)(x) * f(f(x))


@case((1.1, 1.3), (-1.1, 1.3))
def maybe_function(x, y):
    g = math.sin if x > 0 else None
    s = y
    if g is not None:
        s = g(s)
    return s * x


@case((1.1, 1.3))
def default_function(x, y):
    return _smooth(x) + _smooth(y, math.sin) + _smooth(y, lambda t: t * x)


def _smooth(x, f=None):
    f = f or (lambda t: t * t)
    return f(x) * x


def pick_at_once(c, k):
    return math.sin if c > 2.0 else (lambda t: t * k) if c > 0.0 else math.exp


@case((1.1, 1.3), (-1.1, 1.3), (2.5, 0.4))
def chosen_of_three_at_once(x, y):
    f = pick_at_once(x, y)
    return f(y) * x


TABLE = [math.sin, lambda t: t * t, math.exp]


@case((1.1, 2), (1.1, -1), (1.1, 0))
def picked_by_number(x, n):
    f = TABLE[n]
    s = 0.0
    for i in range(3):
        s += TABLE[i % 2](x) * f(x)
    return s


@case((1.1, 1.3, 1), (1.1, 1.3, 0))
def picked_closure(x, y, n):
    fs = (lambda t: t * x, lambda t: t + y)
    return fs[n](y) * fs[n - 1](x)


def symmetric_in(f, k):
    """A decorator that changes one of the arguments."""

    def wrapper(*args):
        args = list(args)
        args[k] = 0.5 * (args[k] + args[k].T)
        return f(*args)

    return wrapper


solved = symmetric_in(np.linalg.solve, 0)
solved_from_behind = symmetric_in(lambda b, a: np.linalg.solve(a, b), -1)


@case((np.array([[3.0, 0.2], [0.7, 2.0]]), np.array([0.4, -0.3])), second=False)
def listed_arguments_changed(a, b):
    return solved(a, b)


@case((np.array([0.4, -0.3]), np.array([[3.0, 0.2], [0.7, 2.0]])))
def listed_argument_changed_from_behind(b, a):
    return solved_from_behind(b, a)


@case((0.3, 0.4))
def listed_arguments_changed_in_an_arm(a, b):
    pair = (a, b)
    args = list(pair)
    if a > 0.1:
        args[0] = args[0] * b
    return np.hypot(*args) * len(pair)


def summed(x, **options):
    return np.sum(x, **options)


def through(x, **options):
    return summed(x, **options) * (2.0 if options.get("keepdims", False) else 1.0)


def over(x, axes):
    return np.sum(x, axis=axes)


@case((np.arange(6.0).reshape(2, 3) + 0.3,), second=True)
def options_handed_on(x):
    return np.sum(through(x * x, axis=1, keepdims=True) * over(x, -1)) + through(x**3, axis=(0, 1)) * over(x**2, (0, 1))


@case((np.arange(6.0).reshape(2, 3) + 0.3,))
def options_in_a_dict(x):
    options = dict(axis=1)
    shown = {"axis": -1, "keepdims": True}
    for _ in range(2):
        x = np.cumsum(x * x, **options)
    return x + np.sum(x, **shown)


def flagged(x, **options):
    if options["twice"]:
        x = 2.0 * x
    options["twice"] = not options["twice"]
    return 3.0 * x if options["twice"] else x


def put(options, flag):
    options["flag"] = flag


def handed_out(x, **options):
    return options


@case((1.3,), (-1.3,))
def options_changed(x):
    held = handed_out(x, flag=True)
    kept = held["flag"]
    put(held, False)
    other = held if x > 0 else {"flag": True}
    return flagged(x, twice=False) * flagged(x, twice=True) * (5.0 if kept else 1.0) + (x if other["flag"] else x * x)


def taking(k, pair):
    def inner(*args):
        args = list(args)
        args[k] = args[k] ** (k + 2)
        return args[k] * args[1 - k]

    return inner(*pair)


def power(n):
    return lambda x: x**n


def item(k):
    def inner(t):
        return t[k]

    return inner


@case((1.1, 1.3), second=True)
def constants_captured_by_functions_that_are_returned(x, y):
    mixed = (x, {"a": y})
    return power(3)(x) * power(-1)(y) + item(0)(mixed) * item(1)(mixed)["a"] + taking(1, (x, y))
