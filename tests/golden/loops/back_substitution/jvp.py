# -*- coding: utf-8 -*-
# forward mode of back_substitution(U: f64[n, m] dup, b: f64[n] dup, phase: float dup)

import numpy as np


def back_substitution_jvp(U, b, phase, U_dot, b_dot, phase_dot):
    n = len(b)
    x = np.zeros(n)
    x_dot = np.zeros_like(x)
    for i in range(n - 1, -1, -1):
        t = U[i, i + 1:]
        t1 = x[i + 1:]
        U_ii = U[i, i]
        t2 = (b[i] - t @ t1) / U_ii
        t = (b_dot[i] - (U_dot[i, i + 1:] @ t1 + t @ x_dot[i + 1:])) / U_ii
        x[i] = t2
        x_dot[i] = t + U_dot[i, i] * (-t2 / U_ii)
    waves = np.zeros(n)
    waves_dot = np.zeros_like(waves)
    for i in range(n):
        x_i = x[i]
        t = x_dot[i] * phase
        exp = np.exp(phase * x_i)
        x_i_1 = x[i]
        exp_1 = np.exp(phase * x_i_1)
        t = (phase_dot * x_i + t) * exp * exp_1 + (phase_dot * x_i_1 + t) * exp_1 * exp
        waves[i] = exp * exp_1
        waves_dot[i] = t
    t = waves[:, None]
    total = np.sum(waves_dot[:, None] * U + U_dot * t)
    tanh = np.tanh(b[:, None] + U)
    t = np.sum(t * U) + np.sum(tanh)
    return t, total + np.sum((b_dot[:, None] + U_dot) * (1 - tanh * tanh))
