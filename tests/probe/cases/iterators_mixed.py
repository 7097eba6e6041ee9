"""Iterators and inner functions with every kind of control flow."""

import itertools
import math
from functools import reduce
from itertools import accumulate, chain, count, islice, takewhile

import numpy as np

from ..data import A34, X3, X5, Y5
from ..harness import case


def steps(x, k, n):
    t = 0.0
    for i in range(n):
        x = x + 0.1 * np.sin(k * x)
        t += 0.1
        if i == 1:
            continue
        yield t, x
        x = x * 1.01
    yield t, x * 2.0


def doubled(xs):
    for x in xs:
        yield x * 2.0
        yield x * x


def until(xs, limit):
    for x in xs:
        if x > limit:
            return
        yield x
    yield limit


def grid(n):
    for i in range(n):
        for j in range(i):
            yield i, j


@case((1.1, 1.3))
def spliced_continue(x, k):
    s = 0.0
    for t, v in steps(x, k, 4):
        if v > 1.6:
            continue
        s += t * v
    return s


@case((1.1, 1.3))
def spliced_break_else(x, k):
    s = 0.0
    for t, v in steps(x, k, 4):
        if t > 0.25:
            s += v
            break
        s += t * v
    else:
        s = s * 100.0
    return s


@case((1.1, 1.3))
def spliced_else_reached(x, k):
    s = 0.0
    for t, v in steps(x, k, 4):
        if t > 25.0:
            break
        s += t * v
    else:
        s = s * x
    return s


@case((X5,))
def spliced_return(x):
    for i, v in enumerate(doubled(x)):
        if v > 1.0:
            return v * i
    return x[0]


@case((X5,))
def spliced_nested(x):
    s = 0.0
    for v in doubled(x):
        for w in until(x, 0.6):
            if w < -1.0:
                break
            s += v * w
        s = s * 0.9
    return s


@case((X5,))
def spliced_in_while(x):
    s, n = 0.0, 0
    while n < 3:
        for v in until(x, 1.0 + n):
            s += v * (n + 1)
            if s > 3.0:
                break
        n += 1
    return s


@case((X5,))
def spliced_of_spliced(x):
    s = 0.0
    for v in doubled(until(doubled(x), 1.0)):
        s = s * 0.5 + v
    return s


@case((X5,))
def argument_rebound_by_consumer(x):
    s = 0.0
    for v in doubled(x):
        x = x * 0.5
        s += v * x[0]
    return s


