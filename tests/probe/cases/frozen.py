"""Frozen instances and tuples that stand in several places, and methods of one name."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from tests.probe.harness import case


@dataclass(frozen=True)
class Span:
    lo: float
    hi: float

    def __add__(self, other: Span) -> Span:
        return Span(self.lo + other.lo, self.hi + other.hi)

    def __contains__(self, v: float) -> bool:
        return self.lo <= v <= self.hi

    @property
    def width(self) -> float:
        return self.hi - self.lo


@dataclass(frozen=True)
class Two:
    left: Any
    right: Any

    def product(self) -> Any:
        return self.left.lo * self.right.hi * 3.0 + self.left.hi**2


def _span(x: Any) -> Span:
    return Span(x, 2.0 * x)


@case(0.7, second=True)
def one_value_in_two_fields(x):
    span = _span(x)
    return Two(span, span).product()


@case((0.7, 0.3), second=True)
def part_read_behind_a_call(a, r):
    z = Span(a - r, a + r) + Span(r, a)
    return z.width + (1.0 if 0.5 in z else 0.0) * z.lo


@dataclass(frozen=True)
class Constant:
    value: float

    def eval(self, env):
        return self.value


@dataclass(frozen=True)
class Variable:
    name: str

    def eval(self, env):
        return env[self.name]


@dataclass(frozen=True)
class Product:
    left: Any
    right: Any

    def eval(self, env):
        return self.left.eval(env) * self.right.eval(env)


@dataclass(frozen=True)
class Mapped:
    fn: Any
    arg: Any

    def eval(self, env):
        return self.fn(self.arg.eval(env))


@case((0.7, 1.3), second=True)
def methods_of_one_name(a, b):
    x, y = Variable("x"), Variable("y")
    e = Product(Product(Constant(-1.0), x), Product(Mapped(abs, y), Product(Constant(2.0), Constant(b))))
    return e.eval({"x": a, "y": b}) * Product(Constant(3.0), Constant(a)).eval({})


@case((0.7, 1.3))
def constant_call_beside_an_active_one(a, b):
    e = Product(_negated(Variable("y")), Constant(b))
    return e.eval({"y": a})


def _negated(e):
    return Product(Constant(-1.0), e)


@dataclass(frozen=True)
class Unit:
    size: float

    def cost(self, scale):
        return self.size


@dataclass(frozen=True)
class Crate:
    size: float

    def cost(self, scale):
        return self.size * 10


@dataclass(frozen=True)
class Order:
    item: Any

    def price(self, x):
        return self.item.cost(0) * x


@case(3.0)
def callees_of_one_name_with_constant_results(x):
    return Order(Unit(2.0)).price(x) + Order(Crate(2.0)).price(x) * x


@case(([0.3, -0.2, 0.5], 0.7), second=True)
def recursion_through_a_closure(weights, x):
    def below(node, path):
        if node >= len(weights):
            return path * node
        gate = 1.0 / (1.0 + math.exp(-weights[node] * x))
        return below(2 * node + 1, path * gate) + below(2 * node + 2, path * (1.0 - gate))

    return below(0, 1.0)
