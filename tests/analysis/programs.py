"""Programs whose types are hard: joins of tuples, growing containers, functions as values, in-place work.

`CASES` is a list of (function, arguments).
"""

# ruff: noqa: E501
from __future__ import annotations

import dataclasses
import functools
import math
import typing

import numpy as np

CASES: list[tuple[typing.Any, tuple[typing.Any, ...]]] = []


def case(*args):
    def enter(f):
        CASES.append((f, args))
        return f

    return enter


X = np.linspace(1.0, 2.0, 5)
A = np.eye(3) + 0.1
V = np.ones(3)
GLOBAL = np.ones((3, 3))


@case(X, 0.1, 3)
def diffuse(u0, k, steps):
    u = u0.copy()
    for t in range(steps):
        inner = u[1:-1]
        inner += k * (u[2:] - 2.0 * inner + u[:-2]) * inner
    return np.sum(u**2)


@case(A, V, 4)
def number_then_array(w, x, n):
    s = 0.0
    for i in range(n):
        s += w @ x
    return np.sum(s * s)


@case(X, None)
def optional(x, mask):
    if mask is None:
        y = x
    else:
        y = x * mask
    return y.sum()


@case(X, True)
def flag(x, f):
    if f and x.ndim == 1:
        return x.mean()
    return x


def scaled_sum(a, b=2.0, *, axis=0):
    return np.sum(a, axis=axis) * b


@case(A)
def literal_arguments(x):
    return scaled_sum(x) + scaled_sum(x, 3.0, axis=1)


def power(n, x):
    if n == 0:
        return 1.0
    return x * power(n - 1, x)


@case(2.0)
def recursion(x):
    return power(5, x)


def even(n, x):
    return x if n == 0 else odd(n - 1, x)


def odd(n, x):
    return x * x if n == 0 else even(n - 1, x)


@case(2.0)
def mutual_recursion(x):
    return even(4, x)


@case(X)
def growing_list(x):
    hist = []
    u = x.copy()
    for t in range(3):
        u = u * 2
        hist.append(u.copy())
    hist.extend([x, x])
    hist += [u]
    return np.sum(hist[-1]) + np.stack(hist).sum()


@case(X, X)
def carried_tuple(x, y):
    a = (x, y)
    for i in range(3):
        u, v = a
        a = (v, u + v)
    return a[0].sum() + a[1].sum()


@case((1.0, X))
def tuple_parameter(p):
    a, b = p
    return a * b.sum()


@case({"w": A, "b": V}, V)
def dict_parameter(p, x):
    h = np.tanh(p["w"] @ x + p["b"])
    for k, v in p.items():
        h = h + v.sum()
    return h @ h


@case(X)
def growing_dict(x):
    d = {}
    d["a"] = x * 2
    d["b"] = 1.0
    for k in ("a",):
        d[k] = d[k] + 1
    return d["a"].sum() * d["b"]


@dataclasses.dataclass
class Net:
    w: typing.Any
    b: typing.Any
    act: typing.Any = np.tanh

    def __call__(self, x):
        return self.act(self.w @ x + self.b)

    def loss(self, x):
        return self(x).sum()


@case(Net(A, V), V)
def function_field(n, x):
    return n.loss(x) + Net(A, x).loss(x)


@dataclasses.dataclass(frozen=True)
class Point:
    x: float
    y: float

    def norm(self):
        return math.sqrt(self.x**2 + self.y**2)

    def __add__(self, o):
        return Point(self.x + o.x, self.y + o.y)

    @property
    def square(self):
        return self.x * self.x


@case(1.0, 2.0)
def frozen_instance(a, b):
    p = Point(a, b)
    for i in range(3):
        p = p + Point(a, 1.0)
    return p.norm() + p.square


class Pair(typing.NamedTuple):
    left: typing.Any
    right: typing.Any = 2.0


@case(X)
def named_tuple(x):
    p = Pair(x)
    q = p._replace(right=x.sum())
    return (q.left * p.right).sum() * q.right


@case(X)
def closures(x):
    k = 2.0
    g = lambda t: t * k

    def h(f, z):
        return f(z)

    return h(g, x).sum()


def apply(f, x):
    return f(x)


@case(X)
def higher_order(x):
    return apply(np.sin, x).sum() + apply(lambda t: t**2, x).sum() + apply(functools.partial(np.add, 1.0), x).sum()


@case(X)
def while_loop(x):
    s = 0.0
    i = 0
    while i < len(x) and x[i] < 1.6:
        s += x[i]
        i += 1
    else:
        s = s * 2
    return s


@case(A)
def rows_of_array(m):
    s = 0.0
    for row in m:
        s = s + row @ row
    for i in range(m.shape[0]):
        for j in range(m.shape[1]):
            s += m[i, j] * m[j][i]
    return s


@case(X)
def writes(x):
    y = np.empty_like(x)
    np.multiply(x, 2.0, out=y)
    y[1:3] += x[1:3]
    y[[0, 1]] *= 2.0
    y[y > 3.0] = 0.0
    return y.sum()


@case([A, A], [V, V], V)
def layers(ws, bs, x):
    h = x
    for w, b in zip(ws, bs):
        h = np.tanh(w @ h + b)
    return h.sum()


@case(V)
def unrolled(x):
    s = x
    for name, f in (("a", np.sin), ("b", np.cos)):
        s = f(s)
        if name == "b":
            s = s * 2
    for i, layer in enumerate([np.tanh, np.exp]):
        s = layer(s) * i
    return s.sum()


@case(X)
def sizes(x):
    n = x.shape[0]
    y = np.zeros((n - 2, 3))
    y[:, 0] = x[1:-1]
    z = y.reshape(-1)
    (a,) = x.shape
    w = np.ones(a) * x
    return z.sum() + w.sum() + x[::2].sum() + x[: n - 1].sum()


@case(X, 3)
def sizes_of_the_last_round(x, n):
    out = np.zeros(1)
    y = np.zeros(1)
    for k in range(2, n):
        y = out
        out = np.ones(k)
    return y.sum() + out.sum()


@case(A, "fro")
def strings(a, kind):
    if kind == "fro":
        return np.linalg.norm(a, kind)
    elif kind in ("a", "b"):
        return 0.0
    return np.linalg.norm(a, 2)


@case(X)
def swapped(u0):
    u = u0.copy()
    v = np.zeros_like(u)
    for t in range(4):
        v[1:-1] = u[2:] + u[:-2]
        u, v = v, u
    return u.sum()


@case(X)
def instances(x):
    if isinstance(x, np.ndarray):
        y = x
    else:
        y = np.array([x])
    if isinstance(x[0], float) and hasattr(x, "sum"):
        return y.sum()
    return 0.0


@case(V)
def global_array(x):
    return (GLOBAL @ x).sum()


class Momentum:
    def __init__(self, rate):
        self.rate = rate
        self.w = np.ones(3)

    def step(self, g):
        self.w = self.w - self.rate * g
        self.w *= 2.0


@case(V, 0.5)
def constructed(g, rate):
    o = Momentum(rate)
    o.step(g)
    return o.w.sum()


@case(Momentum(0.25), V)
def written_instance(o, g):
    o.step(g)
    return o.w.sum()


@case(A)
def advanced(a):
    i = np.arange(3)
    return a[i, i].sum() + a[:, [0, 2]].sum() + a[..., 0].sum() + a[None].sum() + a[a > 0].sum()


@case(X)
def early_return(x):
    for i in range(3):
        for j in range(3):
            x = x * 1.1
            if x[0] > 1.2:
                return x
    return x * 0.0
