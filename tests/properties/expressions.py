"""Expressions of random programs, by type and shape."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

from .typed import Env, Ty

SHAPES = ((4,), (4,), (4,), (3,), (3,), (3, 4), (3, 4), (4, 3), (3, 3), (2,), (1,), (3, 1), (1, 4))


class Expressions:
    """Expressions over the variables of an environment."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.env: Env = {}
        self.used: set[str] = set()
        self.count = 0
        self.returns = "f"
        self.writers: list[str] = []
        self.deepest = 9

    # -- choices

    def weighted(self, items: Sequence[Any]) -> Any:
        return self.rng.choices(items, [item[0] for item in items])[0]

    def fresh(self, prefix: str) -> str:
        self.count += 1
        return f"{prefix}{self.count}"

    def pick(self, kind: str) -> str | None:
        names = [k for k, t in self.env.items() if t.kind == kind]
        return self.rng.choice(names) if names else None

    def pick_array(self, shape: tuple[int, ...]) -> str | None:
        names = [k for k, t in self.env.items() if t.kind == "a" and t.shape == shape]
        return self.rng.choice(names) if names else None

    def writable(self) -> str | None:
        names = [k for k, t in self.env.items() if t.kind == "a" and t.writable]
        return self.rng.choice(names) if names else None

    def two_alike(self) -> tuple[str, str] | None:
        a = self.pick("a")
        names = [k for k, t in self.env.items() if a and k != a and t.kind == "a" and t.shape == self.env[a].shape]
        return (a, self.rng.choice(names)) if a and names else None

    def target(self, kind: str, shape: tuple[int, ...] = (), writable: bool = True, low: int = 0) -> str:
        """A name for a new value: an old one of this type, or a fresh one."""
        ty = Ty(kind, shape, low, writable and kind not in "fT")
        old = [k for k, t in self.env.items() if (t.kind, t.shape) == (kind, shape)]
        name = self.rng.choice(old) if old and self.rng.random() < 0.4 else self.fresh(kind[0].lower())
        self.env[name] = ty
        return name

    def shape(self) -> tuple[int, ...]:
        return self.rng.choice(SHAPES)

    def narrower(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        """A shape that broadcasts to another."""
        if self.rng.random() < 0.5 and len(shape) == 2:
            return shape[1:]
        return tuple(1 if self.rng.random() < 0.5 else n for n in shape)

    def constant(self) -> str:
        """Few binary digits: products of constants that are folded are exact, as the finite field wants them."""
        return f"{self.rng.choice([-1, 1]) * self.rng.randrange(7, 77, 2) / 64}"

    def threshold(self) -> str:
        return f"{self.rng.randrange(-511, 615, 2) / 1024}"

    def index(self, size: int) -> str:
        """An int in range for an axis."""
        names = [(k, t) for k, t in self.env.items() if t.kind == "i"]
        if names and self.rng.random() < 0.7:
            name, ty = self.rng.choice(names)
            forms = [name] if ty.high < size else [f"{name} % {size}"]
            if ty.high - 1 < size:
                forms.append(f"{name} - 1")
            if ty.high + 1 < size:
                forms.append(f"{name} + 1")
            return self.rng.choice(forms)
        return str(self.rng.randrange(-size, size))

    def part(self, shape: tuple[int, ...]) -> tuple[str, tuple[int, ...]]:
        """A basic subscript that leaves an array, and its shape."""
        n, rest = shape[0], shape[1:]
        if rest and self.rng.random() < 0.5:
            if self.rng.random() < 0.5:
                return self.index(n), rest
            inner, left = self.part(rest)
            return f":, {inner}", (n, *left)
        if rest and self.rng.random() < 0.3:
            return f":, {self.index(rest[0])}", (n,)
        forms = [(":", n), ("::-1", n), ("...", n)]
        if n > 1:
            forms += [("1:", n - 1), (":-1", n - 1), ("::2", (n + 1) // 2)]
        if n > 2:
            forms += [("1:3", 2), ("1:-1", n - 2), (f"{self.slice_start(n)}", 2)]
        text, size = self.rng.choice(forms)
        return text, (size, *rest)

    def slice_start(self, n: int) -> str:
        i = self.rng.randrange(n - 1)
        return f"{i}:{i + 2}"

    # -- conditions

    def condition(self, depth: int) -> str:
        roll = self.rng.random()
        ints = [k for k, t in self.env.items() if t.kind == "i"]
        if roll < 0.15 and ints:
            return f"{self.rng.choice(ints)} {self.rng.choice(['==', '>', '<', '!='])} {self.rng.randrange(3)}"
        if roll < 0.25 and "flag" in self.env:
            return self.rng.choice(["flag", "not flag"])
        if roll < 0.4 and depth > 0:
            self.used.add("and, or")
            op = self.rng.choice(["and", "or"])
            return f"({self.condition(depth - 1)}) {op} {self.condition(depth - 1)}"
        if roll < 0.45:
            return f"{self.threshold()} < {self.number(depth - 1)} < {self.rng.randrange(717, 2047, 2) / 1024}"
        return f"{self.number(depth - 1)} {self.rng.choice(['>', '<'])} {self.threshold()}"

    # -- numbers

    def bounded(self, depth: int) -> str:
        value = self.number(depth)
        return self.rng.choice([
            f"math.sin({value})", f"np.tanh({value})", f"({value}) / (1.0 + ({value}) ** 2)", f"math.cos({value})",
            f"np.sin({value})", f"math.tanh({value})",
        ])  # fmt: skip

    def number(self, depth: int) -> str:
        depth = min(depth, self.deepest)
        if depth <= 0 or self.rng.random() < 0.2:
            return self.number_leaf()
        forms = (self._arithmetic, self._arithmetic, self._reduced, self._reduced, self._function, self._chosen,
                 self._called, self._product)  # fmt: skip
        return self.rng.choice(forms)(depth - 1)

    def number_leaf(self) -> str:
        roll = self.rng.random()
        if roll < 0.15:
            return self.constant()
        options = [(3, "f"), (3, "a"), (1, "L"), (0.7, "T"), (0.7, "D"), (0.7, "S")]
        there = [(w, k) for w, k in options if any(t.kind == k for t in self.env.values())]
        if not there:
            return self.constant()
        _, kind = self.weighted(there)
        name = self.pick(kind)
        assert name is not None
        ty = self.env[name]
        match kind:
            case "a":
                at = ", ".join(self.index(n) for n in ty.shape)
                return f"{name}[{at}]"
            case "L":
                return f"{name}[{self.index(ty.low)}]" if ty.low else f"sum({name})"
            case "T":
                return f"{name}[{self.rng.randrange(2)}]"
            case "D":
                return f"{name}['k']"
            case "S":
                return f"{name}.k"
        return name

    def _arithmetic(self, depth: int) -> str:
        a, b = self.number(depth), self.number(depth)
        return self.rng.choice([
            f"({a} + {b})", f"({a} - {b})", f"{a} * {b}", f"{a} / (1.5 + {b} * {b})", f"-{a}", f"({a}) ** 2",
        ])  # fmt: skip

    def _reduced(self, depth: int) -> str:
        a = self.array(self.shape(), depth)
        return self.rng.choice([
            f"np.sum({a})", f"({a}).sum()", f"np.mean({a})", f"({a}).mean()", f"np.sum(({a}) ** 2)", f"np.prod(0.5 * {a})",
            f"np.sum({a}[{a} > {self.threshold()}])", f"norm({a})",
        ])  # fmt: skip

    def _product(self, depth: int) -> str:
        n = self.rng.choice([3, 4])
        a, b = self.array((n,), depth), self.array((n,), depth)
        return self.rng.choice([f"np.dot({a}, {b})", f"({a}) @ ({b})", f"np.inner({a}, {b})"])

    def _function(self, depth: int) -> str:
        a = self.number(depth)
        return self.rng.choice([
            f"math.sin({a})", f"np.cos({a})", f"math.exp(-({a}) ** 2)", f"abs({a} + 0.017578125)",
            f"max({a}, {self.threshold()})",
            f"min({a}, {self.threshold()})", f"math.sqrt(1.0 + ({a}) ** 2)", f"np.log(1.5 + ({a}) ** 2)",
        ])  # fmt: skip

    def _chosen(self, depth: int) -> str:
        self.used.add("ternary")
        return f"({self.number(depth)} if {self.condition(depth)} else {self.number(depth)})"

    def _called(self, depth: int) -> str:
        self.used.add("calls")
        g = self.pick("g")
        if g is not None and self.rng.random() < 0.6:
            return f"{g}({self.number(depth)})"
        return self.rng.choice([
            f"damp({self.number(depth)})", f"tower({self.number(depth)}, {self.rng.randrange(4)})",
            f"fold({self.array((3,), depth)}, {self.rng.randrange(3)})[{self.rng.randrange(3)}]",
            f"use({struct}, {self.number(depth)})" if (struct := self.pick("S")) else f"damp({self.constant()})",
            f"norm({self.array(self.shape(), depth)})", f"both({self.number(depth)}, {self.array((3,), depth)})[0]",
        ])  # fmt: skip

    # -- arrays

    def bounded_array(self, shape: tuple[int, ...], depth: int) -> str:
        value = self.array(shape, depth)
        return self.rng.choice([
            f"np.sin({value})", f"np.tanh({value})", f"{value} / (1.0 + ({value}) ** 2)", f"np.cos({value})",
        ])  # fmt: skip

    def array(self, shape: tuple[int, ...], depth: int) -> str:
        """An array of a shape."""
        depth = min(depth, self.deepest)
        name = self.pick_array(shape)
        if name is not None and (depth <= 0 or self.rng.random() < 0.3):
            return name
        if depth <= 0:
            return self.array_leaf(shape)
        forms = [self._elementwise, self._elementwise, self._binary, self._binary, self._where,
                 self._one if len(shape) == 1 else self._two, self._one if len(shape) == 1 else self._two]  # fmt: skip
        return self.rng.choice(forms)(shape, depth - 1)

    def array_leaf(self, shape: tuple[int, ...]) -> str:
        n = shape[0]
        slots = [k for k, t in self.env.items() if t.kind in "DS"] if shape == (4,) else []
        lists = [k for k, t in self.env.items() if t.kind == "LA" and t.low and t.shape == shape]
        roll = self.rng.random()
        if lists and roll < 0.5:
            name = self.rng.choice(lists)
            return f"{name}[{self.index(self.env[name].low)}]"
        if slots and roll < 0.8:
            name = self.rng.choice(slots)
            return f"{name}['v']" if self.env[name].kind == "D" else f"{name}.v"
        if len(shape) == 1:
            for name, ty in self.rng.sample(sorted(self.env.items(), key=str), len(self.env)):
                if ty.kind != "a":
                    continue
                if len(ty.shape) == 2 and ty.shape[1] == n:
                    return f"{name}[{self.index(ty.shape[0])}]"
                if len(ty.shape) == 2 and ty.shape[0] == n:
                    return f"{name}[:, {self.index(ty.shape[1])}]"
                if len(ty.shape) == 1 and ty.shape[0] > n:
                    return f"{name}[:{n}]"
                if len(ty.shape) == 1:
                    at = [self.rng.randrange(ty.shape[0]) for _ in range(n)]
                    self.used.add("integer array load")
                    return f"{name}[np.array({at})]" if self.rng.random() < 0.7 else f"{name}[{at}]"
            if self.rng.random() < 0.5:
                return f"np.array([{', '.join(self.number_leaf() for _ in range(n))}])"
        else:
            turned = self.pick_array(shape[::-1])
            if turned is not None:
                return f"{turned}.T"
        return self.rng.choice([
            f"np.full({shape}, {self.number_leaf()})", f"{self.number_leaf()} * np.ones({shape})",
            f"np.linspace(0.125, 0.875, {n})" if len(shape) == 1 else f"np.ones({shape})",
        ])  # fmt: skip

    def _elementwise(self, shape: tuple[int, ...], depth: int) -> str:
        a = self.array(shape, depth)
        return self.rng.choice([
            f"np.sin({a})", f"np.tanh({a})", f"np.exp(-({a}) ** 2)", f"(-{a})", f"np.sqrt(1.0 + ({a}) ** 2)", f"({a}) ** 2",
            f"np.maximum({a}, {self.threshold()})", f"np.abs({a} + 0.017578125)", f"np.square({a})", f"({a}).copy()",
            f"np.clip({a}, -0.712890625, 0.8173828125)",
        ])  # fmt: skip

    def _binary(self, shape: tuple[int, ...], depth: int) -> str:
        a = self.array(shape, depth)
        roll = self.rng.random()
        if roll < 0.05:
            b = f"np.where({self.condition(0)}, {self.number(depth)}, {self.number_leaf()})"
        elif roll < 0.35:
            b = self.number(depth)
        elif roll < 0.6:
            self.used.add("broadcast")
            b = self.array(self.narrower(shape), depth)
        else:
            b = self.array(shape, depth)
        return self.rng.choice([
            f"({a} + {b})", f"({b} - {a})", f"{a} * {b}", f"{b} * {a}", f"{a} / (1.5 + {b} * {b})",
            f"np.maximum({a}, {b} + 0.0126953125)", f"np.multiply({a}, {b})",
        ])  # fmt: skip

    def _where(self, shape: tuple[int, ...], depth: int) -> str:
        self.used.add("where")
        a = self.array(shape, depth)
        b = self.number(depth) if self.rng.random() < 0.4 else self.array(shape, depth)
        mask = self.array(self.narrower(shape) if self.rng.random() < 0.3 else shape, 0)
        return f"np.where({mask} > {self.threshold()}, {a}, {b})"

    def _one(self, shape: tuple[int, ...], depth: int) -> str:
        """A vector made from other shapes."""
        (n,) = shape
        m = self.rng.choice([2, 3, 4])
        v = self.array((n,), depth)
        forms = [f"np.cumsum({v})", f"{v}[::-1]", f"np.roll({v}, 1)"]
        if n in (3, 4):
            tall, wide = self.array((m, n), depth), self.array((n, m), depth)
            forms += [
                f"np.sum({tall}, axis=0)", f"({wide}).mean(axis=1)", f"np.sum({wide}, axis=-1)",
                f"({wide}) @ {self.array((m,), depth)}", f"{self.array((m,), depth)} @ ({tall})",
                f"np.dot({wide}, {self.array((m,), depth)})", f"({tall})[{self.index(m)}]",
                f"np.max({tall} + 0.013671875 * np.arange({m}).reshape({m}, 1), axis=0)", f"np.diag({self.array((n, n), depth)})",
            ]  # fmt: skip
        if n > 1:
            a, b = self.array((n - 1,), depth), self.number_leaf()
            forms += [f"np.concatenate([{a}, np.array([{b}])])", f"np.append({a}, {b})"]
            forms += [f"np.stack([{', '.join(self.number_leaf() for _ in range(n))}])"]
        if n == 4:
            forms += [f"({self.array((2, 2), depth)}).ravel()", f"({self.array((2, 2), depth)}).reshape(4)"]
        else:
            forms += [f"np.diff({self.array((n + 1,), depth)})", f"{self.array((n + 1,), depth)}[1:]"]
        self.used.add("shapes changed")
        return self.rng.choice(forms)

    def _two(self, shape: tuple[int, ...], depth: int) -> str:
        """A matrix made from other shapes."""
        n, m = shape
        row, column = self.array((m,), depth), self.array((n,), depth)
        turned = self.array((m, n), depth)
        forms = [
            f"np.outer({column}, {row})", f"({turned}).T", f"({column})[:, None] * {row}", f"np.transpose({turned})",
            f"({self.array((n * m,), depth)}).reshape({n}, {m})", f"np.tile({row}, ({n}, 1))",
            f"({self.array((n, 3), depth)}) @ ({self.array((3, m), depth)})", f"np.broadcast_to({row}, ({n}, {m}))",
            f"np.cumsum({self.array(shape, depth)}, axis={self.rng.randrange(2)})", f"({row})[None, :] + np.zeros(({n}, 1))",
            f"np.stack([{', '.join(self.array((m,), depth) for _ in range(n))}])",
            f"np.sum({self.array(shape, depth)}, axis=1, keepdims=True) * {self.array(shape, depth)}",
        ]  # fmt: skip
        if n > 1:
            forms.append(f"np.concatenate([{self.array((n - 1, m), depth)}, ({row})[None, :]], axis=0)")
            forms.append(f"np.vstack([{self.array((n - 1, m), depth)}, {row}])")
        self.used.add("shapes changed")
        return self.rng.choice(forms)
