"""Prices, rates, risk."""

import math
from dataclasses import dataclass, replace

import numpy as np


def norm_cdf(x):
    return 0.5 * (1.0 + math.erf(x / math.sqrt(2.0)))


def black_scholes(S, K, T, r, sigma, kind="call"):
    if T <= 0:
        return max(S - K, 0.0)
    d1 = (math.log(S / K) + (r + 0.5 * sigma**2) * T) / (sigma * math.sqrt(T))
    d2 = d1 - sigma * math.sqrt(T)
    if kind == "call":
        return S * norm_cdf(d1) - K * math.exp(-r * T) * norm_cdf(d2)
    elif kind == "put":
        return K * math.exp(-r * T) * norm_cdf(-d2) - S * norm_cdf(-d1)
    raise ValueError(f"unknown kind {kind!r}")


def implied_vol(price, S, K, T, r):
    lo, hi = 0.01, 2.0
    sigma = 0.3
    for _ in range(30):
        diff = black_scholes(S, K, T, r, sigma) - price
        d1 = (math.log(S / K) + (r + sigma**2 / 2) * T) / (sigma * math.sqrt(T))
        vega = S * math.sqrt(T) * math.exp(-d1 * d1 / 2) / math.sqrt(2 * math.pi)
        if abs(diff) < 1e-10:
            return sigma
        if vega < 1e-8:
            sigma = 0.5 * (lo + hi)
        else:
            sigma = sigma - diff / vega
    return sigma


def american_put(S0, K, r, sigma, T=1.0, n=8):
    dt = T / n
    u = np.exp(sigma * np.sqrt(dt))
    d = 1 / u
    p = (np.exp(r * dt) - d) / (u - d)
    disc = np.exp(-r * dt)
    prices = S0 * u ** np.arange(n, -n - 1, -2)
    values = np.maximum(K - prices, 0)
    for i in range(n - 1, -1, -1):
        prices = S0 * u ** np.arange(i, -i - 1, -2.0)
        values = disc * (p * values[:-1] + (1 - p) * values[1:])
        values = np.maximum(values, K - prices)
    return values[0]


def monte_carlo_asian(S0, sigma, seed=1, paths=30, steps=5):
    rng = np.random.default_rng(seed)
    dt = 1.0 / steps
    total = 0.0
    for _ in range(paths):
        s = S0
        avg = 0.0
        for _ in range(steps):
            z = rng.standard_normal()
            s *= math.exp(-0.5 * sigma**2 * dt + sigma * math.sqrt(dt) * z)
            avg += s
        payoff = avg / steps - 1.0
        if payoff > 0:
            total += payoff
    return total / paths


def garch_nll(params, returns):
    omega, alpha, beta = params
    h = np.var(returns)
    nll = 0.0
    for r in returns:
        nll += 0.5 * (np.log(2 * np.pi * h) + r**2 / h)
        h = omega + alpha * r**2 + beta * h
    return nll


@dataclass(frozen=True)
class Bond:
    coupon: float
    maturity: int
    face: float = 100.0

    def cashflows(self):
        for t in range(1, self.maturity + 1):
            yield t, self.coupon * self.face + (self.face if t == self.maturity else 0.0)

    def price(self, y):
        return sum(cf / (1 + y) ** t for t, cf in self.cashflows())

    def duration(self, y):
        p = self.price(y)
        return sum(t * cf / (1 + y) ** t for t, cf in self.cashflows()) / p


def bond_risk(y, coupon):
    b = Bond(coupon, 5)
    shifted = replace(b, maturity=3)
    return b.price(y) * 0.01 + b.duration(y) + shifted.price(y + 0.01) * 0.02


def bootstrap_curve(quotes):
    """Discount factors from par swap rates, in a dict by tenor."""
    curve = {0: 1.0}
    for tenor, rate in enumerate(quotes, 1):
        annuity = sum(curve[t] for t in range(1, tenor))
        curve[tenor] = (1.0 - rate * annuity) / (1.0 + rate)
    zero = {t: -math.log(df) / t for t, df in curve.items() if t > 0}
    return sum(z * t for t, z in zero.items())


class Portfolio:
    def __init__(self):
        self.positions = {}
        self.cash = 0.0

    def trade(self, name, qty, price):
        self.positions[name] = self.positions.get(name, 0.0) + qty
        self.cash -= qty * price

    def value(self, prices):
        return self.cash + sum(q * prices[n] for n, q in self.positions.items())


def portfolio_pnl(qty, p0, p1):
    pf = Portfolio()
    pf.trade("A", qty, p0)
    pf.trade("B", 2.0, p0 * 0.5)
    pf.trade("A", -0.5 * qty, p1)
    return pf.value({"A": p1, "B": p1 * p1})


def markowitz(mu, returns, gamma):
    centred = returns - returns.mean(axis=0)
    cov = centred.T @ centred / (len(returns) - 1)
    ones = np.ones(len(mu))
    inv = np.linalg.inv(cov + 1e-3 * np.eye(len(mu)))
    lam = (ones @ inv @ mu - gamma) / (ones @ inv @ ones)
    w = inv @ (mu - lam * ones) / gamma
    return w @ mu - 0.5 * gamma * w @ cov @ w
