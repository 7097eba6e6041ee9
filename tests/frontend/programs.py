"""Programs of every supported kind, each with inputs: lowered and interpreted they must do what Python does.

`CASES` is a list of (function, list of argument tuples).
"""

# ruff: noqa: E501, F842, FLY002, PLC3002
from __future__ import annotations

import math
import operator
from dataclasses import dataclass
from typing import Any, Callable

import numpy as np
from numpy import cos as cosine

K = 2.5
TABLE = np.array([1.0, 2.0, 4.0])
CASES: list[tuple[Callable[..., Any], list[tuple[Any, ...]]]] = []


def case(*inputs: tuple[Any, ...]) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    def enter(f: Callable[..., Any]) -> Callable[..., Any]:
        CASES.append((f, list(inputs)))
        return f

    return enter


def _Private__offset(k):
    return k + 0.5


@dataclass
class Box:
    w: float
    xs: Any = None


class Private:
    __factor = 3.0

    def __init__(self) -> None:
        self.__x = 2.0

    def scaled(self, k):
        self.__x += k
        __k = self.__x * k
        return __k + __offset(k)  # noqa: F821


def helper(a, b=2.0, *, c=1.0):
    return a * b + c


def power(x, n):
    if n == 0:
        return 1.0
    return x * power(x, n - 1)


CASES.append((Private.scaled, [(Private(), 2.0)]))
V = np.array([0.5, -1.0, 2.0, 0.25])
M = np.arange(6.0).reshape(2, 3)


@case((1.5, 2.0), (0.0, -1.0))
def arithmetic(x, y):
    """The docstring is dropped."""
    ...
    a = b = x + y * 2 - -3
    c: float = a**2 / (1 + abs(y)) // 0.5 % 7
    d: int
    b += c
    b -= 1
    b *= 2
    b /= 3
    b **= 2
    b //= 0.1
    b %= 11
    return a, +b, -c, (x, [y, -y])


@case((6, 3))
def integers(m, n):
    m <<= 2
    m |= n
    m ^= 1
    m &= 0xFF
    m >>= 1
    return m | n, m & n, m ^ n, ~m, m << n, m >> 1, not m


@case((M, V[:3]))
def matrices(a, x):
    b = a @ x
    b @= np.eye(2)
    return b


@case((1.0,), (-1.0,), (0.0,))
def branches(x):
    if x > 0:
        y = 1
        z = x
    elif x < 0:
        y = 2
        z = -x
    else:
        y = z = 0
    only = x if x > 0 else None
    return y, z, only


@case((1.0,), (-1.0,))
def partial_binding(x):
    if x > 0:
        y = x
    if x > 0:
        return y
    return 0.0


@case((0, 1), (1, 0), (2, 3), (0, 0))
def logic(a, b):
    c = a and b
    d = a or b
    e = a and b and a + 1 or b or "none"
    f = not (a or b)
    return (
        c,
        d,
        e,
        f,
        a < b < 3,
        0 <= a <= b != 2,
        a is not None,
        b is None,
        a in (1, 2),
        b not in [0, 3],
        a in {2, 3},
    )


@case((1,), (5,), (3,))
def chained_once(n):
    xs = [0]

    def bump(k):
        xs.append(k)
        return k

    r = 0 < bump(n) < bump(4) < bump(5)
    return r, xs


@case((V,))
def tuples(v):
    a, b = v[0], v[1]
    a, b = b, a
    (c, [d, e]) = a, (b, a + b)
    t = a, (b, c)
    f, (g, h) = t
    i, j = v[:2]
    t2 = t + (1,)
    return a, b, c, d, e, f, g, h, i, j, t[1][0], t[-2], t2


@case((V,))
def subscripts(v):
    w = v.copy()
    w[0] = v[1]
    w[1] += v[2]
    w[1:3] *= 2
    w[[0, 0]] += 1
    w[-1], w[0] = w[0], w[-1]
    z = np.zeros((2, 3))
    z[0, 1:] = w[:2]
    z[1, ::2] = w[None, :2]
    z[..., 0] -= 1
    i = 1, 2
    z[i] = 7
    return w, z, z[i], z[:, np.newaxis, 1], z[1][2], z.T[0], w[w > 0]


@case((Box(2.0, [1.0]), 3.0))
def attributes(box, k):
    box.w += k
    box.w = box.w * k
    box.xs[0] += 1
    box.xs.append(k)
    return box.w, box.xs[-1], K, TABLE[1], math.pi, np.linalg.norm(TABLE), np.float64(k), cosine(0.5)


@case((5,), (0,))
def for_range(n):
    s = 0.0
    for i in range(n):
        s += i
    for i in range(1, n):
        s -= i
    for i in range(n, 0, -2):
        s = s * 2 + i
    for _ in range(3):
        pass
    return s


@case((5,), (1,))
def loop_variable(n):
    i = -1
    for i in range(n):
        t = i * 2
    else:
        t = i
    j = 0
    for j, q in enumerate(range(n), 3):
        r = j + q
    return i, t, j, q, r


