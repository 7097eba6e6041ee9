# -*- coding: utf-8 -*-
# reverse mode of ping_pong(x: f64[n] value, w: float value, steps: int const)

import numpy as np


def ping_pong_vjp(x, w, steps, dout=1.0):
    # forward
    saved = []
    saved_1 = []
    dnew_saved = []
    dold_saved = []
    saved_2 = []
    old = x.copy()
    dold = np.zeros_like(old)
    new = np.zeros_like(x)
    dnew = np.zeros_like(new)
    dold_1 = dold
    for _ in range(steps):
        dnew_saved.append(dnew)
        dold_saved.append(dold_1)
        t = len(x)
        saved_2.append(t)
        for i in range(t):
            t1 = old[i]
            saved.append(t1)
            t2 = old[i - 1]
            saved_1.append(t2)
            new[i] = w * t1 * t2
        old, new, dold_1, dnew = new, old, dnew, dold_1
    out = np.sum(old)
    # reverse
    dold_2 = np.full_like(old, dout)  # line 13: return np.sum(old)
    dold_1 += dold_2
    dw = 0.0
    for _ in range(steps):  # line 9: for _ in range(steps):
        dnew = dnew_saved.pop()  # saved in line 9
        dold_1 = dold_saved.pop()
        for i in range(saved_2.pop() - 1, -1, -1):  # line 10: for i in range(len(x)):
            t = saved.pop()  # saved in line 11
            t1 = dnew[i]  # line 11: new[i] = w * old[i] * old[i - 1]
            dnew[i] = 0.0
            t2 = t1 * saved_1.pop()
            dold_1[i - 1] += t1 * w * t
            dold_1[i] += t2 * w
            dw += t2 * t
    return out, dold.copy(), dw
