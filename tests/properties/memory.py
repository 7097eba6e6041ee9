"""Statements of random programs that write memory as only NumPy does: its writers, `out=`, odd views, index arrays."""

from __future__ import annotations

from .expressions import Expressions
from .typed import Ty


class Memory(Expressions):
    """Writers and views beside those of `Maker`."""

    def numpy_writer(self, depth: int) -> list[str] | None:
        name = self.writable()
        if name is None:
            return None
        shape = self.env[name].shape
        n = shape[0]
        at = [self.rng.randrange(n) for _ in range(2)]
        forms = [
            f"np.copyto({name}, {self.bounded_array(shape, 1)})",
            f"{name}.fill({self.bounded(1)})",
            f"np.multiply({name}, {self.bounded(1)}, out={name})",
            f"np.add({name}, {self.bounded_array(shape, 1)}, out={name})",
            f"np.add.at({name}, {at}, {self.bounded(1)})",
            f"np.subtract.at({name}, np.array({at}), {self.bounded(1)})",
            f"np.put({name}, [0, -1], {self.bounded(1)})",
            f"np.copyto({name}, {self.bounded(1)}, where={name} > {self.threshold()})",
        ]
        if len(shape) == 2:
            forms += [f"np.fill_diagonal({name}, {self.bounded(1)})"]
        if len(shape) == 1:
            forms += [f"{name}.sort()"]
        return [self.rng.choice(forms)]

    def held_writer(self, depth: int) -> list[str] | None:
        """What an object, a dict or a list holds, written whole or in part by NumPy's writers."""
        places = [
            (f"{k}.v" if t.kind == "S" else f"{k}['v']" if t.kind == "D" else f"{k}[{self.rng.randrange(t.low)}]",
             t.shape if t.kind == "LA" else (4,))
            for k, t in self.env.items()
            if t.writable and ((t.kind == "S" and t.low) or t.kind == "D" or (t.kind == "LA" and t.low))
        ]  # fmt: skip
        if not places:
            return None
        place, shape = self.rng.choice(places)
        value = self.bounded_array(shape, 1)
        return [self.rng.choice([
            f"np.copyto({place}, {value})", f"np.sin({value}, out={place})", f"{place}[...] = {value}",
            f"{place}.fill({self.bounded(1)})", f"np.add({place}, {value}, out={place})", f"{place}.sort()",
            f"np.multiply.at({place}, [0, 0], {self.bounded(1)})", f"{place}[:] = {place}[::-1]",
            f"np.copyto({place}, {self.bounded(1)}, where={place} > {self.threshold()})",
        ])]  # fmt: skip

    def list_moved(self, depth: int) -> list[str] | None:
        """Items of a list by position: put in, taken out, dropped."""
        name, new = self.fresh("l"), self.fresh("f")
        out = [f"{name} = [{self.number(1)}, {self.number_leaf()}, {self.number(1)}]"]
        acts = [
            f"{name}.insert(1, {self.number(1)})", f"del {name}[0]", f"{name}.extend([{self.number_leaf()}, {self.constant()}])",
            f"{name}.reverse()", f"{name}[1:] = [{self.number_leaf()}, {self.number_leaf()}]", f"{name} = {name} * 2",
            f"{name} += [{self.number(1)}]",
        ]  # fmt: skip
        out += [f"{new} = np.tanh({name}.pop(0))", *self.rng.sample(acts, self.rng.choice([1, 2]))]
        self.env[new] = Ty("f")
        return [*out, f"{new} *= sum({name}) / (1.0 + sum({name}) ** 2)"]

    def solved(self, depth: int) -> list[str] | None:
        """Linear algebra on a matrix that is well conditioned."""
        n = self.rng.choice([2, 3])
        matrix = f"{self.bounded_array((n, n), 1)} + {n + 0.5} * np.eye({n})"
        roll = self.rng.random()
        if roll < 0.3:
            value = f"np.tanh(np.linalg.det({matrix}))"
            return [f"{self.target('f')} = {value}"]
        if roll < 0.5:
            value = f"np.linalg.inv({matrix})"
            return [f"{self.target('a', (n, n))} = {value}"]
        shape = (n,) if roll < 0.8 else (n, self.rng.choice([1, 3]))
        value = f"np.linalg.solve({matrix}, {self.array(shape, 1)})"
        return [f"{self.target('a', shape)} = {value}"]

    def masked_out(self, depth: int) -> list[str] | None:
        name = self.writable()
        if name is None:
            return None
        other = self.array(self.env[name].shape, 1)
        return [f"np.{self.rng.choice(['sin', 'tanh'])}({other}, out={name}, where={name} > {self.threshold()})"]

    def odd_view(self, depth: int) -> list[str] | None:
        name = self.writable()
        if name is None:
            return None
        shape = self.env[name].shape
        v = self.fresh("a")
        forms: list[tuple[str, tuple[int, ...]]] = [(f"{name}[..., 0]", shape[:-1])]
        if len(shape) == 1:
            forms = [
                (f"{name}[None, :]", (1, shape[0])),
                (f"{name}[::-1]", shape),
                (f"{name}[::2]", ((shape[0] + 1) // 2,)),
            ]
            if shape[0] == 4:
                forms += [(f"{name}.reshape(2, 2)", (2, 2)), (f"np.split({name}, 2)[1]", (2,))]
        elif shape[0] == shape[1]:
            forms += [(f"np.swapaxes({name}, 0, 1)", shape), (f"{name}.T", shape)]
        text, got = self.rng.choice(forms)
        if not got:
            return None
        at = ", ".join(self.index(n) for n in got)
        write = self.rng.choice(
            [f"{v}[{at}] = {self.bounded(1)}", f"{v} *= {self.bounded(1)}", f"{v}[{at}] += {self.bounded(1)}"]
        )
        self.env[v] = Ty("a", got, writable=True)
        return [f"{v} = {text}", write]

    def pairs_index(self, depth: int) -> list[str] | None:
        name = self.writable()
        if name is None or len(self.env[name].shape) != 2 or min(self.env[name].shape) < 2:
            return None
        n, m = self.env[name].shape
        rows, columns = [self.rng.randrange(n) for _ in range(2)], [self.rng.randrange(m) for _ in range(2)]
        op = self.rng.choice(["=", "+=", "*="])
        if self.rng.random() < 0.4:
            return [f"{self.target('a', (2,))} = {name}[{rows}, {columns}] * {self.constant()}"]
        return [f"{name}[{rows}, {columns}] {op} {self.bounded(1)}"]

    def list_element_written(self, depth: int) -> list[str] | None:
        name = self.pick("LA")
        if name is None or not self.env[name].writable or not self.env[name].low:
            return None
        ty = self.env[name]
        at = ", ".join(self.index(n) for n in ty.shape)
        row = f"{name}[{self.rng.randrange(ty.low)}]"
        return [
            self.rng.choice(
                [
                    f"{row}[{at}] = {self.bounded(1)}",
                    f"{row} *= {self.bounded(1)}",
                    f"{row}[{at}] += {self.bounded(1)}",
                ]
            )
        ]
