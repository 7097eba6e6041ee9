# -*- coding: utf-8 -*-
# reverse mode of small_grid(x: f64[2, 3] value, w: float value)

import numpy as np


def small_grid_vjp(x, w, dout=1.0):
    # forward
    y0_0 = np.float64(0.0)
    row = x[0]
    row_0 = row[0]
    test = row_0 > 0.0
    y0_0_1 = y0_0
    if test:
        y0_0_1 = w * row[0]
    row_1 = row[1]
    test_1 = row_1 > 0.0
    y0_1 = y0_0
    if test_1:
        y0_1 = w * row[1]
    row_2 = row[2]
    test_2 = row_2 > 0.0
    y0_2 = y0_0
    if test_2:
        y0_2 = w * row[2]
    row_3 = x[1]
    row_3_0 = row_3[0]
    test_3 = row_3_0 > 0.0
    y1_0 = y0_0
    if test_3:
        y1_0 = w * row_3[0]
    row_3_1 = row_3[1]
    test_4 = row_3_1 > 0.0
    y1_1 = y0_0
    if test_4:
        y1_1 = w * row_3[1]
    row_3_2 = row_3[2]
    test_5 = row_3_2 > 0.0
    y1_2 = y0_0
    if test_5:
        y1_2 = w * row_3[2]
    y1_0 += y0_0_1
    y1_1 += y0_1
    y1_2 += y0_2
    out = y1_0 * y1_0 + y1_1 * y1_1 + y1_2 * y1_2
    # reverse
    t = 2.0 * dout  # line 16: return np.sum(y[1] ** 2)
    dy1_2 = t * y1_2
    dy1_1 = t * y1_1
    dy1_0 = t * y1_0
    if test_5:  # line 13: if row[j] > 0.0:
        drow = np.zeros_like(row_3)  # line 14: y[i, j] = w * row[j]
        drow[2] = dy1_2 * w
        dw = dy1_2 * row_3_2
    else:
        drow = np.zeros_like(row_3)  # line 13: if row[j] > 0.0:
        dw = 0.0
    if test_4:
        drow[1] += dy1_1 * w  # line 14: y[i, j] = w * row[j]
        dw += dy1_1 * row_3_1
    if test_3:  # line 13: if row[j] > 0.0:
        drow[0] += dy1_0 * w  # line 14: y[i, j] = w * row[j]
        dw += dy1_0 * row_3_0
    dx = np.zeros_like(x)  # line 11: for i, row in enumerate(x):
    dx[1] += drow
    if test_2:  # line 13: if row[j] > 0.0:
        drow = np.zeros_like(row)  # line 14: y[i, j] = w * row[j]
        drow[2] = dy1_2 * w
        dw += dy1_2 * row_2
    else:
        drow = np.zeros_like(row)  # line 13: if row[j] > 0.0:
    if test_1:
        drow[1] += dy1_1 * w  # line 14: y[i, j] = w * row[j]
        dw += dy1_1 * row_1
    if test:  # line 13: if row[j] > 0.0:
        drow[0] += dy1_0 * w  # line 14: y[i, j] = w * row[j]
        dw += dy1_0 * row_0
    dx[0] += drow  # line 11: for i, row in enumerate(x):
    return out, dx, dw
