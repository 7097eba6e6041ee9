"""Random programs: typed Python functions as source text, with arguments to call them with.

`generate(seed)` is deterministic. A program is made statement by statement against an environment that maps each name to
its type (`Ty`: a kind, and the shape of arrays), so that it runs without an exception for almost all arguments; values are
kept bounded. `Program.used` names the constructs that a program has.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .kinds import Box, Pair, Seal
from .more import More
from .typed import Env, Ty, array, indent

HEAD = """import functools
import itertools
import math
import operator
import numpy as np
from tests.properties.kinds import Box, Pair, Seal, Unit
STATE = np.array([0.5, -0.25, 0.75, 0.125])
LOG = [0.0]
RATE = 0.375
"""


@dataclass(frozen=True)
class Program:
    """Source text that defines `f`, and several tuples of arguments."""

    source: str
    points: tuple[tuple[Any, ...], ...]
    used: frozenset[str] = field(default_factory=frozenset)


#: parameters: name, type, what makes an argument
PARAMS: tuple[tuple[str, Ty, Callable[[np.random.Generator], Any]], ...] = (
    ("x", array(4), lambda r: r.uniform(-1.5, 1.5, 4)),
    ("y", array(4), lambda r: r.uniform(0.2, 1.5, 4)),
    ("z", array(3), lambda r: r.uniform(-1.5, 1.5, 3)),
    ("A", array(3, 4), lambda r: r.uniform(-1.5, 1.5, (3, 4))),
    ("B", array(3, 4), lambda r: r.uniform(-1.0, 1.0, (3, 4))),
    ("C", array(3, 3), lambda r: r.uniform(-1.0, 1.0, (3, 3))),
    ("o", array(1), lambda r: r.uniform(-1.0, 1.0, 1)),
    ("q", array(3, 1), lambda r: r.uniform(-1.0, 1.0, (3, 1))),
    ("s", Ty("f"), lambda r: float(r.uniform(-1.5, 1.5))),
    ("t", Ty("f"), lambda r: float(r.uniform(0.1, 1.5))),
    ("n", Ty("n"), lambda r: int(r.integers(1, 4))),
    ("flag", Ty("b"), lambda r: bool(r.integers(0, 2))),
    ("xs", Ty("L", low=3), lambda r: [float(v) for v in r.uniform(-1.2, 1.2, 3)]),
    ("vs", Ty("LA", (4,), low=2), lambda r: [r.uniform(-1.2, 1.2, 4) for _ in range(2)]),
    ("d", Ty("D"), lambda r: {"k": float(r.uniform(-1, 1)), "v": r.uniform(-1.2, 1.2, 4)}),
    ("p", Ty("S"), lambda r: Pair(float(r.uniform(-1, 1)), r.uniform(-1.2, 1.2, 4))),
    ("m", Ty("S", low=1), lambda r: Box(float(r.uniform(-1, 1)), r.uniform(-1.2, 1.2, 4))),
    ("e", Ty("S"), lambda r: Seal(float(r.uniform(-1, 1)), r.uniform(-1.2, 1.2, 4))),
)  # fmt: skip
_BY_NAME = {name: (kind, make) for name, kind, make in PARAMS}


class Maker(More):
    """The statements of a function."""

    def __init__(self, rng: random.Random) -> None:
        super().__init__(rng)
        self.loops = 0
        self.walked: set[str] = set()  # lists that a loop runs over: these don't grow
        self.kinds: list[tuple[float, Callable[[int], list[str] | None]]] = [
            (6, self.assign_number), (7, self.assign_array), (3, self.augment_number), (5, self.augment_array),
            (6, self.store_element), (5, self.store_part), (4, self.take_view), (2, self.second_name),
            (2, self.chosen_name), (2, self.swap), (1.5, self.mask_store), (1.5, self.index_store),
            (6, self.branch), (6, self.counted_loop), (3, self.sequence_loop), (2, self.while_loop),
            (2.5, self.late_loop), (2, self.buffer_loop), (1.5, self.ping_pong), (3, self.leave), (1.5, self.list_made),
            (2.5, self.list_changed), (1, self.pair_made), (1, self.dict_made), (1.5, self.slot_changed),
            (2, self.inner_function), (2, self.helper_writes), (1.2, self.grown), (1, self.comprehension),
            (1, self.history), (1, self.unpacked), (1, self.for_else), (0.8, self.out_argument),
            (1.5, self.elements_swapped), (1.2, self.triangle), (1.2, self.closure_writes), (0.8, self.list_noted),
            (0.8, self.while_else), (1, self.rows_moved), (0.8, self.early_loop_return),
        ]  # fmt: skip
        self.kinds += self.more_kinds()

    # -- blocks

    def block(self, depth: int, count: int) -> list[str]:
        """Statements against the environment, which they change."""
        out: list[str] = []
        for _ in range(count):
            out += self.statement(depth)
        return out or ["pass"]

    def statement(self, depth: int) -> list[str]:
        for _ in range(20):
            _, make = self.weighted(self.kinds)
            made = make(depth)
            if made is not None:
                self.used.add(make.__name__)
                return made
        return self.assign_number(depth) or ["pass"]

    def inside(self, depth: int, count: int, more: Env | None = None) -> tuple[list[str], Env]:
        """A nested block: its lines, and the environment at its end."""
        outer = self.env
        self.env = {**outer, **(more or {})}
        lines = self.block(depth - 1, count)
        inner, self.env = self.env, outer
        return lines, inner

    # -- numbers and arrays

    def assign_number(self, depth: int) -> list[str] | None:
        value = self.bounded(2)
        name = self.target("f")
        return [f"{name} = {value}"]

    def assign_array(self, depth: int) -> list[str] | None:
        shape = self.shape()
        value = self.bounded_array(shape, 2)
        name = self.target("a", shape)
        return [f"{name} = {value}"]

    def augment_number(self, depth: int) -> list[str] | None:
        name = self.pick("f")
        return name and [f"{name} {self.rng.choice(['+=', '-=', '*='])} {self.bounded(2)}"] or None

    def augment_array(self, depth: int) -> list[str] | None:
        name = self.writable()
        if name is None:
            return None
        shape = self.env[name].shape
        op = self.rng.choice(["+=", "-=", "*=", "/="])
        if op == "/=":
            return [f"{name} /= 1.5 + {self.bounded(1)} ** 2"]
        return [f"{name} {op} {self.operand(shape)}"]

    def operand(self, shape: tuple[int, ...]) -> str:
        """A bounded number, array of the shape, or array that broadcasts to it."""
        roll = self.rng.random()
        if roll < 0.35:
            return self.bounded(2)
        if roll < 0.55:
            self.used.add("broadcast")
            return self.bounded_array(self.narrower(shape), 1)
        return self.bounded_array(shape, 2)

    def store_element(self, depth: int) -> list[str] | None:
        name = self.writable()
        if name is None:
            return None
        at = ", ".join(self.index(size) for size in self.env[name].shape)
        op = self.rng.choice(["=", "=", "+=", "*=", "-="])
        return [f"{name}[{at}] {op} {self.bounded(2)}"]

    def store_part(self, depth: int) -> list[str] | None:
        name = self.writable()
        if name is None:
            return None
        at, shape = self.part(self.env[name].shape)
        op = self.rng.choice(["=", "=", "+=", "*="])
        return [f"{name}[{at}] {op} {self.operand(shape)}"]

    def mask_store(self, depth: int) -> list[str] | None:
        name = self.writable()
        if name is None:
            return None
        mask = f"{self.array(self.env[name].shape, 1)} > {self.threshold()}"
        op = self.rng.choice(["=", "+=", "*="])
        if self.rng.random() < 0.4:
            got = self.fresh("a")
            value = f"{self.array(self.env[name].shape, 1)}[{got}m]"
            return [f"{got}m = {mask}", f"{name}[{got}m] {op} np.tanh({value})"]
        return [f"{name}[{mask}] {op} {self.bounded(1)}"]

    def index_store(self, depth: int) -> list[str] | None:
        name = self.writable()
        if name is None:
            return None
        size = self.env[name].shape[0]
        at = [self.rng.randrange(size) for _ in range(2)]
        op = self.rng.choice(["=", "+=", "*="])
        index = f"[{', '.join(map(str, at))}]" if self.rng.random() < 0.5 else f"np.array({at})"
        return [f"{name}[{index}] {op} {self.bounded(1)}"]

    def take_view(self, depth: int) -> list[str] | None:
        name = self.pick("a")
        if name is None:
            return None
        ty = self.env[name]
        if self.rng.random() < 0.2 and len(ty.shape) == 2:
            new = self.target("a", ty.shape[::-1], ty.writable)
            return [f"{new} = {name}.T"]
        if self.rng.random() < 0.15:
            flat = int(np.prod(ty.shape))
            new = self.target("a", (flat,), ty.writable)
            return [f"{new} = {name}.{self.rng.choice(['ravel()', 'reshape(-1)'])}"]
        at, shape = self.part(ty.shape)
        new = self.target("a", shape, ty.writable)
        return [f"{new} = {name}[{at}]"]

    def second_name(self, depth: int) -> list[str] | None:
        name = self.pick("a")
        if name is None:
            return None
        new = self.target("a", self.env[name].shape, self.env[name].writable)
        return [f"{new} = {name}"]

    def chosen_name(self, depth: int) -> list[str] | None:
        pair = self.two_alike()
        if pair is None:
            return None
        a, b = pair
        writable = self.env[a].writable and self.env[b].writable
        cond = self.condition(1)
        new = self.target("a", self.env[a].shape, writable)
        return [f"{new} = {a} if {cond} else {b}"]

    def swap(self, depth: int) -> list[str] | None:
        pair = self.two_alike()
        if pair is None:
            return None
        a, b = pair
        both = self.env[a].writable and self.env[b].writable
        for name in pair:
            self.env[name] = Ty("a", self.env[name].shape, writable=both)
        return [f"{a}, {b} = {b}, {a}"]

    def out_argument(self, depth: int) -> list[str] | None:
        name = self.writable()
        if name is None:
            return None
        fn = self.rng.choice(["np.sin", "np.tanh", "np.cos"])
        return [f"{fn}({self.array(self.env[name].shape, 1)}, out={name})"]

    # -- control

    def branch(self, depth: int) -> list[str] | None:
        if depth <= 0:
            return None
        out, ends = [f"if {self.condition(2)}:"], []
        for turn in range(self.rng.choice([1, 2, 2, 3])):
            if turn:
                out.append(f"elif {self.condition(1)}:" if turn == 1 and self.rng.random() < 0.3 else "else:")
            lines, end = self.inside(depth, self.rng.choice([1, 1, 2, 3]))
            out += indent(lines)
            ends.append(end)
            if out[-len(lines) - 1] == "else:":
                break
        if "else:" not in out:
            ends.append(dict(self.env))
        first, *others = ends
        self.env = {k: t for k, t in first.items() if all(o.get(k) == t for o in others)}
        return out

    def after_loop(self, end: Env, names: set[str], runs: bool) -> None:
        """What is known after a loop: what was there before, and perhaps what its body made."""
        before = self.env
        self.env = {k: t if end.get(k) == t else Ty(t.kind, t.shape, t.low, False) for k, t in before.items()}
        self.env = {k: t for k, t in self.env.items() if k not in end or end[k].shape == t.shape}
        if runs and self.rng.random() < 0.5:
            self.used.add("kept from a loop")
            self.env |= {k: t for k, t in end.items() if k not in before and k not in names}

    def loop(self, head: str, params: Env, depth: int, runs: bool, first: tuple[str, ...] = ()) -> list[str]:
        self.loops += 1
        outer, self.env = dict(self.env), dict(self.env)
        lines, end = self.inside(depth, self.rng.choice([1, 2, 3]), params)
        self.env = outer
        self.loops -= 1
        self.after_loop(end, set(params), runs)
        return [head, *indent([*first, *lines])]

    def counted_loop(self, depth: int) -> list[str] | None:
        if depth <= 0:
            return None
        i = self.fresh("i")
        size = self.rng.choice([2, 3, 3, 4])
        form = self.rng.randrange(5)
        if form == 0 and "n" in self.env and self.env["n"].kind == "n":
            return self.loop(f"for {i} in range(n):", {i: Ty("i", low=0, high=2)}, depth, True)
        if form == 1:
            return self.loop(f"for {i} in range({size - 1}, -1, -1):", {i: Ty("i", low=0, high=size - 1)}, depth, True)
        if form == 2:
            return self.loop(f"for {i} in range(1, {size}):", {i: Ty("i", low=1, high=size - 1)}, depth, True)
        name = self.pick("a")
        if form == 3 and name is not None:
            rows = self.env[name].shape[0]
            head = self.rng.choice([f"len({name})", f"{name}.shape[0]"])
            return self.loop(f"for {i} in range({head}):", {i: Ty("i", low=0, high=rows - 1)}, depth, True)
        return self.loop(f"for {i} in range({size}):", {i: Ty("i", low=0, high=size - 1)}, depth, True)

    def sequence_loop(self, depth: int) -> list[str] | None:
        if depth <= 0:
            return None
        space, params = self.space()
        roll = self.rng.random()
        if roll < 0.3:
            i = self.fresh("i")
            (name, ty), *rest = params.items()
            head = f"for {i}, {name} in enumerate({space}):"
            return self.loop(head, {i: Ty("i", low=0, high=0), name: ty}, depth, True)
        if roll < 0.6:
            other, more = self.space()
            names = ", ".join([*params, *more])
            return self.loop(f"for {names} in zip({space}, {other}):", {**params, **more}, depth, True)
        if roll < 0.7:
            return self.loop(f"for {next(iter(params))} in reversed({space}):", params, depth, True)
        return self.loop(f"for {next(iter(params))} in {space}:", params, depth, True)

    def space(self) -> tuple[str, Env]:
        """Something to loop over, and the name and type of its elements."""
        lists = [k for k, t in self.env.items() if t.kind in ("L", "LA") and t.low]
        if lists and self.rng.random() < 0.4:
            name = self.rng.choice(lists)
            ty = self.env[name]
            self.walked.add(name)
            if ty.kind == "L":
                return name, {self.fresh("f"): Ty("f")}
            return name, {self.fresh("a"): Ty("a", ty.shape, writable=ty.writable)}
        name = self.pick("a")
        if name is None:
            return f"[{self.number(1)}, {self.number(1)}]", {self.fresh("f"): Ty("f")}
        shape = self.env[name].shape
        if len(shape) == 1:
            return name, {self.fresh("f"): Ty("f")}
        return name, {self.fresh("a"): Ty("a", shape[1:], writable=self.env[name].writable)}

    def while_loop(self, depth: int) -> list[str] | None:
        if depth <= 0:
            return None
        fuel = self.fresh("w")
        limit = self.rng.choice([2, 3, 4])
        test = f"{fuel} < {limit}" + (f" and ({self.condition(1)})" if self.rng.random() < 0.6 else "")
        forever = self.rng.random() < 0.2
        first = [f"{fuel} += 1"] + ([f"if {fuel} > {limit} or {self.condition(1)}:", "    break"] if forever else [])
        head = "while True:" if forever else f"while {test}:"
        return [f"{fuel} = 0", *self.loop(head, {}, depth, False, tuple(first))]

    def late_loop(self, depth: int) -> list[str] | None:
        """A variable made at the end of an iteration and used in the next one."""
        if depth <= 0:
            return None
        i, shape = self.fresh("i"), self.shape()
        is_array = self.rng.random() < 0.7
        ty = Ty("a", shape, writable=True) if is_array else Ty("f")
        new = self.fresh("a" if is_array else "f")
        size = self.rng.choice([2, 3])
        self.loops += 1
        counter = {i: Ty("i", low=0, high=size - 1)}
        early, _ = self.inside(depth - 1, self.rng.choice([1, 2]), {**counter, new: ty})
        middle, end = self.inside(depth - 1, self.rng.choice([1, 2]), counter)
        value = self.bounded_array(shape, 1) if is_array else self.bounded(1)
        late, _ = self.inside(depth - 1, self.rng.choice([0, 1]), {**counter, new: ty})
        self.loops -= 1
        self.after_loop(end, {i}, False)
        self.env[new] = ty
        lines = [f"if {i} > 0:", *indent(early), *middle, f"{new} = {value}", *late]
        return [f"for {i} in range({size}):", *indent(lines)]

    def buffer_loop(self, depth: int) -> list[str] | None:
        """A work buffer made anew by some iterations and kept by others."""
        if depth <= 0:
            return None
        i, new, shape = self.fresh("i"), self.fresh("a"), self.shape()
        ty = Ty("a", shape, writable=True)
        self.loops += 1
        body, end = self.inside(depth, self.rng.choice([1, 2, 3]), {i: Ty("i", low=0, high=2), new: ty})
        self.loops -= 1
        self.after_loop(end, {i}, False)
        self.env[new] = ty
        made = self.rng.choice([f"np.zeros({shape})", self.bounded_array(shape, 1)])
        test = self.rng.choice([f"{i} % 2 == 0", f"{i} == 0", f"{i} == 0 or {self.condition(1)}"])
        return [f"for {i} in range(3):", *indent([f"if {test}:", f"    {new} = {made}", *body])]

    def ping_pong(self, depth: int) -> list[str] | None:
        if depth <= 0:
            return None
        shape = self.rng.choice([(4,), (3,), (3, 4)])
        u, v, i, k = self.fresh("a"), self.fresh("a"), self.fresh("i"), self.fresh("i")
        out = [f"{u} = {self.array(shape, 1)} * 1.0", f"{v} = np.zeros_like({u})"]
        self.env |= {u: Ty("a", shape, writable=True), v: Ty("a", shape, writable=True)}
        store = f"{v}[{i}] = 0.875 * np.sin({u}[{i}]) + 0.125 * {u}[{i} - 1] * {self.number(1)}"
        rest = self.block(0, 1) if self.rng.random() < 0.4 else []
        if any(line.startswith((f"{u} =", f"{v} =")) for line in rest):
            rest = []
        steps = "n" if self.env.get("n") == Ty("n") else "3"
        return [*out, f"for {k} in range({steps}):",
                *indent([f"for {i} in range(1, {shape[0]}):", f"    {store}", *rest, f"{u}, {v} = {v}, {u}"])]  # fmt: skip

    def leave(self, depth: int) -> list[str] | None:
        kinds = ["return"] + (["break", "continue"] * 3 if self.loops else [])
        what = self.rng.choice(kinds)
        if what == "return" and self.rng.random() < 0.5:
            return None
        inner = self.result() if what == "return" else what
        self.used.add(inner.split()[0])
        more, _ = self.inside(0, 1) if self.rng.random() < 0.4 else ([], {})
        return [f"if {self.condition(1)}:", *indent([*more, inner])]

    def for_else(self, depth: int) -> list[str] | None:
        if depth <= 0:
            return None
        i = self.fresh("i")
        body = self.loop(f"for {i} in range(3):", {i: Ty("i", low=0, high=2)}, depth, False)
        stop, _ = self.inside(0, 1)
        other, _ = self.inside(0, 1)
        return [*body, *indent([f"if {self.condition(1)}:", *indent([*stop, "break"])]), "else:", *indent(other)]

    def elements_swapped(self, depth: int) -> list[str] | None:
        name = self.writable()
        if name is None:
            return None
        n = self.env[name].shape[0]
        i, j = self.index(n), self.index(n)
        if len(self.env[name].shape) > 1:
            return [f"{name}[{i}], {name}[{j}] = {name}[{j}].copy(), {name}[{i}].copy()"]
        return [f"{name}[{i}], {name}[{j}] = {name}[{j}], {name}[{i}]"]

    def rows_moved(self, depth: int) -> list[str] | None:
        """A store at an index of what is read at another index of the same array."""
        name = self.writable()
        if name is None or self.env[name].shape[0] < 3:
            return None
        return [self.rng.choice([
            f"{name}[[0, 2]] = {name}[[2, 0]]", f"{name}[1:] = {name}[:-1]", f"{name}[:-1] += 0.5 * {name}[1:]",
            f"{name}[:] = {name}[::-1]", f"{name}[...] = np.sin({name})", f"{name}[[0, 1]] += {name}[1:3]",
        ])]  # fmt: skip

    def triangle(self, depth: int) -> list[str] | None:
        """Loops and slices whose bounds are loop variables."""
        name = self.writable()
        if name is None or depth <= 0:
            return None
        n, i, j = self.env[name].shape[0], self.fresh("i"), self.fresh("i")
        if self.rng.random() < 0.5:
            op = self.rng.choice(["=", "+=", "*="])
            part = self.rng.choice([f"{i}:", f":{i} + 1", f"{n - 1} - {i}:"])
            outer, self.env = self.env, {**self.env, i: Ty("i", low=0, high=n - 1)}
            value = self.bounded(1)
            self.env = outer
            return [f"for {i} in range({n}):", f"    {name}[{part}] {op} {value} + 0.125 * np.sum({name}[:{i} + 1])"]
        body = f"{name}[{i}] = 0.875 * np.sin({name}[{i}]) + 0.1875 * {name}[{j}]"
        return [f"for {i} in range({n}):", f"    for {j} in range({i} + 1):", f"        {body}"]

    def closure_writes(self, depth: int) -> list[str] | None:
        name = self.writable()
        if name is None or self.loops:
            return None
        g, u = self.fresh("h"), self.fresh("f")
        at = ", ".join(self.index(size) for size in self.env[name].shape)
        outer, self.env = self.env, {**self.env, u: Ty("f")}
        value = self.bounded(1)
        self.env = outer
        calls = [f"{g}({self.number(1)})"] * self.rng.choice([1, 2])
        return [f"def {g}({u}):", f"    {name}[{at}] {self.rng.choice(['=', '+=', '*='])} {value}", *calls]

    def list_noted(self, depth: int) -> list[str] | None:
        name = self.pick("L")
        if name is None or not self.env[name].writable or name in self.walked:
            return None
        return [f"note({name}, {self.number(1)})"]

    def while_else(self, depth: int) -> list[str] | None:
        if depth <= 0:
            return None
        lines = self.while_loop(depth)
        other, _ = self.inside(0, 1)
        return None if lines is None else [*lines, "else:", *indent(other)]

    def early_loop_return(self, depth: int) -> list[str] | None:
        if depth <= 0:
            return None
        i, j = self.fresh("i"), self.fresh("i")
        inner, _ = self.inside(0, 1, {i: Ty("i", low=0, high=1), j: Ty("i", low=0, high=1)})
        test = f"if {i} + {j} > {self.rng.randrange(3)} and ({self.condition(1)}):"
        return [
            f"for {i} in range(2):",
            f"    for {j} in range(2):",
            *indent(indent([*inner, test])),
            f"            {self.result()}",
        ]

    # -- containers

    def list_made(self, depth: int) -> list[str] | None:
        if self.rng.random() < 0.5:
            items = [self.number(1) for _ in range(self.rng.choice([2, 3]))]
            name = self.target("L", low=len(items))
            return [f"{name} = [{', '.join(items)}]"]
        shape = self.shape()
        items = [self.array(shape, 1) for _ in range(2)]
        name = self.target("LA", shape, low=2)
        return [f"{name} = [{', '.join(items)}]"]

    def list_changed(self, depth: int) -> list[str] | None:
        name = self.pick("L") or self.pick("LA")
        if name is None:
            return None
        ty = self.env[name]
        if not ty.writable:
            return None
        value = self.bounded(1) if ty.kind == "L" else self.bounded_array(ty.shape, 1)
        roll = self.rng.random()
        if roll < 0.4 and name not in self.walked:
            return [f"{name}.append({value})"]
        if roll < 0.6 and not self.loops:
            new = self.target("f") if ty.kind == "L" else self.target("a", ty.shape, writable=False)
            return [f"{name}.append({value})", f"{new} = {name}.pop()"]
        op = self.rng.choice(["=", "+=", "*="]) if ty.kind == "L" else "="
        return [f"{name}[{self.index(ty.low)}] {op} {value}"] if ty.low else None

    def pair_made(self, depth: int) -> list[str] | None:
        a, b = self.number(1), self.bounded(1)
        return [f"{self.target('T')} = ({a}, {b})"]

    def dict_made(self, depth: int) -> list[str] | None:
        number, whole = self.bounded(1), self.bounded_array((4,), 1)
        name = self.target("D")
        return [f"{name} = {{'k': {number}, 'v': {whole}}}"]

    def slot_changed(self, depth: int) -> list[str] | None:
        name = self.pick("D") or self.pick("S")
        if name is None or not self.env[name].writable or (self.env[name].kind == "S" and not self.env[name].low):
            return None
        k, v = (f"{name}['k']", f"{name}['v']") if self.env[name].kind == "D" else (f"{name}.k", f"{name}.v")
        return [self.rng.choice([
            f"{k} = {self.bounded(1)}", f"{k} += {self.bounded(1)}", f"{v}[{self.index(4)}] = {self.bounded(1)}",
            f"{v} *= {self.bounded(1)}", f"{v} = {self.bounded_array((4,), 1)}",
        ])]  # fmt: skip

    def comprehension(self, depth: int) -> list[str] | None:
        space, params = self.space()
        ((name, ty),) = params.items()
        outer, self.env = self.env, {**self.env, **params}
        value = self.bounded(1) if ty.kind == "f" else f"np.sum({self.bounded_array(ty.shape, 1)})"
        self.env = outer
        if self.rng.random() < 0.5:
            return [f"{self.target('f')} = np.tanh(sum([{value} for {name} in {space}]))"]
        return [f"{self.target('L', low=1)} = [{value} for {name} in {space}]"]

    def history(self, depth: int) -> list[str] | None:
        """Copies of an array that is written, kept in a list."""
        name = self.writable()
        if name is None or depth <= 0:
            return None
        shape, hist, i = self.env[name].shape, self.fresh("l"), self.fresh("i")
        grow = self.rng.choice([f"{name}[0] *= {self.bounded(1)}", f"{name} *= {self.bounded(1)}"])
        out = [f"{hist} = []", f"for {i} in range(3):", f"    {grow}", f"    {hist}.append({name}.copy())"]
        self.env[hist] = Ty("LA", shape, low=2)
        return out

    def unpacked(self, depth: int) -> list[str] | None:
        name = self.pick("T")
        if name is not None:
            return [f"{self.target('f')}, {self.target('f')} = {name}"]
        name = self.pick("a")
        if name is None or len(self.env[name].shape) != 1 or self.env[name].shape[0] != 3:
            return None
        a, b, c = self.fresh("f"), self.fresh("f"), self.fresh("f")
        self.env |= {k: Ty("f") for k in (a, b, c)}
        return [f"{a}, {b}, {c} = {name}"]

    def grown(self, depth: int) -> list[str] | None:
        """A number that becomes an array in a loop."""
        shape, i, acc = self.shape(), self.fresh("i"), self.fresh("a")
        value = self.bounded_array(shape, 1)
        self.env[acc] = Ty("a", shape)
        return [f"{acc} = 0.0", f"for {i} in range(2):", f"    {acc} = {acc} + {value}"]

    # -- functions

    def inner_function(self, depth: int) -> list[str] | None:
        g, u = self.fresh("g"), self.fresh("f")
        outer, self.env = self.env, {**self.env, u: Ty("f")}
        value = self.bounded(2)
        self.env = {**outer, g: Ty("g")}
        if self.rng.random() < 0.5:
            return [f"{g} = lambda {u}: {value}"]
        return [
            f"def {g}({u}):",
            *indent([f"if {u} > {self.threshold()}:", f"    return {u} * 0.5", f"return {value}"]),
        ]

    def helper_writes(self, depth: int) -> list[str] | None:
        name = self.writable()
        if name is None:
            return None
        call = f"{self.rng.choice(self.writers)}({name}, {self.number(1)})"
        if self.rng.random() < 0.5:
            return [call]
        new = self.target("a", self.env[name].shape, writable=True)
        return [f"{new} = {call}"]

    def result(self) -> str:
        """A return statement whose value has the type that the function returns."""
        match self.returns:
            case "f":
                return f"return {self.number(2)}"
            case "a":
                return f"return {self.array((4,), 1)}"
            case "v":
                return f"return {self.pick_array((4,)) or 'np.zeros(4)'}"
        return f"return {self.number(1)}, {self.array((4,), 1)}"


HELPERS = """
def damp(t):
    if t > {c0}:
        return math.sin(t) * {c1}
    r = {c1} * t
    for i in range(3):
        r = r * t + {c2}
        if r > {c3}:
            return r / (1.0 + r * r)
    return math.cos(r)


