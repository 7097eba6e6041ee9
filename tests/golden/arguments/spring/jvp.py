# -*- coding: utf-8 -*-
# forward mode of spring(s: Spring(stiffness: float, damping: float) dup, x: float dup, v: float dup, dt: float dup, steps: int const)


def spring_jvp(s, x, v, dt, steps, s_dot, x_dot, v_dot, dt_dot):
    for _ in range(steps):
        t = -s.stiffness
        t1 = -s_dot.stiffness * x + x_dot * t
        s_damping = s.damping
        a = t * x - s_damping * v
        a_dot = t1 - (s_dot.damping * v + v_dot * s_damping)
        v = v + dt * a
        v_dot += dt_dot * a + a_dot * dt
        x = x + dt * v
        x_dot += dt_dot * v + v_dot * dt
    return x, x_dot
