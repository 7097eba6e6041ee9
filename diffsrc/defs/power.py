"""The derivative of `x ** p`: one pair of rules for the operator, `pow`, `np.power`, `np.float_power` and `math.pow`.

For a literal exponent it is what one would write by hand. Otherwise the two singular points are stepped over:

* d/dx = p * x**(p - 1); at x == p == 0 the base is replaced by 1, so that the contribution is exactly 0 and not 0 * inf;
* d/dp = out * log(x); at x == 0 the logarithm is replaced by 0, the limit for p > 0.

Both replacements happen at the singular point only, so the rules can be differentiated again.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from .special import is_number, unbroadcast
from .table import derivative


def _slope(out: Any, x: Any, p: Any) -> Any:
    """d out / d x. `np.power`, not `**`, where a Python float could raise though `x ** p` does not."""
    if not is_number(p):
        return p * np.power(x + ((x == 0) & (p == 0)), p - 1)
    if p == 2:
        return 2 * x
    if p > 1:
        return p * x ** (p - 1)
    return p * np.power(x, p - 1) if p > 0 else p * out / x


class _Base:
    @staticmethod
    def jvp(dot: Any, out: Any, x: Any, p: Any) -> Any:
        if is_number(p) and p in (0, 1):
            return dot if p == 1 else np.zeros_like(out)
        return dot * _slope(out, x, p)

    @staticmethod
    def vjp(ct: Any, out: Any, x: Any, p: Any) -> Any:
        if is_number(p) and p in (0, 1):
            return ct if p == 1 else np.zeros_like(x)
        g = ct * _slope(out, x, p)
        return g if is_number(p) else unbroadcast(g, x)


def _log(x: Any) -> Any:
    if is_number(x):
        return math.nan if x < 0 else math.log(x or 1)
    return np.log(x + (x == 0))


class _Exponent:
    @staticmethod
    def jvp(dot: Any, out: Any, x: Any, p: Any) -> Any:
        return dot * out * _log(x)

    @staticmethod
    def vjp(ct: Any, out: Any, x: Any, p: Any) -> Any:
        g = ct * out * _log(x)
        return g if is_number(x) else unbroadcast(g, p)


def power_rules(fn: Callable[..., Any]) -> None:
    derivative(fn, 0)(_Base)
    derivative(fn, 1)(_Exponent)
