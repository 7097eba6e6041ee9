# -*- coding: utf-8 -*-
# forward mode of standardise(x: f64[n, m] dup, g: f64[n] dup, b: f64[n] dup)

import numpy as np


def standardise_jvp(x, g, b, x_dot, g_dot, b_dot):
    mean = x.mean(axis=0)
    t = x.shape[0]
    mean_dot = np.sum(x_dot, axis=0) / t
    spread = x.std(axis=0)
    total = np.sum((x - np.mean(x, axis=0, keepdims=True)) * x_dot, axis=0)
    spread_dot = total / (np.where(spread == 0.0, 1.0, spread) * t)
    t = x - mean
    t1 = g * t / spread
    t = (g_dot * t + (x_dot - mean_dot) * g) / spread
    y = t1 + b
    y_dot = t + spread_dot * (-t1 / spread) + b_dot
    return np.sum(y ** 3), np.sum(3.0 * y_dot * y ** 2)
