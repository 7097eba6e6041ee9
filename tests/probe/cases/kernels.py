"""Numerical kernels as scientists write them."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from ..data import A33, A34, A43, B34, P5, S33, T234, X3, X5, X6, Y3, Y5
from ..harness import case


@case((A33,), second=True)
def lu_with_pivoting(a):
    lu = a.copy()
    n = lu.shape[0]
    perm = list(range(n))
    sign = 1.0
    for k in range(n - 1):
        p = k + int(np.argmax(np.abs(lu[k:, k])))
        if p != k:
            lu[[k, p]] = lu[[p, k]]
            perm[k], perm[p] = perm[p], perm[k]
            sign = -sign
        lu[k + 1 :, k] /= lu[k, k]
        lu[k + 1 :, k + 1 :] -= np.outer(lu[k + 1 :, k], lu[k, k + 1 :])
    det = sign
    for i in range(n):
        det *= lu[i, i]
    return det + lu[1, 0] * perm[0]


@case((A43,), second=True)
def gram_schmidt(a):
    m, n = a.shape
    q = np.zeros((m, n))
    r = np.zeros((n, n))
    for j in range(n):
        v = a[:, j].copy()
        for i in range(j):
            r[i, j] = q[:, i] @ a[:, j]
            v -= r[i, j] * q[:, i]
        r[j, j] = np.sqrt(np.sum(v**2))
        q[:, j] = v / r[j, j]
    return np.sum(r) + q[0, 1] * q[2, 2]


@case((S33, X3), second=True)
def jacobi_iteration(a, b):
    x = np.zeros_like(b)
    d = np.diag(a)
    off = a - np.diag(d)
    for _ in range(6):
        x = (b - off @ x) / d
    return x @ x


@case((S33, X3), second=True)
def gauss_seidel(a, b):
    n = len(b)
    x = np.zeros(n)
    for _ in range(5):
        for i in range(n):
            s = 0.0
            for j in range(n):
                if j != i:
                    s += a[i, j] * x[j]
            x[i] = (b[i] - s) / a[i, i]
    return np.sum(x**2)


@case((X6,), second=True)
def discrete_fourier(x):
    n = len(x)
    power = 0.0
    for k in range(n):
        re = 0.0
        im = 0.0
        for t in range(n):
            angle = -2.0 * math.pi * k * t / n
            re += x[t] * math.cos(angle)
            im += x[t] * math.sin(angle)
        power += k * (re**2 + im**2)
    return power


@case((X6,), second=True)
def discrete_fourier_complex(x):
    n = len(x)
    k = np.arange(n)
    w = np.exp(-2j * np.pi * np.outer(k, k) / n)
    y = w @ x
    return np.sum(np.abs(y[1:]) ** 2 * k[1:])


@case((0.3, 2.0), second=True)
def simpson_with_lambda(a, w):
    f = lambda t: math.exp(-w * t) * math.sin(t)
    n = 10
    h = (2.0 - a) / n
    total = f(a) + f(2.0)
    for i in range(1, n):
        total += (4 if i % 2 else 2) * f(a + i * h)
    return total * h / 3.0


def _rk4(f, y, t, h):
    k1 = f(t, y)
    k2 = f(t + h / 2, y + h / 2 * k1)
    k3 = f(t + h / 2, y + h / 2 * k2)
    k4 = f(t + h, y + h * k3)
    return y + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)


@case((np.array([1.0, 0.5]), 1.3), second=True)
def runge_kutta_of_function(y0, mu):
    def van_der_pol(t, y):
        return np.array([y[1], mu * (1 - y[0] ** 2) * y[1] - y[0]])

    y = y0
    for i in range(8):
        y = _rk4(van_der_pol, y, 0.05 * i, 0.05)
    return y[0] ** 2 + y[1]


@case((3.6, 0.4), second=True)
def logistic_map(r, x):
    orbit = []
    for _ in range(6):
        x = r * x * (1 - x)
        orbit.append(x)
    return sum(orbit) / len(orbit)


@case(((1.0, -2.0, 0.5, 3.0), 0.7), second=True)
def horner_of_tuple(c, x):
    p, dp = 0.0, 0.0
    for a in reversed(c):
        dp = dp * x + p
        p = p * x + a
    return p * dp


@case((X6, X6**2), second=True)
def polynomial_fit(x, y):
    v = np.vander(x, 3)
    c = np.linalg.solve(v.T @ v, v.T @ y)
    r = v @ c - y
    return r @ r + c[0]


@case((np.arange(30.0).reshape(5, 6) ** 1.5 / 20, A33), second=True)
def image_convolution(img, k):
    h, w = img.shape
    out = np.zeros((h - 2, w - 2))
    for i in range(3):
        for j in range(3):
            out += k[i, j] * img[i : h - 2 + i, j : w - 2 + j]
    return np.sum(np.tanh(out / 10))


@case((A34, B34[:2]), second=True)
def kmeans_distance(points, centres):
    d = np.sum((points[:, None, :] - centres[None, :, :]) ** 2, axis=2)
    return np.min(d, axis=1).sum()


@case((A34, A33), second=True)
def softmax_cross_entropy(logits, w):
    labels = np.array([0, 3, 1])
    z = w @ logits
    z = z - z.max(axis=1, keepdims=True)
    logp = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    return -np.mean(logp[np.arange(3), labels])


def _sigmoid(x):
    return 1.0 / (1.0 + np.exp(-x))


@case(({"wx": A34, "wh": A33, "b": X3}, T234[0].T), second=True)
def lstm_cell(p, xs):
    h = np.zeros(3)
    c = np.zeros(3)
    for x in xs:
        z = p["wx"] @ np.concatenate([x, x[:1]]) + p["wh"] @ h + p["b"]
        f, g = _sigmoid(z), np.tanh(z)
        c = f * c + (1 - f) * g
        h = np.tanh(c) * f
    return h.sum()


@case(({"x": X3, "v": Y3, "m": 1.5},), second=True)
def verlet_with_dict(state):
    x = state["x"].copy()
    v = state["v"].copy()
    s = {"x": x, "v": v}
    for _ in range(4):
        a = -s["x"] / state["m"]
        s["v"] = s["v"] + 0.05 * a
        s["x"] = s["x"] + 0.1 * s["v"]
        s["v"] = s["v"] - 0.05 * s["x"] / state["m"]
    return np.sum(s["x"] ** 2) + np.sum(s["v"] ** 2) * state["m"]


@case(
    (
        np.array([0.0, 1.0, 0.5, 0.2]),
        np.array([4.0, 5.0, 4.5, 3.9]),
        np.array([1.0, 0.3, 0.7, 0.0]),
        np.array([1.0, 2.0, -1.0, 0.5]),
    ),
    second=True,
)
def tridiagonal_solver(lower, diag, upper, rhs):
    n = len(diag)
    c = np.empty(n)
    d = np.empty(n)
    c[0] = upper[0] / diag[0]
    d[0] = rhs[0] / diag[0]
    for i in range(1, n):
        m = diag[i] - lower[i] * c[i - 1]
        c[i] = upper[i] / m
        d[i] = (rhs[i] - lower[i] * d[i - 1]) / m
    x = np.zeros(n)
    x[-1] = d[-1]
    for i in range(n - 2, -1, -1):
        x[i] = d[i] - c[i] * x[i + 1]
    return x @ x


@case((A33, A34), second=True)
def viterbi(trans, emit):
    t = emit.shape[1]
    score = emit[:, 0]
    for k in range(1, t):
        score = np.max(score[:, None] + trans, axis=0) + emit[:, k]
    return np.max(score) ** 2


@case((A34, 1.3, 2.4), second=True)
def bilinear_interpolation(grid, y, x):
    i, j = int(y), int(x)
    fy, fx = y - i, x - j
    top = grid[i, j] * (1 - fx) + grid[i, j + 1] * fx
    bottom = grid[i + 1, j] * (1 - fx) + grid[i + 1, j + 1] * fx
    return (top * (1 - fy) + bottom * fy) ** 2


@case((P5,), second=True)
def cumulative_products(x):
    prefix = np.ones(len(x) + 1)
    for i in range(len(x)):
        prefix[i + 1] = prefix[i] * x[i]
    suffix = 1.0
    total = 0.0
    for i in reversed(range(len(x))):
        total += prefix[i] * suffix
        suffix *= x[i]
    return total


@case((X6, 0.3), second=True)
def moving_average(x, alpha):
    ema = [x[0]]
    for v in x[1:]:
        ema.append(alpha * v + (1 - alpha) * ema[-1])
    return sum(e * e for e in ema)


@case((100.0, 95.0, 0.03, 0.2, 1.5), second=True)
def black_scholes(s, k, r, sigma, t):
    d1 = (math.log(s / k) + (r + sigma**2 / 2) * t) / (sigma * math.sqrt(t))
    d2 = d1 - sigma * math.sqrt(t)
    cdf = lambda z: 0.5 * (1 + math.erf(z / math.sqrt(2.0)))
    return s * cdf(d1) - k * math.exp(-r * t) * cdf(d2)


@case((0.8, 0.3), rtol=1e-4)
def kepler(m, e):
    x = m
    delta = 1.0
    while abs(delta) > 1e-12:
        delta = (x - e * math.sin(x) - m) / (1 - e * math.cos(x))
        x -= delta
    return x


@case((X6, 2.3), second=True)
def cubic_spline_piece(c, t):
    k = min(int(t), len(c) - 4)
    u = t - k
    b = [(1 - u) ** 3 / 6, (3 * u**3 - 6 * u**2 + 4) / 6, (-3 * u**3 + 3 * u**2 + 3 * u + 1) / 6, u**3 / 6]
    return sum(w * c[k + i] for i, w in enumerate(b)) ** 2


@case((X3, 0.9))
def line_search_with_break(x, c):
    f = lambda z: np.sum((z - c) ** 2 + z**4)
    g = 2 * (x - c) + 4 * x**3
    step = 1.0
    fx = f(x)
    for _ in range(20):
        new = x - step * g
        if f(new) < fx - 1e-4 * step * np.sum(g * g):
            break
        step *= 0.5
    return f(new)


@case((np.array([2.0, 0.6, 0.3, 0.1]),), second=True)
def levinson(r):
    n = len(r)
    a = np.zeros(n)
    a[0] = 1.0
    e = r[0]
    for k in range(1, n):
        acc = 0.0
        for j in range(k):
            acc += a[j] * r[k - j]
        lam = -acc / e
        new = a.copy()
        for j in range(1, k + 1):
            new[j] = a[j] + lam * a[k - j]
        a = new
        e = e * (1 - lam * lam)
    return e + a @ a


class Particle:
    def __init__(self, x, v, mass):
        self.x = x
        self.v = v
        self.mass = mass

    def kick(self, force, dt):
        self.v = self.v + dt * force / self.mass

    def drift(self, dt):
        self.x = self.x + dt * self.v

    def energy(self):
        return 0.5 * self.mass * self.v**2 + 0.5 * self.x**2


@case((0.5, 0.2, 1.5), second=True)
def particle_object(x, v, m):
    p = Particle(x, v, m)
    for _ in range(5):
        p.kick(-p.x, 0.1)
        p.drift(0.1)
    return p.energy()


class State(NamedTuple):
    x: float
    p: float
    w: float


def _advance(s, dt):
    return State(s.x + dt * s.p, s.p - dt * s.w * s.x, s.w)


@case((0.5, 0.2, 1.5), second=True)
def namedtuple_in_loop(x, p, w):
    s = State(x, p, w)
    for _ in range(4):
        s = _advance(s, 0.1)
    return s.x**2 + s.p**2 * s.w


@case((X6,), second=True)
def savitzky_by_window(x):
    kernel = [-3.0, 12.0, 17.0, 12.0, -3.0]
    out = []
    for i in range(2, len(x) - 2):
        window = x[i - 2 : i + 3]
        out.append(sum(a * b for a, b in zip(kernel, window)) / 35.0)
    return np.prod(np.array(out))


@case((A33, X3), second=True)
def power_iteration_with_norm(a, x):
    for _ in range(8):
        x = a @ x
        x = x / np.linalg.norm(x)
    return x @ (a @ x)


@case((S33, X3), second=True)
def conjugate_gradient(a, b):
    x = np.zeros_like(b)
    r = b.copy()
    p = r.copy()
    rr = r @ r
    for _ in range(3):
        ap = a @ p
        alpha = rr / (p @ ap)
        x += alpha * p
        r -= alpha * ap
        new = r @ r
        p = r + (new / rr) * p
        rr = new
        if rr < 1e-20:
            break
    return np.sum(x**3)


@case((X5, 0.1), second=True)
def adam_inside(w, lr):
    m = np.zeros_like(w)
    v = np.zeros_like(w)
    b1, b2 = 0.9, 0.99
    for t in range(1, 4):
        g = 2 * w + np.cos(w)
        m = b1 * m + (1 - b1) * g
        v = b2 * v + (1 - b2) * g * g
        w = w - lr * (m / (1 - b1**t)) / (np.sqrt(v / (1 - b2**t)) + 1e-3)
    return w @ w


@case((X6[:4], A34.T[:, :2]), second=True)
def gaussian_process(y, x):
    n = len(y)
    k = np.empty((n, n))
    for i in range(n):
        for j in range(i, n):
            d = x[i] - x[j]
            k[i, j] = k[j, i] = np.exp(-0.5 * d @ d)
    k[np.diag_indices(n)] += 0.1
    chol = np.linalg.cholesky(k)
    alpha = np.linalg.solve(chol.T, np.linalg.solve(chol, y))
    return 0.5 * y @ alpha + np.log(np.diag(chol)).sum()


@case((X6,), second=True)
def haar_wavelet(x):
    a = x[:4].copy()
    n = 4
    coeffs = np.zeros(4)
    while n > 1:
        half = n // 2
        for i in range(half):
            coeffs[half + i] = (a[2 * i] - a[2 * i + 1]) / 2
            a[i] = (a[2 * i] + a[2 * i + 1]) / 2
        n = half
    coeffs[0] = a[0]
    return np.sum(coeffs**4)


@case((X5, Y5), second=True)
def polynomial_product(a, b):
    c = np.zeros(len(a) + len(b) - 1)
    for i, u in enumerate(a):
        c[i : i + len(b)] += u * b
    return c[3] * c[5] + np.polyval(c, 0.5)


@case((0.7, 1.4), second=True)
def continued_fraction(x, y):
    def level(k):
        return k * x / (y + k)

    value = 1.0
    k = 8
    while k > 0:
        value = 1.0 + level(k) / value
        k -= 1
    return value


@case((X3, A33), second=True)
def rotation_by_rodrigues(axis, points):
    theta = np.sqrt(axis @ axis)
    k = axis / theta
    kx = np.array([[0.0, -k[2], k[1]], [k[2], 0.0, -k[0]], [-k[1], k[0], 0.0]])
    r = np.eye(3) + np.sin(theta) * kx + (1 - np.cos(theta)) * kx @ kx
    return np.sum((points @ r.T)[:, 0] ** 3)


@case((X6, 0.5), second=True)
def total_variation(x, eps):
    return sum(math.sqrt((b - a) ** 2 + eps) for a, b in zip(x[:-1], x[1:]))


@case((np.array([0.2, 0.5, 0.3]), A33), second=True)
def markov_chain(p, logits):
    t = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    entropy = 0.0
    for _ in range(4):
        p = p @ t
        entropy -= np.sum(p * np.log(p))
    return entropy


@case((A34,), second=True)
def pairwise_forces(x):
    n = x.shape[0]
    f = np.zeros_like(x)
    for i in range(n):
        for j in range(n):
            if i == j:
                continue
            d = x[j] - x[i]
            r2 = np.dot(d, d) + 0.1
            f[i] += d / r2**1.5
    return np.sum(f**2)
