"""A NamedTuple, read in a loop."""

from typing import NamedTuple


class Spring(NamedTuple):
    stiffness: float
    damping: float


def spring(s, x, v, dt, steps):
    for _ in range(steps):
        a = -s.stiffness * x - s.damping * v
        v = v + dt * a
        x = x + dt * v
    return x


ARGUMENTS = (Spring(2.0, 0.3), 1.0, 0.1, 0.05, 4)
