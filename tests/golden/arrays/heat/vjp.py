# -*- coding: utf-8 -*-
# reverse mode of heat(u0: f64[n] value, c: float value, steps: int const)

import numpy as np


def heat_vjp(u0, c, steps, dout=1.0):
    # forward
    total_saved = []
    u = u0.copy()
    for _ in range(steps):
        total = u[:-2] - 2.0 * u[1:-1] + u[2:]
        total_saved.append(total)
        u[1:-1] += c * total
    out = np.sum(u ** 2)
    # reverse
    du = dout * (2.0 * u)  # line 10: return np.sum(u**2)
    dc = 0.0
    for _ in range(steps):  # line 8: for _ in range(steps):
        du_inner = du[1:-1]  # line 9: u[1:-1] += c * (u[:-2] - 2.0 * u[1:-1] + u[2:])
        t = du_inner * c
        dc += np.sum(du_inner * total_saved.pop())
        du[2:] += t
        du[:-2] += t
        du_inner -= 2.0 * t
    return out, du, dc
