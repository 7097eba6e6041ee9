"""Results that are lists, dicts, instances, nested or made in a loop; results of callees read by the caller."""

import dataclasses

import numpy as np

from ..data import X3, Y3
from ..harness import case


@dataclasses.dataclass
class Fit:
    loss: float
    residual: np.ndarray


@dataclasses.dataclass(frozen=True)
class FrozenFit:
    loss: float
    residual: np.ndarray


class State:
    """A plain class."""

    def __init__(self, position, speed):
        self.position = position
        self.speed = speed


@case((X3, Y3))
def dict_of_arrays(x, y):
    return {"prod": x * y, "sum": (x + y).sum(), "count": 3}


@case((X3, Y3))
def list_of_arrays_result(x, y):
    return [x * y, np.sin(x)]


@case((X3, 2.0))
def list_of_different(x, y):
    return [x * y, y * y]


@case((X3, Y3))
def tuple_of_containers(x, y):
    return [x.sum(), y.sum()], {"p": x * y}, x[0] * y[1]


@case((X3, Y3))
def nested_dict(x, y):
    return {"a": {"b": x * 2.0, "c": y.sum()}, "d": [x[0], y[1] * y[2]]}


@case((X3, Y3))
def dict_of_written(x, y):
    a = np.zeros(3)
    for i in range(3):
        a[i] = x[i] * y[i]
    return {"a": a, "again": a.sum(), "x": x * 1.0}


@case((X3, Y3))
def dict_with_argument(x, y):
    return {"x": x, "xy": x * y}


@case(X3)
def list_by_append(x):
    out = []
    s = 0.0
    for e in x:
        s = s + e * e
        out.append(s)
    return out


@case(X3)
def list_by_comprehension(x):
    return [e * e + 1.0 for e in x]


@case((X3, Y3))
def list_of_arrays_by_append(x, y):
    out = []
    for i in range(3):
        out.append(x * y[i])
    return out


@case((X3, Y3))
def list_of_tuples(x, y):
    return [(a * b, a + b) for a, b in zip(x, y)]


@case((1.5, 2.0))
def dict_that_is_written(x, y):
    d = {"a": x, "b": y}
    d["a"] = d["a"] * d["b"]
    d["b"] += d["a"]
    return d


@case((1.5, 2.0), (-1.5, 2.0))
def dict_on_two_paths(x, y):
    if x > 0:
        return {"a": x * y, "b": y}
    return {"a": x, "b": y * y}


@case((1.5, 2.0), (-1.5, 2.0))
def list_on_two_paths(x, y):
    if x > 0:
        return [x * y, y]
    return [x, y * y]


@case(([1.0, 2.0, 3.0], 2.0))
def argument_returned(xs, y):
    xs[0] = xs[1] * y
    return xs


@case((X3, Y3))
def dataclass_result(x, y):
    r = x - y
    return Fit((r * r).sum(), r)


@case((X3, Y3))
def frozen_dataclass_result(x, y):
    r = x - y
    return FrozenFit((r * r).sum(), r)


@case((1.5, 2.0))
def instance_result(x, y):
    s = State(x, y)
    s.position = s.position + s.speed * 0.1
    return s


def stats(x):
    return {"mean": x.mean(), "centred": x - x.mean()}


def powers(t, n):
    out = []
    p = 1.0
    for _ in range(n):
        p = p * t
        out.append(p)
    return out


@case(X3)
def dict_of_callee(x):
    s = stats(x)
    return s["mean"] * (s["centred"] ** 2).sum()


@case(X3)
def dict_of_callee_passed_on(x):
    return stats(x * x)


@case((1.3, 4))
def list_of_callee(t, n):
    p = powers(t, n)
    return p[0] + p[2] * p[3]


@case((1.3, 4))
def list_of_callee_in_loop(t, n):
    s = 0.0
    for p in powers(t, n):
        s = s + p * p
    return s


@case((1.3, 4))
def list_of_callee_in_branch(t, n):
    s = t
    if t > 1.0:
        p = powers(t, n)
        s = p[0] + p[1]
    return s


@case((X3, Y3))
def dict_of_callee_in_loop(x, y):
    s = 0.0
    for i in range(3):
        d = stats(x * y[i])
        s = s + d["mean"] * d["centred"][i]
    return s


def shares(x, y):
    return {"x": x, "p": x * y}


@case((X3, Y3))
def callee_result_shares_argument(x, y):
    d = shares(x, y)
    return (d["x"] * d["p"]).sum()


@case((X3, Y3))
def callee_result_written(x, y):
    d = stats(x)
    d["centred"][0] = y[0]
    return d["centred"].sum() * d["mean"]


@case((1.5, 2.0))
def constant_containers(x, y):
    c = [1.0, 2.0]
    return x * y, c, {"a": 3.0, "b": x, "c": np.ones(2)}


@case((X3, Y3))
def dict_that_grows(x, y):
    d = {}
    d["a"] = x * y
    d["n"] = y.sum()
    if y[0] > 0.0:
        d["b"] = d["a"] * 2.0
        d["n"] = d["n"] * d["b"].sum()
    return d["a"].sum() * d["n"]


@case((1.5, 2.0), (-1.5, 2.0))
def dict_that_grows_in_loop(x, y):
    d = {"s": 0.0}
    for i in range(3):
        d["last"] = x * i + y
        d["s"] = d["s"] + d["last"] ** 2
    return d["s"] * d["last"]


@case(1.3)
def list_read_while_it_grows(y):
    xs = []
    s = y
    for k in range(3):
        for e in xs:
            s = s * e + 1.0
        for i in range(len(xs)):
            s = s + xs[i] * y
        xs.append(y * k + 1.0)
    return s


@case(([], 1.3), ([2.0, 3.0], 1.3))
def list_that_may_be_empty(xs, y):
    s = y
    for e in xs:
        s = s * e
    else:
        s = s * 2.0
    return s
