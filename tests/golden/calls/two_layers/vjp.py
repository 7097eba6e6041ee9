# -*- coding: utf-8 -*-
# reverse mode of two_layers(x: f64[n] value, u: float value, v: float value)

import numpy as np


def two_layers_vjp(x, u, v, dout=1.0):
    # forward
    t, saved = layer_fwd(x, u)
    t, saved_1 = layer_fwd(t, v)
    out = np.sum(t)
    # reverse
    # line 14: return np.sum(layer(layer(x, u), v))
    dx, dv = layer_rev(saved_1, np.full_like(t, dout))
    dx, du = layer_rev(saved, dx)
    return out, dx, du, dv


def layer_fwd(x, w):
    y_saved = []
    exp_saved = []
    y = np.tanh(w * x)
    y_1 = y
    for _ in range(2):
        y_saved.append(y_1)
        exp = np.exp(-y_1 * x)
        exp_saved.append(exp)
        y_1 = y_1 * exp
    return y_1, (x, w, y, y_saved, exp_saved)


def layer_rev(saved, dout):
    # reverse
    x, w, y, y_saved, exp_saved = saved
    dx = np.zeros_like(x)  # line 8: for _ in range(2):
    dy = dout
    for _ in range(2):
        y_1 = y_saved.pop()  # saved in line 8
        t = -y_1  # line 9: y = y * np.exp(-y * x)
        exp = exp_saved.pop()  # saved in line 9
        dy_1 = dy * exp  # line 9: y = y * np.exp(-y * x)
        t1 = dy * y_1 * exp
        dx += t1 * t
        dy_1 -= t1 * x
        dy = dy_1
    t = dy * (1 - y * y)  # line 7: y = np.tanh(w * x)
    dx += t * w
    return dx, t @ x
