# -*- coding: utf-8 -*-
# forward mode of recurrence_vjp(x: f64[n] dup, w: float dup, dout: float dup)

import numpy as np


def recurrence_vjp_jvp(x, w, dout, x_dot, w_dot, dout_dot):
    y = np.zeros_like(x)
    y_dot = np.zeros_like(y)
    t = len(x)
    for i in range(1, t):
        t4 = i - 1
        t5 = y[t4]
        t6 = x[i]
        t4 = w_dot * t5 + y_dot[t4] * w + x_dot[i] * np.cos(t6)
        y[i] = w * t5 + np.sin(t6)
        y_dot[i] = t4
    out = y.sum()
    out_dot = np.sum(y_dot)
    dy = np.full_like(y, dout)
    dy_dot = np.full_like(y, dout_dot)
    dx = np.zeros_like(x)
    dx_dot = np.zeros_like(dx)
    dw = 0.0
    dw_dot = 0.0
    for i in range(t - 1, 0, -1):
        t1 = i - 1
        t2 = y[t1]
        t2_dot = y_dot[t1]
        t3 = dy[i]
        t3_dot = dy_dot[i]
        t4 = x[i]
        t5 = np.cos(t4)
        t4 = dx_dot[i] + (t3_dot * t5 + -x_dot[i] * np.sin(t4) * t3)
        dx[i] += t3 * t5
        dx_dot[i] = t4
        t4 = dy_dot[t1] + (t3_dot * w + w_dot * t3)
        dy[t1] += t3 * w
        dy_dot[t1] = t4
        dw += t3 * t2
        dw_dot += t3_dot * t2 + t2_dot * t3
    return (out, dx, dw), (out_dot, dx_dot, dw_dot)
