# -*- coding: utf-8 -*-
# forward mode of recurrence_vjp(x: f64[n] dup, w: float dup, dout: float dup)

import numpy as np


def recurrence_vjp_jvp(x, w, dout, x_dot, w_dot, dout_dot):
    y = np.zeros_like(x)
    y_dot = np.zeros_like(y)
    for i in range(1, len(x)):
        t1 = y[i - 1]
        t2 = x[i]
        y[i] = w * t1 + np.sin(t2)
        y_dot[i] = w_dot * t1 + y_dot[i - 1] * w + x_dot[i] * np.cos(t2)
    out = y.sum()
    out_dot = np.sum(y_dot)
    dy = np.full_like(y, dout)
    dy_dot = np.full_like(y, dout_dot)
    dx = np.zeros_like(x)
    dx_dot = np.zeros_like(dx)
    dw = 0.0
    dw_dot = 0.0
    for i in range(len(x) - 1, 0, -1):
        t = dy[i]
        t_dot = dy_dot[i]
        t1 = x[i]
        t2 = np.cos(t1)
        dx[i] += t * t2
        dx_dot[i] += t_dot * t2 + -x_dot[i] * np.sin(t1) * t
        dy[i - 1] = dy[i - 1] + t * w
        dy_dot[i - 1] = dy_dot[i - 1] + (t_dot * w + w_dot * t)
        t1 = y[i - 1]
        dw += t * t1
        dw_dot += t_dot * t1 + y_dot[i - 1] * t
    return (out, dx, dw), (out_dot, dx_dot, dw_dot)
