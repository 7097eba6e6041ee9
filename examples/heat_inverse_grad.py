# -*- coding: utf-8 -*-
# Derivatives of misfit (heat_inverse.py) by diffsrc 0.1.0.
# source a753b76f5fdbcaeb
# types (tiles: f64[n, m], observed: f64[n, m], rate: float, steps: int, damping: float)
# active (tiles: value, observed: const, rate: const, steps: const, damping: const)
# This file is generated: change the function and build it again.

import numpy as np

MARGIN = 2


def misfit_vjp(
    tiles: np.ndarray,
    observed: np.ndarray,
    rate: float,
    steps: int,
    damping: float,
    dout: float = 1.0,
):
    """Reverse mode of misfit(tiles, observed, rate, steps, damping). Returns the result, then dtiles."""
    if 1 in tiles.shape:
        raise ValueError("tiles: this module was built for f64[n, m], no named size being 1")
    if 1 in observed.shape:
        raise ValueError("observed: this module was built for f64[n, m], no named size being 1")
    # forward
    u = np.zeros_like(observed)
    t, saved = lay_fwd(tiles, u)
    t, saved_1 = diffuse_fwd(u, rate, steps)
    t = u - observed
    out = np.sum(t ** 2) + damping * np.sum(tiles ** 2)
    # reverse
    # line 40: return np.sum((u - observed) ** 2) + damping * np.sum(tiles**2)
    dtiles = dout * damping * (2.0 * tiles)
    du = dout * (2.0 * t)
    diffuse_rev(saved_1, du)  # line 39: diffuse(u, rate, steps)
    dtiles_1 = lay_rev(saved, du)  # line 38: lay(tiles, u)
    dtiles += dtiles_1
    return out, dtiles


def diffuse_fwd(u, rate, steps):
    for _ in range(steps):
        around = u[2:, 1:-1] + u[:-2, 1:-1] + u[1:-1, 2:] + u[1:-1, :-2]
        u[1:-1, 1:-1] += rate * (around - 4.0 * u[1:-1, 1:-1])
    return None, (rate, steps)


def diffuse_rev(saved, du):
    # reverse
    rate, steps = saved
    for _ in range(steps):  # line 30: for _ in range(steps):
        # line 32: u[1:-1, 1:-1] += rate * (around - 4.0 * u[1:-1, 1:-1])
        t = du[1:-1, 1:-1]
        daround = t * rate
        t -= 4.0 * daround
        # line 31: around = u[2:, 1:-1] + u[:-2, 1:-1] + u[1:-1, 2:] + u[1:-1, :-2]
        du[1:-1, :-2] += daround
        du[1:-1, 2:] += daround
        du[2:, 1:-1] += daround
        du[:-2, 1:-1] += daround


def lay_fwd(tiles, plate):
    size = (len(plate) - 2 * MARGIN) // len(tiles)
    for i in range(size):
        for j in range(size):
            plate[MARGIN + i:-MARGIN:size, MARGIN + j:-MARGIN:size] = tiles
    return None, (tiles, size)


def lay_rev(saved, dplate):
    # reverse
    tiles, size = saved
    dtiles = np.zeros_like(tiles)  # line 23: for i in range(size):
    # line 25: plate[MARGIN + i : -MARGIN : size, MARGIN + j : -MARGIN : size] = tiles
    t = -MARGIN
    for i in range(size - 1, -1, -1):  # line 23: for i in range(size):
        # line 25: plate[MARGIN + i : -MARGIN : size, MARGIN + j : -MARGIN : size] = tiles
        t1 = MARGIN + i
        for j in range(size - 1, -1, -1):  # line 24: for j in range(size):
            # line 25: plate[MARGIN + i : -MARGIN : size, MARGIN + j : -MARGIN : size] = tiles
            t2 = MARGIN + j
            t3 = dplate[t1:t:size, t2:t:size].copy()
            dplate[t1:t:size, t2:t:size] = 0.0
            dtiles += t3
    return dtiles


def misfit_grad(tiles: np.ndarray, observed: np.ndarray, rate: float, steps: int, damping: float):
    """The gradient of misfit: dtiles."""
    if 1 in tiles.shape:
        raise ValueError("tiles: this module was built for f64[n, m], no named size being 1")
    if 1 in observed.shape:
        raise ValueError("observed: this module was built for f64[n, m], no named size being 1")
    # forward
    u = np.zeros_like(observed)
    t, saved = lay_fwd(tiles, u)
    t, saved_1 = diffuse_fwd(u, rate, steps)
    # reverse
    # line 40: return np.sum((u - observed) ** 2) + damping * np.sum(tiles**2)
    dtiles = damping * (2.0 * tiles)
    du = 2.0 * (u - observed)
    diffuse_rev(saved_1, du)  # line 39: diffuse(u, rate, steps)
    dtiles_1 = lay_rev(saved, du)  # line 38: lay(tiles, u)
    dtiles += dtiles_1
    return dtiles


def misfit_value_and_grad(tiles: np.ndarray, observed: np.ndarray, rate: float, steps: int, damping: float):
    """The result of misfit, and its gradient: dtiles."""
    out, dtiles = misfit_vjp(tiles, observed, rate, steps, damping)
    return out, dtiles
