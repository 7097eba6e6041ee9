"""Reverse mode of lists, displays, constructors and closures: cotangents of structures, put together and taken apart."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from ..defs.structural import DICT_POP, LIST_APPEND, LIST_INSERT, LIST_POP
from ..errors import InternalError, UnsupportedError
from ..ir.ops import Apply, Attr, Block, If, Index, Load, Place, Yield
from ..ir.types import BOOL, INT, Struct, Tuple, Type, carries_derivative, strip
from ..ir.values import Literal, Operand, Pack, Value, is_literal
from ..ir.walk import values_in
from .moved import take_over, take_part
from .parts import holds_memory, is_aggregate, part_key, part_places
from .reverse_stores import add_aggregate, add_part, add_parts, as_rules_take_it, constructed, grow, shadow_ends
from .slots import ZERO, Adj, Parts, is_array, is_container, table
from .sweep import Sweep


def reverse_list_op(s: Sweep, op: Apply) -> None:
    """`append` reverses to `pop` and back, so the shadow list keeps the length that the list had; `insert` likewise."""
    container = op.args[0]
    item = op.results[0] if op.fn in (DICT_POP, LIST_POP) else op.args[-1]
    if not s.activity.active(container) or (s.is_twinned(container) and holds_memory(item.type)):
        if op.fn in (DICT_POP, LIST_POP) and (parts := s.parts.pop(op.results[0], None)):
            grow(s, s.shadow(op.results[0]), strip(item.type), parts)
        return  # inactive, or a reference: the forward sweep did to the shadow what was done to the list
    shadow = s.shadow(container)
    if op.fn in (DICT_POP, LIST_POP):
        r = op.results[0]
        given = _given_back(s, r)
        if op.fn is DICT_POP:
            s.builder.store(shadow, Index((s.need(op.args[1]),)), given, loc=op.loc)
            return
        if len(op.args) == 1 or is_literal(op.args[1], -1):
            s.builder.call(LIST_APPEND, (shadow, given), loc=op.loc)
        else:
            s.builder.call(LIST_INSERT, (shadow, _taken_from(s, shadow, op.args[1]), given), loc=op.loc)
        return
    where = () if op.fn is LIST_APPEND else (_put_at(s, shadow, op.args[1]),)
    if isinstance(item, Value) and s.shadowed(item):
        take_over(s, op, item, s.builder.apply(LIST_POP, (shadow, *where), loc=op.loc, type=strip(item.type)))
        return
    if any(s.shadowed(v) for v in values_in(item)):
        raise s.wider(container, UnsupportedError(
            "a reference to memory that is written is put into a list", loc=op.loc, code="DS311",
            hint="append a copy (`.copy()`)",
        ))  # fmt: skip
    popped = s.builder.apply(LIST_POP, (shadow, *where), loc=op.loc, type=strip(item.type))
    give_structure(s, item, popped, selected=s.may_hold_zeros(container))


def _given_back(s: Sweep, r: Value) -> Operand:
    """What the shadow of a container gets for an item that was taken from it."""
    if is_aggregate(r.type):
        return _whole_parts(s, r, strip(r.type), s.parts.pop(r, {}), ())
    g = s.take(r)
    return s.zero_of(r) if g is None else s.realise(g, r)


def _whole_parts(s: Sweep, r: Value, t: Type, parts: Parts, way: tuple[tuple[Place, Type], ...]) -> Operand:
    """An aggregate of the cotangents of its parts, with zeros where nothing reached them."""
    items: list[Operand] = []
    for key, place, item in part_places(t):
        g, here = parts.get(key), (*way, (place, item))
        if is_aggregate(item):
            items.append(_whole_parts(s, r, strip(item), g if isinstance(g, dict) else {}, here))
        elif not carries_derivative(item):
            items.append(Literal(None))
        elif not is_array(part := Value(None, item)):
            items.append(s.realise(g, part) if isinstance(g, Adj) else ZERO)
        else:
            items.append(_whole_array(s, r, part, g if isinstance(g, Adj) else None, here))
    return constructed(s, t, items)


def _whole_array(s: Sweep, r: Value, part: Value, g: Adj | None, way: tuple[tuple[Place, Type], ...]) -> Operand:
    value = s.realise(g, part, whole=False) if g is not None else ZERO
    if is_array(value):
        return value
    primal: Operand = s.need(r)
    for place, item in way:
        primal = s.builder.load(primal, place, loc=s.loc, type=item)
    return s.builder.apply(table(np.full_like), (primal, value), loc=s.loc, type=part.type)


def _taken_from(s: Sweep, shadow: Value, at: Operand) -> Operand:
    """Where `pop(at)` took its item from, as a position in what is left: `at`, or `len + 1 + at` from the end."""
    at = s.need(at)
    if isinstance(at, Literal) and isinstance(at.value, int):
        return at if at.value >= 0 else Literal(at.value + 1)
    return _either(s, at, lambda: at, lambda: _sum(s, _sum(s, _length(s, shadow), at), Literal(1)))


def _put_at(s: Sweep, shadow: Value, at: Operand) -> Operand:
    """Where `insert(at, v)` put its item; the position is clamped to what there was."""
    at = s.need(at)
    if is_literal(at, 0):
        return at

    def last() -> Operand:
        return _row(s, operator.sub, _length(s, shadow), Literal(1))

    return _either(s, at, lambda: _row(s, min, at, last()), lambda: _row(s, max, _sum(s, last(), at), Literal(0)))


def _either(s: Sweep, at: Operand, ahead: Callable[[], Operand], behind: Callable[[], Operand]) -> Operand:
    """One position for indices from the front, another for those from the end."""
    if isinstance(at, Literal) and isinstance(at.value, int):
        return ahead() if at.value >= 0 else behind()
    cond = s.builder.apply(table(operator.ge), (at, Literal(0)), loc=s.loc, type=BOOL)
    arms = []
    for made in (ahead, behind):
        with s.builder.block() as ops:
            value = made()
        arms.append(Block((), (*ops, Yield((value,), s.loc))))
    out = Value(None, INT, loc=s.loc)
    s.builder.emit(If(cond, arms[0], arms[1], (out,), s.loc))
    return out


def _row(s: Sweep, fn: Any, *args: Operand) -> Value:
    return s.builder.apply(table(fn), args, loc=s.loc, type=INT)


def _sum(s: Sweep, a: Operand, b: Operand) -> Operand:
    return _row(s, operator.add, a, b)


def _length(s: Sweep, shadow: Value) -> Operand:
    return _row(s, len, shadow)


def cotangent_of(s: Sweep, op: Apply, out: Value) -> Adj | None:
    if isinstance(t := strip(out.type), Tuple) or (isinstance(t, Struct) and t.frozen):
        parts = s.parts.pop(out, None)
        if out in s.edits.twins:
            return Adj(_with_twins(s, s.shadow(out), parts or {}), selected=s.has_select)
        return None if not parts else Adj(_pack_parts(s, out, parts))
    if s.shadowed(out):
        shadow = s.shadow(out)
        return Adj(shadow, owned=shadow_ends(s, out), selected=s.may_hold_zeros(out))
    return s.take(out)


def _pack_parts(s: Sweep, out: Value, parts: Parts) -> Pack:
    items: list[Operand] = []
    for key, _, item in part_places(out.type):
        g = parts.get(key)
        part = Value(None, item)
        items.append(s.realise(g, part, whole=False) if isinstance(g, Adj) else ZERO)
    return Pack(tuple(items))


def _with_twins(s: Sweep, twin: Value, parts: Parts) -> Pack:
    """The cotangents of a tuple whose arrays have shadows, which its twin holds; those of its numbers are values."""
    items: list[Operand] = []
    for key, place, item in part_places(twin.type):
        g, t = parts.get(key), strip(item)
        if holds_memory(t) and carries_derivative(t):
            held = s.builder.load(twin, place, loc=s.loc, type=t)
            items.append(_with_twins(s, held, g if isinstance(g, dict) else {}) if is_aggregate(t) else held)
        else:
            items.append(s.realise(g, Value(None, item), whole=False) if isinstance(g, Adj) else ZERO)
    return Pack(tuple(items))


def _of_part(s: Sweep, r: Value) -> Adj | Parts | None:
    """The cotangent of what was unpacked; a list that took the part over held its shadow."""
    if not s.activity.active(r):
        return None
    if s.shadowed(r):
        return Adj(s.shadow(r), owned=True) if r in s.taken_over and not is_container(r) else None
    return s.parts.pop(r, None) or s.take(r)


def reverse_structural(s: Sweep, op: Apply) -> None:
    name = op.fn.name
    if name == "unpack":
        src = op.args[0]
        for i, r in enumerate(op.results):
            g = _of_part(s, r)
            if g is None:
                continue
            assert isinstance(src, Value)
            if isinstance(strip(src.type), Tuple):
                add_parts(s, src, {str(i): as_rules_take_it(s, src, r, g)})
            elif not isinstance(g, Adj):
                add_aggregate(s, s.shadow(src), Index((Literal(i),)), strip(r.type), g)
            else:
                add_part(s, src, Index((Literal(i),)), g, r)
    elif name == "snapshot":
        g = cotangent_of(s, op, op.results[0])
        if g is not None:
            s.contribute(op.args[0], g)
    elif name in ("list_of", "tuple_of"):
        _reverse_display(s, op)
    elif name == "construct":
        _reverse_construct(s, op)
    elif name == "closure":
        for slot, part in s.parts.pop(op.results[0], {}).items():
            give(s, op.args[1 + int(slot)], part)
    elif name == "dict_of":
        for pair in op.args:
            assert isinstance(pair, Pack)
            _from_slot(s, op, Index((pair.items[0],)), pair.items[1])
    else:
        raise UnsupportedError(f"`{name}` of active values is not supported here", loc=op.loc, code="DS313")


def _reverse_display(s: Sweep, op: Apply) -> None:
    out = op.results[0]
    for i, item in enumerate(op.args):
        if s.shadowed(out):
            _from_slot(s, op, Index((Literal(i),)), item)
    if not s.shadowed(out):
        for slot, g in s.parts.pop(out, {}).items():
            give(s, op.args[int(slot)], g)


def _reverse_construct(s: Sweep, op: Apply) -> None:
    out = op.results[0]
    t = strip(out.type)
    names = list(t.names) if isinstance(t, Tuple) else [n for n, _ in getattr(t, "fields", ())]
    parts = {} if s.shadowed(out) else s.parts.pop(out, {})
    for i, (name, item) in enumerate(zip(names, op.args[1:])):
        if s.shadowed(out):
            _from_slot(s, op, Attr(name), item)
            continue
        g = parts.get("." + name) or parts.get(str(i))
        if g is not None:
            give(s, item, g)


def give(s: Sweep, item: Operand, g: Adj | Parts) -> None:
    """A cotangent, or those of the parts of an aggregate, to an operand."""
    if isinstance(g, Adj):
        s.contribute(item, g)
    elif isinstance(item, Value):
        if s.activity.active(item):
            add_parts(s, item, g)
    elif isinstance(item, Pack):
        for i, part in enumerate(item.items):
            if str(i) in g:
                give(s, part, g[str(i)])


def give_structure(s: Sweep, arg: Operand, g: Operand, owned: bool = True, selected: bool = False) -> None:
    """A cotangent of the structure of an operand, taken apart where that is an aggregate. `selected`: zeros in it may mean
    that the operand wasn't used."""
    if not is_aggregate(arg.type):
        if isinstance(arg, Value):
            s.contribute(arg, Adj(g, owned=owned and is_array(g), selected=s.has_select or selected))
        elif isinstance(arg, Pack) and s.activity.active(arg):
            raise InternalError("a list display is passed whose parts have cotangents", loc=s.loc)
        return
    display = arg.items[arg.kind == "function" :] if isinstance(arg, Pack) else ()
    for i, (_, place, t) in enumerate(part_places(arg.type)):
        if not carries_derivative(t):
            continue
        part = s.builder.load(g, place, loc=s.loc, type=t)
        if isinstance(arg, Pack):
            give_structure(s, display[i], part, selected=selected)
        elif isinstance(arg, Value):
            _give_part(s, arg, place, part, selected)


