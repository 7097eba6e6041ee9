"""A row view written through, then read as part of the whole."""

import numpy as np


def fill_rows(x, n):
    a = np.zeros((n, len(x)))
    for k in range(n):
        row = a[k]
        row[:] = x**k
        row[0] = 2.0 * x[1]
    return np.sum(a * a)


ARGUMENTS = (np.array([0.5, 1.2, 0.8]), 3)
