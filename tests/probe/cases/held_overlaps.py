"""Memory that arguments of a call share, or that one argument holds twice; results that share memory with one another."""

from __future__ import annotations

import numpy as np

from ..data import X3, X5, X6, Y3
from ..harness import case


class Pair:
    """Two arrays, which may be one."""

    def __init__(self, u, v):
        self.u = u
        self.v = v

    def mix(self):
        self.u *= self.v
        self.v += np.sin(self.u)

    def pull(self, w):
        self.u -= 0.5 * w * self.u
        self.u += w


def mixed(u, v):
    u *= v
    v[0] = np.sin(u[1]) * v[2]
    return (u * v).sum()


def mixed_list(ws, w):
    w *= ws[0]
    ws[1][0] = w[1] * ws[0][2]
    return ws[0].sum() * w[0]


def both(x):
    a = np.zeros(3)
    a[0] = x[1]
    return a, [a, x * 2.0]


def blank(n):
    a = np.zeros(n)
    return [a, a]


def state(x):
    return {"u": x * 2.0, "n": 3}, x.sum()


def nested_result(x):
    return [[x * 1.0], [x * 2.0, x * x]]


def put(box, k, w):
    box[k] = w


def grow(rows, x, n):
    for i in range(n):
        rows.append(x * (i + 1.0))
        rows[0][0] *= rows[-1][1]


def halves(x):
    return [x[:2], x[2:]]


def choose(a, b, flag):
    return a if flag else b


def descend(box, n):
    if n == 0:
        box[0] *= box[1]
        return box[0].sum()
    box[0], box[1] = box[1], box[0]
    box[1][0] += 0.5 * box[0][1]
    return descend(box, n - 1) + box[0][0]


@case((X3, Y3), second=True)
def object_holds_one_twice(x, y):
    a = x * y
    p = Pair(a, a)
    p.mix()
    p.u = y * 2.0
    p.mix()
    return p.u.sum() * a[1] + p.v[0]


@case((X3, Y3), second=True)
def method_gets_own_array(x, y):
    p = Pair(x * 1.0, y * 1.0)
    p.pull(p.v)
    p.pull(p.u)
    p.u = p.v
    p.pull(p.v)
    return p.u.sum() * p.v[1]


@case((X3, Y3), second=True)
def two_of_one_list(x, y):
    ws = [x * 1.0, y * 1.0]
    s = 0.0
    for i in range(2):
        for j in range(2):
            s += mixed(ws[i], ws[j]) * (i + 1.0)
    return s + ws[0].sum() * ws[1][0]


@case((X3, Y3), second=True)
def list_and_element(x, y):
    ws = [x * 1.0, y * 1.0]
    s = mixed_list(ws, ws[0])
    ws[1] = ws[0]
    s += mixed_list(ws, ws[1])
    return s + ws[0].sum()


@case((X3,), second=True)
def result_shares_with_itself(x):
    a, box = both(x)
    a[1] = x[0] * x[2]
    box[0][2] = a[1] * box[1][0]
    return a.sum() * box[0][0] + box[1].sum()


@case((X3,), second=True)
def result_without_active_parts(x):
    ws = blank(3)
    ws[0][:] = x
    ws[1][0] *= x[1]
    return ws[0].sum() * ws[1][2]


@case((X3,), second=True)
def result_in_tuple_written(x):
    s, total = state(x)
    s["u"][0] = total * s["u"][1]
    s["u"] = s["u"] * x
    s["u"][1] += total
    return s["u"].sum() * total * s["n"]


@case((X3, Y3), second=True)
def nested_result_written(x, y):
    g = nested_result(x)
    g[1][0] *= y
    g[0][0] = g[1][1]
    g[0][0][1] *= y[2]
    return g[0][0].sum() * g[1][1][1] + g[1][0].sum()


@case((X3, Y3), second=True)
def callee_puts_and_caller_writes(x, y):
    box = [x * 1.0, x * 2.0]
    w = y * 3.0
    put(box, 0, w)
    w *= x
    put(box, 1, box[0])
    box[1][0] *= y[1]
    return w.sum() * box[0][0] + box[1][2]


