"""Slopes of Voigt's profile. Each function can be pasted alone."""

from __future__ import annotations

from typing import Any

import numpy as np


def voigt_by_x(x: Any, sigma: Any, gamma: Any, order: int = 1) -> Any:
    """A derivative by z = x + 1j * gamma of w(z / (sqrt(2) * sigma)) / (sqrt(2 * pi) * sigma), whose real part is the profile.

    By the recurrence of the derivatives of the Faddeeva function w, and far out, where that cancels, by its asymptotic series
    (DLMF 7.19.1, 7.10.2, 7.12.1).

    Args:
        x, sigma, gamma: points, the deviation of the normal and the width of the Cauchy distribution; all broadcast.
        order: how often it is differentiated.
    """
    from math import factorial

    from scipy import special

    z, sigma, gamma = np.broadcast_arrays(x + 1j * np.asarray(gamma), sigma, gamma)
    far = np.abs(z) > 14 * sigma
    scale = np.where(sigma > 0, 1.4142135623730951 * sigma, 1.0)
    u = z / scale
    near = np.where(far, 0.0, u)
    value, slope = special.wofz(near), 1.1283791670955126j - 2 * near * special.wofz(near)
    bell = np.where(far & (gamma < 1e-9 * sigma), np.exp(-np.square(np.real(u)) + 0j), 0.0)  # the series is imaginary
    bell_slope = -2 * u * bell
    for n in range(1, order):
        value, slope = slope, -2 * (near * slope + n * value)
        bell, bell_slope = bell_slope, -2 * (u * bell_slope + n * bell)
    z = np.where(far, z, 1.0)
    ratio, series = 2 * np.square(np.where(far, sigma / z, 0.0)), 0.0
    for k in range(12, -1, -1):
        series = factorial(2 * k + order) / (4**k * factorial(k)) + ratio * series
    tail = (-1) ** order * 0.3183098861837907j * series / z ** (order + 1)
    return (np.where(far, tail, 0.0) + (np.where(far, 0.0, slope) + bell_slope) * 0.5641895835477563 / scale ** (order + 1))[()]
