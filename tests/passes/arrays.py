"""Random programs that make, rebind, view, keep and write arrays: what the reuse of memory may get wrong."""

from __future__ import annotations

from random import Random

#: variables that hold an array of 5, a matrix of 5 x 5, and views of three elements
VECTORS, MATRICES, PARTS = ("u", "v", "w"), ("M", "N"), ("p", "q")
HEAD = """
import numpy as np


def scaled(a, k):
    return a * k


def itself(a, k):
    return a


def longer(a, k):
    b = a + k
    for _ in range(2):
        b = b * 0.5 + a
    return b


def f(x, A, k):
    u = np.sin(x)
    v = x
    w = x * k
    M = A
    N = A * 0.5
    p = x[1:4]
    q = u[1:4]
    s = 0.0
    kept = []
"""


class Arrays:
    """Writes one function `f(x, A, k)` of a vector of 5, a matrix of 5 x 5 and a number."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.lines: list[str] = []
        self.depth = 0

    def text(self) -> str:
        self.block(1, self.random.randint(4, 12))
        vectors = " + ".join(f"np.sum({v} * {c})" for v, c in zip((*VECTORS, *PARTS), (0.3, 0.7, 1.1, 0.2, 0.9)))
        matrices = " + ".join(f"np.sum({m} * {m})" for m in MATRICES)
        last = "    for y in kept:\n        s += np.sum(y * 0.4)"
        return HEAD + "\n".join([*self.lines, last, f"    return s + {vectors} + {matrices}"]) + "\n"

    def block(self, depth: int, count: int) -> None:
        for _ in range(count):
            self.statement(depth)

    def put(self, depth: int, text: str) -> None:
        self.lines.append("    " * depth + text)

    def one(self, *options: str) -> str:
        return self.random.choice(options)

    def vector(self, level: int = 0) -> str:
        if level > 2 or self.random.random() < 0.3:
            return self.one(*VECTORS, "x")
        a, b = self.vector(level + 1), self.vector(level + 1)
        return self.one(
            f"({a} + {b})", f"({a} - {b})", f"{a} * {b}", f"np.sin({a})", f"np.tanh({a})", f"-{a}", f"{a} / (2.0 + {b} * {b})",
            f"0.5 * {a}", f"({a} - 1.0)", f"k * {a}", f"np.maximum({a}, {b})", f"np.where({a} > 0.1, {a}, {b})",
            f"{self.one(*MATRICES)} @ {a} * 0.2", f"({a}) ** 2", f"{self.one('scaled', 'itself', 'longer')}({a}, k)",
            f"np.sum({self.one(*MATRICES)}, axis=0) * 0.1", "np.zeros(5)",
            f"({a})[::-1]", f"1.0 / (1.5 + np.tanh({a}))", f"({a}).copy()",
        )  # fmt: skip

    def matrix(self, level: int = 0) -> str:
        if level > 1 or self.random.random() < 0.3:
            return self.one(*MATRICES, "A")
        a, b, v, w = self.matrix(level + 1), self.matrix(level + 1), self.one(*VECTORS), self.one(*VECTORS)
        return self.one(
            f"({a} + {b})", f"{a} * {b}", f"np.cos({a})", f"{a}.T", f"{a} @ {b} * 0.2", f"{a} * {v}", f"0.5 * {a}",
            f"np.outer({v}, {w})", f"-{a}", f"({a} - {v}[:, None])", f"{a}.copy()",
        )  # fmt: skip

    def part(self) -> str:
        a, b = self.one(*PARTS), self.one(*PARTS)
        v = self.one(*VECTORS)
        return self.one(f"{v}[1:4]", f"{a} * {b}", f"np.sin({a})", f"{v}[::2]", f"{a} - {b}", f"{a}[::-1]")

    def statement(self, depth: int) -> None:
        roll = self.random.random()
        if roll < 0.34:
            self.put(depth, f"{self.one(*VECTORS)} = {self.vector()}")
        elif roll < 0.44:
            self.put(depth, f"{self.one(*MATRICES)} = {self.matrix()}")
        elif roll < 0.52:
            self.put(depth, f"{self.one(*PARTS)} = {self.part()}")
        elif roll < 0.58:
            name = self.one("u", "w")
            self.put(depth, f"{name} = {name}.copy()")
            self.put(depth, f"{name} {self.one('+=', '*=', '-=')} {self.vector(1)}")
        elif roll < 0.64:
            name = self.one(*VECTORS)
            self.put(depth, f"{name} = {name} * 1.0")
            place, value = self.one("0", "1:", ":-1", "::2", "2"), self.one("0.5", "k", "s * 0.01", f"{name}[0]")
            self.put(depth, f"{name}[{place}] = {value}")
        elif roll < 0.70:
            self.put(depth, f"s = s * 0.5 + np.sum({self.vector(1)})")
        elif roll < 0.75:
            self.put(depth, f"kept.append({self.one(*VECTORS, self.vector(1))})")
        elif roll < 0.80:
            self.put(depth, f"{self.one(*VECTORS)} = {self.one(*VECTORS)}")
        elif roll < 0.84 and depth > 1:
            self.put(depth, f"u, v = v, {self.vector(1)}")
        elif depth < 3:
            self.branch(depth)

    def branch(self, depth: int) -> None:
        form = self.random.random()
        if form < 0.5:
            self.put(depth, f"for i{depth} in range({self.one('3', '2', '0')}):")
            self.block(depth + 1, self.random.randint(1, 4))
            if self.random.random() < 0.2:
                self.put(depth + 1, f"if np.sum({self.one(*VECTORS)}) > 1.5:")
                self.put(depth + 2, self.one("break", "continue"))
        elif form < 0.85:
            self.put(depth, f"if np.sum({self.one(*VECTORS)}) > {self.one('0.2', '-1.0')}:")
            self.block(depth + 1, self.random.randint(1, 3))
            if self.random.random() < 0.6:
                self.put(depth, "else:")
                self.block(depth + 1, self.random.randint(1, 3))
        else:
            self.put(depth, f"t{depth} = 0")
            self.put(depth, f"while t{depth} < {self.one('2', '3')}:")
            self.put(depth + 1, f"t{depth} += 1")
            self.block(depth + 1, self.random.randint(1, 3))
