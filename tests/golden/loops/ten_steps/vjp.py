# -*- coding: utf-8 -*-
# reverse mode of ten_steps(x: f64[10] value)

import numpy as np


def ten_steps_vjp(x, dout=1.0):
    # forward
    y0 = x[0]
    y1 = 0.5 * y0 + x[1]
    y2 = 0.5 * y1 + x[2]
    y3 = 0.5 * y2 + x[3]
    y4 = 0.5 * y3 + x[4]
    y5 = 0.5 * y4 + x[5]
    y6 = 0.5 * y5 + x[6]
    y7 = 0.5 * y6 + x[7]
    y8 = 0.5 * y7 + x[8]
    y9 = 0.5 * y8 + x[9]
    t = y0 * y0 + y1 * y1 + (y2 * y2 + y3 * y3)
    out = t + (y4 * y4 + y5 * y5 + (y6 * y6 + y7 * y7)) + y8 * y8 + y9 * y9
    # reverse
    t = 2.0 * dout  # line 14: return np.sum(y * y)
    dy9 = t * y9
    dx = np.zeros_like(x)  # line 13: y[i] = 0.5 * y[i - 1] + x[i]
    dx[9] = dy9
    dy8 = t * y8 + 0.5 * dy9
    dx[8] = dy8
    dy7 = t * y7 + 0.5 * dy8
    dx[7] = dy7
    dy6 = t * y6 + 0.5 * dy7
    dx[6] = dy6
    dy5 = t * y5 + 0.5 * dy6
    dx[5] = dy5
    dy4 = t * y4 + 0.5 * dy5
    dx[4] = dy4
    dy3 = t * y3 + 0.5 * dy4
    dx[3] = dy3
    dy2 = t * y2 + 0.5 * dy3
    dx[2] = dy2
    dy1 = t * y1 + 0.5 * dy2
    dx[1] = dy1
    dx[0] = t * y0 + 0.5 * dy1  # line 11: y[0] = x[0]
    return out, dx
