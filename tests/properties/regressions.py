"""Programs that were once wrong, shrunk: each stays right (or refused)."""

from __future__ import annotations

from typing import Any

import numpy as np

from .kinds import Box, Pair
from .programs import HEAD, Program

V4 = np.array([1.0135, -1.48, -0.8057, -1.1573])
W4 = np.array([0.41, 0.67, -0.22, 0.95])
A34 = np.linspace(-1.2, 1.3, 12).reshape(3, 4)
Q31 = np.array([[0.3], [0.7], [-0.4]])
BOX = Box(0.25, np.array([0.33, -0.9, 0.31, 0.69]))

#: name -> (body of `f` and its helpers, arguments)
TEXTS: dict[str, tuple[str, tuple[Any, ...]]] = {
    "view_between_zeroing_and_update": ("""
def f(x, k):
    v = x[1:-1]
    x[2] *= v[1]
    r = x[:]
    r = r if k < 0.05 else x
    return r
""", (V4, 0.4)),
    "element_given_to_a_callee_that_writes_the_array": ("""
def touch(v, w):
    u = v
    u *= w

def f(y):
    a = y
    touch(a, y[3])
    return 1.0
""", (V4,)),
    "one_element_of_a_list_under_two_names": ("""
def f(vs, s):
    w = vs[0]
    z = vs[0]
    t = np.sum(w * w * s)
    z[1] = s
    return t * np.sum(w)
""", ([V4, W4], 0.7)),
    "hessian_of_what_arrays_in_a_list_receive": ("""
def f(vs, s):
    w = vs[0]
    return np.sum(w * w * s) * np.sum(w)
""", ([V4, W4], 0.7)),
    "hessian_of_a_written_argument": ("""
def f(A):
    A[A > 0.5632] = A[1, 3]
    return A[2, 3] * A[0, 0]
""", (A34,)),
    "hessian_without_part_of_an_argument": ("""
def f(vs, e):
    return np.inner(vs[-2] > 0.5254, e ** 2)
""", ([V4, W4], W4)),
    "returned_argument_swapped_in_a_loop": ("""
def scale(v, w):
    v *= w
    return v

def f(q):
    a = np.sin(q)
    for i in range(3):
        b = scale(a, q.sum())
        b, q = q, b
    return q[0]
""", (V4,)),
    "array_part_of_a_named_tuple_summed": ("""
def f(p):
    return p.v.sum()
""", (Pair(0.3, V4),)),
    "view_by_attribute_of_written_memory": ("""
def f(B):
    B[:, ::1] *= B.T.T
    return B[1] * 1.0
""", (A34,)),
    "buffer_kept_but_unbound_at_first": ("""
def f(x, A):
    for i in range(3):
        if i > 0:
            np.sin(a, out=a)
        a = A
    return x
""", (V4, A34)),
    "buffer_kept_in_nested_loops": ("""
def f(A, t, vs):
    for v in vs:
        for i in range(3):
            if i > 0:
                A[1:3] = b[i, i]
            b = t * np.ones((3, 3))
    return np.sum(np.where(A > 0.0841, A, 0.0))
""", (A34, 0.7, [V4, W4])),
    "number_appended_to_an_array": ("""
def f(A, e):
    return np.append(A, e)
""", (A34, 0.7)),
    "maximum_of_numbers": ("""
def f(s):
    return max(s, 0.374)
""", (0.6,)),
    "endless_loop_left_at_once": ("""
def f(x):
    w = 0
    while True:
        w += 1
        if w > 4:
            break
    return x
""", (V4,)),
    "else_of_a_loop_that_gives_nothing": ("""
def f(x):
    g = x.mean()
    for i in range(3):
        g -= x[i]
        if g > -0.381:
            break
    else:
        x[1:] = g
    return 1.0
""", (V4,)),
    "ravel_kept_in_a_loop": ("""
def f(y, s):
    for r in y:
        y = y.ravel()
        y[-2] -= s
    return y[:3] * 1.0
""", (V4, 0.4)),
    "copies_by_index_swapped": ("""
def f(x, s):
    a = x[[0, 1]]
    for i in range(3):
        a *= s
        b = x[np.array([1, 2])]
        b += a
        a, b = b, a
    return np.sum(a * b)
""", (V4, 0.4)),
    "rows_unpacked_and_swapped": ("""
def f(A, s):
    M = A[:2] * s
    for i in range(3):
        a, b = M
        a *= s
        c = b if i > 1 else a
        c += s
    return np.sum(M * M)
""", (A34, 0.4)),
    "array_of_a_list_kept": ("""
def f(vs, s):
    a = vs[0] * s
    for i in range(3):
        a *= s
        a = vs[1] if i > 1 else a
    return np.sum(a * a) * vs[1][0]
""", ([V4, W4], 0.4)),
    "copy_by_index_written": ("""
def f(x, s):
    a = x[[0, 1, 1]]
    a[0] = s * a[1]
    a[1:] += a[0]
    m = x[x > -1.2]
    m[0] *= s
    return np.sum(a * a) + np.sum(m * m)
""", (V4, 0.4)),
    "list_argument_grows": ("""
def f(y, xs, vs, d):
    for i in range(3):
        xs.append(y[i] * xs[-1])
    vs.append(d["v"])
    return xs[3] * xs[1] + np.sum(vs[2] * vs[0])
""", (V4, [0.3, 0.7], [V4 * 0.5, W4 * 0.7], {"k": 0.2, "v": W4})),
    "list_argument_shrinks": ("""
def f(y, xs):
    a = xs.pop()
    xs[0] *= a * y[0]
    return xs[0] * a
""", (V4, [0.3, 0.7])),
    "list_argument_grows_in_a_callee": ("""
def note(xs, a):
    xs.append(a * a)

def f(y, xs):
    for v in y:
        note(xs, v)
    return sum(xs) * xs[2]
""", (V4, [0.3, 0.7])),
    "negative_accumulated": ("""
def f(o):
    a = -o
    for i in range(3):
        a += o
    return a
""", (V4,)),
    "selection_from_a_wider_constant": ("""
def f(o):
    t = np.sum(o) * o
    w = np.where(o > 0.03, np.full((3, 4), -0.383), t)
    return np.sum(np.sum(w, axis=1, keepdims=True) * w)
""", (V4,)),
    "saved_beside_an_inner_break": ("""
def f(x, n):
    for i in range(n):
        w = 0
        while w < 2:
            w += 1
            if i != 2:
                break
    return x * x
""", (V4, 3)),
    "hessian_through_a_callee_with_two_ways": ("""
def tower(t, k):
    if k == 0:
        return t
    return np.sin(t * 0.5937)

def f(z, s):
    z[0] -= tower(s, 2) * s
    a, b, c = z
    return a * b * tower(s, 0)
""", (np.array([0.3, -0.7, 0.6]), 0.4)),
    "rows_of_a_selection_with_numbers": ("""
def norm(v):
    s = 0.5267
    for r in v:
        s = s + np.sum(r)
    return s

def f(y, z, s):
    y *= norm(np.where(z > 0.2796, np.ones((4, 3)), s))
    return s
""", (V4, np.array([0.3, -0.7, 0.6]), 0.4)),
    "cotangent_of_a_view_kept_while_it_grows": ("""
def f(z):
    z[1:3] += z[:2] / z[:2]
    return z
""", (np.array([-0.229, -0.889, -0.075]),)),
    "cotangent_that_is_a_primal_value": ("""
def f(x):
    return np.sum(x * np.floor(x)) * 1.0
""", (V4,)),
    "part_passed_whole_and_only_compared_before": ("""
def use(p, t):
    return p.k * t

def f(x, y, p):
    for r in y:
        x /= 1.5
        if p.k < 0.2987:
            continue
    y[1] -= use(p, y[0])
    return y
""", (V4, W4, Pair(0.3, V4 * 0.5))),
    "number_that_becomes_an_array_that_is_written": ("""
def f(y):
    a = 0.0
    for i in range(2):
        a = a + np.outer(y, y)
    for i in range(3):
        break
    else:
        y = a[1]
    y += 0.855
    return 0.5
""", (V4,)),
    "loop_over_a_list_whose_elements_are_replaced": ("""
def f(vs):
    s = 0.0
    for a in vs:
        vs[1] = a * a
        s += np.sum(a * 3.0)
    return np.sum(vs[1]) + s
""", ([V4 * 1.0, W4 * 1.0],)),
    "inactive_recursive_inner_function": ("""
def f(s):
    def h(t, n):
        if n == 0:
            return t
        return np.sin(h(t * 0.5, n - 1)) + t
    return h(math.sin(-0.25), 2) * s
""", (0.4,)),
    "array_of_an_object_written_whole": ("""
def f(x, y, m):
    b = Box(0.5, x)
    np.copyto(b.v, y)
    np.sin(y, out=m.v)
    vs = [x, m.v]
    vs[1][...] = vs[0] * y
    return np.sum(x * m.v)
""", (V4, W4, BOX)),
    "loop_left_by_break_alone_swaps": ("""
def f(x, y, s):
    while True:
        x, y = y, x
        q = x[:, None]
        q[1, 0] = s
        break
    return y
""", (V4, W4, 0.3)),
    "loop_that_makes_an_array_left_at_once": ("""
def f(z):
    for t in z:
        a = np.zeros((4,))
        for i in range(3):
            b = np.zeros((4, 3))
            break
        a[[0, 2]] *= np.sum(b.T)
        b[1, 1] = t * 0.5
    return math.sin(np.inner(a, a))
""", (V4,)),
    "array_without_axes_broadcast": ("""
def f(s, A):
    return A - np.where(A[2, 1] >= s, s, A[2, 1])
""", (0.3, A34)),
    "array_filled_by_what_it_multiplies": ("""
def f(x, A):
    x.fill(x @ x)
    A[:, :3] = A[:, :3] @ A[:, :3]
    k = np.arange(3)
    k[...] = k * 1.75
    return np.sum(x) * A[1, 2] * k[2]
""", (V4, A34)),
    "object_with_what_a_callee_makes_of_nothing": ("""
def made():
    return np.zeros(4)

def f(x, y):
    b = Box(y, made())
    return b.v + x
""", (V4, W4)),
    "list_that_a_callee_makes_beside_swapped_arrays": ("""
def made():
    return [0.25]

def f(x, y):
    for i in range(3):
        x[0] += y[1]
        x, y = y, x
    b = Unit(x, made())
    return b.k
""", (V4, W4)),
    "unbound_in_a_handler": ("""
def f(x, s):
    try:
        t = x[1]
    except IndexError:
        if t >= s:
            s = 2.0
    return x * s
""", (V4, 0.3)),
    "copy_of_what_is_written_through_the_result_of_a_call": ("""
def same(v, w):
    return v

def f(x, s):
    a = same(x, 1.5)
    a -= x ** 2
    return s
""", (V4, 0.3)),
    "finally_of_a_body_left_by_break": ("""
def f(x, y, s):
    for i in range(3):
        try:
            if i == 1:
                break
            x[i] = s
        finally:
            y[:] += s
    return np.sum(x * y)
""", (V4, W4, 0.3)),
    "hessian_of_a_recursion_beside_arrays_that_a_list_is_given": ("""
def fold(v, k):
    if k == 0:
        return v * 0.5
    return fold(np.sin(v), k - 1)

def f(x, y, vs):
    for i in range(2):
        if i > 0:
            vs[0] = np.cos(a)
        a = x * y
    return fold(y, 2)[0]
""", (V4, W4, [V4 * 0.5, W4 * 0.7])),
    "list_in_a_variable_that_is_unbound_at_first": ("""
def f(s, n):
    a, out, k = [s, 2 * s], 0.0, None
    for w in range(3):
        if w > 1:
            out += g[0] * g[1]
        if k is not None:
            out += k[0] * k[1]
        if w < 1:
            continue
        g = a
        k = a
    return out
""", (0.3, 2)),
    "positions_in_lists": ("""
def f(x, s):
    q = [s] * 3 + [x[0]] * 2
    q.insert(1, x[1])
    t = q.pop(0)
    q[0] *= q[1]
    del q[2]
    return sum(q) * q[0] * q[-1] * t
""", (V4, 0.3)),
    "finally_that_calls_with_swapped_memory": ("""
def made():
    return [0.25]

def first(p):
    return p.k

def f(x, s, A):
    try:
        a, b = A.T, x
        for i in range(3):
            a[i] += s
    finally:
        first(Unit(A.T, made()))
    return s * A[1, 2]
""", (V4, 0.3, A34)),
    "early_return_of_one_of_two_arguments": ("""
def pick(a, b):
    if a[0] > 0:
        return b
    return a

def f(x):
    a, b = 2 * x, 3 * x
    a[1] = 0.5
    c = pick(a, b)
    c[0] = c[2] ** 2
    return a.sum() + b.sum() ** 2 + c[0] ** 2
""", (V4,)),
    "quotient_by_zero_that_a_callee_does_not_use": ("""
def use(v, t):
    return np.sum(v)

def f(x, t):
    t = use(x, t) / 0.0
    return use(x, t)
""", (V4, 0.3)),
    "loop_that_never_runs_and_would_store_a_constant": ("""
def f(x, t):
    a = t * t
    while x[0] < -50.0:
        a = 0.859375
    b = np.sum(x)
    for i in range(x.shape[0] - 4):
        b = 0.5
    return a * b
""", (V4, 0.3)),
    "orelse_that_returns_reads_the_list_of_the_loop": ("""
def f(x, t):
    for i in range(3):
        xs = [x[i], t * x[i]]
        if x[i] > 100.0:
            break
    else:
        return xs[0] * xs[1] + t
    return np.cos(xs[1])
""", (V4, 0.3)),
    "orelse_that_may_return_reads_the_list_of_the_loop": ("""
def f(x, t):
    for i in range(3):
        xs = [x[i], t * x[i]]
        if x[i] > 100.0:
            break
    else:
        if xs[1] > -100.0:
            return xs[0] * xs[1] + t
    return np.cos(xs[1])
""", (V4, 0.3)),
    "list_that_is_unbound_where_the_function_returned": ("""
def f(x, t):
    if t > 0.1:
        if x[0] > -100.0:
            return x[0] * t
        xs = [x[0], t]
    else:
        xs = [x[1], t * t]
    xs[0] = xs[0] * xs[1]
    return xs[0] * xs[1]
""", (V4, 0.3)),
    "row_of_a_list_of_lists_is_written_and_the_whole_read": ("""
def f(x, t):
    rows = np.zeros((2, 2)).tolist()
    row = rows[0]
    row[1] += t * x[0]
    return np.sum(np.array(rows) ** 2)
""", (V4, 0.3)),
    "blocks_in_a_list_made_at_run_time": ("""
def f(x, t):
    blocks = []
    for i in range(3):
        blocks.append(np.full((2, 2), t * x[i]))
    return np.sum(np.block(blocks)[0, ::2] * x[:3])
""", (V4, 0.3)),
    "tuples_of_indices_stand_for_arrays": ("""
def f(x, t):
    a = np.outer(x, x)
    return np.sum(a[(0, 1, 1), (2, 3, 3)] * t)
""", (V4, 0.3)),
}  # fmt: skip


def programs() -> dict[str, Program]:
    return {name: Program(HEAD + text, (args,)) for name, (text, args) in TEXTS.items()}
