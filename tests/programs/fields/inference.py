"""Samplers, regressions and filters."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass, replace
from enum import Enum, auto
from itertools import accumulate

import numpy as np


def ordinal_nll(beta, raw_cuts, X, y):
    cuts = np.cumsum(np.concatenate(([raw_cuts[0]], np.exp(raw_cuts[1:]))))
    edges = np.concatenate(([-np.inf], cuts, [np.inf]))

    def cdf(z):
        return 1.0 / (1.0 + np.exp(-z))

    total = 0.0
    for xi, yi in zip(X, y):
        eta = xi @ beta
        upper = 1.0 if np.isinf(edges[yi + 1]) else cdf(edges[yi + 1] - eta)
        lower = 0.0 if np.isinf(edges[yi]) else cdf(edges[yi] - eta)
        total -= np.log(upper - lower)
    return total


def mixed_model_loglik(beta, log_sd, groups, X, y):
    tau2, sigma2 = np.exp(2 * log_sd)
    by_group = defaultdict(list)
    for i, g in enumerate(groups):
        by_group[g].append(i)
    ll = 0.0
    for g, idx in sorted(by_group.items()):
        r = y[idx] - X[idx] @ beta
        n = len(idx)
        V = sigma2 * np.eye(n) + tau2 * np.ones((n, n))
        sign, logdet = np.linalg.slogdet(V)
        assert sign > 0, f"group {g} has a singular covariance"
        ll -= 0.5 * (logdet + r @ np.linalg.solve(V, r) + n * np.log(2 * np.pi))
    return ll


@dataclass
class Particle:
    x: float
    logw: float = 0.0


def particle_filter(phi, sigma, obs, n=5):
    import random
    rnd = random.Random(42)
    particles = [Particle(rnd.gauss(0.0, 1.0)) for _ in range(n)]
    loglik = 0.0
    for y in obs:
        for p in particles:
            p.x = phi * p.x + sigma * rnd.gauss(0, 1)
            p.logw += -0.5 * (y - p.x) ** 2
        m = max(p.logw for p in particles)
        w = [math.exp(p.logw - m) for p in particles]
        total = sum(w)
        loglik += m + math.log(total / n)
        ess = total**2 / sum(wi * wi for wi in w)
        if ess < n / 2:
            cum = list(accumulate(wi / total for wi in w))
            new = []
            for k in range(n):
                u = (k + 0.5) / n
                j = next((i for i, c in enumerate(cum) if c >= u), n - 1)
                new.append(Particle(particles[j].x))
            particles = new
        else:
            particles = [replace(p, logw=p.logw - m - math.log(total / n)) for p in particles]
    return loglik


def abc_distance(rate, observed, seed=5, eps=2.0):
    rng = np.random.default_rng(seed)
    accepted = []
    trials = 0
    while len(accepted) < 3 and trials < 20:
        trials += 1
        u = rng.random(len(observed))
        sim = -np.log(u) / rate
        d = abs(sim.mean() - observed.mean())
        if d < eps:
            accepted.append((d, sim.var()))
    else:
        if not accepted:
            return 0.0
    best, *others = sorted(accepted)
    return best[0] + sum(v for _, v in others)


class Loss(Enum):
    SQUARED = auto()
    HUBER = auto()
    QUANTILE = "quantile"


def robust_loss(theta, x, y, kind=Loss.HUBER, *, delta=1.0, tau=0.3):
    total = 0.0
    for xi, yi in zip(x, y):
        r = yi - theta[0] - theta[1] * xi
        match kind:
            case Loss.SQUARED:
                total += r * r
            case Loss.HUBER if abs(r) <= delta:
                total += 0.5 * r * r
            case Loss.HUBER:
                total += delta * (abs(r) - 0.5 * delta)
            case Loss.QUANTILE:
                total += max(tau * r, (tau - 1) * r)
            case _:
                raise ValueError(f"no such loss: {kind}")
    return total / len(y)


def all_losses(theta, x, y):
    return sum(w * robust_loss(theta, x, y, kind) for w, kind in zip((1.0, 2.0, 0.5), Loss))
