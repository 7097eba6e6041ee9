# -*- coding: utf-8 -*-
# reverse mode of safe_log(x: f64[n] value)

import numpy as np


def safe_log_vjp(x, dout=1.0):
    # forward
    t = x > 0.0
    t1 = np.log(x)
    t2 = np.sqrt(x)
    out = np.sum(np.where(t, t1 * t2, 0.0))
    # reverse
    # line 7: return np.sum(np.where(x > 0.0, np.log(x) * np.sqrt(x), 0.0))
    t1 = np.where(t, dout * t1 * (0.5 / t2), 0.0)
    return out, t1 + np.where(t, dout * t2 / x, 0.0)
