"""A loop that stores what it reads again one step later."""

import numpy as np


def recurrence(x, w):
    y = np.zeros_like(x)
    for i in range(1, len(x)):
        y[i] = w * y[i - 1] + np.sin(x[i])
    out = y.sum()
    return out


ARGUMENTS = (np.linspace(0.1, 1.2, 5), 0.5)
