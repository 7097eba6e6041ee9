"""Whole arrays, one expression after another."""

import numpy as np


def chain(x):
    y = np.sin(x) * x**2
    return np.sum(np.sqrt(1.0 + y * y))


ARGUMENTS = (np.array([0.5, 1.2, 0.8]),)
