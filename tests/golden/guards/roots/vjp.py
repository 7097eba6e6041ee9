# -*- coding: utf-8 -*-
# reverse mode of roots(x: f64[n] value, c: float value)

import math
import numpy as np


def roots_vjp(x, c, dout=1.0):
    # forward
    sqrt_saved = []
    failed_saved = []
    total = 0.0
    failures = 0
    for v in x:
        try:
            sqrt = math.sqrt(v)
            total += sqrt * c
            sqrt_saved.append(sqrt)
            failed = False
        except ValueError as err:
            print(err)
            failures += 1
            failed = True
        failed_saved.append(failed)
    out = total * total + failures
    # reverse
    dtotal = 2.0 * dout * total  # line 17: return total * total + failures
    dx = np.zeros_like(x)  # line 11: for v in x:
    dc = 0.0
    for k in range(len(x) - 1, -1, -1):
        failed = failed_saved.pop()  # saved in line 12
        if failed:  # line 12: try:
            dv = 0.0
        else:
            sqrt = sqrt_saved.pop()  # saved in line 13
            dc += dtotal * sqrt  # line 13: total += math.sqrt(v) * c
            dv = dtotal * c * np.divide(0.5, sqrt)
        dx[k] += dv  # line 12: try:
    return out, dx, dc
