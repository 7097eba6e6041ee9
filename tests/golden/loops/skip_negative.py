"""A continue."""

import numpy as np


def skip_negative(xs):
    product = 1.0
    for i in range(len(xs)):
        if xs[i] < 0.0:
            continue
        product *= xs[i]
    return product


ARGUMENTS = (np.array([0.7, -0.4, 1.2, 0.9]),)
