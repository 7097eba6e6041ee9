# -*- coding: utf-8 -*-
# forward mode of quotients(x: f64[n] dup, y: f64[n] dup)

import numpy as np


def quotients_jvp(x, y, x_dot, y_dot):
    with np.errstate(divide='ignore', invalid='ignore'):
        t = y != 0.0
        t1 = x / y
        q = np.where(t, t1, 0.0)
        q_dot = np.where(t, x_dot / y + y_dot * (-t1 / y), 0.0)
    return (q * q).sum(), 2.0 * q_dot @ q
