"""Curves, rays, graphs, control."""

import heapq
import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np


class Vec(NamedTuple):
    x: float
    y: float
    z: float

    def __add__(self, o):
        return Vec(self.x + o.x, self.y + o.y, self.z + o.z)

    def __sub__(self, o):
        return Vec(self.x - o.x, self.y - o.y, self.z - o.z)

    def __mul__(self, s):
        return Vec(self.x * s, self.y * s, self.z * s)

    __rmul__ = __mul__

    def dot(self, o):
        return self.x * o.x + self.y * o.y + self.z * o.z

    def unit(self):
        return self * (1.0 / math.sqrt(self.dot(self)))


class Shape:
    def __init__(self, colour):
        self.colour = colour

    def hit(self, origin, direction):
        raise NotImplementedError


class Sphere(Shape):
    def __init__(self, centre, radius, colour):
        super().__init__(colour)
        self.centre = centre
        self.radius = radius

    def hit(self, origin, direction):
        oc = origin - self.centre
        b = oc.dot(direction)
        disc = b * b - oc.dot(oc) + self.radius**2
        if disc < 0:
            return None
        t = -b - math.sqrt(disc)
        return t if t > 1e-6 else None

    def normal(self, p):
        return (p - self.centre).unit()


class Floor(Shape):
    def __init__(self, height, colour):
        super().__init__(colour)
        self.height = height

    def hit(self, origin, direction):
        if direction.y >= 0:
            return None
        return (self.height - origin.y) / direction.y

    def normal(self, p):
        return Vec(0.0, 1.0, 0.0)


def shade(scene, origin, direction, light, depth=0):
    nearest, thing = math.inf, None
    for shape in scene:
        t = shape.hit(origin, direction)
        if t is not None and t < nearest:
            nearest, thing = t, shape
    if thing is None:
        return 0.1
    p = origin + nearest * direction
    n = thing.normal(p)
    value = thing.colour * max(0.0, n.dot((light - p).unit()))
    if depth < 2:
        refl = direction - 2.0 * direction.dot(n) * n
        value += 0.3 * shade(scene, p + 1e-3 * n, refl, light, depth + 1)
    return value


def ray_image(radius, cx, light_y):
    scene = [Sphere(Vec(cx, 0.0, 3.0), radius, 0.8), Floor(-1.0, 0.5)]
    light = Vec(2.0, light_y, 0.0)
    total = 0.0
    for i in range(3):
        for j in range(3):
            d = Vec((i - 1) * 0.3, (j - 1) * 0.3 - 0.05, 1.0).unit()
            total += shade(scene, Vec(0.0, 0.0, 0.0), d, light)
    return total


def de_casteljau(points, t):
    pts = [p.copy() for p in points]
    n = len(pts)
    for r in range(1, n):
        for i in range(n - r):
            pts[i] = (1 - t) * pts[i] + t * pts[i + 1]
    return pts[0]


def curve_length(points):
    last = de_casteljau(points, 0.0)
    length = 0.0
    for t in np.linspace(0, 1, 6)[1:]:
        p = de_casteljau(points, t)
        length += np.linalg.norm(p - last)
        last = p
    return length


def cox_de_boor(t, i, k, knots):
    if k == 0:
        return 1.0 if knots[i] <= t < knots[i + 1] else 0.0
    left = right = 0.0
    if knots[i + k] != knots[i]:
        left = (t - knots[i]) / (knots[i + k] - knots[i]) * cox_de_boor(t, i, k - 1, knots)
    if knots[i + k + 1] != knots[i + 1]:
        right = (knots[i + k + 1] - t) / (knots[i + k + 1] - knots[i + 1]) * cox_de_boor(t, i + 1, k - 1, knots)
    return left + right


def spline_value(coeffs, t):
    knots = [0, 0, 0, 1, 2, 3, 3, 3]
    return sum(c * cox_de_boor(t, i, 2, knots) for i, c in enumerate(coeffs)) ** 2


