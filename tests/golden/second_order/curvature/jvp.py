# -*- coding: utf-8 -*-
# forward mode of chain_vjp(x: f64[n] dup, dout: float dup)

import numpy as np


def chain_vjp_jvp(x, dout, x_dot, dout_dot):
    sin = np.sin(x)
    sin_dot = x_dot * np.cos(x)
    t = x ** 2
    t_dot = 2.0 * x_dot * x
    y = sin * t
    y_dot = sin_dot * t + t_dot * sin
    sqrt = np.sqrt(1.0 + y * y)
    sqrt_dot = 2.0 * y_dot * y * (0.5 / sqrt)
    out = np.sum(sqrt)
    out_dot = np.sum(sqrt_dot)
    t1 = 0.5 / sqrt
    t2 = dout * t1
    t1 = (dout_dot * t1 + dout * sqrt_dot * (-t1 / sqrt)) * y + y_dot * t2
    dy = 2.0 * (t2 * y)
    dy_dot = 2.0 * t1
    t1 = 2.0 * dy
    t2 = t1 * sin
    dx = t2 * x
    dx_dot = (2.0 * dy_dot * sin + sin_dot * t1) * x + x_dot * t2
    t1 = dy * t
    cos = np.cos(x)
    t2 = dx_dot + ((dy_dot * t + t_dot * dy) * cos + -(x_dot * sin * t1))
    dx += t1 * cos
    dx_dot[...] = t2
    return (out, dx), (out_dot, dx_dot)
