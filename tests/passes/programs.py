"""Random programs full of exits: nested loops and ifs, break, continue, return, for-else, late variables."""

from __future__ import annotations

import importlib.util
import itertools
from pathlib import Path
from random import Random
from types import FunctionType

VARIABLES = ("a", "b", "c", "u", "v")
_COUNT = itertools.count()


class Program:
    """Writes one function `f(a, b, k)`; `k` is fuel for the while loops. u, v and c are bound late or never.

    With `arrays` it is `f(a, b, k, p)`, which writes and reads the array p and local ones.
    """

    def __init__(self, random: Random, raises: bool = True, results: int = 1, arrays: bool = False) -> None:
        self.random = random
        self.raises = raises
        self.results = results
        self.arrays = ("p", "q", "r", "w") if arrays else ()
        self.lines = ["import numpy as np", "def f(a, b, k, p):" if arrays else "def f(a, b, k):"]
        self.loops = 0
        self.assigned = ["a", "b"]  # somewhere before in the text: perhaps not on this path

    def text(self) -> str:
        if self.random.random() < 0.7:
            self.put(1, "c = 0")
            self.assigned.append("c")
        if self.arrays:
            self.lines += ["    q = np.zeros(3, int)", "    r = np.ones(4, int)", "    w = r[1:]"]
        self.block(1, 0, False, 6)
        self.put(1, self.returned())
        return "\n".join(self.lines) + "\n"

    def put(self, depth: int, text: str) -> None:
        self.lines.append("    " * depth + text)

    def atom(self) -> str:
        if self.arrays and self.random.random() < 0.15:
            return self.element()
        return self.random.choice((*self.assigned, "a", "b", "k", "1", "2", "7"))

    def element(self) -> str:
        return f"{self.random.choice(self.arrays)}[{self.random.choice(('0', '1', '2', 'a % 3'))}]"

    def expr(self) -> str:
        if self.random.random() < 0.2:
            form = self.random.choice(("{} * 1", "0 + {}", "-(-{})", "{} - (-{})", "-({} - {})", "-1 * {}", "0 - {}"))
            return f"({form.format(self.atom(), self.atom())}) % 13"
        op = self.random.choice(("+", "-", "*"))
        return f"({self.atom()} {op} {self.atom()}) % 13"

    def condition(self) -> str:
        test = f"{self.atom()} {self.random.choice(('<', '>', '=='))} {self.random.choice(('a', 'b', '3', '5'))}"
        if self.random.random() < 0.15:
            test += f" {self.random.choice(('and', 'or'))} {self.atom()} > 4"
        return test

    def returned(self) -> str:
        return "return " + ", ".join(self.atom() for _ in range(self.results))

    def block(self, depth: int, level: int, loop: bool, size: int) -> None:
        for _ in range(self.random.randint(1, size)):
            if self.statement(depth, level, loop):
                return

    def statement(self, depth: int, level: int, loop: bool) -> bool:
        """One statement; whether it is an exit."""
        kinds = ["assign"] * 4 + ["store"] * 3 * bool(self.arrays)
        if level < 4:
            kinds += ["if"] * 4 + ["for", "while", "forever"]
        if level:
            kinds += ["return"] + ["break", "continue"] * loop + ["raise"] * self.raises
        kind = self.random.choice(kinds)
        if kind == "assign":
            name = self.random.choice(VARIABLES)
            self.put(depth, f"{name} = {self.expr()}")
            self.assigned.append(name)
        elif kind == "store":
            self.put(depth, f"{self.element()} = {self.expr()}")
        elif kind in ("break", "continue"):
            self.put(depth, kind)
        elif kind in ("return", "raise"):
            self.put(depth, self.returned() if kind == "return" else "raise ValueError")
        else:
            getattr(self, f"{kind}_")(depth, level, loop)
        return kind in ("break", "continue", "return", "raise")

    def if_(self, depth: int, level: int, loop: bool) -> None:
        self.put(depth, f"if {self.condition()}:")
        self.block(depth + 1, level + 1, loop, 3)
        if self.random.random() < 0.4:
            self.put(depth, "else:")
            self.block(depth + 1, level + 1, loop, 3)

    def orelse(self, depth: int, level: int, loop: bool) -> None:
        if self.random.random() < 0.35:
            self.put(depth, "else:")
            self.block(depth + 1, level + 1, loop, 2)

    def for_(self, depth: int, level: int, loop: bool) -> None:
        self.loops += 1
        space = self.random.choice((f"range({self.expr()} % 4)", "range(a % 3, 4)", "reversed(range(3))"))
        self.put(depth, f"for i{self.loops} in {space}:")
        self.block(depth + 1, level + 1, True, 4)
        self.orelse(depth, level, loop)

    def while_(self, depth: int, level: int, loop: bool) -> None:
        self.put(depth, f"while k > 0 and {self.atom()} < 9:" if self.random.random() < 0.5 else "while k > 0:")
        self.put(depth + 1, "k = k - 1")
        self.block(depth + 1, level + 1, True, 4)
        self.orelse(depth, level, loop)

    def forever_(self, depth: int, level: int, loop: bool) -> None:
        self.put(depth, "while True:")
        self.put(depth + 1, "k = k - 1")
        self.put(depth + 1, "if k < 0:")
        self.put(depth + 2, self.random.choice(("break", self.returned())))
        self.block(depth + 1, level + 1, True, 4)


def make(text: str, folder: Path) -> FunctionType:
    """The function `f` of a text, from a file so that its source is found."""
    path = folder / f"program_{next(_COUNT)}.py"
    path.write_text(text)
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.f


def outcome(run, *args):
    """The result of a call, or the type of what it raises."""
    try:
        return run(*args)
    except (ValueError, UnboundLocalError) as err:
        return type(err)
