# -*- coding: utf-8 -*-
# reverse mode of ping_pong(x: f64[n] value, w: float value, steps: int const)

import numpy as np


def ping_pong_vjp(x, w, steps, dout=1.0):
    # forward
    old_i_saved = []
    old_prev_saved = []
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
            old_i = old[i]
            old_i_saved.append(old_i)
            old_prev = old[i - 1]
            old_prev_saved.append(old_prev)
            new[i] = w * old_i * old_prev
        old, new, dold_1, dnew = new, old, dnew, dold_1
    out = np.sum(old)
    # reverse
    dold_1 += dout  # line 13: return np.sum(old)
    n = len(x)  # line 10: for i in range(len(x)):
    dw = 0.0
    for _ in range(steps):  # line 9: for _ in range(steps):
        dnew = dnew_saved.pop()  # saved in line 9
        dold_1 = dold_saved.pop()
        for i in range(n - 1, -1, -1):  # line 10: for i in range(len(x)):
            old_i = old_i_saved.pop()  # saved in line 11
            dnew_i = dnew[i]  # line 11: new[i] = w * old[i] * old[i - 1]
            dnew[i] = 0.0
            t = dnew_i * old_prev_saved.pop()
            dold_1[i - 1] += dnew_i * w * old_i
            dold_1[i] += t * w
            dw += t * old_i
    return out, dold.copy(), dw
