"""Lists: every method and operator, alone, in loops and in branches."""

from __future__ import annotations

import numpy as np

from ..data import A34, X3, X5, Y3
from ..harness import case


@case((1.5, 0.7), second=True)
def list_pop_index(x, y):
    xs = [x, y, x * y, x + y]
    a = xs.pop(0)
    b = xs.pop(1)
    return a * b + xs[0] * xs[1]


@case((1.5, 0.7, 1), second=True)
def list_pop_computed(x, y, k):
    xs = [x, y, x * y]
    a = xs.pop(k)
    return a * xs[0] + np.sin(xs[1])


@case((1.5, 0.7), second=True)
def list_insert(x, y):
    xs = [x, y]
    xs.insert(1, x * y)
    xs.insert(0, y * y)
    xs.insert(len(xs), x)
    return xs[0] * xs[1] + xs[2] * xs[3] * xs[4]


@case((1.5, 4), second=True)
def list_insert_in_loop(x, n):
    xs = []
    for i in range(n):
        xs.insert(0, x ** (i + 1))
    s = 0.0
    for i, v in enumerate(xs):
        s += (i + 1) * v
    return s


@case((1.5, 0.7), second=True)
def list_remove_of_ints(x, y):
    keys = [3, 1, 2]
    keys.remove(1)
    return x ** keys[0] * y ** keys[1]


@case((1.5, 0.7), second=True)
def list_clear(x, y):
    xs = [x, y]
    s = xs[0] * xs[1]
    xs.clear()
    xs.append(s * x)
    return xs[0] * len(xs)


@case((1.5, 0.7), second=True)
def list_copy_then_change(x, y):
    xs = [x, y]
    ys = xs.copy()
    zs = xs[:]
    us = list(xs)
    ys[0] = x * y
    zs.append(x)
    us[1] *= 2.0
    return xs[0] * ys[0] + xs[1] * zs[2] + us[1] * us[0]


@case((1.5, 0.7), second=True)
def list_del_item(x, y):
    xs = [x, y, x * y, y * y]
    del xs[1]
    del xs[-1]
    return xs[0] * xs[1] + len(xs)


@case((1.5, 0.7), second=True)
def list_del_slice(x, y):
    xs = [x, y, x * y, y * y, x * x]
    del xs[1:3]
    return xs[0] * xs[1] + xs[2]


@case((1.5, 0.7), second=True)
def list_slice_store(x, y):
    xs = [x, y, x * y, y * y]
    xs[1:3] = [y * 2.0, x * 3.0]
    return xs[0] * xs[1] + xs[2] * xs[3]


@case((1.5, 0.7), second=True)
def list_slice_store_longer(x, y):
    xs = [x, y]
    xs[1:1] = [x * y, x * x]
    return xs[0] * xs[1] + xs[2] * xs[3]


@case((1.5, 0.7), second=True)
def list_plus_equals(x, y):
    xs = [x]
    xs += [y, x * y]
    xs += xs
    return xs[0] * xs[4] + xs[5] ** 2


@case((1.5, 0.7, 3), second=True)
def list_times(x, y, n):
    xs = [x, y] * n
    xs[0] = y * y
    return xs[0] * xs[2] + xs[3] * xs[5]


@case((1.5, 0.7), second=True)
def list_reverse_in_place(x, y):
    xs = [x, y, x * y]
    xs.reverse()
    return xs[0] * 3.0 + xs[1] * xs[2] ** 2


@case((1.5, 0.7), second=True)
def list_of_different_types(x, y):
    p = [x, np.array([x, y, x * y]), "name", 3]
    p[1][0] = y
    return p[0] * p[1].sum() * p[3]


@case((X3, 1.5), second=True)
def list_of_different_again(x, s):
    p = [s * 2.0, np.zeros(3), x * s]
    return p[0] * (p[1] + p[2]).sum()


@case((X3, 1.5), second=True)
def heterogeneous_pairs(x, s):
    layers = [(np.outer(x, x), x), (np.outer(x, x) * s, x * s)]
    h = x
    for w, b in layers:
        h = np.tanh(w @ h + b)
    return h.sum()


@case((1.5, 0.7), second=True)
def stack_machine(x, y):
    stack = []
    for token in ["x", "y", "*", "x", "+", "y", "*"]:
        if token == "x":
            stack.append(x)
        elif token == "y":
            stack.append(y)
        elif token == "*":
            b = stack.pop()
            a = stack.pop()
            stack.append(a * b)
        else:
            b = stack.pop()
            a = stack.pop()
            stack.append(a + b)
    return stack[-1]


@case((1.5, 0.7), second=True)
def list_of_lists(x, y):
    m = [[x, y], [x * y, 1.0]]
    m[0][1] = m[1][0] * x
    m[1].append(m[0][1])
    s = 0.0
    for row in m:
        for v in row:
            s += v * v
    return s + len(m[1])


