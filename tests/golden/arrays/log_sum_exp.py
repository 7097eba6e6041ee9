"""Reductions along an axis, with broadcasting back."""

import numpy as np


def log_sum_exp(z):
    top = np.max(z, axis=1, keepdims=True)
    total = np.sum(np.exp(z - top), axis=1)
    return np.mean(np.log(total) + top[:, 0])


ARGUMENTS = (np.array([[0.2, 0.5, 0.1], [0.7, 0.15, 0.9]]),)
