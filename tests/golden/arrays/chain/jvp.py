# -*- coding: utf-8 -*-
# forward mode of chain(x: f64[n] dup)

import numpy as np


def chain_jvp(x, x_dot):
    t = np.sin(x)
    t1 = x ** 2
    y = t * t1
    y_dot = x_dot * np.cos(x) * t1 + 2.0 * x_dot * x * t
    t = np.sqrt(1.0 + y * y)
    return np.sum(t), 2.0 * y_dot * y @ (0.5 / t)
