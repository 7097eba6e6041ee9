"""Gradients as an expert writes them: in NumPy, with nothing computed that the gradient doesn't need.

`*_loop` versions keep the primal's scalar loop; the others are the best array code.
"""

import math

import numpy as np
from bayes_regression import Params
from heat_inverse import MARGIN
from mlp_digits import Net


def rosenbrock(x):
    d = x[1:] - x[:-1] ** 2
    g = np.zeros_like(x)
    g[:-1] = -400.0 * x[:-1] * d - 2.0 * (1.0 - x[:-1])
    g[1:] += 200.0 * d
    return g


def rosenbrock_loop(x):
    xs = x.tolist()
    g = [0.0] * len(xs)
    for i in range(len(xs) - 1):
        xi = xs[i]
        d = xs[i + 1] - xi * xi
        g[i] -= 400.0 * xi * d + 2.0 * (1.0 - xi)
        g[i + 1] += 200.0 * d
    return np.array(g)


def negative_log_posterior(p, x, y):
    sigma = math.exp(p.log_sigma)
    w = 1.0 / (sigma * sigma)
    r = y - p.beta * x
    r -= p.alpha
    return Params(
        p.alpha / 9.0 - w * r.sum().item(),
        p.beta / 9.0 - w * r.dot(x).item(),
        sigma - 1.0 + len(x) - w * r.dot(r).item(),
    )


def negative_log_posterior_loop(p, x, y):
    alpha, beta = p.alpha, p.beta
    sigma = math.exp(p.log_sigma)
    sum_r = sum_rx = sum_rr = 0.0
    for xi, yi in zip(x.tolist(), y.tolist()):
        r = yi - alpha - beta * xi
        sum_r += r
        sum_rx += r * xi
        sum_rr += r * r
    w = 1.0 / (sigma * sigma)
    return Params(alpha / 9.0 - w * sum_r, beta / 9.0 - w * sum_rx, sigma - 1.0 + len(x) - w * sum_rr)


def loss(net, x, y):
    inputs = [x]
    for w, b in zip(net.weights[:-1], net.biases[:-1]):
        h = inputs[-1] @ w
        h += b
        inputs.append(np.tanh(h, out=h))
    dz = inputs[-1] @ net.weights[-1]
    dz += net.biases[-1]
    dz -= dz.max(axis=1, keepdims=True)
    np.exp(dz, out=dz)
    dz /= dz.sum(axis=1, keepdims=True)
    dz[np.arange(len(y)), y] -= 1.0
    dz /= len(y)
    d_weights, d_biases = [], []
    for i in range(len(inputs) - 1, -1, -1):
        h = inputs[i]
        d_weights.append(h.T @ dz)
        d_biases.append(dz.sum(axis=0))
        if i > 0:
            dz = dz @ net.weights[i].T
            h *= h  # 1 - tanh**2, in the layer's own array: it isn't read again
            np.subtract(1.0, h, out=h)
            dz *= h
    return Net(d_weights[::-1], d_biases[::-1])


def misfit(tiles, observed, rate, steps, damping):
    size = (len(observed) - 2 * MARGIN) // len(tiles)
    u = np.zeros_like(observed)
    u[MARGIN:-MARGIN, MARGIN:-MARGIN] = tiles.repeat(size, axis=0).repeat(size, axis=1)
    inner = np.empty((u.shape[0] - 2, u.shape[1] - 2))
    for _ in range(steps):
        np.add(u[2:, 1:-1], u[:-2, 1:-1], out=inner)
        inner += u[1:-1, 2:]
        inner += u[1:-1, :-2]
        inner -= 4.0 * u[1:-1, 1:-1]
        inner *= rate
        u[1:-1, 1:-1] += inner
    u -= observed  # the scheme is linear: the adjoint needs no earlier temperatures
    u *= 2.0
    for _ in range(steps):
        np.multiply(u[1:-1, 1:-1], rate, out=inner)
        u[2:, 1:-1] += inner
        u[:-2, 1:-1] += inner
        u[1:-1, 2:] += inner
        u[1:-1, :-2] += inner
        inner *= 4.0
        u[1:-1, 1:-1] -= inner
    n = len(tiles)
    d_tiles = u[MARGIN:-MARGIN, MARGIN:-MARGIN].reshape(n, size, n, size).sum(axis=(1, 3))
    d_tiles += 2.0 * damping * tiles
    return d_tiles
