# -*- coding: utf-8 -*-
# reverse mode of recurrence_vjp(x: f64[n] value, w: float value, dout: float value)

import numpy as np


def recurrence_vjp_vjp(x, w, dout, dout0, dout1, dout2):
    # forward
    t_saved = []
    cos_saved = []
    y = np.zeros_like(x)
    for i in range(1, len(x)):
        y[i] = w * y[i - 1] + np.sin(x[i])
    out = y.sum()
    dy = np.full_like(y, dout)
    dx = np.zeros_like(x)
    t1 = len(x) - 1
    dw = 0.0
    for i in range(t1, 0, -1):
        t = dy[i]
        t_saved.append(t)
        t2 = np.cos(x[i])
        cos_saved.append(t2)
        dx[i] += t * t2
        dy[i - 1] = dy[i - 1] + t * w
        dw += t * y[i - 1]
    # reverse
    ddy = np.zeros_like(dy)  # line 14: dy = np.full_like(y, dout)
    dy = np.zeros_like(y)  # line 9: y = np.zeros_like(x)
    ddx = dout1.copy()  # line 22: return out, dx, dw
    dx_1 = np.zeros_like(x)  # line 17: for i in range(len(x) - 1, 0, -1):
    dw_1 = 0.0
    for i in range(1, t1 + 1):
        t = t_saved.pop()  # saved in line 18
        dy[i - 1] += dout2 * t  # line 21: dw += t * y[i - 1]
        t2 = ddy[i - 1]  # line 20: dy[i - 1] += t * w
        t3 = ddx[i]  # line 19: dx[i] += t * np.cos(x[i])
        dx_1[i] -= t3 * t * np.sin(x[i])
        ddy[i] += dout2 * y[i - 1] + t2 * w + t3 * cos_saved.pop()  # line 18: t = dy[i]
        dw_1 += t2 * t  # line 20: dy[i - 1] += t * w
    dy += dout0  # line 12: out = y.sum()
    for i in range(len(x) - 1, 0, -1):  # line 10: for i in range(1, len(x)):
        t1 = dy[i]  # line 11: y[i] = w * y[i - 1] + np.sin(x[i])
        dx_1[i] += t1 * np.cos(x[i])
        dy[i - 1] += t1 * w
        dw_1 += t1 * y[i - 1]
    return (out, dx, dw), dx_1, dw_1, np.sum(ddy)
