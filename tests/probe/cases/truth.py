"""What is asked whether it is true: lists, dicts, texts, numbers and arrays, alone and under `and`, `or` and `not`."""

from __future__ import annotations

import numpy as np

from ..harness import case


@case((1.5, 0.7), second=True)
def while_stack_and_n(x, y):
    stack = [x, y, x * y]
    n = 0
    s = 0.0
    while stack and n < 5:
        v = stack.pop()
        s += v * v
        if n < 1:
            stack.append(s)
        n += 1
    return s


@case((1.5, 0.7), second=True)
def if_list_and_cond(x, y):
    xs = []
    if x > 1:
        xs.append(x * y)
    s = y
    if xs and y > 0:
        s = s * xs[0]
    return s


@case((1.5, "abs", 0.7), (1.5, "", 0.7), second=True)
def string_or_cond(x, mode, y):
    if mode or x > 100:
        return x * y
    return x + y


@case((np.array([1.5]), 0.7), second=True)
def array_one(a, y):
    if a and y > 0:
        return a[0] * y
    return y


@case((1.5, 0.7), second=True)
def float_or_list(x, y):
    xs = [y]
    if x or xs:
        return x * xs[0]
    return x


@case((1.5, 0.7), second=True)
def value_or_list(x, y):
    xs = []
    ys = xs or [x, y]
    return ys[0] * ys[1]


@case((1.5, 0.7), second=True)
def ternary_list_and(x, y):
    xs = [x, y]
    return xs[-1] * xs[0] if xs and len(xs) < 4 else y


@case((1.5, 0.7), second=True)
def dict_and(x, y):
    d = {}
    for k in ["a", "b"]:
        if d and k not in d:
            d[k] = d["a"] * y
        elif not d or k == "z":
            d[k] = x
    return d["b"] * d["a"]


@case((1.5, 0.7), second=True)
def walrus_and(x, y):
    xs = [x, y]
    s = 0.0
    while xs and (v := xs.pop()) < 10:
        s += v * v
    return s


@case((1.5, 0.7), second=True)
def boolop_nested(x, y):
    xs = [x, y]
    n = 0
    s = 0.0
    while (xs or s < 4) and not (n > 10 or (xs and s > 50)):
        if xs:
            s += xs.pop() ** 2
        else:
            s = s * 1.5
        n += 1
    return s


class Positive:
    def __init__(self, v):
        self.v = v

    def __bool__(self):
        return self.v > 1


class Sized:
    def __init__(self, v):
        self.v = v

    def __len__(self):
        return len(self.v)


@case((1.5, 0.5), (0.5, 1.5))
def object_and_number(x, y):
    a = Positive(x)
    if a and y > 0:
        return x * y
    return y


@case((1.5, 0.5))
def number_or_object(x, y):
    if y > 1 or Sized([x]):
        return x * y
    return y


@case((1.5, 0.5), second=True)
def emptied_before_it_is_asked_again(x, y):
    """Whether a list was true then, not whether it is true now."""
    xs = [x]
    s = y
    if xs:
        s = s * xs.pop()
    else:
        s = s * 5.0
    return s + len(xs)


@case((1.5, 0.5), second=True)
def asked_in_every_round(x, y):
    xs = [x, y]
    s = y
    for _ in range(4):
        if xs:
            s += xs.pop() ** 2
        else:
            s = s * 1.5
    return s
