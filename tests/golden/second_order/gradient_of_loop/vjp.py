# -*- coding: utf-8 -*-
# reverse mode of recurrence_vjp(x: f64[n] value, w: float value, dout: float value)

import numpy as np


def recurrence_vjp_vjp(x, w, dout, dout0, dout1, dout2):
    # forward
    dy_i_saved = []
    cos_saved = []
    y = np.zeros_like(x)
    for i in range(1, len(x)):
        y[i] = w * y[i - 1] + np.sin(x[i])
    out = y.sum()
    dy = np.full_like(y, dout)
    dx = np.zeros_like(x)
    dw = 0.0
    for i in range(len(x) - 1, 0, -1):
        dy_i = dy[i]
        dy_i_saved.append(dy_i)
        cos = np.cos(x[i])
        cos_saved.append(cos)
        dx[i] += dy_i * cos
        dy[i - 1] = dy[i - 1] + dy_i * w
        dw += dy_i * y[i - 1]
    # reverse
    ddy = np.zeros_like(dy)  # line 14: dy = np.full_like(y, dout)
    dy = np.zeros_like(y)  # line 9: y = np.zeros_like(x)
    ddx = dout1.copy()  # line 22: return out, dx, dw
    dx_1 = np.zeros_like(x)  # line 17: for i in range(len(x) - 1, 0, -1):
    dw_1 = 0.0
    for i in range(1, len(x)):
        dy_i = dy_i_saved.pop()  # saved in line 18
        dy[i - 1] += dout2 * dy_i  # line 21: dw += dy_i * y[i - 1]
        ddy_prev = ddy[i - 1]  # line 20: dy[i - 1] += dy_i * w
        ddx_i = ddx[i]  # line 19: dx[i] += dy_i * np.cos(x[i])
        dx_1[i] -= ddx_i * dy_i * np.sin(x[i])
        # line 18: dy_i = dy[i]
        ddy[i] += dout2 * y[i - 1] + ddy_prev * w + ddx_i * cos_saved.pop()
        dw_1 += ddy_prev * dy_i  # line 20: dy[i - 1] += dy_i * w
    dy += dout0  # line 12: out = y.sum()
    for i in range(len(x) - 1, 0, -1):  # line 10: for i in range(1, len(x)):
        dy_i_1 = dy[i]  # line 11: y[i] = w * y[i - 1] + np.sin(x[i])
        dx_1[i] += dy_i_1 * np.cos(x[i])
        dy[i - 1] += dy_i_1 * w
        dw_1 += dy_i_1 * y[i - 1]
    return (out, dx, dw), dx_1, dw_1, np.sum(ddy)
