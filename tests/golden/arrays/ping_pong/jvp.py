# -*- coding: utf-8 -*-
# forward mode of ping_pong(x: f64[n] dup, w: float dup, steps: int const)

import numpy as np


def ping_pong_jvp(x, w, steps, x_dot, w_dot):
    old = x.copy()
    new = np.zeros_like(x)
    new_dot = np.zeros_like(new)
    old_dot = x_dot.copy()
    for _ in range(steps):
        for i in range(len(x)):
            old_i = old[i]
            t = w * old_i
            old_prev = old[i - 1]
            t1 = (w_dot * old_i + old_dot[i] * w) * old_prev + old_dot[i - 1] * t
            new[i] = t * old_prev
            new_dot[i] = t1
        old, new, old_dot, new_dot = new, old, new_dot, old_dot
    return np.sum(old), np.sum(old_dot)
