# -*- coding: utf-8 -*-
# reverse mode of polynomial(x: float value, c: float value)

import numpy as np


def polynomial_vjp(x, c, dout=1.0):
    # forward
    y = x * c
    t = 2.0 * y
    exp = np.exp(y)
    out = y ** 3 - t * x + exp
    # reverse
    t1 = -dout  # line 8: return y**3 - 2.0 * y * x + np.exp(y)
    dy = dout * exp + 2.0 * t1 * x + 3.0 * dout * y ** 2
    return out, t1 * t + dy * c, dy * x
