# -*- coding: utf-8 -*-
# reverse mode of ping_pong(x: f64[n] value, w: float value, steps: int const)

import numpy as np


def ping_pong_vjp(x, w, steps, dout=1.0):
    # forward
    old_saved = []
    old_saved_1 = []
    dnew_saved = []
    dold_saved = []
    old = x.copy()
    dold = np.zeros_like(old)
    new = np.zeros_like(x)
    dnew = np.zeros_like(new)
    dold_1 = dold
    for _ in range(steps):
        dnew_saved.append(dnew)
        dold_saved.append(dold_1)
        for i in range(len(x)):
            t = old[i]
            old_saved.append(t)
            t1 = old[i - 1]
            old_saved_1.append(t1)
            new[i] = w * t * t1
        old, new, dold_1, dnew = new, old, dnew, dold_1
    out = np.sum(old)
    # reverse
    dold_1 += dout  # line 13: return np.sum(old)
    t = len(x)  # line 10: for i in range(len(x)):
    dw = 0.0
    for _ in range(steps):  # line 9: for _ in range(steps):
        dnew = dnew_saved.pop()  # saved in line 9
        dold_1 = dold_saved.pop()
        for i in range(t - 1, -1, -1):  # line 10: for i in range(len(x)):
            t1 = old_saved.pop()  # saved in line 11
            t2 = dnew[i]  # line 11: new[i] = w * old[i] * old[i - 1]
            dnew[i] = 0.0
            t3 = t2 * old_saved_1.pop()
            dold_1[i - 1] += t2 * w * t1
            dold_1[i] += t3 * w
            dw += t3 * t1
    return out, dold.copy(), dw
