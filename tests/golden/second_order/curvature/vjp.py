# -*- coding: utf-8 -*-
# reverse mode of chain_vjp(x: f64[n] value, dout: float value)

import numpy as np


def chain_vjp_vjp(x, dout, dout0, dout1):
    # forward
    sin = np.sin(x)
    t = x ** 2
    y = sin * t
    sqrt = np.sqrt(1.0 + y * y)
    out = np.sum(sqrt)
    t1 = 0.5 / sqrt
    t2 = dout * t1
    dy = 2.0 * (t2 * y)
    t3 = 2.0 * dy
    t4 = t3 * sin
    dx = t4 * x
    t5 = dy * t
    cos = np.cos(x)
    dx += t5 * cos
    # reverse
    ddx = dout1.copy()  # line 18: return out, dx
    t6 = ddx * cos  # line 17: dx += dy * t * np.cos(x)
    dx_1 = -(ddx * t5 * sin)
    ddy = t6 * t
    dt = t6 * dy
    t5 = ddx * x  # line 16: dx = 2.0 * dy * sin * x
    dx_1 += ddx * t4
    dsin = t5 * t3
    ddy += 2.0 * t5 * sin
    t3 = 2.0 * ddy  # line 15: dy = 2.0 * (dout * (0.5 / sqrt) * y)
    t4 = t3 * y
    dy = t3 * t2
    dsqrt = dout * t4 * (-t1 / sqrt)
    dsqrt += dout0  # line 13: out = np.sum(sqrt)
    dy += 2.0 * (dsqrt * t1) * y  # line 12: sqrt = np.sqrt(1.0 + y * y)
    dsin += dy * t  # line 11: y = sin * t
    dt += dy * sin
    dx_1 += 2.0 * dt * x  # line 10: t = x ** 2
    dx_1 += dsin * cos  # line 9: sin = np.sin(x)
    return (out, dx), dx_1, t4 @ t1
