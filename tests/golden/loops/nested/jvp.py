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
            t = row[i]
            t1 = x[i]
            t2 = t * t1
            t3 = np.cos(t2)
            y_1 = y * t3
            t3 *= y_dot
            y_dot = t3 + -(row_dot[i] * t1 + x_dot[i] * t) * np.sin(t2) * y
            y = y_1
        total += y
        total_dot += y_dot
    return total, total_dot
