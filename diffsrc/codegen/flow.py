"""Where values are copied: the printed program has variables in place of block parameters and results.

`targets` says for each terminator which values its operands become (the carried values of the loop, or the
results of the loop or `if`); `one` maps the parameters that a loop's regions have for one carried value to
one of them; `alive` are the values that something reads: a copy to a value that nothing reads isn't
printed.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from ..ir.ops import Block, Break, Continue, For, Func, Guard, If, Op, While, Yield
from ..ir.values import Operand, Value, is_undef
from ..ir.walk import blocks, defined, operands, results, space_operands, values_in, walk


@dataclass(eq=False, slots=True)
class Flow:
    targets: dict[Op, tuple[Value, ...]] = field(default_factory=dict)
    one: dict[Value, Value] = field(default_factory=dict)
    alive: set[Value] = field(default_factory=set)
    define: dict[Value, Op] = field(default_factory=dict)
    in_loop: set[Value] = field(default_factory=set)
    params: tuple[Value, ...] = ()
    #: values that are never bound on any path, and values that aren't bound on some path
    void: set[Value] = field(default_factory=set)
    loose: set[Value] = field(default_factory=set)

    def rep(self, value: Value) -> Value:
        return self.one.get(value, value)

    def is_alive(self, value: Value) -> bool:
        return self.rep(value) in self.alive

    def is_void(self, operand: Operand) -> bool:
        """Whether a copy from the operand copies nothing: it is never bound."""
        return is_undef(operand) or (isinstance(operand, Value) and self.rep(operand) in self.void)

    def is_loose(self, operand: Operand) -> bool:
        """Whether the operand may turn out not to be bound."""
        return self.is_void(operand) or (isinstance(operand, Value) and self.rep(operand) in self.loose)

    def copies(self, op: Op) -> list[tuple[Value, Operand]]:
        """The copies that a terminator or the head of a loop makes, to values that are read."""
        targets = self.targets.get(op)
        return [(t, s) for t, s in zip(targets, op_sources(op)) if self.is_alive(t)] if targets else []


def op_sources(op: Op) -> tuple[Operand, ...]:
    """What a terminator, or the head of a loop, copies."""
    if isinstance(op, (Yield, Break, Continue)):
        return op.values
    return op.inits if isinstance(op, (For, While)) else ()


def carried(op: For | While) -> tuple[Value, ...]:
    """The body parameters that stand for the carried values."""
    return op.body.params[len(op.body.params) - len(op.inits) :]


def leaf_params(op: For) -> tuple[Value, ...]:
    return op.body.params[: len(op.body.params) - len(op.inits)]


def analyse(func: Func) -> Flow:
    flow = Flow(params=func.params)
    _targets(func.body, None, (), flow)
    for op in walk(func.body):
        flow.define.update(dict.fromkeys(results(op), op))
        if isinstance(op, (For, While)):
            flow.in_loop.update(defined(op.body))
    sources = _sources(func, flow)
    _mark(func, sources, flow)
    _unbound(sources, flow)
    return flow


def _targets(block: Block, loop: For | While | None, normal: tuple[Value, ...], flow: Flow) -> None:
    last = block.terminator
    if isinstance(last, Yield):
        flow.targets[last] = normal
    elif isinstance(last, Continue) and loop is not None:
        flow.targets[last] = carried(loop)
    elif isinstance(last, Break) and loop is not None:
        flow.targets[last] = loop.results
    for op in block.ops:
        match op:
            case If() | Guard():
                for inner in blocks(op):
                    _targets(inner, loop, op.results, flow)
            case For() | While():
                flow.targets[op] = carried(op)
                _unify(op, flow)
                _targets(op.body, op, carried(op), flow)
                _targets(op.orelse, loop, op.results, flow)
                if isinstance(op, While):
                    _targets(op.cond, None, (), flow)


def _unify(op: For | While, flow: Flow) -> None:
    heads = [op.orelse.params] + ([op.cond.params] if isinstance(op, While) else [])
    for params in heads:
        flow.one.update(zip(params, carried(op)))


def plain_operands(op: Op, flow: Flow) -> tuple[Operand, ...]:
    """The operands of an op that aren't copied."""
    if isinstance(op, For):
        return space_operands(op.space)
    if isinstance(op, While):
        return ()
    return () if flow.targets.get(op) else operands(op)


def _sources(func: Func, flow: Flow) -> dict[Value, list[Operand]]:
    """What is copied to each value."""
    sources: dict[Value, list[Operand]] = {}
    for op in walk(func.body):
        for target, source in zip(flow.targets.get(op, ()), op_sources(op)):
            sources.setdefault(flow.rep(target), []).append(source)
    return sources


def _unbound(sources: dict[Value, list[Operand]], flow: Flow) -> None:
    """Find the values that are unbound always, or on some path: follow UNDEF along the copies."""
    uses: dict[Value, list[Value]] = {}
    for target, given in sources.items():
        for source in given:
            if isinstance(source, Value):
                uses.setdefault(flow.rep(source), []).append(target)
    flow.loose = _reached([t for t, given in sources.items() if any(map(is_undef, given))], uses)
    bound = [t for t, given in sources.items() if any(_surely(s, sources, flow) for s in given)]
    flow.void = flow.loose - _reached(bound, uses)


def _surely(source: Operand, sources: dict[Value, list[Operand]], flow: Flow) -> bool:
    """Whether a source is bound by itself, not by what is copied to it."""
    return not is_undef(source) and not (isinstance(source, Value) and flow.rep(source) in sources)


def _reached(start: list[Value], uses: dict[Value, list[Value]]) -> set[Value]:
    found = set(start)
    work = list(start)
    while work:
        new = [t for t in uses.get(work.pop(), ()) if t not in found]
        found.update(new)
        work += new
    return found


def _mark(func: Func, sources: dict[Value, list[Operand]], flow: Flow) -> None:
    """Mark what is read, following copies backwards."""
    work = [v for op in walk(func.body) for v in values_in(*plain_operands(op, flow))]
    while work:
        value = flow.rep(work.pop())
        if value not in flow.alive:
            flow.alive.add(value)
            work += values_in(*sources.get(value, ()))


def reads_of(op: Op, flow: Flow) -> tuple[Operand, ...]:
    """The operands of an op that are really read, copies to dead values left out."""
    return (*(s for _, s in flow.copies(op)), *plain_operands(op, flow))


def breaks_out(block: Block) -> bool:
    """Whether a `break` of the loop with this body stands in it."""
    return any(
        isinstance(op, Break) or (isinstance(op, (If, Guard)) and any(map(breaks_out, blocks(op)))) or _orelse_breaks(op)
        for op in block.ops
    )


def _orelse_breaks(op: Op) -> bool:
    return isinstance(op, (For, While)) and breaks_out(op.orelse)


def continues(block: Block) -> bool:
    """Whether a `break` or `continue` of the loop around stands in the block."""
    return any(
        isinstance(op, (Break, Continue))
        or (isinstance(op, (If, Guard)) and any(map(continues, blocks(op))))
        or (isinstance(op, (For, While)) and continues(op.orelse))
        for op in block.ops
    )
