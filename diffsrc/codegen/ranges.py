"""Live ranges on the linear order of the printed text.

Every statement has four slots: its operands are read in the first, its results written in the second; the third is a late
read (what a statement reads after its first write).  A range is a list of half-open intervals.  A value is live from its
definition to its last use; through a loop when it is used inside and defined outside; and not in the arm of an `if` that
holds its last use on the other path.  So ranges stay short lists; two values may share a variable when theirs do not meet.

A `Web` is what must be one variable: the carried value in all regions of a loop, or the results of an `if`.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field

from ..ir.ops import Block, For, Func, If, Op, While
from ..ir.values import Operand, Value
from ..ir.walk import blocks, operands, results, space_operands, values_in
from .flow import Flow, carried, leaf_params, op_sources
from .fold import Plan, evaluation
from .syntax import inplace

Interval = tuple[int, int]


@dataclass(eq=False, slots=True)
class Node:
    """A block in the tree of blocks, with its slots."""

    block: Block
    parent: Node | None
    index: int
    start: int = 0
    end: int = 0


@dataclass(eq=False, slots=True)
class Web:
    """Values that share one variable by construction, and where it is occupied."""

    values: list[Value]
    name: str | None
    is_param: bool = False
    spans: list[Interval] = field(default_factory=list)

    @property
    def start(self) -> int:
        return self.spans[0][0] if self.spans else 0

    def meets(self, other: Web) -> bool:
        """Whether the ranges overlap."""
        small, large = sorted((self.spans, other.spans), key=len)
        return any(_hits(span, large) for span in small)

    def absorb(self, other: Web) -> None:
        self.values += other.values
        self.spans = sorted(self.spans + other.spans)
        self.is_param |= other.is_param
        self.name = self.name or other.name


def _hits(span: Interval, spans: list[Interval]) -> bool:
    at = bisect_left(spans, span)
    return (at < len(spans) and spans[at][0] < span[1]) or (at > 0 and spans[at - 1][1] > span[0])


class Ranges:
    """The webs of a function in the order of their first definition."""

    def __init__(self, func: Func, flow: Flow, plan: Plan) -> None:
        self.flow, self.plan = flow, plan
        self.slot = 0
        self.slots: dict[Op, int] = {}
        self.nodes: dict[Op, list[Node]] = {}
        self.home: dict[Value, tuple[Node, int]] = {}
        self.last: dict[Value, dict[Node, tuple[int, int]]] = {}
        self.web: dict[Value, Web] = {}
        self.crossing: list[tuple[Web, list[Value], Node]] = []
        self.pending: dict[Value, list[Interval]] = {}
        root = self.number(func.body, None, 0)
        for p in func.params:
            self.define(p, root, root.start, is_param=True)
        self.define_all(root)
        self.read_all(root)
        for value in self.home:
            self.web[value].spans += self.intervals(value) + self.pending.get(value, [])
        for web, params, cond in self.crossing:
            if any(p in self.last for p in params[1:]):
                web.spans.append((cond.start, cond.end))
        self.webs = list(dict.fromkeys(self.web.values()))
        for web in self.webs:
            web.spans = merged(web.spans)
        self.webs.sort(key=lambda w: w.start)

    def number(self, block: Block, parent: Node | None, index: int) -> Node:
        """Give slots to a block, its ops, and the regions inside."""
        node = Node(block, parent, index, self.slot)
        self.slot += 4
        for i, op in enumerate(block.ops):
            self.slots[op] = self.slot
            self.slot += 4
            self.nodes[op] = [self.number(b, node, i) for b in blocks(op)]
        node.end = self.slot
        self.slot += 4
        return node

    # -- definitions

    def define(self, value: Value, node: Node, slot: int, is_param: bool = False) -> None:
        self.home[value] = (node, slot)
        self.web[value] = Web([value], value.name, is_param)

    def define_all(self, node: Node) -> None:
        for op in node.block.ops:
            at = self.slots[op]
            if not self.plan.inlined(op):
                inner = self.nodes[op] if op not in self.plan.expression_ifs else []
                slot = inner[-1].end + 1 if inner else at + 1
                alive = [r for r in results(op) if not inner or self.flow.is_alive(r)]
                for r in alive:
                    for v in self.plan.bound(r):
                        self.define(v, node, slot)
            if isinstance(op, (For, While)):
                self.define_loop(op, at)
            for target, _ in self.flow.copies(op):
                self.copied(target, at)
            for child in self.nodes[op]:
                self.define_all(child)

    def define_loop(self, op: For | While, at: int) -> None:
        heads = self.nodes[op]
        body = heads[-2]
        for p in leaf_params(op) if isinstance(op, For) else ():
            for v in self.plan.bound(p):
                self.define(v, body, body.start + 1)
        for k, value in enumerate(carried(op)):
            if not self.flow.is_alive(value):
                continue
            params = [n.block.params[len(n.block.params) - len(op.inits) + k] for n in heads]
            name = next((p.name for p in (value, *params) if p.name), None)
            web = Web(params, name)
            web.spans.append((at + 1, heads[0].start + 1))
            if isinstance(op, While):
                self.crossing.append((web, params, heads[0]))
            for node, p in zip(heads, params):
                self.home[p] = (node, node.start + 1)
                self.web[p] = web

    def copied(self, target: Value, at: int) -> None:
        """A terminator writes the target; for a result, this comes before its definition."""
        self.pending.setdefault(self.flow.rep(target), []).append((at + 1, at + 2))

    # -- uses

    def read_all(self, node: Node) -> None:
        for index, op in enumerate(node.block.ops):
            if op in self.plan.expression_ifs or not self.plan.inlined(op):
                self.read_op(op, node, index)
            for child in self.nodes[op] if op not in self.plan.expression_ifs else ():
                self.read_all(child)

    def read_op(self, op: Op, node: Node, index: int) -> None:
        if self.plan.inlined(op):
            return
        at = self.slots[op]
        late: tuple[Operand, ...] = ()
        if isinstance(op, For):
            late = space_operands(op.space)
        elif inplace(op):
            late = tuple(a for a in operands(op)[1:] if a is not operands(op)[0])
        for value in self.leaves(late):
            self.read(value, node, index, at + 2)
        for value in self.op_leaves(op):
            self.read(value, node, index, at)

    def op_leaves(self, op: Op) -> Iterator[Value]:
        """The values that a statement reads, those of folded expressions included."""
        yield from self.leaves(evaluation(op, self.flow))
        if isinstance(op, If) and op in self.plan.expression_ifs:
            for arm in (op.then, op.other):
                yield from self.leaves(op_sources(arm.terminator))

    def leaves(self, items: tuple[Operand, ...]) -> Iterator[Value]:
        for value in values_in(*items):
            if value in self.plan.folded:
                yield from self.op_leaves(self.plan.folded[value])
            else:
                yield value

    def read(self, value: Value, node: Node, index: int, slot: int) -> None:
        """Note a use in the block where it stands and in all that enclose it, up to the definition."""
        seen = self.last.setdefault(value, {})
        home = self.home[value][0]
        while True:
            seen[node] = max(seen.get(node, (-1, -1)), (index, slot))
            if node is home or node.parent is None:
                return
            node, index, slot = node.parent, node.index, -1

    # -- ranges

    def intervals(self, value: Value) -> list[Interval]:
        node, start = self.home[value]
        seen = self.last.get(value, {})
        if node not in seen:
            carried_only = len(self.web[value].values) > 1 or self.flow.rep(value) is not value
            return [] if carried_only else [(start, start + 1)]
        return self.spans(seen, node, start)

    def spans(self, seen: dict[Node, tuple[int, int]], node: Node, start: int) -> list[Interval]:
        """Where a value is live that is live at `start` of the block, given its last uses."""
        index, slot = seen[node]
        op = node.block.ops[index]
        inner = self.nodes[op]
        end = max(slot, self.slots[op]) + 1
        out: list[Interval] = []
        if isinstance(op, If):
            for child in inner:
                if child in seen:
                    out += self.spans(seen, child, child.start)
        elif inner:
            if any(child in seen for child in inner[:-1]):
                end = inner[-2].end
            if inner[-1] in seen:
                end = inner[-1].start
                out += self.spans(seen, inner[-1], inner[-1].start)
        return [(start, end), *out]


def merged(spans: list[Interval]) -> list[Interval]:
    """The union of intervals, sorted."""
    out: list[Interval] = []
    for start, end in sorted(spans):
        if out and start <= out[-1][1]:
            out[-1] = (out[-1][0], max(end, out[-1][1]))
        else:
            out.append((start, end))
    return out
