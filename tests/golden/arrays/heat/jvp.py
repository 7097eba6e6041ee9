# -*- coding: utf-8 -*-
# forward mode of heat(u0: f64[n] dup, c: float dup, steps: int const)

import numpy as np


def heat_jvp(u0, c, steps, u0_dot, c_dot):
    u = u0.copy()
    u_dot = np.copy(u0_dot)
    for _ in range(steps):
        t = u_dot[1:-1]
        t1 = u[:-2] - 2.0 * u[1:-1] + u[2:]
        u[1:-1] += c * t1
        t += c_dot * t1 + (u_dot[:-2] - 2.0 * t + u_dot[2:]) * c
    return np.sum(u ** 2), np.sum(u_dot * (2.0 * u))
