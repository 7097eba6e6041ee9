"""Which ops are written inside the expression of their use.

A temporary (a value without a name) with one use is folded into that use while the line stays short, the
nesting shallow, and the order of effects as it was: an op may not move over a statement that its effect
conflicts with, and the operands of one expression are evaluated from left to right.  An `if` whose arms
are expressions becomes a ternary, `and`, `or` or a chained comparison.  `t = a[i]; r = t + v; a[i] = r`
becomes `a[i] += v`.

Every value with a name of the user keeps its own statement.  All decisions are made before names are
given, with the widths of the name hints.

Three forms use a value twice in the IR but once in the text (the condition of `and`, the middle of `a < b
< c`, the index of `a[i - 1] += v`): such values are `shared`; they are folded at their first use and put
back if the form doesn't arise.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import dataclass, field

from ..analysis.raises import may_raise
from ..defs.structural import CLOSURE, SNAPSHOT, UNPACK
from ..ir.ops import (
    Apply,
    Block,
    For,
    Func,
    Guard,
    If,
    Load,
    Op,
    Store,
    View,
    While,
    Yield,
    is_whole,
)  # fmt: skip
from ..ir.types import Array, Scalar, strip
from ..ir.values import Literal, Operand, Value
from ..ir.walk import all_blocks, blocks, place_operands, results, values_in, walk
from .effects import PURE, Effect, conflict, effect_of, is_fresh, memory
from .flow import Flow, leaf_params, op_sources, reads_of
from .forms import chain_middle, completes_with_value, evaluation, written_as_statement, written_plain
from .plan import Plan, find_together, is_expression
from .syntax import binary, destination, inplace, op_width, operand_width, overhead, same_place

MAX_DEPTH = 12
LIST_EFFECTS = ("dict_pop", "list_append", "list_cut", "list_insert", "list_pop")
IN_ORDER = Effect(io=True)
MAX_LOOK_BACK = 48


@dataclass(eq=False, slots=True)
class Candidate:
    """A temporary that may be folded: the expression that ends at `index` of its block."""

    op: Op
    index: int
    width: int
    depth: int
    effect: Effect
    positions: frozenset[int]
    reads: frozenset[str]


@dataclass(eq=False, slots=True)
class Scope:
    """What was seen of one block so far."""

    block: Block
    indent: int
    candidates: dict[Value, Candidate] = field(default_factory=dict)
    events: list[tuple[int, Effect]] = field(default_factory=list)
    defined: dict[str, int] = field(default_factory=dict)
    effect: Effect = PURE


class Folder:
    def __init__(self, flow: Flow, width: int) -> None:
        self.flow = flow
        self.width = width
        self.plan = Plan()
        self.uses: dict[Value, list[Op]] = {}
        self.shared: dict[Value, Op] = {}
        self.consumed: dict[Op, list[Value]] = {}
        #: whether handlers catch what is raised here: then the order of exceptions and of what is kept is an effect
        self.protected = False

    def block(self, block: Block, indent: int) -> Scope:
        scope = Scope(block, indent)
        for index, op in enumerate(block.ops):
            own = self.consume(op, index, scope)
            inner = self.inside(op, indent)
            effect = own.effect
            for s in inner:
                effect |= s.effect
                scope.defined.update(dict.fromkeys(s.defined, index))
            own.effect = effect
            self.close(op, own, inner, index, scope)
            scope.defined.update({r.name: index for r in results(op) if r.name})
            if effect:
                scope.events.append((index, effect))
                scope.effect |= effect
        return scope

    def inside(self, op: Op, indent: int) -> list[Scope]:
        match op:
            case For():
                return [self.block(op.body, indent + 1), self.block(op.orelse, indent)]
            case While():
                return [self.block(b, indent + n) for b, n in ((op.cond, 0), (op.body, 1), (op.orelse, 0))]
            case If():
                return [self.block(op.then, indent + 1), self.block(op.other, indent + 1)]
            case Guard():
                outside = self.protected
                self.protected |= bool(op.handlers)
                body = self.block(op.body, indent + 1)
                self.protected = outside
                return [body, *(self.block(b, indent + 1) for b in op.handlers)]
        return []

    # -- consuming operands

    def consume(self, op: Op, index: int, scope: Scope) -> Candidate:
        """Fold what can be folded into the op; the expression so far."""
        own = Candidate(op, index, op_width(op), 1, PURE, frozenset((index,)), frozenset())
        room = self.width - 4 * scope.indent - overhead(op)
        copies = {id(s) for s in op_sources(op)} if self.flow.targets.get(op) else set()
        held: set[Value] = set()
        if self.protected and len(self.flow.copies(op)) > 1:
            room = -1  # copies that can't fail, behind all that can
        values = list(values_in(*evaluation(op, self.flow)))
        for value in reversed(values):
            c = scope.candidates.get(value)
            if c is None or not self.usable(value, op):
                continue
            grow = c.width - operand_width(value)
            if (id(value) in copies and c.width > room) or (id(value) not in copies and own.width + grow > room):
                continue
            if c.depth >= MAX_DEPTH or not self.movable(c, index, own, scope) or _read_first(op, c.effect):
                continue
            self.accept(value, c, own, 0 if id(value) in copies else grow, op)
            if is_fresh(c.op):
                held.add(value)
        own.effect |= effect_of(op, held)
        if self.protected and (may_raise(op, (BaseException,)) or (isinstance(op, Apply) and op.fn.name in LIST_EFFECTS)):
            own.effect |= IN_ORDER
        own.reads |= {v.name for v in values if v.name}
        return own

    def usable(self, value: Value, op: Op) -> bool:
        define = self.flow.define[value]
        if inplace(define) and not (isinstance(op, Store) and self.augments(op)):
            return False
        uses = self.uses.get(value, [])
        return len(uses) == 1 or self.shared.get(value) is op

    def movable(self, c: Candidate, index: int, own: Candidate, scope: Scope) -> bool:
        """Whether the candidate may be evaluated at `index`, before what `own` has taken in already."""
        if any(scope.defined.get(name, -1) > c.index for name in c.reads):
            return False
        if not c.effect:
            return True
        for steps, (at, effect) in enumerate(reversed(scope.events)):
            if at <= c.index:
                break
            if steps > MAX_LOOK_BACK or (at not in own.positions and conflict(c.effect, effect)):
                return False
        return not any(p < c.index for p in own.positions) or not conflict(c.effect, own.effect)

    def accept(self, value: Value, c: Candidate, own: Candidate, grow: int, op: Op) -> None:
        self.plan.folded[value] = c.op
        self.consumed.setdefault(op, []).append(value)
        own.width += grow
        own.depth = max(own.depth, c.depth + 1)
        own.effect = c.effect | own.effect
        own.positions |= c.positions
        own.reads |= c.reads

    def release(self, op: Op) -> None:
        """Put back, as statements, what was folded into an op."""
        for value in self.consumed.pop(op, []):
            self.plan.folded.pop(value, None)

    # -- offering results

    def is_nameless(self, op: Op, value: Value, block: Block) -> bool:
        """Whether a value needs no statement of its own: it has no name, or the name of a copy made in
        passing.
        """
        in_passing = isinstance(op, Apply) and op.fn is SNAPSHOT
        return value.name is None or in_passing or self.is_swapped(value, block)

    def is_swapped(self, value: Value, block: Block) -> bool:
        """Whether a value with a name is only passed on, beside the old value of its name: `a, b = b, a +
        b`.
        """
        last = block.terminator
        if self.uses.get(value) != [last]:
            return False
        pairs = self.flow.copies(last)
        others = [s for t, s in pairs if s is not value and isinstance(s, Value) and s.name == value.name]
        return bool(others) and any(s is value and t.name == value.name for t, s in pairs)

    def close(self, op: Op, own: Candidate, inner: list[Scope], index: int, scope: Scope) -> None:
        """Decide the form of the op itself, and offer its result for folding."""
        if isinstance(op, Store):
            self.close_store(op)
        if isinstance(op, If) and not self.close_if(op, own, inner):
            return
        made = results(op)
        if len(made) == 1 and is_expression(op) and destination(op) is None and self.is_nameless(op, made[0], scope.block):
            scope.candidates[made[0]] = own

    def augments(self, op: Store) -> bool:
        """Whether the store has the form `dst[place] = dst[place] op v`, and may be written `dst[place]
        op= v`.
        """
        value = op.value
        if op.add or not isinstance(value, Value) or self.uses.get(value) != [op]:
            return False
        made = self.flow.define.get(value)
        if not isinstance(made, Apply) or not (binary(made) or inplace(made)):
            return False
        first = made.args[0]
        if is_whole(op.place):
            return first is op.dst and not isinstance(op.dst, Literal) and _is_elementwise(made, op.dst)
        if not isinstance(first, Value) or not _is_place(self.flow.define.get(first), op):
            return False
        plain = not inplace(made)
        return self.plan.folded.get(first) is not None and not (plain and _must_stay_plain(op, value))

    def close_store(self, op: Store) -> None:
        value = op.value
        if isinstance(value, Value) and value in self.plan.folded and self.augments(op):
            made = self.plan.folded[value]
            assert isinstance(made, Apply)
            kind = binary(made) or inplace(made)
            assert kind is not None
            self.plan.augmented[op] = (kind, made.args[1])
            return
        for shared in values_in(op.dst, *place_operands(op.place)):
            if shared in self.shared and shared in self.plan.folded:
                self.release(self.shared[shared])

    def close_if(self, op: If, own: Candidate, inner: list[Scope]) -> bool:
        """Whether the `if` is an expression: then `own` becomes its width and depth."""
        fits = (
            len(op.results) == 1
            and self.flow.is_alive(op.results[0])
            and all(map(self.is_arm, (op.then, op.other)))
            and not written_as_statement(op)
        )
        arms = sum(self.arm_width(a) for a in (op.then, op.other)) if fits else 0
        own.width += operand_width(op.cond) + arms + 8
        if fits and own.width <= self.width - 4 * inner[0].indent - len(op.results[0].name or "t1"):
            self.plan.expression_ifs.add(op)
            own.depth += max(map(self.arm_depth, (op.then, op.other)))
            own.reads = own.reads.union(*(self.arm_reads(a) for a in (op.then, op.other)))
            return True
        if any(v in self.shared for v in self.consumed.get(op, [])):
            self.release(op)
        made = self.flow.define.get(op.cond) if isinstance(op.cond, Value) else None
        if isinstance(made, Apply) and any(self.shared.get(v) is made for v in self.consumed.get(made, [])):
            self.release(made)
        return False

    def is_arm(self, block: Block) -> bool:
        last = block.terminator
        if not isinstance(last, Yield) or self.flow.is_loose(last.values[0]):
            return False
        return all(map(self.plan.inlined, block.body))

    def arm_values(self, block: Block) -> Iterable[Value]:
        return (v for op in block.ops for v in values_in(*evaluation(op, self.flow)))

    def arm_width(self, block: Block) -> int:
        last = block.terminator
        return sum(map(op_width, block.body)) or (operand_width(last.values[0]) if isinstance(last, Yield) else 0)

    def arm_depth(self, block: Block) -> int:
        return min(len(block.body), MAX_DEPTH)

    def arm_reads(self, block: Block) -> frozenset[str]:
        return frozenset(v.name for v in self.arm_values(block) if v.name)

    # -- values used twice in the IR and once in the text

    def find_shared(self, func: Func) -> None:
        for op in walk(func.body):
            if isinstance(op, Store) and isinstance(op.value, Value):
                self.share_place(op)
            elif isinstance(op, If) and len(op.results) == 1 and isinstance(op.cond, Value):
                self.share_condition(op, op.cond)

    def share_place(self, op: Store) -> None:
        made = self.flow.define.get(op.value) if isinstance(op.value, Value) else None
        if not isinstance(made, Apply) or not (binary(made) or inplace(made)):
            return
        if is_whole(op.place):
            if isinstance(op.dst, Value) and isinstance(self.flow.define.get(op.dst), View):
                self.share(op.dst, [made, op])
            return
        first = self.flow.define.get(made.args[0]) if isinstance(made.args[0], Value) else None
        if isinstance(first, (Load, View)) and _is_place(first, op):
            for value in values_in(first.src, *place_operands(first.place)):
                self.share(value, [first, op])

    def share_condition(self, op: If, cond: Value) -> None:
        for arm, other in ((op.then, op.other), (op.other, op.then)):
            if isinstance(arm.terminator, Yield) and arm.terminator.values == (cond,) and completes_with_value(other):
                self.share(cond, [op, arm.terminator])
        first = self.flow.define.get(cond)
        middle = chain_middle(op, self.flow)
        if isinstance(first, Apply) and middle is not None:
            self.share(middle[0], [first, middle[1]])

    def share(self, value: Value, users: list[Op]) -> None:
        if value.name is None and value in self.flow.define and self.uses.get(value) == users:
            self.shared[value] = users[0]


def decide(func: Func, flow: Flow, width: int) -> Plan:
    """The plan of a function: what is folded into lines of at most `width` columns."""
    folder = Folder(flow, width)
    for op in walk(func.body):
        for value in values_in(*reads_of(op, flow)):
            folder.uses.setdefault(value, []).append(op)
    folder.find_shared(func)
    find_unpacked(func.body, (), folder)
    folder.block(func.body, 1)
    folder.plan.dropped.update(op for op in walk(func.body) if is_unused_closure(op, folder))
    unread = (r for op in walk(func.body) for r in results(op) if r.name is None and r not in folder.uses)
    folder.plan.unread.update(unread)
    for block in all_blocks(func.body):
        find_together(block, folder.plan)
    return folder.plan


def is_unused_closure(op: Op, folder: Folder) -> bool:
    """Whether an inner function is only called directly: then its value isn't needed."""
    return isinstance(op, Apply) and op.fn is CLOSURE and op.results[0] not in folder.uses