@case((3,), (0,))
def loop_variable_late(n):
    for i in range(n):
        last = i
    if n:
        return i, last
    return None


@case((V, [1, 2, 3]), (V, []))
def spaces(v, xs):
    s = 0.0
    for x in v:
        s += x
    for a, b in zip(v, xs):
        s += a * b
    for i, (a, b) in enumerate(zip(v, xs)):
        s += i * a * b
    for i, pair in enumerate(zip(v, xs), start=2):
        s += i * pair[0] + pair[1]
        c, d = pair
        s += c - d
    for p in enumerate(xs):
        s += p[0] * p[1]
    for i in reversed(range(3)):
        s = s * 0.5 + i
    for x in reversed(xs):
        s = s * 0.5 + x
    for a, (b, c) in zip(range(2), [(1, 2), (3, 4)]):
        s += a * b - c
    for a, b in [(1, 2), (3, 4)]:
        s += a / b
    for x in (1.0, s):
        s += x
    return s


@case(({"a": 1.0, "b": 2.0},))
def dicts(d):
    e = {"k": 1, "l": d["a"]}
    e["k"] += 2
    s = 0.0
    for k, v in d.items():
        s += v
        e[k] = v
    for k in d:
        s += d[k]
    return s, e


@case((3,))
def targets_in_loops(n):
    x = [0, 0]
    b = Box(0.0)
    for x[0] in range(n):
        x[1] += x[0]
    for b.w, x[0] in zip(range(n), range(5)):
        x[1] += b.w
    return x, b.w


@case((10, 3), (2, 5), (0, 0))
def for_else_break(n, k):
    for i in range(n):
        if i == k:
            found = i
            break
    else:
        found = -1
    return found


@case((6,), (1,))
def continue_break(n):
    s = 0
    t = 0
    for i in range(n):
        if i % 2:
            continue
        for j in range(i):
            if j == 3:
                break
            if j == 1:
                t += 1
                continue
            s += j
        else:
            t += 10
            if i == 4:
                break
        s += i
    return s, t


@case((2, 3), (0, 1), (5, 9))
def return_deep(a, b):
    for i in range(a):
        for j in range(b):
            if i + j > 4:
                return i, j
            while j < 2:
                j += 1
                if i == 1:
                    return "while", j
    return None


@case((10.0,), (0.5,))
def while_loop(x):
    n = 0
    while x > 1 and n < 5:
        x = x / 2
        n += 1
    else:
        n = -n
    return x, n


@case((3,), (7,))
def while_true(n):
    i = 0
    while True:
        i += 1
        if i > n:
            r = i
            break
        if i == 5:
            return "five"
    return r


@case((1,), (0,))
def while_forever(n):
    while 1:
        if n:
            return n
        n += 1


@case(([1, 2, 3],), ([],))
def while_effect(xs):
    """The condition has an effect: it runs once more than the body."""
    s = 0
    xs.insert(0, 9)
    while xs.pop() != 9:
        s += 1
    else:
        s += 100
    return s, xs


@case(([3, 2, 1],), ([0],))
def while_walrus(xs):
    s = 0
    while xs and (x := xs.pop()):
        s += x
        if s > 4:
            break
    else:
        s = -s
    return s, x


@case((4,))
def while_call(n):
    s = 0
    while helper(s) < n + 10:
        s += 1
    return s


@case((np.array([3.0, 4.0]),))
def while_method(x):
    while x.max() > 0.5 and not (x < 0).any():
        x = x * 0.5
    return x


@case((2.0,))
def calls(x):
    a = helper(x)
    b = helper(x, 3.0)
    c = helper(b=x, a=1.0, c=2.0)
    d = power(x, 3)
    f = np.sin
    g = f
    e = g(x) + operator.add(x, 1)
    args = (x, 4.0)
    return a, b, c, d, e, helper(*args), max(x, 1), round(x, 1), Private().scaled(x)


@case((2.0,))
def closures(x):
    k = 1.0
    g = lambda t: t * k
    k = x

    def h(a, b=k, *, c=10):
        y = a + b * k
        for i in range(2):
            y += g_(i) * c
        return y

    def g_(i):
        return i * x

    k = 5.0
    return g(2.0), h(1), h(1, 2), h(b=3, a=2), h(0, c=1), (lambda: k)(), (lambda a, b=2: a - b)(b=3, a=x)


@case((2.0, 3))
def late_in_loop(x, n):
    s = 0.0
    for i in range(n):
        f = lambda t: t * i + s
        s = f(x)
        s += f(1)
    return s


def apply(f, x):
    return f(x)


@case((2.0,))
def functions_as_values(x):
    k = x * 2

    def inner(t):
        return t * k

    fs = [lambda t: t + k, np.cos]
    pick = inner if x > 0 else fs[0]
    outer = lambda t: inner(t) + 1
    return (
        apply(inner, 3.0),
        apply(lambda t, s=x: t * s, 4.0),
        fs[0](1.0),
        fs[1](0.0),
        pick(2.0),
        apply(outer, 1.0),
    )


