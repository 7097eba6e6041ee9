"""Sets and counts of what carries no derivative."""

from __future__ import annotations

from collections import Counter

import numpy as np

from ..harness import case

W5 = np.array([1.0, 2.0, 0.5, 0.3, 0.7])


@case((W5,), second=True)
def loop_over_a_set(w):
    left = {0, 2}
    s = 0.0
    for u in left:
        s += w[u] * w[u]
    return s


@case((W5,), second=True)
def set_operations(w):
    left = set([0, 1, 2]) - {1}
    right = {3} | {1}
    return sum(w[u] * w[v] for u in left for v in right)


@case((W5,), second=True)
def frozenset_enumerated(w):
    s = 1.0
    for k, u in enumerate(frozenset(range(3))):
        s *= w[u] + k
    return s


@case((W5,), second=True)
def sets_of_texts(w):
    s = 1.0
    for k in ("x", "yy"):
        s *= w[len(k)]
    for c in set("abca"):
        s *= w[ord(c) - 97]
    return s


@case((W5,), second=True)
def set_that_grows(w):
    seen = set()
    s = 0.0
    for i in range(len(w)):
        seen.add(i % 3)
        if len(seen) > 2:
            s += w[i] * w[i]
    for i in seen:
        s += np.sin(w[i])
    for i in sorted(seen - {0}, reverse=True):
        s *= w[i]
    seen |= {4}
    for i in sorted(seen, key=lambda i: -i):
        s = s * 0.5 + w[i]
    return s


class Graph:
    def __init__(self, edges):
        self.visited = set()
        self.near = {}
        for a, b in edges:
            self.near.setdefault(a, set()).add(b)
            self.near.setdefault(b, set()).add(a)

    def walk(self, w, at):
        self.visited.add(at)
        total = w[at] * w[at]
        for other in self.near[at]:
            if other not in self.visited:
                total += w[at] * self.walk(w, other)
        return total


@case((W5,), second=True)
def set_in_an_attribute(w):
    return Graph([(0, 1), (1, 2), (2, 0), (1, 3)]).walk(w, 0)


@case((W5,), second=True)
def most_common(w):
    c = Counter("abcacdabc")
    s = 0.0
    for k, (ch, n) in enumerate(c.most_common(3)):
        s += w[k] * n * w[ord(ch) - 97]
    return s / sum(c.values())


@case((W5,), second=True)
def counter_updated(w):
    c = Counter()
    for x in [0, 1, 1, 2]:
        c[x] += 1
    c.update([2, 2])
    c.update(Counter([0]))
    m, n = c.most_common(1)[0]
    return w[m] * n + w[0] ** c[0]


def _sliced(pairs, n=None):
    found = sorted(pairs, key=lambda p: p[1], reverse=True)
    return found if n is None else found[:n]


@case((W5,), second=True)
def list_or_its_slice(w):
    s = 1.0
    for k, n in _sliced([(0, 3), (1, 5), (2, 4)], 2):
        s *= w[k] * n
    return s
