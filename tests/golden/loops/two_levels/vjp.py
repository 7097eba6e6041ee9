# -*- coding: utf-8 -*-
# reverse mode of two_levels(u: f64[n] value, n: int const)

import numpy as np


def unbroadcast(g, x):
    """Sum `g` over the axes along which NumPy broadcast `x`: the result has the shape of `x`."""
    shape = np.shape(x)
    extra = np.ndim(g) - len(shape)
    if extra > 0:
        g = np.sum(g, axis=tuple(range(extra)))
    axes = tuple((k for k, n in enumerate(shape) if n == 1 and np.shape(g)[k] != 1))
    return np.sum(g, axis=axes, keepdims=True) if axes else g


def two_levels_vjp(u, n, dout=1.0):
    # forward
    dold_saved = []
    dnew_saved = []
    old_saved = []
    old = u.copy()
    dold = np.zeros_like(old)
    new = np.zeros(len(u))
    dnew = np.zeros_like(new)
    dold_1 = dold
    for _ in range(n):
        dold_saved.append(dold_1)
        dnew_saved.append(dnew)
        old_saved.append(old.copy())
        t = old[1:-1] + 0.1 * (old[2:] - 2.0 * old[1:-1] + old[:-2]) * old[1:-1]
        new[1:-1] = t
        old, new, dold_1, dnew = new, old, dnew, dold_1
    out = np.sum(old ** 2)
    # reverse
    dold_1 += dout * (2.0 * old)  # line 11: return np.sum(old**2)
    for _ in range(n):  # line 8: for _ in range(n):
        dold_1 = dold_saved.pop()  # saved in line 8
        dnew = dnew_saved.pop()
        # line 9: new[1:-1] = old[1:-1] + 0.1 * (old[2:] - 2.0 * old[1:-1] + old[:-2]) * old[1:-1]
        dold_1_inner = dold_1[1:-1]
        old = old_saved.pop()  # saved in line 9
        # line 9: new[1:-1] = old[1:-1] + 0.1 * (old[2:] - 2.0 * old[1:-1] + old[:-2]) * old[1:-1]
        old_inner = old[1:-1]
        t = 0.1 * (old[2:] - 2.0 * old_inner + old[:-2])
        t1 = dnew[1:-1].copy()
        dnew[1:-1] = 0.0
        t1 = unbroadcast(t1, old_inner + t * old_inner)
        dold_1_inner += t1
        dold_1_inner += t1 * t
        t = 0.1 * (t1 * old_inner)
        dold_1[:-2] += t
        dold_1[2:] += t
        dold_1_inner += 2.0 * -t
    return out, dold.copy()
