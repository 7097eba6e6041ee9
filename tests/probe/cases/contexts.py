"""`with`: contexts that the reverse sweep enters again, and those that are entered once."""

from __future__ import annotations

import contextlib
import io
import threading
import time
import warnings

import numpy as np

from ..data import A33, X3, X5, Y3
from ..harness import case

LOCK = threading.Lock()


class Timer:
    """A context manager with state of its own."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.elapsed = 0.0

    def __enter__(self):
        self.started = time.perf_counter()
        return self

    def __exit__(self, *exc):
        self.elapsed = time.perf_counter() - self.started
        return False


@contextlib.contextmanager
def section(name):
    print("begin", name)
    try:
        yield name
    finally:
        print("end", name)


@case((X3, np.array([1.0, 0.0, 2.0])), (X3, Y3), second=True)
def with_errstate_around_where(x, y):
    with np.errstate(divide="ignore", invalid="ignore"):
        q = np.where(y != 0.0, x / np.where(y != 0.0, y, 1.0), x * x)
    return (q * q).sum()


@case((X3, Y3))
def with_return(x, y):
    with np.errstate(all="ignore"):
        return (x / y).sum()


@case((X5, 1.0), (X5, -1.0), second=True)
def with_return_in_loop(x, c):
    s = 0.0
    for v in x:
        with np.errstate(all="ignore"):
            s = s + v * v * c
            if s > 1.0:
                return s * v
    return s


@case((X5, 1.0), second=True)
def with_break_and_continue(x, c):
    s = c
    for v in x:
        with Timer("step") as t:
            if v < 0.0:
                continue
            s = s * v + c
            if s > 3.0:
                break
    return s


@case((X3, 2.0))
def with_timer(x, c):
    with Timer("work") as t:
        y = (x * x).sum() * c
    print(t.elapsed > 0.0)
    return y * y


@case((X3, 2.0))
def with_generator(x, c):
    with section("a") as name, section("b"):
        y = (x * x).sum() * c
        print(name)
    return y


@case((X3, 2.0))
def with_file(x, c):
    with io.StringIO() as log:
        y = (x * x).sum()
        log.write("done")
        print(log.getvalue())
    return y * c


@case((X3, 2.0))
def with_lock(x, c):
    with LOCK:
        y = x * c
    return (y * y).sum()


@case((X3, 2.0))
def with_warnings(x, c):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        y = np.sqrt(x * x + c)
    return y.sum()


@case((X3, 2.0))
def with_printoptions(x, c):
    with np.printoptions(precision=3):
        print(x)
        y = x * c
    return (y * y).sum()


@case((X3, 2.0), (X3, 0), second=True)
def with_in_try(x, c):
    try:
        with np.errstate(all="raise"):
            y = x / np.array([1.0, c, 1.0])
    except FloatingPointError:
        y = x * x
    return (y * y).sum()


@case((A33, 2.0), second=True)
def with_loop_inside(a, c):
    s = c
    with np.errstate(all="ignore"):
        for i in range(3):
            s = s * np.exp(0.1 * a[i, i]) + a[i, 0]
        t = s * s
    return t


def in_context(x, c):
    with np.errstate(all="ignore"):
        y = np.exp(x * c)
        return y * x


@case((X5, 0.5), second=True)
def with_in_callee(x, c):
    s = 0.0
    for v in x:
        s = s + in_context(v, c) * s + v
    return s


@case((X3, 2.0))
def with_written_array(x, c):
    y = x.copy()
    with np.errstate(all="ignore"):
        y[1] = y[0] * c
        y *= x
    return (y * y).sum()


@case((X3, 2.0), (X3, -2.0))
def with_branch_inside(x, c):
    with np.errstate(all="ignore"):
        if c > 0.0:
            y = x * c
        else:
            y = x * x
    return (y * y).sum()


class Swallows:
    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        return kind is ValueError


@case(2.0)
def context_swallows(x):
    y = x
    with Swallows():
        y = x * x
    return y
