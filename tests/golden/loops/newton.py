"""`while True` left by one `break`: no flag tells how it was left."""


def newton(a, x):
    while True:
        f = x**3 - a * x - 1.0
        if abs(f) < 1e-12:
            break
        x = x - f / (3.0 * x**2 - a)
    return x * a


ARGUMENTS = (2.0, 1.5)
