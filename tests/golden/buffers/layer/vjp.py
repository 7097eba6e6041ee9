# -*- coding: utf-8 -*-
# reverse mode of layer(w: f64[n, m] value, b: f64[n] value, x: f64[n, m] value, target: f64[n, m] value)

import numpy as np


def layer_vjp(w, b, x, target, dout=1.0):
    # forward
    z = x @ w + b
    exp = -z
    np.exp(exp, out=exp)
    t = 1 + exp
    p = 1 / t
    error = p - target
    error_1 = error * error
    out = np.sum(error_1)
    # reverse
    derror = np.multiply(2.0 * dout, error, out=error)  # line 10: error = error * error
    dz = -(derror * (-p / t) * exp)  # line 8: p = 1 / (1 + np.exp(-z))
    return out, x.T @ dz, np.sum(dz, axis=0), dz @ w.T, -derror