def tower(t, k):
    if k == 0:
        return t * {c1}
    return np.sin(tower(t * {c2}, k - 1)) * t + {c0}


def scale(v, w):
    v *= {c2} * np.tanh(w)
    v += {c1}
    return v


def shift(v, w):
    if w > {c0}:
        v[0] = np.sin(w)
        return v
    for i in range(len(v)):
        v[i] = np.tanh(v[i] * w + v[i - 1])
    return v


def touch(v, w):
    u = v[1:]
    u *= np.cos(w)
    v[0] = {c3} * w
    return u.sum() * v


def norm(v):
    s = {c0}
    for r in v:
        s = s + np.sum(np.sin(r) * r)
    return s / (1.0 + s * s)


def fold(v, k):
    if k == 0:
        return v * {c1}
    w = fold(np.sin(v), k - 1)
    w[0] += {c2} * w[-1]
    return w


def use(p, t):
    if t > {c0}:
        return p.k * t
    return np.sum(p.v * t) + {c3}


def note(xs, t):
    xs.append(np.sin(t))
    xs[0] += {c2} * xs[-1]


def both(t, v):
    return t * {c1} + np.sum(v), np.tanh(v) * t


def made_list():
    return [{c1}]


def made_array():
    return np.full(3, {c2})


def mix(t, *rest, scale={c1}, **options):
    for r in rest:
        t = t * scale + np.sin(r)
    return t


