"""Inner functions that capture variables."""


def captured(x, k):
    def scaled(y):
        return k * y * x

    def twice(f, y):
        return f(f(y))

    return twice(scaled, x) + twice(lambda y: y + k, x)


ARGUMENTS = (0.8, 1.7)
