# -*- coding: utf-8 -*-
# forward mode of fill_rows(x: f64[n] dup, n: int const)

import numpy as np


def fill_rows_jvp(x, n, x_dot):
    a = np.zeros((n, len(x)))
    a_dot = np.zeros_like(a)
    for k in range(n):
        row = a[k]
        row_dot = a_dot[k]
        row[:] = x ** k
        row_dot[:] = k * x_dot * (x + ((x == 0) & (k == 0))) ** (k - 1)
        row[0] = 2.0 * x[1]
        row_dot[0] = 2.0 * x_dot[1]
    return np.sum(a * a), 2.0 * np.sum(a_dot * a)
