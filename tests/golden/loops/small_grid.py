"""A small grid with a branch in its loops: rows and slices as numbers."""

import numpy as np

import diffsrc as ds


@ds.differentiable(unroll=True)
def small_grid(x, w):
    y = np.zeros((2, 3))
    for i, row in enumerate(x):
        for j in range(3):
            if row[j] > 0.0:
                y[i, j] = w * row[j]
    y[1] += y[0]
    return np.sum(y[1] ** 2)


ARGUMENTS = (np.array([[0.5, -1.0, 2.0], [1.5, 0.25, -0.5]]), 0.5)
