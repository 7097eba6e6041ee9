"""Expressions, parsers, caches, graphs and tables of dynamic programming."""

from __future__ import annotations

import math
import operator
from abc import ABC, abstractmethod
from collections import OrderedDict
from dataclasses import dataclass
from functools import lru_cache, total_ordering
from itertools import combinations, product
from typing import Callable, Dict

import numpy as np


class Expr(ABC):
    @abstractmethod
    def eval(self, env: Dict[str, float]) -> float: ...

    def __add__(self, o):
        return Add(self, wrap(o))

    def __radd__(self, o):
        return Add(wrap(o), self)

    def __mul__(self, o):
        return Mul(self, wrap(o))

    def __rmul__(self, o):
        return Mul(wrap(o), self)

    def __neg__(self):
        return Mul(Const(-1.0), self)


def wrap(v):
    return v if isinstance(v, Expr) else Const(v)


@dataclass(frozen=True)
class Const(Expr):
    value: float

    def eval(self, env):
        return self.value


@dataclass(frozen=True)
class Var(Expr):
    name: str

    def eval(self, env):
        try:
            return env[self.name]
        except KeyError:
            raise NameError(f"{self.name} is not bound") from None


@dataclass(frozen=True)
class Add(Expr):
    left: Expr
    right: Expr

    def eval(self, env):
        return self.left.eval(env) + self.right.eval(env)


@dataclass(frozen=True)
class Mul(Expr):
    left: Expr
    right: Expr

    def eval(self, env):
        return self.left.eval(env) * self.right.eval(env)


@dataclass(frozen=True)
class Call(Expr):
    fn: Callable[[float], float]
    arg: Expr

    def eval(self, env):
        return self.fn(self.arg.eval(env))


def expression_classes(a, b):
    x, y = Var("x"), Var("y")
    e = 2.0 * x * y + Call(math.sin, x * x + 1.0) + (-y) * b
    return e.eval({"x": a, "y": b}) ** 2


