"""Weights in a dict, which is another one on each path, and a list that a callee sums."""


import numpy as np


def total(items):
    s = 0.0
    for item in items:
        s += item
    return s


def weighted(x):
    w = {"centre": x[0], "edge": 0.5} if x[0] > 0.5 else {"centre": 1.0, "edge": x[1]}
    return total(w["centre"] * t + w["edge"] * t * t for t in x)


ARGUMENTS = (np.array([0.8, -0.3, 1.1]),)
