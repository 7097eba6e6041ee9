"""`reversed(range(n))` backwards, values that are computed twice, and a column made of a vector."""

import numpy as np


def back_substitution(U, b, phase):
    n = len(b)
    x = np.zeros(n)
    for i in reversed(range(n)):
        x[i] = (b[i] - U[i, i + 1 :] @ x[i + 1 :]) / U[i, i]
    waves = np.zeros(n)
    for i in range(n):
        waves[i] = np.exp(phase * x[i]) * np.exp(phase * x[i])
    return np.sum(waves[:, None] * U) + np.sum(np.tanh(b[:, None] + U))


ARGUMENTS = (np.array([[2.0, 0.3, -0.5], [0.0, 1.5, 0.4], [0.0, 0.0, 1.2]]), np.array([0.3, -0.7, 1.1]), 0.8)
