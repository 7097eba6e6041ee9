"""Objects that compute: vectors, dual numbers, matrices, networks, filters, trees."""

from __future__ import annotations

import copy
import enum
import math
from dataclasses import dataclass, field

import numpy as np

from ..data import A33, X3, X5, Y3
from ..harness import case


class Vec3:
    __slots__ = ("x", "y", "z")

    def __init__(self, x, y, z):
        self.x = x
        self.y = y
        self.z = z

    def __add__(self, o):
        return Vec3(self.x + o.x, self.y + o.y, self.z + o.z)

    def __sub__(self, o):
        return Vec3(self.x - o.x, self.y - o.y, self.z - o.z)

    def __mul__(self, s):
        return Vec3(self.x * s, self.y * s, self.z * s)

    __rmul__ = __mul__

    def __truediv__(self, s):
        return self * (1.0 / s)

    def __neg__(self):
        return Vec3(-self.x, -self.y, -self.z)

    def dot(self, o):
        return self.x * o.x + self.y * o.y + self.z * o.z

    def cross(self, o):
        return Vec3(self.y * o.z - self.z * o.y, self.z * o.x - self.x * o.z, self.x * o.y - self.y * o.x)

    def norm(self):
        return math.sqrt(self.dot(self))

    def __iter__(self):
        yield self.x
        yield self.y
        yield self.z

    def __getitem__(self, i):
        return (self.x, self.y, self.z)[i]

    def __len__(self):
        return 3


@case((1.5, 0.7), second=True)
def vec3(x, y):
    a = Vec3(x, y, 1.0)
    b = Vec3(y, 2.0, x * y)
    c = 2.0 * a.cross(b) - b / 2.0 + (-a) * y
    return c.norm() * c[1] + len(c) * a.dot(b)


@case((Vec3(1.0, 2.0, 0.5), 0.3), second=True)
def vec3_argument(v, k):
    w = v * k + v.cross(Vec3(0.0, k, 1.0))
    return w.dot(v) + w.norm()


@case((1.5, 0.7), second=True)
def vec3_loop(x, y):
    p = Vec3(x, 0.0, 0.0)
    v = Vec3(0.0, y, 0.0)
    for _ in range(4):
        r = p.norm()
        v = v + (-0.1) * p / (r * r * r)
        p = p + v * 0.1
    return p.x * p.y + v.dot(v)


class Dual:
    def __init__(self, re, im=0.0):
        self.re = re
        self.im = im

    def __add__(self, o):
        o = o if isinstance(o, Dual) else Dual(o)
        return Dual(self.re + o.re, self.im + o.im)

    def __radd__(self, o):
        return self + o

    def __mul__(self, o):
        o = o if isinstance(o, Dual) else Dual(o)
        return Dual(self.re * o.re, self.re * o.im + self.im * o.re)

    def __rmul__(self, o):
        return self * o

    def __pow__(self, n):
        out = Dual(1.0)
        for _ in range(n):
            out = out * self
        return out

    def __iadd__(self, o):
        self.re += o.re
        self.im += o.im
        return self

    def __eq__(self, o):
        return self.re == o.re and self.im == o.im

    def __lt__(self, o):
        return self.re < o.re

    def __float__(self):
        return float(self.re)

    def __bool__(self):
        return self.re != 0.0

    def __abs__(self):
        return Dual(abs(self.re), self.im if self.re > 0 else -self.im)


@case((1.5, 0.7), second=True)
def dual_numbers(x, y):
    d = Dual(x, 1.0)
    e = 3.0 * d * d + 2.0 + d**3 * y
    e += d
    if d < e:
        e = e * 2.0
    if e:
        e = abs(e)
    return e.re + e.im * float(d) + (1.0 if d == e else 0.0)


class Matrix:
    def __init__(self, data):
        self.data = data

    def __matmul__(self, o):
        return Matrix(self.data @ o.data)

    def __getitem__(self, ij):
        return self.data[ij]

    def __setitem__(self, ij, v):
        self.data[ij] = v

    def __len__(self):
        return len(self.data)

    def __contains__(self, v):
        return v in (0, 1)

    @property
    def T(self):
        return Matrix(self.data.T)


@case((A33, 0.5), second=True)
def matrix_class_again(a, s):
    m = Matrix(a.copy())
    m[0, 1] = s
    m[2, 0] += m[0, 1] * 2.0
    p = m @ m.T
    return p[0, 0] * p[1, 2] + len(p) + (s if 1 in m else 0.0)


