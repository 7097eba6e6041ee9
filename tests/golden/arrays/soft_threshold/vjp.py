# -*- coding: utf-8 -*-
# reverse mode of soft_threshold(x: f64[n] value, t: float value)

import numpy as np


def soft_threshold_vjp(x, t, dout=1.0):
    # forward
    y = np.abs(x) - t
    mask = y < 0.0
    y[mask] = 0.0
    t1 = np.sign(x)
    t2 = t1 * y
    out = np.sum(t2 * y)
    # reverse
    dy = dout * t2  # line 9: return np.sum(np.sign(x) * y * y)
    dy += dout * y * t1
    dy[mask] = 0.0  # line 8: y[y < 0.0] = 0.0
    return out, dy * t1, np.sum(-dy)
