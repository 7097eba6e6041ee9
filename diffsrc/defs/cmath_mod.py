"""The cmath module: functions of one complex number. Its results are complex also for real arguments."""

from __future__ import annotations

import cmath
from typing import Any

import numpy as np

from .special import complex_valued, dispatching
from .table import derivative, elementwise, general, zero

elementwise(cmath.exp, "out")
elementwise(cmath.sqrt, "divide(0.5, out)", singular=True, domain=(0.2, 4.0))
elementwise(cmath.sin, "cmath.cos(x)")
elementwise(cmath.cos, "-cmath.sin(x)")
elementwise(cmath.tan, "1 + out * out", domain=(-1.2, 1.2))
elementwise(cmath.asin, "divide(1, cmath.sqrt((1 - x) * (1 + x)))", singular=True, domain=(-0.8, 0.8))
elementwise(cmath.acos, "divide(-1, cmath.sqrt((1 - x) * (1 + x)))", singular=True, domain=(-0.8, 0.8))
elementwise(cmath.atan, "1 / (1 + x * x)")
elementwise(cmath.sinh, "cmath.cosh(x)")
elementwise(cmath.cosh, "cmath.sinh(x)")
elementwise(cmath.tanh, "1 - out * out")
elementwise(cmath.asinh, "1 / cmath.sqrt(1 + x * x)")
elementwise(cmath.acosh, "divide(1, cmath.sqrt(x - 1) * cmath.sqrt(x + 1))", singular=True, domain=(1.3, 4.0))
elementwise(cmath.atanh, "1 / ((1 - x) * (1 + x))", domain=(-0.8, 0.8))
elementwise(cmath.log10, "0.4342944819032518 / x", domain=(0.2, 4.0))
elementwise(cmath.rect, "exp(1j * y)", "1j * out", domain=(0.3, 2.0))


_log = dispatching(cmath.log)


def _by_argument(x: Any, out: Any, y: Any = None) -> Any:
    """1 / x"""  # with a base: 1 / (x * log(base))
    return np.divide(1, x if y is None else x * _log(y))


def _by_base(x: Any, y: Any, out: Any) -> Any:
    """-out / (y * log(y))"""
    return np.divide(-out, y * _log(y))


elementwise(cmath.log, _by_argument, _by_base, singular=True, domain=(0.2, 0.9))
zero(cmath.isnan, cmath.isinf, cmath.isfinite, cmath.isclose)
general(cmath.phase, domain=(0.3, 2.0), kink="the origin: nan; real numbers: 0")
general(cmath.polar)


@derivative(cmath.phase)
class _Phase:
    @staticmethod
    def jvp(dot: Any, out: Any, z: Any) -> Any:
        return np.imag(dot / z) if complex_valued(z) else 0.0 * dot

    @staticmethod
    def vjp(ct: Any, out: Any, z: Any) -> Any:
        return -1j * ct / z if complex_valued(z) else 0.0 * ct