class Quaternion:
    def __init__(self, w, v):
        self.w, self.v = w, v

    def __mul__(self, o):
        return Quaternion(self.w * o.w - self.v @ o.v, self.w * o.v + o.w * self.v + np.cross(self.v, o.v))

    def conj(self):
        return Quaternion(self.w, -self.v)

    def rotate(self, x):
        return (self * Quaternion(0.0, x) * self.conj()).v


@case((X3, Y3, 0.7), second=True)
def quaternion(axis, x, angle):
    u = axis / np.linalg.norm(axis)
    q = Quaternion(np.cos(angle / 2), np.sin(angle / 2) * u)
    return (q.rotate(x) * np.array([1.0, 2.0, 3.0])).sum()


class Mode(enum.Enum):
    LINEAR = 1
    QUAD = 2


class Level(enum.IntEnum):
    LOW = 1
    HIGH = 3


@case((1.5, Mode.LINEAR), (1.5, Mode.QUAD), second=True)
def enum_argument(x, mode):
    if mode is Mode.LINEAR:
        return 3.0 * x
    if mode == Mode.QUAD:
        return x * x * mode.value
    return x


@case((1.5,), second=True)
def enum_loop(x):
    s = 0.0
    for mode in (Mode.LINEAR, Mode.QUAD, Mode.LINEAR):
        s += x**2 if mode is Mode.QUAD else x
    return s * Level.HIGH + len(Mode.LINEAR.name)


@case((X3,), second=True)
def deepcopy_nested(x):
    a = {"p": [x[0], x[1]], "w": x.copy()}
    b = copy.deepcopy(a)
    b["p"][0] = a["p"][1] * x[2]
    b["w"][0] = 2.0 * a["w"][1]
    c = copy.copy(a["p"])
    c.append(b["p"][0])
    return a["p"][0] * b["p"][0] + (a["w"] * b["w"]).sum() + c[2]


class Layer:
    def __init__(self, w, b):
        self.w = w
        self.b = b

    def __call__(self, x):
        return np.tanh(self.w @ x + self.b)


class Net:
    def __init__(self, layers, scale):
        self.layers = layers
        self.scale = scale

    def forward(self, x):
        for layer in self.layers:
            x = layer(x)
        return self.scale * x.sum()


NET = Net([Layer(A33 * 0.2, X3 * 1.0), Layer(A33 * 0.1, Y3 * 1.0)], 1.5)


@case((NET, X3), second=True)
def object_with_list_of_objects(net, x):
    return net.forward(x)


@case((X3,), second=True)
def object_in_global(x):
    return NET.forward(x)


@case((X3, 0.5), second=True)
def method_of_global(x, k):
    return NET.layers[0](x * k).sum() * NET.scale


@case((X3, A33), second=True)
def objects_made_in_loop(x, a):
    layers = []
    for i in range(3):
        layers.append(Layer(a * 0.1 * (i + 1), x * (i + 1)))
    net = Net(layers, 2.0)
    return net.forward(x)


class Adam:
    def __init__(self, lr=0.1, b1=0.9, b2=0.99):
        self.lr, self.b1, self.b2 = lr, b1, b2
        self.m = None
        self.v = None
        self.t = 0

    def step(self, w, g):
        if self.m is None:
            self.m = np.zeros_like(w)
            self.v = np.zeros_like(w)
        self.t += 1
        self.m = self.b1 * self.m + (1 - self.b1) * g
        self.v = self.b2 * self.v + (1 - self.b2) * g**2
        mh = self.m / (1 - self.b1**self.t)
        vh = self.v / (1 - self.b2**self.t)
        return w - self.lr * mh / (np.sqrt(vh) + 1e-3)


@case((X3, 0.1), second=True)
def adam_class(w, lr):
    opt = Adam(lr)
    for _ in range(4):
        w = opt.step(w, 2.0 * w + 0.3)
    return (w**2).sum()


class Node:
    def __init__(self, value, left=None, right=None):
        self.value = value
        self.left = left
        self.right = right


@case((1.5, 0.7), second=True)
def small_tree(x, y):
    root = Node(x, Node(y), Node(x * y, Node(2.0)))
    s = root.value * root.left.value
    if root.right.left is not None:
        s += root.right.left.value * root.right.value
    if root.left.left is None:
        s *= 2.0
    return s


def tree_sum(node):
    if node is None:
        return 0.0
    return node.value**2 + tree_sum(node.left) * tree_sum(node.right) + tree_sum(node.left)


@case((Node(1.5, Node(0.7), Node(0.3, Node(2.0), None)),), second=True)
def tree_recursion(root):
    return tree_sum(root)


