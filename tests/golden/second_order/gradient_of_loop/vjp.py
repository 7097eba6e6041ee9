# -*- coding: utf-8 -*-
# reverse mode of recurrence_vjp(x: f64[n] value, w: float value, dout: float value)

import numpy as np


def recurrence_vjp_vjp(x, w, dout, dout0, dout1, dout2):
    # forward
    t3_saved = []
    cos_saved = []
    y = np.zeros_like(x)
    t = len(x)
    for i in range(1, t):
        y[i] = w * y[i - 1] + np.sin(x[i])
    out = y.sum()
    dy = np.full_like(y, dout)
    dx = np.zeros_like(x)
    t4 = t - 1
    dw = 0.0
    for i in range(t4, 0, -1):
        t1 = i - 1
        t2 = y[t1]
        t3 = dy[i]
        t3_saved.append(t3)
        t5 = np.cos(x[i])
        cos_saved.append(t5)
        dx[i] += t3 * t5
        dy[t1] += t3 * w
        dw += t3 * t2
    # reverse
    dy_1 = np.zeros_like(y)  # line 9: y = np.zeros_like(x)
    ddy = np.zeros_like(dy)  # line 15: dy = np.full_like(y, dout)
    ddx = dout1.copy()  # line 25: return out, dx, dw
    dx_1 = np.zeros_like(x)  # line 18: for i in range(t - 1, 0, -1):
    dw_1 = 0.0
    for i in range(1, t4 + 1):
        t1 = i - 1  # line 19: t1 = i - 1
        t2 = y[t1]  # line 20: t2 = y[t1]
        t3 = t3_saved.pop()  # saved in line 21
        t5 = ddy[t1]  # line 23: dy[t1] += t3 * w
        t6 = ddx[i]  # line 22: dx[i] += t3 * np.cos(x[i])
        dx_1[i] -= t6 * t3 * np.sin(x[i])
        ddy[i] += dout2 * t2 + t5 * w + t6 * cos_saved.pop()  # line 21: t3 = dy[i]
        dy_1[t1] += dout2 * t3  # line 20: t2 = y[t1]
        dw_1 += t5 * t3  # line 23: dy[t1] += t3 * w
    t4 = np.sum(ddy)  # line 15: dy = np.full_like(y, dout)
    dy = np.full_like(y, dout0)  # line 13: out = y.sum()
    dy_1 += dy
    for i in range(t - 1, 0, -1):  # line 11: for i in range(1, t):
        t5 = i - 1  # line 12: y[i] = w * y[i - 1] + np.sin(x[i])
        t6 = y[t5]
        t7 = dy_1[i]
        dx_1[i] += t7 * np.cos(x[i])
        dy_1[t5] += t7 * w
        dw_1 += t7 * t6
    return (out, dx, dw), dx_1, dw_1, t4
