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
}  # fmt: skip


def programs() -> dict[str, Program]:
    return {name: Program(HEAD + text, (args,)) for name, (text, args) in TEXTS.items()}
