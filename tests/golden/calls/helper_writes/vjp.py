# -*- coding: utf-8 -*-
# reverse mode of helper_writes(x: f64[n] value, c: float value)

import numpy as np


def helper_writes_vjp(x, c, dout=1.0):
    # forward
    u = x * 1.0
    t, saved = relax_fwd(u, c)
    t, saved_1 = relax_fwd(u, c)
    out = np.sum(u ** 2)
    # reverse
    du = dout * (2.0 * u)  # line 15: return np.sum(u**2)
    dc = relax_rev(saved_1, du)  # line 14: relax(u, c)
    dc_1 = relax_rev(saved, du)  # line 13: relax(u, c)
    return out, du * 1.0, dc + dc_1


def relax_fwd(u, c):
    total_saved = []
    last = len(u) - 1
    for i in range(1, last):
        total = u[i - 1] - 2.0 * u[i] + u[i + 1]
        total_saved.append(total)
        u[i] = u[i] + c * total
    return None, (c, last, total_saved)


def relax_rev(saved, du):
    # reverse
    c, last, total_saved = saved
    dc = 0.0
    for i in range(last - 1, 0, -1):  # line 7: for i in range(1, len(u) - 1):
        total = total_saved.pop()  # saved in line 8
        du_i = du[i]  # line 8: u[i] = u[i] + c * (u[i - 1] - 2.0 * u[i] + u[i + 1])
        t = du_i * c
        du[i + 1] += t
        du[i] -= 2.0 * t
        du[i - 1] += t
        dc += du_i * total
    return dc
