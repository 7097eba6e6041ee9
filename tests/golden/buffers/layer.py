"""A layer and its loss: functions written over their arguments, cotangents over values that are dead."""

import numpy as np


def layer(w, b, x, target):
    z = x @ w + b
    p = 1 / (1 + np.exp(-z))
    error = p - target
    error = error * error
    return np.sum(error)


ARGUMENTS = (
    np.array([[0.3, -0.2], [0.1, 0.4], [0.7, -0.5]]), np.array([0.1, -0.3]),
    np.array([[1.0, 2.0, 0.5], [-0.4, 0.3, 1.5], [0.2, -0.7, 0.9], [1.1, 0.8, -0.6]]),
    np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0], [0.0, 0.0]]),
)
