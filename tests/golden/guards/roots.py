"""What raises in an iteration leaves nothing behind in the saved lists."""

import math

import numpy as np


def roots(x, c):
    total = 0.0
    failures = 0
    for v in x:
        try:
            total += math.sqrt(v) * c
        except ValueError as err:
            print(err)
            failures += 1
    return total * total + failures


ARGUMENTS = (np.array([0.5, -1.0, 2.0]), 1.5)
