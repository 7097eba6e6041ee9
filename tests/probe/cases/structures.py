"""Lists, dicts, tuples, NamedTuples, dataclasses, nested."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from ..data import A34, X3, X5, Y3
from ..harness import case


class Point(NamedTuple):
    """A NamedTuple."""

    x: float
    y: float


@dataclass
class Layer:
    """A mutable dataclass."""

    w: np.ndarray
    b: np.ndarray
    act: str = "tanh"


@dataclass(frozen=True)
class Params:
    """A frozen dataclass."""

    k: float
    v: np.ndarray


LAYER = Layer(np.array([[0.5, -0.3, 0.1], [0.2, 0.7, -0.4]]), np.array([0.1, -0.2]))
HEAD = Layer(np.array([[0.3, -1.0]]), np.array([0.4]), "none")


@case({"w": A34, "b": X3, "name": "relu", "n": 2})
def dict_argument(p):
    return np.tanh(p["w"].sum(axis=1) + p["b"]).sum() * p["n"]


@case([1.5, 2.0, -0.5])
def list_of_floats(xs):
    s = 0.0
    for x in xs:
        s += x * x
    return s * xs[0]


@case([X3, Y3])
def list_of_arrays(xs):
    return (xs[0] * xs[1]).sum() + sum([(x**2).sum() for x in xs])


@case(((1.5, X3),))
def tuple_argument(p):
    k, v = p
    return k * (v * v).sum() + p[0]


@case(Point(1.5, -0.5))
def namedtuple_argument(p):
    return p.x * p.y + p[0] ** 2


@case((LAYER, X3))
def dataclass_argument(layer, x):
    y = layer.w @ x + layer.b
    if layer.act == "tanh":
        y = np.tanh(y)
    return (y**2).sum()


@case(Params(2.0, X3))
def frozen_dataclass_argument(p):
    return p.k * (p.v**2).sum()


@case(({"layers": [LAYER, HEAD], "scale": (0.5, 2.0)}, X3))
def nested_argument(net, x):
    h = np.tanh(net["layers"][0].w @ x + net["layers"][0].b)
    y = net["layers"][1].w @ h + net["layers"][1].b
    return net["scale"][0] * y.sum() * net["scale"][1]


@case((1.5, 2.0))
def local_tuple(x, y):
    p = (x, y, x * y)
    q = p[1:] + (p[0],)
    return q[0] * q[1] + len(p) * q[2]


@case((1.5, 2.0))
def local_namedtuple(x, y):
    p = Point(x * y, x)
    q = p._replace(y=p.x + 1.0)
    return q.x * q.y


@case((1.5, 2.0))
def local_dict(x, y):
    d = {"a": x, "b": x * y}
    d["a"] = d["a"] * d["b"]
    d["c"] = y
    d["b"] += d["c"]
    return d["a"] * d["b"] + d["c"]


@case((1.5, 0.7, 4))
def list_append(x, v, n):
    xs = [x]
    for _ in range(n):
        xs.append(xs[-1] + np.sin(v * xs[-1]))
    e = 0.0
    for a in xs:
        e += a * a
    return e


@case((1.5, 0.7))
def list_store(x, y):
    xs = [x, y, 1.0]
    xs[1] = xs[0] * xs[1]
    xs[2] += xs[1]
    return xs[0] * xs[1] * xs[2]


@case((1.5, 0.7))
def list_pop_and_extend(x, y):
    xs = [x, y]
    xs.extend([x * y, x + y])
    t = xs.pop()
    return t * xs[-1] + len(xs) * xs[0]


@case((X3, 3))
def list_of_local_arrays(x, n):
    hist = []
    u = x
    for _ in range(n):
        u = np.sin(u) + x
        hist.append(u)
    return sum([(h * h).sum() for h in hist]) + np.stack(hist)[1].sum()


@case((X3, 2))
def history_of_copies(x, n):
    u = x.copy()
    hist = []
    for _ in range(n):
        u *= 1.5
        u[0] += u[1]
        hist.append(u.copy())
    return (hist[0] * hist[1]).sum()


@case((1.5, 2.0))
def construct_dataclass(x, y):
    p = Params(x * y, np.array([x, y]))
    return p.k * p.v.sum()


@case((X3, 2.0))
def mutate_dataclass(x, s):
    layer = Layer(np.outer(x, x), x * s)
    layer.b = layer.b * layer.w[0, 0]
    layer.w[1] *= s
    return layer.w.sum() + (layer.b**2).sum()


@case([1.0, 2.0, 3.0])
def written_list(xs):
    xs[0] = xs[1] * xs[2]
    xs[1] *= 2.0
    return xs[0] + xs[1]


@case({"a": 1.5, "b": X3})
def written_dict(d):
    d["b"] *= d["a"]
    d["a"] = d["b"].sum()
    return d["a"] ** 2


@case([X3, Y3])
def written_arrays_in_list(xs):
    xs[0] *= 2.0
    xs[1][0] = xs[0][1]
    return (xs[0] * xs[1]).sum()


@case({"w": X5, "opt": None, "k": {"lr": 0.1, "steps": 3}})
def nested_dict_with_settings(cfg):
    w = cfg["w"]
    for _ in range(cfg["k"]["steps"]):
        w = w - cfg["k"]["lr"] * 2.0 * w
    return (w**2).sum()


@case(({"w": X3, "b": 0.5},))
def loop_over_items(p):
    s = 0.0
    for key in ("w", "b"):
        s += np.sum(p[key] ** 2)
    return s


@case({"a": 1.5, "b": 2.0})
def dict_methods(d):
    s = 1.0
    for v in d.values():
        s *= v
    for k, v in d.items():
        s += v * len(k)
    return s + d.get("a") * 2.0


@case((1.5, 2.0))
def dict_result(x, y):
    return {"prod": x * y, "sum": x + y}


@case((1.5, 2.0))
def list_result(x, y):
    return [x * y, x + y]


@case((1.5, 2.0))
def namedtuple_result(x, y):
    return Point(x * y, x + y)


@case((X3, Y3))
def zip_of_lists(x, y):
    pairs = [(a, b) for a, b in zip(x, y)]
    s = 0.0
    for a, b in pairs:
        s += a * b
    return s


@case((0.7,), second=True)
def length_of_growing_list(x):
    kept = []
    total = 0.0
    for i in range(3):
        kept.append(x * i)
        n = len(kept)
        for j in range(n):
            total += kept[j] * np.sin(n * x)
    return total
