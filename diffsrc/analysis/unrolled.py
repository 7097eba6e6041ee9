"""Loops over items of different types: their body stands once for each of them.

An exit of the body can't stay, for there is no loop any more. What follows an `if` with an exit goes into its arms::

    for shape in (ball, floor):           t = hit(ball)
        t = hit(shape)                    if t is None:
        if t is None:                         t_1 = hit(floor)
            continue               =>         ...
        found = t                         else:
        break                                 found = t

* One path alone leads to the next item: all that follows stands there, with what is behind the loop's own `else`.
* Several do: they join, and a bool says whether the loop was left by `break`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ..ir.ops import Block, Break, Continue, For, Guard, If, Op, While, Yield
from ..ir.values import UNDEF, Literal, Value
from ..ir.walk import blocks, completes, walk
from .choices import Arms
from .flows import loop_exits
from .items import truth
from .typer import Parts, Typer, refuse

#: takes what a block's `yield` passes, and gives what the loop gives then; None: control doesn't get there
Behind = Callable[[Parts], Parts | None]


class Unrolled:
    """A loop, unrolled. `one`: walks an op; `join`: joins the arms of an `if` (both of `infer_regions.py`); `rest`: what
    gives the results after the last of the rounds, in place of the loop's `else`."""

    def __init__(
        self, typer: Typer, op: For | While, rounds: Sequence[Parts], one: Callable[[Typer, Op], bool],
        join: Callable[..., bool], rest: Behind | None = None,
    ) -> None:  # fmt: skip
        self.typer, self.op, self.rounds, self.one, self.join = typer, op, rounds, one, join
        self.rest = rest
        exits = list(loop_exits(op.body))
        self.breaks = any(isinstance(e, Break) for e in exits)
        going_on = sum(not isinstance(e, Break) for e in exits)
        self.nested = self.breaks and going_on <= 1 and not _both_complete(op.body)
        #: `break` passes what the loop gives; without an `else` these are the carried values
        self.more = () if _only_forwards(op.orelse) else op.results
        carried = op.body.params[len(op.body.params) - len(op.inits) :]
        self.names = [v.name for v in (op.results if self.nested else carried)]
        if self.breaks and not self.nested:
            self.names += [*(r.name for r in self.more), "left"]

    def run(self) -> bool:
        typer, op = self.typer, self.op
        results = self.given()
        if results is not None:
            typer.env.update(zip(op.results, results))
        return results is not None

    def given(self) -> Parts | None:
        """What the loop gives; None where it doesn't complete."""
        return self.round(0, tuple(map(self.typer.get, self.op.inits)))

    def round(self, k: int, carried: Parts) -> Parts | None:
        """What the loop gives, from an iteration on."""
        typer, op = self.typer, self.op
        if k == len(self.rounds) and self.rest is not None:
            return self.rest(carried)
        if k == len(self.rounds):
            typer.env.update(zip(op.orelse.params, carried))
            return self.tree(op.orelse.ops, lambda items: items, outside=True)
        self.forget(op.body)
        typer.env.update(zip(op.body.params, (*self.rounds[k], *carried)))
        self.k = k
        items = self.tree(op.body.ops, self.goes_on)
        if items is None or self.nested:
            return items
        return self.round(k + 1, items) if not self.breaks else self.unless_left(k, items)

    def goes_on(self, carried: Parts) -> Parts | None:
        if self.nested:
            return self.round(self.k + 1, carried)
        return (*carried, *(UNDEF for _ in self.more), Literal(False)) if self.breaks else carried

    def leaves(self, given: Parts) -> Parts:
        if self.nested:
            return given
        return (*((UNDEF,) * len(self.op.inits) if self.more else ()), *given, Literal(True))

    def unless_left(self, k: int, items: Parts) -> Parts | None:
        """The next iteration, if none before was left by `break`."""
        typer, loc = self.typer, self.op.loc
        count = len(self.op.inits)
        carried, left = items[:count], items[-1]
        given = items[count:-1] if self.more else carried
        known = truth(typer.type_of(left))
        if known is not None:
            return given if known else self.round(k + 1, carried)
        arms: Arms = [([], given)]
        with typer.builder.block() as ops:
            rest = self.round(k + 1, carried)
        arms.append((ops, rest))
        results = tuple(Value(r.name, loc=loc) for r in self.op.results)
        return tuple(map(typer.get, results)) if self.join(typer, left, arms, results, loc) else None

    def tree(self, ops: Sequence[Op], behind: Behind, outside: bool = False) -> Parts | None:
        """Walk ops; exits of this loop lead to the next iteration or out of it. `outside`: those of loops around."""
        typer = self.typer
        for n, op in enumerate(ops):
            if isinstance(op, Yield):
                return behind(tuple(map(typer.get, op.values)))
            if not outside and isinstance(op, (Continue, Break)):
                items = tuple(map(typer.get, op.values))
                return self.goes_on(items) if isinstance(op, Continue) else self.leaves(items)
            if not outside and _is_left(op):
                if not isinstance(op, If):
                    raise refuse("break or continue under `try`, `with` or an inner `else`, in a loop over items of "
                                 "different types", op.loc)  # fmt: skip
                return self.branch(op, ops[n + 1 :], behind)
            before = len(typer.builder.ops)
            completed = self.one(typer, op)
            for watch in typer.watches:
                watch.made.setdefault(op, []).extend(typer.builder.ops[before:])
            if not completed:
                return None
        return ()

    def branch(self, op: If, rest: Sequence[Op], behind: Behind) -> Parts | None:
        """An `if` with exits: what follows stands in its arms."""
        typer, k = self.typer, self.k

        def then_rest(items: Parts) -> Parts | None:
            self.k = k
            self.forget(Block((), tuple(rest)))
            typer.env.update(zip(op.results, items))
            return self.tree(rest, behind)

        cond = typer.get(op.cond)
        known = truth(typer.type_of(cond))
        if known is not None:
            return self.tree((op.then if known else op.other).ops, then_rest)
        arms: Arms = []
        for block in (op.then, op.other):
            self.k = k
            with typer.builder.block() as ops:
                arms.append((ops, self.tree(block.ops, then_rest)))
        results = tuple(Value(name, loc=op.loc) for name in self.names)
        return tuple(map(typer.get, results)) if self.join(typer, cond, arms, results, op.loc) else None

    def forget(self, block: Block) -> None:
        """What is walked again gets values and types of its own."""
        self.typer.forget([block])
        for inner in walk(block):
            self.typer.memo.pop(inner, None)
            self.typer.peels.pop(inner, None)


def _only_forwards(block: Block) -> bool:
    return len(block.ops) == 1 and isinstance(end := block.terminator, Yield) and end.values == block.params


def _is_left(op: Op) -> bool:
    """Whether an exit inside an op leaves the iteration around it."""
    if isinstance(op, (Continue, Break)):
        return True
    if isinstance(op, (For, While)):
        return any(map(_is_left, op.orelse.ops))
    return isinstance(op, (If, Guard)) and any(_is_left(inner) for b in blocks(op) for inner in b.ops)


def _both_complete(block: Block) -> bool:
    """Whether an `if` that is left on some path goes on behind both of its arms: what follows stands there twice."""
    return any(
        isinstance(op, If) and _is_left(op)
        and (all(map(completes, blocks(op))) or any(map(_both_complete, blocks(op))))
        for op in block.ops
    )  # fmt: skip
