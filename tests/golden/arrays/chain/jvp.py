# -*- coding: utf-8 -*-
# forward mode of chain(x: f64[n] dup)

import numpy as np


def chain_jvp(x, x_dot):
    sin = np.sin(x)
    t = x ** 2
    y = sin * t
    y_dot = x_dot * np.cos(x) * t + 2.0 * x_dot * x * sin
    sqrt = np.sqrt(1.0 + y * y)
    return np.sum(sqrt), 2.0 * y_dot * y @ (0.5 / sqrt)
