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