@case((1.5, 0.7), second=True)
def tree_recursion_local(x, y):
    root = Node(x, Node(y), Node(x * y, Node(2.0)))
    return tree_sum(root)


class Poly:
    def __init__(self, coefs):
        self.coefs = list(coefs)

    def __call__(self, x):
        out = 0.0
        for c in reversed(self.coefs):
            out = out * x + c
        return out

    def __mul__(self, o):
        out = [0.0] * (len(self.coefs) + len(o.coefs) - 1)
        for i, a in enumerate(self.coefs):
            for j, b in enumerate(o.coefs):
                out[i + j] += a * b
        return Poly(out)

    def deriv(self):
        return Poly([i * c for i, c in enumerate(self.coefs)][1:])


@case((1.5, 0.7), second=True)
def polynomial_class(x, y):
    p = Poly([x, y, 1.0])
    q = p * Poly([y, x])
    return q(0.5) + p.deriv()(x)


class Accumulator:
    def __init__(self):
        self.items = []
        self.total = 0.0

    def push(self, v):
        self.items.append(v)
        self.total += v
        return len(self.items)

    @property
    def mean(self):
        return self.total / len(self.items)

    def variance(self):
        m = self.mean
        return sum((v - m) ** 2 for v in self.items) / len(self.items)


@case((X5,), second=True)
def accumulator_class(x):
    acc = Accumulator()
    for v in x:
        acc.push(v * v)
    return acc.variance() + acc.mean


class Base:
    def setup(self, x):
        self.x = x
        self.extra(x)

    def extra(self, x):
        self.y = 2.0 * x


class Derived(Base):
    def extra(self, x):
        super().extra(x)
        self.z = self.y * x


@case((1.5,), second=True)
def attributes_set_by_methods(x):
    d = Derived()
    d.setup(x)
    d.w = d.z * d.x
    return d.w + d.y


class Kalman:
    def __init__(self, F, H, Q, R):
        self.F, self.H, self.Q, self.R = F, H, Q, R
        self.x = np.zeros(2)
        self.P = np.eye(2)

    def predict(self):
        self.x = self.F @ self.x
        self.P = self.F @ self.P @ self.F.T + self.Q

    def update(self, z):
        S = self.H @ self.P @ self.H.T + self.R
        K = self.P @ self.H.T @ np.linalg.inv(S)
        r = z - self.H @ self.x
        self.x = self.x + K @ r
        self.P = (np.eye(2) - K @ self.H) @ self.P
        return 0.5 * (r @ np.linalg.solve(S, r) + np.log(np.linalg.det(S)))


@case((0.1, 0.5, X5), second=True)
def kalman_class(q, r, zs):
    F = np.array([[1.0, 0.1], [0.0, 1.0]])
    H = np.array([[1.0, 0.0]])
    kf = Kalman(F, H, q * np.eye(2), r * np.eye(1))
    nll = 0.0
    for z in zs:
        kf.predict()
        nll += kf.update(np.array([z]))
    return nll


class Spring:
    def __init__(self, k):
        self.k = k

    def energy(self, x):
        return 0.5 * self.k * (x**2).sum()


SPRING = Spring(2.5)


@case((X3,), second=True)
def method_as_value(x):
    f = SPRING.energy
    g = Spring(x[0]).energy
    return f(x) * g(x)


class Meta:
    registry = {"a": 2.0, "b": 3.0}
    order = ("b", "a")
    base = 0.5

    def run(self, x):
        s = self.base
        for k in self.order:
            s = s * x + self.registry[k]
        return s


@case((1.5,), second=True)
def class_attribute_tables(x):
    return Meta().run(x)


class Mixin:
    def double(self):
        return 2.0 * self.value()


class Left:
    def value(self):
        return self.a


class Both(Mixin, Left):
    def __init__(self, a):
        self.a = a


@case((1.5,), second=True)
def multiple_inheritance(x):
    return Both(x * x).double()


@dataclass
class Animal:
    size: float
    name: str = "animal"

    def noise(self):
        return self.size * 2.0


@dataclass
class Dog(Animal):
    bark: float = 1.0

    def noise(self):
        return super().noise() * self.bark


@case((1.5, 0.7), second=True)
def dataclass_inheritance(x, y):
    return Dog(x, bark=y).noise() + Animal(y).noise()


@dataclass(order=True)
class Item:
    cost: float
    label: str = field(compare=False, default="")


@case((1.5, 0.7), second=True)
def dataclass_order_eq(x, y):
    a, b = Item(x), Item(y)
    s = a.cost if a > b else b.cost
    return s * x if a == Item(x) else s
