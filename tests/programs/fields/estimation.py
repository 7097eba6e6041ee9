"""Filters and state estimation."""

import math
from dataclasses import dataclass, field

import numpy as np


def kalman_loglik(q, r, zs):
    """Log likelihood of a constant velocity model."""
    F = np.array([[1.0, 1.0], [0.0, 1.0]])
    H = np.array([[1.0, 0.0]])
    Q = q * np.array([[0.25, 0.5], [0.5, 1.0]])
    R = np.array([[r]])
    x = np.zeros(2)
    P = np.eye(2) * 10.0
    ll = 0.0
    for z in zs:
        x = F @ x
        P = F @ P @ F.T + Q
        y = z - H @ x
        S = H @ P @ H.T + R
        K = P @ H.T @ np.linalg.inv(S)
        x = x + K @ y
        P = (np.eye(2) - K @ H) @ P
        ll += -0.5 * (y @ np.linalg.solve(S, y) + np.log(np.linalg.det(S)) + np.log(2 * np.pi))
    return float(ll)


class KalmanFilter:
    """Predict and update, with the state kept in attributes."""

    def __init__(self, F, H, Q, R):
        self.F = F
        self.H = H
        self.Q = Q
        self.R = R
        self.x = np.zeros(F.shape[0])
        self.P = np.eye(F.shape[0])
        self.history = []

    def predict(self):
        self.x = self.F @ self.x
        self.P = self.F @ self.P @ self.F.T + self.Q
        return self.x

    def update(self, z):
        innovation = z - self.H @ self.x
        S = self.H @ self.P @ self.H.T + self.R
        K = np.linalg.solve(S, self.H @ self.P).T
        self.x = self.x + K @ innovation
        self.P = self.P - K @ self.H @ self.P
        self.history.append(self.x.copy())
        return innovation


def kalman_class(dt, qs, zs):
    F = np.array([[1.0, dt], [0.0, 1.0]])
    H = np.array([[1.0, 0.0]])
    kf = KalmanFilter(F, H, np.diag(qs), np.array([[0.5]]))
    cost = 0.0
    for z in zs:
        kf.predict()
        inn = kf.update(np.array([z]))
        cost += np.sum(inn**2)
    track = np.array(kf.history)
    return cost + 0.1 * np.sum(track[:, 0] ** 2)


def ekf_range(pos0, sigma, ranges, landmarks):
    """Extended Kalman filter with range measurements."""

    def h(x, lm):
        return np.sqrt((x[0] - lm[0]) ** 2 + (x[1] - lm[1]) ** 2)

    def jac(x, lm):
        d = h(x, lm)
        return np.array([[(x[0] - lm[0]) / d, (x[1] - lm[1]) / d]])

    x = pos0.copy()
    P = np.eye(2)
    for t in range(ranges.shape[0]):
        P = P + 0.01 * np.eye(2)
        for k, lm in enumerate(landmarks):
            Hk = jac(x, lm)
            S = (Hk @ P @ Hk.T)[0, 0] + sigma**2
            K = (P @ Hk.T)[:, 0] / S
            x += K * (ranges[t, k] - h(x, lm))
            P = P - np.outer(K, Hk[0] @ P)
    return x @ x + np.trace(P)


def rts_smoother(a, q, zs):
    """Scalar Rauch-Tung-Striebel smoother."""
    n = len(zs)
    xf, pf, xp, pp = [0.0] * n, [0.0] * n, [0.0] * n, [0.0] * n
    x, p = 0.0, 1.0
    for k in range(n):
        xp[k] = a * x
        pp[k] = a * p * a + q
        gain = pp[k] / (pp[k] + 0.3)
        x = xp[k] + gain * (zs[k] - xp[k])
        p = (1 - gain) * pp[k]
        xf[k], pf[k] = x, p
    xs = xf[:]
    for k in range(n - 2, -1, -1):
        c = pf[k] * a / pp[k + 1]
        xs[k] = xf[k] + c * (xs[k + 1] - xp[k + 1])
    return sum((s - z) ** 2 for s, z in zip(xs, zs))


@dataclass
class Track:
    pos: float
    vel: float
    log: list = field(default_factory=list)

    def step(self, z, alpha, beta, dt=0.5):
        pred = self.pos + dt * self.vel
        resid = z - pred
        self.pos = pred + alpha * resid
        self.vel += beta * resid / dt
        self.log.append(resid)


def alpha_beta(alpha, beta, zs):
    tr = Track(0.0, 1.0)
    for z in zs:
        tr.step(z, alpha, beta)
    return sum(r * r for r in tr.log) + math.fabs(tr.vel)


def particle_weights(theta, ys):
    """Bootstrap particle filter with fixed noise and no resampling."""
    rng = np.random.default_rng(3)
    n = 20
    particles = rng.normal(size=n)
    logw = np.zeros(n)
    for y in ys:
        particles = theta * particles + 0.3 * rng.normal(size=n)
        logw += -0.5 * (y - particles) ** 2
        m = logw.max()
        w = np.exp(logw - m)
        w /= w.sum()
    return np.dot(w, particles) + np.log(np.mean(np.exp(logw - m))) + m
