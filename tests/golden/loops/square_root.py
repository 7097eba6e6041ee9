"""A while loop: the number of steps hangs on the data."""


def square_root(a):
    x = a
    while abs(x * x - a) > 1e-9:
        x = 0.5 * (x + a / x)
    return x


ARGUMENTS = (2.0,)
