# -*- coding: utf-8 -*-
# forward mode of safe_log(x: f64[n] dup)

import numpy as np


def safe_log_jvp(x, x_dot):
    t = x > 0.0
    t1 = np.log(x)
    t2 = np.sqrt(x)
    t3 = np.sum(np.where(t, x_dot / x * t2 + x_dot * (0.5 / t2) * t1, 0.0))
    return np.sum(np.where(t, t1 * t2, 0.0)), t3
