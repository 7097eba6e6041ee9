"""Arithmetic on numbers; a value used twice."""

import numpy as np


def polynomial(x, c):
    y = x * c
    return y**3 - 2.0 * y * x + np.exp(y)


ARGUMENTS = (0.7, 1.3)
