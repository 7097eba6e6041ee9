"""Elementwise NumPy functions: one row each, partial derivatives as NumPy text over x, y, z and `out`.

A partial never raises where the function does not: over an argument, which may be a Python float, it divides by
`divide(1.0, x)`; `out` is always a NumPy number or array, so `1 / out` is safe. Numbers in the texts are Python literals:
they are weak, so float32 stays float32. An argument whose partial is None contributes exactly zero.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .power import power_rules
from .special import complex_valued, refuse, unbroadcast, zero_for_reals
from .table import derivative, elementwise, general, linear, select, zero

# arithmetic
elementwise(np.add, "1", "1", cheap=True)
elementwise(np.subtract, "1", "-1", cheap=True)
elementwise(np.multiply, "y", "x", cheap=True)
elementwise(np.divide, "divide(1.0, y)", "-out / y", singular=True, cheap=True, domain=(0.5, 3.0))
elementwise(np.negative, "-1", cheap=True)
elementwise(np.positive, "1", cheap=True)
elementwise(np.square, "2 * x", cheap=True)
elementwise(np.reciprocal, "-out * out", singular=True, cheap=True, domain=(0.5, 3.0))
elementwise(
    np.remainder, "1", "-floor_divide(x, y)", name="np.mod", singular=(False, True), domain=(0.6, 3.0),
    kink="multiples of y: from above",
)  # fmt: skip
elementwise(np.fmod, "1", "divide(out - x, y)", singular=(False, True), domain=(0.6, 3.0), kink="multiples of y: from above")
for _fn in (np.power, np.float_power):
    general(_fn, domain=(0.3, 2.0), kink="x == 0 with 0 < p < 1: inf; for p: 0 at x == 0")
    power_rules(_fn)

# exponentials and logarithms
elementwise(np.exp, "out")
elementwise(np.exp2, "0.6931471805599453 * out")
elementwise(np.expm1, "out + 1")
elementwise(np.log, "divide(1.0, x)", singular=True, domain=(0.2, 4.0))
elementwise(np.log2, "divide(1.4426950408889634, x)", singular=True, domain=(0.2, 4.0))
elementwise(np.log10, "divide(0.4342944819032518, x)", singular=True, domain=(0.2, 4.0))
elementwise(np.log1p, "divide(1.0, 1 + x)", singular=True, domain=(-0.7, 3.0))
elementwise(np.logaddexp, "exp(x - out)", "exp(y - out)", singular=True)
elementwise(np.logaddexp2, "exp2(x - out)", "exp2(y - out)", singular=True)

# roots
elementwise(np.sqrt, "0.5 / out", singular=True, domain=(0.2, 4.0))
elementwise(np.cbrt, "1 / (3 * out * out)", singular=True, domain=(0.2, 4.0))
elementwise(np.hypot, "x / out", "y / out", singular=True, domain=(0.3, 3.0), kink="the origin: nan")

# trigonometric and hyperbolic
elementwise(np.sin, "cos(x)")
elementwise(np.cos, "-sin(x)")
elementwise(np.tan, "1 + out * out", domain=(-1.2, 1.2))
elementwise(np.arcsin, "1 / sqrt(1 - x * x)", singular=True, domain=(-0.8, 0.8))
elementwise(np.arccos, "-1 / sqrt(1 - x * x)", singular=True, domain=(-0.8, 0.8))
elementwise(np.arctan, "1 / (1 + x * x)")
elementwise(
    np.arctan2, "divide(y, x * x + y * y)", "divide(-x, x * x + y * y)", singular=True, domain=(0.3, 2.0),
    kink="the origin: nan",
)  # fmt: skip
elementwise(np.sinh, "cosh(x)")
elementwise(np.cosh, "sinh(x)")
elementwise(np.tanh, "1 - out * out")
elementwise(np.arcsinh, "1 / sqrt(1 + x * x)")
elementwise(np.arccosh, "1 / sqrt(x * x - 1)", singular=True, domain=(1.3, 4.0))
elementwise(np.arctanh, "divide(1.0, 1 - x * x)", singular=True, domain=(-0.8, 0.8))
elementwise(np.deg2rad, "0.017453292519943295", cheap=True)
elementwise(np.radians, "0.017453292519943295", cheap=True)
elementwise(np.rad2deg, "57.29577951308232", cheap=True)
elementwise(np.degrees, "57.29577951308232", cheap=True)
# near 0 the Taylor series: the closed form cancels, and a constant for x == 0 would have a wrong derivative itself
elementwise(
    np.sinc,
    "where(abs(x) < 0.05, "
    "x * (-3.289868133696453 + x**2 * (3.2469697011334144 + x**2 * (-1.1445069192567464"
    " + x**2 * (0.20918284733189447 - x**2 * 0.023460348)))), "
    "divide(cos(pi * x) - out, where(abs(x) < 0.05, 1.0, x)))",
)

# numbers
elementwise(np.fabs, "sign(x)", cheap=True, kink="0: 0")
elementwise(np.copysign, "sign(x) * copysign(1.0, y)", None, cheap=True, kink="x == 0: 0")
elementwise(np.nextafter, "1", None)
select(np.heaviside, None, "x == 0", kink="x == 0: 0 for x")
select(np.nan_to_num, "isfinite(x)", kink="what is replaced contributes 0")

# selection
select(np.maximum, "x >= y", "x < y", cheap=True, kink="x == y goes to x")
select(np.minimum, "x <= y", "x > y", cheap=True, kink="x == y goes to x")
select(np.fmax, "(x >= y) | isnan(y)", "(x < y) | isnan(x)", cheap=True, kink="x == y goes to x")
select(np.fmin, "(x <= y) | isnan(y)", "(x > y) | isnan(x)", cheap=True, kink="x == y goes to x")
select(np.where, None, "x", "logical_not(x)", cheap=True)

# locally constant
zero(
    np.floor, np.ceil, np.rint, np.trunc, np.fix, np.round, np.around, np.floor_divide, np.spacing,
    np.isnan, np.isfinite, np.isinf, np.isneginf, np.isposinf, np.signbit, np.isclose, np.isreal, np.iscomplex,
    np.less, np.less_equal, np.greater, np.greater_equal, np.equal, np.not_equal,
    np.logical_and, np.logical_or, np.logical_xor, np.logical_not,
    np.bitwise_and, np.bitwise_or, np.bitwise_xor, np.invert, np.left_shift, np.right_shift, np.gcd, np.lcm,
    cheap=True,
)  # fmt: skip
zero(np.allclose, np.array_equal, np.array_equiv, np.iscomplexobj, np.isrealobj, np.isscalar)
zero_for_reals(np.sign, "np.sign", cheap=True)


general(np.ldexp, domain=(0.2, 2.0))


@derivative(np.ldexp, 0)
class _Ldexp:
    @staticmethod
    def jvp(dot: Any, out: Any, x: Any, n: Any) -> Any:
        return np.ldexp(dot, n)

    @staticmethod
    def vjp(ct: Any, out: Any, x: Any, n: Any) -> Any:
        return unbroadcast(np.ldexp(ct, n), x)


class Absolute:
    """|x|: the sign of x; of a complex number the conjugate of its direction. Shared with the builtin."""

    @staticmethod
    def jvp(dot: Any, out: Any, x: Any) -> Any:
        return np.real(dot * _direction(out, x)) if complex_valued(x) else dot * np.sign(x)

    @staticmethod
    def vjp(ct: Any, out: Any, x: Any) -> Any:
        return ct * _direction(out, x) if complex_valued(x) else ct * np.sign(x)


def _direction(out: Any, x: Any) -> Any:
    """conj(x) / |x|, and 0 at the origin."""
    return np.conj(x) / (out + (out == 0))


general(np.absolute, name="np.abs", cheap=True, kink="0: 0")
derivative(np.absolute)(Absolute)


# Complex parts. Cotangents follow JAX: the pairing of cotangent and tangent is Re(sum(ct * dot)), without conjugation.


@linear(np.real, alias="maybe", cheap=True)
def _real(ct: Any, out: Any, x: Any) -> Any:
    return ct + 0j if complex_valued(x) else ct


@linear(np.imag, alias="maybe", cheap=True)
def _imag(ct: Any, out: Any, x: Any) -> Any:
    return -1j * ct if complex_valued(x) else np.zeros_like(ct)


@linear(np.conjugate, cheap=True)
def _conj(ct: Any, out: Any, x: Any) -> Any:
    return np.conj(ct)


general(np.angle, domain=(0.3, 2.0), kink="the origin: nan; real numbers: 0")


@derivative(np.angle)
class _Angle:
    @staticmethod
    def jvp(dot: Any, out: Any, z: Any, deg: bool = False) -> Any:
        if not complex_valued(z):
            return np.zeros_like(dot)
        slope = np.imag(dot / z)
        return 57.29577951308232 * slope if deg else slope

    @staticmethod
    def vjp(ct: Any, out: Any, z: Any, deg: bool = False) -> Any:
        if not complex_valued(z):
            return np.zeros_like(ct)
        return (-57.29577951308232j if deg else -1j) * ct / z


general(np.clip, cheap=True, kink="at a bound x passes")


def _inside(a: Any, low: Any, high: Any) -> Any:
    """Where `a` itself is the result of `clip(a, low, high)`, when bounds may be None."""
    if low is None or high is None:
        return a >= low if high is None else a <= high
    return (a >= low) & (a <= high)


def _bounds(a_min: Any, a_max: Any, options: dict[str, Any]) -> tuple[Any, Any]:
    low, high = options.pop("min", a_min), options.pop("max", a_max)
    refuse("np.clip", options)
    return low, high


@derivative(np.clip, 0)
class _Clip:
    @staticmethod
    def jvp(dot: Any, out: Any, a: Any, a_min: Any = None, a_max: Any = None, **options: Any) -> Any:
        low, high = _bounds(a_min, a_max, options)
        return dot if low is None and high is None else np.where(_inside(a, low, high), dot, 0.0)

    @staticmethod
    def vjp(ct: Any, out: Any, a: Any, a_min: Any = None, a_max: Any = None, **options: Any) -> Any:
        low, high = _bounds(a_min, a_max, options)
        if low is None and high is None:
            return ct
        return unbroadcast(np.where(_inside(a, low, high), ct, 0.0), a)


def _at_low(a: Any, low: Any, high: Any) -> Any:
    return a < low if high is None else (a < low) & (low <= high)


def _at_high(a: Any, low: Any, high: Any) -> Any:
    return a > high if low is None else (a > high) | (low > high)


@derivative(np.clip, 1)
class _ClipLow:
    @staticmethod
    def jvp(dot: Any, out: Any, a: Any, a_min: Any = None, a_max: Any = None, **options: Any) -> Any:
        return np.where(_at_low(a, *_bounds(a_min, a_max, options)), dot, 0.0)

    @staticmethod
    def vjp(ct: Any, out: Any, a: Any, a_min: Any = None, a_max: Any = None, **options: Any) -> Any:
        low, high = _bounds(a_min, a_max, options)
        return unbroadcast(np.where(_at_low(a, low, high), ct, 0.0), low)


@derivative(np.clip, 2)
class _ClipHigh:
    @staticmethod
    def jvp(dot: Any, out: Any, a: Any, a_min: Any = None, a_max: Any = None, **options: Any) -> Any:
        return np.where(_at_high(a, *_bounds(a_min, a_max, options)), dot, 0.0)

    @staticmethod
    def vjp(ct: Any, out: Any, a: Any, a_min: Any = None, a_max: Any = None, **options: Any) -> Any:
        low, high = _bounds(a_min, a_max, options)
        return unbroadcast(np.where(_at_high(a, low, high), ct, 0.0), high)
