"""Grids of power, beams of elements."""

from __future__ import annotations

import numpy as np


def power_flow(p2, p3, q3):
    y12, y13, y23 = 1 / (0.02 + 0.2j), 1 / (0.03 + 0.25j), 1 / (0.01 + 0.15j)
    Y = np.array([[y12 + y13, -y12, -y13], [-y12, y12 + y23, -y23], [-y13, -y23, y13 + y23]])
    V = np.ones(3, dtype=complex)
    S = {1: complex(p2, 0.1), 2: -p3 - 1j * q3}
    for sweep in range(8):
        for bus, s in S.items():
            rest = sum(Y[bus, k] * V[k] for k in range(3) if k != bus)
            V[bus] = (np.conj(s / V[bus]) - rest) / Y[bus, bus]
    slack = V[0] * np.conj(Y[0] @ V)
    return slack.real + np.angle(V[2]) + np.abs(V).sum()


def beam_deflection(EI, L, q, n=3):
    le = L / n
    ke = (
        EI
        / le**3
        * np.array(
            [
                [12, 6 * le, -12, 6 * le],
                [6 * le, 4 * le**2, -6 * le, 2 * le**2],
                [-12, -6 * le, 12, -6 * le],
                [6 * le, 2 * le**2, -6 * le, 4 * le**2],
            ]
        )
    )
    fe = q * le / 12 * np.array([6.0, le, 6.0, -le])
    ndof = 2 * (n + 1)
    K, F = np.zeros((ndof, ndof)), np.zeros(ndof)
    for e in range(n):
        s = slice(2 * e, 2 * e + 4)
        K[s, s] += ke
        np.add.at(F, np.r_[2 * e : 2 * e + 4], fe)
    u = np.zeros(ndof)
    u[2:] = np.linalg.solve(K[2:, 2:], F[2:])
    return u[-2] * 100 + u[-1]