def polygon(xy):
    """Area, perimeter, second moment by the shoelace formula."""
    area = perimeter = moment = 0.0
    n = len(xy)
    for k in range(n):
        (x0, y0), (x1, y1) = xy[k], xy[(k + 1) % n]
        cross = x0 * y1 - x1 * y0
        area += cross / 2
        perimeter += math.hypot(x1 - x0, y1 - y0)
        moment += cross * (x0 * x0 + x0 * x1 + x1 * x1) / 12
    return abs(area) / perimeter + moment


def floyd_warshall(W):
    D = W.copy()
    n = len(D)
    for k in range(n):
        for i in range(n):
            for j in range(n):
                if D[i, k] + D[k, j] < D[i, j]:
                    D[i, j] = D[i, k] + D[k, j]
    return D.sum()


def dijkstra(weights, source=0, target=3):
    edges = {0: [(1, 0), (2, 1)], 1: [(2, 2), (3, 3)], 2: [(3, 4)], 3: []}
    dist = {source: 0.0}
    done = set()
    todo = [source]
    while todo:
        u = min(todo, key=lambda n: dist[n])
        todo.remove(u)
        if u in done:
            continue
        done.add(u)
        if u == target:
            break
        for v, e in edges[u]:
            d = dist[u] + weights[e]
            if v not in dist or d < dist[v]:
                dist[v] = d
                todo.append(v)
    return dist[target]


def pagerank(W, damping=0.85):
    P = W / W.sum(axis=0)
    n = W.shape[0]
    r = np.ones(n) / n
    for _ in range(20):
        new = damping * P @ r + (1 - damping) / n
        if np.abs(new - r).sum() < 1e-10:
            break
        r = new
    return r @ np.arange(1.0, n + 1.0)


class PID:
    def __init__(self, kp, ki, kd, limit=None):
        self.kp, self.ki, self.kd = kp, ki, kd
        self.limit = limit
        self.integral = 0.0
        self.last = None

    def __call__(self, error, dt):
        self.integral += error * dt
        slope = 0.0 if self.last is None else (error - self.last) / dt
        self.last = error
        u = self.kp * error + self.ki * self.integral + self.kd * slope
        if self.limit is not None:
            u = max(-self.limit, min(self.limit, u))
        return u


def tune(kp, ki, kd):
    pid = PID(kp, ki, kd, limit=2.0)
    x, v, cost = 0.0, 0.0, 0.0
    for _ in range(20):
        u = pid(1.0 - x, 0.1)
        v += 0.1 * (u - 0.5 * v - x)
        x += 0.1 * v
        cost += 0.1 * (1 - x) ** 2
    return cost


def lqr_cost(A, B, q, r, x0):
    Q, R = q * np.eye(2), np.array([[r]])
    P = Q
    for _ in range(15):
        K = np.linalg.solve(R + B.T @ P @ B, B.T @ P @ A)
        P = Q + A.T @ P @ (A - B @ K)
    x, cost = x0, 0.0
    for _ in range(5):
        u = -K @ x
        cost += x @ Q @ x + u @ R @ u
        x = A @ x + B @ u
    return cost


@dataclass
class Interval:
    lo: float
    hi: float

    def __add__(self, other):
        other = other if isinstance(other, Interval) else Interval(other, other)
        return Interval(self.lo + other.lo, self.hi + other.hi)

    __radd__ = __add__

    def __mul__(self, other):
        if not isinstance(other, Interval):
            other = Interval(other, other)
        products = [self.lo * other.lo, self.lo * other.hi, self.hi * other.lo, self.hi * other.hi]
        return Interval(min(products), max(products))

    __rmul__ = __mul__

    def __pow__(self, n):
        out = Interval(1.0, 1.0)
        for _ in range(n):
            out = out * self
        return out

    @property
    def width(self):
        return self.hi - self.lo


def interval_horner(coeffs, lo, hi):
    x = Interval(lo, hi)
    acc = Interval(0.0, 0.0)
    for c in coeffs:
        acc = acc * x + c
    y = 2.0 * x**3 + 1.0
    return acc.width + y.hi * acc.lo


def event_queue(rates):
    """Events by time from a heap of inactive data."""
    heap = [(0.5 * k, k) for k in range(4)]
    heapq.heapify(heap)
    total, level = 0.0, 1.0
    while heap:
        when, k = heapq.heappop(heap)
        level *= 1 + 0.1 * rates[k]
        total += level * when
    return total
