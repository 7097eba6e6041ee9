"""Written arrays that lists and dicts hold: replaced, swapped, aliased, reached by several names."""

from __future__ import annotations

import numpy as np

from ..data import A33, A34, X3, X5, X6, Y3
from ..harness import case


@case((X3, Y3), second=True)
def slot_replaced_between_writes(a, b):
    ws = [a * 1.0, b * 2.0]
    c = b * b
    ws[0] *= 2.0
    ws[0] = c
    ws[0] *= a
    return ws[0].sum() * ws[1][0] + c[2]


@case((X3, Y3), second=True)
def slot_replaced_old_kept(a, b):
    first = a * b
    ws = [first]
    ws[0] *= a
    ws[0] = b * 1.0
    ws[0] *= 3.0 * b
    first[0] *= first[1]
    return ws[0].sum() + first.sum() * a[0]


@case((X3, 5), second=True)
def ping_pong_list(x, n):
    bufs = [x.copy(), np.zeros(3)]
    for k in range(n):
        bufs[(k + 1) % 2][:] = np.sin(bufs[k % 2]) * x
    return bufs[n % 2].sum() + bufs[(n + 1) % 2][0]


@case((X3, 5), second=True)
def ping_pong_swapped(x, n):
    bufs = [x.copy(), np.zeros(3)]
    for _ in range(n):
        bufs[1][:] = np.sin(bufs[0]) * x
        bufs[0], bufs[1] = bufs[1], bufs[0]
    return bufs[0].sum() + bufs[1][0]


@case((X6, 4), second=True)
def ping_pong_names(u, n):
    old, new = u.copy(), np.zeros(6)
    for _ in range(n):
        new[1:-1] = old[1:-1] + 0.1 * (old[2:] - 2.0 * old[1:-1] + old[:-2]) * old[1:-1]
        old, new = new, old
    return np.sum(old**2)


@case((X3, Y3), second=True)
def alias_in_list(x, y):
    a = x * y
    box = [a]
    a[0] = y[1] * a[2]
    box[0][1] *= a[0]
    return a.sum() * box[0][2]


@case((X3, Y3), second=True)
def alias_twice_in_list(x, y):
    a = x * y
    box = [a, a, x * 2.0]
    box[0][0] *= y[1]
    box[1][0] *= y[2]
    box[2] += box[0]
    return a.sum() + box[2].sum() * box[1][0]


@case((X3, Y3), second=True)
def alias_in_dict(x, y):
    a = x * y
    d = {"a": a, "b": y * 2.0}
    d["a"] *= x
    a[1] = d["b"][0] * a[0]
    d["b"] = a
    d["b"][2] *= y[0]
    return a.sum() * d["a"][2] + d["b"].sum()


@case((X3, 4), second=True)
def appended_then_written_again(x, n):
    rows = []
    for i in range(n):
        row = x * (i + 1.0)
        rows.append(row)
        row[0] = row[1] * row[2]
    rows[1][2] *= rows[0][0]
    return sum([r.sum() for r in rows]) * rows[1][2]


@case((X3, 4), second=True)
def history_of_copies_again(x, n):
    buf = x.copy()
    hist = []
    for i in range(n):
        buf[i % 3] = buf[(i + 1) % 3] * buf[0]
        hist.append(buf.copy())
    return sum([h.sum() for h in hist]) * hist[1][0]


@case((X3, 4), second=True)
def history_written_later(x, n):
    u = x.copy()
    hist = []
    for i in range(n):
        u *= np.cos(u)
        hist.append(u.copy())
    for h in hist:
        h[0] *= h[1]
    hist[2][1] = hist[0][0]
    return sum([h.sum() for h in hist]) + u[0]


@case((X3, 4), second=True)
def history_shared(x, n):
    u = x.copy()
    hist = []
    for i in range(n):
        u *= np.cos(u)
        hist.append(u)
    return sum([h[0] * h[1] for h in hist])


@case((X3, Y3, 3), second=True)
def rebound_while_held(x, y, n):
    u = x.copy()
    hist = [u]
    for i in range(n):
        u[0] *= y[1]
        u = np.sin(u) * y
        hist.append(u)
        u[1] += 1.0
    return sum([h.sum() for h in hist]) + hist[0][0] * u[1]


@case((X3, Y3), second=True)
def swapped_elements(x, y):
    ws = [x * 1.0, y * 1.0, x * y]
    ws[0], ws[2] = ws[2], ws[0]
    ws[0][0] *= ws[1][1]
    ws[1], ws[2] = ws[2], ws[1]
    ws[1] *= ws[0]
    return ws[0].sum() + 2.0 * ws[1].sum() + 3.0 * ws[2][0]


