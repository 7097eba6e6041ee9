# -*- coding: utf-8 -*-
# reverse mode of weighted(x: f64[n] value)

import numpy as np


def zeros_of(x):
    """Zeros in the structure of `x`: lists, tuples, dicts and instances that hold arrays and numbers; anything
    else as it is.
    """
    if isinstance(x, np.ndarray):
        return np.zeros_like(x)
    if isinstance(x, list):
        return [zeros_of(item) for item in x]
    if isinstance(x, dict):
        return {key: zeros_of(item) for key, item in x.items()}
    if isinstance(x, tuple):
        items = [zeros_of(item) for item in x]
        return type(x)(*items) if hasattr(x, '_fields') else tuple(items)
    if isinstance(x, (float, complex, np.inexact)):
        return type(x)(0)
    if type(x).__module__ in ('builtins', 'numpy') or isinstance(x, type):
        return x
    new = object.__new__(type(x))
    for name in [*getattr(x, '__dict__', ()), *getattr(type(x), '__slots__', ())]:
        object.__setattr__(new, name, zeros_of(getattr(x, name)))
    return new


def weighted_vjp(x, dout=1.0):
    # forward
    test = x[0] > 0.5
    if test:
        w = {'centre': x[0], 'edge': 0.5}
    else:
        w = {'centre': 1.0, 'edge': x[1]}
    t1 = []
    for t in x:
        t1.append(w['centre'] * t + w['edge'] * t * t)
    out, saved = total_1_fwd(t1)
    # reverse
    # line 16: return total(w["centre"] * t + w["edge"] * t * t for t in x)
    t1 = zeros_of(t1)
    dw = zeros_of(w)
    total_1_rev(saved, t1, dout)
    dx = np.zeros_like(x)
    for k in range(len(x) - 1, -1, -1):
        t = x[k]
        w_edge = w['edge']
        t2 = t1.pop()
        t3 = t2 * t
        dw['edge'] += t3 * t
        dw['centre'] += t3
        dx[k] += t2 * w_edge * t + t3 * w_edge + t2 * w['centre']
    # line 15: w = {"centre": x[0], "edge": 0.5} if x[0] > 0.5 else {"centre": 1.0, "edge": x[1]}
    if test:
        t1 = {'centre': 0.0, 'edge': 0.0}
        t1['centre'] += dw['centre']
        t1['edge'] += dw['edge']
        dx[0] += t1['centre']
    else:
        t1 = {'centre': 0.0, 'edge': 0.0}
        t1['centre'] += dw['centre']
        t1['edge'] += dw['edge']
        dx[1] += t1['edge']
    return out, dx


def total_1_fwd(items):
    s = 0.0
    for item in items:
        s += item
    return (s, (items,))


def total_1_rev(saved, ditems, dout):
    # reverse
    for k in range(len(ditems) - 1, -1, -1):  # line 9: for item in items:
        ditems[k] += dout  # line 10: s += item
