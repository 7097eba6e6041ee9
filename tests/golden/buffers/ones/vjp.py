# -*- coding: utf-8 -*-
# reverse mode of ones(x: float value, n: int const)

import numpy as np


def ones_vjp(x, n, dout=1.0):
    # forward
    t = np.ones((n, n))
    a = t * x
    a += 2
    b = a.sum(axis=1, keepdims=True)
    b_1 = b * 3
    b_1 += 0
    out = np.sum(b_1)
    # reverse
    db = np.full_like(b, 3.0 * dout)  # line 9: b = a.sum(axis=1, keepdims=True)
    return out, np.sum(np.broadcast_to(db, a.shape) * t)
