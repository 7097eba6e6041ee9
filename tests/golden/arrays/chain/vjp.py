# -*- coding: utf-8 -*-
# reverse mode of chain(x: f64[n] value)

import numpy as np


def chain_vjp(x, dout=1.0):
    # forward
    sin = np.sin(x)
    t = x ** 2
    y = sin * t
    sqrt = np.sqrt(1.0 + y * y)
    out = np.sum(sqrt)
    # reverse
    dy = 2.0 * (dout * (0.5 / sqrt) * y)  # line 8: return np.sum(np.sqrt(1.0 + y * y))
    dx = 2.0 * dy * sin * x  # line 7: y = np.sin(x) * x**2
    dx += dy * t * np.cos(x)
    return out, dx
