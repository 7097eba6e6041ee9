# -*- coding: utf-8 -*-
# forward mode of recurrence_vjp(x: f64[n] dup, w: float dup, dout: float dup)

import numpy as np


def recurrence_vjp_jvp(x, w, dout, x_dot, w_dot, dout_dot):
    y = np.zeros_like(x)
    y_dot = np.zeros_like(y)
    for i in range(1, len(x)):
        y_prev = y[i - 1]
        x_i = x[i]
        y[i] = w * y_prev + np.sin(x_i)
        y_dot[i] = w_dot * y_prev + y_dot[i - 1] * w + x_dot[i] * np.cos(x_i)
    out = y.sum()
    out_dot = np.sum(y_dot)
    dy = np.full_like(y, dout)
    dy_dot = np.full_like(y, dout_dot)
    dx = np.zeros_like(x)
    dx_dot = np.zeros_like(dx)
    dw = 0.0
    dw_dot = 0.0
    for i in range(len(x) - 1, 0, -1):
        dy_i = dy[i]
        dy_i_dot = dy_dot[i]
        x_i = x[i]
        cos = np.cos(x_i)
        dx[i] += dy_i * cos
        dx_dot[i] += dy_i_dot * cos + -x_dot[i] * np.sin(x_i) * dy_i
        dy[i - 1] = dy[i - 1] + dy_i * w
        dy_dot[i - 1] = dy_dot[i - 1] + (dy_i_dot * w + w_dot * dy_i)
        y_prev = y[i - 1]
        dw += dy_i * y_prev
        dw_dot += dy_i_dot * y_prev + y_dot[i - 1] * dy_i
    return (out, dx, dw), (out_dot, dx_dot, dw_dot)
