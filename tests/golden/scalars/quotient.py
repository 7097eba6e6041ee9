"""Several results, one of which is a constant."""

import math


def quotient(x, y):
    r = math.sqrt(x * x + y * y)
    return x / r, math.atan2(y, x), 1.0


ARGUMENTS = (0.6, 0.8)
