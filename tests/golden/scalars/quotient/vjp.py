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
    # reverse
    t += t1  # line 8: return x / r, math.atan2(y, x), 1.0
    t1 = dout0 * (-t2 / r) * np.divide(0.5, r)  # line 7: r = math.sqrt(x * x + y * y)
    t3 = t1 * y
    t1 *= x
    dx = dout1 * np.divide(-y, t) + dout0 / r + (t1 + t1)
    return (t2, math.atan2(y, x), 1.0), dx, dout1 * np.divide(x, t) + (t3 + t3)