def find_unpacked(block: Block, fresh: tuple[Value, ...], folder: Folder) -> None:
    """Find what is taken apart where it is bound: loop elements, and parts of an `unpack` just before."""
    waiting = set(fresh)
    for op in block.ops:
        if isinstance(op, Apply) and op.fn is UNPACK:
            value = op.args[0]
            if isinstance(value, Value) and value in waiting and value.name is None and folder.uses[value] == [op]:
                folder.plan.unpacked[value] = op
            else:
                waiting.clear()
            waiting.update(op.results)
        else:
            waiting.clear()
        for inner in blocks(op):
            is_body = isinstance(op, For) and inner is op.body
            find_unpacked(inner, leaf_params(op) if is_body else (), folder)  # type: ignore[arg-type]


def _read_first(op: Op, effect: Effect) -> bool:
    """`a[i] += v` reads `a[i]` before `v` is evaluated, which must not write it then."""
    return isinstance(op, Store) and op.add and conflict(Effect(memory(op.dst)), Effect(writes=effect.writes))


def _is_elementwise(made: Apply, dst: Operand) -> bool:
    """Whether `dst op= v` does what `dst[...] = dst op v` does: that also drops axes of length 1, and rounds."""
    if inplace(made):
        return True
    new, old = strip(made.results[0].type), strip(dst.type)
    same = isinstance(new, Array) and isinstance(old, Array) and new.ndim == old.ndim and new.dtype == old.dtype
    return same and binary(made) is not ast.MatMult


def _must_stay_plain(op: Store, value: Value) -> bool:
    """`xs[i] = xs[i] + v` may be `xs[i] += v` only for numbers, and not where the user wrote it out."""
    name = op.dst.name if isinstance(op.dst, Value) else None
    return not isinstance(strip(value.type), Scalar) or (name is not None and written_plain(op, name))


def _is_place(made: Op | None, op: Store) -> bool:
    return isinstance(made, (Load, View)) and same_place(made, op)
