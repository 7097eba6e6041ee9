"""An argument that is written."""

import numpy as np


def normalise(x):
    s = np.sqrt(np.sum(x * x))
    x /= s
    return s


ARGUMENTS = (np.array([0.5, 1.2, 0.8]),)
