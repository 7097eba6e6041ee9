"""Handlers don't see errors that only tangents have."""

import numpy as np

import diffsrc as ds


def root(x):
    try:
        y = np.sqrt(x)
    except Exception:  # noqa: BLE001  what users write
        y = x * 2.0
    return y


def strict(x):
    with np.errstate(all="raise"):
        return np.sum(root(x))


def test_a_handler_of_everything_under_the_errstate_of_a_caller():
    x = np.array([0.0, 1.0])
    out, dot = ds.jvp(strict, (x,), (np.ones(2),))
    assert (out, dot) == (strict(x), np.inf)
