# -*- coding: utf-8 -*-
# reverse mode of fill_rows(x: f64[n] value, n: int const)

import numpy as np


def fill_rows_vjp(x, n, dout=1.0):
    # forward
    a = np.zeros((n, len(x)))
    for k in range(n):
        row = a[k]
        row[:] = x ** k
        row[0] = 2.0 * x[1]
    out = np.sum(a * a)
    # reverse
    da = 2.0 * (dout * a)  # line 12: return np.sum(a * a)
    dx = np.zeros_like(x)  # line 8: for k in range(n):
    for k in range(n - 1, -1, -1):
        drow = da[k]  # line 9: row = a[k]
        drow_0 = drow[0]  # line 11: row[0] = 2.0 * x[1]
        drow[0] = 0.0
        dx[1] += 2.0 * drow_0
        t = drow[:].copy()  # line 10: row[:] = x**k
        drow[:] = 0.0
        dx += k * t * (x + ((x == 0) & (k == 0))) ** (k - 1)
    return out, dx
