# -*- coding: utf-8 -*-
# reverse mode of log_sum_exp(z: f64[n, m] value)

import numpy as np


def log_sum_exp_vjp(z, dout=1.0):
    # forward
    top = np.max(z, axis=1, keepdims=True)
    exp = np.exp(z - top)
    total = np.sum(exp, axis=1)
    out = np.mean(np.log(total) + top[:, 0])
    # reverse
    t = dout / total.size  # line 9: return np.mean(np.log(total) + top[:, 0])
    dtop = np.zeros_like(top)
    dtop[:, 0] += t
    # line 8: total = np.sum(np.exp(z - top), axis=1)
    dz = np.expand_dims(t / total, 1) * exp
    dtop += np.sum(-dz, axis=1, keepdims=True)
    mask = z == top  # line 7: top = np.max(z, axis=1, keepdims=True)
    return out, dz + np.where(mask, dtop / np.sum(mask, axis=1, keepdims=True), 0.0)
