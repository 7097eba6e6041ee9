"""Classes: dataclasses, NamedTuples, plain classes, inheritance, properties, copies."""

from __future__ import annotations

import abc
import collections
import copy
import dataclasses
import math
from dataclasses import dataclass, field
from typing import ClassVar, NamedTuple

import numpy as np

from ..data import X3, X5, Y3
from ..harness import case

Pair = collections.namedtuple("Pair", ["a", "b"])  # noqa: PYI024


class State(NamedTuple):
    """With a default and methods."""

    q: np.ndarray
    p: np.ndarray
    t: float = 0.0

    def energy(self):
        return 0.5 * (self.p**2).sum() + (1.0 - np.cos(self.q)).sum()

    @property
    def speed(self):
        return np.sqrt((self.p**2).sum())

    def step(self, dt):
        p = self.p - dt * np.sin(self.q)
        return State(self.q + dt * p, p, self.t + dt)


@case((X3, Y3, 0.1, 3), second=True)
def namedtuple_methods(q, p, dt, n):
    s = State(q, p)
    for _ in range(n):
        s = s.step(dt)
    return s.energy() + s.speed * s.t


@case((1.5, 0.7), second=True)
def collections_namedtuple(x, y):
    p = Pair(x, y)
    q = p._replace(b=p.a * p.b)
    a, b = q
    d = q._asdict()
    return a * b + p[1] * d["a"]


@dataclass
class Body:
    pos: np.ndarray
    vel: np.ndarray
    mass: float = 1.0
    trail: list = field(default_factory=list)

    def kick(self, force, dt):
        self.vel = self.vel + dt * force / self.mass

    def drift(self, dt):
        self.pos = self.pos + dt * self.vel
        self.trail.append(self.pos[0])

    @property
    def kinetic(self):
        return 0.5 * self.mass * (self.vel**2).sum()


@case((X3, Y3, 2.0), second=True)
def dataclass_methods_mutate(pos, vel, m):
    b = Body(pos, vel, m)
    for _ in range(3):
        b.kick(-b.pos, 0.1)
        b.drift(0.1)
    return b.kinetic + b.trail[0] * b.trail[-1]


@case((X3, Y3), second=True)
def two_bodies(p, v):
    a = Body(p, v, 1.5)
    b = Body(p * 2.0, v - 1.0)
    bodies = [a, b]
    for _ in range(2):
        for i, one in enumerate(bodies):
            f = np.zeros(3)
            for j, two in enumerate(bodies):
                if i != j:
                    d = two.pos - one.pos
                    f = f + d * two.mass / (1.0 + (d**2).sum())
            one.kick(f, 0.1)
        for one in bodies:
            one.drift(0.1)
    return sum(one.kinetic for one in bodies)


@dataclass
class Scaled:
    x: float
    factor: float = 2.0
    y: float = field(init=False)
    notes: dict = field(default_factory=dict)

    def __post_init__(self):
        self.y = self.x * self.factor


@case((1.5, 0.7), second=True)
def dataclass_post_init(x, f):
    s = Scaled(x, f)
    t = Scaled(x=f)
    return s.y * s.x + t.y


@dataclass(frozen=True)
class Gauss:
    mu: float
    sigma: float = 1.0

    def __post_init__(self):
        if self.sigma <= 0.0:
            raise ValueError("sigma")

    def logpdf(self, x):
        z = (x - self.mu) / self.sigma
        return -0.5 * z * z - math.log(self.sigma)

    def shifted(self, d):
        return dataclasses.replace(self, mu=self.mu + d)


@case((1.5, 0.7, 0.3), second=True)
def frozen_with_check(mu, s, x):
    g = Gauss(mu, s)
    return g.logpdf(x) * g.shifted(x).logpdf(1.0)


@case((Gauss(0.3, 1.2), X5), second=True)
def frozen_argument_method(g, xs):
    return sum([g.logpdf(x) for x in xs])


@dataclass(kw_only=True, slots=True)
class Cfg:
    lr: float
    decay: float = 0.9
    steps: int = 3


@case((0.5, 1.5), second=True)
def kw_only_slots(lr, w):
    c = Cfg(lr=lr)
    for _ in range(c.steps):
        w = w - c.lr * 2.0 * w
        c.lr *= c.decay
    return w


@case((Cfg(lr=0.3), 1.5), second=True)
def slots_argument(c, w):
    for _ in range(c.steps):
        w = w - c.lr * 2.0 * w * c.decay
    return w


@case((1.5, 0.7), second=True)
def replace_mutable(x, y):
    a = Scaled(x, y)
    b = dataclasses.replace(a, x=a.x * y)
    b.factor += 1.0
    return b.y * a.y + b.factor * a.factor


class Counter_:
    total = 0.0
    scale: ClassVar[float] = 2.0

    def __init__(self, start):
        self.value = start
        self.calls = 0

    def add(self, v):
        self.value += v * self.scale
        self.calls += 1
        return self

    def __call__(self, v):
        return self.value * v + self.calls


@case((1.5, 0.7), second=True)
def plain_class(x, y):
    c = Counter_(x)
    c.add(y).add(x * y)
    return c(y) + c.value * Counter_.scale


class Shape(abc.ABC):
    name = "shape"

    def __init__(self, k):
        self.k = k

    @abc.abstractmethod
    def area(self): ...

    def scaled_area(self, s):
        return s * self.area() * len(self.name)


class Circle(Shape):
    name = "circle"

    def __init__(self, r):
        super().__init__(2.0)
        self.r = r

    def area(self):
        return math.pi * self.r**2 * self.k


class Ellipse(Circle):
    def __init__(self, a, b):
        super().__init__(a)
        self.b = b

    def area(self):
        return super().area() * self.b / self.r


class Square(Shape):
    def area(self):
        return self.k**2