@case((A34,), second=True)
def bubble_sorted_rows(a):
    rows = [a[i] * 1.0 for i in range(3)]
    for i in range(3):
        for j in range(2 - i):
            if rows[j][0] > rows[j + 1][0]:
                rows[j], rows[j + 1] = rows[j + 1], rows[j]
    rows[0] *= 2.0
    rows[1][1] *= rows[2][2]
    return rows[0].sum() + rows[1].sum() * rows[2][0]


@case((A34,), second=True)
def selection_sorted_rows(a):
    m = a.copy()
    for i in range(3):
        k = i + int(np.argmin(m[i:, 1]))
        t = m[i].copy()
        m[i] = m[k]
        m[k] = t
    return m[0].sum() + (m[1] * m[2]).sum()


@case((X3, Y3), second=True)
def grid_of_arrays(x, y):
    g = [[x * (i + j + 1.0) for j in range(3)] for i in range(2)]
    for i in range(1, 2):
        for j in range(1, 3):
            g[i][j] += g[i - 1][j - 1] * y
            g[i][j][0] *= g[i][j - 1][1]
    return sum([c.sum() for row in g for c in row]) * g[1][2][0]


@case((X3, Y3), second=True)
def grid_replaced(x, y):
    g = [[x * 1.0, y * 1.0], [x * y, x + y]]
    g[0][0] *= y
    g[0][0] = g[1][1]
    g[0][0] *= x
    g[1] = [y * 3.0, g[0][1]]
    g[1][1][0] *= x[0]
    return g[0][0].sum() + g[0][1].sum() * g[1][1][0] + g[1][0][0]


@case((X3, Y3, 3), second=True)
def sgd_dict(w, b, n):
    params = {"w": w.copy(), "b": b.copy()}
    for _ in range(n):
        grads = {"w": params["w"] * params["b"], "b": np.sin(params["b"])}
        for k in params:
            params[k] -= 0.1 * grads[k]
    return (params["w"] * params["b"]).sum()


@case((X3, Y3, 3), second=True)
def momentum_dict(w, b, n):
    params = {"w": w.copy(), "b": b.copy()}
    vel = {k: np.zeros(3) for k in ("w", "b")}
    for _ in range(n):
        grads = {"w": params["w"] * params["b"], "b": np.sin(params["b"]) * params["w"]}
        for k in ("w", "b"):
            vel[k] *= 0.9
            vel[k] -= 0.1 * grads[k]
            params[k] += vel[k]
    return (params["w"] * params["b"]).sum() + vel["w"][0]


@case((X3, Y3, 3), second=True)
def adam_dict(w, b, n):
    params = {"w": w.copy(), "b": b.copy()}
    m = {k: np.zeros_like(v) for k, v in params.items()}
    v = {k: np.zeros_like(p) for k, p in params.items()}
    for t in range(1, n + 1):
        grads = {"w": params["w"] * params["b"] + 1.0, "b": np.sin(params["b"]) + params["w"] ** 2}
        for k in params:
            m[k] = 0.9 * m[k] + 0.1 * grads[k]
            v[k] = 0.99 * v[k] + 0.01 * grads[k] ** 2
            params[k] -= 0.1 * (m[k] / (1 - 0.9**t)) / (np.sqrt(v[k] / (1 - 0.99**t)) + 1e-3)
    return (params["w"] * params["b"]).sum()


@case((X3, Y3, 3), second=True)
def adam_in_place(w, b, n):
    params = [w.copy(), b.copy()]
    m = [np.zeros_like(p) for p in params]
    v = [np.zeros_like(p) for p in params]
    for t in range(1, n + 1):
        grads = [params[0] * params[1] + 1.0, np.sin(params[1]) + params[0] ** 2]
        for p, g, mi, vi in zip(params, grads, m, v):
            mi *= 0.9
            mi += 0.1 * g
            vi *= 0.99
            vi += 0.01 * g**2
            p -= 0.1 * mi / (np.sqrt(vi) + 1e-3)
    return (params[0] * params[1]).sum()


@case((X3, Y3), second=True)
def popped_and_written(x, y):
    stack = [x * 1.0, y * 1.0]
    stack.append(x * y)
    top = stack.pop()
    top[0] *= stack[0][1]
    stack[1] *= top
    stack.append(top)
    stack[2][1] *= 2.0
    return sum([s.sum() for s in stack]) * top[1]


