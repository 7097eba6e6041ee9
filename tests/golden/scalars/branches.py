"""Arms that bind the same variables."""


def branches(x, y):
    if x > y:
        z = x * y
    elif x > 0.0:
        z = x / y
    else:
        z = -x
        y = y * y
    return z * y


ARGUMENTS = (0.4, 0.9)
