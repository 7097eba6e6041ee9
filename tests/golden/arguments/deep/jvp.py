# -*- coding: utf-8 -*-
# forward mode of deep(weights: list[f64[*, *]] dup, x: f64[n] dup)

import numpy as np


def deep_jvp(weights, x, weights_dot, x_dot):
    for w, w_dot in zip(weights, weights_dot):
        t = x_dot @ w + x @ w_dot
        x = np.tanh(x @ w)
        x_dot = t * (1 - x * x)
    return np.sum(x), np.sum(x_dot)
