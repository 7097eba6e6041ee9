# -*- coding: utf-8 -*-
# forward mode of small_grid(x: f64[2, 3] dup, w: float dup)

import numpy as np


def small_grid_jvp(x, w, x_dot, w_dot):
    y0_0 = np.float64(0.0)
    row = x[0]
    row_dot = x_dot[0]
    if row[0] > 0.0:
        row_0 = row[0]
        y0_0_1 = w * row_0
        y0_0_dot = w_dot * row_0 + row_dot[0] * w
    else:
        y0_0_1 = y0_0
        y0_0_dot = 0.0
    if row[1] > 0.0:
        row_1 = row[1]
        y0_1 = w * row_1
        y0_1_dot = w_dot * row_1 + row_dot[1] * w
    else:
        y0_1 = y0_0
        y0_1_dot = 0.0
    if row[2] > 0.0:
        row_2 = row[2]
        y0_2 = w * row_2
        y0_2_dot = w_dot * row_2 + row_dot[2] * w
    else:
        y0_2 = y0_0
        y0_2_dot = 0.0
    row = x[1]
    row_dot = x_dot[1]
    if row[0] > 0.0:
        row_0 = row[0]
        y1_0 = w * row_0
        y1_0_dot = w_dot * row_0 + row_dot[0] * w
    else:
        y1_0 = y0_0
        y1_0_dot = 0.0
    if row[1] > 0.0:
        row_1 = row[1]
        y1_1 = w * row_1
        y1_1_dot = w_dot * row_1 + row_dot[1] * w
    else:
        y1_1 = y0_0
        y1_1_dot = 0.0
    if row[2] > 0.0:
        row_2 = row[2]
        y1_2 = w * row_2
        y1_2_dot = w_dot * row_2 + row_dot[2] * w
    else:
        y1_2 = y0_0
        y1_2_dot = 0.0
    y1_0 += y0_0_1
    y1_0_dot += y0_0_dot
    y1_1 += y0_1
    y1_1_dot += y0_1_dot
    y1_2 += y0_2
    y1_2_dot += y0_2_dot
    t = 2.0 * y1_0_dot * y1_0 + 2.0 * y1_1_dot * y1_1 + 2.0 * y1_2_dot * y1_2
    return y1_0 * y1_0 + y1_1 * y1_1 + y1_2 * y1_2, t
