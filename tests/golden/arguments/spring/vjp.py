# -*- coding: utf-8 -*-
# reverse mode of spring(s: Spring(stiffness: float, damping: float) value, x: float value, v: float value, dt: float value, steps: int const)

from tests.golden.arguments.spring import Spring


def spring_vjp(s, x, v, dt, steps, dout=1.0):
    # forward
    x_saved = []
    v_saved = []
    a_saved = []
    stiffness = s.stiffness
    damping = s.damping
    for _ in range(steps):
        x_saved.append(x)
        v_saved.append(v)
        a = -stiffness * x - damping * v
        a_saved.append(a)
        v = v + dt * a
        x = x + dt * v
    # reverse
    dv = 0.0
    dx = dout
    dstiffness = 0.0
    ddamping = 0.0
    ddt = 0.0
    for _ in range(steps):  # line 12: for _ in range(steps):
        x_1 = x_saved.pop()  # saved in line 12
        v = v_saved.pop()
        a = a_saved.pop()  # saved in line 13
        v_1 = v + dt * a  # line 14: v = v + dt * a
        dv += dx * dt  # line 15: x = x + dt * v
        da = dv * dt  # line 14: v = v + dt * a
        t = -da  # line 13: a = -s.stiffness * x - s.damping * v
        dstiffness -= da * x_1
        ddamping += t * v
        ddt = ddt + dx * v_1 + dv * a  # line 14: v = v + dt * a
        dv += t * damping  # line 13: a = -s.stiffness * x - s.damping * v
        dx += t * stiffness
    return x, Spring(dstiffness, ddamping), dx, dv, ddt
