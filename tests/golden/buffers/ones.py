"""Arrays made anew at each step, under one name: two of them are enough."""

import numpy as np


def ones(x, n):
    a = np.ones((n, n)) * x
    a = a + 2
    b = a.sum(axis=1, keepdims=True)
    b = b * 3
    b = b + 0
    return np.sum(b)


ARGUMENTS = (0.7, 4)
