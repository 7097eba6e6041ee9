"""Filters, transforms, images."""

import cmath
import itertools
import math

import numpy as np


def fft_recursive(x):
    n = len(x)
    if n == 1:
        return [complex(x[0])]
    even = fft_recursive(x[0::2])
    odd = fft_recursive(x[1::2])
    out = [0j] * n
    for k in range(n // 2):
        t = cmath.exp(-2j * math.pi * k / n) * odd[k]
        out[k] = even[k] + t
        out[k + n // 2] = even[k] - t
    return out


def power_in_band(x):
    spec = fft_recursive(list(x))
    return sum(abs(s) ** 2 for s in spec[1:3])


def biquad(b, a, x):
    y = np.zeros_like(x)
    z1 = z2 = 0.0
    for n, xn in enumerate(x):
        yn = b[0] * xn + z1
        z1 = b[1] * xn - a[0] * yn + z2
        z2 = b[2] * xn - a[1] * yn
        y[n] = yn
    return np.sum(y**2)


class Biquad:
    def __init__(self, b0, b1, a1):
        self.b0, self.b1, self.a1 = b0, b1, a1
        self.reset()

    def reset(self):
        self.xz = 0.0
        self.yz = 0.0

    def __call__(self, x):
        y = self.b0 * x + self.b1 * self.xz - self.a1 * self.yz
        self.xz, self.yz = x, y
        return y


def filter_chain(p, signal):
    stages = [Biquad(p[0], p[1], p[2]), Biquad(p[1], p[0], 0.5 * p[2])]
    energy = 0.0
    for s in signal:
        for stage in stages:
            s = stage(s)
        energy += s * s
    stages[0].reset()
    return energy + stages[0](1.0)


def levinson(r):
    order = len(r) - 1
    a = np.zeros(order + 1)
    a[0] = 1.0
    e = r[0]
    for i in range(1, order + 1):
        acc = r[i]
        for j in range(1, i):
            acc += a[j] * r[i - j]
        k = -acc / e
        new = a.copy()
        for j in range(1, i):
            new[j] = a[j] + k * a[i - j]
        new[i] = k
        a = new
        e *= 1 - k * k
    return e + a[-1]


def bilinear(img, y, x):
    h, w = img.shape
    y0, x0 = int(math.floor(y)), int(math.floor(x))
    y0 = min(max(y0, 0), h - 2)
    x0 = min(max(x0, 0), w - 2)
    fy, fx = y - y0, x - x0
    return (img[y0, x0] * (1 - fy) * (1 - fx) + img[y0, x0 + 1] * (1 - fy) * fx
            + img[y0 + 1, x0] * fy * (1 - fx) + img[y0 + 1, x0 + 1] * fy * fx)


def registration(shift, ref, moving):
    total = 0.0
    for i, j in itertools.product(range(1, ref.shape[0] - 1), range(1, ref.shape[1] - 1)):
        total += (bilinear(moving, i + shift[0], j + shift[1]) - ref[i, j]) ** 2
    return total


def total_variation(img, noisy, lam):
    gx = np.diff(img, axis=0)[:, :-1]
    gy = np.diff(img, axis=1)[:-1, :]
    return 0.5 * np.sum((img - noisy) ** 2) + lam * np.sum(np.sqrt(gx**2 + gy**2 + 1e-6))


def harris(img, k=0.05):
    gy, gx = np.gradient(img)
    win = np.ones((3, 3)) / 9

    def smooth(a):
        p = np.pad(a, 1, mode="edge")
        return sum(win[i, j] * p[i:i + a.shape[0], j:j + a.shape[1]] for i in range(3) for j in range(3))

    a, b, c = smooth(gx * gx), smooth(gy * gy), smooth(gx * gy)
    r = a * b - c**2 - k * (a + b) ** 2
    return r.sum()


def sliding_rms(x, width):
    out = []
    for start in range(0, len(x) - width + 1, 2):
        window = x[start:start + width]
        out.append(math.sqrt(sum(v * v for v in window) / width))
    return max(out) + sum(out)


def thin_film(n1, d, lam):
    """Reflectance of a layer on glass by transfer matrices."""
    n0, ns = 1.0, 1.5
    delta = 2 * np.pi * n1 * d / lam
    M = np.array([[np.cos(delta), 1j * np.sin(delta) / n1], [1j * n1 * np.sin(delta), np.cos(delta)]])
    B, C = M @ np.array([1.0, ns])
    r = (n0 * B - C) / (n0 * B + C)
    return np.abs(r) ** 2


def autocorrelation_pitch(x):
    x = x - x.mean()
    best, lag = None, 0
    for k in range(2, len(x) // 2):
        c = np.dot(x[:-k], x[k:]) / (np.linalg.norm(x[:-k]) * np.linalg.norm(x[k:]))
        if best is None or c > best:
            best, lag = c, k
    return best * lag


def haar(x):
    out = []
    a = x
    while len(a) > 1:
        s = (a[0::2] + a[1::2]) / math.sqrt(2)
        d = (a[0::2] - a[1::2]) / math.sqrt(2)
        out.append(d)
        a = s
    coeffs = np.concatenate([a] + out[::-1])
    return np.sum(np.abs(coeffs) ** 1.5)
