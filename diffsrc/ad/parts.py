"""Parts of immutable aggregates (tuples, NamedTuples, frozen dataclasses): one load per part of a parameter, at the top;
of an aggregate made here and read in a loop or branch, one load per part where it is made.

Reverse mode then sees numbers and arrays only, whatever loop reads them.

Before::                                   After::

    for %i in range(%n) {                      %alpha = load %p.alpha
      %0 = load %p.alpha                       for %i in range(%n) {
      ...                                        ...
"""

from __future__ import annotations

from dataclasses import replace

from ..defs.structural import UNPACK
from ..ir.ops import Apply, Attr, Block, Func, FuncRef, Index, Load, Op, Place
from ..ir.types import FuncType, Struct, Tuple, Type, carries_derivative, is_memory, strip
from ..ir.values import Literal, Operand, Pack, Value
from ..ir.walk import blocks, results, substitute, walk, with_blocks
from .slots import is_empty_container


def is_aggregate(t: Type) -> bool:
    """A tuple, NamedTuple, frozen dataclass, or a closure (of its captures): values, not memory."""
    t = strip(t)
    return (
        isinstance(t, Tuple) or (isinstance(t, Struct) and t.frozen) or (isinstance(t, FuncType) and bool(t.captures))
    )


def part_key(t: Type, place: Place) -> str | None:
    """The part of an aggregate that a place names: the field name, or the position as text."""
    t = strip(t)
    if isinstance(place, Attr):
        if isinstance(t, Tuple):
            return str(t.names.index(place.name)) if place.name in t.names else None
        return "." + place.name
    key = place.items[0]
    if isinstance(t, FuncType) and isinstance(key, Literal):
        return str(key.value)
    if not isinstance(t, Tuple) or len(place.items) != 1 or not isinstance(key, Literal) or type(key.value) is not int:
        return None
    return str(key.value % len(t.items)) if t.items else None


def part_places(t: Type) -> list[tuple[str, Place, Type]]:
    """The parts of an aggregate: key, place and type."""
    t = strip(t)
    if isinstance(t, Tuple):
        places: list[Place] = [Attr(n) for n in t.names] or [Index((Literal(i),)) for i in range(len(t.items))]
        return [(str(i), place, item) for i, (place, item) in enumerate(zip(places, t.items))]
    if isinstance(t, FuncType):
        return [(str(i), Index((Literal(i),)), item) for i, item in enumerate(t.captures)]
    return [("." + n, Attr(n), t.field(n) or item) for n, item in t.fields] if isinstance(t, Struct) else []


def holds_memory(t: Type) -> bool:
    """Whether a value of this type is memory, or an aggregate that refers to some with derivatives in it, or that may be given
    some: an empty container, where no number stands beside it."""
    t = strip(t)
    if is_memory(t) or not is_aggregate(t):
        return is_memory(t)
    held = [item for _, _, item in part_places(t) if holds_memory(item)]
    return any(map(carries_derivative, held)) or (not carries_derivative(t) and any(map(is_empty_container, held)))


def hoist_parts(func: Func) -> Func:
    """The function with the parts of its aggregate parameters read once, at the start, and those of other aggregates
    that are read in inner regions once where they are made."""
    for p in func.params:
        if is_aggregate(p.type):
            func = hoist(func, p)
    done: set[Value] = set()
    while (found := _read_inside(func.body, done)) is not None:
        done.add(found)
        first: dict[str, Load] = {}
        mapping: dict[Value, Operand] = {}
        body = _insert(_strip(func.body, found, first, mapping), found, tuple(first.values()))
        func = substitute(replace(func, body=body), mapping)
    return _apart(func)


def _apart(func: Func) -> Func:
    """The function with tuples that are passed whole from an inner region, or hold tuples, passed as displays of their
    parts: each part is loaded where the tuple is made, and takes its cotangent there."""
    home = dict.fromkeys(func.params, func.body)
    places: list[tuple[Block, Op]] = []
    _find_homes(func.body, home, places)
    wanted: dict[Value, None] = {}
    for block, op in places:
        for arg in op.args if isinstance(op, Apply) and isinstance(op.fn, FuncRef) else ():
            if not isinstance(arg, Value) or not (_is_plain(arg.type) or _is_record(arg.type)):
                continue
            if home[arg] is not block or _is_nested(arg.type):
                wanted[arg] = None
    if not wanted:
        return func
    loads: dict[Value, tuple[Load, ...]] = {}
    displays: dict[Operand, Operand] = {}
    for v in wanted:
        made: list[Load] = []
        display = _display(v, made)
        loads[v] = tuple(made)
        if _is_plain(v.type):
            displays[v] = display
    body = _with_displays(func.body, loads, displays)
    first = tuple(load for p in func.params for load in loads.get(p, ()))
    return replace(func, body=Block(body.params, (*first, *body.ops)))


