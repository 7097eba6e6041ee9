# -*- coding: utf-8 -*-
# reverse mode of jittered(a: f64[n, m] value, x: f64[n] value)

import numpy as np


def jittered_vjp(a, x, dout=1.0):
    # forward
    low_saved = []
    low_saved_1 = []
    completed_saved = []
    low = None
    jitter = 0.0
    n = 0
    for _ in range(8):
        low_saved_1.append(low)
        n += 1
        try:
            low_1 = np.linalg.cholesky(a + jitter * np.eye(2))
            low_saved.append(low_1)
            completed = True
        except np.linalg.LinAlgError:
            jitter = max(2.0 * jitter, 0.1)
            low_1 = low
            completed = False
        completed_saved.append(completed)
        if completed:
            ex = 1
            break
        low = low_1
    else:
        low_1 = None
        ex = 0
    test = ex == 0
    low_2 = low if test else low_1
    y = np.linalg.solve(low_2, x)
    out = (y * y).sum()
    # reverse
    # line 15: y = np.linalg.solve(low, x)
    solve = np.linalg.solve(low_2.T, 2.0 * dout * y)
    dlow = -np.outer(solve, y)
    if test:  # line 8: for _ in range(8):
        dlow_1 = np.zeros_like(low_1)
        dlow_2 = dlow
    else:
        dlow_2 = np.zeros_like(low)
        dlow_1 = dlow
    da = np.zeros_like(a)
    for _ in range(n):
        low = low_saved_1.pop()  # saved in line 8
        completed = completed_saved.pop()  # saved in line 9
        if ex != 0:  # line 9: try:
            dlow = dlow_1
        else:
            dlow = dlow_2
            dlow_2 = np.zeros_like(low)
        if completed:
            low = low_saved.pop()  # saved in line 10
            low_T = low.T  # line 10: low = np.linalg.cholesky(a + jitter * np.eye(2))
            t = low_T @ dlow
            t = np.linalg.solve(low_T, 0.5 * (np.tril(t) + np.tril(t, -1))).T
            solve_1 = np.linalg.solve(low_T, t)
            t = solve_1 + solve_1.T
            da += 0.5 * (np.tril(t) + np.tril(t, -1))
        else:
            dlow_2 = dlow_2 + dlow  # line 9: try:
        ex = 0
    return out, da, solve
