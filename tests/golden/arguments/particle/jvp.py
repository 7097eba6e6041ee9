# -*- coding: utf-8 -*-
# forward mode of particle(p: Particle{x: f64[n], mass: float} dup, dt: float dup)

import numpy as np


def particle_jvp(p, dt, p_dot, dt_dot):
    t = p.x
    t1 = p_dot.x
    force = -np.sin(t)
    t2 = p.mass
    t3 = dt * force / t2
    t = (dt_dot * force + -dt * t1 * np.cos(t)) / t2 + -p_dot.mass * t3 / t2
    p.x = p.x + t3
    p_dot.x = t1 + t
    p.mass = 0.9 * p.mass
    p_dot.mass = 0.9 * p_dot.mass
    t = 0.5 * p.mass
    t1 = p.x
    t2 = np.sum(t1 ** 2)
    return t * t2, 0.5 * p_dot.mass * t2 + 2.0 * p_dot.x @ t1 * t
