# ruff: noqa: E501, PLC3002
"""Programs for the round trip: lowered and printed again, they behave as before. Each comes with its
arguments.
"""

from __future__ import annotations

import dataclasses
import math

import numpy as np

G = 2.5
TABLE = [1.0, 2.0, 3.0]


def vector(n=6):
    return np.linspace(0.3, 1.7, n)


def smooth(x, w):
    y = np.zeros_like(x)
    for i in range(1, len(x)):
        y[i] = w * y[i - 1] + np.sin(x[i])
    out = y.sum()
    return out


def fibonacci(n):
    a, b = 0, 1
    for _ in range(n):
        a, b = b, a + b
    return a


def swap(u, v, n):
    for _ in range(n):
        u, v = v, u
    return u - v


def rotate(a, b, c):
    a, b, c = b, c, a
    return a * 100 + b * 10 + c


def root(x, tol):
    y = x
    for k in range(50):
        r = y * y - x
        if abs(r) < tol:
            return y * 10.0
        if r < 0.0:
            y = y + 0.1 * x
            continue
        y = y - r / (2.0 * y)
    return y


def earlyret(a, c):
    s = 1.0
    for i in range(a.shape[0]):
        for j in range(a.shape[1]):
            s *= 1.0 + 0.1 * a[i, j]
            if s > c:
                return s * s * a[i, j]
        s += 0.5
    return s


def diffuse(u0, k, steps):
    u = u0.copy()
    for t in range(steps):
        inner = u[1:-1]
        inner += k * (u[2:] - 2.0 * inner + u[:-2]) * inner
    return np.sum(u**2)


def augmented(x):
    a = x.copy()
    a[1:3] += 2.0
    a[[0, 0]] += 1.0
    a[0] -= a[1] * 2
    a *= 3.0
    a[-1] **= 2
    return a


def alias(x):
    y = x
    y += 1.0
    return x * y


def rebinds(n):
    y = n
    y += 1
    y *= y
    return n, y


def shortcut(x, i):
    if i >= 0 and i < len(x) and x[i] > 0.5 or i == -7:
        return x[i]
    return 0.0


def chained(a, b, c):
    inside = a < b < c
    odd = not a < b
    return inside, odd, a <= b + 1 < c != 3, 0 < a and a < b


def ternary(x):
    y = 1.0 if x > 0.5 else x * 2.0
    z = (x if x < 1.0 else 1.0) + (0.0 if x else 5.0)
    return y * z


def branches(x):
    if x < 0.0:
        y = -x
    elif x < 1.0:
        y = x * x
    else:
        y = 2.0
        y = y + x
    return y


def one_arm(x):
    y = x
    if x > 1.0:
        y = 1.0
    if x > 10.0:
        pass
    else:
        y = y + 3.0
    return y


def while_loop(x):
    n = 0
    while x > 1.0 and n < 100:
        x = x / 2.0
        n += 1
    return x, n


def while_else(x, stop):
    while x > 1.0:
        x = x - 1.0
        if x == stop:
            y = -1.0
            break
    else:
        y = x
    return y


def for_else(xs, bad):
    for i, x in enumerate(xs):
        if x == bad:
            found = i
            break
    else:
        found = -1
    return found


def guards(xs):
    total = 0.0
    for x in xs:
        if x < 0.5:
            continue
        if x > 1.5:
            total = total * 2.0
            break
        total += x
    return total


def nested(a):
    s = 0.0
    for row in a:
        for x in row:
            if x > 1.2:
                break
            s += x
        else:
            s += 100.0
    return s


def zipped(xs, ys, pairs):
    s = 0.0
    for i, (a, b) in enumerate(zip(xs, ys), 1):
        s += i * a * b
    for (p, q), (r, (t, u)) in pairs:
        s += p * q + r * t * u
    for a in reversed(xs):
        s = s / 2 + a
    for k in range(10, 0, -3):
        s += k
    return s


def loop_variable(n):
    i = -1
    for i in range(n):
        pass
    return i


def unpacking(e):
    a, b = e
    (c, d), f = b
    return a + c * d - f


def lists(n):
    xs = []
    for i in range(n):
        xs.append(i * i)
    xs[0] = 7
    last = xs.pop()
    ys = [1, 2] if n < 0 else [last, len(xs)]
    d = {"a": xs, "b": ys}
    return d["a"][1] + d["b"][0], (xs, ys)