@case((X3, Y3, 3), second=True)
def callee_appends_and_writes(x, y, n):
    rows = [y * 1.0]
    grow(rows, x, n)
    rows[1][1] *= y[0]
    grow(rows, x * y, 2)
    return sum([r.sum() for r in rows]) * rows[0][0]


@case((X5,), second=True)
def callee_gives_views(x):
    base = x * 1.0
    a, b = halves(base)
    a *= b[0]
    b[1] = a[0] * base[4]
    return base.sum() * a[1] + b[2]


@case((X3, Y3, True), (X3, Y3, False), second=True)
def callee_chooses(x, y, flag):
    a, b = x * 1.0, y * 1.0
    c = choose(a, b, flag)
    c *= a
    c[0] = b[1] * c[2]
    return a.sum() + 2.0 * b.sum() * c[1]


@case((X3, Y3, 3), second=True)
def recursion_swaps(x, y, n):
    box = [x * 1.0, y * 1.0]
    s = descend(box, n)
    box[1] *= x
    return s + box[0].sum() * box[1][2]


@case((X6, 3), second=True)
def loop_carries_object_and_list(x, n):
    cur, old = Pair(x[:3] * 1.0, x[3:] * 1.0), Pair(x[3:] * 2.0, x[:3] * 2.0)
    seen = []
    for i in range(n):
        old.u += cur.v * cur.u
        seen.append(old.u)
        cur, old = old, cur
        if i == 1:
            cur.v = seen[0]
            cur.v[0] *= 2.0
    return cur.u.sum() + old.v.sum() * seen[1][0]


@case((X3, 4), second=True)
def slot_grows(x, n):
    p = Pair(x[:1] * 2.0, x)
    for i in range(n - 1):
        p.u = np.concatenate([p.u, p.u[:1] * x[i]])
        p.u[0] *= 1.1
    return (p.u**2).sum()


@case((X3, 4), second=True)
def slot_grows_unwritten(x, n):
    p = Pair(x[:1] * 2.0, x)
    for i in range(n - 1):
        p.u = np.concatenate([p.u, p.u[:1] * x[i]])
    return (p.u**2).sum()


@case(([X3], 3), second=True)
def element_read_and_written_in_loop(ws, n):
    s = 0.0
    for _ in range(n):
        v = ws[0]
        v *= 1.1
        s += np.sin(v).sum()
    return s


@case((X3, 3), second=True)
def element_read_before_write_elsewhere(x, n):
    rows = []
    s = 0.0
    for i in range(n):
        row = x * (i + 1.0)
        row[0] = x[1] * 2.0
        s += np.sin(row).sum() * row[2]
        rows.append(row)
        for r in rows:
            r[2] *= 1.5
    return s


@case((X3, 4), second=True)
def left_by_break(x, n):
    bufs = [x.copy(), x * 2.0]
    for _ in range(n):
        bufs[0][:] = np.sin(bufs[1]) * x
        bufs[0], bufs[1] = bufs[1], bufs[0]
        if bufs[0][2] > 0.95:
            bufs[1] = bufs[0]
            break
        bufs[1] *= 1.5
    bufs[1][0] *= bufs[0][1]
    return bufs[0].sum() + bufs[1][0]


@case((X3, 3), second=True)
def while_with_queue(x, n):
    queue = [x * 1.0]
    total = 0.0
    while len(queue) > 0:
        v = queue.pop()
        v *= np.cos(v)
        total += v.sum()
        if n > 0:
            queue.append(v)
            queue.append(v * x)
            n -= 1
    return total


@case((X3, 0.7), second=True)
def results_that_are_arguments(x, k):
    y = x * k
    p, q = halves(y)
    s = np.sum(y * y)
    p[0] = 3.0 * y[1]
    q *= k
    c = choose(y, x, True)
    c *= y
    y *= c
    return s * np.sum(y * y)
