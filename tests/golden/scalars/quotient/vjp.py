# -*- coding: utf-8 -*-
# reverse mode of quotient(x: float value, y: float value)

import math
import numpy as np


def quotient_vjp(x, y, dout0, dout1, dout2):
    # forward
    t = x * x
    t1 = y * y
    r = math.sqrt(t + t1)
    t2 = x / r
    arctan2 = math.atan2(y, x)
    # reverse
    t += t1  # line 8: return x / r, math.atan2(y, x), 1.0
    t1 = dout0 * (-t2 / r) * np.divide(0.5, r)  # line 7: r = math.sqrt(x * x + y * y)
    dx = dout1 * np.divide(-y, t) + dout0 / r + 2.0 * (t1 * x)
    return (t2, arctan2, 1.0), dx, dout1 * np.divide(x, t) + 2.0 * (t1 * y)
