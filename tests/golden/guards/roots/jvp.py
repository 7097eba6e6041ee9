# -*- coding: utf-8 -*-
# forward mode of roots(x: f64[n] dup, c: float dup)

import math
import numpy as np


def roots_jvp(x, c, x_dot, c_dot):
    total = 0.0
    failures = 0
    total_dot = 0.0
    for v, v_dot in zip(x, x_dot):
        try:
            t = math.sqrt(v)
            t1 = np.divide(0.5, t)
            v_dot * t1
            t2 = t * c
            t = v_dot * t1 * c + c_dot * t
            total += t2
            total_dot += t
        except ValueError as err:
            print(err)
            failures += 1
    return total * total + failures, 2.0 * total_dot * total