@case((1.5, 4), second=True)
def table_of_zeros(x, n):
    t = [[0.0] * n for _ in range(n)]
    for i in range(n):
        t[i][0] = x * (i + 1)
        for j in range(1, n):
            t[i][j] = t[i][j - 1] * x + (t[i - 1][j - 1] if i > 0 else 1.0)
    return t[n - 1][n - 1]


@case(([1.5, 0.7, -0.3],), second=True)
def list_argument_changed(xs):
    xs.append(xs[0] * xs[1])
    xs.pop(0)
    s = 0.0
    for v in xs:
        s = s + v * v
    return s


@case((1.5, 0.7), second=True)
def queue_as_list(x, y):
    q = [x, y]
    total = 0.0
    for _ in range(5):
        head = q.pop(0)
        total += head * head
        q.append(head * y)
    return total


@case((1.5, 0.7), second=True)
def list_index_and_count(x, y):
    names = ["a", "b", "a"]
    xs = [x, y, x * y]
    return xs[names.index("b")] * names.count("a") * xs[2]


@case((X5,), second=True)
def list_membership_of_ints(x):
    skip = [1, 3]
    s = 0.0
    for i in range(len(x)):
        if i not in skip:
            s += x[i] ** 2
    return s


@case((1.5, 0.7), second=True)
def list_compare_lengths(x, y):
    xs, ys = [x], []
    while len(ys) < 3:
        ys.append(xs[-1] * y)
        xs += [ys[-1] + x]
    return xs[-1] * ys[0]


@case((X3, Y3), second=True)
def list_of_written_arrays(x, y):
    rows = [x.copy(), y.copy(), x * y]
    for r in rows:
        r *= 2.0
    rows[0][1] = rows[1][0]
    return (rows[0] * rows[1] * rows[2]).sum()


@case((1.5, 0.7, True), (1.5, 0.7, False), second=True)
def list_in_branches(x, y, flag):
    if flag:
        xs = [x, y]
    else:
        xs = [x * y, x, y]
    xs.append(xs[0] * x)
    if len(xs) > 3:
        xs[0] = y
    return xs[0] * xs[-1]


@case((1.5, 0.7), second=True)
def list_min_max_sum(x, y):
    xs = [x, y, x * y]
    return max(xs) * min(xs) + sum(xs) * sum(xs, 1.0)


@case((1.5, 0.7), second=True)
def list_unpack_star(x, y):
    first, *rest = [x, y, x * y]
    merged = [*rest, first, *rest]
    return merged[0] * merged[2] + merged[4]


@case((1.5, 0.7), second=True)
def list_swap(x, y):
    xs = [x, y, x * y]
    xs[0], xs[2] = xs[2], xs[0]
    return xs[0] ** 2 * xs[1] + xs[2]


@case((X5,), second=True)
def list_bool_test(x):
    xs = [v for v in x if v > 0]
    s = 0.0
    while xs:
        s = s * 0.5 + xs.pop() ** 2
    return s if not xs else 0.0


@case((X3,), second=True)
def list_aliased(x):
    a = [x[0], x[1]]
    b = a
    b.append(x[2])
    b[0] = a[1] * a[2]
    return a[0] * b[1] + a[2]


@case((A34,), second=True)
def list_of_rows_sorted_by_index(a):
    rows = [r for r in a]
    order = [2, 0, 1]
    out = [rows[i] for i in order]
    return (out[0] * out[1]).sum() + out[2][1]


@case((0.3, 0.5, 0.7), second=True)
def list_made_here_repeated(a, b, c):
    xs = [a, b, c]
    first = xs.pop(0)
    xs = xs * 2
    ys = 2 * xs + xs[:2]
    return first * sum(xs) + sum(y * y for y in ys)


@case((0.3, 0.5), second=True)
def list_repeated_in_place(a, b):
    xs = [a, b]
    xs *= 2
    return sum(xs) * xs[3]


@case((0.3, 0.5, 0), (0.3, 0.5, 3), second=True)
def repeated_in_place_by_number(a, b, n):
    xs = [a, b]
    ys = xs
    xs *= n
    ys.append(a * b)
    return sum(xs) * xs[-1]


@case((X5, 3), second=True)
def rows_repeated_in_place(x, n):
    rows = [[0.0]]
    rows[0] *= n
    rows[0][1] = x[0]
    rows *= 2
    rows[1][2] = x[1]
    s = 0.0
    for r in rows:
        for v in r:
            s = s * 0.5 + v * v
    return s


def repeat_in_place(xs, n):
    xs *= n


@case((X5, 3), second=True)
def repeated_in_place_by_callee(x, n):
    xs = [x[0], x[1]]
    repeat_in_place(xs, n)
    return xs[4] * xs[1]


@case((X5, 3), second=True)
def constants_repeated_in_place(x, n):
    xs = [1.0]
    xs *= n
    xs[1] = x[1]
    return xs[0] * xs[1]


@case((X5, 3), second=True)
def ints_repeated_in_place(x, n):
    xs = [1]
    xs *= n
    xs += [2]
    return x[xs[0]] * x[xs[3]]
