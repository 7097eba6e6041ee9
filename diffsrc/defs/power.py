"""The derivative of `x ** p`, for the operator, `pow`, `np.power`, `np.float_power` and `math.pow`.

For a literal exponent it is what one would write by hand. Otherwise the two singular points are stepped over:

* d/dx = p * x**(p - 1); at x == p == 0 the base is replaced by 1, so that the contribution is exactly 0 and
  not 0 * inf;
* d/dp = out * log(x); at x == 0 the logarithm is replaced by 0, the limit for p > 0.

Both replacements happen at the singular point only, so the partials can be differentiated again.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from .special import is_number
from .table import Def, elementwise


def _slope(x: Any, y: Any, out: Any, raised: Callable[..., Any]) -> Any:
    if not is_number(y):
        return y * np.power(x + ((x == 0) & (y == 0)), y - 1)
    if y in (0, 1):
        return int(y)
    if y == 2:
        return 2 * x
    if y > 1:
        return y * raised(x, y - 1)
    # for y < 0 a power of a Python 0.0 has raised before; for 0 < y < 1 it is only this one that would raise
    return y * out / x if -math.inf < y < 0 else y * np.power(x, y - 1)


def _by_base(x: Any, y: Any, out: Any) -> Any:
    """y * x ** (y - 1)"""
    return _slope(x, y, out, operator.pow)


def _by_base_in_numpy(x: Any, y: Any, out: Any) -> Any:
    """y * power(x, y - 1)"""  # of a Python float: `**` raises where np.power overflows to inf
    return _slope(x, y, out, operator.pow if getattr(x, "ndim", 0) else np.power)


def _by_exponent(x: Any, y: Any, out: Any) -> Any:
    """out * log(x)"""
    if is_number(x):
        return out * (math.nan if x < 0 else math.log(x or 1))
    return out * np.log(x + (x == 0))


def _singular_base(x: Any, y: Any) -> bool:
    return not is_number(y) or (y < 1 and y != 0)


def power(fn: Callable[..., Any], name: str | None = None) -> Def:
    """The row of a function that raises its first argument to the power of the second."""
    by_base = _by_base if fn in (operator.pow, pow, math.pow) else _by_base_in_numpy
    return elementwise(
        fn, by_base, _by_exponent, name=name, singular=(_singular_base, True), domain=(0.3, 2.0),
        kink="x == 0 with 0 < p < 1: inf; for p: 0 at x == 0",
    )  # fmt: skip
