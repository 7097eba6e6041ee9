# -*- coding: utf-8 -*-
# reverse mode of recurrence(x: f64[n] value, w: float value)

import numpy as np


def recurrence_vjp(x, w, dout=1.0):
    # forward
    y = np.zeros_like(x)
    for i in range(1, len(x)):
        y[i] = w * y[i - 1] + np.sin(x[i])
    out = y.sum()
    # reverse
    dy = np.full_like(y, dout)  # line 10: out = y.sum()
    dx = np.zeros_like(x)  # line 8: for i in range(1, len(x)):
    dw = 0.0
    for i in range(len(x) - 1, 0, -1):
        dy_i = dy[i]  # line 9: y[i] = w * y[i - 1] + np.sin(x[i])
        dx[i] += dy_i * np.cos(x[i])
        dy[i - 1] += dy_i * w
        dw += dy_i * y[i - 1]
    return out, dx, dw
