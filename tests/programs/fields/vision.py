"""Cameras, point clouds, rays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


def normalize(v):
    return v / np.linalg.norm(v)


def sd_sphere(p, r):
    return np.linalg.norm(p) - r


def sd_box(p, b):
    q = np.abs(p) - b
    return np.linalg.norm(np.maximum(q, 0.0)) + min(max(q[0], q[1], q[2]), 0.0)


def smin(a, b, k=0.2):
    h = np.clip(0.5 + 0.5 * (b - a) / k, 0.0, 1.0)
    return b * (1 - h) + a * h - k * h * (1 - h)


def make_scene(radius, size):
    def sdf(p):
        s = sd_sphere(p - np.array([0.3, 0.0, 2.0]), radius)
        b = sd_box(p - np.array([-0.3, 0.1, 2.2]), size * np.ones(3))
        return smin(s, b)

    return sdf


def march(sdf, origin, direction, t_max=10.0, max_steps=64):
    t = 0.0
    steps = 0
    while steps < max_steps:
        p = origin + t * direction
        d = sdf(p)
        if d < 1e-4:
            break
        t += d
        if t > t_max:
            return None
        steps += 1
    return t


def normal(sdf, p, h=1e-4):
    n = np.zeros(3)
    for i in range(3):
        e = np.zeros(3)
        e[i] = h
        n[i] = (sdf(p + e) - sdf(p - e)) / (2 * h)
    return n / np.linalg.norm(n)


def sdf_render(radius, size, light):
    sdf = make_scene(radius, size)
    total = 0.0
    for x, y in [(0.05, 0.02), (-0.1, 0.1), (0.9, 0.9)]:
        d = normalize(np.array([x, y, 1.0]))
        t = march(sdf, np.zeros(3), d)
        if t is None:
            total += 0.1
            continue
        p = t * d
        total += t + max(0.0, normal(sdf, p) @ normalize(light))
    return total


def rodrigues(rvec):
    theta = np.linalg.norm(rvec)
    if theta < 1e-9:
        return np.eye(3)
    k = rvec / theta
    K = np.array([[0, -k[2], k[1]], [k[2], 0, -k[0]], [-k[1], k[0], 0]])
    return np.eye(3) + np.sin(theta) * K + (1 - np.cos(theta)) * (K @ K)


@dataclass
class Camera:
    rvec: np.ndarray
    tvec: np.ndarray
    f: float
    k1: float = 0.0

    def project(self, X: np.ndarray) -> np.ndarray:
        Xc = X @ rodrigues(self.rvec).T + self.tvec
        xy = Xc[:, :2] / Xc[:, 2:]
        r2 = np.sum(xy**2, axis=1, keepdims=True)
        return self.f * xy * (1 + self.k1 * r2)


def huber(r, delta=0.5):
    a = np.abs(r)
    return np.where(a <= delta, 0.5 * r**2, delta * (a - 0.5 * delta))


def bundle_adjustment(rvecs, tvecs, f, points, obs):
    cams = [Camera(r, t, f, k1=0.01) for r, t in zip(rvecs, tvecs)]
    residuals = np.concatenate([(c.project(points) - o).ravel() for c, o in zip(cams, obs)])
    return huber(residuals).sum()


def best_fit_transform(A, B):
    ca, cb = A.mean(axis=0), B.mean(axis=0)
    H = (A - ca).T @ (B - cb)
    U, S, Vt = np.linalg.svd(H)
    Rm = Vt.T @ U.T
    if np.linalg.det(Rm) < 0:
        Vt[-1, :] *= -1
        Rm = Vt.T @ U.T
    t = cb - Rm @ ca
    return Rm, t


def nearest(src, dst):
    d = np.linalg.norm(src[:, None, :] - dst[None, :, :], axis=-1)
    idx = d.argmin(axis=1)
    return d[np.arange(len(src)), idx], idx


def icp(points, shift):
    c, s = np.cos(0.1), np.sin(0.1)
    target = points @ np.array([[c, -s], [s, c]]).T + shift + 0.05 * np.sin(np.arange(10).reshape(5, 2))
    src = points.copy()
    prev = None
    for it in range(4):
        dist, idx = nearest(src, target)
        Rm, t = best_fit_transform(src, target[idx])
        src = src @ Rm.T + t
        err = np.mean(dist)
        if prev is not None and abs(prev - err) < 1e-9:
            break
        prev = err
    return np.mean((src - target[idx]) ** 2) + src[0, 0]
