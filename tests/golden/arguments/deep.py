"""A list of matrices."""

import numpy as np


def deep(weights, x):
    for w in weights:
        x = np.tanh(x @ w)
    return np.sum(x)


ARGUMENTS = (
    [np.array([[0.3, -0.6], [0.8, 0.5]]), np.array([[0.7, 0.2], [-0.1, 0.4]])],
    np.array([0.2, 0.5]),
)
