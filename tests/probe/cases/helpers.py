"""Functions that cases call from another module."""

from __future__ import annotations


def affine(x, y, k):
    """Something smooth."""
    return k * x + y * x


def scale_in_place(a, s):
    """Write the argument."""
    for i in range(len(a)):
        a[i] = a[i] * s + a[i] ** 2
