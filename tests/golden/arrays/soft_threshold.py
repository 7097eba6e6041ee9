"""A store through a mask."""

import numpy as np


def soft_threshold(x, t):
    y = np.abs(x) - t
    y[y < 0.0] = 0.0
    return np.sum(np.sign(x) * y * y)


ARGUMENTS = (np.array([0.5, -1.2, 0.1, 0.8]), 0.3)
