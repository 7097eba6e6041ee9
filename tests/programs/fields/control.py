"""Controllers: gains, rollouts, loops."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Dict, Optional, Tuple

import numpy as np


def dare(A, B, Q, R, max_iter=200, tol=1e-11):
    P = Q.copy()
    for i in range(max_iter):
        BtP = B.T @ P
        K = np.linalg.solve(R + BtP @ B, BtP @ A)
        P_next = Q + A.T @ P @ (A - B @ K)
        if np.max(np.abs(P_next - P)) < tol:
            return P_next, K
        P = P_next
    else:
        raise RuntimeError("Riccati iteration did not converge")


def lqr_gain_norm(mass, qdiag, r):
    dt = 0.3
    A = np.array([[1.0, dt], [-dt / mass, 1.0 - 0.1 * dt]])
    B = np.array([[0.0], [dt / mass]])
    P, K = dare(A, B, np.diag(qdiag), np.array([[r]]))
    closed = A - B @ K
    x = np.array([1.0, 0.0])
    cost = 0
    for _ in range(5):
        u = -K @ x
        cost += x @ np.diag(qdiag) @ x + float(r * u[0] ** 2)
        x = closed @ x
    return cost + np.trace(P)


def plant(state: Dict[str, float], u: float, params: Dict[str, float], dt: float = 0.05) -> Dict[str, float]:
    """Cart-pole, one Euler step."""
    th, om = state["theta"], state["omega"]
    m, M, l = params["m"], params["M"], params["l"]
    g = params.get("g", 9.81)
    s, c = math.sin(th), math.cos(th)
    denom = M + m * s**2
    acc = (u + m * s * (l * om**2 - g * c)) / denom
    alpha = (g * s - c * acc) / l
    return {
        "x": state["x"] + dt * state["v"],
        "v": state["v"] + dt * acc,
        "theta": th + dt * om,
        "omega": om + dt * alpha,
    }


def mpc_cost(params, controls):
    state = dict(x=0.0, v=0.1, theta=0.2, omega=0.0)
    weights = {"x": 1.0, "v": 0.1, "theta": 10.0, "omega": 0.5}
    total = 0.0
    for u in controls:
        state = plant(state, u, params)
        total += sum(weights[k] * state[k] ** 2 for k in weights) + 0.01 * u**2
    for key, value in state.items():
        total += 5.0 * weights[key] * value**2
    return total


@dataclass
class PIDController:
    kp: float
    ki: float
    kd: float
    limits: Tuple[float, float] = (-2.0, 2.0)
    integral: float = 0.0
    prev_error: Optional[float] = None

    def reset(self) -> None:
        self.integral = 0.0
        self.prev_error = None

    def update(self, error: float, dt: float) -> float:
        derivative = 0.0 if self.prev_error is None else (error - self.prev_error) / dt
        self.prev_error = error
        candidate = self.integral + error * dt
        u = self.kp * error + self.ki * candidate + self.kd * derivative
        lo, hi = self.limits
        if lo < u < hi:
            self.integral = candidate
        return min(max(u, lo), hi)


class FirstOrderPlant:
    def __init__(self, tau, gain, delay=2):
        self.tau = tau
        self.gain = gain
        self.y = 0.0
        self.pipeline = [0.0] * delay

    def step(self, u, dt):
        self.pipeline.append(u)
        delayed = self.pipeline.pop(0)
        self.y += dt * (self.gain * delayed - self.y) / self.tau
        return self.y


def pid_loop(kp, ki, kd, tau):
    pid = PIDController(kp, ki, kd)
    process = FirstOrderPlant(tau, 1.0)
    errors = []
    for k in range(15):
        setpoint = 1.0 if k > 2 else 0.0
        e = setpoint - process.y
        errors.append(e)
        process.step(pid.update(e, 0.1), 0.1)
    errors = np.array(errors)
    return np.sum(errors**2) * 0.1 + np.abs(errors[-1])