OPS = {"+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv, "^": lambda a, b: a**b}


def rpn(x, y, text="x y * 2 ^ x y / + 3 -"):
    stack = []
    for token in text.split():
        if token in OPS:
            b = stack.pop()
            a = stack.pop()
            stack.append(OPS[token](a, b))
        elif token == "x":
            stack.append(x)
        elif token == "y":
            stack.append(y)
        else:
            stack.append(float(token))
    (result,) = stack
    return result


class Parser:
    def __init__(self, text, env):
        self.tokens = text.replace("(", " ( ").replace(")", " ) ").split()
        self.pos = 0
        self.env = env

    def peek(self):
        return self.tokens[self.pos] if self.pos < len(self.tokens) else None

    def next(self):
        tok = self.tokens[self.pos]
        self.pos += 1
        return tok

    def expr(self):
        v = self.term()
        while self.peek() in ("+", "-"):
            if self.next() == "+":
                v = v + self.term()
            else:
                v = v - self.term()
        return v

    def term(self):
        v = self.factor()
        while self.peek() == "*":
            self.next()
            v = v * self.factor()
        return v

    def factor(self):
        tok = self.next()
        if tok == "(":
            v = self.expr()
            closing = self.next()
            if closing != ")":
                raise SyntaxError("expected )")
            return v
        if tok.isalpha():
            return self.env[tok]
        return float(tok)


def parsed_formula(x, y):
    return Parser("x * (y + 2 * x) - 3 * y * y", {"x": x, "y": y}).expr()


class LRU:
    def __init__(self, capacity):
        self.capacity = capacity
        self.data = OrderedDict()
        self.hits = 0

    def get(self, key, compute):
        if key in self.data:
            self.hits += 1
            self.data.move_to_end(key)
            return self.data[key]
        value = compute(key)
        self.data[key] = value
        if len(self.data) > self.capacity:
            self.data.popitem(last=False)
        return value


def lru_lookup(x):
    cache = LRU(2)
    total = 0.0
    for key in [1, 2, 1, 3, 2, 3]:
        total += cache.get(key, lambda k: math.sin(k * x))
    return total * (1 + cache.hits)


class UnionFind:
    def __init__(self, n):
        self.parent = list(range(n))
        self.rank = [0] * n

    def find(self, i):
        while self.parent[i] != i:
            self.parent[i] = self.parent[self.parent[i]]
            i = self.parent[i]
        return i

    def union(self, a, b):
        ra, rb = self.find(a), self.find(b)
        if ra == rb:
            return False
        if self.rank[ra] < self.rank[rb]:
            ra, rb = rb, ra
        self.parent[rb] = ra
        self.rank[ra] += self.rank[ra] == self.rank[rb]
        return True


def kruskal(points):
    n = len(points)
    edges = sorted((float(np.hypot(*(points[i] - points[j]))), i, j) for i, j in combinations(range(n), 2))
    uf = UnionFind(n)
    return sum(d for d, i, j in edges if uf.union(i, j))


def matrix_chain(dims):
    n = len(dims) - 1
    m = {}
    split = {}
    for i in range(n):
        m[i, i] = 0.0
    for length in range(2, n + 1):
        for i in range(n - length + 1):
            j = i + length - 1
            m[i, j] = float("inf")
            for k in range(i, j):
                cost = m[i, k] + m[k + 1, j] + dims[i] * dims[k + 1] * dims[j + 1]
                if cost < m[i, j]:
                    m[i, j] = cost
                    split[i, j] = k

    def show(i, j):
        return f"A{i}" if i == j else f"({show(i, split[i, j])}{show(split[i, j] + 1, j)})"

    assert show(0, n - 1).count("A") == n
    return m[0, n - 1]


def edit_distance(costs, s="kitten", t="sitting"):
    ins, dele, sub = costs

    @lru_cache(None)
    def d(i, j):
        if i == 0:
            return j * ins
        if j == 0:
            return i * dele
        if s[i - 1] == t[j - 1]:
            return d(i - 1, j - 1)
        return min(d(i - 1, j) + dele, d(i, j - 1) + ins, d(i - 1, j - 1) + sub)

    return d(len(s), len(t))


def held_karp(dist):
    n = len(dist)
    C = {(1 << k, k): dist[0][k] for k in range(1, n)}
    for size in range(2, n):
        for subset in combinations(range(1, n), size):
            bits = sum(1 << b for b in subset)
            for k in subset:
                prev = bits & ~(1 << k)
                C[(bits, k)] = min(C[(prev, m)] + dist[m][k] for m in subset if m != k)
    full = (1 << n) - 2
    return min(C[(full, k)] + dist[k][0] for k in range(1, n))


@total_ordering
@dataclass(frozen=True)
class Interval:
    lo: float
    hi: float

    def __post_init__(self):
        if self.lo > self.hi:
            raise ValueError(f"empty interval [{self.lo}, {self.hi}]")

    def __add__(self, o):
        return Interval(self.lo + o.lo, self.hi + o.hi)

    def __mul__(self, o):
        ps = [a * b for a, b in product((self.lo, self.hi), (o.lo, o.hi))]
        return Interval(min(ps), max(ps))

    def __lt__(self, o):
        return self.hi < o.lo

    def __contains__(self, v):
        return self.lo <= v <= self.hi

    @property
    def width(self):
        return self.hi - self.lo


def interval_arithmetic(a, r):
    x, y = Interval(a - r, a + r), Interval(-0.5 * a, 2.0)
    z = x * y + x
    return z.width + (1.0 if 0.5 in z else 0.0) * z.lo


class RingBuffer:
    def __init__(self, size):
        self._buf = [0.0] * size
        self._i = 0

    def push(self, v):
        self._buf[self._i % len(self._buf)] = v
        self._i += 1

    def __iter__(self):
        for k in range(len(self._buf)):
            yield self._buf[(self._i + k) % len(self._buf)]


def ring_average(xs):
    ring, out = RingBuffer(3), 0.0
    for x in xs:
        ring.push(x)
        out += sum(w * v for w, v in zip((0.2, 0.3, 0.5), ring)) ** 2
    return out
