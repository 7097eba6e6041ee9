# -*- coding: utf-8 -*-
# forward mode of soft_threshold(x: f64[n] dup, t: float dup)

import numpy as np


def soft_threshold_jvp(x, t, x_dot, t_dot):
    y = np.abs(x) - t
    y_dot = x_dot * np.sign(x) - t_dot
    mask = y < 0.0
    y[mask] = 0.0
    y_dot[mask] = 0.0
    t1 = np.sign(x)
    t2 = t1 * y
    return np.sum(t2 * y), np.sum(y_dot * t1 * y + y_dot * t2)
