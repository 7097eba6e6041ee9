# -*- coding: utf-8 -*-
# reverse mode of perceptron(x: f64[n, m] value, w1: f64[n, m] value, b1: f64[n] value, w2: f64[n] value)

import numpy as np


def perceptron_vjp(x, w1, b1, w2, dout=1.0):
    # forward
    h = np.tanh(x @ w1 + b1)
    p = h @ w2
    t = p - x[:, 0]
    out = np.mean(t ** 2)
    # reverse
    dp = 2.0 * (dout / t.size) * t  # line 9: return np.mean((p - x[:, 0]) ** 2)
    dx = np.zeros_like(x)
    dx[:, 0] -= dp
    t = np.outer(dp, w2) * (1 - h * h)  # line 7: h = np.tanh(x @ w1 + b1)
    dx += t @ w1.T
    return out, dx, x.T @ t, np.sum(t, axis=0), h.T @ dp
