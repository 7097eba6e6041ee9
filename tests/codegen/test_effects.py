# ruff: noqa: E501
"""Random programs on arrays and lists that overlap and are written by calls: the order of effects is kept."""

from __future__ import annotations

import random

import numpy as np
import pytest

from diffsrc.codegen.module import Options, module_text
from diffsrc.frontend.lower import lower_function
from diffsrc.source import register_generated

from .test_round_trip import compiled, outcome, same


def bump(z, k):
    """Writes its argument and reads it."""
    z[k] = z[k] * 0.5 + 1.0
    return z[0] - z[k]


def total(*values):
    return sum(float(np.sum(v)) for v in values)


class Effects:
    def __init__(self, seed: int) -> None:
        self.r = random.Random(seed)

    def array(self) -> str:
        return self.r.choice(["a", "b", "v"])

    def place(self) -> str:
        return f"{self.array()}[{self.r.choice(['0', '1', 'i', 'i - 1', '-1'])}]"

    def scalar(self, depth: int) -> str:
        kind = self.r.randrange(8 if depth else 3)
        s = lambda: self.scalar(depth - 1)
        match kind:
            case 0:
                return str(self.r.randint(-2, 3))
            case 1:
                return self.r.choice(["x", "y"])
            case 2 | 3:
                return self.place()
            case 4 | 5:
                return f"({s()} {self.r.choice('+-*')} {s()})"
            case 6:
                return f"bump({self.array()}, {self.r.choice(['0', '1', 'i'])})"
        return f"({s()} if {s()} < {s()} else {s()})"

    def statement(self, pad: str) -> list[str]:
        s = self.scalar
        match self.r.randrange(12):
            case 0 | 1:
                return [f"{pad}{self.place()} = {s(2)}"]
            case 2 | 3:
                return [f"{pad}{self.place()} {self.r.choice('+-*')}= {s(2)}"]
            case 4:
                return [f"{pad}{self.r.choice('xy')} = {s(2)}"]
            case 5:
                return [f"{pad}{self.array()}, {self.array()} = {self.array()}, {self.array()}"]
            case 6:
                return [f"{pad}{self.place()}, {self.place()} = {s(1)}, {s(1)}"]
            case 7:
                return [f"{pad}{self.array()}[1:] {self.r.choice('+-')}= {self.array()}[:-1] * {s(1)}"]
            case 8:
                return [
                    f"{pad}xs.append({s(2)})",
                    f"{pad}{self.r.choice('xy')} = xs.pop(0) - {s(1)} * len(xs)",
                ]
            case 9:
                return [f"{pad}{self.array()} += {self.array()}[::-1]"]
            case 10 if len(pad) < 12:
                return [
                    f"{pad}for i in range(1, 3):",
                    *self.statement(pad + "    "),
                    *self.statement(pad + "    "),
                ]
        return [f"{pad}if {s(1)} > {s(1)}:", *self.statement(pad + "    ")] if len(pad) < 12 else [f"{pad}pass"]

    def program(self) -> str:
        lines = [line for _ in range(self.r.randint(3, 9)) for line in self.statement("    ")]
        head = ["def f(a, b, x, xs):", "    y = x * 2.0", "    i = 1", "    v = a[1:5]"]
        return "\n".join([*head, *lines, "    return total(a, b, v), x, y, i, xs", ""])


def check(seed: int) -> None:
    text, name = Effects(seed).program(), f"<effects {seed}>"
    register_generated(name, text)
    space = {"bump": bump, "total": total}
    exec(compile(text, name, "exec"), space)
    func = lower_function(space["f"])
    a = np.linspace(0.1, 0.9, 6)
    for width in (40, 88, 200):
        made = module_text([func], options=Options(width=width))
        again = compiled(made.text, made.names, "f")
        for b in (np.linspace(-1.0, 1.0, 5), a[1:]):
            args = (a.copy(), b if b.base is None else a.copy()[1:], 0.7, [1.0])
            with np.errstate(all="ignore"):
                assert same(outcome(space["f"], args), outcome(again, args)), f"{text}\n{made.text}"


@pytest.mark.parametrize("group", range(4))
def test_random_effects(group: int) -> None:
    for seed in range(group * 60, group * 60 + 60):
        check(seed)