@case((1.5, 0.7), second=True)
def inheritance(x, y):
    return Circle(x).scaled_area(y) + Ellipse(x, y).scaled_area(2.0) + Square(y).area()


@case((1.5, 0.7), second=True)
def shapes_in_tuple(x, y):
    shapes = (Circle(x), Ellipse(x, y), Square(y))
    s = 0.0
    for shape in shapes:
        s += shape.scaled_area(0.5)
    return s


@case((1.5, 0.7), second=True)
def shapes_in_list(x, y):
    shapes = [Circle(x), Ellipse(x, y), Square(y)]
    s = 0.0
    for shape in shapes:
        s += shape.scaled_area(0.5)
    return s


@case((1.5, 0.7), second=True)
def isinstance_dispatch(x, y):
    s = 0.0
    for shape in (Circle(x), Square(y)):
        if isinstance(shape, Circle):
            s += shape.r * 3.0
        elif type(shape) is Square:
            s += shape.k**2
        if issubclass(type(shape), Shape):
            s *= 2.0
    return s


class Temperature:
    def __init__(self, celsius):
        self._c = celsius

    @property
    def kelvin(self):
        return self._c + 273.15

    @kelvin.setter
    def kelvin(self, k):
        self._c = k - 273.15

    @classmethod
    def of_kelvin(cls, k):
        return cls(k - 273.15)

    @staticmethod
    def double(v):
        return 2.0 * v


@case((20.0, 1.5), second=True)
def property_setter(c, f):
    t = Temperature(c)
    t.kelvin = t.kelvin * f
    t.kelvin += 3.0
    u = Temperature.of_kelvin(300.0 * f)
    return t._c * 0.01 * u._c + Temperature.double(c) + t.double(f)


@case((1.5, 0.7), second=True)
def getattr_names(x, y):
    c = Counter_(x)
    setattr(c, "value", x * y)
    if hasattr(c, "value") and not hasattr(c, "nothing"):
        return getattr(c, "value") * getattr(c, "nothing", 2.0)
    return x


@case((X3, 1.5), second=True)
def copy_copy(x, k):
    b = Body(x.copy(), x * k, k)
    c = copy.copy(b)
    d = copy.deepcopy(b)
    c.mass = c.mass * 2.0
    d.pos[0] = k
    b.pos[1] = k * k
    return (b.pos * c.pos * d.pos).sum() + b.mass * c.mass * d.mass


class Doubled:
    """Class methods that use their class; an iterator of what it holds."""

    k = 2.0

    def __init__(self, w):
        self.w = w

    def __iter__(self):
        return iter(self.w)

    @classmethod
    def total(cls, x):
        return cls.square(x) * cls.k

    @staticmethod
    def square(x):
        return np.sum(x * x)

    def both(self, x):
        return self.total(x) + Doubled.total(self.w)


class Tripled(Doubled):
    k = 3.0


@case((X3, 1.5), second=True)
def class_methods_and_iterators(x, k):
    t = Tripled(x * k)
    s = sum(t)
    for v in t:
        s = s * v
    return t.both(x) * s + Tripled.total(x) + len([v for v in Doubled(x) if v > 0.0])


class Dome:
    def __init__(self, radius):
        self.radius = radius

    def hit(self, x):
        return None if abs(x) > self.radius else math.sqrt(self.radius**2 - x**2)


class Ramp:
    def __init__(self, slope):
        self.slope = slope

    def hit(self, x):
        return None if x < 0 else self.slope * x


@case((0.8, 0.5), (0.8, -0.6), (0.8, 1.7), second=True)
def objects_passed_over(a, x):
    best, count = 10.0, 0
    for thing in (Dome(a), Ramp(a * 2), Dome(0.1)):
        t = thing.hit(x)
        if t is None:
            continue
        count += 1
        if t < best:
            best = t
    return best * count


@case((0.8, 0.5), (0.8, -0.6), (0.8, 1.7), (0.8, -1.7), second=True)
def first_object_that(a, x):
    for i, thing in enumerate([Dome(0.1), Ramp(a * 2), Dome(a)]):
        t = thing.hit(x)
        if t is not None:
            found = i * t * x
            break
    else:
        found = a
    return found


@case((0.8, 0.5), (0.8, -0.6), (0.8, 1.7), second=True)
def objects_until(a, x):
    total, n = 0.0, 0
    for thing in [Dome(0.1), Ramp(a * 2), Dome(a)]:
        t = thing.hit(x)
        if t is None:
            if x < -1.0:
                break
            continue
        total += t * x
        if total > 1.0:
            break
        n += 1
    return total * n + total


class Length:
    def __init__(self, v):
        self.v = v

    def __add__(self, other):
        return Length(self.v + other.v)

    def __radd__(self, other):
        if other == 0:
            return self
        return self.__add__(other)

    def __lt__(self, other):
        return self.v < other.v

    def __iter__(self):
        return iter((self.v,))


@case((X5,), second=True)
def sums_of_instances(x):
    a = sum([Length(x[0]), Length(x[1] * x[2])]).v
    b = sum([Length(v * v) for v in x]).v
    return a * b + sum(Length(v) for v in x[:2]).v + (0 + Length(x[3])).v ** 2


@case((X5,), second=True)
def extremes_of_instances(x):
    a, b = Length(x[0] * x[0]), Length(x[1] * x[1])
    top = max(a, b)
    top.v *= x[2]
    rows = [Length(v**3) for v in x]
    return a.v + b.v**2 + max(rows).v * min(rows).v + min([a, b]).v


@case((X5,), second=True)
def extremes_of_keys(x):
    lengths = {i * 2: Length(v * v) for i, v in enumerate(x)}
    return lengths[max(lengths)].v * x[0] + lengths[min(lengths)].v