@case((2.0,))
def nested_functions(x):
    def outer(a):
        def inner(b):
            return a * b + x

        return inner(a) + inner(1)

    return outer(3.0)


@case((V,), (V[:0],))
def comprehensions(v):
    i = 7
    a = [x * 2 for x in v]
    b = [i * x for i, x in enumerate(v) if x > 0 if i < 3]
    c = [x * y for x in v for y in a if x < y]
    d = np.array([[x, y] for x, y in zip(v, a)])
    e = sum(x * x for x in v)
    f = sum((x for x in v), 1.0)
    g = [[r * s for s in range(2)] for r in range(3)]
    h = max([abs(x) for x in v] or [0])
    t = tuple(x for x in v)
    return (
        a,
        b,
        c,
        d,
        e,
        f,
        g,
        h,
        i,
        t,
        any(x > 1 for x in v),
        all(x < 1 for x in v if x != 2),
        list(x for x in a),
    )


@case(([1.0, 0.0, "no"],), ([0.0],))
def short_circuit(xs):
    return any(1 / x > 0 for x in xs) if xs[0] else all(x for x in xs)


@case((3,), (-3,))
def walrus(n):
    if (m := n * 2) > 3 and (k := m + 1):
        return m, k
    z = (p := n) if n > 0 else (p := -n)
    return m, p, z


@case(
    (2.5, "s"),
)
def strings(x, s):
    a = f"{x:.3f} {s!r:>8}|{x + 1}{{}}"
    b = "%s %d" % (s, 3)
    return a, b, s + "t", ",".join([s, s]), f"{x=}"


@case((1.0,), (-1.0,), (-2.0,))
def messages(x):
    n = 3
    assert n == 3
    assert x > -5, "constant"
    assert x != -2.0, f"bad {x!r} {n}"
    assert x > 0, f"bad {x + 1}"
    print(x, end="")
    return x


@case((1,), (-1,), (0,))
def raises(n):
    if n < 0:
        raise ValueError(f"negative {n}")
    if n == 0:
        raise KeyError
    return n


@case((1,))
def deletes(n):
    a = n + 1
    b = a
    del a
    a = 3
    return a, b


@case((V,), (V * 0,))
def aliases(v):
    u = v
    u += 1
    w = v[1:]
    w *= 2
    xs = [v, w]
    ys = xs
    ys += [u]
    return v, xs


@case((V, 2), (V, 0))
def swap(v, n):
    a, b = v.copy(), v * 0
    for _ in range(n):
        a, b = b, a
        a[0] += 1
    return a, b


@case((3,))
def nothing(n):
    n += 1


@case((4,), (0,))
def bound_in_loop(n):
    for i in range(n):
        if i == 0:
            acc = 1.0
        else:
            acc = acc * 2
        step = acc
    if n:
        return acc, step
    return 0


@case((3,))
def dead_code(n):
    return n
    import os  # noqa: F401

    yield_ = os


@case((3,), (4,))
def all_return(n):
    for i in range(n):
        if i == 3:
            return "a"
    else:
        return "b"
    return "c"


@case((2,), (-2,))
def both_return(n):
    if n > 0:
        return 1
    else:
        return 2


@case((5,))
def unused_loop_values(n):
    t = 0
    for i in range(n):
        t = i
        u = t
    return n


@case((2,))
def comprehension_scope(n):
    x = 10
    ys = [x for x in range(n)]
    return x, ys


@case((3,))
def immediate_in_comprehension(n):
    return [(lambda t: t * i)(n) for i in range(n)]


@case((3,))
def conditional_def(n):
    if n > 2:

        def f(x):
            return x + n
    else:

        def f(x):
            return x - n

    return f(1)


@case((2,), (9,))
def carried_only_on_break(n):
    best = None
    k = 0
    while k < 5:
        if k == n:
            best = k
            break
        k += 1
    return best, k


@case((1.0,))
def dtype_and_types(x):
    a = np.zeros(3, dtype=np.float32)
    a[:] = x
    return a, isinstance(a, np.ndarray), type(x) is float, float(a[0]), int(x), None, ..., True


@case((2.0,))
def cells(x):
    total = 0.0
    calls = 0

    def add(t, k=x):
        nonlocal total, calls
        total += t * k
        calls += 1
        return total

    def power(n):
        return 1.0 if n == 0 else x * power(n - 1)

    def even(n):
        return True if n == 0 else odd(n - 1)

    def odd(n):
        return False if n == 0 else even(n - 1)

    late = [lambda: k]
    for k in range(3):
        late.append(lambda: k * x)
    add(1.0)
    add(2.0, k=5.0)
    apply(add, x)
    return total, calls, power(4), even(3), odd(3), [f() for f in late]


CASES.append((lambda x, y=2: x * y + K, [(1.0, 3)]))
two = (lambda x: x + 1, lambda x: x * 2)
CASES += [(two[0], [(1.0,)]), (two[1], [(4.0,)])]
