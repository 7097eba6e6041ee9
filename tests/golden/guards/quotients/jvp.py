# -*- coding: utf-8 -*-
# forward mode of quotients(x: f64[n] dup, y: f64[n] dup)

import numpy as np


def quotients_jvp(x, y, x_dot, y_dot):
    with np.errstate(divide='ignore', invalid='ignore'):
        mask = y != 0.0
        t = x / y
        q = np.where(mask, t, 0.0)
        q_dot = np.where(mask, x_dot / y + y_dot * (-t / y), 0.0)
    return (q * q).sum(), 2.0 * q_dot @ q
