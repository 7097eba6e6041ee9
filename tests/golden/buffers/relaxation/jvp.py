# -*- coding: utf-8 -*-
# forward mode of relaxation(u: f64[n] dup, rate: float dup, steps: int const)

import numpy as np


def relaxation_jvp(u, rate, steps, u_dot, rate_dot):
    flow = np.empty_like(u_dot)
    flow_dot = np.empty_like(u_dot)
    drop = np.empty_like(u_dot)
    drop_dot = np.empty_like(u_dot)
    for _ in range(steps):
        flow[...] = 0.0
        flow_dot[...] = 0.0
        flow[1:] += u[:-1]
        flow_dot[1:] += u_dot[:-1]
        flow[:-1] += u[1:]
        flow_dot[:-1] += u_dot[1:]
        np.multiply(2, u, out=drop)
        np.multiply(2.0, u_dot, out=drop_dot)
        flow -= drop
        t = rate * flow
        flow *= rate_dot
        u = u + t
        u_dot = u_dot + (flow + (flow_dot - drop_dot) * rate)
    return np.sum(u * u), 2.0 * np.sum(u_dot * u)
