"""A dataclass whose fields change."""

from dataclasses import dataclass

import numpy as np


@dataclass
class Particle:
    x: np.ndarray
    mass: float


def particle(p, dt):
    force = -np.sin(p.x)
    p.x = p.x + dt * force / p.mass
    p.mass = 0.9 * p.mass
    return 0.5 * p.mass * np.sum(p.x**2)


ARGUMENTS = (Particle(np.array([0.4, 0.9]), 1.5), 0.1)
