# -*- coding: utf-8 -*-
# forward mode of controller(gains: f64[n] dup, target: float dup)

from tests.golden.arguments.controller import Controller


def new_instance(cls, **fields):
    """An instance with these fields; its `__init__` has run in place."""
    made = cls.__new__(cls)
    for name, value in fields.items():
        object.__setattr__(made, name, value)
    return made


def controller_jvp(gains, target, gains_dot, target_dot):
    c = new_instance(Controller, gain=gains[0], rate=gains[1], total=0.0)
    c_dot = new_instance(Controller, gain=gains_dot[0], rate=gains_dot[1], total=0.0)
    x = 0.0
    cost = 0.0
    x_dot = 0.0
    cost_dot = 0.0
    for k in range(20):
        t, t1 = act_jvp(c, target - x, c_dot, target_dot - x_dot)
        x += 0.1 * t
        x_dot += 0.1 * t1
        t = x - target
        cost += t ** 2
        cost_dot += 2.0 * (x_dot - target_dot) * t
    return cost, cost_dot


def act_jvp(self, error, self_dot, error_dot):
    self.total += 0.1 * error
    self_dot.total += 0.1 * error_dot
    gain = self.gain
    t = self_dot.gain * error + error_dot * gain
    rate = self.rate
    total = self.total
    t1 = gain * error + rate * total
    return t1, t + (self_dot.rate * total + self_dot.total * rate)
