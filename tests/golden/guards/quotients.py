"""A context that the reverse sweep enters again."""

import numpy as np


def quotients(x, y):
    with np.errstate(divide="ignore", invalid="ignore"):
        q = np.where(y != 0.0, x / y, 0.0)
    return (q * q).sum()


ARGUMENTS = (np.array([0.5, -1.0, 2.0]), np.array([1.5, 2.0, -0.5]))
