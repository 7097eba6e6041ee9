"""Bodies, pendulums, orbits, robots."""

from dataclasses import dataclass
from math import cos, pi, sin, sqrt
from typing import NamedTuple

import numpy as np


@dataclass
class Body:
    mass: float
    pos: np.ndarray
    vel: np.ndarray

    def kinetic(self):
        return 0.5 * self.mass * np.dot(self.vel, self.vel)


def accelerations(bodies, soft=0.1):
    acc = [np.zeros(3) for _ in bodies]
    for i, a in enumerate(bodies):
        for j, b in enumerate(bodies):
            if i == j:
                continue
            d = b.pos - a.pos
            r2 = np.sum(d * d) + soft**2
            acc[i] += b.mass * d / (r2 * np.sqrt(r2))
    return acc


def nbody_energy(masses, xs, vs, steps=3, dt=0.05):
    bodies = [Body(m, x.copy(), v.copy()) for m, x, v in zip(masses, xs, vs)]
    acc = accelerations(bodies)
    for _ in range(steps):
        for b, a in zip(bodies, acc):
            b.vel += 0.5 * dt * a
            b.pos += dt * b.vel
        acc = accelerations(bodies)
        for b, a in zip(bodies, acc):
            b.vel += 0.5 * dt * a
    return sum(b.kinetic() for b in bodies)


def nbody_arrays(masses, x0, v0, steps=4, dt=0.02):
    n = len(masses)
    x = x0.copy()
    v = v0.copy()
    for _ in range(steps):
        a = np.zeros_like(x)
        for i in range(n):
            for j in range(i + 1, n):
                d = x[j] - x[i]
                r3 = (d @ d + 1e-2) ** 1.5
                a[i] += masses[j] * d / r3
                a[j] -= masses[i] * d / r3
        v += dt * a
        x += dt * v
    return 0.5 * np.sum(masses[:, None] * v**2)


def double_pendulum(th1, th2, m2, steps=10, h=0.02):
    g, l1, l2, m1 = 9.81, 1.0, 0.8, 1.0

    def deriv(s):
        t1, w1, t2, w2 = s
        d = t2 - t1
        den = (m1 + m2) * l1 - m2 * l1 * np.cos(d) ** 2
        a1 = (m2 * l1 * w1**2 * np.sin(d) * np.cos(d) + m2 * g * np.sin(t2) * np.cos(d) + m2 * l2 * w2**2 * np.sin(d)
              - (m1 + m2) * g * np.sin(t1)) / den
        a2 = (-m2 * l2 * w2**2 * np.sin(d) * np.cos(d) + (m1 + m2) * (g * np.sin(t1) * np.cos(d)
              - l1 * w1**2 * np.sin(d) - g * np.sin(t2))) / (l2 / l1 * den)
        return np.array([w1, a1, w2, a2])

    s = np.array([th1, 0.0, th2, 0.0])
    for _ in range(steps):
        k1 = deriv(s)
        k2 = deriv(s + 0.5 * h * k1)
        k3 = deriv(s + 0.5 * h * k2)
        k4 = deriv(s + h * k3)
        s = s + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
    return s[0] ** 2 + s[2] ** 2 + 0.1 * (s[1] * s[3])


def dh(theta, d, a, alpha):
    ct, st = cos(theta), sin(theta)
    ca, sa = cos(alpha), sin(alpha)
    return np.array([
        [ct, -st * ca, st * sa, a * ct],
        [st, ct * ca, -ct * sa, a * st],
        [0.0, sa, ca, d],
        [0.0, 0.0, 0.0, 1.0],
    ])


def arm_reach(q, target):
    """Six joints; squared distance to the target plus a joint limit penalty."""
    table = [(0.3, 0.0, pi / 2), (0.0, 0.5, 0.0), (0.0, 0.05, pi / 2), (0.4, 0.0, -pi / 2), (0.0, 0.0, pi / 2), (0.1, 0.0, 0.0)]
    T = np.eye(4)
    for qi, (d, a, alpha) in zip(q, table):
        T = T @ dh(qi, d, a, alpha)
    err = T[:3, 3] - target
    penalty = 0.0
    for qi in q:
        if abs(qi) > 1.0:
            penalty += (abs(qi) - 1.0) ** 2
    return err @ err + penalty


