"""Where ops and values stand: enclosing regions, textual order, and "may this run after that?"."""

from __future__ import annotations

from collections.abc import Iterator

from ..ir.ops import Block, For, Func, Guard, If, Op, While
from ..ir.values import Value
from ..ir.walk import blocks, results

Loop = For | While


class Positions:
    """Parents and textual order of every op of a function; the region in which each value is defined."""

    def __init__(self, func: Func) -> None:
        self.func = func
        self.order: dict[Op, int] = {}
        self.last: dict[Op, int] = {}
        self.block_of: dict[Op, Block] = {}
        self.parent: dict[Block, Op | None] = {func.body: None}
        self.region_of: dict[Value, Block] = {}
        self.def_of: dict[Value, Op] = {}
        for p in func.params:
            self.region_of[p] = func.body
        self._visit(func.body)

    def _visit(self, block: Block) -> None:
        for p in block.params:
            self.region_of[p] = block
        for op in block.ops:
            self.order[op] = len(self.order)
            self.block_of[op] = block
            for r in results(op):
                self.region_of[r] = block
                self.def_of[r] = op
            for inner in blocks(op):
                self.parent[inner] = op
                self._visit(inner)
            self.last[op] = len(self.order) - 1

    def regions(self, block: Block) -> list[Block]:
        """The block and the blocks around it, innermost first."""
        out = [block]
        while (op := self.parent[out[-1]]) is not None:
            out.append(self.block_of[op])
        return out

    def loops(self, block: Block) -> list[Loop]:
        """The loops around a block, innermost first (a loop's own `orelse` is not inside it)."""
        found: list[Loop] = []
        for region in self.regions(block):
            op = self.parent[region]
            if isinstance(op, (For, While)) and region is not op.orelse:
                found.append(op)
        return found

    def exclusive(self, a: Op, b: Op) -> bool:
        """Whether two ops stand in different arms of one `if` or guard: loops aside, at most one of them is reversed."""
        arms = {self.parent[r]: r for r in self.regions(self.block_of[a])}
        for region in self.regions(self.block_of[b]):
            op = self.parent[region]
            if isinstance(op, (If, Guard)) and op in arms:
                return arms[op] is not region
        return False

    def follows(self, later: Op, earlier: Op) -> bool:
        """Whether `later` may run after `earlier` without a loop's back edge being taken."""
        return self.order[later] > self.order[earlier] and not self.exclusive(later, earlier)

    def common_loops(self, a: Op, b: Op) -> list[Loop]:
        """The loops around both ops, innermost first."""
        around = set(self.loops(self.block_of[a]))
        return [loop for loop in self.loops(self.block_of[b]) if loop in around]

    def visible(self, op: Op) -> list[Value]:
        """The values that are defined where an op stands, early ones first."""
        out: list[Value] = []
        for block in self.regions(self.block_of[op]):
            before = [r for o in block.ops if self.last[o] < self.order[op] for r in results(o)]
            out = [*block.params, *before, *out]
        return [*self.func.params, *out]

    def each_iteration(self, op: Op) -> Iterator[Loop]:
        """The loops in each iteration of which an op runs, innermost first."""
        block = self.block_of[op]
        while isinstance(loop := self.parent[block], (For, While)) and block is loop.body:
            yield loop
            block = self.block_of[loop]

    def same_iteration(self, v: Value, op: Op) -> bool:
        """Whether a value was made in the iteration in which an op runs."""
        for block in self.regions(self.block_of[op]):
            if self.region_of[v] is block:
                return True
            if isinstance(self.parent[block], (For, While)):
                return False
        return False