def knob(t, /, *, gain={c2}):
    return np.sin(t * gain) + gain * {c0}


def leaves(node):
    if isinstance(node, tuple):
        left, right = node
        return leaves(left) * {c1} + np.sin(leaves(right))
    return node * {c2}
"""


def generate(seed: int, size: int = 6) -> Program:
    """The program of a seed. `size`: statements at the top, more or less; 0: mostly few, and short expressions."""
    rng = random.Random(seed)
    maker = Maker(rng)
    small = size == 0 and rng.random() < 0.8
    maker.deepest = 1 if small else 9
    maker.writers = ["scale", "shift", "touch"]
    names = [name for name, *_ in PARAMS if rng.random() < 0.3]
    if not any(_BY_NAME[k][0].kind in "fa" for k in names):
        names.append("x")
    maker.returns = rng.choice("ffffffavt")
    writes = rng.random() < 0.45
    for name in names:
        ty = _BY_NAME[name][0]
        maker.env[name] = ty if ty.kind in "fnb" else Ty(ty.kind, ty.shape, ty.low, writable=writes)
    body = []
    if not writes and rng.random() < 0.5:
        for name in [k for k in names if maker.env[k].kind == "a"]:
            body.append(f"{name} = {name}.copy()")
            maker.env[name] = Ty("a", maker.env[name].shape, writable=True)
    if writes:
        maker.used.add("written arguments")
    counts = [1, 2, 2, 3] if small else [3, 4, 5, size or 6, (size or 4) + 2]
    body += maker.block(2 if small else 3, rng.choice(counts))
    body.append(maker.result())
    constants = {f"c{i}": rng.randrange(7, 57, 2) / 64 for i in range(4)}
    text = "\n".join([HEAD, _helpers(body, constants), "", f"def f({', '.join(names)}):", *indent(body), ""])
    made = np.random.default_rng(seed)
    points = tuple(tuple(_BY_NAME[k][1](made) for k in names) for _ in range(2))
    return Program(text, points, frozenset(maker.used))


def _helpers(body: list[str], constants: dict[str, float]) -> str:
    """The helper functions that a body calls."""
    texts = HELPERS.format(**constants).strip().split("\n\n\n")
    lines = "\n".join(body)
    return "\n\n\n".join(t for t in texts if f"{t[4 : t.index('(')]}(" in lines)