@case((X5,))
def element_written_by_consumer(x):
    y = x.copy()
    s = 0.0
    for i, v in enumerate(doubled(y)):
        if i % 2 == 0 and i < 8:
            y[i // 2 + 1] += v
        s += v * v
    return s


@case((X5,))
def pairwise_written(x):
    y = x.copy()
    s = 0.0
    for i, (a, b) in enumerate(itertools.pairwise(y)):
        y[i + 1] = a * b
        s += (a - b) ** 2
    return s + np.sum(y)


@case((A34,))
def spliced_grid(a):
    s = 0.0
    for i, j in grid(3):
        if j == 1:
            break
        s += a[i, j] ** 2
    return s


@case((A34,))
def comprehension_of_grid(a):
    return [a[i, j] * (i + j) for i, j in grid(3) if i + j > 1]


@case((X5, Y5))
def zip_of_two(x, y):
    return sum(a * b for a, b in zip(doubled(x), y))


@case((X5,))
def running_max(x):
    return list(accumulate(x, max))


@case((X5,))
def any_of_generator(x):
    big = any(v > 1.5 for v in doubled(x))
    low = all(v > -9.0 for v in until(x, 0.6))
    return x.sum() * (2.0 if big else 1.0) * (3.0 if low else 1.0)


@case((X5,))
def chain_break(x):
    s = 0.0
    for v in chain(x, doubled(x)):
        if s > 2.0:
            break
        s += v * v
    return s


@case((X5,))
def islice_of_generator(x):
    s = 0.0
    for v in islice(doubled(x), 1, 6):
        if v < 0.0:
            continue
        s += v * v
    return s


@case((2.3,))
def takewhile_count(a):
    return sum(a**n / math.factorial(n) for n in takewhile(lambda n: n < 6, count()))


@case((X5,))
def generator_with_closure(x):
    k = x[0]

    def scaled(xs):
        nonlocal k
        for v in xs:
            k = k + 0.1 * v
            yield v * k

    s = 0.0
    for v in scaled(x):
        s += v * k
    return s + k


@case((X5,))
def generator_local_names(x):
    i, s, xs = 3.0, 0.0, x * 2.0
    for v in until(xs, 1.5):
        s += v * i
        i = i * 1.1
    return s * i + xs[0]


@case((X5,))
def generator_twice(x):
    a = sum(doubled(x))
    b = max(doubled(x))
    return a * b + min(v for v in doubled(x) if v > 0)


@case((X5,))
def cell_in_branches(x):
    best = x[0]
    where = 0

    def look(i, v):
        nonlocal best, where
        if v > best:
            best, where = v, i
            return True
        return False

    hits = 0
    for i, v in enumerate(x):
        if look(i, v):
            hits += 1
        elif hits > 3:
            break
    return best * (where + 1) + x[where] * hits


@case((X5,))
def cell_in_while_with_break(x):
    pos = 0

    def nxt():
        nonlocal pos
        v = x[pos]
        pos += 1
        return v

    s = nxt()
    while True:
        s = s * 0.5 + nxt()
        if pos >= len(x):
            break
    return s


def parse(text, values):
    pos = 0

    def peek():
        return text[pos] if pos < len(text) else ""

    def advance():
        nonlocal pos
        pos += 1

    def term():
        v = factor()
        while peek() == "*":
            advance()
            v = v * factor()
        return v

    def factor():
        if peek() == "(":
            advance()
            v = expr()
            advance()
            return v
        i = int(peek())
        advance()
        return values[i]

    def expr():
        v = term()
        while peek() == "+":
            advance()
            v = v + term()
        return v

    return expr()


@case((X5,))
def recursive_descent(x):
    return parse("0*(1+2*3)+4*(0+1)", x)


@case((X5,))
def memo_recursion(x):
    memo = {}

    def best(i):
        if i >= len(x):
            return 0.0
        if i in memo:
            return memo[i]
        take = x[i] + best(i + 2)
        skip = best(i + 1)
        memo[i] = take if take > skip else skip
        return memo[i]

    return best(0)


@case((X5,))
def reduce_in_loop(x):
    s = 0.0
    for k in range(1, 3):
        s += reduce(lambda a, b: a * k + b * s, x)
    return s


@case((X5,))
def reduce_with_dict(x):
    def merge(acc, v):
        return {"sum": acc["sum"] + v, "sq": acc["sq"] + v * v}

    d = reduce(merge, x, {"sum": 0.0, "sq": 1.0})
    return d["sum"] * d["sq"]


@case((X3, 1.3))
def decorator_with_state(x, y):
    def counted(f):
        calls = 0

        def g(t):
            nonlocal calls
            calls += 1
            return f(t) * calls

        return g

    @counted
    def h(t):
        return t * y

    return sum(h(t) for t in x)


@case((X5,))
def walrus_in_while(x):
    i = -1
    s = 0.0
    while (i := i + 1) < len(x) and (v := x[i]) < 1.5:
        s += v * v
    return s


@case((X5,))
def nested_comprehension_iterators(x):
    rows = [[a * b for a, b in zip(x, map(math.sin, x[i:]))] for i in range(3)]
    return sum(sum(r) * len(r) for r in rows)


@case((X5,))
def try_in_generator_consumer(x):
    s = 0.0
    for v in until(x, 1.0):
        try:
            s += math.sqrt(v)
        except ValueError:
            s -= v
    return s


TOTAL = 0.0


def counted(xs):
    global TOTAL
    for v in xs:
        TOTAL += 1.0
        yield v * v


@case((X5,))
def generator_with_global(x):
    return sum(counted(x))
