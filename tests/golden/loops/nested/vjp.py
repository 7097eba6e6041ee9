# -*- coding: utf-8 -*-
# reverse mode of nested(a: f64[n, m] value, x: f64[n] value)

import numpy as np


def nested_vjp(a, x, dout=1.0):
    # forward
    y_saved = []
    saved = []
    saved_1 = []
    total = 0.0
    for row in a:
        t = len(x)
        saved_1.append(t)
        y = 1.0
        for i in range(t):
            y_saved.append(y)
            t1 = np.cos(row[i] * x[i])
            saved.append(t1)
            y = y * t1
        total += y
    # reverse
    dx = np.zeros_like(x)  # line 8: for row in a:
    da = np.zeros_like(a)
    for k in range(len(a) - 1, -1, -1):
        row = a[k]
        drow = np.zeros_like(row)  # line 10: for i in range(len(x)):
        dy = dout
        for i in range(saved_1.pop() - 1, -1, -1):
            y = y_saved.pop()  # saved in line 10
            t = row[i]  # line 11: y = y * np.cos(row[i] * x[i])
            t1 = x[i]
            t2 = -dy * y * np.sin(t * t1)
            dx[i] += t2 * t
            drow[i] += t2 * t1
            dy *= saved.pop()
        da[k] += drow  # line 10: for i in range(len(x)):
    return total, da, dx
