"""Elements that the program leaves unread have the derivative zero, also where a partial derivative at them is infinite."""

from __future__ import annotations

import numpy as np

from ..harness import case

ROOTS = np.array([0.0, 4.0, 0.0, 1.0])
#: of the sum of x ** -0.5 over what isn't zero
SLOPES = np.array([0.0, -0.0625, 0.0, -0.5])


def inverse(v):
    return 1 / v


class Sides:
    def __init__(self, a, b):
        self.a = a
        self.b = b


@case((ROOTS,), exact=(SLOPES,))
def element_read_if_positive(x):
    r = np.sqrt(x)
    s = 0.0
    for i in range(len(x)):
        if r[i] > 0:
            s += 1 / r[i]
    return s


@case((ROOTS,), exact=(SLOPES,))
def row_used_if_positive(x):
    r = np.sqrt(x)
    s = 0.0
    for v in r:
        if v > 0:
            s += 1 / v
    return s


@case((ROOTS,), exact=(SLOPES,))
def element_skipped(x):
    r = np.sqrt(x)
    s = 0.0
    for i in range(len(x)):
        if not r[i] > 0:
            continue
        s += 1 / r[i]
    return s


@case((ROOTS,), exact=(SLOPES,))
def element_handed_on_if_positive(x):
    r = np.sqrt(x)
    s = 0.0
    for i in range(len(x)):
        v = r[i]
        s += inverse(v) if v > 0 else 0.0
    return s


@case((ROOTS,), exact=(np.array([0.0, -0.0625, 0.0, 0.0]),))
def element_on_one_path(x):
    r = np.sqrt(x)
    if x[1] > 0:
        return 1 / r[1]
    return r[0]


@case((ROOTS,), exact=(SLOPES,))
def written_element_read_if_positive(x):
    r = np.zeros(4)
    for i in range(4):
        r[i] = np.sqrt(x[i])
    s = 0.0
    for i in range(4):
        if r[i] > 0:
            s += 1 / r[i]
    return s


@case((ROOTS,), exact=(SLOPES,))
def elements_by_mask(x):
    r = np.sqrt(x)
    return np.sum(1 / r[r > 0])


@case((ROOTS,), exact=(SLOPES,))
def list_item_read_if_positive(x):
    rs = [np.sqrt(v) for v in x]
    s = 0.0
    for r in rs:
        if r > 0:
            s += 1 / r
    return s


@case((ROOTS.reshape(2, 2),), exact=(SLOPES.reshape(2, 2),))
def rows_of_rows_used_if_positive(x):
    r = np.sqrt(x)
    s = 0.0
    for row in r:
        for v in row:
            if v > 0:
                s += 1 / v
    return s


@case((ROOTS,), exact=(SLOPES,))
def element_read_in_while(x):
    r = np.sqrt(x)
    s = 0.0
    i = 0
    while i < 4:
        if r[i] > 0:
            s += 1 / r[i]
        i += 1
    return s


@case((ROOTS,), exact=(np.array([0.0, -0.0625, 0.0, -0.5]),))
def elements_of_some_positions(x):
    r = np.sqrt(x)
    s = 0.0
    for i in [1, 3]:
        s += 1 / r[i]
    return s


@case((ROOTS,), exact=(SLOPES,))
def elements_that_are_not_zero(x):
    d = x**0.5
    s = 0.0
    for k in np.flatnonzero(d):
        s += 1 / d[k]
    return s


@case((np.array([[0.0, 0.0], [3.0, 4.0]]),), exact=(np.array([[3 / 125, 4 / 125], [-3 / 125, -4 / 125]]),))
def distances_of_pairs(p):
    d = np.sqrt(((p[:, None] - p[None]) ** 2).sum(-1))
    s = 0.0
    for i in range(2):
        for j in range(2):
            if i < j:
                s += 1 / d[i, j]
    return s


@case((np.array([0.0, 4.0]),), exact=(np.array([0.0, -0.0625]),))
def field_read_if_positive(x):
    s = Sides(np.sqrt(x[0]), np.sqrt(x[1]))
    if s.a > 0:
        return 1 / s.a + 1 / s.b
    return 1 / s.b


@case((ROOTS,), exact=(SLOPES,))
def dict_item_read_if_positive(x):
    d = {"a": np.sqrt(x[0]), "b": np.sqrt(x[1]), "c": np.sqrt(x[3])}
    s = 0.0
    for k in ["a", "b", "c"]:
        if d[k] > 0:
            s += 1 / d[k]
    return s


@case((ROOTS,), exact=(SLOPES,))
def pair_item_read_if_positive(x):
    d = [(np.sqrt(v), 1.0) for v in x]
    s = 0.0
    for r, w in d:
        if r > 0:
            s += w / r
    return s
