"""Generator functions, generator expressions, comprehensions."""

import itertools
import math

import numpy as np

from ..data import A34, X3, X5, Y5
from ..harness import case


def squares(x):
    for t in x:
        yield t * t


def euler(x, k, n):
    for i in range(n):
        yield i, x
        x = x + 0.1 * np.sin(k * x)


def newton_iterates(a):
    y = a
    while True:
        yield y
        y = 0.5 * (y + a / y)


def two_yields(x, y):
    yield x
    yield x * y
    yield y * y


def windows(x, n):
    for i in range(len(x) - n + 1):
        yield x[i : i + n]


def flatten(t):
    for item in t:
        if isinstance(item, list):
            yield from flatten(item)
        else:
            yield item


def guarded(x, n):
    if n == 0:
        return
    for i in range(n):
        if i == 3:
            return
        yield x * i


@case((X5,), second=True)
def generator_in_for(x):
    s = 0.0
    for q in squares(x):
        s += math.sin(q)
    return s


@case((X5,))
def generator_in_sum(x):
    return sum(squares(x))


@case((X5,))
def generator_in_list(x):
    return list(squares(x))


@case((X5,))
def generator_in_array(x):
    return np.array(list(squares(x)))


@case((1.1, 1.3), second=True)
def generator_of_pairs(x, k):
    s = 0.0
    for i, v in euler(x, k, 5):
        s += i * v
    return s


@case((2.3,))
def generator_infinite_break(a):
    old = 0.0
    for y in newton_iterates(a):
        if abs(y - old) < 1e-9:
            break
        old = y
    return y * y * old


@case((2.3,))
def generator_islice(a):
    return sum(itertools.islice(newton_iterates(a), 3))


@case((2.3,))
def generator_return_in_consumer(a):
    for n, y in enumerate(newton_iterates(a)):
        if n == 3:
            return y * n
    return a


@case((1.1, 1.3))
def generator_two_yields(x, y):
    s = 0.0
    for v in two_yields(x, y):
        if v < 0.0:
            continue
        s = s * v + 1.0
    return s


@case((X5, 2.0))
def generator_windows(x, k):
    out = []
    for w in windows(x, 3):
        out.append(np.sum(w) * k)
    return np.array(out)


@case(([1.0, [2.0, [0.5]], 0.7],))
def generator_yield_from_recursive(t):
    s = 0.0
    for v in flatten(t):
        s = s * 0.5 + v * v
    return s


@case((1.1,))
def generator_with_return(x):
    return sum(guarded(x, 10)) + sum(guarded(x, 0))


@case((X5,))
def generator_in_comprehension(x):
    return np.array([q * 2.0 for q in squares(x) if q > 0.5])


@case((X5, 0.5))
def generator_inner(x, k):
    def scaled():
        for t in x:
            yield t * k

    s = 0.0
    for v in scaled():
        s += v * v
    return s


@case((X5, Y5))
def generator_zip(x, y):
    return sum(a * b for a, b in zip(squares(x), y))


@case((X5,))
def generator_enumerate(x):
    s = 0.0
    for i, q in enumerate(squares(x), start=1):
        s += i * q
    return s


@case((X5,))
def generator_for_else(x):
    s = 0.0
    for q in squares(x):
        if q > 100.0:
            break
        s += q
    else:
        s *= 2.0
    return s


@case((2.3,))
def generator_next(a):
    g = newton_iterates(a)
    first = next(g)
    second = next(g)
    return first * second


@case((X5,))
def generator_writes_shared(x):
    buf = x.copy()

    def steps():
        nonlocal buf
        for _ in range(3):
            buf[1:] += buf[:-1] * 0.5
            yield buf

    s = 0.0
    for b in steps():
        s += np.sum(b * b)
        b[0] = b[0] * 2.0
    return s


class Path:
    def __init__(self, x):
        self.x = x

    def legs(self):
        for i in range(len(self.x) - 1):
            yield self.x[i + 1] - self.x[i]

    def __iter__(self):
        for t in self.x:
            yield t * 2.0


@case((X5,))
def generator_method(x):
    p = Path(x)
    return sum(d * d for d in p.legs())


