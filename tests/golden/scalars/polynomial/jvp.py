# -*- coding: utf-8 -*-
# forward mode of polynomial(x: float dup, c: float dup)

import numpy as np


def polynomial_jvp(x, c, x_dot, c_dot):
    y = x * c
    y_dot = x_dot * c + c_dot * x
    t = 2.0 * y
    exp = np.exp(y)
    t1 = 3.0 * y_dot * y ** 2 - (2.0 * y_dot * x + x_dot * t) + y_dot * exp
    return y ** 3 - t * x + exp, t1
