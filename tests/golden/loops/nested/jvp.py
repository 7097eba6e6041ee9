# -*- coding: utf-8 -*-
# forward mode of nested(a: f64[n, m] dup, x: f64[n] dup)

import numpy as np


def nested_jvp(a, x, a_dot, x_dot):
    total = 0.0
    total_dot = 0.0
    for row, row_dot in zip(a, a_dot):
        y = 1.0
        y_dot = 0.0
        for i in range(len(x)):
            row_i = row[i]
            x_i = x[i]
            t = row_i * x_i
            cos = np.cos(t)
            y_1 = y * cos
            t1 = y_dot * cos
            y_dot = t1 + -(row_dot[i] * x_i + x_dot[i] * row_i) * np.sin(t) * y
            y = y_1
        total += y
        total_dot += y_dot
    return total, total_dot
