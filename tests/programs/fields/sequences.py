"""Hidden states, alignments, grammars, trees."""

import math
from dataclasses import dataclass
from typing import List, Optional

import numpy as np


def logsumexp(a, axis=None):
    m = np.max(a, axis=axis, keepdims=True)
    s = np.log(np.sum(np.exp(a - m), axis=axis, keepdims=True)) + m
    return np.squeeze(s, axis=axis) if axis is not None else s.item()


def hmm_forward(log_A, log_B, log_pi, obs):
    alpha = log_pi + log_B[:, obs[0]]
    for o in obs[1:]:
        alpha = logsumexp(alpha[:, None] + log_A, axis=0) + log_B[:, o]
    return logsumexp(alpha, axis=0)


def hmm_nll(A, B, obs):
    A = np.exp(A) / np.exp(A).sum(axis=1, keepdims=True)
    B = np.exp(B) / np.exp(B).sum(axis=1, keepdims=True)
    n = A.shape[0]
    return -hmm_forward(np.log(A), np.log(B), np.log(np.ones(n) / n), obs)


def baum_welch_expectation(A, B, pi, obs):
    """Scaled forward-backward with preallocated tables."""
    T, N = len(obs), len(pi)
    alpha = np.zeros((T, N))
    beta = np.ones((T, N))
    scale = np.zeros(T)
    alpha[0] = pi * B[:, obs[0]]
    scale[0] = alpha[0].sum()
    alpha[0] /= scale[0]
    for t in range(1, T):
        for j in range(N):
            alpha[t, j] = (alpha[t - 1] * A[:, j]).sum() * B[j, obs[t]]
        scale[t] = alpha[t].sum()
        alpha[t] /= scale[t]
    for t in range(T - 2, -1, -1):
        beta[t] = A @ (B[:, obs[t + 1]] * beta[t + 1]) / scale[t + 1]
    gamma = alpha * beta
    return np.sum(gamma[:, 0] ** 2) + np.log(scale).sum()


def viterbi_score(log_A, log_B, obs):
    n = log_A.shape[0]
    score = log_B[:, obs[0]].copy()
    back = np.zeros((len(obs), n), dtype=int)
    for t in range(1, len(obs)):
        new = np.empty(n)
        for j in range(n):
            cand = score + log_A[:, j]
            best = int(np.argmax(cand))
            back[t, j] = best
            new[j] = cand[best] + log_B[j, obs[t]]
        score = new
    path = [int(np.argmax(score))]
    for t in range(len(obs) - 1, 0, -1):
        path.append(back[t, path[-1]])
    return score.max() + 0.1 * sum(log_B[s, o] for s, o in zip(path[::-1], obs))


def dtw(a, b):
    n, m = len(a), len(b)
    D = np.full((n + 1, m + 1), np.inf)
    D[0, 0] = 0.0
    for i in range(1, n + 1):
        for j in range(1, m + 1):
            cost = (a[i - 1] - b[j - 1]) ** 2
            D[i, j] = cost + min(D[i - 1, j], D[i, j - 1], D[i - 1, j - 1])
    return D[n, m]


def soft_alignment(gap, match, s, t):
    """Needleman-Wunsch with a soft maximum, strings as data."""

    def softmax3(x, y, z):
        m = max(x, y, z)
        return m + math.log(math.exp(x - m) + math.exp(y - m) + math.exp(z - m))

    prev = [-gap * j for j in range(len(t) + 1)]
    for i, a in enumerate(s, start=1):
        row = [-gap * i]
        for j, b in enumerate(t, start=1):
            w = match if a == b else -1.0
            row.append(softmax3(prev[j - 1] + w, prev[j] - gap, row[j - 1] - gap))
        prev = row
    return prev[-1]


