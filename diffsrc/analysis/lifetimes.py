"""How long the arrays that a function allocates are needed.

`origins_of`: from which allocations the memory of a value may come. `kept_of`: which of them something else may hold.
`Liveness`: what is read later. Which ops make an array that is certainly new is told by whoever asks (`makes`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import numpy as np

from ..defs.structural import COMMENT, LIST_APPEND, LIST_NEW, LIST_POP, SNAPSHOT
from ..defs.table import Def
from ..ir.ops import (
    Apply,
    Block,
    Break,
    Continue,
    For,
    Func,
    Guard,
    If,
    Load,
    Op,
    Raise,
    Store,
    View,
    While,
    Yield,
)  # fmt: skip
from ..ir.types import (
    AnyType,
    Array,
    Bottom,
    FuncType,
    List,
    Opaque,
    Scalar,
    Struct,
    Tuple,
    is_memory,
    kind_of,
    same_shape,
    strip,
)
from ..ir.values import Literal, Operand, Value
from ..ir.walk import blocks, free_values, leaves, operands, results, used_values, values_in, walk

Makes = Callable[[Op], bool]
Origins = Mapping[Value, frozenset[Value]]
NOTHING: frozenset[Value] = frozenset()

# -- where memory comes from, and where it goes


UNKNOWN = Value("unknown")


def origins_of(func: Func, makes: Makes) -> dict[Value, frozenset[Value]]:
    """The donors whose memory a value may refer to, wholly or in part; `UNKNOWN` for any other."""
    found: dict[Value, frozenset[Value]] = {p: frozenset({UNKNOWN}) for p in func.params if _refers(p)}

    def of(*given: Operand) -> frozenset[Value]:
        return NOTHING.union(*(found.get(v, NOTHING) for v in values_in(*given)))

    changed = True

    def note(v: Value, new: frozenset[Value]) -> None:
        nonlocal changed
        if _refers(v) and not new <= found.get(v, NOTHING):
            found[v] = found.get(v, NOTHING) | new
            changed = True

    while changed:
        changed = False
        for op in walk(func.body):
            if makes(op):
                note(results(op)[0], frozenset(results(op)))
            elif isinstance(op, View):
                note(op.result, of(op.src))
            elif isinstance(op, Load):
                note(op.result, frozenset({UNKNOWN}))
            elif isinstance(op, Apply):
                for r in op.results:
                    note(r, of(*op.args, *(v for _, v in op.kwargs)) | {UNKNOWN})
            for target, source in _flows(op):
                note(target, of(source))
    return found


def _flows(op: Op) -> Iterator[tuple[Value, Operand]]:
    """What the regions of an op pass on."""
    match op:
        case For():
            spaces = list(leaves(op.space))
            for p, leaf in zip(op.body.params, spaces):
                for v in values_in(*([leaf] if isinstance(leaf, Value) else [getattr(leaf, "value", Literal(None))])):
                    yield p, v
            yield from _carried(op, op.body.params[len(spaces) :], (op.body,))
        case While():
            yield from _carried(op, op.body.params, (op.cond, op.body))
            yield from zip(op.cond.params, op.inits)
            for block in _own(op.body):
                if isinstance(block.terminator, (Yield, Continue)):
                    yield from zip(op.cond.params, block.terminator.values)
        case If() | Guard():
            for arm in blocks(op):
                if isinstance(arm.terminator, Yield):
                    yield from zip(op.results, arm.terminator.values)
            if isinstance(op, Guard) and op.context is not None:
                for p in op.body.params:
                    yield p, op.context


def _carried(op: For | While, params: tuple[Value, ...], bodies: tuple[Block, ...]) -> Iterator[tuple[Value, Operand]]:
    yield from zip(params, op.inits)
    yield from zip(op.orelse.params, op.inits)
    for block in (b for body in bodies for b in _own(body)):
        last = block.terminator
        if isinstance(last, Continue) or (isinstance(last, Yield) and block is bodies[-1]):
            yield from zip(params, last.values)
            yield from zip(op.orelse.params, last.values)
        elif isinstance(last, Break):
            yield from zip(op.results, last.values)
    if isinstance(op.orelse.terminator, Yield):
        yield from zip(op.results, op.orelse.terminator.values)


def _own(body: Block) -> Iterator[Block]:
    """The blocks whose `continue` and `break` mean this loop: not those of inner loops, but those behind them."""
    yield body
    for op in body.ops:
        if isinstance(op, (For, While)):
            yield from _own(op.orelse)
        else:
            for inner in blocks(op):
                yield from _own(inner)


def wholes_of(func: Func, origins: Origins, makes: Makes) -> frozenset[Value]:
    """The values that are all of an array that this function allocates, whichever way they came about."""
    sources: dict[Value, list[Operand]] = {}
    for op in walk(func.body):
        for target, source in _flows(op):
            sources.setdefault(target, []).append(source)
    donors = {v for op in walk(func.body) if makes(op) for v in results(op)}
    rows = {p for op in walk(func.body) if isinstance(op, For) for p in op.body.params[: len(list(leaves(op.space)))]}
    found = donors | {v for v in sources if v not in rows and isinstance(strip(v.type), Array)}
    while True:
        bad = {v for v in found - donors if not all(s in found for s in sources[v])}
        bad |= {v for v in found - donors if UNKNOWN in origins.get(v, NOTHING)}
        if not bad:
            return frozenset(found)
        found -= bad


def solid_of(func: Func, makes: Makes) -> frozenset[Value]:
    """The values that certainly are arrays of the shape and dtype that their type tells. A variable that is a number at first
    has the type of the array that it is later, and so has what is computed of it; what a branch saved that wasn't taken is
    None."""
    sources: dict[Value, list[Operand]] = {}
    found = {p for p in func.params if isinstance(p.type, Array)}
    pushed = _pushed(func)
    for op in walk(func.body):
        for target, source in _flows(op):
            sources.setdefault(target, []).append(source)
        if isinstance(op, Apply) and op.fn is LIST_POP and op.args[0] in pushed:
            sources.setdefault(op.results[0], []).extend(pushed[op.args[0]])
        found.update(r for r in results(op) if isinstance(r.type, Array))
        found.update(p for b in blocks(op) for p in b.params if isinstance(p.type, Array))
    made = {r: op for op in walk(func.body) for r in results(op)}
    params = set(func.params)

    def is_solid(v: Value) -> bool:
        if v in params:
            return True
        if v in sources:
            return all(s in found for s in sources[v])
        op = made.get(v)
        if isinstance(op, View):
            return op.src in found
        if not isinstance(op, Apply) or not (makes(op) or getattr(op.fn, "alias", "") == "view"):
            return False
        arrays = [a for a in op.args if isinstance(strip(a.type), (Array, List))]
        if getattr(op.fn, "family", "") in ("elementwise", "select"):
            narrow = kind_of(v.type) in NARROW
            full = any(a in found and same_shape(a.type, v.type) for a in arrays)
            return full and not (narrow and any(a not in found if a in arrays else _may_widen(a) for a in op.args))
        return all(a in found for a in arrays)

    while True:
        left = {v for v in found if is_solid(v)}
        if left == found:
            return frozenset(found)
        found = left


#: dtypes that meet wider ones
NARROW = frozenset({"f16", "f32", "c64"})


def _may_widen(operand: Operand) -> bool:
    """Whether a number may make an array of a wider dtype: a `float` may be an np.float64 when the program runs."""
    if isinstance(operand, Literal):
        return isinstance(operand.value, np.generic)
    return kind_of(operand.type) in ("float", "complex")


def _pushed(func: Func) -> dict[Operand, list[Operand]]:
    """What is put into the lists that a function makes and only appends to and pops from."""
    out: dict[Operand, list[Operand]] = {r: [] for op in walk(func.body) if _is(op, LIST_NEW) for r in results(op)}
    for op in walk(func.body):
        for v in used_values(op):
            if v in out and not (_is(op, LIST_APPEND, LIST_POP) and operands(op)[0] is v):
                out.pop(v)
        if _is(op, LIST_APPEND) and (dst := operands(op)[0]) in out:
            out[dst].append(operands(op)[1])
    return out


def _is(op: Op, *rows: Def) -> bool:
    return isinstance(op, Apply) and op.fn in rows


def kept_of(func: Func, origins: Origins) -> frozenset[Value]:
    """The donors whose memory something else may hold: a container, a closure, a callee, an exception."""
    out: set[Value] = {UNKNOWN}
    for op in walk(func.body):
        for v in values_in(*_handed(op)):
            out |= origins.get(v, NOTHING)
    return frozenset(out)


def _handed(op: Op) -> tuple[Operand, ...]:
    """The operands that an op may keep, or give to somebody who does."""
    match op:
        case Apply():
            d, given = op.fn, (*op.args, *(v for _, v in op.kwargs))
            if d is COMMENT or d is SNAPSHOT:
                return ()
            known = isinstance(d, Def) and d.family not in ("opaque", "structural") and not d.effect
            plain = all(isinstance(strip(r.type), (Array, Scalar)) for r in op.results)
            return () if known and plain else given
        case Store():
            return () if isinstance(strip(op.dst.type), Array) else (op.value,)
        case Raise():
            return (op.value,)
        case Guard():
            return () if op.context is None else (op.context,)
        case Yield() | Continue() | Break():
            return tuple(v for v in op.values if not isinstance(v, (Value, Literal)))
    return ()


# -- what is read later


class Liveness:
    """The values with memory that may be read after each op."""

    def __init__(self, func: Func, tracked: Mapping[Value, object]) -> None:
        self.tracked = tracked
        self.after: dict[Op, frozenset[Value]] = {}
        self._block(func.body, NOTHING)

    def _block(self, block: Block, end: frozenset[Value]) -> frozenset[Value]:
        live = end
        for op in reversed(block.ops):
            self.after[op] = live
            inside = live - set(results(op))
            regions = blocks(op)
            if isinstance(op, (For, While)):
                again = inside.union(v for b in regions for v in free_values(b) if v in self.tracked)
                for b in regions:
                    self._block(b, inside if b is op.orelse else again)
                inside = again
            elif isinstance(op, Guard):
                caught = inside.union(v for b in op.handlers for v in free_values(b) if v in self.tracked)
                inside = self._block(op.body, caught).union(*(self._block(b, inside) for b in op.handlers))
            else:
                inside = inside.union(*(self._block(b, inside) for b in regions))
            live = inside.union(v for v in used_values(op) if v in self.tracked)
        return live - set(block.params)


def _refers(v: Value) -> bool:
    t = strip(v.type)
    return is_memory(t) or isinstance(t, (AnyType, Bottom, Tuple, FuncType, Opaque, Struct))
