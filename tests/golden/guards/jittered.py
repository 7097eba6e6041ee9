"""A factorisation that is tried again: `try` in a loop that it leaves."""

import numpy as np


def jittered(a, x):
    jitter = 0.0
    for _ in range(8):
        try:
            low = np.linalg.cholesky(a + jitter * np.eye(2))
        except np.linalg.LinAlgError:
            jitter = max(2.0 * jitter, 0.1)
        else:
            break
    y = np.linalg.solve(low, x)
    return (y * y).sum()


ARGUMENTS = (np.array([[1.0, 0.2], [0.2, -0.3]]), np.array([0.5, 1.5]))