def ctc_loss(logits, labels, blank=0):
    """Connectionist temporal classification by the forward algorithm."""
    ext = [blank]
    for l in labels:
        ext += [l, blank]
    logp = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
    T, S = logits.shape[0], len(ext)
    alpha = np.full((T, S), -1e30)
    alpha[0, 0] = logp[0, ext[0]]
    alpha[0, 1] = logp[0, ext[1]]
    for t in range(1, T):
        for s in range(S):
            cands = [alpha[t - 1, s]]
            if s > 0:
                cands.append(alpha[t - 1, s - 1])
            if s > 1 and ext[s] != blank and ext[s] != ext[s - 2]:
                cands.append(alpha[t - 1, s - 2])
            m = max(cands)
            alpha[t, s] = m + np.log(sum(np.exp(c - m) for c in cands)) + logp[t, ext[s]]
    return -np.logaddexp(alpha[-1, -1], alpha[-1, -2])


def inside_algorithm(rule_w, words):
    """CKY with a chart in a dict."""
    grammar = {"S": [("A", "B", 0), ("B", "A", 1)], "A": [("A", "A", 2)], "B": [("A", "B", 3)]}
    lexicon = {"a": {"A": 0.7, "B": 0.1}, "b": {"B": 0.9, "A": 0.2}}
    n = len(words)
    chart = {}
    for i, w in enumerate(words):
        for sym, p in lexicon[w].items():
            chart[i, i + 1, sym] = p
    for span in range(2, n + 1):
        for i in range(n - span + 1):
            j = i + span
            for lhs, rules in grammar.items():
                total = 0.0
                for left, right, r in rules:
                    for k in range(i + 1, j):
                        total += rule_w[r] * chart.get((i, k, left), 0.0) * chart.get((k, j, right), 0.0)
                if total != 0.0:
                    chart[i, j, lhs] = total
    return chart[0, n, "S"]


@dataclass
class Node:
    value: float
    left: Optional["Node"] = None
    right: Optional["Node"] = None


def tree_energy(node, depth=0):
    if node is None:
        return 0.0
    here = node.value**2 / (1 + depth)
    return here + tree_energy(node.left, depth + 1) * math.tanh(node.value) + tree_energy(node.right, depth + 1)


def tree_total(a, b, c):
    root = Node(a, Node(b, None, Node(c * a)), Node(c))
    return tree_energy(root)


def evaluate(expr, env):
    """Expression trees as nested tuples."""
    op, *args = expr
    if op == "const":
        return args[0]
    if op == "var":
        return env[args[0]]
    vals = [evaluate(a, env) for a in args]
    if op == "+":
        return vals[0] + vals[1]
    if op == "*":
        return vals[0] * vals[1]
    if op == "sin":
        return math.sin(vals[0])
    raise ValueError(f"unknown {op}")


def formula(x, y):
    tree = ("+", ("*", ("var", "x"), ("sin", ("var", "y"))), ("*", ("const", 2.0), ("var", "x")))
    return evaluate(tree, {"x": x, "y": y})


def pruning(branch, kappa, leaves):
    """Felsenstein's pruning on a fixed tree, as nested lists of leaf numbers."""
    Q = np.ones((4, 4))
    Q[0, 2] = Q[2, 0] = Q[1, 3] = Q[3, 1] = kappa
    Q = Q - np.diag(Q.sum(axis=1))
    used = 0

    def partial(node):
        nonlocal used
        if isinstance(node, int):
            lik = np.zeros(4)
            lik[leaves[node]] = 1.0
            return lik
        out = np.ones(4)
        for child in node:
            t = branch[used]
            used += 1
            below = partial(child)
            P = np.eye(4) + Q * t + Q @ Q * t**2 / 2 + Q @ Q @ Q * t**3 / 6
            out *= P @ below
        return out

    return np.log(0.25 * partial([[0, 1], [2, 3]]).sum())


class LinkedList:
    def __init__(self):
        self.head = None
        self.size = 0

    def push(self, v):
        self.head = Cell(v, self.head)
        self.size += 1

    def __iter__(self):
        cell = self.head
        while cell is not None:
            yield cell.v
            cell = cell.next


class Cell:
    def __init__(self, v, next):
        self.v = v
        self.next = next


def linked_sum(xs):
    lst = LinkedList()
    for x in xs:
        lst.push(x * x)
    total = 0.0
    for k, v in enumerate(lst):
        total += v / (k + 1)
    return total


def union(xs: List[float], groups):
    sums = {}
    for x, g in zip(xs, groups):
        sums.setdefault(g, []).append(x)
    return sum(math.prod(v) for v in sums.values())
