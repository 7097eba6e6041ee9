# -*- coding: utf-8 -*-
# reverse mode of relaxation(u: f64[n] value, rate: float value, steps: int const)

import numpy as np


def relaxation_vjp(u, rate, steps, dout=1.0):
    # forward
    flow_saved = []
    difference_saved = []
    drop = np.empty_like(u)
    for _ in range(steps):
        flow = np.zeros_like(u)
        flow_saved.append(flow)
        flow[1:] += u[:-1]
        flow[:-1] += u[1:]
        np.multiply(2, u, out=drop)
        difference = flow - drop
        difference_saved.append(difference)
        u = u + rate * difference
    out = np.sum(u * u)
    # reverse
    du = 2.0 * (dout * u)  # line 13: return np.sum(u * u)
    dflow = np.empty_like(du)  # line 7: for _ in range(steps):
    t = np.empty_like(du)
    drate = 0.0
    for _ in range(steps):
        flow = flow_saved.pop()  # saved in line 8
        dflow[...] = 0.0  # line 8: flow = np.zeros_like(u)
        np.multiply(du, rate, out=t)  # line 12: u = u + rate * (flow - drop)
        drate += np.sum(du * difference_saved.pop())
        dflow += t
        t *= -2.0  # line 11: drop = 2 * u
        du += t
        du[1:] += dflow[:-1].copy()  # line 10: flow[:-1] += u[1:]
        du[:-1] += dflow[1:].copy()  # line 9: flow[1:] += u[:-1]
    return out, du, drate
