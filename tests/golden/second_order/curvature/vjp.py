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
    t2_1 = dout * t3
    dy = t2_1 * y
    dy += t2_1 * y
    t4 = 2.0 * (dy * t)
    dx = t4 * x
    t5 = dy * t1
    t6 = np.cos(x)
    dx += t5 * t6
    # reverse
    ddx = dout1.copy()  # line 20: return out, dx
    t7 = ddx * t6  # line 19: dx += dy * t1 * np.cos(x)
    dx_1 = -(ddx * t5 * t)
    ddy = t7 * t1
    dt1 = t7 * dy
    dx_1 += ddx * t4  # line 18: dx = 2.0 * (dy * t) * x
    t4 = 2.0 * (ddx * x)
    dt = t4 * dy
    ddy += t4 * t
    dt2 = ddy * y  # line 17: dy += t2 * y
    dy = ddy * t2_1
    dt2 += ddy * y  # line 16: dy = t2 * y
    dy += ddy * t2_1
    dt2_1 = dt2 * dout * (-t3 / t2)  # line 15: t2 = dout * (0.5 / t2)
    dt2_1 += dout0  # line 13: out = np.sum(t2)
    t4 = dt2_1 * t3  # line 12: t2 = np.sqrt(1.0 + y * y)
    t5 = t4 * y
    t5 += t4 * y
    dy += t5
    dt += dy * t1  # line 11: y = t * t1
    dt1 += dy * t
    dx_1 += 2.0 * dt1 * x  # line 10: t1 = x ** 2
    dx_1 += dt * t6  # line 9: t = np.sin(x)
    return (out, dx), dx_1, np.sum(dt2 * t3)
