"""Dual numbers: a scalar class whose arithmetic carries one tangent, also inside object arrays."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np


class Dual:
    """A number `a + b * eps` with `eps**2 == 0`. Comparisons look at `a`."""

    __slots__ = ("a", "b")

    def __init__(self, a: float, b: float = 0.0) -> None:
        self.a, self.b = float(a), float(b)

    def __repr__(self) -> str:
        return f"Dual({self.a!r}, {self.b!r})"

    def __add__(self, o: Any) -> Any:
        if isinstance(o, np.ndarray):
            return NotImplemented
        o = lift(o)
        return Dual(self.a + o.a, self.b + o.b)

    __radd__ = __add__

    def __sub__(self, o: Any) -> Any:
        if isinstance(o, np.ndarray):
            return NotImplemented
        o = lift(o)
        return Dual(self.a - o.a, self.b - o.b)

    def __rsub__(self, o: Any) -> Any:
        return lift(o) - self

    def __mul__(self, o: Any) -> Any:
        if isinstance(o, np.ndarray):
            return NotImplemented
        o = lift(o)
        return Dual(self.a * o.a, self.a * o.b + self.b * o.a)

    __rmul__ = __mul__

    def __truediv__(self, o: Any) -> Any:
        if isinstance(o, np.ndarray):
            return NotImplemented
        o = lift(o)
        return Dual(self.a / o.a, self.b / o.a - self.a * o.b / o.a**2)

    def __rtruediv__(self, o: Any) -> Any:
        return lift(o) / self

    def __neg__(self) -> Dual:
        return Dual(-self.a, -self.b)

    def __pos__(self) -> Dual:
        return self

    def __abs__(self) -> Dual:
        return self if self.a >= 0 else -self

    def __pow__(self, p: Any) -> Dual:
        if isinstance(p, Dual) and p.b:
            return exp(p * log(self))
        p = p.a if isinstance(p, Dual) else p
        return Dual(self.a**p, p * self.a ** (p - 1) * self.b if p else 0.0)

    def __rpow__(self, o: Any) -> Dual:
        return exp(self * math.log(o))

    def __lt__(self, o: Any) -> bool:
        return self.a < lift(o).a

    def __le__(self, o: Any) -> bool:
        return self.a <= lift(o).a

    def __gt__(self, o: Any) -> bool:
        return self.a > lift(o).a

    def __ge__(self, o: Any) -> bool:
        return self.a >= lift(o).a

    def __eq__(self, o: object) -> bool:
        return self.a == lift(o).a

    def __ne__(self, o: object) -> bool:
        return self.a != lift(o).a

    def __hash__(self) -> int:
        return hash(self.a)

    def __bool__(self) -> bool:
        return bool(self.a)

    def __float__(self) -> float:
        raise TypeError("a dual number would lose its tangent")

    # what NumPy calls on the elements of object arrays
    def exp(self) -> Dual:
        return exp(self)

    def log(self) -> Dual:
        return log(self)

    def sin(self) -> Dual:
        return Dual(math.sin(self.a), math.cos(self.a) * self.b)

    def cos(self) -> Dual:
        return Dual(math.cos(self.a), -math.sin(self.a) * self.b)

    def tanh(self) -> Dual:
        t = math.tanh(self.a)
        return Dual(t, (1 - t * t) * self.b)

    def sqrt(self) -> Dual:
        r = math.sqrt(self.a)
        return Dual(r, self.b / (2 * r))


def lift(x: Any) -> Dual:
    """A constant as a dual number."""
    return x if isinstance(x, Dual) else Dual(x)


def exp(x: Dual) -> Dual:
    e = math.exp(x.a)
    return Dual(e, e * x.b)


def log(x: Dual) -> Dual:
    return Dual(math.log(x.a), x.b / x.a)


def seeded(value: Any, tangent: Any) -> Any:
    """A number or array with a tangent, as a dual number or an object array of them."""
    if not isinstance(value, np.ndarray):
        return Dual(value, tangent)
    made = np.empty(value.shape, dtype=object)
    for index in np.ndindex(value.shape):
        made[index] = Dual(value[index], np.asarray(tangent)[index])
    return made


def tangent_of(x: Any) -> Any:
    """The tangents of a result."""
    if isinstance(x, tuple):
        return tuple(map(tangent_of, x))
    if isinstance(x, np.ndarray):
        return np.array([lift(e).b for e in x.ravel()]).reshape(x.shape)
    return lift(x).b


def directional(f: Callable[..., Any], args: tuple[Any, ...], v: tuple[Any, ...]) -> Any:
    """The derivative of the result in a direction; `v` has None for constant arguments."""
    return tangent_of(f(*(a if d is None else seeded(a, d) for a, d in zip(args, v))))
