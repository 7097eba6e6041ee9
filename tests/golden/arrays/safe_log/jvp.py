# -*- coding: utf-8 -*-
# forward mode of safe_log(x: f64[n] dup)

import numpy as np


def safe_log_jvp(x, x_dot):
    mask = x > 0.0
    log = np.log(x)
    sqrt = np.sqrt(x)
    total = np.sum(np.where(mask, x_dot / x * sqrt + x_dot * (0.5 / sqrt) * log, 0.0))
    return np.sum(np.where(mask, log * sqrt, 0.0)), total
