# -*- coding: utf-8 -*-
# forward mode of ones(x: float dup, n: int const)

import numpy as np


def ones_jvp(x, n, x_dot):
    a_dot = np.ones((n, n))
    a = a_dot * x
    a_dot *= x_dot
    a += 2
    b = a.sum(axis=1, keepdims=True)
    b_dot = np.sum(a_dot, axis=1, keepdims=True)
    b *= 3
    b += 0
    return np.sum(b), 3.0 * np.sum(b_dot)
