# -*- coding: utf-8 -*-
# forward mode of quotient(x: float dup, y: float dup)

import math
import numpy as np


def quotient_jvp(x, y, x_dot, y_dot):
    t = x * x
    t1 = y * y
    r = math.sqrt(t + t1)
    t2 = x / r
    t3 = x_dot / r
    t3 += (2.0 * x_dot * x + 2.0 * y_dot * y) * np.divide(0.5, r) * (-t2 / r)
    t += t1
    t = y_dot * np.divide(x, t) + x_dot * np.divide(-y, t)
    return (t2, math.atan2(y, x), 1.0), (t3, t, 0.0)
