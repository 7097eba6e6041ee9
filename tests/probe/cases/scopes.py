"""Inner functions that write, call themselves or see later values of the variables around them."""

import math

import numpy as np

from ..data import A33, X3, X5
from ..harness import case


@case((1.1, 1.3), second=True)
def nonlocal_counter(x, y):
    total = 0.0

    def add(t):
        nonlocal total
        total += t * t

    add(x)
    add(x * y)
    add(y)
    return total


@case((X5,), second=True)
def nonlocal_in_loop(x):
    s = 1.0

    def step(t):
        nonlocal s
        s = s * np.cos(t) + t
        return s * t

    out = 0.0
    for t in x:
        out += step(t)
    return out + s


@case((1.1, 1.3))
def nonlocal_two(x, y):
    a, b = x, y

    def swap():
        nonlocal a, b
        a, b = b * x, a

    swap()
    swap()
    swap()
    return a * a + b


@case((1.1, 1.3), (-1.1, 1.3))
def nonlocal_in_branch(x, y):
    best = y

    def offer(v):
        nonlocal best
        if v > best:
            best = v * x

    offer(x)
    offer(x * y + 1.0)
    return best


@case((1.1, 1.3))
def nonlocal_escapes(x, y):
    total = 0.0

    def add(t):
        nonlocal total
        total += t * y
        return total

    def twice(f, t):
        return f(t) + f(t * t)

    return twice(add, x) * total


@case((1.1, 1.3))
def counter_returned(x, y):
    def make(start):
        n = start

        def bump(d):
            nonlocal n
            n = n * d
            return n

        return bump

    b = make(x)
    c = make(y)
    return b(y) + b(x) * c(x) + c(2.0)


@case((1.1, 1.3))
def accumulator_pair(x, y):
    def account(balance):
        def deposit(a):
            nonlocal balance
            balance = balance + a * a

        def current():
            return balance

        return deposit, current

    deposit, current = account(x)
    deposit(y)
    deposit(x * y)
    return current() * y


@case((1.1, 1.3))
def late_binding_direct(x, y):
    k = 1.0
    g = lambda t: t * k  # noqa: E731
    k = x
    return g(2.0) * y


@case((1.1, 1.3))
def late_binding_passed(x, y):
    k = 1.0

    def g(t):
        return t * k

    def call(f, t):
        return f(t)

    first = call(g, y)
    k = x
    return first + call(g, y * y)


@case((1.1, 1.3))
def late_binding_list(x, y):
    fs = []
    for i in range(3):
        fs.append(lambda t: t * (i + 1))
    return sum([f(x) for f in fs]) * y


@case((1.1, 1.3), second=True)
def recursive_factorial(x, y):
    def power(n):
        if n == 0:
            return 1.0
        return x * power(n - 1)

    return power(3) * y


@case((1.1, 1.3))
def recursive_ternary(x, y):
    def fib(n):
        return y if n < 2 else fib(n - 1) * x + fib(n - 2)

    return fib(5)


@case((1.1, 1.3))
def recursive_passed(x, y):
    def power(n):
        return x if n == 0 else y * power(n - 1)

    def call(f):
        return f(3) + f(1)

    return call(power)


@case((1.1, 1.3))
def mutually_recursive_inner(x, y):
    def even(n, a):
        return a if n == 0 else odd(n - 1, a * x)

    def odd(n, a):
        return a * y if n == 0 else even(n - 1, a + x)

    return even(4, y) + odd(3, x)


@case((1.1, 1.3))
def uses_later_function(x, y):
    def outer(t):
        return helper(t) + t

    def helper(t):
        return t * x

    return outer(y)


@case((X5,), second=True)
def recursive_sum_of_slices(x):
    def total(lo, hi):
        if hi - lo == 1:
            return np.sin(x[lo])
        mid = (lo + hi) // 2
        return total(lo, mid) * 0.5 + total(mid, hi)

    return total(0, len(x))


@case((X3, 0.7))
def recursive_writes_array(x, k):
    out = np.zeros(4)

    def fill(i, v):
        if i == 4:
            return
        out[i] = v * k
        fill(i + 1, v + np.sum(x))

    fill(0, 1.0)
    return out


@case((1.1, 1.3))
def recursive_with_default(x, y):
    def f(n, a=y):
        return a if n == 0 else f(n - 1, a * x)

    return f(3) + f(1, x)


@case((1.1, 1.3))
def nested_two_deep(x, y):
    s = 0.0

    def outer(t):
        def inner(u):
            nonlocal s
            s += u * t

        inner(x)
        inner(t)

    outer(y)
    outer(x)
    return s


@case((1.1, 1.3))
def nonlocal_array_rebound(x, y):
    v = np.array([x, y])

    def turn(c):
        nonlocal v
        v = np.array([v[1] * c, v[0]])

    turn(x)
    turn(y)
    return np.sum(v * v)


