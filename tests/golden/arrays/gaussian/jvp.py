# -*- coding: utf-8 -*-
# forward mode of gaussian(x: f64[n] dup, cov: f64[n, m] dup)

import numpy as np


def gaussian_jvp(x, cov, x_dot, cov_dot):
    z = np.linalg.solve(cov, x)
    z_dot = np.linalg.solve(cov, x_dot) - np.linalg.solve(cov, cov_dot @ z)
    t = -0.5 * (x_dot @ z + x @ z_dot)
    t1 = -0.5 * (x @ z) - 0.5 * np.linalg.slogdet(cov)[1]
    return t1, t - 0.5 * np.sum(np.linalg.inv(cov).T * cov_dot)
