"""More statements for random programs: exceptions, contexts, cells, generators, patterns, objects, and functions of
functions."""

from __future__ import annotations

from collections.abc import Callable

from .memory import Memory
from .typed import Env, Ty, indent


class More(Memory):
    """Statements beside those of `Maker`, which says how a block is made."""

    loops: int
    walked: set[str]
    inside: Callable[..., tuple[list[str], Env]]
    loop: Callable[..., list[str]]
    result: Callable[[], str]

    def more_kinds(self) -> list[tuple[float, Callable[[int], list[str] | None]]]:
        return [
            (1.2, self.tried),
            (0.8, self.raised),
            (0.6, self.global_read),
            (0.4, self.global_written),
            (0.6, self.with_errstate),
            (1, self.nonlocal_cell),
            (1, self.generator),
            (1, self.matched),
            (0.8, self.walrus),
            (1, self.dict_local),
            (1.2, self.cell_used),
            (1, self.reduced_list),
            (0.8, self.mapped),
            (0.8, self.star_call),
            (2, self.numpy_writer),
            (1, self.list_element_written),
            (0.8, self.tree),
            (0.7, self.maker_function),
            (0.5, self.deleted),
            (1.5, self.odd_view),
            (0.8, self.pairs_index),
            (0.8, self.flagged_loops),
            (0.8, self.flat_comprehension),
            (0.7, self.enumerated),
            (0.4, self.asserted),
            (0.8, self.emptied),
            (0.8, self.nested_list),
            (0.7, self.filtered),
            (0.7, self.accumulated),
            (0.6, self.strict_zip),
            (0.8, self.recursive_inner),
            (0.8, self.keyword_only),
            (0.6, self.masked_out),
            (0.5, self.solved),
            (1.2, self.held_writer),
            (0.8, self.list_moved),
            (0.8, self.left_at_once),
            (0.8, self.finally_left),
            (0.6, self.made_in_callee),
            (0.5, self.dict_comprehension),
        ]

    def with_name(self, name: str, ty: Ty, make: Callable[[], str]) -> str:
        """An expression made where a name is bound besides."""
        outer, self.env = self.env, {**self.env, name: ty}
        text = make()
        self.env = outer
        return text

    def bound(self, value: str) -> str:
        """A statement that names a number; the name is made after the value."""
        return f"{self.target('f')} = {value}"

    # -- exceptions and contexts

    def tried(self, depth: int) -> list[str] | None:
        if depth <= 0:
            return None
        value, other = self.bounded(1), self.bounded(1)
        lines, _ = self.inside(depth, self.rng.choice([0, 1]))
        kept = [] if lines == ["pass"] else lines
        what = self.rng.choice(
            [f"{value} / {self.rng.choice(['0.0', '1.5', '0'])}", f"math.sqrt({self.number(1)})", value]
        )
        name = self.target("f")
        out = [
            "try:",
            *indent([*kept, f"{name} = {what}"]),
            "except (ZeroDivisionError, ValueError):",
            f"    {name} = {other}",
        ]
        if self.rng.random() < 0.3:
            out += ["else:", f"    {name} = {name} * 0.5"]
        if self.rng.random() < 0.2:
            out += ["finally:", f"    {self.fresh('f')} = 1.0"]
        return out

    def raised(self, depth: int) -> list[str] | None:
        if depth <= 0:
            return None
        before, _ = self.inside(0, 1)
        test, value, other = self.condition(1), self.bounded(1), self.bounded(1)
        name = self.target("f")
        inner = [*before, f"if {test}:", "    raise ValueError('too far')", f"{name} = {value}"]
        return ["try:", *indent(inner), "except ValueError:", f"    {name} = {other}"]

    def finally_left(self, depth: int) -> list[str] | None:
        """A `finally` that writes memory, of a body that may be left."""
        name = self.writable()
        if name is None or depth <= 0:
            return None
        i = self.fresh("i")
        value = self.bounded(1)
        body, _ = self.inside(0, 1, {i: Ty("i", low=0, high=2)})
        leave = self.rng.choice(["break", "continue"])
        inner = [*body, f"if {self.condition(1)}:", f"    {leave}", f"{name}[0] = {self.bounded(1)}"]
        final = self.rng.choice([f"{name}[-1] *= {value}", f"{name}[:] *= {value}", f"{name} += {value}"])
        return [f"for {i} in range(3):", "    try:", *indent(indent(inner)), "    finally:", f"        {final}"]

    def with_errstate(self, depth: int) -> list[str] | None:
        if depth <= 0:
            return None
        lines, end = self.inside(depth, self.rng.choice([1, 2]))
        self.env = end
        return ["with np.errstate(all='ignore'):", *indent(lines)]

    # -- functions

    def nonlocal_cell(self, depth: int) -> list[str] | None:
        if self.loops:
            return None
        acc, h, u = self.fresh("f"), self.fresh("h"), self.fresh("f")
        self.env[acc] = Ty("f")
        value = self.with_name(u, Ty("f"), lambda: self.bounded(1))
        out = [
            f"{acc} = {self.number(1)}",
            f"def {h}({u}):",
            *indent([f"nonlocal {acc}", f"{acc} = 0.5 * {acc} + {value}"]),
        ]
        if self.rng.random() < 0.4:
            i = self.fresh("i")
            return [*out, f"for {i} in range(3):", f"    {h}({self.number_leaf()})"]
        return [*out, f"{h}({self.number(1)})", f"{h}({self.number(1)})"]

    def generator(self, depth: int) -> list[str] | None:
        name = self.pick("a")
        if name is None or depth <= 0 or self.loops:
            return None
        g, v, t, u = self.fresh("h"), self.fresh("a"), self.fresh("f"), self.fresh("f")
        size = "np.sum" if len(self.env[name].shape) > 1 else "np.sin"
        out = [f"def {g}({v}):", *indent([f"for {t} in {v}:", f"    yield {size}({t}) * {self.constant()}"])]
        if self.rng.random() < 0.4:
            return [*out, self.bound(f"np.tanh(sum({g}({name})))")]
        return [*out, *self.loop(f"for {u} in {g}({name}):", {u: Ty("f")}, depth, True)]

    def maker_function(self, depth: int) -> list[str] | None:
        if self.loops:
            return None
        m, k, t, g = self.fresh("h"), self.fresh("f"), self.fresh("f"), self.fresh("g")
        out = [
            f"def {m}({k}):",
            f"    return lambda {t}: np.sin({t} * {k}) + {self.constant()}",
            f"{g} = {m}({self.number(1)})",
        ]
        self.env[g] = Ty("g")
        return out

    def recursive_inner(self, depth: int) -> list[str] | None:
        if self.loops:
            return None
        r, t, n = self.fresh("h"), self.fresh("f"), self.fresh("i")
        name = self.number_leaf()
        out = [
            f"def {r}({t}, {n}):",
            f"    if {n} == 0:",
            f"        return {t} * {name}",
            f"    return np.sin({r}({t} * {self.constant()}, {n} - 1)) + {t}",
        ]
        return [*out, self.bound(f"{r}({self.number(1)}, {self.rng.randrange(4)})")]

    def star_call(self, depth: int) -> list[str] | None:
        form = self.rng.choice(
            [
                f"mix({self.number(1)}, {self.number(1)}, {self.number(1)})",
                f"mix({self.number(1)})",
                f"mix({self.number(1)}, {self.number(1)}, scale={self.number(1)})",
                f"mix(*({self.number(1)}, {self.number(1)}), scale={self.constant()})",
            ]
        )
        return [self.bound(f"np.tanh({form})")]

    def keyword_only(self, depth: int) -> list[str] | None:
        form = self.rng.choice([f"knob({self.number(1)}, gain={self.number(1)})", f"knob({self.number(1)})"])
        return [self.bound(f"np.tanh({form})")]

    def tree(self, depth: int) -> list[str] | None:
        n = self.number_leaf
        form = self.rng.choice([f"({n()}, ({n()}, {n()}))", f"(({n()}, {n()}), ({n()}, {n()}))", f"({n()}, {n()})"])
        return [self.bound(f"np.tanh(leaves({form}))")]

    def global_read(self, depth: int) -> list[str] | None:
        if self.rng.random() < 0.5:
            return [self.bound(f"np.tanh(RATE * {self.number(1)} + STATE[{self.index(4)}])")]
        value = f"STATE * {self.bounded(1)}"
        return [f"{self.target('a', (4,))} = {value}"]

    def global_written(self, depth: int) -> list[str] | None:
        return [self.rng.choice(["STATE[0] += 1.0", "LOG.append(1.0)", "LOG[0] += 0.5", "STATE[:] = STATE[::-1].copy()"])]

    def left_at_once(self, depth: int) -> list[str] | None:
        """A loop that ends by `break` alone, with names that change places."""
        pair = self.two_alike()
        if pair is None or depth <= 0:
            return None
        a, b = pair
        both = self.env[a].writable and self.env[b].writable
        for name in pair:
            self.env[name] = Ty("a", self.env[name].shape, writable=both)
        lines, _ = self.inside(depth, 1)
        return ["while True:", f"    {a}, {b} = {b}, {a}", *indent(lines), "    break"]

    def made_in_callee(self, depth: int) -> list[str] | None:
        """Objects that hold arrays of the caller and what a callee makes of nothing."""
        name = self.pick("a")
        if name is None:
            return None
        c = self.fresh("c")
        made = self.rng.choice(["made_list()", "made_array()"])
        use = self.rng.choice([f"np.sum({c}.k)", f"{c}.w[0]", f"np.sum({c}.k) * {c}.w[0]"])
        return [f"{c} = Unit({name}, {made})", self.bound(f"np.tanh({use})")]

    # -- patterns and names

    def matched(self, depth: int) -> list[str] | None:
        if depth <= 0:
            return None
        ints = [k for k, t in self.env.items() if t.kind in ("i", "n")]
        subject = f"{self.rng.choice(ints)} % 3" if ints else str(self.rng.randrange(3))
        first, _ = self.inside(depth, 1)
        second, _ = self.inside(depth, 1)
        third, _ = self.inside(depth, 1)
        guard = f" if {self.condition(1)}" if self.rng.random() < 0.4 else ""
        return [
            f"match {subject}:",
            "    case 0:",
            *indent(indent(first)),
            f"    case 1 | 2{guard}:",
            *indent(indent(second)),
            "    case _:",
            *indent(indent(third)),
        ]

    def walrus(self, depth: int) -> list[str] | None:
        if depth <= 0:
            return None
        name = self.fresh("f")
        head = f"if ({name} := {self.number(2)}) > {self.threshold()}:"
        self.env[name] = Ty("f")
        lines, _ = self.inside(depth, 1)
        return [head, *indent(lines)]

    def deleted(self, depth: int) -> list[str] | None:
        if self.loops:
            return None
        name = self.fresh("f")
        value = self.number(1)
        new = self.target("f")
        return [f"{name} = {value}", f"{new} = {name} * {self.constant()}", f"del {name}"]

    def asserted(self, depth: int) -> list[str] | None:
        name = self.pick("a")
        return None if name is None else [f"assert {name}.ndim == {len(self.env[name].shape)}, f'{{{name}.shape}}'"]

    # -- containers and objects

    def dict_local(self, depth: int) -> list[str] | None:
        d, total = self.fresh("d"), self.fresh("f")
        out = [f"{d} = {{'a': {self.number(1)}, 'b': {self.number(1)}}}"]
        change = self.rng.choice(
            [
                f"{d}['a'] += {self.bounded(1)}",
                f"{d}['c'] = {self.bounded(1)}",
                f"{d}.update(b={self.bounded(1)})",
                f"{d}.setdefault('e', {self.constant()})",
                f"{d}['b'] = {d}['a'] * {d}.get('b', 1.0)",
            ]
        )
        use = self.rng.choice(
            [
                f"{total} = np.tanh(sum({d}.values()))",
                f"{total} = np.tanh({d}.get('a', 0.5) * {d}['b'])",
                f"{total} = np.tanh(sum([v * {self.constant()} for k, v in {d}.items()]))",
                f"{total} = np.sin({d}.pop('a'))",
                f"{total} = {d}['b'] if 'zz' in {d} else np.cos({d}['a'])",
            ]
        )
        self.env[total] = Ty("f")
        return [*out, change, use]

    def dict_comprehension(self, depth: int) -> list[str] | None:
        d, k = self.fresh("d"), self.fresh("k")
        value = self.number(1)
        return [
            f"{d} = {{{k}: {value} * len({k}) for {k} in ('p', 'qq')}}",
            self.bound(f"np.tanh({d}['p'] * {d}['qq'])"),
        ]

    def cell_used(self, depth: int) -> list[str] | None:
        c = self.fresh("c")
        out = [f"{c} = Unit({self.number(1)}, {self.constant()})"]
        acts = [
            f"{c}.step({self.number(1)})",
            f"{c}.k = {c}.k * {self.number(1)}",
            f"{c} = {c} + {self.number(1)}",
            f"{c}.step({c}.half)",
        ]
        out += self.rng.sample(acts, self.rng.choice([1, 2]))
        return [
            *out,
            self.bound(f"np.tanh({self.rng.choice([f'{c}({self.number(1)})', f'{c}.k', f'{c}.half * {c}.w'])})"),
        ]

    def reduced_list(self, depth: int) -> list[str] | None:
        name = self.pick("L")
        items = (
            name
            if name is not None and self.env[name].low
            else f"[{self.number(1)}, {self.number(1)}, {self.number_leaf()}]"
        )
        c = self.constant()
        form = self.rng.choice(
            [
                f"functools.reduce(lambda p, q: p * {c} + q, {items})",
                f"functools.reduce(operator.mul, {items}, {c})",
                f"max({items})",
                f"min({items})",
                f"sorted({items})[0]",
                f"sum(t * t for t in {items})",
                f"sum(map(math.sin, {items}))",
                f"sum(reversed({items}))",
                f"max(t * {c} for t in {items})",
                f"sorted({items}, key=lambda t: -t)[-1]",
                f"sum(p * q for p, q in itertools.pairwise({items}))",
            ]
        )
        return [self.bound(f"np.tanh({form})")]

    def mapped(self, depth: int) -> list[str] | None:
        name = self.pick("a")
        if name is None or len(self.env[name].shape) != 1:
            return None
        t = self.fresh("f")
        value = self.with_name(t, Ty("f"), lambda: self.bounded(1))
        return [f"{self.target('L', low=1)} = list(map(lambda {t}: {value}, {name}))"]

    def filtered(self, depth: int) -> list[str] | None:
        name = self.pick("a")
        if name is None or len(self.env[name].shape) != 1:
            return None
        t, u = self.fresh("f"), self.fresh("f")
        form = self.rng.choice(
            [
                f"sum([{t} * {self.constant()} for {t} in {name} if {t} > {self.threshold()}])",
                f"sum({t} ** 2 for {t} in filter(lambda {u}: {u} > {self.threshold()}, {name}))",
            ]
        )
        return [self.bound(f"np.tanh({form})")]

    def accumulated(self, depth: int) -> list[str] | None:
        items = f"[{self.number(1)}, {self.number(1)}, {self.number_leaf()}]"
        t = self.fresh("f")
        form = self.rng.choice(
            [
                f"itertools.accumulate({items})",
                f"itertools.chain({items}, ({self.number_leaf()},))",
                f"itertools.islice({items}, 2)",
            ]
        )
        return [self.bound(f"np.tanh(sum([{t} * {t} for {t} in {form}]))")]

    def nested_list(self, depth: int) -> list[str] | None:
        m, i, j = self.fresh("m"), self.fresh("i"), self.fresh("i")
        cell = self.rng.choice(
            [f"{m}[{i}][{j}] = {m}[{i}][{j} - 1] * {self.number_leaf()}", f"{m}[{i}][{j}] += {m}[{i} - 1][{j}]"]
        )
        return [
            f"{m} = [[{self.number_leaf()} for {j} in range(2)] for {i} in range(2)]",
            f"for {i} in range(2):",
            f"    for {j} in range(2):",
            f"        {cell}",
            self.bound(f"np.tanh({m}[0][1] * {m}[1][0])"),
        ]

    def emptied(self, depth: int) -> list[str] | None:
        items = ", ".join(self.number(1) for _ in range(3))
        name, total = self.fresh("l"), self.fresh("f")
        self.env[total] = Ty("f")
        body = f"{total} = 0.5 * {total} + np.sin({name}.pop())"
        return [f"{name} = [{items}]", f"{total} = 0.0", f"while {name}:", f"    {body}"]

    def flat_comprehension(self, depth: int) -> list[str] | None:
        name = next((k for k, t in self.env.items() if t.kind == "a" and len(t.shape) == 2), None)
        if name is None:
            return None
        r, t = self.fresh("a"), self.fresh("f")
        return [
            self.bound(
                f"np.tanh(sum([{t} * {self.constant()} for {r} in {name} for {t} in {r} if {t} > {self.threshold()}]))"
            )
        ]

    # -- loops

    def flagged_loops(self, depth: int) -> list[str] | None:
        if depth <= 0:
            return None
        done, i, j = self.fresh("b"), self.fresh("i"), self.fresh("i")
        inner, _ = self.inside(0, 1, {i: Ty("i", low=0, high=1), j: Ty("i", low=0, high=1)})
        return [
            f"{done} = False",
            f"for {i} in range(2):",
            f"    for {j} in range(2):",
            *indent(indent(inner)),
            f"        if {self.condition(1)}:",
            f"            {done} = True",
            "            break",
            f"    if {done}:",
            "        break",
        ]

    def enumerated(self, depth: int) -> list[str] | None:
        name = next((k for k, t in self.env.items() if t.kind == "a" and len(t.shape) == 2), None)
        if name is None or depth <= 0:
            return None
        i, r = self.fresh("i"), self.fresh("a")
        row = Ty("a", self.env[name].shape[1:], writable=self.env[name].writable)
        return self.loop(
            f"for {i}, {r} in enumerate({name}, start=1):", {i: Ty("i", low=0, high=0), r: row}, depth, True
        )

    def strict_zip(self, depth: int) -> list[str] | None:
        pair = self.two_alike()
        if pair is None or depth <= 0 or len(self.env[pair[0]].shape) != 1:
            return None
        p, q = self.fresh("f"), self.fresh("f")
        return self.loop(
            f"for {p}, {q} in zip({pair[0]}, {pair[1]}, strict=True):", {p: Ty("f"), q: Ty("f")}, depth, True
        )
