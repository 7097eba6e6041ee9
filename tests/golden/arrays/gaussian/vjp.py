# -*- coding: utf-8 -*-
# reverse mode of gaussian(x: f64[n] value, cov: f64[n, m] value)

import numpy as np


def gaussian_vjp(x, cov, dout=1.0):
    # forward
    z = np.linalg.solve(cov, x)
    out = -0.5 * (x @ z) - 0.5 * np.linalg.slogdet(cov)[1]
    # reverse
    t = -0.5 * dout  # line 8: return -0.5 * (x @ z) - 0.5 * np.linalg.slogdet(cov)[1]
    dcov = t * np.linalg.inv(cov).T
    dx = t * z
    solve = np.linalg.solve(cov.T, t * x)  # line 7: z = np.linalg.solve(cov, x)
    dcov -= np.outer(solve, z)
    dx += solve
    return out, dx, dcov
