"""Elementwise functions, broadcasting, dtypes, complex intermediates."""

from __future__ import annotations

import numpy as np

from ..data import A34, B34, EMPTY, ONE, P5, X3, X5, Y3, Y5
from ..harness import case

F32 = X5.astype(np.float32)


@case((X5, Y5), second=True)
def arithmetic(x, y):
    return (x * y + x / y - x**2 + (-y) * 3.0).sum()


@case((P5, Y5))
def powers(x, p):
    return (x**p + x**3 + x**-1.5 + 2.0**p + np.power(x, p)).sum()


@case((X5, 3), (X5, 0), (X5, 1))
def integer_power(x, n):
    return (x**n).sum()


@case(X5)
def trigonometric(x):
    return np.sum(np.sin(x) * np.cos(x) + np.tan(x / 2.0) + np.arctan(x))


@case(X5 / 2.0)
def inverse_trigonometric(x):
    return np.sum(np.arcsin(x) + np.arccos(x) * np.arctan2(x, 2.0))


@case(X5)
def hyperbolic(x):
    return np.sum(np.tanh(x) + np.sinh(x) * np.cosh(x) + np.arcsinh(x))


@case(P5)
def exp_and_log(x):
    return np.sum(np.exp(x) + np.log(x) + np.expm1(x) * np.log1p(x) + np.log2(x) + np.log10(x) + np.exp2(x))


@case(P5)
def roots(x):
    return np.sum(np.sqrt(x) + np.cbrt(x) + np.square(x) + np.reciprocal(x))


@case((P5, Y5))
def two_arguments(x, y):
    return np.sum(np.hypot(x, y) + np.logaddexp(x, y) + np.arctan2(y, x) + np.subtract(x, y) * np.divide(x, y))


@case(X5)
def piecewise_constant(x):
    return np.sum(np.floor(x) * x + np.sign(x) * x + np.ceil(x) + np.round(x) * x**2)


@case((X5, Y5))
def absolute_and_copysign(x, y):
    return np.sum(np.abs(x) * y + np.fabs(y) + abs(x))


@case((X5, Y5))
def maximum_minimum(x, y):
    return np.sum(np.maximum(x, y) * np.minimum(x, 0.3) + np.fmax(x, y))


@case((X5, -0.5, 1.0))
def clip(x, low, high):
    return np.sum(np.clip(x, low, high) * x)


@case((X5, Y5))
def where(x, y):
    return np.sum(np.where(x > 0, x * y, y**2))


@case((X5, 2.0))
def where_with_scalar(x, s):
    return np.where(x > s / 4.0, x, s).sum() + np.where(x > 0, 1.0, 0.0).dot(x)


@case((X5, 2.0))
def scalar_with_array(x, s):
    return (s * x + x / s - s).sum() * s


@case((A34, X3))
def broadcast_column(a, x):
    return (a * x[:, None] + x.reshape(3, 1)).sum()


@case((A34, np.array([0.5, 1.0, -0.2, 2.0])))
def broadcast_row(a, r):
    return ((a - r) ** 2).sum()


@case((X3, Y5))
def broadcast_outer(x, y):
    return np.sin(x[:, np.newaxis] * y).sum()


@case((A34, np.array([[0.5], [1.0], [2.0]])))
def broadcast_size_one(a, c):
    return (a * c / (1.0 + c * c)).sum()


@case((A34, B34[:1]), (A34, B34))
def broadcast_maybe(a, b):
    return (a * b).sum()


@case((ONE, X5))
def size_one_array(o, x):
    return (o * x + o).sum()


@case(ONE)
def result_of_size_one(o):
    return o * o


@case(EMPTY)
def empty_array(e):
    return (e * e).sum() + np.sum(np.exp(e))


@case(np.zeros((0, 3)))
def empty_matrix(e):
    return e.sum(axis=0) * 2.0


@case((F32, F32 * 2), rtol=5e-3)
def float32_arrays(x, y):
    return np.sum(x * y * np.float32(0.5))


@case((F32, 2.0), rtol=5e-3)
def float32_with_python_scalar(x, s):
    return (x * s).sum()


@case((F32, Y5), rtol=5e-3)
def float32_with_float64(x, y):
    return (x * y).sum()


@case((X5, np.arange(5)))
def float_with_integer_array(x, k):
    return (x * k).sum() + (k * 2).sum() * x[0]


@case((X5, np.array([True, False, True, True, False])))
def float_with_boolean_array(x, m):
    return (x * m).sum() + x[m].sum() ** 2


@case(X5, rtol=5e-3)
def astype(x):
    return (x.astype(np.float32).astype(float) * x).sum()


@case((X3, Y3))
def complex_intermediate(x, y):
    z = x + 1j * y
    return (z * np.conj(z)).real.sum() + np.abs(z * z).sum()


@case((X3, Y3))
def complex_functions(x, y):
    z = np.exp(1j * x) * y
    return z.real.sum() + np.imag(z * z).sum()


@case(np.array([1.0 + 2.0j, 0.5 - 0.3j]))
def complex_argument(z):
    return np.sum(np.abs(z) ** 2) + np.real(z[0] * z[1])


@case((1.2, 0.7))
def numpy_on_scalars(x, y):
    return np.sin(x) * np.exp(y) + np.sqrt(x) + np.maximum(x, y) + np.float64(x) * y


@case(X5)
def comparison_as_number(x):
    return ((x > 0) * x).sum() + np.sum((x < 0.6).astype(float) * x**2)


@case((X5, Y5))
def logical_functions(x, y):
    m = np.logical_and(x > 0, y > 0) | (x < -1.0)
    return np.where(m & ~(y > 1.5), x * y, x).sum()


@case(X5)
def nan_to_num_and_isfinite(x):
    return np.where(np.isfinite(x), x, 0.0).sum() * 2.0


@case(X5)
def sinc_and_sigmoid(x):
    return np.sum(1.0 / (1.0 + np.exp(-x)) + np.sinc(x))


@case((P5, Y5))
def floor_divide_and_mod(x, y):
    return np.sum(np.mod(y, x) * x + y % 0.7) + np.sum(x // 0.4)


@case(X5)
def deg_rad(x):
    return np.deg2rad(x).sum() + np.degrees(x).dot(x)


@case((X5, Y5))
def heaviside_like(x, y):
    return np.sum(np.select([x > 1.0, x > 0.0], [x * y, y], default=x))


@case((X5, 0.31), second=True)
def divmod_array(x, g):
    q, r = np.divmod(x, g)
    return np.sum(q * x + r * r)


@case((7.3, X5 + 3), second=True)
def divmod_array3(a, x):
    d = divmod(a, x)
    return np.sum(d[0] * x) + np.sum(d[1] * a)


@case((X5, 7.3), second=True)
def divmod_elem(x, a):
    s = 0.0
    for v in x:
        m, sec = divmod(a * v, 0.7)
        s += m * v + sec * sec
    return s
