# -*- coding: utf-8 -*-
# Derivatives of negative_log_posterior (bayes_regression.py) by diffsrc 0.1.0.
# source 56d5214fe1983a06
# types (p: Params(alpha: float, beta: float, log_sigma: float), x: f64[n], y: f64[n])
# active (p: value, x: const, y: const)
# This file is generated: change the function and build it again.

import numpy as np
import math
from bayes_regression import Params


def normal_energy(x, mean, scale):
    z = (x - mean) / scale
    return 0.5 * z * z + math.log(scale)


def exponential_energy(x, rate):
    return rate * x


def negative_log_posterior_vjp(p: tuple, x: np.ndarray, y: np.ndarray, dout: float = 1.0):
    """Reverse mode of negative_log_posterior(p, x, y). Returns the result, then dp."""
    if 1 in x.shape:
        raise ValueError("x: this module was built for f64[n], no named size being 1")
    if 1 in y.shape:
        raise ValueError("y: this module was built for f64[n], no named size being 1")
    # forward
    log_sigma = p.log_sigma
    alpha = p.alpha
    beta = p.beta
    sigma = math.exp(log_sigma)
    energy = normal_energy(alpha, 0.0, 3.0) + normal_energy(beta, 0.0, 3.0)
    energy += exponential_energy(sigma, 1.0) - log_sigma
    for i in range(len(x)):
        energy += normal_energy(y[i], alpha + beta * x[i], sigma)
    # reverse
    t = 0.5 * dout  # line 34: return 0.5 * z * z + math.log(scale)
    dbeta = 0.0
    dalpha = 0.0
    dsigma = 0.0
    for i in range(len(x) - 1, -1, -1):  # line 47: for i in range(len(x)):
        # line 48: energy += normal_energy(y[i], p.alpha + p.beta * x[i], sigma)
        x_i = x[i]
        z = (y[i] - (alpha + beta * x_i)) / sigma  # line 33: z = (x - mean) / scale
        dz = 2.0 * (t * z)  # line 34: return 0.5 * z * z + math.log(scale)
        t1 = dz / sigma  # line 33: z = (x - mean) / scale
        # line 48: energy += normal_energy(y[i], p.alpha + p.beta * x[i], sigma)
        dbeta -= t1 * x_i
        dalpha -= t1
        dsigma += dout / sigma + dz * (-z / sigma)
    z = beta / 3.0  # line 33: z = (x - mean) / scale
    t = 0.5 * dout  # line 34: return 0.5 * z * z + math.log(scale)
    # line 45: energy = normal_energy(p.alpha, 0.0, 3.0) + normal_energy(p.beta, 0.0, 3.0)
    dbeta += 2.0 * t * z / 3.0
    z = alpha / 3.0  # line 33: z = (x - mean) / scale
    # line 45: energy = normal_energy(p.alpha, 0.0, 3.0) + normal_energy(p.beta, 0.0, 3.0)
    dalpha += 2.0 * t * z / 3.0
    return energy, Params(dalpha, dbeta, (dsigma + dout) * sigma - dout)


def negative_log_posterior_grad(p: tuple, x: np.ndarray, y: np.ndarray):
    """The gradient of negative_log_posterior: dp."""
    if 1 in x.shape:
        raise ValueError("x: this module was built for f64[n], no named size being 1")
    if 1 in y.shape:
        raise ValueError("y: this module was built for f64[n], no named size being 1")
    # forward
    log_sigma = p.log_sigma
    alpha = p.alpha
    beta = p.beta
    sigma = math.exp(log_sigma)
    # reverse
    dbeta = 0.0
    dalpha = 0.0
    dsigma = 0.0
    for i in range(len(x) - 1, -1, -1):  # line 47: for i in range(len(x)):
        # line 48: energy += normal_energy(y[i], p.alpha + p.beta * x[i], sigma)
        x_i = x[i]
        z = (y[i] - (alpha + beta * x_i)) / sigma  # line 33: z = (x - mean) / scale
        t = z / sigma
        # line 48: energy += normal_energy(y[i], p.alpha + p.beta * x[i], sigma)
        dbeta -= t * x_i
        dalpha -= t
        dsigma += 1.0 / sigma + z * (-z / sigma)
    # line 45: energy = normal_energy(p.alpha, 0.0, 3.0) + normal_energy(p.beta, 0.0, 3.0)
    dbeta += beta / 9.0
    dalpha += alpha / 9.0
    return Params(dalpha, dbeta, -1.0 + (dsigma + 1.0) * sigma)


def negative_log_posterior_value_and_grad(p: tuple, x: np.ndarray, y: np.ndarray):
    """The result of negative_log_posterior, and its gradient: dp."""
    out, dp = negative_log_posterior_vjp(p, x, y)
    return out, dp
