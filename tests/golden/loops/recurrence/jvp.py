# -*- coding: utf-8 -*-
# forward mode of recurrence(x: f64[n] dup, w: float dup)

import numpy as np


def recurrence_jvp(x, w, x_dot, w_dot):
    y = np.zeros_like(x)
    y_dot = np.zeros_like(y)
    for i in range(1, len(x)):
        t = i - 1
        t1 = y[t]
        t2 = x[i]
        t = w_dot * t1 + y_dot[t] * w + x_dot[i] * np.cos(t2)
        y[i] = w * t1 + np.sin(t2)
        y_dot[i] = t
    out = y.sum()
    out_dot = np.sum(y_dot)
    return out, out_dot
