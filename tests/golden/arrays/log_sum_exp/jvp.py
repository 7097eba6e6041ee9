# -*- coding: utf-8 -*-
# forward mode of log_sum_exp(z: f64[n, m] dup)

import numpy as np


def log_sum_exp_jvp(z, z_dot):
    top = np.max(z, axis=1, keepdims=True)
    mask = z == top
    t = np.where(mask, z_dot, 0.0) / np.sum(mask, axis=1, keepdims=True)
    top_dot = np.sum(t, axis=1, keepdims=True)
    exp = np.exp(z - top)
    total = np.sum(exp, axis=1)
    total_dot = np.sum((z_dot - top_dot) * exp, axis=1)
    t = np.log(total) + top[:, 0]
    return np.mean(t), np.sum(total_dot / total + top_dot[:, 0]) / t.size
