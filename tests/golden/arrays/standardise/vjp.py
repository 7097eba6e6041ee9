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
    t2 = 3.0 * dout * y ** 2  # line 10: return np.sum(y**3)
    t3 = t2 / spread  # line 9: y = g * (x - mean) / spread + b
    t4 = t3 * g
    t5 = x.shape  # line 8: spread = x.std(axis=0)
    t6 = t5[0]
    t1 = np.expand_dims(np.sum(t2 * (-t1 / spread), axis=0) / (spread * t6), 0)
    t1 = t4 + t1 * (x - np.mean(x, axis=0, keepdims=True))
    # line 7: mean = x.mean(axis=0)
    t1 += np.broadcast_to(np.expand_dims(np.sum(-t4, axis=0), 0) / t6, t5)
    return out, t1, np.sum(t3 * t, axis=0), np.sum(t2, axis=0)
