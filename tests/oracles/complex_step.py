"""Derivatives by the complex step: exact to rounding, for real analytic functions whose code accepts
complex numbers."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import numpy as np

STEP = 1e-30


def directional(f: Callable[..., Any], args: tuple[Any, ...], v: tuple[Any, ...]) -> Any:
    """The derivative of the result in a direction; arguments are floats or float arrays."""
    moved = [copy.deepcopy(a) + 1j * STEP * np.asarray(d) for a, d in zip(args, v)]
    return np.imag(f(*moved)) / STEP
