"""Learning machines without a framework."""

import functools
from collections import namedtuple
from dataclasses import dataclass

import numpy as np


def softmax(z):
    z = z - z.max(axis=-1, keepdims=True)
    e = np.exp(z)
    return e / e.sum(axis=-1, keepdims=True)


class Linear:
    def __init__(self, W, b):
        self.W = W
        self.b = b

    def __call__(self, x):
        return x @ self.W + self.b


class ReLU:
    def __call__(self, x):
        return np.maximum(x, 0.0)


class Tanh:
    def __call__(self, x):
        return np.tanh(x)


class Sequential:
    def __init__(self, *layers):
        self.layers = layers

    def __call__(self, x):
        for layer in self.layers:
            x = layer(x)
        return x


def mlp_classes(W1, b1, W2, b2, X, y):
    net = Sequential(Linear(W1, b1), Tanh(), Linear(W2, b2))
    p = softmax(net(X))
    return -np.mean(np.log(p[np.arange(len(y)), y]))


def mlp_params(params, X, y, reg=1e-2):
    """Parameters in a list of dicts."""
    h = X
    for layer in params[:-1]:
        h = np.tanh(h @ layer["W"] + layer["b"])
    out = (h @ params[-1]["W"] + params[-1]["b"])[:, 0]
    penalty = sum(np.sum(layer["W"] ** 2) for layer in params)
    return np.mean((out - y) ** 2) + reg * penalty


def sgd_momentum(lr, w0, X, y, steps=4):
    """The loss after training, as a function of the learning rate."""
    w = w0.copy()
    v = np.zeros_like(w)
    for _ in range(steps):
        grad = 2 * X.T @ (X @ w - y) / len(y)
        v *= 0.9
        v -= lr * grad
        w += v
    return np.mean((X @ w - y) ** 2)


def adam_dict(lr, X, y):
    params = {"w": np.zeros(X.shape[1]), "b": np.zeros(1)}
    m = {k: np.zeros_like(p) for k, p in params.items()}
    v = {k: np.zeros_like(p) for k, p in params.items()}
    for t in range(1, 4):
        r = X @ params["w"] + params["b"] - y
        grads = {"w": X.T @ r / len(y), "b": np.array([r.mean()])}
        for k in params:
            m[k] = 0.9 * m[k] + 0.1 * grads[k]
            v[k] = 0.99 * v[k] + 0.01 * grads[k] ** 2
            mh = m[k] / (1 - 0.9**t)
            vh = v[k] / (1 - 0.99**t)
            params[k] -= lr * mh / (np.sqrt(vh) + 1e-8)
    return np.sum((X @ params["w"] + params["b"] - y) ** 2)


LSTMState = namedtuple("LSTMState", ["h", "c"])  # noqa: PYI024  the older way is to be tried too


def lstm_cell(W, x, state):
    z = W @ np.concatenate([x, state.h])
    n = len(state.h)
    i, f, o, g = z[:n], z[n:2 * n], z[2 * n:3 * n], z[3 * n:]
    sig = lambda t: 1 / (1 + np.exp(-t))
    c = sig(f) * state.c + sig(i) * np.tanh(g)
    return LSTMState(sig(o) * np.tanh(c), c)


def lstm_loss(W, xs, n=3):
    state = LSTMState(np.zeros(n), np.zeros(n))
    loss = 0.0
    for t, x in enumerate(xs):
        state = lstm_cell(W, x, state)
        loss += np.sum((state.h - 0.1 * t) ** 2)
    return loss


def attention(Q, K, V, mask=None, heads=2):
    d = Q.shape[-1] // heads
    outs = []
    for h in range(heads):
        sl = slice(h * d, (h + 1) * d)
        scores = Q[:, sl] @ K[:, sl].T / np.sqrt(d)
        if mask is not None:
            scores = np.where(mask, scores, -1e9)
        outs.append(softmax(scores) @ V[:, sl])
    return np.concatenate(outs, axis=-1)


