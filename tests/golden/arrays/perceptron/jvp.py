# -*- coding: utf-8 -*-
# forward mode of perceptron(x: f64[n, m] dup, w1: f64[n, m] dup, b1: f64[n] dup, w2: f64[n] dup)

import numpy as np


def perceptron_jvp(x, w1, b1, w2, x_dot, w1_dot, b1_dot, w2_dot):
    h = np.tanh(x @ w1 + b1)
    h_dot = (x_dot @ w1 + x @ w1_dot + b1_dot) * (1 - h * h)
    p = h @ w2
    p_dot = h_dot @ w2 + h @ w2_dot
    t = p - x[:, 0]
    t1 = t ** 2
    return np.mean(t1), 2.0 * (p_dot - x_dot[:, 0]) @ t / t1.size
