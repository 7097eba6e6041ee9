"""A recurrence over ten numbers, written out: no array but the gradient."""

import numpy as np

import diffsrc as ds


@ds.differentiable(unroll=True)
def ten_steps(x):
    y = np.empty(10)
    y[0] = x[0]
    for i in range(1, 10):
        y[i] = 0.5 * y[i - 1] + x[i]
    return np.sum(y * y)


ARGUMENTS = (np.linspace(-1.0, 2.0, 10),)