def _give_part(s: Sweep, arg: Value, place: Place, g: Value, selected: bool) -> None:
    """To the value of this part where it was taken before, at the top of the aggregate's region, else to the aggregate's
    parts."""
    key = part_key(arg.type, place)
    for op in s.pos.region_of[arg].ops:
        if not isinstance(op, Load) or op.src is not arg or not s.activity.active(op.result) or op.result in s.spent:
            continue  # what is only compared or printed has no cotangent of its own
        if part_key(arg.type, op.place) == key:
            give_structure(s, op.result, g, selected=selected)
            return
    if s.pos.region_of[arg] is not s.frame.block or is_aggregate(g.type):
        raise UnsupportedError(
            "a tuple is passed whole from inside a loop or branch, and its parts are differentiated", loc=s.loc,
            code="DS317", hint="pass its parts as arguments",
        )  # fmt: skip
    add_parts(s, arg, {str(key): Adj(g, selected=selected)})


def _from_slot(s: Sweep, op: Apply, place: Place, item: Operand) -> None:
    """What a container's shadow holds for a number goes back to it; references share their shadow already."""
    container = op.results[0]
    if s.is_twinned(container) and holds_memory(item.type):
        return
    if any(s.shadowed(v) for v in values_in(item)):
        take_part(s, op, place, item)
        if isinstance(item, Pack):
            _from_display(s, s.builder.load(s.shadow(container), place, loc=s.loc, type=strip(item.type)), item)
    elif s.activity.active(item):
        g = s.builder.load(s.shadow(container), place, loc=s.loc, type=strip(item.type))
        give_structure(s, item, g, container not in s.borrowed, s.may_hold_zeros(container))


def _from_display(s: Sweep, g: Value, display: Pack) -> None:
    """The parts of a display of which some share their shadow, to the others."""
    for (_, place, t), item in zip(part_places(display.type), display.items):
        inside = any(s.shadowed(v) for v in values_in(item))
        if isinstance(item, Pack) and inside:
            _from_display(s, s.builder.load(g, place, loc=s.loc, type=t), item)
        elif not inside and s.activity.active(item):
            give_structure(s, item, s.builder.load(g, place, loc=s.loc, type=t), owned=False)
