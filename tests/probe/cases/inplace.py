"""Augmented operators of every kind, and casts of what is written."""

from __future__ import annotations

import numpy as np

from ..data import A33, A34, B33, P5, X3, X5, Y3, Y5
from ..harness import case

F5 = X5.astype(np.float32)
I5 = np.array([3, -1, 4, 1, -5])


@case((P5, Y5, 2.0), second=True)
def all_augmented(x, y, s):
    z = x * 1.0
    z += y
    z -= x * s
    z *= y
    z /= x
    z **= 2
    z **= s
    z += 1.0
    return (z * x).sum()


@case((P5, Y5), second=True)
def floor_and_mod_augmented(x, y):
    z = x * 3.0
    w = x * 3.0
    z //= 0.7
    w %= 0.7
    w *= z
    return (w * y).sum()


@case((A33, B33, X3), second=True)
def matmul_augmented(a, b, x):
    c = a * 1.0
    c @= b
    v = x * 1.0
    v = c @ v
    c[0] @= b
    return (c**2).sum() + (v**2).sum()


@case((A34, X3), second=True)
def augmented_elements(a, x):
    b = a * 1.0
    b[0, 1] += x[0]
    b[0, 1] *= b[0, 2]
    b[1, 0] -= b[0, 1]
    b[1, 1] /= x[1]
    b[2, 2] **= 2
    b[:, 3] **= 3
    b[2, 1:] /= x[2]
    b[1] %= 0.9
    return (b**2).sum()


@case((A34, X3), second=True)
def augmented_broadcast(a, x):
    b = a * 1.0
    b += a[0]
    b *= x[:, None]
    b -= 1
    b[1:] /= a[1]
    b[:, 1:] += b[:, :1]
    return (b**2).sum()


@case((X5, Y5), second=True)
def augmented_by_itself(x, y):
    z = x * y
    z += z
    z *= z
    z -= z[::-1]
    z /= z + 3.0
    z[1:] += z[:-1]
    z[:-1] *= z[1:]
    return (z * x).sum()


@case((F5, Y5), rtol=2e-2)
def float32_written(x, y):
    z = np.zeros(5, np.float32)
    z[:] = y
    z += y
    z[1:3] = x[1:3] * z[0]
    z[0] = y[1] * 2.0
    return np.sum(z * y)


@case((F5,), rtol=2e-2)
def float32_result(x):
    z = x.copy()
    z[0] = 2.0 * z[1]
    z *= 2.0
    z -= np.float64(0.5)
    return z


@case((Y5,))
def integers_written(y):
    z = np.zeros(5, int)
    z[:] = y * 10.0
    z[0] = y[1] * 7.0
    return (z * y).sum()


@case((Y5, I5), second=True)
def integer_array_argument(y, k):
    k[1] = 2
    k += 1
    k *= k
    return (y * k).sum()


@case((X5, 2.0), second=True)
def complex_written(x, s):
    z = np.zeros(5, complex)
    z[:] = x
    z[0] = s * 1j
    z += x * 2.0
    z *= 1.0 + s * 1j
    z[1:] /= z[0]
    return (np.abs(z) ** 2).sum() + (z.real * x).sum()


@case((X5,), second=True)
def bool_array_written(x):
    m = np.zeros(5, bool)
    m[1:3] = True
    m |= x > 0.0
    m[0] ^= True
    m &= ~(x < -1.0)
    return x[m].sum() + np.where(m, x**2, 0.0).sum()


@case((X5,), second=True)
def list_assigned_to_slice(x):
    z = x * 2.0
    z[1:3] = [x[0], x[1] ** 2]
    z[[0, 4]] = (x[2], 3.0)
    z[3:] += [1.0, 2.0]
    return (z**2).sum()


@case((X5, A34), second=True)
def array_assigned_to_element(x, a):
    z = x * 2.0
    z[0] = np.sum(a)
    z[1] = a[0] @ a[1]
    z[2:3] = a[:1, 0]
    z[3] = a[:, :1][0, 0]
    return (z**2).sum()


@case((X5, 2.0), second=True)
def store_broadcasts(x, s):
    b = np.ones((3, 5))
    b[:] = x
    b[1] = s
    b[:, 2:] = x[:3][:, None]
    b[2:, :] *= x
    b[0:1] = x[None]
    return (b**2).sum() + (b * x).sum()


@case((A34,), second=True)
def augmented_attribute_views(a):
    b = a * 1.0
    b.T[0] += 1.0
    b.T[1:, 1] *= b[0, 0]
    b.reshape(-1)[5] -= 2.0
    b[::-1][0] **= 2
    return (b**2).sum()


@case((X5, 3), second=True)
def cumulative_updates(x, n):
    z = x * 1.0
    for _ in range(n):
        for i in range(1, 5):
            z[i] += z[i - 1] * 0.5
        for i in range(3, -1, -1):
            z[i] -= z[i + 1] * z[i]
    return (z**2).sum()


@case((X5, 3), second=True)
def python_scalar_written(x, n):
    s = 1.0
    z = np.zeros(n)
    for i in range(n):
        s *= x[i]
        s -= x[i + 1] ** 2
        s /= 1.5
        z[i] = s
    return z.sum() + (z[0] * z[-1])


@case((X3, 2.0), second=True)
def scalar_numpy_augmented(x, s):
    t = x[0]
    t += s
    t *= t
    x[0] = t
    t -= 1.0
    return t * x[0] + x.sum()


@case((X3, Y3))
def argument_written_and_rebound(x, y):
    x += y
    x = x * 2.0
    x -= y
    return (x**2).sum()


@case((np.array(2.0), 3.0))
def zero_dimensional_argument_augmented(x, s):
    x *= s
    x += x
    return x * s


@case((X5, 0.7), second=True)
def integer_power_in_place(x, s):
    z = x * s
    z **= 3
    z[0] **= 2
    z **= -1
    return z.sum()


@case((P5, 0.7), second=True)
def array_power_in_place(x, s):
    z = x * 1.0
    z **= x
    z **= s
    return z.sum()


@case((X5, 2), second=True)
def shifts_of_integers(x, k):
    n = np.arange(5)
    n <<= k
    n >>= 1
    n |= 1
    n ^= 2
    n //= 2
    n %= 4
    return (x[n % 5] * n).sum()
