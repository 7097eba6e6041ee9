"""Idioms of scientific programs: columns by `zip(*rows)`, dicts keyed by tuples, remembered recursions, iterable instances."""

from __future__ import annotations

import math
import operator
from collections import Counter, OrderedDict, defaultdict
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import combinations
from typing import NamedTuple, Optional

import numpy as np

from tests.probe.harness import case

XS = [0.7, 1.3, 0.4]


@case(XS, second=True)
def columns_of_tuples(x):
    first, second = map(list, zip(*[(v, v * v) for v in x]))
    return sum(first) * second[1] + sum(a * b for a, b in zip(*[[v, 2.0 * v] for v in x[:2]]))


@case(XS)
def spread_into_display_and_row(x):
    return sum([1.0, *(v * v for v in x)]) * np.hypot(*np.array(x[:2]))


class Series:
    """Made of any iterable; may be looped over, unpacked and spread."""

    def __init__(self, rows):
        self.rows = [tuple(r) for r in rows]

    def __iter__(self):
        return iter(self.rows)


class Power:
    def __init__(self, *coefficients):
        self.c = coefficients

    def __iter__(self):
        yield from self.c

    def __call__(self, t):
        return sum(c * t**k for k, c in enumerate(self))

    def derivative(self):
        return Power(*[k * c for k, c in enumerate(self.c) if k > 0])


@case(XS, second=True)
def instances_made_of_iterables(x):
    total = sum(a * b for a, b in Series((v, v * v) for v in x))
    a, b, c = p = Power(*x)
    return total * p.derivative()(a) + b * max(p) * c


class Point(NamedTuple):
    a: float
    b: float
    c: float


@case(XS)
def named_tuple_made_of_iterable(x):
    p = Point._make(v * v for v in x)
    return p.a * p.b + Point(p.c, *(-v for v in p[1:])).b


@case(XS, second=True)
def keyed_by_tuples(x):
    chart = {}
    for i in range(3):
        for j in range(i + 1):
            chart[i, j] = x[i] * x[j]
            chart[i, j] += x[0]
            chart[(i, j)] = 2.0 * chart[i, j]
    counts = defaultdict(list)
    for (i, j), v in chart.items():
        counts[i + j, "ab"[j % 2]].append(v)
    return sum(sum(v) ** 2 * k[0] for k, v in counts.items()) + chart.get((0, 9), 1.0) * chart[2, 1]


@case(XS)
def remembered_recursion(x):
    @lru_cache(maxsize=None)
    def paths(i, j):
        if i == 0 or j == 0:
            return x[i] * x[j]
        return paths(i - 1, j) + paths(i, j - 1) * paths(i - 1, j - 1)

    return paths(2, 2)


@case(XS)
def next_of_a_generator(x):
    at = next((i for i, v in enumerate(x) if v > 1.0), 0)
    try:
        missing = next(v for v in x if v > 9.0)
    except StopIteration:
        missing = x[0]
    return x[at] ** 2 * missing


@case(XS)
def imported_inside(x):
    import math
    from itertools import product as pairs

    import numpy as xp

    return sum(math.sin(a * b) for a, b in pairs(x, x)) + xp.exp(x[0])


@case(XS, second=True)
def stack_of_tuples(x):
    stack, total = [("a", x[0], 0)], 0.0
    while stack:
        name, v, depth = stack.pop()
        if depth == 2:
            total += v * v
            continue
        for k, child in enumerate("bc"):
            stack.append((child, v * x[k + 1], depth + 1))
    return total


@case(XS)
def continue_over_pairs(x):
    total = 0.0
    for name, (di, dj) in {"right": (0, 1), "down": (1, 0), "up": (-1, 0)}.items():
        if di < 0:
            continue
        total += x[di] * x[dj + 1] * (1.5 if name == "down" else 1.0)
    return total + sum(dict.fromkeys(["p", "q"], x[0] * x[1]).values())


OPERATORS = {"+": operator.add, "*": operator.mul, "^": lambda a, b: a**b}


@case(XS, second=True)
def functions_by_token(x):
    stack = []
    for token in "a b + a b * ^".split():
        if token in OPERATORS:
            right, left = stack.pop(), stack.pop()
            stack.append(OPERATORS[token](left, right))
        else:
            stack.append(x[0] if token == "a" else x[1])
    return stack[0]


@case(XS, second=True)
def largest_of_tuples(x):
    total = 0.0
    for i in range(2):
        best, name = max([(x[i] * x[1], "D"), (x[i + 1] * 2.0, "U"), (x[2], "L")])
        total += best * best * (2.0 if name == "U" else 1.0) + min((x[i], 1), (x[2], 2))[0]
    return total + max((v * v, k) for k, v in zip("abc", x))[0]


@dataclass
class Branching:
    name: Optional[str] = None
    v: float = 1.0
    below: list = field(default_factory=list)

    def total(self):
        if self.name is not None:
            return self.v**2
        return self.v + sum(b.total() for b in self.below)


@case(XS)
def trees_of_different_depth(x):
    inner = Branching(below=[Branching("a", x[0]), Branching("b", x[1])])
    return Branching(v=x[2], below=[inner, Branching("c", x[0])]).total()


@case(XS, second=True)
def lists_of_lists_as_arrays(x):
    rows = []
    for k in (1.0, 2.0):
        rows.append([np.tanh(k * x[i] * x[i + 1]) for i in range(2)])
    return np.array(rows).sum() * rows[0][0] + np.mean(rows) * np.dot(rows, rows[0])[1]


class Number:
    def __init__(self, v):
        self.v = v

    def __add__(self, other):
        return Number(self.v + (other.v if isinstance(other, Number) else other))

    __radd__ = __add__


@case(XS)
def sums_of_instances(x):
    return sum((Number(v * v) for v in x), Number(x[0])).v * sum([Number(v) for v in x]).v


@case(XS, second=True)
def counted(x):
    empty, total = Counter(), 0.0
    for key, v in zip("aab", x):
        total += empty[key] * v + empty["missing"]
        empty[key] += v * v
    words = Counter(w.strip(",") for w in "the cat, the dog".replace("cat", "cow").split(" "))
    pairs = Counter(zip("abra", "bra"))
    return total * len(empty) + x[0] ** words["the"] * words["cow"] + pairs["a", "b"] * x[1]


@case(XS, second=True)
def subsets_of_any_size(x):
    recent, total = OrderedDict(), 0.0
    for size in range(len(x) + 2):
        for chosen in combinations(range(len(x)), size):
            recent[sum(1 << i for i in chosen)] = math.prod(x[i] for i in chosen) if chosen else 1.0
    recent.move_to_end(5)
    for k, v in enumerate(recent.values(), 1):
        total += k * v * v
    return total


@case(np.array([0.7, 1.3, 0.4, -0.6]), second=True)
def reverse_polish(x):
    stack = []
    for token in ["0", "1", "+", "2", "*", "3", "-"]:
        if token.isdigit():
            stack.append(x[int(token)])
        else:
            b, a = stack.pop(), stack.pop()
            stack.append({"+": operator.add, "*": operator.mul, "-": operator.sub}[token](a, b))
    return stack.pop()
