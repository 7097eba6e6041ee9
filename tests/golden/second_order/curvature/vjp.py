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
    t4 = 0.5 / t2
    t2_1 = dout * t4
    t3 = t2_1 * y
    t3 += t2_1 * y
    t5 = 2.0 * (t3 * t)
    t_1 = t5 * x
    t6 = t3 * t1
    t7 = np.cos(x)
    t_1 += t6 * t7
    # reverse
    dt = dout1.copy()  # line 20: return out, t
    t8 = dt * t7  # line 19: t += t3 * t1 * np.cos(x)
    t6 = -(dt * t6 * t)
    dt3 = t8 * t1
    t8 = t8 * t3
    t6 += dt * t5  # line 18: t = 2.0 * (t3 * t) * x
    t5 = 2.0 * (dt * x)
    dt3 += t5 * t
    t5 = t5 * t3
    t9 = dt3 * y  # line 17: t3 += t2 * y
    t10 = dt3 * t2_1
    t9 += dt3 * y  # line 16: t3 = t2 * y
    t10 += dt3 * t2_1
    t11 = t9 * dout * (-t4 / t2)  # line 15: t2 = dout * (0.5 / t2)
    t11 += dout0  # line 13: out = np.sum(t2)
    t11 = t11 * t4 * y  # line 12: t2 = np.sqrt(1.0 + y * y)
    t10 += t11
    t10 += t11
    t5 += t10 * t1  # line 11: y = t * t1
    t8 += t10 * t
    t6 += 2.0 * t8 * x  # line 10: t1 = x ** 2
    t6 += t5 * t7  # line 9: t = np.sin(x)
    return (out, t_1), t6, np.sum(t9 * t4)
