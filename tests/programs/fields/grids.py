"""Grids stepped in place, and what is seen through them."""

from __future__ import annotations

import numpy as np


def thomas_inplace(a, b, c, d):
    n = len(d)
    cp = np.empty(n)
    cp[0] = c / b
    d[0] /= b
    for i in range(1, n):
        m = b - a * cp[i - 1]
        cp[i] = c / m
        d[i] = (d[i] - a * d[i - 1]) / m
    for i in range(n - 2, -1, -1):
        d[i] -= cp[i] * d[i + 1]


def adi_heat(kappa, u0, steps=2):
    u = u0.copy()
    r = kappa / 2
    ny, nx = u.shape
    for _ in range(steps):
        rhs = u.copy()
        rhs[1:-1] += r * (u[2:] - 2 * u[1:-1] + u[:-2])
        for row_ in rhs:
            thomas_inplace(-r, 1 + 2 * r, -r, row_)
        u[...] = rhs
        rhs[:, 1:-1] += r * (u[:, 2:] - 2 * u[:, 1:-1] + u[:, :-2])
        for j in range(nx):
            thomas_inplace(-r, 1 + 2 * r, -r, rhs[:, j])
        u = rhs
    return np.sum(u * u)


class FDTD1D:
    def __init__(self, n, eps_r, courant=0.5):
        self.ez = np.zeros(n)
        self.hy = np.zeros(n - 1)
        self.ceze = courant / eps_r
        self.probe = []

    def step(self, t, source):
        self.hy += 0.5 * (self.ez[1:] - self.ez[:-1])
        self.ez[1:-1] += self.ceze[1:-1] * (self.hy[1:] - self.hy[:-1])
        self.ez[0], self.ez[-1] = self.ez[1], self.ez[-2]
        self.ez[3] += source(t)
        self.probe.append(self.ez[-3])


def fdtd(eps_r, width):
    sim = FDTD1D(10, eps_r)
    pulse = lambda t: np.exp(-(((t - 4) / width) ** 2))
    for t in range(8):
        sim.step(t, pulse)
    return np.sum(np.square(sim.probe)) + np.sum(sim.hy**2)


E9 = np.array([[0, 0], [1, 0], [0, 1], [-1, 0], [0, -1], [1, 1], [-1, 1], [-1, -1], [1, -1]])


W9 = np.array([4 / 9] + [1 / 9] * 4 + [1 / 36] * 4)


OPP = [0, 3, 4, 1, 2, 7, 8, 5, 6]


def equilibrium(rho, u):
    eu = np.einsum("qd,dxy->qxy", E9, u)
    usq = np.sum(u**2, axis=0)
    return W9[:, None, None] * rho * (1 + 3 * eu + 4.5 * eu**2 - 1.5 * usq)


def lattice_boltzmann(tau, rho0, steps=2):
    u = np.zeros((2,) + rho0.shape)
    u[0] += 0.05
    f = equilibrium(rho0, u)
    solid = np.zeros(rho0.shape, dtype=bool)
    solid[1, 2] = True
    for _ in range(steps):
        rho = f.sum(axis=0)
        u = np.tensordot(E9.T, f, axes=1) / rho
        f += -(f - equilibrium(rho, u)) / tau
        bounced = f[OPP][:, solid]
        f[:, solid] = bounced
        for q, (ex, ey) in enumerate(E9):
            f[q] = np.roll(np.roll(f[q], ex, axis=0), ey, axis=1)
    return np.sum(u**2) * 100 + np.sum(f[1] ** 2)


def art_reconstruction(phantom, relax):
    n = phantom.shape[0]
    rays = [(phantom[i, :].sum(), [(i, j) for j in range(n)]) for i in range(n)]
    rays += [(phantom[:, j].sum(), [(i, j) for i in range(n)]) for j in range(n)]
    img = np.zeros((n, n))
    for _ in range(2):
        for measured, cells in rays:
            proj = 0.0
            for i, j in cells:
                proj += img[i, j]
            corr = relax * (measured - proj) / len(cells)
            for i, j in cells:
                img[i, j] += corr
    return np.sum((img - phantom) ** 2)
