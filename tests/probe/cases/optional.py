"""Variables, attributes and elements that may be None."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..data import X3, X5, Y3
from ..harness import case


@case((X5,), second=True)
def best_of_loop(x):
    best = None
    for v in x:
        w = v * v - v
        if best is None or w < best:
            best = w
    return best * 2.0


@case((X5,), second=True)
def best_with_index(x):
    best, at = None, -1
    for i, v in enumerate(x):
        if best is None or v > best:
            best, at = v, i
    return best * best + x[at]


@case((X5,), (np.array([-1.0, -2.0]),), second=True)
def first_positive(x):
    found = None
    for v in x:
        if v > 0:
            found = v * v
            break
    if found is None:
        return x.sum()
    return found


@case((X3, 3), second=True)
def previous_array(x, n):
    prev = None
    s = 0.0
    for i in range(n):
        cur = np.sin(x * (i + 1))
        if prev is not None:
            s += ((cur - prev) ** 2).sum()
        prev = cur
    return s


@case((1.5, None), (1.5, 0.7), second=True)
def none_by_default(x, y=None):
    if y is None:
        y = x * 2.0
    return x * y


@case((1.5, True), (1.5, False), second=True)
def optional_by_flag(x, flag):
    extra = x * x if flag else None
    out = x
    if extra is not None:
        out = out + extra
    return out


@case((1.5, 0.7), (0.5, 0.7), second=True)
def optional_by_value(x, y):
    extra = None
    if x > 1.0:
        extra = x * y
    if extra is None:
        return y * y
    return extra * x


@case((1.5, 0.7), (0.5, 0.7), second=True)
def function_returns_none(x, y):
    r = maybe(x, y)
    return y if r is None else r * y


def maybe(x, y):
    if x > 1.0:
        return x * y
    return None


@case((X5,), second=True)
def optional_tuple(x):
    best = None
    for i, v in enumerate(x):
        if best is None or v < best[0]:
            best = (v, i)
    return best[0] ** 2 + best[1]


@case((X3, Y3), second=True)
def list_with_none(x, y):
    parts = [x, None, y]
    s = 0.0
    for p in parts:
        if p is not None:
            s += (p * p).sum()
    return s


@case((1.5, 0.7, True), (1.5, 0.7, False), second=True)
def chosen_none(x, y, flag):
    act = np.tanh if flag else None
    h = x * y
    if act is not None:
        h = act(h)
    return h


@case((X3,), second=True)
def or_default(x, y=None):
    y = y or 2.0
    return (x * y).sum()


@case((0.7,), (5.0,))
def falls_off_the_end(x):
    for k in range(1, 6):
        if x * k > 2.0:
            return x * x * k


def crossing(o, d, r):
    disc = r * r - o * o
    if disc < 0:
        return None
    t = np.sqrt(disc)
    if t < 0.1:
        return None
    return t * d, np.array([t, o])


RADII = np.array([0.3, 0.9, 1.2, 0.505, 2.0])


@case((0.5, RADII), second=True)
def function_returns_a_tuple_or_none(x, radii):
    total = 0.0
    for r in radii:
        hit = crossing(x, 2.0, r)
        if hit is None:
            continue
        t, n = hit
        total += t * n[0] + n[1]
    return total


def _score(hit, x):
    if hit is None:
        return x
    return hit[0] ** 2 * hit[1].sum()


@case((0.5, RADII), (3.0, RADII), second=True)
def tuple_or_none_is_handed_on(x, radii):
    best = None
    for r in radii:
        hit = crossing(x, 2.0, r)
        if hit is not None and (best is None or hit[0] < best[0]):
            best = hit
    return _score(best, x)


@dataclass(frozen=True)
class Hit:
    t: float
    n: np.ndarray
    name: str = "a"


def _hit(o, r):
    disc = r * r - o * o
    return Hit(np.sqrt(disc), np.array([disc, o])) if disc > 0 else None


@case((0.5, RADII), second=True)
def function_returns_an_instance_or_none(x, radii):
    total = 0.0
    for r in radii:
        if (hit := _hit(x, r)) is None:
            continue
        total += hit.t * hit.n[0] + hit.n[1]
    return total


@case((0.5, RADII), second=True)
def tuple_or_none_in_a_tuple(x, radii):
    def both(r):
        return crossing(x, 1.0, r), r

    s = 0.0
    for r in radii:
        hit, q = both(r)
        if hit:
            s += hit[0] * q
    return s


@case((0.5, RADII), second=True)
def truth_of_a_tuple_or_none(x, radii):
    s = 0.0
    for r in radii:
        hit = crossing(x, 1.0, r)
        if not hit:
            s += x
        elif hit and r > 1.0:
            s += hit[0]
        t, n = hit or (x, np.array([x, 1.0]))
        s += n[0] * t
    return s


def _search(f, df, x, steps):
    for k in range(steps):
        fx = f(x)
        if abs(fx) < 1e-10:
            return x, k
        slope = df(x)
        if slope == 0:
            return None
        x = x - fx / slope
    return None


@case((0.3, 1.2, 50), (0.3, 1.2, 2))
def search_gives_none(e, m, steps):
    found = _search(lambda x: x - e * np.sin(x) - m, lambda x: 1 - e * np.cos(x), m, steps)
    if found is None:
        return e * m
    x, count = found
    return np.cos(x) + count
