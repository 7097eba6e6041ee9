# -*- coding: utf-8 -*-
# reverse mode of nested(a: f64[n, m] value, x: f64[n] value)

import numpy as np


def nested_vjp(a, x, dout=1.0):
    # forward
    y_saved = []
    cos_saved = []
    total = 0.0
    for row in a:
        y = 1.0
        for i in range(len(x)):
            y_saved.append(y)
            cos = np.cos(row[i] * x[i])
            cos_saved.append(cos)
            y = y * cos
        total += y
    # reverse
    dx = np.zeros_like(x)  # line 8: for row in a:
    da = np.zeros_like(a)
    n = len(x)  # line 10: for i in range(len(x)):
    for k in range(len(a) - 1, -1, -1):  # line 8: for row in a:
        row = a[k]
        drow = np.zeros_like(row)  # line 10: for i in range(len(x)):
        dy = dout
        for i in range(n - 1, -1, -1):
            y = y_saved.pop()  # saved in line 10
            row_i = row[i]  # line 11: y = y * np.cos(row[i] * x[i])
            x_i = x[i]
            t = -dy * y * np.sin(row_i * x_i)
            dx[i] += t * row_i
            drow[i] += t * x_i
            dy *= cos_saved.pop()
        da[k] += drow  # line 10: for i in range(len(x)):
    return total, da, dx
