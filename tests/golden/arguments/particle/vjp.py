# -*- coding: utf-8 -*-
# reverse mode of particle(p: Particle{x: f64[n], mass: float} shadow, dt: float value)

import numpy as np


def particle_vjp(p, dt, dp, dout=1.0):
    # forward
    p_x = p.x
    force = -np.sin(p_x)
    p_mass = p.mass
    t = dt * force / p_mass
    p.x = p.x + t
    p.mass = 0.9 * p.mass
    t1 = 0.5 * p.mass
    p_x_1 = p.x
    total = np.sum(p_x_1 ** 2)
    out = t1 * total
    # reverse
    dp.x += dout * t1 * (2.0 * p_x_1)  # line 18: return 0.5 * p.mass * np.sum(p.x**2)
    dp.mass += 0.5 * dout * total
    dp.mass = 0.9 * dp.mass  # line 17: p.mass = 0.9 * p.mass
    dp_x = dp.x  # line 16: p.x = p.x + dt * force / p.mass
    dp.x = np.zeros_like(dp_x)
    t1 = dp_x / p_mass
    dp.mass += np.sum(dp_x * (-t / p_mass))
    dp.x += dp_x
    dp.x -= dt * t1 * np.cos(p_x)  # line 15: force = -np.sin(p.x)
    return out, t1 @ force