def strings(x):
    assert x > 0, f"negative {x!r} {x:.3f}"
    assert x < 1e9
    text = f"x={x:>8.2f} {{}} {x!s} 'quoted' \"twice\""
    return text + "end\n"


def globals_used(x):
    return G * x + math.pi * np.e + TABLE[1] + math.sin(x)


def keywords(a):
    s = np.sum(a, axis=0, keepdims=True)
    return s.mean() + a.T.shape[0] + np.max(a[:, None, 1:], initial=-1.0)


def precedence(a, b, c):
    return -(a**2) + (-a) ** 2 - (a - (b - c)) / (b * c) ** -(c) + (a + b) * c // 2 % 5 - -a + (not a) + ~int(b)


def helper(t, k):
    if t > k:
        return t * k
    return t


def calls(x):
    return helper(x, 2.0) + helper(k=0.1, t=x)


def inner(x):
    k = 2.0

    def g(t):
        return t * k

    y = g(x)
    k = 3.0
    return y + g(x) + (lambda s: s - k)(x)


def higher(x):
    def twice(f, v):
        return f(f(v))

    c = 0.5
    return twice(lambda t: t * c + 1.0, x)


def maybe_undefined(xs, flag):
    for x in xs:
        if flag:
            y = x
        z = x * 2
    if flag:
        return y + z
    return z


def shadowing(x, list, t):
    sum = x + list
    t1 = sum * t
    len = t1 - 1.0
    return len * sum


def long_expression(alpha, beta, gamma):
    value = (
        alpha * beta
        + gamma * alpha
        - beta * gamma
        + alpha / beta
        + gamma / alpha
        - beta / gamma
        + alpha * alpha * beta
        + beta * beta * gamma
        + gamma * gamma * alpha
        - alpha * beta * gamma
    )
    return value


def nothing(a):
    a[0] = 5.0


def bare(a):
    if a[0] > 0:
        return
    a[1] = 2.0


def raising(x):
    if x < 0:
        raise ValueError("negative: " + str(x))
    return math.sqrt(x)


def order(a):
    a[0] = a[1] + a[2]
    t = a[0]
    a[0] = 3.0
    b = a[0] + t
    a[1], a[2] = a[2], a[1]
    return a, b


def effects(xs):
    return xs.pop() + xs[-1] * xs.pop() - (xs.append(5.0) or xs[-1])


def redefined(x):
    y = x + 1.0
    z = y
    y = z * y
    for _ in range(3):
        z = y
        y = z + y
    return y - z


def two_counters(n):
    i = j = 0
    while i < n:
        i, j = i + 1, j + i
        if j > 20:
            break
    return i, j


@dataclasses.dataclass
class Point:
    a: float
    b: float = 2.0


def structs(p):
    q = Point(p.a * 2.0, b=p.b)
    q.a += 1.0
    p.b = q.a
    return q.a + p.b


def comprehension(xs):
    ys = [x * 2.0 for x in xs if x > 0.5]
    return sum(ys)


def slices(a, n):
    b = a[::2].copy()
    b[: n - 1] = a[1:n]
    c = a[..., None] * b[None, :n]
    return c[1:, 0].sum() + a[-1]


CASES = {
    smooth: [(vector(), 0.7)],
    fibonacci: [(10,), (0,)],
    swap: [(1.0, 5.0, 3), (1.0, 5.0, 2)],
    rotate: [(1, 2, 3)],
    root: [(2.0, 1e-9), (30.0, 1e-3)],
    earlyret: [(np.outer(vector(3), vector(4)), 1.2), (np.outer(vector(3), vector(4)), 1e9)],
    diffuse: [(vector(8), 0.1, 3)],
    augmented: [(vector(),)],
    alias: [(vector(),), (2.0,)],
    rebinds: [(3,)],
    shortcut: [(vector(), 2), (vector(), -1), (vector(), 99), (vector(3), 0)],
    chained: [(1, 2, 3), (2, 1, 4), (1.0, float("nan"), 3)],
    ternary: [(0.3,), (0.9,), (3.0,)],
    branches: [(-2.0,), (0.5,), (4.0,)],
    one_arm: [(0.5,), (2.0,), (20.0,)],
    while_loop: [(77.0,), (0.5,)],
    while_else: [(5.5, 2.5), (5.5, 0.1), (5.5, -1.0)],
    for_else: [([1, 2, 3], 2), ([1, 2, 3], 9), ([], 9)],
    guards: [(vector(),), (vector() / 2,)],
    nested: [(np.outer(vector(3), vector(4)),)],
    zipped: [([1.0, 2.0], [3.0, 4.0], [((1, 2), (3, (4, 5)))])],
    loop_variable: [(4,), (0,)],
    unpacking: [((1, ((2, 3), 4)),)],
    lists: [(4,)],
    strings: [(2.5,)],
    globals_used: [(1.5,)],
    keywords: [(np.outer(vector(3), vector(4)),)],
    precedence: [(2, 3, 2)],
    calls: [(3.0,), (1.0,)],
    inner: [(1.5,)],
    higher: [(1.5,)],
    maybe_undefined: [([1.0, 2.0], True), ([1.0, 2.0], False), ([], True)],
    shadowing: [(1.0, 2.0, 3.0)],
    long_expression: [(1.0, 2.0, 3.0)],
    nothing: [(vector(),)],
    bare: [(vector(),), (-vector(),)],
    raising: [(4.0,), (-4.0,)],
    order: [(vector(),)],
    effects: [([1.0, 2.0, 3.0, 4.0],)],
    redefined: [(1.5,)],
    two_counters: [(4,), (40,)],
    structs: [(Point(1.0),)],
    comprehension: [(vector(),)],
    slices: [(vector(6), 3)],
}


