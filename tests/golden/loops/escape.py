"""A return out of a loop."""


def escape(x, c, steps):
    for k in range(steps):
        x = x * x + c
        if x > 2.0:
            return x - 0.1 * k
    return x * c


ARGUMENTS = (0.9, 0.6, 8)
