# -*- coding: utf-8 -*-
# forward mode of normalise(x: f64[n] dup)

import numpy as np


def normalise_jvp(x, x_dot):
    s = np.sqrt(np.sum(x * x))
    s_dot = 2.0 * np.sum(x_dot * x) * (0.5 / s)
    t = x / s
    x[...] = t
    x_dot[...] = x_dot / s + s_dot * (-t / s)
    return s, s_dot
