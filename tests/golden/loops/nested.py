"""A loop in a loop, over rows."""

import numpy as np


def nested(a, x):
    total = 0.0
    for row in a:
        y = 1.0
        for i in range(len(x)):
            y = y * np.cos(row[i] * x[i])
        total += y
    return total


ARGUMENTS = (np.array([[0.2, 0.5], [0.7, 0.1], [0.4, 0.9]]), np.array([1.1, 0.6]))
