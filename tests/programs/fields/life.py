"""Phylogeny, alignment, chemistry, growth."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass, field
from typing import List, Optional

import numpy as np


@dataclass
class Branch:
    length: float
    child: "Tree"


@dataclass
class Tree:
    seq: Optional[str] = None
    branches: List[Branch] = field(default_factory=list)


def jc_matrix(t):
    same = 0.25 + 0.75 * math.exp(-4 * t / 3)
    diff = 0.25 - 0.25 * math.exp(-4 * t / 3)
    return np.full((4, 4), diff) + (same - diff) * np.eye(4)


def partials(tree, site):
    if tree.seq is not None:
        out = np.zeros(4)
        out["ACGT".index(tree.seq[site])] = 1.0
        return out
    out = np.ones(4)
    for b in tree.branches:
        out = out * (jc_matrix(b.length) @ partials(b.child, site))
    return out


def felsenstein(t1, t2, t3, t4):
    inner = Tree(branches=[Branch(t1, Tree("ACG")), Branch(t2, Tree("ACT"))])
    root = Tree(branches=[Branch(t3, inner), Branch(t4, Tree("AGT"))])
    return sum(math.log(0.25 * partials(root, s).sum()) for s in range(3))


def needleman(match, mismatch, gap, a="GATT", b="GCAT"):
    score = {(0, 0): 0.0}
    trace = {}
    for i in range(1, len(a) + 1):
        score[i, 0] = score[i - 1, 0] + gap
    for j in range(1, len(b) + 1):
        score[0, j] = score[0, j - 1] + gap
    for i, ca in enumerate(a, 1):
        for j, cb in enumerate(b, 1):
            options = [
                (score[i - 1, j - 1] + (match if ca == cb else mismatch), "D"),
                (score[i - 1, j] + gap, "U"),
                (score[i, j - 1] + gap, "L"),
            ]
            score[i, j], trace[i, j] = max(options)
    i, j = len(a), len(b)
    path = []
    while (i, j) in trace:
        step = trace[i, j]
        path.append(step)
        if step in "DU":
            i -= 1
        if step in "DL":
            j -= 1
    return score[len(a), len(b)] + 0.01 * len(path)


ELEMENTS = {"H": 1.008, "C": 12.011, "O": 15.999}


def parse_formula(text):
    counts, i = defaultdict(int), 0
    while i < len(text):
        el = text[i]
        i += 1
        digits = ""
        while i < len(text) and text[i].isdigit():
            digits += text[i]
            i += 1
        counts[el] += int(digits) if digits else 1
    return dict(counts)


def molar_concentration(mass, volume, scale, formula="C6H12O6"):
    atoms = parse_formula(formula)
    weight = sum(n * ELEMENTS[el] * (scale if el == "O" else 1.0) for el, n in atoms.items())
    return math.log(mass / weight / volume)


def rbc_value_iteration(beta, alpha, n=4):
    grid = [0.5 + 0.25 * i for i in range(n)]
    V = dict.fromkeys(grid, 0.0)
    policy = {}
    for it in range(4):
        new = {}
        for k in grid:
            best = -math.inf
            for kp in grid:
                c = k**alpha + 0.5 * k - kp
                if c <= 0:
                    continue
                val = math.log(c) + beta * V[kp]
                if val > best:
                    best, policy[k] = val, kp
            new[k] = best
        V = new
    return sum(V.values()) + 0.0 * len(policy)
