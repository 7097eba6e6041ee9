"""Random programs over memory that containers and objects hold: every statement is drawn from a table.

Arrays stand under names, in a list, a dict, a stack and in the attributes of objects that a second list holds. Statements write
them in place, replace and swap what the slots hold, and call functions and methods that do so. So most arrays are reached by
several ways, and which one is meant is known only at run time.
"""

from __future__ import annotations

import random

HEAD = '''
import numpy as np


class Box:
    def __init__(self, u, v):
        self.u = u
        self.v = v
        self.t = 0.5
        self.log = []

    def scale(self, c):
        self.u *= c
        self.t += self.u[0]

    def keep(self, w):
        self.v = w

    def swap(self):
        self.u, self.v = self.v, self.u

    def renew(self):
        self.u = np.sin(self.u) * self.v

    def note(self):
        self.log.append(self.u.copy())


def put(ws, i, w):
    ws[i] = w


def scale(w, c):
    w *= c
    return w[0]


def rotate(ws):
    ws[0], ws[1], ws[2] = ws[1], ws[2], ws[0]


def pick(ws, i):
    return ws[i]


def make(w, k):
    new = w * k
    new[0] = w[1]
    return Box(new, w)


def pair_of(a, b):
    c = a + 0.1
    c[1] *= b[0]
    return [c, b]


def program(x, y):
    a = x * 1.0
    b = y * 1.0
    ws = [a, b, x * y]
    d = {"p": x + y, "q": a}
    o = Box(x * 0.5, y * 0.5)
    other = Box(b, x * 2.0)
    boxes = [o, other]
    stack = [x * 0.3]
    s = 0.0
'''

TAIL = """
    ends = a.sum() * b[0] + ws[0].sum() + ws[1][1] * ws[2][2] + d["p"].sum() + stack[0][0] + boxes[0].u[2]
    return s + ends + o.u.sum() * o.t + other.v[0] + sum([h.sum() for h in o.log])
"""

ARRAYS = ("a", "b", "ws[{i}]", "d['p']", "d['q']", "o.u", "o.v", "other.u", "other.v", "boxes[{k}].u")
NEW = ("np.sin({A})", "{A} * x", "{A} * 0.5 + y", "x * y", "np.cos({A} * {A})", "{A}.copy()")
NUMBERS = ("{A}[{n}]", "o.t", "1.1", "0.7", "np.tanh({A}.sum())")
STATEMENTS = (
    "{A} = {E}", "{A} = {A}", "{A}[{n}] = {N}", "{A}[{n}] = {N}", "{A} *= np.cos({N})", "{A} *= np.cos({N})",
    "{A}[:] = np.sin({A}) * x", "{A}, {B} = {B}, {A}", "o.scale(np.cos({N}))", "o.keep({A})", "o.swap()", "o.renew()",
    "o.note()", "other.scale(np.sin({N}))", "other.keep({A})", "other.swap()", "put(ws, {n}, {A})",
    "s += scale({A}, np.cos({N}))", "rotate(ws)", "a = pick(ws, {n})", "b = pick(ws, {n})", "other = o",
    "other = Box({A}, {E})", "other = boxes[{k}]", "boxes[{k}] = o", "boxes[{k}] = other", "s += np.sin({A}).sum()",
    "o = make({A}, 1.2)", "o.u = pair_of({A}, {A})[0]", "d['p'], d['q'] = d['q'], d['p']", "stack.append({A})",
    "for w in ws:\n    w *= np.cos(w[{n}])", "if len(stack) > 1:\n    b = stack.pop()\n    b[0] *= 1.3", "LOOP", "LOOP", "IF",
    "IF",
)  # fmt: skip
#: what fills the holes of a form, outermost first
HOLES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("{E}", NEW), ("{N}", NUMBERS), ("{A}", ARRAYS), ("{i}", ("0", "1", "2", "-1")), ("{k}", ("0", "1")),
    ("{n}", ("0", "1", "2")),
)  # fmt: skip


class Draw:
    """One random program."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.depth = 0

    def program(self) -> str:
        lines = [line for _ in range(self.random.randrange(3, 9)) for line in self.statement()]
        return HEAD + "\n".join("    " + line for line in lines) + TAIL

    def statement(self) -> list[str]:
        form = self.random.choice(STATEMENTS)
        if form not in ("LOOP", "IF"):
            return self.filled(form).split("\n")
        if self.depth == 2:
            return [self.filled("s += {N}")]
        head = self.filled("if {N} > 0.1:")
        if form == "LOOP":
            head = f"for {'ij'[self.depth]} in range({self.random.randrange(1, 4)}):"
        self.depth += 1
        body = [line for _ in range(self.random.randrange(1, 4)) for line in self.statement()]
        self.depth -= 1
        return [head, *("    " + line for line in body)]

    def filled(self, form: str) -> str:
        """A form with its holes filled; `{B}` stands for one array throughout, and `{A}` beside it too."""
        if "{B}" in form:
            form = form.replace("{B}", self.filled("{A}")).replace("{A}", self.filled("{A}"))
        for hole, choices in HOLES:
            while hole in form:
                form = form.replace(hole, self.random.choice(choices), 1)
        return form
