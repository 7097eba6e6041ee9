# -*- coding: utf-8 -*-
# forward mode of two_layers(x: f64[n] dup, u: float dup, v: float dup)

import numpy as np


def two_layers_jvp(x, u, v, x_dot, u_dot, v_dot):
    t, t1 = layer_jvp(x, u, x_dot, u_dot)
    t, t1 = layer_jvp(t, v, t1, v_dot)
    return np.sum(t), np.sum(t1)


def layer_jvp(x, w, x_dot, w_dot):
    y = np.tanh(w * x)
    y_dot = (w_dot * x + x_dot * w) * (1 - y * y)
    for _ in range(2):
        t = -y
        exp = np.exp(t * x)
        y, y_dot = y * exp, y_dot * exp + (x_dot * t - y_dot * x) * exp * y
    return y, y_dot
