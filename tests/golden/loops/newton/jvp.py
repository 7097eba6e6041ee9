# -*- coding: utf-8 -*-
# forward mode of newton(a: float dup, x: float dup)


def newton_jvp(a, x, a_dot, x_dot):
    while True:
        f = x ** 3 - a * x - 1.0
        if abs(f) < 1e-12:
            break
        t = 3.0 * x ** 2 - a
        t1 = f / t
        t2 = (3.0 * x_dot * x ** 2 - (a_dot * x + x_dot * a)) / t
        t = t2 + (6.0 * x_dot * x - a_dot) * (-t1 / t)
        x = x - t1
        x_dot -= t
    return x * a, x_dot * a + a_dot * x