def _find_homes(block: Block, home: dict[Value, Block], places: list[tuple[Block, Op]]) -> None:
    home.update((p, block) for p in block.params)
    for op in block.ops:
        home.update((r, block) for r in results(op))
        places.append((block, op))
        for inner in blocks(op):
            _find_homes(inner, home, places)


def _is_plain(t: Type) -> bool:
    """A tuple of numbers, arrays and such tuples, through which derivatives pass."""
    t = strip(t)
    return isinstance(t, Tuple) and t.cls is None and carries_derivative(t) and all(
        _is_plain(i) for i in t.items if is_aggregate(i)
    )


def _is_record(t: Type) -> bool:
    """A NamedTuple or frozen instance: it is passed whole, and its parts take their cotangents where it is made."""
    t = strip(t)
    return isinstance(t, (Tuple, Struct)) and is_aggregate(t) and carries_derivative(t) and not _is_plain(t)


def _is_nested(t: Type) -> bool:
    return any(is_aggregate(item) for _, _, item in part_places(t))


def _display(v: Value, loads: list[Load]) -> Pack:
    items: list[Operand] = []
    for _, place, t in part_places(v.type):
        load = Load(v, place, Value(None, t, loc=v.loc), v.loc)
        loads.append(load)
        items.append(_display(load.result, loads) if is_aggregate(t) else load.result)
    return Pack(tuple(items))


def _with_displays(block: Block, loads: dict[Value, tuple[Load, ...]], displays: dict[Operand, Operand]) -> Block:
    ops: list[Op] = [load for p in block.params for load in loads.get(p, ())]
    for op in block.ops:
        if isinstance(op, Apply) and isinstance(op.fn, FuncRef):
            op = replace(op, args=tuple(displays.get(a, a) for a in op.args))
        ops.append(with_blocks(op, tuple(_with_displays(b, loads, displays) for b in blocks(op))))
        ops += [load for r in results(op) for load in loads.get(r, ())]
    return Block(block.params, tuple(ops))


def _read_inside(block: Block, done: set[Value]) -> Value | None:
    """An aggregate made by an op, of which a region further in reads a part."""
    for op in block.ops:
        for r in results(op):
            if r not in done and is_aggregate(r.type) and _is_read(r, block):
                return r
        for inner in blocks(op):
            if (found := _read_inside(inner, done)) is not None:
                return found
    return None


def _is_read(p: Value, block: Block) -> bool:
    regions = (inner for op in block.ops for b in blocks(op) for inner in walk(b))
    return any(isinstance(op, Load) and op.src is p and part_key(p.type, op.place) is not None for op in regions)


def _insert(block: Block, p: Value, loads: tuple[Load, ...]) -> Block:
    """The block with the loads behind the op that makes `p`."""
    ops: list[Op] = []
    for op in block.ops:
        ops.append(with_blocks(op, tuple(_insert(b, p, loads) for b in blocks(op))))
        if p in results(op):
            ops += loads
    return Block(block.params, tuple(ops))


def hoist(func: Func, p: Value) -> Func:
    """The function with the parts of an aggregate read once each, where it is made."""
    first: dict[str, Load] = {}
    mapping: dict[Value, Operand] = {}
    body = _strip(func.body, p, first, mapping)
    loads = tuple(first.values())
    body = Block(body.params, (*loads, *body.ops)) if p in func.params else _insert(body, p, loads)
    func = substitute(replace(func, body=body), mapping)
    for load in first.values():
        if is_aggregate(load.result.type):
            func = hoist(func, load.result)
    return func


def _strip(block: Block, p: Value, first: dict[str, Load], mapping: dict[Value, Operand]) -> Block:
    ops: list[Op] = []
    for op in block.ops:
        if isinstance(op, Load) and op.src is p and (key := part_key(p.type, op.place)) is not None:
            mapping[op.result] = _part(key, op.place, op, first).result
            if first[key].result is op.result:
                del mapping[op.result]
            continue
        if isinstance(op, Apply) and op.fn is UNPACK and op.args[0] is p:
            for i, r in enumerate(op.results):
                load = Load(p, Index((Literal(i),)), r, op.loc)
                mapping[r] = _part(str(i), load.place, load, first).result
                if first[str(i)].result is r:
                    del mapping[r]
            continue
        ops.append(with_blocks(op, tuple(_strip(b, p, first, mapping) for b in blocks(op))))
    return Block(block.params, tuple(ops))


def _part(key: str, place: Place, load: Load, first: dict[str, Load]) -> Load:
    if key not in first:
        name = load.result.name or (place.name if isinstance(place, Attr) else None)
        named = Value(name, load.result.type, load.result.mem, None, load.loc)
        first[key] = replace(load, result=load.result if load.result.name else named)
    return first[key]
