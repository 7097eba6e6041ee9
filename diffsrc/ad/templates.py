"""Rules traced for one op: the operands that a rule reads decide what the reverse sweep wants of the forward sweep.

A rule is traced into a scratch list over stand-ins for the primal operands. Where only shape or dtype is read, the handle is
wanted; otherwise the contents, as they were when the op ran.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from ..analysis.items import constant_type
from ..defs.special import ForSlot
from ..defs.table import Def
from ..errors import NoRuleError, placed
from ..ir.ops import Apply, Block, Op
from ..ir.types import Array, Type, may_be_one, strip
from ..ir.values import Literal, Operand, Pack, Value
from ..ir.walk import blocks, results, substitute_block, used_values, values_in, walk
from .sweep import Sweep
from .trace import Tracer, Tracing

#: functions that read of an array only what never changes: its shape and dtype
HANDLE_ONLY = frozenset({".shape", ".ndim", ".size", ".dtype", "np.zeros_like", "np.ones_like", "np.full_like", "len", "np.shape",
                         "np.ndim", "np.size", "np.empty_like", "unbroadcast"})  # fmt: skip
#: those that read its size alone, which other arrays may have too
SIZES = frozenset({".size", "np.size"})


@contextlib.contextmanager
def for_arguments(op: Apply) -> Iterator[None]:
    """Refuse a call whose rule doesn't take its arguments: a rule is written for what its function is for."""
    try:
        yield
    except (TypeError, ValueError, IndexError, KeyError, AttributeError) as err:
        shown = ", ".join(str(strip(_type(a))) for a in op.args)
        raise NoRuleError(
            f"the rule of `{op.fn.name}` doesn't take ({shown}): {type(err).__name__}: {err}", loc=op.loc,
            hint="pass arrays of the shapes that the function is for, or write a rule",
        ) from err  # fmt: skip


def _type(operand: Operand) -> Type:
    return constant_type(operand.value) if isinstance(operand, Literal) else operand.type


class Template:
    """Traces rule text into a scratch list, then brings it into the sweep with its wants."""

    def __init__(self, s: Sweep, op: Apply) -> None:
        self.s, self.op = s, op
        self.stand_ins: dict[Value, tuple[Operand, bool]] = {}
        self.tracing = Tracing(s.builder, op.loc)

    def operand(self, operand: Operand, after: bool = False) -> Any:
        """A stand-in for a primal operand (a plain Python value for a literal)."""
        if isinstance(operand, Pack):
            items = [self.operand(i, after) for i in operand.items]
            return items if operand.kind == "list" else tuple(items)
        if not isinstance(operand, Value):
            return self.tracing.wrap(operand)
        for known, (of, was_after) in self.stand_ins.items():
            if of is operand and was_after == after:
                return Tracer(known, self.tracing)
        stand_in = Value(operand.name, operand.type, loc=operand.loc)
        self.stand_ins[stand_in] = (operand, after)
        return Tracer(stand_in, self.tracing)

    def run(self, make: Callable[[], Any]) -> Any:
        """The traced result as operand(s), its ops emitted; None for a rule that gives nothing."""
        s = self.s
        with s.builder.block() as ops:
            with placed(self.op.loc), for_arguments(self.op):
                result = make()
            given = self._given(result)
        kept = [self._sized(op) for op in _live(ops, given)]
        mapping: dict[Operand, Operand] = {}
        for op in kept:
            handle = isinstance(op, Apply) and op.fn.name in HANDLE_ONLY
            for v in _reads(op):
                if v in self.stand_ins and (v not in mapping or not handle):
                    of, after = self.stand_ins[v]
                    mapping[v] = s.need(of) if handle else s.content(of, self.op, after)
        for v in values_in(*given):
            if v in self.stand_ins:
                of, after = self.stand_ins[v]
                mapping[v] = s.content(of, self.op, after)
        fresh = list(substitute_block(Block((), tuple(kept)), lambda o: mapping.get(o, o)).ops)
        s.builder.extend(fresh)
        self.made = {r: op for op in fresh for r in results(op)}
        return _remap(result, mapping, self.tracing)

    def _sized(self, op: Op) -> Op:
        """`t.size` of an array of the same size that is kept anyway."""
        v = op.args[0] if isinstance(op, Apply) and op.fn.name in SIZES else None
        if v not in self.stand_ins or not isinstance(v, Value) or not isinstance(op, Apply):
            return op
        of = of_same_size(self.s, self.stand_ins[v][0])
        if of is self.stand_ins[v][0] or not isinstance(of, Value):
            return op
        alike = Value(of.name, of.type, loc=of.loc)
        self.stand_ins[alike] = (of, False)
        return replace(op, args=(alike,))

    def _given(self, result: Any) -> list[Operand]:
        if isinstance(result, (list, tuple)):
            return [o for r in result for o in self._given(r)]
        if isinstance(result, ForSlot):
            return self._given((result.index, result.value))
        return [] if result is None else [self.tracing.operand(result)]


def _remap(result: Any, mapping: dict[Operand, Operand], tracing: Tracing) -> Any:
    if isinstance(result, (list, tuple)):
        return [_remap(r, mapping, tracing) for r in result]
    if isinstance(result, ForSlot):
        return ForSlot(_remap(result.index, mapping, tracing), _remap(result.value, mapping, tracing))
    if result is None:
        return None
    operand = tracing.operand(result)
    return mapping.get(operand, operand)


def _live(ops: list[Op], given: list[Operand]) -> list[Op]:
    """The traced ops that the result needs."""
    used = set(values_in(*given))
    kept: list[Op] = []
    for op in reversed(ops):
        if any(r in used for r in results(op)):
            kept.append(op)
            used.update(_reads(op))
    return kept[::-1]


def _reads(op: Op) -> Iterator[Value]:
    """What an op and its regions read."""
    yield from used_values(op)
    for block in blocks(op):
        for inner in walk(block):
            yield from used_values(inner)


def of_same_size(s: Sweep, operand: Operand) -> Operand:
    """For a temporary that an elementwise function made: an array of the same size that it was made of. What is squared,
    say, is read by the derivative itself; the square would be kept for its size alone."""
    while isinstance(operand, Value) and operand.name is None:
        op = s.pos.def_of.get(operand)
        if not isinstance(op, Apply) or not isinstance(op.fn, Def) or op.fn.family != "elementwise" or op.kwargs:
            break
        alike = next((a for a in op.args if isinstance(a, Value) and _spans(a, operand)), None)
        if alike is None:
            break
        operand = alike
        if op.fn.name not in ("add", "sub", "neg"):
            break
    return operand


def _spans(a: Value, out: Value) -> bool:
    """Whether an operand has the shape of the result: as many axes, and none that NumPy broadcasts."""
    s, t = strip(a.type), strip(out.type)
    return isinstance(s, Array) and isinstance(t, Array) and s.ndim == t.ndim and not any(map(may_be_one, s.dims))