@case((X5,))
def generator_dunder_iter(x):
    s = 0.0
    for t in Path(x):
        s += t * t
    return s


# -- generator expressions


@case((X5,))
def genexp_array_of_list(x):
    return np.array([t * t for t in x])


@case((X5,))
def genexp_fromiter(x):
    return np.fromiter((t * t for t in x), float)


@case((X5,))
def genexp_fromiter_count(x):
    return np.fromiter((t * t for t in x), dtype=float, count=len(x))


@case((X5,))
def genexp_sum_start(x):
    return sum((t * t for t in x), 2.0 * x[0])


@case((X5,))
def genexp_max_key_default(x):
    return max((t * t for t in x), default=0.0) + min((t for t in x if t > 10.0), default=x[0])


@case((X5,))
def genexp_nested(x):
    return sum(a * b for i, a in enumerate(x) for b in x[:i])


@case((X5,))
def genexp_any_nested(x):
    return x.sum() if any(a * b > 1.0 for a in x for b in x) else x[0]


@case((X5,))
def genexp_tuple(x):
    a, b, *rest = tuple(t * 2.0 for t in x)
    return a * b + rest[0]


@case((X5,))
def genexp_unpack(x):
    a, b, c = (t * t for t in x[:3])
    return a * b + c


@case((X5,))
def genexp_dict(x):
    d = dict((i, t * t) for i, t in enumerate(x))
    return d[0] * d[3]


@case((X5,))
def genexp_assigned(x):
    g = (t * t for t in x)
    return sum(g)


@case((X5,))
def genexp_join(x):
    name = ",".join(str(i) for i in range(3))
    return x.sum() * len(name)


@case((X5,))
def genexp_np_sum(x):
    return np.sum([t * t for t in x]) + np.prod([t for t in x])


@case((X5,))
def genexp_stack(x):
    return np.stack([x * k for k in range(3)]).sum(axis=0)


@case((X5,))
def genexp_into_user_function(x):
    return _total(t * t for t in x)


def _total(items):
    s = 0.0
    for i in items:
        s += i
    return s


@case((X5,))
def genexp_for(x):
    s = 0.0
    for q in (t * t for t in x if t > 0.0):
        s += q * s + 1.0
    return s


# -- comprehensions


@case((X5,))
def comprehension_nested_lists(x):
    m = [[a * b for a in x] for b in x[:2]]
    return m[0][1] * m[1][2]


@case((X5,))
def comprehension_walrus(x):
    ys = [y for t in x if (y := t * t) > 0.3]
    return sum(ys) + y


@case((X5,))
def comprehension_dict(x):
    d = {k: x[i] ** 2 for i, k in enumerate("abc")}
    return d["a"] * d["c"]


@case((X5,))
def comprehension_dict_filter(x):
    d = {i: t for i, t in enumerate(x) if t > 0}
    return sum(v * k for k, v in d.items())


@case((A34,))
def comprehension_rows(a):
    return np.array([row @ row for row in a])


@case((A34,))
def comprehension_flatten(a):
    return sum([v * v for row in a for v in row if v > 0])


@case((X5, Y5))
def zip_strict(x, y):
    s = 0.0
    for a, b in zip(x, y, strict=True):
        s += a * b
    return s


@case((A34,))
def over_ndindex(a):
    s = 0.0
    for i, j in np.ndindex(a.shape):
        s += a[i, j] * (i + 2 * j)
    return s


@case((A34,))
def over_ndindex_args(a):
    s = 0.0
    for i, j in np.ndindex(3, 4):
        s += a[i, j] ** 2 * (i + 2 * j)
    return s


@case((A34,))
def over_ndindex_one(a):
    s = 0.0
    for idx in np.ndindex(*a.shape):
        s += a[idx] ** 2
    return s


@case((A34,))
def over_ndenumerate(a):
    s = 0.0
    for (i, j), v in np.ndenumerate(a):
        s += v * v * (i - j)
    return s


@case((X5,))
def reversed_enumerate(x):
    s = 0.0
    for i, t in reversed(list(enumerate(x))):
        s = s * 0.5 + i * t
    return s


