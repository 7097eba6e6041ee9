"""Queues with a bound, containers that factories make, and lists that change after a function has returned them."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

import numpy as np

from ..data import X5
from ..harness import case


@case((X5, 4), second=True)
def bounded_queue_read_every_way(x, n):
    d = deque(maxlen=n - 1)
    s = 0.0
    for i in range(n):
        d.append(x[i] ** 2)
        for j, v in enumerate(d):
            s += v * j
        if d and len(d) == d.maxlen:
            s *= 2
        s += np.mean(d) + np.array(d)[-1] + max(d) + d[-1]
        s += sum(v * w for v, w in zip(d, x))
    return s


class Filter:
    def __init__(self, n, taps):
        self.buf = deque([0.0] * n, maxlen=n)
        self.taps = taps

    def step(self, x):
        self.buf.appendleft(x)
        return sum(t * v for t, v in zip(self.taps, self.buf))


@case((X5, [0.5, 0.3, 0.2]), second=True)
def bounded_queue_in_field(x, taps):
    f = Filter(3, taps)
    s = 0.0
    for v in x:
        y = f.step(v)
        s += y * y
    return s


def mean(d):
    return sum(d) / len(d)


@case((X5, 2), second=True)
def bounded_queue_of_array(x, n):
    d = deque(x, maxlen=n)
    d.extend([x[0] * x[1], x[3]])
    d.rotate(1)
    d[0] = d[0] * 2
    a = mean(d)
    d.append(a)
    b = d.popleft()
    return a * b + mean(d) ** 2


@case((X5, 3), second=True)
def bounded_queues_in_dict(x, n):
    hist = {}
    for k in ["a", "b"]:
        hist[k] = deque(maxlen=n)
    for i, v in enumerate(x):
        hist["a" if i % 2 else "b"].append(v * v)
    return sum(hist["a"]) * sum(hist["b"])


@case((X5, 3), second=True)
def bounded_queue_of_iterator(x, n):
    d = deque((v * v for v in x), n)
    s = 0.0
    while d:
        s = s * 0.5 + d.popleft()
    d.append(s)
    d.clear()
    return s + len(d)


@case((X5, 3), second=True)
def bounded_queue_of_arrays(x, n):
    d = deque(maxlen=n)
    for k in range(5):
        d.append(x * k)
    return np.sum(np.stack(d)) + np.sum(d[0] * d[-1]) + np.sum(np.mean(list(d), axis=0))


@case((X5, 3), second=True)
def bounded_queue_of_ints(x, n):
    d = deque([1, 2, 3], maxlen=n)
    d.append(4)
    return x[d[0]] * x[d[-1]]


@case((X5, 3), second=True)
def bounded_queue_of_pairs(x, n):
    d = deque(maxlen=n)
    best = 0.0
    for v in x:
        d.append((v, v * v))
        best = best + d[0][0] * d[-1][1]
    return best


@case((X5, None), second=True)
def queue_without_bound(x, n):
    d = deque(maxlen=None)
    for v in x:
        d.append(v)
    a, b, *_ = list(d)
    e = d.copy()
    e.append(a)
    return a * b * e[-1] * len(d)


@dataclass
class Memory:
    window: deque = field(default_factory=lambda: deque(maxlen=3))
    total: float = 0.0

    def add(self, v):
        if len(self.window) == 3:
            self.total -= self.window[0]
        self.window.append(v)
        self.total += v
        return self.total / len(self.window)


@case((X5, 0.3), second=True)
def bounded_queue_by_factory(x, g):
    m = Memory()
    s = 0.0
    for v in x:
        s += m.add(v * g) ** 2
    return s


@dataclass
class Memory2:
    window: list = field(default_factory=lambda: deque(maxlen=3))
    total: float = 0.0


def mk(n):
    return deque([0.0] * n, maxlen=n)


def mk2(n):
    return mk(n)


@case((X5, 2), second=True)
def bounded_queue_made_by_callee(x, n):
    d = mk2(n)
    s = 0.0
    for v in x:
        s += v * d[0]
        d.append(v)
    return s


def rolling(x, n):
    d = deque(maxlen=n)
    for v in x:
        d.append(v)
    return d


@case((X5, 2), second=True)
def bounded_queue_returned(x, n):
    d = rolling(x, n)
    e = rolling(x * 2, n)
    return sum(d) * e[0]


@dataclass
class Memory4:
    window: list = field(default_factory=lambda: [])
    rows: dict = field(default_factory=lambda: {})
    total: float = 0.0


@case((X5, 0.3), second=True)
def fields_by_lambda(x, g):
    m = Memory4()
    s = 0.0
    for v in x:
        m.window.append(v * g)
        s += m.window[0] ** 2
        m.window = m.window[-2:] + [s]
        m.rows["a"] = v
    return s


@case((X5, 0.3), second=True)
def instances_by_lambda(x, g):
    a = Memory4()
    b = Memory2()
    c = Memory2()
    s = 0.0
    for v in x:
        a.window.append(v * g)
        b.window.append(a.window[0] * 2)
        c.window.append(b.window[0] * g)
        s += a.window[-1] * b.window[0] * c.window[-1]
    return s


def grown_list(x):
    r = [x, x * 2]
    r.append(r[0] * r[1])
    return r


def last_of(values, n):
    items = list(values)
    return items[max(len(items) - n, 0) :]


class Pair:
    def __init__(self, a, b):
        self.a, self.b = a, b


def grown_pair(x):
    r = Pair(x, [x, 2 * x])
    r.b.append(r.a)
    return r


def grown_rows(x):
    r = [[x], [2 * x]]
    r[0].append(x * x)
    return r


@case((X5, 0.3), second=True)
def returned_list_popped(x, g):
    r = grown_list(g)
    r[0] = r[2] * x[0]
    a = r.pop(1)
    return a * r[0] * r[1]


@case((X5, 3), second=True)
def returned_list_emptied(x, n):
    d = last_of([v * v for v in x], n)
    s = 0.0
    while d:
        s = s * 0.5 + d.pop(0)
    d.append(s)
    return s + len(d)


@case((X5, 0.3), second=True)
def returned_instance_written(x, g):
    r = grown_pair(g)
    r.a = r.b[0] * x[0]
    return r.a * r.b[2]


@case((X5, 0.3), second=True)
def returned_rows_written(x, g):
    r = grown_rows(g)
    r[0][0] = r[1][0] * x[0]
    return r[0][0] * r[0][1]
