"""What a reverse sweep computes once more and compares is the number that the program has computed."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ..harness import case


class ODEResult(NamedTuple):
    t: list
    y: list
    nfev: int
    success: bool


def rk45(f, t0, t1, y0, rtol=1e-4, atol=1e-6, h=0.1, max_steps=200):
    t, y = t0, np.asarray(y0, dtype=float)
    ts, ys = [t], [y]
    nfev = 0
    for _ in range(max_steps):
        if t >= t1:
            break
        h = min(h, t1 - t)
        k1 = f(t, y)
        k2 = f(t + h / 4, y + h * k1 / 4)
        k3 = f(t + 3 * h / 8, y + h * (3 * k1 + 9 * k2) / 32)
        k4 = f(t + h, y + h * (k1 - 3 * k2 + 4 * k3) / 2)
        nfev += 4
        y_new = y + h * (k1 + 3 * k3 * 0 + 2 * k2 + k4) / 4
        err = np.max(np.abs(h * (k4 - k1) / 50) / (atol + rtol * np.maximum(np.abs(y), np.abs(y_new))))
        if err <= 100.0:
            t = t + h
            y = y_new
            ts.append(t)
            ys.append(y)
        h = h * min(2.0, max(0.3, 0.9 * (100.0 / (err + 1e-12)) ** 0.2))
    else:
        return ODEResult(ts, ys, nfev, False)
    return ODEResult(ts, ys, nfev, True)


@case((1.5, np.array([1.0, 0.2])), second=True)
def error_control(mu, y0):
    res = rk45(lambda t, y: np.array([y[1], mu * (1 - y[0] ** 2) * y[1] - y[0]]), 0.0, 1.0, y0)
    if not res.success:
        raise RuntimeError("integration failed")
    y = res.y[-1]
    return 0.5 * y @ y + 1e-3 * res.nfev
