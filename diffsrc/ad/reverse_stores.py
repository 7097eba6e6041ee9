"""Reverse mode of loads, views and stores."""

from __future__ import annotations

import operator
from dataclasses import replace
from typing import Any

import numpy as np

from ..defs.structural import CONSTRUCT, SNAPSHOT
from ..defs.table import Def
from ..errors import UnsupportedError
from ..ir.ops import WHOLE, Apply, Index, Load, Place, Slice, Store, View, is_whole
from ..ir.types import Array, List, Scalar, Struct, Tuple, Type, strip
from ..ir.values import Literal, Operand, Pack, Value
from ..runtime import helpers
from . import optional
from .broadcasting import project, unbroadcast
from .check import is_count
from .parts import holds_memory, is_aggregate, part_key, part_places
from .slots import ZERO, Adj, Parts, is_array, is_container, table
from .sweep import Sweep
from .trace import Tracer, Tracing


def reverse_load(s: Sweep, op: Load) -> None:
    if not s.activity.active(op.result) or not isinstance(op.src, Value):
        return
    if s.shadowed(op.result):
        if is_array(op.src):  # a copy of elements, with a shadow of its own
            add_part(s, op.src, op.place, Adj(s.shadow(op.result), owned=shadow_ends(s, op.result)), op.result)
        return
    if is_aggregate(op.src.type):
        _reverse_part(s, op, op.src)
        return
    if is_aggregate(op.result.type):
        parts = s.parts.pop(op.result, None)
        if parts:
            place = s.need_place(op.place) if isinstance(op.place, Index) else op.place
            add_aggregate(s, s.shadow(op.src), place, strip(op.result.type), parts)
        return
    g = s.take(op.result)
    if g is not None:
        add_part(s, op.src, op.place, g, op.result)


def add_aggregate(s: Sweep, d: Value, place: Place, t: Type, parts: Parts) -> None:
    """Cotangents of the parts of a tuple that a container holds: arrays grow where they are, since others may hold them,
    for numbers the shadow holds a new tuple."""
    old = s.builder.load(d, place, loc=s.loc, type=t)
    new = grow(s, old, t, parts)
    if new is not old:
        s.builder.store(d, place, new, loc=s.loc)


def grow(s: Sweep, old: Value, t: Type, parts: Parts) -> Operand:
    """Add cotangents of parts to an aggregate of shadows: it, or a new one where a number grew."""
    items: list[Operand] = []
    grew = False
    for key, at, item in part_places(t):
        part = s.builder.load(old, at, loc=s.loc, type=item)
        g = parts.get(key)
        new: Operand = part
        if isinstance(g, dict):
            new = grow(s, part, strip(item), g)
        elif g is not None and is_array(part):
            s.builder.store(part, WHOLE, s.realise(g, part, whole=False), add=True, loc=s.loc)
        elif g is not None:
            new = s._plus(part, s.realise(g, part, whole=False), item)
        grew |= new is not part
        items.append(new)
    return constructed(s, t, items) if grew else old


def constructed(s: Sweep, t: Type, items: list[Operand]) -> Operand:
    """A tuple or frozen instance of these parts."""
    if isinstance(t, Tuple) and t.cls is None:
        return Pack(tuple(items), "list" if t.listed else "tuple")
    cls = t.cls if isinstance(t, (Tuple, Struct)) else None
    return s.builder.apply(CONSTRUCT, (Literal(cls), *items), loc=s.loc, type=t)


def _reverse_part(s: Sweep, op: Load, src: Value) -> None:
    """The cotangent of a part of an aggregate waits until the aggregate's own definition is reversed."""
    key = part_key(src.type, op.place)
    s.spent.add(op.result)
    g = s.parts.pop(op.result, None) or s.take(op.result)
    if g is None:
        return
    if key is None or s.pos.region_of[src] is not s.pos.block_of[op]:
        raise UnsupportedError(
            "a part of this tuple is read where its cotangent can't be collected", loc=op.loc, code="DS317",
            hint="unpack the tuple into variables where it is made",
        )  # fmt: skip
    add_parts(s, src, {key: as_rules_take_it(s, src, op.result, g)})


def as_rules_take_it(s: Sweep, src: Value, part: Value, g: Adj | Parts) -> Adj | Parts:
    """The cotangent of a part of what a row of the table made: a whole array where the part is one."""
    made = s.pos.def_of.get(src)
    general = isinstance(made, Apply) and isinstance(made.fn, Def) and made.fn.family == "general"
    if not general or not isinstance(g, Adj) or not is_array(part):
        return g
    value = s.realise(g, part)
    return replace(g, value=value, owned=g.owned or value is not g.value, uniform=False, mask=None)


def add_parts(s: Sweep, v: Value, more: Parts) -> None:
    """Add cotangents to those of the parts of an aggregate, which may be used in several places."""
    if s.activity.active(v):
        _join_parts(s, s.parts.setdefault(v, {}), more, v.type)


