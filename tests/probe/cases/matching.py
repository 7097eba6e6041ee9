"""`match`: literals, sequences, mappings, classes, guards."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from ..harness import case


@dataclass
class Circle:
    r: float


@dataclass
class Rect:
    w: float
    h: float


class P(NamedTuple):
    x: float
    y: float


class Line:
    __match_args__ = ("a", "b")

    def __init__(self, a, b):
        self.a = a
        self.b = b


@case((1.5, "lin"), (1.5, "quad"), (1.5, "other"), second=True)
def match_strings(x, kind):
    match kind:
        case "lin":
            return 2.0 * x
        case "quad" | "square":
            return x * x
        case _:
            return x**3


@case((1.5, 0), (1.5, 1), (1.5, -1), (1.5, 7), second=True)
def match_ints(x, n):
    match n:
        case 0:
            s = x
        case 1 | 2:
            s = x * x
        case k if k < 0:
            s = x * k
        case k:
            s = x**k
    return s * x


@case((1.5, 0.7), second=True)
def match_classes(x, y):
    s = 0.0
    for shape in (Circle(x), Rect(x, y), Line(x, y), P(y, x)):
        match shape:
            case Circle(r):
                s += r * r
            case Rect(w=w, h=h):
                s += w * h
            case Line(a, b) if isinstance(a, float):
                s += a - b * 2.0
            case P(px, py):
                s += px * py * py
    return s


@case((1.5, 0.7), second=True)
def match_sequences(x, y):
    s = 0.0
    for seq in ((x,), (x, y), (x, y, x * y), [y, x], ()):
        match seq:
            case ():
                s += 1.0
            case (a,):
                s += a
            case [a, b]:
                s += a * b
            case [a, *rest]:
                s += a * rest[0] * rest[1] * len(rest)
    return s


@case(([1.5, 0.7],), ([1.5, 0.7, 0.3],), ([0.4],), second=True)
def match_list_lengths(xs):
    match xs:
        case []:
            return 0.0
        case [a, b]:
            return a * b
        case [a, *_, c]:
            return a * c
    return 1.0


@case(({"kind": "sum", "a": 1.5, "b": 0.7},), ({"kind": "neg", "a": 1.5},), second=True)
def match_mapping(d):
    match d:
        case {"kind": "sum", "a": a, "b": b}:
            return a * b
        case {"kind": "neg", "a": a}:
            return -(a**2)
    return 0.0


@case((1.5, ("add", 2.0)), (1.5, ("mul", 3.0)), (1.5, ("none",)), second=True)
def match_commands(x, cmd):
    match cmd:
        case ("add", v):
            x = x * x + v
        case ("mul", v):
            x = x * v
        case (name,) as whole:
            x = x * len(whole) * len(name)
    return x


@case((1.5, 0.7, None), (1.5, 0.7, 2.0), second=True)
def match_none(x, y, extra):
    match extra:
        case None:
            return x * y
        case float(v):
            return x * v
        case _:
            return y


@case((1.5, True), (1.5, False), second=True)
def match_bool(x, flag):
    match flag:
        case True:
            return x * x
        case False:
            return -x


@case((1.5, 0.7), (0.5, 0.7), second=True)
def match_active_guard(x, y):
    match (x, y):
        case (a, b) if a > 1.0:
            return a * b
        case (a, b) if b > 0.5:
            return a + b * b
    return 0.0


@case((1.5, 0.7), second=True)
def match_nested(x, y):
    tree = ("add", ("mul", x, y), ("neg", x))
    return evaluate(tree)


def evaluate(t):
    match t:
        case ("add", a, b):
            return evaluate(a) + evaluate(b)
        case ("mul", a, b):
            return evaluate(a) * evaluate(b)
        case ("neg", a):
            return -evaluate(a)
        case v:
            return v