def causal_attention_loss(X, Wq, Wk, Wv):
    n = X.shape[0]
    mask = np.tril(np.ones((n, n), dtype=bool))
    Y = attention(X @ Wq, X @ Wk, X @ Wv, mask=mask)
    mu = Y.mean(axis=-1, keepdims=True)
    var = Y.var(axis=-1, keepdims=True)
    return np.sum(((Y - mu) / np.sqrt(var + 1e-5)) ** 3)


def conv2d(img, kernel, stride=1, pad=0):
    if pad:
        img = np.pad(img, pad)
    kh, kw = kernel.shape
    oh = (img.shape[0] - kh) // stride + 1
    ow = (img.shape[1] - kw) // stride + 1
    out = np.empty((oh, ow))
    for i in range(oh):
        for j in range(ow):
            out[i, j] = np.sum(img[i * stride:i * stride + kh, j * stride:j * stride + kw] * kernel)
    return out


def convnet(img, k1, k2):
    h = np.maximum(conv2d(img, k1, pad=1), 0.0)
    h = h[::2, ::2]
    h = conv2d(h, k2, stride=2)
    return np.sum(h**2)


class BatchNorm:
    momentum = 0.9

    def __init__(self, dim):
        self.gamma = np.ones(dim)
        self.beta = np.zeros(dim)
        self.mean = np.zeros(dim)
        self.var = np.ones(dim)

    def forward(self, x, train=True):
        if train:
            mu, var = x.mean(0), x.var(0)
            self.mean *= self.momentum
            self.mean += (1 - self.momentum) * mu
            self.var = self.momentum * self.var + (1 - self.momentum) * var
        else:
            mu, var = self.mean, self.var
        return self.gamma * (x - mu) / np.sqrt(var + 1e-5) + self.beta


def batchnorm_running(X):
    bn = BatchNorm(X.shape[1])
    for k in range(3):
        bn.forward(X * (1 + 0.1 * k))
    y = bn.forward(X, train=False)
    return np.sum(y[0] * y[1]) + bn.mean.sum()


@dataclass(frozen=True)
class GP:
    length: float
    variance: float
    noise: float = 0.1

    def kernel(self, a, b):
        d2 = (a[:, None] - b[None, :]) ** 2
        return self.variance * np.exp(-0.5 * d2 / self.length**2)

    def log_marginal(self, x, y):
        K = self.kernel(x, x) + self.noise**2 * np.eye(len(x))
        L = np.linalg.cholesky(K)
        alpha = np.linalg.solve(L.T, np.linalg.solve(L, y))
        return -0.5 * y @ alpha - np.sum(np.log(np.diag(L))) - 0.5 * len(x) * np.log(2 * np.pi)


def gp_objective(log_params, x, y):
    gp = GP(np.exp(log_params[0]), np.exp(log_params[1]), noise=np.exp(log_params[2]))
    return -gp.log_marginal(x, y)


def logistic_irls(X, y, lam):
    w = np.zeros(X.shape[1])
    for _ in range(4):
        p = 1.0 / (1.0 + np.exp(-X @ w))
        g = X.T @ (p - y) + lam * w
        H = X.T * (p * (1 - p)) @ X + lam * np.eye(len(w))
        step = np.linalg.solve(H, g)
        w = w - step
        if np.abs(step).max() < 1e-9:
            break
    return w @ w


def em_mixture(mu, x, iters=3):
    mu = np.array(mu)
    pi = np.full(len(mu), 1.0 / len(mu))
    for _ in range(iters):
        dens = np.stack([p * np.exp(-0.5 * (x - m) ** 2) for p, m in zip(pi, mu)])
        resp = dens / dens.sum(axis=0)
        nk = resp.sum(axis=1)
        mu = resp @ x / nk
        pi = nk / len(x)
    return -np.sum(np.log(np.sum(dens, axis=0)))


def polynomial_features(x, degree):
    return functools.reduce(lambda cols, k: cols + [cols[-1] * x], range(degree), [np.ones_like(x)])


def ridge_fit(x, y, lam):
    Phi = np.stack(polynomial_features(x, 3), axis=1)
    w = np.linalg.solve(Phi.T @ Phi + lam * np.eye(4), Phi.T @ y)
    return np.sum((Phi @ w - y) ** 2)
