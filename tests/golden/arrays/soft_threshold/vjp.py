# -*- coding: utf-8 -*-
# reverse mode of soft_threshold(x: f64[n] value, t: float value)

import numpy as np


def soft_threshold_vjp(x, t, dout=1.0):
    # forward
    y = np.abs(x) - t
    t1 = y < 0.0
    y[t1] = 0.0
    t2 = np.sign(x)
    t3 = t2 * y
    out = np.sum(t3 * y)
    # reverse
    dy = dout * t3  # line 9: return np.sum(np.sign(x) * y * y)
    dy += dout * y * t2
    dy[t1] = 0.0  # line 8: y[y < 0.0] = 0.0
    return out, dy * t2, np.sum(-dy)
