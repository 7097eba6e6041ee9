# -*- coding: utf-8 -*-
# Derivatives of negative_log_posterior (bayes_regression.py) by diffsrc 0.1.0.
# source 56d5214fe1983a06
# types (p: Params(alpha: float, beta: float, log_sigma: float), x: f64[n], y: f64[n])
# active (p: value, x: const, y: const)
# This file is generated: change the function and build it again.

import numpy as np
import math
from bayes_regression import Params


def negative_log_posterior_vjp(p: tuple, x: np.ndarray, y: np.ndarray, dout: float = 1.0):
    """Reverse mode of negative_log_posterior(p, x, y). Returns the result, then dp."""
    # forward
    saved_saved = []
    log_sigma = p.log_sigma
    alpha = p.alpha
    beta = p.beta
    sigma = math.exp(log_sigma)
    t, saved = normal_energy_fwd(alpha, 0.0, 3.0)
    t1, saved_1 = normal_energy_fwd(beta, 0.0, 3.0)
    energy = t + t1
    t, saved_2 = exponential_energy_fwd(sigma, 1.0)
    energy += t - log_sigma
    t = len(x)
    for i in range(t):
        t1, saved_3 = normal_energy_1_fwd(y[i], alpha + beta * x[i], sigma)
        saved_saved.append(saved_3)
        energy += t1
    # reverse
    dbeta = 0.0
    dalpha = 0.0
    dsigma = 0.0
    for i in range(t - 1, -1, -1):  # line 47: for i in range(len(x)):
        # line 48: energy += normal_energy(y[i], p.alpha + p.beta * x[i], sigma)
        t1 = x[i]
        saved_3 = saved_saved.pop()  # saved in line 48
        # line 48: energy += normal_energy(y[i], p.alpha + p.beta * x[i], sigma)
        t2, dsigma_1 = normal_energy_1_rev(saved_3, dout)
        dbeta += t2 * t1
        dalpha += t2
        dsigma += dsigma_1
    # line 46: energy += exponential_energy(sigma, 1.0) - p.log_sigma # the last term: d sigma / d log_sigma
    dsigma_1 = exponential_energy_rev(saved_2, dout)
    # line 45: energy = normal_energy(p.alpha, 0.0, 3.0) + normal_energy(p.beta, 0.0, 3.0)
    dbeta_1 = normal_energy_rev(saved_1, dout)
    dalpha_1 = normal_energy_rev(saved, dout)
    t = dalpha + dalpha_1
    # line 42: def negative_log_posterior(p, x, y):
    t = Params(t, dbeta + dbeta_1, (dsigma + dsigma_1) * sigma - dout)
    return energy, t


def normal_energy_1_fwd(x, mean, scale):
    z = (x - mean) / scale
    t = 0.5 * z
    out = t * z + math.log(scale)
    return out, (scale, z, t)


def normal_energy_1_rev(saved, dout=1.0):
    # reverse
    scale, z, t = saved  # line 31: def normal_energy(x, mean, scale):
    t = dout * t + 0.5 * dout * z  # line 34: return 0.5 * z * z + math.log(scale)
    return -(t / scale), dout / scale + t * (-z / scale)


def exponential_energy_fwd(x, rate):
    out = rate * x
    return out, (rate,)


def exponential_energy_rev(saved, dout=1.0):
    # reverse
    rate, = saved  # line 37: def exponential_energy(x, rate):
    return dout * rate


def normal_energy_fwd(x, mean, scale):
    z = (x - mean) / scale
    t = 0.5 * z
    out = t * z + math.log(scale)
    return out, (scale, z, t)


def normal_energy_rev(saved, dout=1.0):
    # reverse
    scale, z, t = saved  # line 31: def normal_energy(x, mean, scale):
    return (dout * t + 0.5 * dout * z) / scale


def negative_log_posterior_value_and_grad(p: tuple, x: np.ndarray, y: np.ndarray):
    """The result of negative_log_posterior, and its gradient: dp."""
    out, dp = negative_log_posterior_vjp(p, x, y)
    return out, dp


def negative_log_posterior_grad(p: tuple, x: np.ndarray, y: np.ndarray):
    """The gradient of negative_log_posterior: dp."""
    _, gradient = negative_log_posterior_value_and_grad(p, x, y)
    return gradient
