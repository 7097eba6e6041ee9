"""The classes whose instances random programs take as arguments."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np


class Pair(NamedTuple):
    """A value with two parts."""

    k: float
    v: np.ndarray


@dataclass
class Box:
    """Memory with two parts."""

    k: float
    v: np.ndarray


@dataclass(frozen=True)
class Seal:
    """A frozen dataclass."""

    k: float
    v: np.ndarray


class Unit:
    """A class with state, a property, operators and a call."""

    def __init__(self, k: float, w: float) -> None:
        self.k = k
        self.w = w

    @property
    def half(self) -> float:
        return 0.5 * self.k

    def step(self, t: float) -> None:
        self.k = self.k * self.w + np.sin(t)

    def __add__(self, t: float) -> Unit:
        return Unit(self.k + t, self.w)

    def __call__(self, t: float) -> float:
        return self.k * t + self.w
