# -*- coding: utf-8 -*-
# reverse mode of safe_log(x: f64[n] value)

import numpy as np


def safe_log_vjp(x, dout=1.0):
    # forward
    mask = x > 0.0
    log = np.log(x)
    sqrt = np.sqrt(x)
    out = np.sum(np.where(mask, log * sqrt, 0.0))
    # reverse
    # line 7: return np.sum(np.where(x > 0.0, np.log(x) * np.sqrt(x), 0.0))
    t = np.where(mask, dout * log * (0.5 / sqrt), 0.0)
    return out, t + np.where(mask, dout * sqrt / x, 0.0)