def _join_parts(s: Sweep, parts: Parts, more: Parts, t: Type) -> None:
    types = {key: item for key, _, item in part_places(t)}
    for key, g in more.items():
        old = parts.get(key)
        if isinstance(g, Adj):
            parts[key] = s._sum(old, g, Value(None, types[key])) if isinstance(old, Adj) else g
        else:
            inner = parts[key] = old if isinstance(old, dict) else {}
            _join_parts(s, inner, g, types[key])


def reverse_view(s: Sweep, op: View) -> None:
    if s.shadowed(op.result) or not s.activity.active(op.result):
        return
    g = s.take(op.result)
    if g is not None and isinstance(op.src, Value):
        add_part(s, op.src, op.place, g, op.result)


def add_part(s: Sweep, base: Value, place: Place, g: Adj, part: Value) -> None:
    """Add a cotangent to a part of the adjoint of an array or container."""
    if not s.activity.active(base):
        return
    value = s.realise(g, part, whole=False)
    shadowed = s.shadowed(base)
    target = s.shadow(base, True) if shadowed else s.buffer(base)
    value = s.signed(base, value) if shadowed else value
    mapped = s.need_place(place) if isinstance(place, Index) else place
    if optional.may_be_none(base, place):
        optional.add(s, target, mapped, value, part)
        return
    s.builder.store(target, mapped, value, add=True, loc=s.loc)


def reverse_store(s: Sweep, op: Store) -> None:
    """`dst[place] = value`: the value receives the shadow's part, which becomes zero."""
    if not s.activity.active(op.dst) or is_count(op):
        return
    if not s.shadowed(op.dst):
        raise UnsupportedError("a store into memory whose adjoint is not a shadow", loc=op.loc, code="DS312")
    t = strip(op.value.type)
    if optional.is_handled(op, s.aliases.written(op.value)):
        if not (s.is_twinned(op.dst) and optional.holds_arrays(op.dst, op.place)):
            optional.reverse_store(s, op)
        return
    if is_container(op.dst) and not isinstance(t, Scalar):
        _reverse_reference(s, op)
        return
    d = s.shadow(op.dst, True)
    place = s.need_place(op.place) if isinstance(op.place, Index) else op.place
    accumulated = s.updates.get(op)
    if accumulated is not None:
        _reverse_update(s, op, d, place, accumulated)
        return
    wanted = s.activity.active(op.value)
    g = _stored_part(s, op, d, place) if wanted else None
    if op not in s.dead_zeroing:
        s.builder.store(d, place, ZERO, loc=op.loc)
    if g is not None:
        _to_stored_value(s, op, s.signed(op.dst, g))


def _reverse_reference(s: Sweep, op: Store) -> None:
    """A reference stored in a container: never written memory is a value, whose cotangent leaves the slot."""
    node = s.aliases.of(op.value)
    if not s.activity.active(op.value) and not s.activity.active(op.dst):
        return
    if s.is_twinned(op.dst) and holds_memory(op.value.type):
        return  # the forward sweep stored the shadow
    if is_aggregate(op.value.type) and not holds_memory(op.value.type):
        _reverse_stored_tuple(s, op)
        return
    if not is_array(op.value) or node is None or node.writes or not isinstance(op.value, Value):
        raise s.wider(op.dst, UnsupportedError(
            "a reference to memory that is written is stored in a container", loc=op.loc, code="DS311",
            hint="store a copy (`.copy()`)",
        ))  # fmt: skip
    if not _one_shape(s, op):
        raise s.wider(
            op.dst, UnsupportedError("an array of another size is stored in a container", loc=op.loc, code="DS311")
        )
    place = s.need_place(op.place) if isinstance(op.place, Index) else op.place
    g = s.builder.load(s.shadow(op.dst), place, loc=op.loc, type=strip(op.value.type))
    zero = s.builder.apply(table(np.zeros_like), (g,), loc=op.loc, type=g.type)
    s.builder.store(s.shadow(op.dst), place, zero, loc=op.loc)
    s.contribute(op.value, Adj(g, owned=True, selected=s.may_hold_zeros(op.dst)))


def _reverse_stored_tuple(s: Sweep, op: Store) -> None:
    """A tuple of numbers: their cotangents leave the slot."""
    from .reverse_structures import give_structure

    shadow = s.shadow(op.dst)
    place = s.need_place(op.place) if isinstance(op.place, Index) else op.place
    g = s.builder.load(shadow, place, loc=op.loc, type=strip(op.value.type))
    zero = s.builder.apply(table(helpers.zeros_of), (g,), loc=op.loc, type=g.type)
    s.builder.store(shadow, place, zero, loc=op.loc)
    if s.activity.active(op.value):
        give_structure(s, op.value, g, selected=s.may_hold_zeros(op.dst))


