"""A function called twice, with intermediate values of its own."""

import numpy as np


def layer(x, w):
    y = np.tanh(w * x)
    for _ in range(2):
        y = y * np.exp(-y * x)
    return y


def two_layers(x, u, v):
    return np.sum(layer(layer(x, u), v))


ARGUMENTS = (np.array([0.2, 0.5, 0.9]), 0.7, 1.1)
