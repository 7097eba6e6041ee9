"""A function of fifty lines, such as a first user brings: its first gradient is timed in a fresh process."""

import numpy as np


def landing_cost(thrust, drag, mass, target):
    """A rocket falls in still air; `thrust` is the schedule of its engine. The cost of how it lands."""
    n = len(thrust)
    dt = 0.1
    gravity = 9.81
    height = np.zeros(n + 1)
    speed = np.zeros(n + 1)
    height[0] = 100.0
    speed[0] = -5.0
    fuel = 0.0
    heat = 0.0
    wobble = 0.0
    for i in range(n):
        push = thrust[i]
        if push < 0.0:
            push = 0.0
        elif push > 20.0:
            push = 20.0 + 0.1 * (push - 20.0)
        density = np.exp(-height[i] / 80.0)
        friction = drag * density * speed[i] * speed[i]
        if speed[i] > 0.0:
            friction = -friction
        weight = mass - 0.01 * fuel
        force = push + friction
        acceleration = force / weight - gravity
        speed[i + 1] = speed[i] + dt * acceleration
        height[i + 1] = height[i] + dt * speed[i + 1]
        fuel += dt * push
        flow = friction * speed[i]
        if flow < 0.0:
            heat -= 0.001 * flow
        else:
            heat += 0.001 * flow
        if i > 0:
            change = thrust[i] - thrust[i - 1]
            wobble += change * change
    final_height = height[n]
    final_speed = speed[n]
    miss = final_height - target
    path = np.sqrt(1.0 + (height - target) ** 2)
    delay = np.sum(path[1:]) * dt
    late = np.mean(np.tanh(0.1 * height))
    crash = np.log(1.0 + final_speed * final_speed)
    energy = 0.5 * (mass - 0.01 * fuel) * final_speed * final_speed
    cost = 10.0 * miss * miss + crash
    cost += 0.1 * fuel + heat
    cost += 0.01 * wobble + 0.001 * delay
    cost += 0.01 * energy
    cost += late
    return cost


def arguments():
    return np.linspace(8.0, 14.0, 40), 0.02, 1.0, 1.0
