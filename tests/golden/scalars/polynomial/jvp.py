# -*- coding: utf-8 -*-
# forward mode of polynomial(x: float dup, c: float dup)

import numpy as np


def polynomial_jvp(x, c, x_dot, c_dot):
    y = x * c
    y_dot = x_dot * c + c_dot * x
    t = 2.0 * y
    t1 = np.exp(y)
    t2 = 3.0 * y_dot * y ** 2 - (2.0 * y_dot * x + x_dot * t) + y_dot * t1
    return y ** 3 - t * x + t1, t2
