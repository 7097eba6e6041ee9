# -*- coding: utf-8 -*-
# forward mode of heat(u0: f64[n] dup, c: float dup, steps: int const)

import numpy as np


def heat_jvp(u0, c, steps, u0_dot, c_dot):
    u = u0.copy()
    u_dot = u0_dot.copy()
    for _ in range(steps):
        u_inner_dot = u_dot[1:-1]
        t = u[:-2] - 2.0 * u[1:-1] + u[2:]
        u[1:-1] += c * t
        u_inner_dot += c_dot * t + (u_dot[:-2] - 2.0 * u_inner_dot + u_dot[2:]) * c
    return np.sum(u ** 2), np.sum(u_dot * (2.0 * u))
