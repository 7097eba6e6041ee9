"""Containers of containers, containers in objects, values that may be None in them."""

from __future__ import annotations

import heapq
import math
from collections import defaultdict, deque

import numpy as np

from ..data import A34, X3, X5, Y3
from ..harness import case


def loss_of(p, x):
    s = 0.0
    for k in p:
        s = s + np.sum(p[k] * p[k]) * x
    return s


@case((X3, 1.5), second=True)
def open_dict_to_callee(x, k):
    p = {}
    p["w"] = x * k
    p["b"] = x * x
    return loss_of(p, k)


def model(p, x):
    return np.tanh(p["w"] @ x + p["b"]).sum() * p["s"]


@case((A34, X3, 1.5), second=True)
def mixed_dict_to_callee(a, b, s):
    p = {}
    p["w"] = a
    p["b"] = b
    p["s"] = s
    return model(p, np.array([1.0, 2.0, 0.5, -1.0]))


@case((1.5, 4), second=True)
def table_in_loop(x, n):
    out = 0.0
    for i in range(n):
        d = {}
        for j in range(3):
            d[j * i] = x * (j + 1)
        for k, v in d.items():
            out += k * v * v
        if 2 in d:
            out += d[2]
        d[0] = out
        out = d[0] * d.get(99, 0.5)
    return out


@case((1.5, 0.7), second=True)
def table_overwrite_and_delete(x, y):
    d = {}
    for i in range(4):
        d[i % 2] = d.get(i % 2, x) * y + i
    a = d.pop(0)
    d[5] = a * d[1]
    del d[1]
    s = 0.0
    for k in d:  # noqa: PLC0206
        s += d[k]
    return s * len(d)


@case((X5, [2, 0, 1, 2, 0]), second=True)
def table_of_arrays(x, group):
    rows = {}
    for i, g in enumerate(group):
        if g not in rows:
            rows[g] = np.zeros(3)
        rows[g] = rows[g] + x[i] * np.array([1.0, 2.0, x[0]])
    total = 0.0
    for g in sorted(rows):
        total += (rows[g] ** 2).sum() * (g + 1)
    return total


@case((1.5, 0.7), second=True)
def nested_tables(x, y):
    g = defaultdict(dict)
    for i in range(3):
        for j in range(2):
            g[i][j] = x * i + y * j
    s = 0.0
    for i, row in g.items():
        for j, v in row.items():
            s += v * v * (i + 1)
    return s


@case((X5,), second=True)
def adjacency_lists(x):
    graph = {0: [1, 2], 1: [3], 2: [3], 3: [4], 4: []}
    dist = {0: x[0]}
    queue = [0]
    while queue:
        u = queue.pop(0)
        for v in graph[u]:
            w = dist[u] * 0.5 + x[v]
            if v not in dist:
                queue.append(v)
                dist[v] = w
            else:
                dist[v] = dist[v] + w
    return dist[4] * dist[3]


@case((1.5, 0.7), second=True)
def dict_values_sum(x, y):
    d = {"a": x, "b": y}
    d["c"] = x * y
    return sum(d.values()) * max(d.values())


class Bag:
    def __init__(self):
        self.store = {}
        self.log = []

    def put(self, k, v):
        self.store[k] = self.store.get(k, 0.0) + v
        self.log.insert(0, v * v)

    def total(self):
        return sum(v * v for v in self.store.values()) + sum(self.log) * self.log[0]


@case((X5,), second=True)
def bag_class(x):
    b = Bag()
    for i in range(len(x)):
        b.put(i % 3, x[i])
    return b.total()


class Lazy:
    def __init__(self, x):
        self.x = x
        self._cache = None

    @property
    def sq(self):
        if self._cache is None:
            self._cache = self.x * self.x
        return self._cache


@case((1.5,), second=True)
def cached_property_by_hand(x):
    a = Lazy(x)
    b = Lazy(a.sq)
    return a.sq * b.sq + b.sq