def _one_shape(s: Sweep, op: Store) -> bool:
    """Whether all arrays of a slot have one shape for certain, so that zeros of the new one stand for the old one too."""
    from .check import slot_type

    t, slot = strip(op.value.type), strip(slot_type(op.dst.type, op.place))
    return isinstance(t, Array) and t == slot and None not in t.dims and "*" not in t.dims


def _stored_part(s: Sweep, op: Store, d: Value, place: Place) -> Value:
    """The cotangent of what was stored: a number, or a copy (the shadow is zeroed next)."""
    t = _part_type(s, op)
    if isinstance(t, Scalar):
        return s.builder.load(d, place, loc=op.loc, type=t)
    assert isinstance(place, Index)
    if _advanced(place):
        return _gather(s, d, place, t, op)
    part = d if is_whole(place) else s.builder.view(d, place, loc=op.loc, type=t)
    return s.builder.apply(SNAPSHOT, (part,), loc=op.loc, type=t)


def _gather(s: Sweep, d: Value, place: Index, t: Any, op: Store) -> Value:
    """Elements at an advanced index. Where an index may repeat, the last write won: the others get zero."""
    if not may_repeat(place):
        return s.builder.load(d, place, loc=op.loc, type=t)
    from ..runtime import helpers

    items = tuple(_slice(s, i) if isinstance(i, Slice) else i for i in place.items)
    index = items[0] if len(items) == 1 else Pack(items)
    return s.builder.apply(table(helpers.gather_stored), (d, index), loc=op.loc, type=t)


def _slice(s: Sweep, item: Slice) -> Operand:
    """A slice as a value."""
    bounds = (item.lower, item.upper, item.step)
    t = Tuple(tuple(b.type for b in bounds), slice, ("start", "stop", "step"))
    return s.builder.apply(CONSTRUCT, (Literal(slice, "slice"), *bounds), loc=s.loc, type=t)


def may_repeat(place: Index) -> bool:
    """Whether an advanced index may name one element twice: not for boolean masks, nor for displays of distinct ints."""
    for item in place.items:
        if isinstance(item, Slice):
            continue
        t = strip(item.type)
        if isinstance(t, Array) and t.dtype != "b1":
            return True
        if isinstance(item, Pack):
            values = {i.value for i in item.items if isinstance(i, Literal) and type(i.value) is int and i.value >= 0}
            if len(values) < len(item.items):
                return True
        elif isinstance(t, (List, Tuple)):
            return True
    return False


def _part_type(s: Sweep, op: Store) -> Any:
    """The type of the part stored to (which the stored value may be broadcast to)."""
    from ..ir.build import place_type

    if isinstance(op.place, Index) and (is_container(op.dst) or not _advanced(op.place)):
        return place_type(op.dst.type, op.place)
    if isinstance(op.place, Index):
        return Tracer(op.dst, Tracing(s.builder))._advanced(op.place)
    return strip(op.value.type)


def _advanced(place: Index) -> bool:
    return any(not isinstance(i, Slice) and isinstance(strip(i.type), (Array, List, Tuple)) for i in place.items)


def _to_stored_value(s: Sweep, op: Store, g: Operand) -> None:
    v, unread = _stored(s, op.value), s.may_hold_zeros(op.dst)
    s.contribute(v, Adj(unbroadcast(s, project(s, g, v), v), owned=is_array(g), selected=unread))


def _stored(s: Sweep, value: Operand) -> Value:
    """What is stored, which has one cotangent: displays were made arrays when types were found."""
    if isinstance(value, Value):
        return value
    raise UnsupportedError(
        "a display is stored in an array", loc=s.loc, code="DS312", hint="write np.array(...) around it"
    )


def _reverse_update(s: Sweep, op: Store, d: Value, place: Place, rest: tuple[Operand, bool]) -> None:
    """`dst[place] += v` (or -=): the old contents keep their cotangent, `v` receives it too."""
    value, minus = rest
    negative = minus != s.negative(op.dst)
    if not s.activity.active(value):
        return
    value = _stored(s, value)
    t = _part_type(s, op)
    if isinstance(t, Scalar):
        g: Operand = s.builder.load(d, place, loc=op.loc, type=t)
    elif isinstance(place, Index) and _advanced(place):
        g = s.builder.load(d, place, loc=op.loc, type=t)
    else:
        assert isinstance(place, Index)
        part = d if is_whole(place) else s.builder.view(d, place, loc=op.loc, type=t)
        g = part if negative or not is_array(value) else s.builder.apply(SNAPSHOT, (part,), loc=op.loc, type=t)
    if negative:
        g = s.builder.apply(table(operator.neg), (g,), loc=op.loc, type=t)
    given = unbroadcast(s, project(s, g, value), value)
    s.contribute(value, Adj(given, owned=is_array(g), selected=s.may_hold_zeros(op.dst)))


def shadow_ends(s: Sweep, out: Value) -> bool:
    """Whether the shadow made for this allocation is of no use before it: no other root shares the memory."""
    node = s.aliases.of(out)
    return node is not None and not node.joins and len(node.roots) == 1 and out not in s.edits.twins
