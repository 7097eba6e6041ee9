"""The gamma function of `math`, its logarithm, and the polygamma functions that are their derivatives (DLMF 5.2, 5.15); Bessel
functions of integer order that those of NumPy lead to (DLMF 10.29)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from ..ir.types import Array, Scalar, Type, strip
from ..runtime import helpers
from .special import dispatching
from .table import derivative, elementwise, general

_polygamma = dispatching(helpers.polygamma)
bessel_i = dispatching(helpers.bessel_i)


def _type(args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Type:
    x = strip(args[1])
    return x if isinstance(x, Array) else Scalar("f64")


general(helpers.polygamma, name="polygamma", types=_type)
general(helpers.bessel_i, name="bessel_i", types=_type)


@derivative(helpers.polygamma, 1)
class _Polygamma:
    @staticmethod
    def jvp(dot: Any, out: Any, n: Any, x: Any) -> Any:
        return dot * _polygamma(n + 1, x)

    vjp = jvp


@derivative(helpers.bessel_i, 1)
class _BesselI:
    @staticmethod
    def jvp(dot: Any, out: Any, n: Any, x: Any) -> Any:
        return dot * (bessel_i(1, x) if n == 0 else 0.5 * (bessel_i(n - 1, x) + bessel_i(n + 1, x)))

    vjp = jvp


def _digamma(x: Any, out: Any) -> Any:
    """polygamma(0, x)"""
    return _polygamma(0, x)


def _slope(x: Any, out: Any) -> Any:
    """out * polygamma(0, x)"""
    return out * _polygamma(0, x)


elementwise(math.lgamma, _digamma, domain=(0.2, 4.0))
elementwise(math.gamma, _slope, domain=(0.2, 4.0))
