# -*- coding: utf-8 -*-
# reverse mode of back_substitution(U: f64[n, m] value, b: f64[n] value, phase: float value)

import numpy as np


def back_substitution_vjp(U, b, phase, dout=1.0):
    # forward
    exp_saved = []
    saved = []
    quotient_saved = []
    n = len(b)
    x = np.zeros(n)
    for i in range(n - 1, -1, -1):
        t = x[i + 1:]
        saved.append(t.copy())
        quotient = (b[i] - U[i, i + 1:] @ t) / U[i, i]
        quotient_saved.append(quotient)
        x[i] = quotient
    waves = np.zeros(n)
    for i in range(n):
        exp = np.exp(phase * x[i])
        exp_saved.append(exp)
        waves[i] = exp * np.exp(phase * x[i])
    t = waves[:, None]
    t1 = t * U
    tanh = np.tanh(b[:, None] + U)
    out = np.sum(t1) + np.sum(tanh)
    # reverse
    dwaves = np.zeros_like(waves)  # line 11: waves = np.zeros(n)
    dx = np.zeros_like(x)  # line 8: x = np.zeros(n)
    # line 14: return np.sum(waves[:, None] * U) + np.sum(np.tanh(b[:, None] + U))
    dU = dout * (1 - tanh * tanh)
    db = np.sum(dU, axis=1)
    t1 = np.full_like(t1, dout)
    dwaves[:, None] += np.sum(t1 * U, axis=1, keepdims=True)
    dU = dU + t1 * t
    dphase = 0.0
    for i in range(n - 1, -1, -1):  # line 12: for i in range(n):
        exp = exp_saved.pop()  # saved in line 13
        # line 13: waves[i] = np.exp(phase * x[i]) * np.exp(phase * x[i])
        t = dwaves[i] * exp * exp
        t1 = t * x[i]
        dx[i] += 2.0 * (t * phase)
        dphase = dphase + t1 + t1
    for i in range(n):  # line 9: for i in reversed(range(n)):
        t = saved.pop()  # saved in line 10
        U_ii = U[i, i]  # line 10: x[i] = (b[i] - U[i, i + 1 :] @ x[i + 1 :]) / U[i, i]
        dx_i = dx[i]
        dx[i] = 0.0
        t1 = dx_i / U_ii
        dU[i, i] += dx_i * (-quotient_saved.pop() / U_ii)
        t2 = -t1
        dx[i + 1:] += t2 * U[i, i + 1:]
        dU[i, i + 1:] += t2 * t
        db[i] += t1
    return out, dU, db, dphase
