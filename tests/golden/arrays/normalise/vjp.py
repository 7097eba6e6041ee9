# -*- coding: utf-8 -*-
# reverse mode of normalise(x: f64[n] shadow)

import numpy as np


def normalise_vjp(x, dx, dout=1.0):
    # forward
    x_1 = x.copy()
    s = np.sqrt(np.sum(x * x))
    t = x / s
    x[...] = t
    # reverse
    t1 = dx.copy()  # line 8: x /= s
    dx[...] = t1 / s
    # line 7: s = np.sqrt(np.sum(x * x))
    dx += 2.0 * (dout + t1 @ (-t / s)) * (0.5 / s) * x_1
    return (s,)
