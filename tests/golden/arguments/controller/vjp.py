# -*- coding: utf-8 -*-
# reverse mode of controller(gains: f64[n] value, target: float value)

import numpy as np
from tests.golden.arguments.controller import Controller


def new_instance(cls, **fields):
    """An instance with these fields; its `__init__` has run in place."""
    made = cls.__new__(cls)
    for name, value in fields.items():
        object.__setattr__(made, name, value)
    return made


def controller_vjp(gains, target, dout=1.0):
    # forward
    act_saved = []
    difference_saved = []
    c = new_instance(Controller, gain=gains[0], rate=gains[1], total=0.0)
    x = 0.0
    cost = 0.0
    for k in range(20):
        t, saved = act_fwd(c, target - x)
        act_saved.append(saved)
        x += 0.1 * t
        difference = x - target
        difference_saved.append(difference)
        cost += difference ** 2
    # reverse
    # line 17: c = Controller(gains[0], gains[1])
    dc = new_instance(Controller, gain=0.0, rate=0.0, total=0.0)
    t = 2.0 * dout  # line 21: cost += (x - target) ** 2
    dx = 0.0
    dtarget = 0.0
    for _ in range(20):  # line 19: for k in range(20):
        saved = act_saved.pop()  # saved in line 20
        t1 = t * difference_saved.pop()  # line 21: cost += (x - target) ** 2
        dx += t1
        derror = act_rev(saved, dc, 0.1 * dx)  # line 20: x += 0.1 * c.act(target - x)
        dx -= derror
        dtarget = dtarget - t1 + derror
    dgains = np.zeros_like(gains)  # line 17: c = Controller(gains[0], gains[1])
    dgains[1] = dc.rate
    dgains[0] = dc.gain
    return cost, dgains, dtarget


def act_fwd(self, error):
    self.total += 0.1 * error
    gain = self.gain
    rate = self.rate
    total = self.total
    out = gain * error + rate * total
    return out, (error, gain, rate, total)


def act_rev(saved, dself, dout):
    # reverse
    error, gain, rate, total = saved
    # line 13: return self.gain * error + self.rate * self.total
    dself.total += dout * rate
    dself.rate += dout * total
    dself.gain += dout * error
    return dout * gain + 0.1 * dself.total
