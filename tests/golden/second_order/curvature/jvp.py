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
    t4 = 0.5 / t2
    t5 = -t4 / t2
    t2 = dout * t4
    t2_dot = dout_dot * t4 + dout * t2_dot * t5
    t3 = t2 * y
    t4 = t2_dot * y
    t5 = y_dot * t2
    t3_dot = t4 + t5
    t3 += t2 * y
    t3_dot += t4 + t5
    t4 = t3_dot * t + t_dot * t3
    t5 = 2.0 * (t3 * t)
    t_1 = t5 * x
    t_dot = 2.0 * t4 * x + x_dot * t5
    t4 = t3 * t1
    t5 = np.cos(x)
    t_1 += t4 * t5
    t_dot += (t3_dot * t1 + t1_dot * t3) * t5 + -(x_dot * t * t4)
    return (out, t_1), (out_dot, t_dot)
