"""Beams, films, antennas."""

from __future__ import annotations

import functools
import operator
from dataclasses import dataclass

import numpy as np
from numpy import pi, sqrt


def lens(f):
    return np.array([[1.0, 0.0], [-1.0 / f, 1.0]])


def space(d):
    return np.array([[1.0, d], [0.0, 1.0]])


def propagate_q(q, M):
    (A, B), (C, D) = M
    return (A * q + B) / (C * q + D)


def beam_waist(f1, f2, d, w0):
    lam = 0.1
    elements = [space(0.3), lens(f1), space(d), lens(f2), space(0.7)]
    q0 = 1j * pi * w0**2 / lam
    q = functools.reduce(propagate_q, elements, q0)
    total = functools.reduce(operator.matmul, reversed(elements))
    w = sqrt(-lam / (pi * (1 / q).imag))
    return w + np.trace(total) ** 2


@dataclass
class Layer:
    n: complex
    d: float


def reflectance(layers, lam, theta, n_in=1.0, n_sub=1.5):
    kx = n_in * np.sin(theta)
    M = np.eye(2, dtype=complex)
    for layer in layers:
        nz = np.sqrt(layer.n**2 - kx**2)
        delta = 2 * np.pi * nz * layer.d / lam
        c, s = np.cos(delta), np.sin(delta)
        M = M @ np.array([[c, 1j * s / nz], [1j * nz * s, c]])
    eta_in, eta_s = n_in * np.cos(theta), np.sqrt(n_sub**2 - kx**2)
    B, C = M @ np.array([1.0, eta_s])
    r = (eta_in * B - C) / (eta_in * B + C)
    return abs(r) ** 2


def multilayer(ds, theta, k):
    layers = [Layer(1.38 + 0j if i % 2 == 0 else 2.1 - 1j * k, d) for i, d in enumerate(ds)]
    return np.mean([reflectance(layers, lam, theta) for lam in np.linspace(0.9, 1.3, 3)])


def array_pattern(positions, weights, steer):
    k = 2 * np.pi
    theta = np.linspace(-1.2, 1.2, 7)
    phase = np.exp(1j * k * np.outer(np.sin(theta) - np.sin(steer), positions))
    af = phase @ weights
    power_db = 10 * np.log10(np.abs(af) ** 2 + 1e-3)
    mainlobe = np.abs(np.sum(weights)) ** 2
    return np.log(mainlobe) - 0.1 * np.max(power_db[np.abs(theta - steer) > 0.5])
