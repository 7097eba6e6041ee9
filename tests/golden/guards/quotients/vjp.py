# -*- coding: utf-8 -*-
# reverse mode of quotients(x: f64[n] value, y: f64[n] value)

import numpy as np


def quotients_vjp(x, y, dout=1.0):
    # forward
    with np.errstate(divide='ignore', invalid='ignore'):
        mask = y != 0.0
        t = x / y
        q = np.where(mask, t, 0.0)
    out = (q * q).sum()
    # reverse
    dq = 2.0 * dout * q  # line 9: return (q * q).sum()
    # line 7: with np.errstate(divide="ignore", invalid="ignore"):
    with np.errstate(divide='ignore', invalid='ignore'):
        dx = np.where(mask, dq / y, 0.0)  # line 8: q = np.where(y != 0.0, x / y, 0.0)
        dy = np.where(mask, dq * (-t / y), 0.0)
    return out, dx, dy
