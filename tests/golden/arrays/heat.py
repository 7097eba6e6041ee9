"""Views that are written, in a loop."""

import numpy as np


def heat(u0, c, steps):
    u = u0.copy()
    for _ in range(steps):
        u[1:-1] += c * (u[:-2] - 2.0 * u[1:-1] + u[2:])
    return np.sum(u**2)


ARGUMENTS = (np.array([0.1, 0.9, 0.4, 0.7, 0.3]), 0.2, 3)
