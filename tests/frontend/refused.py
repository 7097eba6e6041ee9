"""Functions that are refused: the name begins with the code, the place is marked with `# <-`."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np

# ruff: noqa: F821


def fine_but_unbound(x):
    return not_yet(x)


async def ds110_async(x):  # <-
    return x


def ds111_class(x):
    class C:  # <-
        pass

    return C


def ds112_try_star(x):
    try:  # <-
        return x
    except* ValueError:
        x = 0



def ds115_import(x):
    import no_such_module  # <-

    return no_such_module.sin(x)


def ds115_from(x):
    from math import sin

    sin = x  # <-  # noqa: F811
    return sin


def ds116_global(x):
    global np  # <-
    np = x


def ds118_sent(x):
    y = yield x  # <-
    return y


def ds118_kept(x):
    g = map(abs, x)
    return next(g)  # <-


def ds118_form(x):
    return [a for a in itertools.permutations(x)]  # <-


def ds118_returned(x):
    g = (a for a in x)
    return g  # <-


def ds120_array(x):
    return np.array(a for a in x)  # <-


def ds121_subscript(x, i):
    return x[*i]  # <-


def ds121_set(x):
    return {*x, 1}  # <-


def ds103_global(x):
    return not_yet(x)  # <-


def ds103_module(x):
    return np.no_such_function(x)  # <-


def ds103_variable(x):
    if x:
        return y  # <-
    y = 1


def ds103_deleted(x):
    del x
    return x  # <-


def ds108_locals(x):
    return locals()  # <-


def ds108_super(x):
    return super().f(x)  # <-


def ds109_number(x):
    return K(x)  # <-


K = 3


def ds124_del(x):
    del x.y  # <-


def ds125_finally(x):
    try:
        y = x * 2.0
    finally:
        return y  # <-


def ds125_before_finally(x):
    try:  # <-
        return x
    finally:
        if x > 0:
            print(x)


def ds126_format(x, n):
    return f"{x:{n}}"  # <-


def ds127_count(x):
    a, b = x, x, x  # <-
    return a



def ds129_strict(x):
    for a, b in zip(x, x, strict=x):  # <-
        x = a
    return x


def ds130_comprehension(x):
    return [lambda: a for a in x]  # <-


def call(f, x):
    return f(x)


def ds131_shadowed(x):
    k = x

    def g(t):
        return t * k

    def h(k):  # <-
        return g(k)

    return h(x)


def ds133_arguments(x):
    g = lambda a: a
    return g(x, x)  # <-


def ds133_keyword(x):
    g = lambda a: a
    return g(b=x)  # <-


def ds133_missing(x):
    g = lambda a: a
    return g()  # <-


def ds133_space(x):
    for a in range():  # <-
        x = a
    return x


def ds135_exit(x: Any):
    for _ in range(3):
        while x.pop():
            x = x
        else:
            break  # <-
    return x


def ds136_del(x):
    k = 1
    g = lambda: k
    del k  # <-
    return g()


def ds137_shadow(x):
    i = 1
    g = lambda: i
    return [g() for i in x]  # <-


def ds103_captured(x):
    g = lambda: k
    y = g()  # <-
    k = 1
    return y + k
