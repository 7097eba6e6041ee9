"""Matrix products."""

import numpy as np


def perceptron(x, w1, b1, w2):
    h = np.tanh(x @ w1 + b1)
    p = h @ w2
    return np.mean((p - x[:, 0]) ** 2)


ARGUMENTS = (
    np.array([[0.2, 0.5], [0.7, 0.1], [0.4, 0.9]]),
    np.array([[0.3, -0.6, 0.2], [0.8, 0.5, -0.1]]),
    np.array([0.1, 0.2, 0.3]),
    np.array([0.7, -0.4, 0.9]),
)
