# -*- coding: utf-8 -*-
# reverse mode of log_sum_exp(z: f64[n, m] value)

import numpy as np


def log_sum_exp_vjp(z, dout=1.0):
    # forward
    top = np.max(z, axis=1, keepdims=True)
    t = np.exp(z - top)
    total = np.sum(t, axis=1)
    t1 = np.log(total) + top[:, 0]
    out = np.mean(t1)
    # reverse
    t1 = dout / t1.size  # line 9: return np.mean(np.log(total) + top[:, 0])
    dtop = np.zeros_like(top)
    dtop[:, 0] += t1
    # line 8: total = np.sum(np.exp(z - top), axis=1)
    dz = np.broadcast_to(np.expand_dims(t1 / total, 1), t.shape) * t
    dtop += np.sum(-dz, axis=1, keepdims=True)
    t = z == top  # line 7: top = np.max(z, axis=1, keepdims=True)
    return out, dz + np.where(t, dtop / np.sum(t, axis=1, keepdims=True), 0.0)
