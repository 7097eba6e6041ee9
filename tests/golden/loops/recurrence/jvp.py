# -*- coding: utf-8 -*-
# forward mode of recurrence(x: f64[n] dup, w: float dup)

import numpy as np


def recurrence_jvp(x, w, x_dot, w_dot):
    y = np.zeros_like(x)
    y_dot = np.zeros_like(y)
    for i in range(1, len(x)):
        y_prev = y[i - 1]
        x_i = x[i]
        y[i] = w * y_prev + np.sin(x_i)
        y_dot[i] = w_dot * y_prev + y_dot[i - 1] * w + x_dot[i] * np.cos(x_i)
    out = y.sum()
    out_dot = np.sum(y_dot)
    return out, out_dot