def keeps_closure(xs):
    fs = []
    c = 1.0
    for x in xs:
        fs.append(lambda t, k=x * 2.0: t * k + c)
    return fs[0](1.0) + fs[-1](2.0)


def sorted_pair(a, b):
    lo, hi = a, b
    if lo > hi:
        lo, hi = hi, lo
    return lo, hi


def gcd(a, b):
    while b:
        a, b = b, a % b
    return a


def power(x, n):
    r = 1.0
    while n > 0:
        if n % 2:
            r = r * x
        x = x * x
        n = n // 2
    return r


def bisection(lo, hi):
    for _ in range(60):
        mid = (lo + hi) / 2.0
        if mid * mid > 2.0:
            hi = mid
        else:
            lo = mid
    return lo


def horner(cs, x):
    out = 0.0
    for c in reversed(cs):
        out = out * x + c
    return out


def deep(n):
    s = 0
    for i in range(n):
        j = i
        while True:
            j -= 1
            if j < 0:
                break
            if j % 2 == 0:
                if j % 3 == 0:
                    continue
                s += j
            else:
                s -= 1
    else:
        s *= 2
    return s


def carried_pair(xs):
    prev, best = xs[0], -1.0
    for x in xs:
        d = abs(x - prev)
        prev = x
        if d > best:
            best = d
    return best, prev


def two_results(a, b):
    p, q = a + b, a - b
    r, q = q, p * q
    return p, q, r


def maximum_index(a):
    k = 0
    for i in range(1, len(a)):
        if a[i] > a[k]:
            k = i
    return k


def conditional_stores(a, c):
    for i in range(len(a)):
        if a[i] > c:
            a[i] = c
        elif a[i] < -c:
            a[i] = -c
        else:
            a[i] *= 2.0
    return a


def nested_ternary(x, y):
    return (x if x > y else y if y > 0 else -y) if x and y else x or y


def walrus(xs):
    total = 0
    while (n := len(xs)) > 0 and total < 100:
        total += n + xs.pop()
    return total


def negative_constants(x):
    return (-2) ** 2 * x + (-2.5) ** 2 - x**-1 + 1e400 - 1e400 if x > 1e300 else -0.0 * x + 2j.imag


def try_names(np_, lambda_, x):
    t = np_ + lambda_
    return np.sin(t * x)


CASES |= {
    keeps_closure: [([1.0, 2.0, 3.0],)],
    sorted_pair: [(1, 2), (2, 1)],
    gcd: [(48, 36), (7, 0)],
    power: [(1.5, 13)],
    bisection: [(0.0, 2.0)],
    horner: [([1.0, 2.0, 3.0], 0.5)],
    deep: [(12,), (0,)],
    carried_pair: [([1.0, 4.0, 2.0, 9.0],)],
    two_results: [(5.0, 3.0)],
    maximum_index: [(vector()[::-1],), (vector(),)],
    conditional_stores: [(vector() - 1.0, 0.3)],
    nested_ternary: [(1, 2), (2, 1), (0, 3), (-3, -1)],
    walrus: [([3, 4, 5],)],
    negative_constants: [(2.0,), (1e301,)],
    try_names: [(1.0, 2.0, 3.0)],
}
