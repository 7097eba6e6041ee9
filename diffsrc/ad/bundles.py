"""Tuples, NamedTuples and frozen instances that hold containers, or arrays that a callee writes, are passed by their parts:
each of these has a shadow of its own, which the callee's reverse half takes.

    %q = construct($Queue, %items, 3)
    %0 = call put(%q, %v)                  ->      %0 = call put(%items, 3, %v)

    func put(%q, %v) {                             func put(%q_items, %q_size, %v) {
      %0 = load %q.items                             list_append(%q_items, %v)
      list_append(%0, %v)
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from ..analysis.alias import Summary
from ..defs.structural import CONSTRUCT, TUPLE
from ..ir.ops import Apply, Attr, Block, Func, FuncRef, Load, Op
from ..ir.types import Array, Maybe, Struct, Tuple, Type, carries_derivative, is_memory, strip
from ..ir.values import Literal, Operand, Pack, Value
from ..ir.walk import blocks, substitute, used_values, walk, with_blocks
from ..source import Loc
from .parts import is_aggregate, part_key, part_places


@dataclass(eq=False, slots=True)
class Unbundled:
    """An instance that takes the parts of some of its arguments."""

    name: str
    target: object
    result_type: Type
    func: Func
    as_written: bool = False

    @property
    def arg_types(self) -> tuple[Type, ...]:
        """The types of its arguments."""
        return tuple(p.type for p in self.func.params)


@dataclass(eq=False, slots=True)
class Bundles:
    """The instances that were made so, by function and positions of the arguments."""

    summary_of: Callable[[FuncRef], Summary]
    made: dict[tuple[int, frozenset[int]], Unbundled] = field(default_factory=dict)

    def unbundled(self, func: Func) -> Func:
        """The function with such calls."""
        defined = {op.results[0]: op for op in walk(func.body) if isinstance(op, Apply) and op.fn in (CONSTRUCT, TUPLE)}
        return replace(func, body=self._block(func.body, defined))

    def _block(self, block: Block, defined: dict[Value, Apply]) -> Block:
        ops: list[Op] = []
        for op in block.ops:
            if isinstance(op, Apply):
                ops += self._call(op, defined)
            else:
                ops.append(with_blocks(op, tuple(self._block(b, defined) for b in blocks(op))) if blocks(op) else op)
        return Block(block.params, tuple(ops))

    def _call(self, op: Apply, defined: dict[Value, Apply]) -> Iterator[Op]:
        instance: Any = op.fn.target if isinstance(op.fn, FuncRef) else None
        func = getattr(instance, "func", None)
        if not isinstance(op.fn, FuncRef) or not isinstance(func, Func) or op.kwargs:
            yield op
            return
        written = self.summary_of(op.fn).writes
        at = frozenset(i for i, p in enumerate(func.params) if _is_bundle(p.type, i in written))
        if not at:
            yield op
            return
        args: list[Operand] = []
        for i, (arg, param) in enumerate(zip(op.args, func.params)):
            if i in at:
                yield from _take(arg, param.type, defined, args, op.loc)
            else:
                args.append(arg)
        yield replace(op, fn=FuncRef(op.fn.name, self._instance(instance, func, at)), args=tuple(args), method="")

    def _instance(self, instance: Any, func: Func, at: frozenset[int]) -> Unbundled:
        key = (id(func), at)
        if key not in self.made:
            self.made[key] = Unbundled(instance.name, instance.target, instance.result_type, _opened(func, at))
        return self.made[key]


def _is_bundle(t: Type, written: bool) -> bool:
    """Whether parts of a value have to be passed by themselves."""
    if isinstance(t, Maybe) or not isinstance(strip(t), (Tuple, Struct)) or not is_aggregate(t):
        return False
    return carries_derivative(t) and any(_needs_shadow(part, written) for _, _, part in part_places(t))


def _needs_shadow(t: Type, written: bool) -> bool:
    if is_aggregate(t):
        return _is_bundle(t, written)
    return is_memory(t) and carries_derivative(t) and (written or not isinstance(strip(t), Array))


def _take(arg: Operand, t: Type, defined: dict[Value, Apply], args: list[Operand], loc: Loc) -> Iterator[Load]:
    """The parts of an argument, one after the other; those of parts that are aggregates in their place."""
    made = defined.get(arg) if isinstance(arg, Value) else None
    known = arg.items if isinstance(arg, Pack) else None
    if made is not None:
        known = made.args[1:] if made.fn is CONSTRUCT else made.args
    for i, (_, place, kind) in enumerate(part_places(t)):
        if known is not None:
            part = known[i]
        else:
            part = Value(None, kind, loc=loc)
            yield Load(arg, place, part, loc)
        if is_aggregate(kind):
            yield from _take(part, kind, defined, args, loc)
        else:
            args.append(part)


def _opened(func: Func, at: frozenset[int]) -> Func:
    """The function with parameters for the parts of some of its own."""
    params: list[Value] = []
    first: list[Apply] = []
    known: dict[Value, dict[str, Value]] = {}
    for i, p in enumerate(func.params):
        if i in at:
            _bundle(p, params, first, known)
        else:
            params.append(p)
    read: dict[Value, Operand] = {
        op.result: known[op.src][key]
        for op in walk(func.body)
        if isinstance(op, Load) and op.src in known and (key := part_key(op.src.type, op.place)) in known[op.src]
    }
    body = substitute(replace(func, body=_without(func.body, read)), read).body
    used = {v for op in walk(body) for v in used_values(op)}
    whole: list[Op] = []
    for op in reversed(first):
        if op.results[0] in used:
            used.update(used_values(op))
            whole.insert(0, op)
    return replace(func, params=tuple(params), body=Block(body.params, (*whole, *body.ops)))


def _bundle(p: Value, params: list[Value], first: list[Apply], known: dict[Value, dict[str, Value]]) -> None:
    """Parameters for the parts of one, and the op that puts them together."""
    parts: list[Value] = []
    known[p] = {}
    for key, place, t in part_places(p.type):
        word = place.name if isinstance(place, Attr) else key
        part = Value(f"{p.name}_{word}" if p.name else None, t, loc=p.loc)
        parts.append(part)
        known[p][key] = part
        if is_aggregate(t):
            _bundle(part, params, first, known)
        else:
            params.append(part)
    t = strip(p.type)
    cls = t.cls if isinstance(t, (Tuple, Struct)) else None
    head: tuple[Operand, ...] = () if cls is None else (Literal(cls, cls.__name__, p.loc),)
    first.append(Apply(TUPLE if cls is None else CONSTRUCT, (*head, *parts), (), (p,), p.loc))


def _without(block: Block, read: dict[Value, Operand]) -> Block:
    ops = [op for op in block.ops if not (isinstance(op, Load) and op.result in read)]
    return Block(block.params, tuple(with_blocks(op, tuple(_without(b, read) for b in blocks(op))) for op in ops))