@case((X3, 0.7))
def adaptive_quadrature(x, k):
    calls = 0

    def f(t):
        nonlocal calls
        calls += 1
        return np.sin(k * t) + x[0]

    def simpson(a, b, depth):
        m = 0.5 * (a + b)
        whole = (b - a) / 6.0 * (f(a) + 4.0 * f(m) + f(b))
        if depth == 0:
            return whole
        return simpson(a, m, depth - 1) + simpson(m, b, depth - 1)

    return simpson(0.0, x[2], 2) + 0.1 * calls


@case((1.1, 1.3))
def inner_reads_later_assigned(x, y):
    def f(t):
        return t * scale

    scale = x * y
    return f(y)


@case((1.1, 1.3))
def closure_sees_loop_variable(x, y):
    out = 0.0
    for k in range(3):

        def f(t):
            return t * k + x

        out += f(y)
    return out


@case((X5,))
def nonlocal_list_of_history(x):
    history = []

    def record(v):
        history.append(v * v)

    for t in x:
        record(t)
    return history[0] * history[-1] + sum(history)


@case(((1.0, (2.0, 0.5), ((0.3, None), 1.5)), 0.7))
def tuple_tree_recursion(tree, k):
    return _walk(tree, k)


def _walk(t, k):
    if t is None:
        return 0.0
    if isinstance(t, tuple):
        s = 0.0
        for c in t:
            s = s + k * _walk(c, k)
        return s
    return t * t


@case(({"a": 1.0, "b": {"c": 2.0, "d": None}}, 0.7))
def dict_tree_recursion(tree, k):
    return _dict_walk(tree, k)


def _dict_walk(t, k):
    if t is None:
        return 0.0
    if isinstance(t, dict):
        return sum(_dict_walk(v, k) * k for v in t.values())
    return t * t


@case((A33, 0.7))
def lambda_recursion(a, k):
    f = lambda n: k if n == 0 else a[n - 1, 0] * f(n - 1)  # noqa: E731
    return f(3)


@case((1.1, 1.3))
def immediately_assigned_conditionally(x, y):
    if x > 1.0:

        def g(t):
            return t * x
    else:

        def g(t):
            return t * y

    return g(y)


@case((1.1, 1.3))
def nonlocal_function_result_used(x, y):
    state = x

    def nxt():
        nonlocal state
        state = math.sin(state) * y
        return state

    return nxt() + 2.0 * nxt() + 3.0 * nxt()


@case((1.1, 1.3))
def nonlocal_early_return(x, y):
    s = x

    def f(t):
        nonlocal s
        if t > 1.2:
            s = s * t
            return t
        s = s + t
        return t * t

    return f(x) + f(y) * s


def same(f):
    return f


def stored(fs, f):
    fs.append(f)
    return 0.0


def paired(f, v):
    return f, v


def newton(f, x):
    for _ in range(4):
        x = x - f(x) / ((f(x + 1e-4) - f(x - 1e-4)) / 2e-4)
    return x


class Keeper:
    def __init__(self, f=None):
        self.f = f

    def set(self, f):
        self.f = f

    def call(self, t):
        return self.f(t)


@case((1.1, 1.3))
def handed_and_returned(x, y):
    k = y
    g = same(lambda t: t * k)
    k = x
    return g(y)


@case((1.1, 1.3))
def handed_and_paired(x, y):
    k = y
    g, v = paired(lambda t: t * k, 2.0)
    k = x * x
    return g(y) * v


@case((1.1, 1.3))
def handed_and_listed(x, y):
    fs = []
    s = 0.0
    for i in range(3):
        s += stored(fs, lambda t: t * (i + x))
    return fs[0](y) * fs[1](x) + s


@case((X5,))
def solved_in_loop(a):
    x = 1.0
    for i in range(len(a)):
        x = newton(lambda z: z * z * z + z - a[i] - x, x)
    return x


@case((X5,))
def solved_in_comprehension(a):
    return np.array([newton(lambda z: z * z * z + z - t, 0.5) for t in a])


@case((1.1, 1.3))
def solved_by_named(x, y):
    s = 0.0
    for k in range(1, 4):

        def f(z):
            return z * z * z + z * k - x

        s += newton(f, 1.0) * y
        x = x + s
    return s


@case((X5,))
def sorted_in_loop(x):
    s = 0.0
    for c in range(3):
        ys = sorted(x, key=lambda t: abs(t - c))
        s += ys[0] * (c + 1) + ys[-1]
    return s


@case((1.1, 1.3))
def handed_counter(x, y):
    n = 0

    def f(t):
        nonlocal n
        n += 1
        return t * t - x * n

    r = newton(f, y)
    return r * n


@case((1.1, 1.3))
def rebound_while_called(x, y):
    k = x

    def set_k(v):
        nonlocal k
        k = v

    def call(f, g):
        a = f(2.0)
        g(y)
        return a * f(3.0)

    return call(lambda t: t * k, set_k)
