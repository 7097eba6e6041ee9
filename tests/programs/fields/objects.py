"""Objects of different classes: scenes, layers, components, instruments; and objects that hold their like: trees, lists."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

import numpy as np


class Shape:
    def area(self):
        raise NotImplementedError

    def twice(self):
        return 2.0 * self.area()


class Circle(Shape):
    def __init__(self, r):
        self.r = r

    def area(self):
        return np.pi * self.r**2


class Rect(Shape):
    def __init__(self, w, h):
        self.w = w
        self.h = h

    def area(self):
        return self.w * self.h


class Scene:
    def __init__(self):
        self.shapes = []

    def add(self, s):
        self.shapes.append(s)

    def total(self):
        t = 0.0
        for s in self.shapes:
            t += s.area()
        return t


def scene_area(x):
    sc = Scene()
    sc.add(Circle(x[0]))
    sc.add(Rect(x[1], x[2]))
    sc.add(Circle(x[1] * x[2]))
    return sc.total()


class Bond:
    def __init__(self, face, rate):
        self.face, self.rate = face, rate

    def value(self, y):
        return self.face * np.exp(-self.rate * y)


class Stock:
    def __init__(self, price):
        self.price = price

    def value(self, y):
        return self.price * (1.0 + y) ** 2


def make(x):
    out = []
    for i in range(len(x)):
        out.append(Bond(x[i], 0.1) if i % 2 == 0 else Stock(x[i]))
    return out


def value_of(ps, y):
    return sum(p.value(y) for p in ps)


def portfolio_value(x):
    ps = make(x)
    return value_of(ps, 0.3) * x[0]


class Dense:
    def __init__(self, w, b):
        self.w, self.b = w, b

    def forward(self, h):
        return self.w @ h + self.b


class Tanh:
    def forward(self, h):
        return np.tanh(h)


class Scale:
    def __init__(self, w):
        self.w = w

    def forward(self, h):
        return self.w * h


class Net:
    def __init__(self, layers):
        self.layers = layers

    def __call__(self, h):
        for layer in self.layers:
            h = layer.forward(h)
        return h


def layer_network(x):
    layers = []
    for i in range(3):
        layers.append(Dense(np.outer(x, x) * 0.5, x))
        if i < 2:
            layers.append(Tanh())
        layers.append(Scale(x[i]))
    return Net(layers)(x).sum()


class Linear:
    def __init__(self, k):
        self.k = k

    def rate(self, t, y):
        return -self.k * y


class Forcing:
    def __init__(self, a, om):
        self.a, self.om = a, om

    def rate(self, t, y):
        return self.a * np.sin(self.om * t) * np.ones_like(y)


class Cubic:
    def __init__(self, c):
        self.c = c

    def rate(self, t, y):
        return -self.c * y**3


def rhs(terms, t, y):
    out = np.zeros_like(y)
    for term in terms:
        out = out + term.rate(t, y)
    return out


def ode_of_terms(x):
    terms = []
    for kind, p in zip(["lin", "force", "cub"], x):
        if kind == "lin":
            terms.append(Linear(p))
        elif kind == "force":
            terms.append(Forcing(p, 2.0))
        else:
            terms.append(Cubic(p))
    y = np.array([1.0, 0.5])
    for n in range(4):
        y = y + 0.1 * rhs(terms, 0.1 * n, y)
    return (y**2).sum()


class Component(ABC):
    @abstractmethod
    def z(self, om): ...


@dataclass
class Resistor(Component):
    r: float

    def z(self, om):
        return self.r + 0j


@dataclass
class Capacitor(Component):
    c: float

    def z(self, om):
        return 1.0 / (1j * om * self.c)


@dataclass
class Inductor(Component):
    l: float

    def z(self, om):
        return 1j * om * self.l


def circuit_power(x):
    comps: list[Component] = [Resistor(x[0] + 2.0)]
    for i in range(1, 3):
        comps.append(Inductor(x[i]) if x[i] > 0 else Capacitor(-x[i]))
    total = 0j
    for c in comps:
        total += c.z(2.0)
    return abs(total) ** 2


@dataclass
class Box:
    lo: float
    hi: float


@dataclass
class Ball:
    radius: float


def penalty(con, x):
    if isinstance(con, Box):
        return np.sum(np.maximum(x - con.hi, 0.0) ** 2 + np.maximum(con.lo - x, 0.0) ** 2)
    elif isinstance(con, Ball):
        return max(np.sum(x**2) - con.radius**2, 0.0) ** 2
    raise TypeError("unknown constraint")


def constraint_penalty(x):
    cons = []
    cons.append(Box(-0.1, x[0]))
    cons.append(Ball(0.3))
    if x[1] > 0:
        cons.append(Box(0.0, 0.2))
    return sum(penalty(c, x) for c in cons)


class Quad:
    def __init__(self, lo, hi):
        self.lo, self.hi = lo, hi
        self.mass = 0.0
        self.com = 0.0
        self.body = None
        self.kids = [None, None]

    def insert(self, p, m):
        if self.mass == 0.0 and self.body is None:
            self.body = p
            self.mass = m
            self.com = p
            return
        mid = 0.5 * (self.lo + self.hi)
        if self.body is not None:
            b = self.body
            self.body = None
            self.place(b, self.mass, mid)
        self.place(p, m, mid)
        self.com = (self.com * self.mass + p * m) / (self.mass + m)
        self.mass = self.mass + m

    def place(self, p, m, mid):
        i = 0 if p < mid else 1
        if self.kids[i] is None:
            self.kids[i] = Quad(self.lo, mid) if i == 0 else Quad(mid, self.hi)
        self.kids[i].insert(p, m)

    def force(self, q):
        d = self.com - q
        if self.body is not None or (self.hi - self.lo) < 0.5 * abs(d):
            return self.mass * d / (abs(d) ** 3 + 0.1)
        out = 0.0
        for k in self.kids:
            if k is not None:
                out += k.force(q)
        return out


def tree_forces(x):
    root = Quad(-2.0, 2.0)
    for i in range(3):
        root.insert(x[i], 1.0 + 0.5 * i)
    return sum(root.force(v + 0.05) * v for v in x)


class Leaf:
    def __init__(self, v):
        self.v = v

    def predict(self, q):
        return self.v


class Split:
    def __init__(self, th, a, b):
        self.th, self.a, self.b = th, a, b

    def predict(self, q):
        s = 1.0 / (1.0 + np.exp(-(q - self.th)))
        return s * self.a.predict(q) + (1 - s) * self.b.predict(q)


def grow(x, depth):
    if depth == 0:
        return Leaf(x[0])
    return Split(x[depth], grow(x * 0.9, depth - 1), grow(x * 1.1, depth - 1))


def soft_decision_tree(x):
    return grow(x, 2).predict(0.3)


class Hit:
    def __init__(self, t, n):
        self.t, self.n = t, n


class Sphere:
    def __init__(self, c, r):
        self.c, self.r = c, r

    def hit(self, o, d):
        oc = o - self.c
        b = np.dot(oc, d)
        disc = b * b - (np.dot(oc, oc) - self.r**2)
        if disc < 0:
            return None
        t = -b - np.sqrt(disc)
        return Hit(t, (oc + t * d) / self.r)


class Plane:
    def __init__(self, h):
        self.h = h

    def hit(self, o, d):
        if d[2] >= 0:
            return None
        t = (self.h - o[2]) / d[2]
        return Hit(t, np.array([0.0, 0.0, 1.0]))


def nearest(objs, o, d):
    best = None
    for obj in objs:
        h = obj.hit(o, d)
        if h is not None and (best is None or h.t < best.t):
            best = h
    return best


def nearest_hit(x):
    objs = []
    objs.append(Sphere(np.array([0.0, x[0], 5.0]), 1.0 + x[1]))
    objs.append(Plane(x[2]))
    total = 0.0
    for k in range(3):
        d = np.array([0.0, 0.2 * k, 1.0]) if k < 2 else np.array([0.1, 0.1, -1.0])
        d = d / np.linalg.norm(d)
        h = nearest(objs, np.zeros(3), d)
        if h is not None:
            total += h.t * (0.1 + h.n[2] ** 2)
    return total


class InverseSquare:
    def __init__(self, a):
        self.a = a

    def energy(self, r):
        return self.a / r**2


class Screened:
    def __init__(self, a):
        self.a = a

    def energy(self, r):
        return self.a * np.exp(-r)


def pair_potentials(x):
    pots = {}
    pots["a"] = InverseSquare(x[0])
    pots["b"] = Screened(x[1])
    names = ["a", "b", "a"]
    t = 0.0
    for n in names:
        t += pots[n].energy(x[1] + 1.0)
    return t


class Expression:
    def __add__(self, o):
        return Sum(self, o)

    def __mul__(self, o):
        return Product(self, o)


class Number(Expression):
    def __init__(self, v):
        self.v = v

    def ev(self):
        return self.v


class Sum(Expression):
    def __init__(self, a, b):
        self.a, self.b = a, b

    def ev(self):
        return self.a.ev() + self.b.ev()


class Product(Expression):
    def __init__(self, a, b):
        self.a, self.b = a, b

    def ev(self):
        return self.a.ev() * self.b.ev()


def operator_expression(x):
    e = Number(x[0])
    for i in range(3):
        e = e * Number(x[i]) + Number(0.5)
    return e.ev()


class Branch:
    def __init__(self, v):
        self.v = v
        self.kids = []

    def add(self, k):
        self.kids.append(k)

    def total(self):
        t = self.v**2
        for k in self.kids:
            t += 0.5 * k.total()
        return t


def branching_total(x):
    root = Branch(x[0])
    for i in range(1, 3):
        c = Branch(x[i])
        c.add(Branch(x[i] * x[0]))
        root.add(c)
    return root.total()


class Tree:
    def __init__(self, key):
        self.key = key
        self.left = None
        self.right = None


def insert(node, key):
    if node is None:
        return Tree(key)
    if key < node.key:
        node.left = insert(node.left, key)
    else:
        node.right = insert(node.right, key)
    return node


def inorder(node, d):
    if node is None:
        return 0.0
    return inorder(node.left, d + 1) + node.key**2 * d + inorder(node.right, d + 1)


def search_tree(x):
    root = None
    for i in range(3):
        root = insert(root, x[i])
    return inorder(root, 1)


class Const:
    def __init__(self, v):
        self.v = v

    def eval(self, x):
        return self.v


class Var:
    def eval(self, x):
        return x


class Add:
    def __init__(self, a, b):
        self.a, self.b = a, b

    def eval(self, x):
        return self.a.eval(x) + self.b.eval(x)


class Mul:
    def __init__(self, a, b):
        self.a, self.b = a, b

    def eval(self, x):
        return self.a.eval(x) * self.b.eval(x)


def horner_expression(x):
    e = Const(x[0])
    for i in range(1, 3):
        e = Add(Mul(e, Var()), Const(x[i]))
    return e.eval(0.7) + e.eval(x[1])


def simplify(e):
    if isinstance(e, Add):
        a, b = simplify(e.a), simplify(e.b)
        if isinstance(a, Const) and isinstance(b, Const):
            return Const(a.v + b.v)
        return Add(a, b)
    if isinstance(e, Mul):
        a, b = simplify(e.a), simplify(e.b)
        if isinstance(a, Const) and isinstance(b, Const):
            return Const(a.v * b.v)
        return Mul(a, b)
    return e


def folded_constants(x):
    e = Mul(Add(Const(x[0]), Const(x[1])), Add(Var(), Const(x[2])))
    return simplify(e).eval(x[1])


@dataclass
class Node:
    value: float
    left: Node | None = None
    right: Node | None = None


def build(x, lo, hi):
    if lo >= hi:
        return None
    mid = (lo + hi) // 2
    return Node(x[mid], build(x, lo, mid), build(x, mid + 1, hi))


def energy(n):
    if n is None:
        return 0.0
    return n.value**2 * 0.5 + energy(n.left) * energy(n.right) + np.sin(energy(n.left))


def balanced_tree(x):
    return energy(build(x, 0, 3))
