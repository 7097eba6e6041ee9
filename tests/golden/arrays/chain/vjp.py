# -*- coding: utf-8 -*-
# reverse mode of chain(x: f64[n] value)

import numpy as np


def chain_vjp(x, dout=1.0):
    # forward
    t = np.sin(x)
    t1 = x ** 2
    y = t * t1
    t2 = np.sqrt(1.0 + y * y)
    out = np.sum(t2)
    # reverse
    dy = 2.0 * (dout * (0.5 / t2) * y)  # line 8: return np.sum(np.sqrt(1.0 + y * y))
    dx = 2.0 * dy * t * x  # line 7: y = np.sin(x) * x**2
    dx += dy * t1 * np.cos(x)
    return out, dx
