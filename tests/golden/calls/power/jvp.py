# -*- coding: utf-8 -*-
# forward mode of power(x: float dup, n: int const)


def power_jvp(x, n, x_dot):
    if n == 0:
        return 1.0, 0.0
    half, half_dot = power_jvp(x, n // 2, x_dot)
    if n % 2:
        t = half * half
        return t * x, 2.0 * half_dot * half * x + x_dot * t
    return half * half, 2.0 * half_dot * half
