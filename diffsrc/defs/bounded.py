"""The equation that a minimum within bounds solves: what is at a bound stays there, in all else the gradient is zero.

They are functions that the compiler reads, as those in `defs/transforms.py`. What the gradient pushes against a bound, and is
within a millionth of it, is at the bound: some solvers keep away from it by as much.
"""

from __future__ import annotations

from typing import Any

import numpy as np


def limits_of_pairs(bounds: Any, x: Any) -> Any:
    """The lower and the upper bounds of `[(low, high), ...]`; None is none."""
    low = np.array([-np.inf if pair[0] is None else 1.0 * pair[0] for pair in bounds])
    return low, np.array([np.inf if pair[1] is None else 1.0 * pair[1] for pair in bounds])


def limits_of_ends(bounds: Any, x: Any) -> Any:
    """The same of `(low, high)`, numbers or arrays."""
    return np.zeros_like(x) + np.array(bounds[0]), np.zeros_like(x) + np.array(bounds[1])


def limits_of_bounds(bounds: Any, x: Any) -> Any:
    """The same of SciPy's `Bounds`."""
    return np.zeros_like(x) + bounds.lb, np.zeros_like(x) + bounds.ub


def between(gradient: Any, limits: Any, x: Any, bounds: Any, *args: Any) -> Any:
    """The gradient at x, in its place the distance from a bound where x is at one."""
    g, (low, high), near = gradient(x, *args), limits(bounds, x), 1e-6 * (1.0 + np.abs(x))
    return np.where((x - low <= near) & (g > 0.0), x - low, np.where((high - x <= near) & (g < 0.0), x - high, g))


def value_between(f: Any, gradient: Any, limits: Any, x: Any, bounds: Any, *args: Any) -> Any:
    """`f(x, *args)`, where x moves with the bounds that it is at."""
    g, (low, high), near = gradient(x, *args), limits(bounds, x), 1e-6 * (1.0 + np.abs(x))
    at = np.where((x - low <= near) & (g > 0.0), low, np.where((high - x <= near) & (g < 0.0), high, x))
    return f(at, *args)
