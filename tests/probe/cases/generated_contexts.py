"""Contexts made by `contextlib.contextmanager`."""

from __future__ import annotations

import contextlib

import numpy as np

from ..data import X3, X5
from ..harness import case


@contextlib.contextmanager
def pushed(stack, k):
    stack.append(k)
    try:
        yield k * 2
    finally:
        stack.pop()


@contextlib.contextmanager
def scaled(x, by):
    old = x.copy()
    x *= by
    yield
    x[:] = old * x


@contextlib.contextmanager
def split(x):
    yield x[0], x[1:]


@contextlib.contextmanager
def guarded(log):
    try:
        yield log
    except ZeroDivisionError:
        log.append(3.0)
    else:
        log.append(5.0)


@case((X5,), second=True)
def context_of_a_stack(x):
    stack, s = [], 0.0
    for v in x:
        with pushed(stack, v) as w:
            s += w * stack[-1]
    return s + len(stack)


@case((X3,), second=True)
def context_that_writes(x):
    y = x**2
    with scaled(y, x[0]):
        s = y.sum()
        y[0] = s
    return y @ x + s


@case((X5,), second=True)
def contexts_of_one_with(x):
    stack = [x[0]]
    with pushed(stack, x[1] * x[2]) as a, split(x) as (b, rest):
        c = a * stack[-1] * b + np.sum(rest**2)
    return c * stack[0] * len(stack)


@case((X3, 0.0), (X3, 2.0), second=True)
def context_that_catches(x, d):
    with guarded([x[0]]) as log:
        q = float(x[1]) / float(d)
        log.append(q * q)
    return sum(log) * x[2]
