# -*- coding: utf-8 -*-
# forward mode of escape(x: float dup, c: float dup, steps: int const)


def escape_jvp(x, c, steps, x_dot, c_dot):
    for k in range(steps):
        t = 2.0 * x_dot * x
        x = x * x + c
        x_dot = t + c_dot
        if x > 2.0:
            return x - 0.1 * k, x_dot
    return x * c, x_dot * c + c_dot * x
