"""A function that writes its argument."""

import numpy as np


def relax(u, c):
    for i in range(1, len(u) - 1):
        u[i] = u[i] + c * (u[i - 1] - 2.0 * u[i] + u[i + 1])


def helper_writes(x, c):
    u = x * 1.0
    relax(u, c)
    relax(u, c)
    return np.sum(u**2)


ARGUMENTS = (np.array([0.1, 0.9, 0.4, 0.7]), 0.2)
