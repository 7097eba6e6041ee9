"""The math module but for the gamma function. Where its functions raise, at poles and outside their domain, texts may
divide plainly. `frexp` and `modf` have rows but no derivative.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from ..ir.types import BOTTOM, FLOAT, Type, strip
from .power import power
from .special import MANY, as_array, dispatching, is_display, is_list, product_of_others
from .table import derivative, elementwise, general, zero


def _float(args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Type:
    """The type of a function that can't be tried on just any number."""
    return BOTTOM if any(strip(a) == BOTTOM for a in args) else FLOAT


elementwise(math.sin, "math.cos(x)")
elementwise(math.cos, "-math.sin(x)")
elementwise(math.tan, "1 + out * out", domain=(-1.2, 1.2))
elementwise(math.asin, "1 / sqrt((1 - x) * (1 + x))", singular=True, domain=(-0.8, 0.8))
elementwise(math.acos, "-1 / sqrt((1 - x) * (1 + x))", singular=True, domain=(-0.8, 0.8))
elementwise(math.atan, "1 / (1 + x * x)")
elementwise(
    math.atan2, "divide(y, x * x + y * y)", "divide(-x, x * x + y * y)", singular=True, domain=(0.3, 2.0),
    kink="the origin: nan",
)  # fmt: skip
elementwise(math.sinh, "math.cosh(x)")
elementwise(math.cosh, "math.sinh(x)")
elementwise(math.tanh, "1 - out * out")
elementwise(math.asinh, "1 / math.sqrt(1 + x * x)")
elementwise(math.acosh, "1 / (sqrt(x - 1) * sqrt(x + 1))", singular=True, domain=(1.3, 4.0), types=_float)
elementwise(math.atanh, "1 / ((1 - x) * (1 + x))", domain=(-0.8, 0.8))
elementwise(math.exp, "out")
elementwise(math.expm1, "math.exp(x)")
elementwise(math.log2, "1.4426950408889634 / x", domain=(0.2, 4.0))
elementwise(math.log10, "0.4342944819032518 / x", domain=(0.2, 4.0))
elementwise(math.log1p, "1 / (1 + x)", domain=(-0.7, 3.0))
elementwise(math.sqrt, "divide(0.5, out)", singular=True, domain=(0.2, 4.0))
elementwise(math.degrees, "57.29577951308232", cheap=True)
elementwise(math.radians, "0.017453292519943295", cheap=True)
elementwise(math.fabs, "sign(x)", cheap=True, kink="0: 0")
elementwise(math.copysign, "sign(x) * copysign(1.0, y)", None, cheap=True, kink="x == 0: 0")
elementwise(math.nextafter, "1", None)
elementwise(
    math.fmod, "1", "divide(out - x, y)", singular=(False, True), domain=(0.6, 3.0),
    kink="multiples of y: from above",
)  # fmt: skip
elementwise(
    math.remainder, "1", "divide(out - x, y)", singular=(False, True), domain=(0.6, 3.0),
    kink="half multiples of y: from one side",
)  # fmt: skip
elementwise(math.erf, "1.1283791670955126 * math.exp(-x * x)")
elementwise(math.erfc, "-1.1283791670955126 * math.exp(-x * x)")

# newer than the oldest Python that is supported
for _name, _partials, _facts in (
    ("exp2", ("0.6931471805599453 * out",), {}),
    ("cbrt", ("divide(1.0, 3 * out * out)",), {"singular": True, "domain": (0.2, 4.0)}),
    ("fma", ("y", "x", "1"), {"cheap": True}),
):
    if hasattr(math, _name):
        elementwise(getattr(math, _name), *_partials, **_facts)

zero(
    math.floor, math.ceil, math.trunc, math.isnan, math.isinf, math.isfinite, math.isclose, math.factorial,
    math.comb, math.perm, math.gcd, math.lcm, math.isqrt, math.ulp,
)  # fmt: skip
for _fn in (math.frexp, math.modf):
    general(_fn)

power(math.pow)
elementwise(math.ldexp, "ldexp(1.0, y)", None, domain=(0.2, 2.0))


def _by_argument(x: Any, out: Any, y: Any = None) -> Any:
    """1 / x"""  # with a base: 1 / (x * log(base))
    return 1 / x if y is None else 1 / (x * np.log(y))


def _by_log_base(x: Any, y: Any, out: Any) -> Any:
    """-out / (y * log(y))"""
    return -out / (y * np.log(y))


elementwise(math.log, _by_argument, _by_log_base, domain=(0.2, 0.9))


# functions of any number of numbers, or of a sequence of them


def _hypot_slope(position: int) -> type:
    class Rule:
        @staticmethod
        def jvp(dot: Any, out: Any, *coordinates: Any) -> Any:
            return dot * np.divide(coordinates[position], out)

        vjp = jvp

    return Rule


general(math.hypot, domain=(0.3, 3.0), kink="the origin: nan")
for _position in range(MANY):
    derivative(math.hypot, _position)(_hypot_slope(_position))


general(math.fsum)
general(math.prod)
general(math.dist, kink="equal points: nan")


math_fsum = dispatching(math.fsum)


@derivative(math.fsum)
class _Fsum:
    @staticmethod
    def jvp(dot: Any, out: Any, xs: Any) -> Any:
        if is_list(xs):
            return math_fsum(dot)
        return sum(dot) if is_display(xs) else np.sum(dot)

    @staticmethod
    def vjp(ct: Any, out: Any, xs: Any) -> Any:
        if is_list(xs):
            return ct  # every item receives it
        return [ct] * len(xs) if is_display(xs) else np.broadcast_to(ct, xs.shape)


def _others(xs: Any, start: Any) -> list[Any]:
    """For each item the product of all the others (and the start): right where some are zero."""
    before, after = [start], [1.0]
    for x in xs[:-1]:
        before.append(before[-1] * x)
    for x in xs[:0:-1]:
        after.append(after[-1] * x)
    return [b * a for b, a in zip(before, reversed(after))]


@derivative(math.prod)
class _Prod:
    @staticmethod
    def jvp(dot: Any, out: Any, xs: Any, *, start: Any = 1) -> Any:
        if is_list(xs):
            return np.sum(as_array(dot) * (start * product_of_others(as_array(xs))))
        if is_display(xs):
            return sum(d * o for d, o in zip(dot, _others(xs, start)))
        return np.sum(dot * (start * product_of_others(xs)))

    @staticmethod
    def vjp(ct: Any, out: Any, xs: Any, *, start: Any = 1) -> Any:
        if is_list(xs):
            return ct * start * product_of_others(as_array(xs))
        return [ct * o for o in _others(xs, start)] if is_display(xs) else ct * start * product_of_others(xs)


def _dist_rule(sign: int) -> type:
    class Rule:
        @staticmethod
        def jvp(dot: Any, out: Any, p: Any, q: Any) -> Any:
            if is_display(dot):
                return np.divide(sum(sign * d * (a - b) for d, a, b in zip(dot, p, q)), out)
            return np.divide(np.sum(sign * dot * (p - q)), out)

        @staticmethod
        def vjp(ct: Any, out: Any, p: Any, q: Any) -> Any:
            scale = sign * np.divide(ct, out)
            return [scale * (a - b) for a, b in zip(p, q)] if is_display(p) else scale * (p - q)

    return Rule


derivative(math.dist, 0)(_dist_rule(1))
derivative(math.dist, 1)(_dist_rule(-1))
