# -*- coding: utf-8 -*-
# forward mode of jittered(a: f64[n, m] dup, x: f64[n] dup)

import numpy as np


def jittered_jvp(a, x, a_dot, x_dot):
    low = None
    jitter = 0.0
    for _ in range(8):
        try:
            low_1 = np.linalg.cholesky(a + jitter * np.eye(2))
            t = np.linalg.solve(low_1, np.tril(a_dot) + np.tril(a_dot, -1).T).T
            solve = np.linalg.solve(low_1, t)
            low_dot = low_1 @ (0.5 * (np.tril(solve) + np.tril(solve, -1)))
        except np.linalg.LinAlgError:
            jitter = max(2.0 * jitter, 0.1)
            low_1 = low
        else:
            break
        low = low_1
    else:
        low_1 = low
    y = np.linalg.solve(low_1, x)
    y_dot = np.linalg.solve(low_1, x_dot) - np.linalg.solve(low_1, low_dot @ y)
    return (y * y).sum(), 2.0 * y_dot @ y
