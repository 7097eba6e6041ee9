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
            sqrt = math.sqrt(v)
            t = np.divide(0.5, sqrt)
            v_dot * t
            t1 = sqrt * c
            t = v_dot * t * c + c_dot * sqrt
            total += t1
            total_dot += t
        except ValueError as err:
            print(err)
            failures += 1
    return total * total + failures, 2.0 * total_dot * total
