"""Steps of a linear equation: the state is one array, and what a step needs is allocated once."""

import numpy as np


def relaxation(u, rate, steps):
    for _ in range(steps):
        flow = np.zeros_like(u)
        flow[1:] += u[:-1]
        flow[:-1] += u[1:]
        drop = 2 * u
        u = u + rate * (flow - drop)
    return np.sum(u * u)


ARGUMENTS = (np.array([0.3, 1.2, -0.4, 0.8, 0.5]), 0.1, 3)
