"""The plan of a function's text: what is written where. Made by `fold.decide`."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from ..analysis.raises import may_raise
from ..defs.structural import UNPACK
from ..ir.ops import Apply, Block, If, Load, Op, Store, View
from ..ir.values import Operand, Value
from ..ir.walk import operands, results, values_in
from .flow import op_sources
from .syntax import STATEMENTS, destination, inplace

MAX_TOGETHER = 8


@dataclass(eq=False, slots=True)
class Plan:
    """What `decide` found: `folded` values are written where they are used."""

    folded: dict[Value, Op] = field(default_factory=dict)
    expression_ifs: set[If] = field(default_factory=set)
    augmented: dict[Store, tuple[type[ast.operator], Operand]] = field(default_factory=dict)
    #: a value that is taken apart at once -> its `unpack`, printed as a nested target
    unpacked: dict[Value, Apply] = field(default_factory=dict)
    #: ops that are evaluated together, as the sides of one tuple assignment -> the first of them
    together: dict[Op, Op] = field(default_factory=dict)
    dropped: set[Op] = field(default_factory=set)
    #: results that nothing reads
    unread: set[Value] = field(default_factory=set)

    def inlined(self, op: Op) -> bool:
        """Whether the op is no statement of its own."""
        if isinstance(op, Apply) and op.fn is UNPACK and op.args[0] in self.unpacked:
            return True
        made = results(op)
        return op in self.dropped or (bool(made) and all(r in self.folded for r in made))

    def leaves(self, op: Op) -> Iterator[Value]:
        """The values that an op reads, those of folded expressions included."""
        yield from self.leaves_of(operands(op))
        if isinstance(op, If) and op in self.expression_ifs:
            for arm in (op.then, op.other):
                yield from self.leaves_of(op_sources(arm.terminator))

    def raises(self, op: Op) -> bool:
        """Whether the statement of an op may raise, in what is folded into it too."""
        folded = (self.folded[v] for v in values_in(*operands(op)) if v in self.folded)
        return may_raise(op, (BaseException,)) or any(map(self.raises, folded))

    def written_in(self, op: Op) -> Iterator[Op]:
        """The ops that are folded into the statement of an op."""
        for value in values_in(*operands(op)):
            if value in self.folded:
                yield self.folded[value]
                yield from self.written_in(self.folded[value])

    def leaves_of(self, items: Iterable[Operand]) -> Iterator[Value]:
        for value in values_in(*items):
            if value in self.folded:
                yield from self.leaves(self.folded[value])
            else:
                yield value

    def bound(self, value: Value) -> tuple[Value, ...]:
        """The values that a target binds: the value itself, or the parts it is taken apart into."""
        op = self.unpacked.get(value)
        return (value,) if op is None else tuple(v for r in op.results for v in self.bound(r))


def find_together(block: Block, plan: Plan) -> None:
    """Find what one line of the source assigns at once: `a, b = b + 1, a`. None of the sides may read
    another.
    """
    group: list[Op] = []
    made: set[Value] = set()
    for op in block.ops:
        if plan.inlined(op):
            continue
        made_here = results(op)
        named = len(made_here) == 1 and made_here[0].name is not None
        simple = named and is_expression(op) and not inplace(op) and destination(op) is None
        if isinstance(op, If):
            simple = simple and op in plan.expression_ifs
        joins = bool(group) and op.loc.line == group[0].loc.line != 0 and len(group) < MAX_TOGETHER
        if not simple or not joins or made.intersection(plan.leaves(op)):
            group, made = [], set()
        if simple:
            group.append(op)
            made.update(results(op))
            plan.together[op] = group[0]


def is_expression(op: Op) -> bool:
    """Whether an op may print as an expression."""
    if isinstance(op, Apply):
        return op.fn not in STATEMENTS
    return isinstance(op, (Load, View, If))
