# -*- coding: utf-8 -*-
# reverse mode of particle(p: Particle{x: f64[n], mass: float} shadow, dt: float value)

import numpy as np


def particle_vjp(p, dt, dp, dout=1.0):
    # forward
    t = p.x
    force = -np.sin(t)
    t1 = p.mass
    t2 = dt * force / t1
    p.x = p.x + t2
    p.mass = 0.9 * p.mass
    t3 = 0.5 * p.mass
    t4 = p.x
    t5 = np.sum(t4 ** 2)
    out = t3 * t5
    # reverse
    dp.x += 2.0 * dout * t3 * t4  # line 18: return 0.5 * p.mass * np.sum(p.x**2)
    dp.mass += 0.5 * dout * t5
    t3 = dp.mass  # line 17: p.mass = 0.9 * p.mass
    dp.mass = 0.0
    dp.mass += 0.9 * t3
    t3 = dp.x  # line 16: p.x = p.x + dt * force / p.mass
    dp.x = np.zeros_like(t3)
    t4 = t3 / t1
    dp.mass -= t3 @ t2 / t1
    dp.x += t3
    dp.x -= dt * t4 * np.cos(t)  # line 15: force = -np.sin(p.x)
    return out, t4 @ force