@case((X3, Y3), second=True)
def queue_rotated(x, y):
    q = [x * 1.0, y * 1.0, x * y]
    for i in range(4):
        head = q.pop(0)
        head *= q[0]
        q.append(head)
    return q[0].sum() + 2.0 * q[1].sum() + q[2][0]


@case((X3, Y3, 2), second=True)
def chosen_from_list(x, y, k):
    ws = [x * 1.0, y * 1.0, x * y]
    w = ws[0]
    for i in range(k):
        w[0] *= w[1]
        w = ws[i + 1]
    w *= 2.0
    return sum([v.sum() for v in ws]) * w[0]


@case((X3, Y3, True), (X3, Y3, False), second=True)
def branch_puts_reference(x, y, flag):
    a, b = x * 1.0, y * 1.0
    box = [a]
    if flag:
        box[0] = b
    box[0] *= x
    a[0] *= b[1]
    return a.sum() + 2.0 * b.sum() + box[0][0] * box[0][2]


@case((X3, Y3), second=True)
def tuple_of_written(x, y):
    pair = (x * 1.0, y * 1.0)
    a, b = pair
    a *= b
    b[0] = a[1] * pair[0][2]
    return pair[0].sum() + pair[1].sum() * b[0]


@case((X3, Y3), second=True)
def list_of_tuples_written(x, y):
    layers = [(x * 1.0, y * 1.0), (x * y, x + y)]
    for w, b in layers:
        w *= 2.0
        b -= w * x
    return sum([(w * b).sum() for w, b in layers])


@case((X3, Y3), second=True)
def list_copied_shallow(x, y):
    a = [x * 1.0, y * 1.0]
    b = a.copy()
    b[0] *= y
    a[1] *= x
    b[1] = x * 3.0
    b[1] *= x
    return a[0].sum() * a[1].sum() + b[1].sum()


@case((X3, Y3), second=True)
def list_slice_shares(x, y):
    a = [x * 1.0, y * 1.0, x * y]
    for v in a[1:]:
        v *= x
    a[0] += a[2]
    return a[0].sum() * a[1].sum()


@case((X3, Y3), second=True)
def lists_joined(x, y):
    a = [x * 1.0]
    b = [y * 1.0]
    c = a + b
    c[0] *= y
    a[0][1] *= b[0][0]
    c[1] += c[0]
    return a[0].sum() * b[0].sum()


@case((X5, 3), second=True)
def views_in_list(x, n):
    base = x * 1.0
    parts = [base[:2], base[2:4], base[4:]]
    for k in range(n):
        parts[0] *= parts[1]
        parts[1][0] += parts[2][0]
        parts[2] *= 1.1
    return base.sum() * base[0] + parts[1][1]


@case((A33,), second=True)
def rows_as_views(a):
    m = a.copy()
    rows = [m[i] for i in range(3)]
    for i in range(2):
        rows[i + 1] -= rows[i] * (rows[i + 1][i] / rows[i][i])
    return m[0, 0] * m[1, 1] * m[2, 2] + rows[2].sum()


@case((A33,), second=True)
def gauss_with_row_swaps(a):
    rows = [a[i].copy() for i in range(3)]
    sign = 1.0
    for i in range(3):
        p = i
        for r in range(i + 1, 3):
            if abs(rows[r][i]) > abs(rows[p][i]):
                p = r
        if p != i:
            rows[i], rows[p] = rows[p], rows[i]
            sign = -sign
        for r in range(i + 1, 3):
            rows[r] -= rows[i] * (rows[r][i] / rows[i][i])
    return sign * rows[0][0] * rows[1][1] * rows[2][2]


@case((X3, 6), second=True)
def leapfrog_levels(x, n):
    levels = [x.copy(), x * 1.1, np.zeros(3)]
    for k in range(n):
        levels[2][:] = 2.0 * levels[1] - levels[0] + 0.1 * np.sin(levels[1]) * x
        levels[0], levels[1], levels[2] = levels[1], levels[2], levels[0]
    return levels[1].sum() * levels[0][1]


@case((X3, Y3), second=True)
def setdefault_written(x, y):
    cache = {}
    cache["a"] = x * y
    cache["a"] *= x
    cache["b"] = cache["a"]
    cache["b"][0] *= y[1]
    return cache["a"].sum() + cache["b"][0] * x[1]


def _one_under_two_names(n):
    a = np.zeros(n)
    return [a, a]


@case((X3, 3))
def callee_gives_one_array_twice(x, n):
    b = _one_under_two_names(n)
    b[0][0] = x[0]
    b[1][1] = x[1]
    return np.sum(b[0] * b[1] * x)
