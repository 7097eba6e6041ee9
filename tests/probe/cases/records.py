"""Frozen instances and NamedTuples, passed whole from loops and branches."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from ..data import X3, X5
from ..harness import case


@dataclass(frozen=True)
class Gauss:
    mu: float
    sigma: float = 1.0

    def logpdf(self, x):
        z = (x - self.mu) / self.sigma
        return -0.5 * z * z - np.log(self.sigma)


class Lin(NamedTuple):
    w: np.ndarray
    b: float

    def __call__(self, x):
        return np.tanh(self.w @ x + self.b)

    def __add__(self, o):
        return Lin(self.w + o.w, self.b * o.b)


@dataclass(frozen=True)
class Pair:
    a: Gauss
    l: Lin
    k: float

    def run(self, x):
        return self.a.logpdf(x.sum()) * self.l(x) + self.k


@case((Gauss(0.3, 1.2), X5), second=True)
def frozen_in_loop(g, xs):
    s = 0.0
    for x in xs:
        if x > 0.0:
            s += g.logpdf(x)
        else:
            s *= g.logpdf(s)
    return s * g.mu


@case((1.5, 0.7, 3), second=True)
def frozen_made_and_passed_in_loop(x, y, n):
    s = 0.0
    g = Gauss(x, y)
    for i in range(n):
        h = Gauss(g.mu + s * 0.1, g.sigma)
        for j in range(2):
            s += h.logpdf(x * j) + g.logpdf(y)
    return s


@case((Lin(X3 * 1.0, 0.3), X3, 3), second=True)
def namedtuple_called_in_loop(l, x, n):
    s = 0.0
    for i in range(n):
        s += l(x * i)
        m = l + l
        s += m(x)
    return s


@case((Pair(Gauss(0.3, 1.2), Lin(X3 * 1.0, 0.3), 0.5), X3), second=True)
def nested_frozen_in_loop(p, x):
    s = 0.0
    for i in range(3):
        while s < 1.0 * i:
            s += 0.7 + p.run(x) ** 2
        s += p.run(x * (i + 1))
    return s


@case(([Gauss(0.3, 1.2), Gauss(1.0, 0.7)], X5), second=True)
def frozen_list_argument(gs, xs):
    s = 0.0
    for g in gs:
        for x in xs:
            s += g.logpdf(x)
    return s


@case((X3, 1.5), second=True)
def frozen_list_made(x, k):
    gs = [Gauss(v * k, 1.0 + i) for i, v in enumerate(x)]
    s = 0.0
    for g in gs:
        s += g.logpdf(k)
    return s


def mixture(g, w, x):
    return w * np.exp(g.logpdf(x))


@case((Gauss(0.3, 1.2), 0.4, X5), second=True)
def frozen_through_functions(g, w, xs):
    total = 0.0
    for x in xs:
        total += np.log(mixture(g, w, x) + mixture(Gauss(g.sigma, g.mu + 2.0), 1.0 - w, x))
    return total
