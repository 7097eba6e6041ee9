"""Elementwise NumPy functions: one row each, partial derivatives as NumPy text over x, y, z and `out`.

A partial never raises where the function does not: over an argument, which may be a Python float, it
divides by `divide(1.0, x)`; `out` is always a NumPy number or array, so `1 / out` is safe. Numbers in the
texts are Python literals: they are weak, so float32 stays float32. An argument whose partial is None
contributes exactly zero.

Products are projected on the type they are for: where a real result meets a complex partial (`abs`), or a
real argument a complex result, the real part counts. So complex derivatives follow JAX: cotangent and
tangent pair as Re(sum(ct * dot)).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .gamma import bessel_i
from .numpy_tools import is_absent, ndim
from .power import power
from .special import complex_valued, zero_for_reals
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
elementwise(
    np.fmod, "1", "divide(out - x, y)", singular=(False, True), domain=(0.6, 3.0),
    kink="multiples of y: from above",
)  # fmt: skip
power(np.power)
power(np.float_power)
elementwise(np.ldexp, "ldexp(ones_like(x), y)", None, domain=(0.2, 2.0))

# exponentials and logarithms
elementwise(np.exp, "out")
elementwise(np.exp2, "0.6931471805599453 * out")
elementwise(np.expm1, "exp(x)")
elementwise(np.log, "divide(1.0, x)", singular=True, domain=(0.2, 4.0))
elementwise(np.log2, "divide(1.4426950408889634, x)", singular=True, domain=(0.2, 4.0))
elementwise(np.log10, "divide(0.4342944819032518, x)", singular=True, domain=(0.2, 4.0))
elementwise(np.log1p, "divide(1.0, 1 + x)", singular=True, domain=(-0.7, 3.0))


def _share(exp: Any, log: Any, own: Any, other: Any, out: Any) -> Any:
    """What one of two terms contributes to their sum: by their distance, as a large `out` is rounded. Nothing overflows, and
    two terms of weight 0, both -inf, receive 0; -3e38 is one of single precision."""
    limit = float(np.floor(log(np.finfo(getattr(out, "dtype", np.float64)).max / 2)))
    lower = other if isinstance(other, (int, float)) else np.maximum(other, -3e38)
    ratio = exp(np.minimum(own - lower, limit))
    return ratio / (1.0 + ratio)


def _first(x: Any, y: Any, out: Any) -> Any:
    """exp(minimum(x - y, 709)) / (1 + exp(minimum(x - y, 709)))"""
    return _share(np.exp, np.log, x, y, out)


def _second(x: Any, y: Any, out: Any) -> Any:
    """exp(minimum(y - x, 709)) / (1 + exp(minimum(y - x, 709)))"""
    return _share(np.exp, np.log, y, x, out)


def _first_of_two(x: Any, y: Any, out: Any) -> Any:
    """exp2(minimum(x - y, 1023)) / (1 + exp2(minimum(x - y, 1023)))"""
    return _share(np.exp2, np.log2, x, y, out)


def _second_of_two(x: Any, y: Any, out: Any) -> Any:
    """exp2(minimum(y - x, 1023)) / (1 + exp2(minimum(y - x, 1023)))"""
    return _share(np.exp2, np.log2, y, x, out)


elementwise(np.logaddexp, _first, _second, kink="both -inf: 0")
elementwise(np.logaddexp2, _first_of_two, _second_of_two, kink="both -inf: 0")

# roots
elementwise(np.sqrt, "0.5 / out", singular=True, domain=(0.2, 4.0))
elementwise(np.cbrt, "1 / (3 * out * out)", singular=True, domain=(0.2, 4.0))
elementwise(np.hypot, "x / out", "y / out", singular=True, domain=(0.3, 3.0), kink="the origin: nan")

# trigonometric and hyperbolic
elementwise(np.sin, "cos(x)")
elementwise(np.cos, "-sin(x)")
elementwise(np.tan, "1 + out * out", domain=(-1.2, 1.2))
elementwise(np.arcsin, "1 / sqrt((1 - x) * (1 + x))", singular=True, domain=(-0.8, 0.8))
elementwise(np.arccos, "-1 / sqrt((1 - x) * (1 + x))", singular=True, domain=(-0.8, 0.8))
elementwise(np.arctan, "1 / (1 + x * x)")
elementwise(
    np.arctan2, "divide(y, x * x + y * y)", "divide(-x, x * x + y * y)", singular=True, domain=(0.3, 2.0),
    kink="the origin: nan",
)  # fmt: skip
elementwise(np.sinh, "cosh(x)")
elementwise(np.cosh, "sinh(x)")
elementwise(np.tanh, "1 - out * out")
elementwise(np.arcsinh, "1 / sqrt(1 + x * x)")
elementwise(np.arccosh, "1 / (sqrt(x - 1) * sqrt(x + 1))", singular=True, domain=(1.3, 4.0))
elementwise(np.arctanh, "divide(1.0, (1 - x) * (1 + x))", singular=True, domain=(-0.8, 0.8))
elementwise(np.deg2rad, "0.017453292519943295", cheap=True)
elementwise(np.radians, "0.017453292519943295", cheap=True)
elementwise(np.rad2deg, "57.29577951308232", cheap=True)
elementwise(np.degrees, "57.29577951308232", cheap=True)
# near 0 the Taylor series: the closed form cancels, and a constant at x == 0 has a wrong derivative itself
elementwise(
    np.sinc,
    "where(abs(x) < 0.05, x * (-3.289868133696453 + square(x) * (3.246969701133414 + square(x) * "
    "(-1.144510944732505 + square(x) * (0.20918278254123832 + square(x) * -0.023460810354558225)))), "
    "divide(cos(pi * x) - out, where(abs(x) < 0.05, 1.0, x)))",
)



def _i0(x: Any, out: Any) -> Any:
    """bessel_i(1, x)"""
    return bessel_i(1, x)


elementwise(np.i0, _i0)

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
    np.isnan, np.isfinite, np.isinf, np.isneginf, np.isposinf, np.signbit, np.isclose, np.isreal,
    np.iscomplex, np.less, np.less_equal, np.greater, np.greater_equal, np.equal, np.not_equal,
    np.logical_and, np.logical_or, np.logical_xor, np.logical_not,
    np.bitwise_and, np.bitwise_or, np.bitwise_xor, np.invert, np.left_shift, np.right_shift, np.gcd, np.lcm,
    cheap=True,
)  # fmt: skip
zero(np.allclose, np.array_equal, np.array_equiv, np.iscomplexobj, np.isrealobj, np.isscalar)
zero_for_reals(np.sign, "np.sign", cheap=True)


def absolute_slope(x: Any, out: Any) -> Any:
    """sign(x)"""  # of a complex number: conj(x) / |x|, and 0 at the origin
    return np.conj(x) / (out + (out == 0)) if complex_valued(x) else np.sign(x)


elementwise(np.absolute, absolute_slope, name="np.abs", cheap=True, kink="0: 0")


# complex parts


@linear(np.real, alias="maybe", cheap=True)
def _real(ct: Any, out: Any, x: Any) -> Any:
    return ct + 0j if complex_valued(x) else ct


@linear(np.imag, alias="readonly", cheap=True)
def _imag(ct: Any, out: Any, x: Any) -> Any:
    return -1j * ct if complex_valued(x) else np.zeros_like(ct)


@linear(np.conjugate, name="np.conj", cheap=True)
def _conj(ct: Any, out: Any, x: Any) -> Any:
    return np.conj(ct)


general(np.modf)
general(np.frexp)


@derivative(np.modf)
class _Modf:
    """The integral part stays as it is."""

    @staticmethod
    def jvp(dot: Any, out: Any, x: Any) -> Any:
        return dot, np.zeros_like(dot) if ndim(dot) else 0.0

    @staticmethod
    def vjp(ct: Any, out: Any, x: Any) -> Any:
        return None if is_absent(ct[0]) else ct[0]


@derivative(np.frexp)
class _Frexp:
    """So does the exponent."""

    @staticmethod
    def jvp(dot: Any, out: Any, x: Any) -> Any:
        return np.ldexp(dot, -out[1]), np.zeros_like(out[1]) if ndim(dot) else 0

    @staticmethod
    def vjp(ct: Any, out: Any, x: Any) -> Any:
        return None if is_absent(ct[0]) else np.ldexp(ct[0], -out[1])


general(np.divmod)  # of floats: `//` and `%`
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


def _inside(x: Any, y: Any, z: Any, out: Any) -> Any:
    """(y <= x) & (x <= z)"""  # either bound may be None
    if y is None or z is None:
        return True if y is z else x >= y if z is None else x <= z
    return (x >= y) & (x <= z)


def _at_low(x: Any, y: Any, z: Any, out: Any) -> Any:
    """(x < y) & (y <= z)"""
    return x < y if z is None else (x < y) & (y <= z)


def _at_high(x: Any, y: Any, z: Any, out: Any) -> Any:
    """(x > z) | (y > z)"""
    return x > z if y is None else (x > z) | (y > z)


select(np.clip, _inside, _at_low, _at_high, cheap=True, kink="at a bound x passes")
