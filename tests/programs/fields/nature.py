"""Chemistry, biology, ecology, physics."""

import functools
import math
import random
from collections import deque

import numpy as np


def sir(beta, gamma, days=10):
    s, i, r = 0.99, 0.01, 0.0
    peak = i
    history = []
    for day in range(days):
        new = beta * s * i
        rec = gamma * i
        s, i, r = s - new, i + new - rec, r + rec
        peak = max(peak, i)
        history.append((s, i, r))
    return peak + history[-1][2] + sum(h[1] for h in history)


def rk4(f, y, t, h, *args, **kwargs):
    k1 = f(y, t, *args, **kwargs)
    k2 = f(y + h * k1 / 2, t + h / 2, *args, **kwargs)
    k3 = f(y + h * k2 / 2, t + h / 2, *args, **kwargs)
    k4 = f(y + h * k3, t + h, *args, **kwargs)
    return y + h * (k1 + 2 * k2 + 2 * k3 + k4) / 6


def lotka(y, t, a, b, *, c=1.0, d=1.0):
    return np.array([a * y[0] - b * y[0] * y[1], d * y[0] * y[1] - c * y[1]])


def predator_prey(a, b, c):
    y = np.array([1.0, 0.5])
    t = 0.0
    for _ in range(8):
        y = rk4(lotka, y, t, 0.1, a, b, c=c)
        t += 0.1
    return y[0] * y[1]


def lennard_jones(pos, sigma=1.0, eps=1.0, cutoff=2.5):
    n = len(pos)
    energy = 0.0
    for i in range(n - 1):
        rij = pos[i + 1:] - pos[i]
        r2 = np.sum(rij**2, axis=1)
        near = r2 < cutoff**2
        s6 = (sigma**2 / r2[near]) ** 3
        energy += np.sum(4 * eps * (s6**2 - s6))
    return energy


def hodgkin_huxley(I, steps=20, dt=0.02):
    V, m, h, n = -65.0, 0.05, 0.6, 0.32
    trace = np.empty(steps)
    for k in range(steps):
        am = 0.1 * (V + 40) / (1 - math.exp(-(V + 40) / 10))
        bm = 4 * math.exp(-(V + 65) / 18)
        ah = 0.07 * math.exp(-(V + 65) / 20)
        bh = 1 / (1 + math.exp(-(V + 35) / 10))
        an = 0.01 * (V + 55) / (1 - math.exp(-(V + 55) / 10))
        bn = 0.125 * math.exp(-(V + 65) / 80)
        m += dt * (am * (1 - m) - bm * m)
        h += dt * (ah * (1 - h) - bh * h)
        n += dt * (an * (1 - n) - bn * n)
        INa = 120 * m**3 * h * (V - 50)
        IK = 36 * n**4 * (V + 77)
        V += dt * (I - INa - IK - 0.3 * (V + 54.4))
        trace[k] = V
    return trace.mean() + trace[-1]


def integrate_and_fire(w, inputs, threshold=1.0):
    v = 0.0
    spikes = []
    for t, x in enumerate(inputs):
        v = 0.9 * v + w * x
        if v > threshold:
            spikes.append(t)
            v -= threshold
    return v + 0.01 * len(spikes) * w


def gillespie(rate, seed=4):
    """Stochastic decay; the waiting times scale with the rate."""
    rnd = random.Random(seed)
    t, n = 0.0, 10
    area = 0.0
    while n > 0 and t < 5.0:
        wait = -math.log(rnd.random()) / (rate * n)
        area += wait * n
        t += wait
        n -= 1
    return area


def equilibrium(K, total):
    """Dissociation by Newton with a fallback to bisection."""
    lo, hi = 0.0, total
    x = 0.5 * total
    for _ in range(60):
        f = x * x - K * (total - x)
        df = 2 * x + K
        if f > 0:
            hi = x
        else:
            lo = x
        step = x - f / df
        x = step if lo < step < hi else 0.5 * (lo + hi)
        if abs(f) < 1e-13:
            break
    return x


def simpson_adaptive(f, a, b, eps, depth=0):
    m = (a + b) / 2
    h = b - a
    whole = h / 6 * (f(a) + 4 * f(m) + f(b))
    left = h / 12 * (f(a) + 4 * f((a + m) / 2) + f(m))
    right = h / 12 * (f(m) + 4 * f((m + b) / 2) + f(b))
    if depth > 6 or abs(left + right - whole) < eps:
        return left + right
    return simpson_adaptive(f, a, m, eps / 2, depth + 1) + simpson_adaptive(f, m, b, eps / 2, depth + 1)


def comoving_distance(om, h0, z=1.0):
    E = lambda zz: 1.0 / math.sqrt(om * (1 + zz) ** 3 + 1 - om)
    return simpson_adaptive(E, 0.0, z, 1e-5) / h0


def ising_mean_field(J, T, sites=5):
    m = np.full(sites, 0.5)
    for it in range(30):
        new = np.tanh(J * (np.roll(m, 1) + np.roll(m, -1)) / T)
        if np.allclose(new, m, atol=1e-7):
            m = new
            break
        m = 0.5 * (m + new)
    return m.mean()


def delayed_feedback(gain, tau=3, steps=10):
    buffer = deque([0.1] * tau, maxlen=tau)
    x = 0.5
    out = 0.0
    for _ in range(steps):
        past = buffer[0]
        x = x + 0.1 * (gain * past / (1 + past**2) - x)
        buffer.append(x)
        out += x * x
    return out


class Reaction:
    def __init__(self, k, reactants, products):
        self.k = k
        self.reactants = reactants
        self.products = products

    def rate(self, conc):
        return self.k * functools.reduce(lambda a, s: a * conc[s], self.reactants, 1.0)


def kinetics(k1, k2, a0):
    conc = {"A": a0, "B": 0.5, "C": 0.0}
    reactions = [Reaction(k1, ["A", "B"], ["C"]), Reaction(k2, ["C"], ["A", "B"])]
    for _ in range(10):
        rates = [r.rate(conc) for r in reactions]
        for r, v in zip(reactions, rates):
            for s in r.reactants:
                conc[s] -= 0.05 * v
            for s in r.products:
                conc[s] += 0.05 * v
    return conc["C"] ** 2 + conc["A"]


def radioactive_chain(lams, n0):
    """Bateman equations."""
    total = 0.0
    for t in (0.5, 1.0):
        for k in range(len(lams)):
            coeff = n0 * math.prod(lams[:k])
            total += coeff * sum(
                math.exp(-lams[i] * t) / math.prod(lams[j] - lams[i] for j in range(k + 1) if j != i) for i in range(k + 1)
            )
    return total


def variational_monte_carlo(alpha, walkers=5, steps=6):
    rng = np.random.RandomState(0)
    x = rng.randn(walkers)
    energies = []
    for s in range(steps):
        trial = x + 0.5 * rng.randn(walkers)
        ratio = np.exp(-2 * 0.6 * (trial**2 - x**2))
        accept = rng.rand(walkers) < ratio
        x = np.where(accept, trial, x)
        local = alpha + x**2 * (0.5 - 2 * alpha**2)
        energies.append(local.mean())
    return np.mean(energies)
