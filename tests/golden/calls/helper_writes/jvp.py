# -*- coding: utf-8 -*-
# forward mode of helper_writes(x: f64[n] dup, c: float dup)

import numpy as np


def helper_writes_jvp(x, c, x_dot, c_dot):
    u = x * 1.0
    u_dot = x_dot * 1.0
    relax_jvp(u, c, u_dot, c_dot)
    relax_jvp(u, c, u_dot, c_dot)
    return np.sum(u ** 2), np.sum(u_dot * (2.0 * u))


def relax_jvp(u, c, u_dot, c_dot):
    for i in range(1, len(u) - 1):
        u_i_dot = u_dot[i]
        t = u[i - 1] - 2.0 * u[i] + u[i + 1]
        t1 = u_i_dot + (c_dot * t + (u_dot[i - 1] - 2.0 * u_i_dot + u_dot[i + 1]) * c)
        u[i] = u[i] + c * t
        u_dot[i] = t1
    return None, None
