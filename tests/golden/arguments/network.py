"""A dict of parameters."""

import numpy as np


def network(params, x):
    h = np.tanh(x @ params["w"] + params["b"])
    return np.sum(h * params["scale"])


ARGUMENTS = (
    {"w": np.array([[0.3, -0.6], [0.8, 0.5]]), "b": np.array([0.1, 0.2]), "scale": 0.7},
    np.array([[0.2, 0.5], [0.7, 0.1]]),
)
