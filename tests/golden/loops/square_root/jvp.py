# -*- coding: utf-8 -*-
# forward mode of square_root(a: float dup)


def square_root_jvp(a, a_dot):
    x = a
    x_dot = a_dot
    while abs(x * x - a) > 1e-09:
        t = a / x
        t1 = x_dot + (a_dot / x + x_dot * (-t / x))
        x = 0.5 * (x + t)
        x_dot = 0.5 * t1
    return x, x_dot
