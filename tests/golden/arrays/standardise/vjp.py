# -*- coding: utf-8 -*-
# reverse mode of standardise(x: f64[n, m] value, g: f64[n] value, b: f64[n] value)

import numpy as np


def standardise_vjp(x, g, b, dout=1.0):
    # forward
    mean = x.mean(axis=0)
    spread = x.std(axis=0)
    t = x - mean
    t1 = g * t / spread
    y = t1 + b
    out = np.sum(y ** 3)
    # reverse
    dy = 3.0 * dout * y ** 2  # line 10: return np.sum(y**3)
    t2 = dy / spread  # line 9: y = g * (x - mean) / spread + b
    dspread = np.sum(dy * (-t1 / spread), axis=0)
    dx = t2 * g
    shape = x.shape  # line 8: spread = x.std(axis=0)
    shape_0 = shape[0]
    t1 = np.expand_dims(dspread / (np.where(spread == 0.0, 1.0, spread) * shape_0), 0)
    dx_1 = dx + t1 * (x - np.mean(x, axis=0, keepdims=True))
    # line 7: mean = x.mean(axis=0)
    dx_1 += np.broadcast_to(np.expand_dims(np.sum(-dx, axis=0), 0) / shape_0, shape)
    return out, dx_1, np.sum(t2 * t, axis=0), np.sum(dy, axis=0)
