# -*- coding: utf-8 -*-
# Derivatives of loss (mlp_digits.py) by diffsrc 0.1.0.
# source 3f39f318efd76c66
# types (net: Net{weights: list[f64[*, *]], biases: list[f64[*]]}, x: f64[n, m], y: i64[n])
# active (net: shadow, x: const, y: const)
# This file is generated: change the function and build it again.

import numpy as np


def loss_vjp(net: object, x: np.ndarray, y: np.ndarray, dnet: object, dout: float = 1.0):
    """Reverse mode of loss(net, x, y). Returns the result. The gradients of the shadows dnet are added to them."""
    if any(1 in item.shape for item in net.weights) or any(1 in item.shape for item in net.biases):
        raise ValueError("net: this module was built for Net{weights: list[f64[*, *]], biases: list[f64[*]]}, no named size being 1")
    if 1 in x.shape:
        raise ValueError("x: this module was built for f64[n, m], no named size being 1")
    if 1 in y.shape:
        raise ValueError("y: this module was built for i64[n], no named size being 1")
    # forward
    z, saved = logits_fwd(net, x)
    largest = np.max(z, axis=1, keepdims=True)
    z_1 = z - largest
    exp = np.exp(z_1)
    total = np.sum(exp, axis=1)
    log_total = np.log(total)
    t = np.arange(len(y))
    out = np.mean(log_total - z_1[t, y])
    # reverse
    # line 40: return np.mean(log_total - z[np.arange(len(y)), y])
    dlog_total = dout / log_total.size
    dz = np.zeros_like(z_1)
    np.add.at(dz, (t, y), -dlog_total)
    # line 39: log_total = np.log(np.sum(np.exp(z), axis=1))
    dz += np.broadcast_to(np.expand_dims(dlog_total / total, 1), exp.shape) * exp
    mask = z == largest  # line 38: z = z - np.max(z, axis=1, keepdims=True)
    t = np.sum(-dz, axis=1, keepdims=True) / np.sum(mask, axis=1, keepdims=True)
    # line 37: z = logits(net, x)
    dx = logits_rev(saved, dnet, dz + np.where(mask, t, 0.0))
    return (out,)


def logits_fwd(net, x):
    h_saved = []
    h_saved_1 = []
    net_weights = net.weights
    last = len(net_weights) - 1
    net_biases = net.biases
    h = x
    for i, (w, b) in enumerate(zip(net.weights, net_biases)):
        h_saved_1.append(h)
        h = h @ w + b
        if i < last:
            h = np.tanh(h)
            h_saved.append(h)
    return h, (net_weights, last, net_biases, h_saved, h_saved_1)


def logits_rev(saved, dnet, dout):
    # reverse
    net_weights, last, net_biases, h_saved, h_saved_1 = saved
    # line 28: for i, (w, b) in enumerate(zip(net.weights, net.biases)):
    dnet_weights = dnet.weights
    dnet_biases = dnet.biases
    dh = dout
    for k in range(min(len(dnet_weights), len(dnet_biases)) - 1, -1, -1):
        w = net_weights[k]
        h = h_saved_1.pop()  # saved in line 28
        if k < last:  # line 30: if i < last:
            h_1 = h_saved.pop()  # saved in line 31
            dh = dh * (1 - h_1 * h_1)  # line 31: h = np.tanh(h)
        dnet_weights[k] += h.T @ dh  # line 29: h = h @ w + b
        dnet_biases[k] += np.sum(dh, axis=0)
        dh = dh @ w.T
    return dh.copy()


def new_like(x, **fields):
    """A new instance of the class of `x` with these fields; the constructor of the class isn't called."""
    new = object.__new__(type(x))
    for name, value in fields.items():
        object.__setattr__(new, name, value)
    return new


def loss_value_and_grad(net: object, x: np.ndarray, y: np.ndarray):
    """The result of loss, and its gradient: dnet."""
    dnet = new_like(net, weights=[np.zeros_like(item) for item in net.weights], biases=[np.zeros_like(item) for item in net.biases])
    out, = loss_vjp(net, x, y, dnet)
    return out, dnet


def loss_grad(net: object, x: np.ndarray, y: np.ndarray):
    """The gradient of loss: dnet."""
    _, gradient = loss_value_and_grad(net, x, y)
    return gradient
