# -*- coding: utf-8 -*-
# reverse mode of chain_vjp(x: f64[n] value, dout: float value)

import numpy as np


def chain_vjp_vjp(x, dout, dout0, dout1):
    # forward
    t = np.sin(x)
    t1 = x ** 2
    y = t * t1
    t2 = np.sqrt(1.0 + y * y)
    out = np.sum(t2)
    t3 = 0.5 / t2
    t4 = dout * t3
    dy = 2.0 * (t4 * y)
    t5 = 2.0 * dy
    t6 = t5 * t
    dx = t6 * x
    t7 = dy * t1
    t8 = np.cos(x)
    dx += t7 * t8
    # reverse
    ddx = dout1.copy()  # line 18: return out, dx
    t9 = ddx * t8  # line 17: dx += dy * t1 * np.cos(x)
    dx_1 = -(ddx * t7 * t)
    ddy = t9 * t1
    dt1 = t9 * dy
    t7 = ddx * x  # line 16: dx = 2.0 * dy * t * x
    dx_1 += ddx * t6
    dt = t7 * t5
    ddy += 2.0 * t7 * t
    t5 = 2.0 * ddy  # line 15: dy = 2.0 * (dout * (0.5 / t2) * y)
    t6 = t5 * y
    dy = t5 * t4
    dt2 = dout * t6 * (-t3 / t2)
    dt2 += dout0  # line 13: out = np.sum(t2)
    dy += 2.0 * (dt2 * t3) * y  # line 12: t2 = np.sqrt(1.0 + y * y)
    dt += dy * t1  # line 11: y = t * t1
    dt1 += dy * t
    dx_1 += 2.0 * dt1 * x  # line 10: t1 = x ** 2
    dx_1 += dt * t8  # line 9: t = np.sin(x)
    return (out, dx), dx_1, t6 @ t3
