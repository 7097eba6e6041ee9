"""Models of words, trees of decisions, layers looked up by name."""

from __future__ import annotations

import math
import random
from collections import Counter
from itertools import pairwise
from typing import Callable, Dict

import numpy as np


def sigmoid(x):
    return 1.0 / (1.0 + np.exp(-x))


def word2vec_sgns(emb_in, emb_out, corpus="the cat sat on the mat the cat", window=1, seed=3):
    tokens = corpus.split()
    vocab = {w: i for i, w in enumerate(sorted(set(tokens)))}
    rnd = random.Random(seed)
    loss = 0.0
    for pos, word in enumerate(tokens):
        lo, hi = max(0, pos - window), min(len(tokens), pos + window + 1)
        for ctx in range(lo, hi):
            if ctx == pos:
                continue
            c, o = vocab[word], vocab[tokens[ctx]]
            loss -= np.log(sigmoid(emb_in[c] @ emb_out[o]))
            neg = rnd.randrange(len(vocab))
            loss -= np.log(sigmoid(-emb_in[c] @ emb_out[neg]))
    return loss / len(tokens)


def bigram_lm(alpha, lam, text="abracadabra"):
    uni = Counter(text)
    bi = Counter(zip(text, text[1:]))
    V = len(uni)
    total = sum(uni.values())
    ll = 0.0
    for a, b in pairwise(text):
        p1 = (uni[b] + alpha) / (total + alpha * V)
        p2 = (bi[(a, b)] + alpha) / (uni[a] + alpha * V)
        ll += math.log(lam * p2 + (1 - lam) * p1)
    return -ll / (len(text) - 1)


def soft_tree(weights, leaves, x):
    """A soft decision tree of depth 2, nodes as a heap."""
    def prob(node, path):
        if node >= len(weights):
            return path * leaves[node - len(weights)]
        g = 1 / (1 + math.exp(-weights[node] @ x))
        return prob(2 * node + 1, path * g) + prob(2 * node + 2, path * (1 - g))
    return prob(0, 1.0)


class Registry:
    _fns: Dict[str, Callable] = {}
    @classmethod
    def register(cls, name):
        def deco(f):
            cls._fns[name] = f
            return f
        return deco
    @classmethod
    def get(cls, name):
        return cls._fns[name]


@Registry.register("mse")
def _mse(a, b):
    return np.mean((a - b) ** 2)


@Registry.register("huber")
def _huber(a, b, delta=0.5):
    d = np.abs(a - b)
    return np.where(d < delta, 0.5 * d**2, delta * (d - 0.5 * delta)).mean()


def registry_loss(w, X, y):
    total = 0.0
    for name, weight in [("mse", 1.0), ("huber", 2.0)]:
        total += weight * Registry.get(name)(X @ w, y)
    return total


def conv1d_pool(x, kernels, stride=2):
    feats = []
    for k in kernels:
        c = np.array([x[i : i + len(k)] @ k for i in range(0, len(x) - len(k) + 1)])
        c = np.maximum(c, 0.01 * c)
        pooled = [c[i : i + stride].max() for i in range(0, len(c) - stride + 1, stride)]
        feats.append(pooled)
    F = np.array(feats)
    return np.tanh(F).sum()