@case((X3,), second=True)
def optional_array_attribute(x):
    class_like = Lazy(x)
    return class_like.sq.sum() + class_like.sq[0]


@case((X5,), second=True)
def none_list_filled(x):
    out = [None] * 5
    for i in range(5):
        out[4 - i] = x[i] * (i + 1)
    s = 0.0
    for v in out:
        s = s * 0.5 + v * v
    return s


@case((X5,), second=True)
def memo_list(x):
    memo = [None] * 6

    def f(n):
        if memo[n] is not None:
            return memo[n]
        r = x[0] if n < 2 else f(n - 1) * x[1] + f(n - 2)
        memo[n] = r
        return r

    return f(5)


@case((1.5, 0.7), second=True)
def optional_argument_chain(x, y):
    def g(a, b=None, c=None):
        if b is None:
            b = a * 2.0
        if c is None:
            c = b
        return a * b + c

    return g(x) + g(x, y) + g(x, c=y)


@case((X5,), second=True)
def argmin_like(x):
    best_v, best_i = None, None
    for i in range(len(x)):
        v = (x[i] - 0.3) ** 2
        if best_v is None or v < best_v:
            best_v, best_i = v, i
    return best_v * x[best_i]


@case((X3, Y3), second=True)
def momentum_none(x, g):
    vel = None
    for _ in range(3):
        vel = g * x if vel is None else 0.9 * vel + g * x
        x = x - 0.1 * vel
    return (x * x).sum()


@case(([1.0, 0.7, 0.4, 1.5, 0.9],), second=True)
def shortest_path_by_heap(weights):
    graph = {0: [(1, 0), (2, 1)], 1: [(2, 2), (3, 3)], 2: [(3, 4)], 3: []}
    dist = [math.inf] * 4
    dist[0] = 0.0
    heap = [(0.0, 0)]
    while heap:
        d, u = heapq.heappop(heap)
        if d > dist[u]:
            continue
        for v, e in graph[u]:
            new = d + weights[e]
            if new < dist[v]:
                dist[v] = new
                heapq.heappush(heap, (new, v))
    return dist[3] ** 2


@case((X3, 0.7), second=True)
def heaps(x, a):
    heap = [a, x[0], -a, x[1] * a, x[2]]
    heapq.heapify(heap)
    total = heapq.heapreplace(heap, a * a) + 0.3 * heapq.heappushpop(heap, x[1])
    for i, v in enumerate(heap):
        total += i * v
    return total + sum(heapq.nsmallest(2, heap)) * heapq.nlargest(1, heap)[0]


@case((X3, 0.7), second=True)
def tuples_replaced(x, a):
    pairs = [(a, 1.0), (x[0], a), (x[1], 2.0)]
    kept = []
    for p in pairs:
        kept.append(p)
    kept[0] = kept[1]
    kept[2] = (a, x[2])
    return sum(p * q for p, q in kept)


@case((0.7, [0.5, 1.0, -0.3, 0.2]), second=True)
def queues(a, xs):
    window, line = deque(), deque([0.0] * 3)
    total = energy = 0.0
    for x in xs:
        window.append(x * a)
        total += x * a
        if len(window) > 2:
            total -= window.popleft()
        line.appendleft(x + a * line[-1])
        line.pop()
        energy += (total / len(window)) ** 2 + line[0] ** 2
    line.rotate(1)
    line.extendleft([a, 1.0])
    return energy + sum(i * v for i, v in enumerate(line)) * window[0]


def _points(x, p):
    made = [x]
    for i in range(2):
        made.append(x + p[:, i])
    return np.array(made)


@case((X3, A34), second=True)
def argument_begins_a_list(x, p):
    z = x * p[0, 0]
    for _ in range(2):
        z = _points(z, p).sum(axis=0)
    made = _points(z, p)
    made[0] *= 2.0
    return z @ made[0]
