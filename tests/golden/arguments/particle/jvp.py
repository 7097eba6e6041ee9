# -*- coding: utf-8 -*-
# forward mode of particle(p: Particle{x: f64[n], mass: float} dup, dt: float dup)

import numpy as np


def particle_jvp(p, dt, p_dot, dt_dot):
    p_x = p.x
    p_x_dot = p_dot.x
    force = -np.sin(p_x)
    p_mass = p.mass
    t = dt * force / p_mass
    t1 = (dt_dot * force + -dt * p_x_dot * np.cos(p_x)) / p_mass + -p_dot.mass * t / p_mass
    p.x = p.x + t
    p_dot.x = p_x_dot + t1
    p.mass = 0.9 * p.mass
    p_dot.mass = 0.9 * p_dot.mass
    t = 0.5 * p.mass
    p_x = p.x
    total = np.sum(p_x ** 2)
    return t * total, 0.5 * p_dot.mass * total + 2.0 * p_dot.x @ p_x * t
