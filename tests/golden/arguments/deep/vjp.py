# -*- coding: utf-8 -*-
# reverse mode of deep(weights: list[f64[*, *]] shadow, x: f64[n] value)

import numpy as np


def deep_vjp(weights, x, dweights, dout=1.0):
    # forward
    x_saved = []
    x_saved_1 = []
    for w in weights:
        x_saved.append(x)
        x = np.tanh(x @ w)
        x_saved_1.append(x)
    out = np.sum(x)
    # reverse
    dx = np.full_like(x, dout)  # line 7: for w in weights:
    for k in range(len(dweights) - 1, -1, -1):
        w = weights[k]
        x = x_saved.pop()  # saved in line 7
        x_1 = x_saved_1.pop()  # saved in line 8
        t = dx * (1 - x_1 * x_1)  # line 8: x = np.tanh(x @ w)
        dweights[k] += np.outer(x, t)
        dx = w @ t
    return out, dx.copy()
