# -*- coding: utf-8 -*-
# reverse mode of recurrence(x: f64[n] value, w: float value)

import numpy as np


def recurrence_vjp(x, w, dout=1.0):
    # forward
    y = np.zeros_like(x)
    t = len(x)
    for i in range(1, t):
        y[i] = w * y[i - 1] + np.sin(x[i])
    out = y.sum()
    # reverse
    dy = np.full_like(y, dout)  # line 10: out = y.sum()
    dx = np.zeros_like(x)  # line 8: for i in range(1, len(x)):
    dw = 0.0
    for i in range(t - 1, 0, -1):
        t1 = i - 1  # line 9: y[i] = w * y[i - 1] + np.sin(x[i])
        t2 = y[t1]
        t3 = dy[i]
        dx[i] += t3 * np.cos(x[i])
        dy[t1] += t3 * w
        dw += t3 * t2
    return out, dx, dw