@case((X5,))
def enumerate_start(x):
    return sum(i * t for i, t in enumerate(x, 1)) + sum(i * t for i, t in enumerate(x[1:], start=2))


@case(({"a": 1.5, "b": X3},))
def over_dict_items(p):
    s = 0.0
    for k, v in p.items():
        s = s + np.sum(v * v)
    return s


@case(({"a": 1.5, "b": 2.5},))
def over_dict_keys(p):
    s = 0.0
    for k in p:
        s += p[k] ** 2
    for v in p.values():
        s *= v
    for k in sorted(p):
        s += p[k]
    return s


@case((A34,))
def over_flat(a):
    s = 0.0
    for v in a.flat:
        s += v**3
    return s


@case((A34,))
def over_ravel_zip_rows(a):
    return sum(r[0] * q[1] for r, q in zip(a, a[1:]))


@case((X5,))
def over_zip_of_slices(x):
    return sum((b - a) ** 2 for a, b in zip(x, x[1:]))


@case((X5,))
def over_zip_star(x):
    pairs = [(t, t * t) for t in x]
    a, b = zip(*pairs)
    return sum(a) * sum(b)


@case((X5,))
def over_range_reversed(x):
    s = 1.0
    for i in reversed(range(1, len(x))):
        s = s * x[i] + x[i - 1]
    return s


class Chain:
    def __init__(self, x):
        self.x = x

    def sums(self):
        total = 0.0
        for t in self.x:
            total += t
            yield total

    def scaled(self):
        for i in range(3):
            self.x = self.x * 0.5
            yield np.sum(self.x)


@case((X5,))
def generator_method_running(x):
    c = Chain(x)
    s = 0.0
    for v in c.sums():
        s = s * 0.3 + v * v
    return s


@case((X5,))
def generator_method_writes(x):
    c = Chain(x)
    s = 0.0
    for v in c.scaled():
        s += v * np.sum(c.x)
    return s


@case((X5,))
def generator_method_break(x):
    c = Chain(x)
    s = 0.0
    for v in c.sums():
        if s > 2.0:
            break
        s += v * v
    return s


@case((X5,))
def generator_method_written_by_consumer(x):
    y = x.copy()
    c = Chain(y)
    s = 0.0
    for v in c.sums():
        y[4] = v
        s += v * v
    return s


@case((X5,))
def over_letters_break(x):
    s = 0.0
    for i, c in enumerate("abcde"):
        if c == "d":
            break
        if c == "b":
            continue
        s += x[i] * i
    return s


@case((X5,))
def genexp_assigned_late(x):
    k = 2.0
    g = (t * k for t in x)
    m = map(lambda t: t * k, x)
    k = x[0]
    x = x * 2.0
    s = 0.0
    for v in g:
        s = s * 0.5 + v
    return s + sum(m)


@case((X5, Y5))
def zip_strict_in_sum(x, y):
    return sum(a * b for a, b in zip(x, y, strict=True))


class Node:
    def __init__(self, value, left=None, right=None):
        self.value = value
        self.left = left
        self.right = right


def walk(node):
    if node is not None:
        yield from walk(node.left)
        yield node.value
        yield from walk(node.right)


def leaves(t):
    if isinstance(t, tuple):
        for item in t:
            yield from leaves(item)
    else:
        yield t


@case((X5,))
def generator_over_tree(x):
    tree = Node(x[0], Node(x[1], None, Node(x[2])), Node(x[3]))
    s = 0.0
    for v in walk(tree):
        s = s * 0.5 + v * v
    return s


@case(((1.1, (0.4, 0.7, (0.2, -0.3)), 0.5),))
def generator_over_nested_tuple(t):
    s = 0.0
    for v in leaves(t):
        s = s * 0.5 + v * v
    return s + sum(leaves(t))


@case(((1.1, (0.4, 0.7), 0.5),))
def nested_tuple_in_sum(t):
    return sum(leaves(t))


def first_leaves(t):
    out = []
    for item in t:
        if isinstance(item, tuple):
            for v in first_leaves(item):
                out.append(v)
        else:
            out.append(item)
    return out


@case(((1.1, (0.4, 0.7), 0.5),))
def nested_tuple_lists(t):
    return sum(first_leaves(t))
