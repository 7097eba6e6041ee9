# -*- coding: utf-8 -*-
# forward mode of two_levels(u: f64[n] dup, n: int const)

import numpy as np


def two_levels_jvp(u, n, u_dot):
    old = u.copy()
    new = np.zeros(len(u))
    new_dot = np.zeros_like(new)
    old_dot = u_dot.copy()
    for _ in range(n):
        old_inner_dot = old_dot[1:-1]
        t = 0.1 * (old[2:] - 2.0 * old[1:-1] + old[:-2])
        old_inner = old[1:-1]
        t1 = old_inner_dot + (0.1 * (old_dot[2:] - 2.0 * old_inner_dot + old_dot[:-2]) * old_inner + old_inner_dot * t)
        new[1:-1] = old[1:-1] + t * old_inner
        new_dot[1:-1] = t1
        old, new, old_dot, new_dot = new, old, new_dot, old_dot
    return np.sum(old ** 2), np.sum(old_dot * (2.0 * old))
