"""An object that changes from step to step, in a method that is called in a loop."""

import numpy as np


class Controller:
    def __init__(self, gain, rate):
        self.gain, self.rate = gain, rate
        self.total = 0.0

    def act(self, error):
        self.total += 0.1 * error
        return self.gain * error + self.rate * self.total


def controller(gains, target):
    c = Controller(gains[0], gains[1])
    x, cost = 0.0, 0.0
    for k in range(20):
        x += 0.1 * c.act(target - x)
        cost += (x - target) ** 2
    return cost


ARGUMENTS = (np.array([1.0, 0.2]), 1.0)
