"""Tuples, NamedTuples and frozen instances that hold lists and arrays, handed to functions that write these."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from ..data import X5
from ..harness import case


@dataclass(frozen=True)
class Held:
    items: Any
    size: Any = 1

    def put(self, v):
        self.items[0] = v
        return self

    def total(self):
        return sum(self.items)

    def __iter__(self):
        return iter(self.items)


class Outer(NamedTuple):
    items: Any
    inner: Any


@dataclass
class Mutable:
    held: Any


def appended(q, v):
    q.items.append(v)


def appended_first(q, v):
    q[0].append(v)


def put(q, v):
    q.inner.items[0] = v * q.items[1]
    q.items[1] *= 2


def put_twice(q, v):
    put(q, v)
    put(q, v * v)


def counted(q, n, v):
    if n == 0:
        return q.items[0]
    q.items.append(v * q.items[-1])
    return counted(q, n - 1, v) + q.items[-1]


@case((X5, 0.3), second=True)
def frozen_list_appended_by_callee(x, g):
    q = Held([x[0]])
    appended(q, x[1] * g)
    return q.items[0] * q.items[1]


@case((X5, 0.3), second=True)
def frozen_array_written_by_callee(x, g):
    q = Held(x * 2)
    q.put(x[1] * g)
    return q.items[0] * x[2]


@case((X5, 0.3), second=True)
def tuple_list_appended_by_callee(x, g):
    q = [x[0]]
    s = 0.0
    for v in x:
        appended_first((q, 1), v * g)
        s += len(q) * q[-1]
    return s * q[-1]


@case((X5, 0.3), second=True)
def nested_bundles_written(x, g):
    q = Outer([x[0], x[1]], Held(x * 2))
    for i in range(3):
        put_twice(q, g + i)
    return q.items[1] * q.inner.items[0]


@case((X5, 0.3), second=True)
def bundle_that_is_returned(x, g):
    q = Held([x[0], x[1]])
    q.put(x[2] * g)
    s = q.total()
    r = q.put(s)
    return r.items[0] * q.total()


@case((X5, 0.3), second=True)
def bundles_in_fields(x, g):
    m = Mutable(Held([x[0], x[1]]))
    m.held.put(x[2] * g)
    return m.held.total() * m.held.items[0]


@case((X5, 0.3), second=True)
def bundle_in_recursion(x, g):
    q = Held([x[0], x[1]])
    return counted(q, 3, g) * q.items[3]


@case((X5, 0.3), second=True)
def bundles_in_list(x, g):
    qs = [Held([x[0], x[1]]), Held([x[2], g])]
    for q in qs:
        q.put(g * q.total())
    return qs[0].total() * qs[1].total()


@case((X5, 0.3), second=True)
def bundles_in_dict(x, g):
    d = {"a": Held([x[0]]), "b": Held([x[1]])}
    for k in ["a", "b"]:
        d[k].put(g * d[k].total())
    return d["a"].total() * d["b"].total()


@case((X5, 0.3), second=True)
def pair_of_arrays_chosen(x, g):
    a, b = x * 2, x * 3

    def update(pair, v):
        pair[0][1] = v
        pair[1][:] = pair[0] * v

    if g > 0:
        pair = (a, b)
    else:
        pair = (b, a)
    update(pair, g * x[3])
    return np.sum(a * b)


@case((X5, 0.3), second=True)
def frozen_list_filled_in_list(x, g):
    n = [Held([])]
    s = 0.0
    for v in x:
        n[0].items.append(v * g)
        s += n[0].items[0]
    return s * n[0].items[-1]


@case((X5, 0.3), second=True)
def frozen_list_filled_in_field(x, g):
    n = Mutable(Held([]))
    s = 0.0
    for v in x:
        n.held.items.append(v * g)
        s += sum(n.held)
    return s * n.held.items[-1]


@case((X5, 0.3), second=True)
def frozen_list_filled_by_callee(x, g):
    q = Held([])
    s = 0.0
    for v in x:
        appended(q, v * g)
        s += len(q.items) * q.items[0]
    return s * q.items[-1]
