"""Live ranges on the linear order of the printed text.

Every statement has four slots: its operands are read in the first, its results written in the second; the
third is a late read (what a statement reads after its first write).  A range is a list of half-open
intervals.  A value is live from its definition to its last use; through a loop when it is used inside and
defined outside; and not in the arm of an `if` that holds its last use on the other path.  So ranges stay
short lists; two values may share a variable when theirs do not meet.

An arm that leaves (break, continue, return) is numbered apart, behind the rest of the loop's body, or
behind everything if it returns: what is read only after the `if` isn't live in it, while what is live
around the loop still is.

A `Web` is what must be one variable: the carried value in all regions of a loop, or the results of an
`if`.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field

from ..errors import InternalError
from ..ir.ops import Block, For, Func, Guard, If, Op, While
from ..ir.values import Operand, Value
from ..ir.walk import blocks, completes, operands, results, space_operands
from .flow import Flow, carried, continues, leaf_params, reads_of
from .plan import Plan
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
    apart: bool = False


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
        self.after: dict[Op, int] = {}
        self.waiting: list[Node] = []
        self.returning: list[Node] = []
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

    def number(self, block: Block, parent: Node | None, index: int, is_loop: bool = False) -> Node:
        """Give slots to a block, its ops, and the regions inside."""
        node = Node(block, parent, index)
        waiting = self.waiting
        if is_loop or parent is None:
            self.waiting = []
        self.fill(node)
        if is_loop or parent is None:
            self.fill_waiting(self.waiting)
            self.waiting = waiting
            node.end = self.take()
        if parent is None:
            self.fill_waiting(self.returning)
        return node

    def fill_waiting(self, nodes: list[Node]) -> None:
        while nodes:
            self.fill(nodes.pop(0))

    def fill(self, node: Node) -> None:
        node.start = self.take()
        for i, op in enumerate(node.block.ops):
            first = self.plan.together.get(op, op)
            self.slots[op] = self.take() if first is op else self.slots[first]
            bodies = blocks(op)[:-1] if isinstance(op, (For, While)) else ()
            self.nodes[op] = [self.number_child(b, node, i, b in bodies) for b in blocks(op)]
            self.after[op] = self.take() if self.nodes[op] else self.slots[op]
        node.end = self.take()

    def number_child(self, block: Block, parent: Node, index: int, is_loop: bool) -> Node:
        op = parent.block.ops[index]
        protected = isinstance(op, Guard) and block is op.body
        if not isinstance(op, (If, Guard)) or protected or completes(block):
            return self.number(block, parent, index, is_loop)
        node = Node(block, parent, index, apart=True)
        (self.waiting if continues(block) else self.returning).append(node)
        return node

    def take(self) -> int:
        self.slot += 4
        return self.slot

    # -- definitions

    def define(self, value: Value, node: Node, slot: int, is_param: bool = False) -> None:
        self.home[value] = (node, slot)
        self.web[value] = Web([value], value.name, is_param)

    def define_all(self, node: Node) -> None:
        for op in node.block.ops:
            at = self.slots[op]
            if not self.plan.inlined(op):
                inner = self.nodes[op] if op not in self.plan.expression_ifs else []
                slot = self.after[op] + 1 if inner else at + 1
                alive = [r for r in results(op) if not inner or self.flow.is_alive(r)]
                for r in alive:
                    for v in self.plan.bound(r):
                        self.define(v, node, slot)
            if isinstance(op, (For, While)):
                self.define_loop(op, at)
            if isinstance(op, Guard):
                self.define_guard(op)
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

    def define_guard(self, op: Guard) -> None:
        """What a context gives when it is entered; the exception, whose variable is deleted at the end of the handler."""
        for node in self.nodes[op]:
            for p in node.block.params:
                self.define(p, node, node.start + 1)
                if node.block is not op.body:
                    self.web[p].spans.append((node.start + 1, node.end))

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
            late = operands(op)[1:]
        for value in self.plan.leaves_of(late):
            if not inplace(op) or value is not operands(op)[0]:
                self.read(value, node, index, at + 2)
            if isinstance(op, For) and value.name is None:  # legal to reuse in the body, but hard to read
                self.read(value, self.nodes[op][0], 0, at + 2)
        items = self.plan.leaves(op) if isinstance(op, If) else self.plan.leaves_of(reads_of(op, self.flow))
        for value in items:
            self.read(value, node, index, at)

    def read(self, value: Value, node: Node, index: int, slot: int) -> None:
        """Note a use in the block where it stands and in all that enclose it, up to the definition."""
        if value not in self.home:
            raise InternalError(f"{value.name or 'a temporary'} is read where it isn't defined", loc=value.loc)
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
        spans = self.spans(seen, node, start)
        for other in seen:
            if other.apart and other is not node:
                spans += self.spans(seen, other, other.start)
        return spans

    def spans(self, seen: dict[Node, tuple[int, int]], node: Node, start: int) -> list[Interval]:
        """Where a value is live that is live at `start` of the block, given its last uses."""
        index, slot = seen[node]
        op = node.block.ops[index]
        inner = self.nodes[op]
        end = max(slot, self.slots[op]) + 1
        out: list[Interval] = []
        if isinstance(op, If):
            for child in inner:
                if child in seen and not child.apart:
                    out += self.spans(seen, child, child.start)
        elif isinstance(op, Guard):
            if any(child in seen for child in inner[1:]):
                end = max(end, self.protected(op))
            for child in inner:
                if child in seen and not child.apart:
                    out += self.spans(seen, child, child.start)
        elif inner:
            if any(child in seen for child in inner[:-1]):
                end = inner[-2].end
            if inner[-1] in seen:
                end = inner[-1].start
                out += self.spans(seen, inner[-1], inner[-1].start)
        return [(start, end), *out]


    def protected(self, op: Guard) -> int:
        """Where the last statement of a body reads that may raise: until there a handler's variables are kept."""
        for inner in reversed(op.body.ops):
            if not self.plan.inlined(inner) and self.plan.raises(inner):
                return (self.after[inner] if blocks(inner) else self.slots[inner]) + 1
        return 0


def merged(spans: list[Interval]) -> list[Interval]:
    """The union of intervals, sorted."""
    out: list[Interval] = []
    for start, end in sorted(spans):
        if out and start <= out[-1][1]:
            out[-1] = (out[-1][0], max(end, out[-1][1]))
        else:
            out.append((start, end))
    return out
