# -*- coding: utf-8 -*-
# forward mode of layer(w: f64[n, m] dup, b: f64[n] dup, x: f64[n, m] dup, target: f64[n, m] dup)

import numpy as np


def layer_jvp(w, b, x, target, w_dot, b_dot, x_dot, target_dot):
    z = x @ w + b
    z_dot = x_dot @ w + x @ w_dot + b_dot
    exp = -z
    np.exp(exp, out=exp)
    t = z_dot * exp
    exp += 1
    p = 1 / exp
    p_dot = -(t * (-p / exp))
    error = np.subtract(p, target, out=p)
    error_dot = np.subtract(p_dot, target_dot, out=p_dot)
    error_1 = np.multiply(error, error, out=exp)
    error_dot *= 2.0
    error_dot *= error
    return np.sum(error_1), np.sum(error_dot)
