# -*- coding: utf-8 -*-
# forward mode of chain_vjp(x: f64[n] dup, dout: float dup)

import numpy as np


def chain_vjp_jvp(x, dout, x_dot, dout_dot):
    t = np.sin(x)
    t_dot = x_dot * np.cos(x)
    t1 = x ** 2
    t1_dot = 2.0 * x_dot * x
    y = t * t1
    y_dot = t_dot * t1 + t1_dot * t
    t2 = np.sqrt(1.0 + y * y)
    t2_dot = 2.0 * y_dot * y * (0.5 / t2)
    out = np.sum(t2)
    out_dot = np.sum(t2_dot)
    t3 = 0.5 / t2
    t4 = dout * t3
    dy = 2.0 * (t4 * y)
    dy_dot = 2.0 * ((dout_dot * t3 + dout * t2_dot * (-t3 / t2)) * y + y_dot * t4)
    t3 = 2.0 * dy
    t4 = t3 * t
    dx = t4 * x
    dx_dot = (2.0 * dy_dot * t + t_dot * t3) * x + x_dot * t4
    t3 = dy * t1
    t4 = np.cos(x)
    t5 = dx_dot + ((dy_dot * t1 + t1_dot * dy) * t4 + -(x_dot * t * t3))
    dx += t3 * t4
    dx_dot[...] = t5
    return (out, dx), (out_dot, dx_dot)