def inverse_kinematics(l1, l2, target, iters=5):
    """Damped least squares steps on a two link arm."""
    q = np.array([0.3, 0.4])
    for it in range(iters):
        x = np.array([l1 * np.cos(q[0]) + l2 * np.cos(q[0] + q[1]), l1 * np.sin(q[0]) + l2 * np.sin(q[0] + q[1])])
        e = target - x
        if np.linalg.norm(e) < 1e-6:
            break
        J = np.zeros((2, 2))
        J[0, 0] = -l1 * np.sin(q[0]) - l2 * np.sin(q[0] + q[1])
        J[0, 1] = -l2 * np.sin(q[0] + q[1])
        J[1, 0] = l1 * np.cos(q[0]) + l2 * np.cos(q[0] + q[1])
        J[1, 1] = l2 * np.cos(q[0] + q[1])
        q += J.T @ np.linalg.solve(J @ J.T + 0.01 * np.eye(2), e)
    return q @ q


class Quaternion:
    def __init__(self, w, x, y, z):
        self.w, self.x, self.y, self.z = w, x, y, z

    def __mul__(self, o):
        return Quaternion(
            self.w * o.w - self.x * o.x - self.y * o.y - self.z * o.z,
            self.w * o.x + self.x * o.w + self.y * o.z - self.z * o.y,
            self.w * o.y - self.x * o.z + self.y * o.w + self.z * o.x,
            self.w * o.z + self.x * o.y - self.y * o.x + self.z * o.w,
        )

    def conj(self):
        return Quaternion(self.w, -self.x, -self.y, -self.z)

    @property
    def norm(self):
        return sqrt(self.w**2 + self.x**2 + self.y**2 + self.z**2)

    def rotate(self, v):
        p = self * Quaternion(0.0, *v) * self.conj()
        return np.array([p.x, p.y, p.z])

    @classmethod
    def about(cls, axis, angle):
        s = sin(angle / 2)
        return cls(cos(angle / 2), *(s * axis))


def attitude(angles, v):
    q = Quaternion(1.0, 0.0, 0.0, 0.0)
    axes = np.eye(3)
    for k, angle in enumerate(angles):
        q = q * Quaternion.about(axes[k % 3], angle)
    r = q.rotate(v)
    return r[0] * q.norm + 2.0 * r[1] - r[2]


class State(NamedTuple):
    t: float
    y: np.ndarray


def adaptive_rk(mu, y0, tol=1e-3, t_end=0.6):
    """Van der Pol with Heun/Euler step control: steps are rejected."""

    def f(t, y):
        return np.array([y[1], mu * (1 - y[0] ** 2) * y[1] - y[0]])

    s = State(0.0, y0)
    h = 0.1
    rejected = 0
    while s.t < t_end - 1e-12:
        if s.t + h > t_end:
            h = t_end - s.t
        k1 = f(s.t, s.y)
        k2 = f(s.t + h, s.y + h * k1)
        high = s.y + h / 2 * (k1 + k2)
        err = np.max(np.abs(h / 2 * (k2 - k1)))
        if err > tol * 10:
            h *= 0.5
            rejected += 1
            continue
        s = s._replace(t=s.t + h, y=high)
        if err < tol:
            h = h * 1.5
    return s.y[0] ** 2 + s.y[1]


def kepler_position(e, M, a):
    E = M if e < 0.8 else pi
    for _ in range(50):
        dE = (E - e * sin(E) - M) / (1 - e * cos(E))
        E -= dE
        if abs(dE) < 1e-14:
            return a * (cos(E) - e), a * sqrt(1 - e * e) * sin(E)
    raise RuntimeError("no convergence")


def orbit_miss(e, M, a):
    x, y = kepler_position(e, M, a)
    return (x - 0.3) ** 2 + (y - 0.2) ** 2


def rigid_body(I, w0, steps=8):
    """Euler's equations with renormalised quaternion attitude, in place."""
    w = w0.copy()
    q = np.array([1.0, 0.0, 0.0, 0.0])
    dt = 0.05
    for _ in range(steps):
        torque = -np.cross(w, I * w)
        w += dt * torque / I
        wx, wy, wz = w
        omega = np.array([[0, -wx, -wy, -wz], [wx, 0, wz, -wy], [wy, -wz, 0, wx], [wz, wy, -wx, 0]])
        q += 0.5 * dt * omega.dot(q)
        q /= np.linalg.norm(q)
    return q[0] + q[1] * q[2] + 0.5 * np.sum(I * w * w)
