"""Likelihoods and physics in SciPy's special functions."""

from __future__ import annotations

import numpy as np
import scipy.special
from scipy import special
from scipy.special import gammaln, xlogy


def matern(r, nu):
    """The Matérn kernel of any smoothness, 1 where points meet."""
    scaled = np.sqrt(2.0 * nu) * np.where(r == 0.0, 1.0, r)
    k = 2.0 ** (1.0 - nu) / special.gamma(nu) * scaled**nu * special.kv(nu, scaled)
    return np.where(r == 0.0, 1.0, k)


def gaussian_process(log_params, x, y):
    length, amplitude, noise = np.exp(log_params)
    r = np.abs(x[:, None] - x[None, :]) / length
    K = amplitude**2 * matern(r, 1.3) + (noise**2 + 1e-8) * np.eye(len(x))
    L = np.linalg.cholesky(K)
    z = np.linalg.solve(L, y)
    return 0.5 * z @ z + np.sum(np.log(np.diag(L))) + 0.5 * len(x) * np.log(2.0 * np.pi)


def poisson_loglik(beta, X, counts):
    rate = np.exp(X @ beta)
    return np.sum(xlogy(counts, rate) - rate - gammaln(counts + 1.0))


def negative_binomial_loglik(beta, log_size, X, counts):
    size = np.exp(log_size)
    mean = np.exp(X @ beta)
    terms = gammaln(counts + size) - gammaln(size) - gammaln(counts + 1.0)
    return np.sum(terms + xlogy(size, size / (size + mean)) + xlogy(counts, mean / (size + mean)))


def logistic_loss(w, X, labels, penalty):
    margins = (2.0 * labels - 1.0) * (X @ w)
    return -np.sum(special.log_expit(margins)) + penalty * np.sum(w**2)


def softmax_regression(W, X, labels):
    logits = X @ W
    chosen = np.take_along_axis(logits, labels[:, None], axis=1)[:, 0]
    return np.mean(special.logsumexp(logits, axis=1) - chosen)


def calibrated(a, b, scores, labels):
    p = special.expit(a * scores + b)
    return -np.sum(xlogy(labels, p) + special.xlog1py(1.0 - labels, -p))


def mixture_loglik(logits, means, x):
    weights = special.log_softmax(logits)
    total = 0.0
    for v in x:
        total += special.logsumexp(weights - 0.5 * (v - means) ** 2)
    return total


def beta_binomial(log_a, log_b, successes, trials):
    a, b = np.exp(log_a), np.exp(log_b)
    total = 0.0
    for k, n in zip(successes, trials):
        total += special.betaln(k + a, n - k + b) - scipy.special.betaln(a, b)
    return total


def probit(w, X, labels):
    return -np.sum(special.log_ndtr((2.0 * labels - 1.0) * (X @ w)))


def pendulum_period(length, amplitude):
    """Of a pendulum that swings wide."""
    return 4.0 * np.sqrt(length / 9.81) * special.ellipk(np.sin(0.5 * amplitude) ** 2)


def diffracted(radius, angles):
    """Light behind a round hole."""
    u = radius * np.sin(angles)
    return np.sum((2.0 * special.j1(u) / u) ** 2)


def drum(x, modes):
    total = 0.0
    for n in range(len(modes)):
        total += modes[n] * special.jv(n, special.jn_zeros(n, 1)[0] * x)
    return total


def dirichlet_entropy(alpha):
    total = np.sum(alpha)
    log_b = np.sum(gammaln(alpha)) - gammaln(total)
    return log_b + (total - len(alpha)) * special.psi(total) - np.sum((alpha - 1.0) * special.psi(alpha))
