"""Reverse mode of leaf ops: rules of the table, loads, stores, calls.

A rule is traced into a scratch list over stand-ins for the primal operands. What the trace reads decides what is wanted:
the handle where only shape or dtype is used, the contents (as they were when the op ran) otherwise.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any

import numpy as np

from ..defs.structural import CONSTRUCT, LIST_APPEND, LIST_POP, SNAPSHOT
from ..defs.table import Def, Partial
from ..errors import NoRuleError, UnsupportedError
from ..ir.ops import Apply, Attr, Block, For, FuncRef, If, Index, Load, Op, Place, Range, Slice, Store, View, Yield
from ..ir.types import (
    BOOL,
    INT,
    Array,
    List,
    Scalar,
    Struct,
    Tuple,
    Type,
    carries_derivative,
    is_complex,
    may_be_one,
    same_dim,
    strip,
)
from ..ir.values import Literal, Operand, Pack, Value
from ..ir.walk import blocks, results, substitute_block, used_values, values_in, walk
from .activity import differentiable_operands
from .layout import decided_by_layout, is_view_for_sure
from .parts import is_aggregate, part_key, part_places
from .sweep import ZERO, Adj, Parts, Sweep, is_array, is_container, is_number, table
from .trace import Tracer, Tracing

QUOTIENTS = frozenset({"truediv", "np.divide", "np.true_divide"})
#: functions that read of an array only what never changes: its shape and dtype
HANDLE_ONLY = frozenset({".shape", ".ndim", ".size", ".dtype", "np.zeros_like", "np.ones_like", "np.full_like", "len", "np.shape",
                         "np.ndim", "np.size", "np.empty_like", "unbroadcast"})  # fmt: skip


def written_operands(s: Sweep, op: Apply) -> Iterable[Operand]:
    if isinstance(op.fn, FuncRef):
        return [op.args[i] for i in sorted(s.aliases.summary(op.fn).writes) if i < len(op.args)]
    return [op.args[i] for i in getattr(op.fn, "writes", ())]


def reverse_leaf(s: Sweep, op: Op) -> None:
    """Reverse one op that has no regions."""
    match op:
        case Apply():
            reverse_apply(s, op)
        case Load():
            reverse_load(s, op)
        case View():
            reverse_view(s, op)
        case Store():
            reverse_store(s, op)


# -- loads, views, stores


def reverse_load(s: Sweep, op: Load) -> None:
    if not s.activity.active(op.result) or not isinstance(op.src, Value):
        return
    if s.shadowed(op.result):
        if is_array(op.src):  # a copy of elements, with a shadow of its own
            add_part(s, op.src, op.place, Adj(s.shadow(op.result), owned=_shadow_ends(s, op.result)), op.result)
        return
    if is_aggregate(op.src.type):
        _reverse_part(s, op, op.src)
        return
    if is_aggregate(op.result.type):
        parts = s.parts.pop(op.result, None)
        if parts:
            place = s.need_place(op.place) if isinstance(op.place, Index) else op.place
            _add_aggregate(s, s.shadow(op.src), place, strip(op.result.type), parts)
        return
    g = s.take(op.result)
    if g is not None:
        add_part(s, op.src, op.place, g, op.result)


def _add_aggregate(s: Sweep, d: Value, place: Place, t: Type, parts: Parts) -> None:
    """Cotangents of the parts of a tuple that a container holds: the shadow holds a new tuple."""
    old = s.builder.load(d, place, loc=s.loc, type=t)
    s.builder.store(d, place, _grown(s, old, t, parts), loc=s.loc)


def _grown(s: Sweep, old: Value, t: Type, parts: Parts) -> Operand:
    items: list[Operand] = []
    for key, at, item in part_places(t):
        part = s.builder.load(old, at, loc=s.loc, type=item)
        g = parts.get(key)
        if isinstance(g, dict):
            items.append(_grown(s, part, strip(item), g))
        elif g is None:
            items.append(part)
        else:
            items.append(s._plus(part, s.realise(g, part, whole=False), item))
    if isinstance(t, Tuple) and t.cls is None:
        return Pack(tuple(items))
    cls = t.cls if isinstance(t, (Tuple, Struct)) else None
    return s.builder.apply(CONSTRUCT, (Literal(cls), *items), loc=s.loc, type=t)


def _reverse_part(s: Sweep, op: Load, src: Value) -> None:
    """The cotangent of a part of an aggregate waits until the aggregate's own definition is reversed."""
    key = part_key(src.type, op.place)
    g = s.parts.pop(op.result, None) or s.take(op.result)
    if g is None:
        return
    if key is None or s.pos.region_of[src] is not s.pos.block_of[op]:
        raise UnsupportedError(
            "a part of this tuple is read where its cotangent can't be collected", loc=op.loc, code="DS317",
            hint="unpack the tuple into variables where it is made",
        )  # fmt: skip
    parts = s.parts.setdefault(src, {})
    old = parts.get(key)
    if isinstance(old, Adj) and isinstance(g, Adj):
        g = s._sum(old, g, op.result)
    parts[key] = g


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
    target = s.shadow(base) if s.shadowed(base) else s.buffer(base)
    mapped = s.need_place(place) if isinstance(place, Index) else place
    s.builder.store(target, mapped, value, add=True, loc=s.loc)


def reverse_store(s: Sweep, op: Store) -> None:
    """`dst[place] = value`: the value receives the shadow's part, which becomes zero."""
    if not s.activity.active(op.dst):
        return
    if not s.shadowed(op.dst):
        raise UnsupportedError("a store into memory whose adjoint is not a shadow", loc=op.loc, code="DS312")
    t = strip(op.value.type)
    if is_container(op.dst) and not isinstance(t, Scalar):
        _reverse_reference(s, op)
        return
    d = s.shadow(op.dst)
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
        _to_stored_value(s, op.value, g)


def _reverse_reference(s: Sweep, op: Store) -> None:
    """A reference stored in a container: never written memory is a value, whose cotangent leaves the slot."""
    node = s.aliases.of(op.value)
    if not s.activity.active(op.value) and not s.activity.active(op.dst):
        return
    if not is_array(op.value) or node is None or node.writes or not isinstance(op.value, Value):
        raise UnsupportedError(
            "a reference to memory that is written is stored in a container", loc=op.loc, code="DS311",
            hint="store a copy (`.copy()`)",
        )  # fmt: skip
    place = s.need_place(op.place) if isinstance(op.place, Index) else op.place
    g = s.builder.load(s.shadow(op.dst), place, loc=op.loc, type=strip(op.value.type))
    zero = s.builder.apply(table(np.zeros_like), (g,), loc=op.loc, type=g.type)
    s.builder.store(s.shadow(op.dst), place, zero, loc=op.loc)
    s.contribute(op.value, Adj(g, owned=True, selected=s.has_select))


def _stored_part(s: Sweep, op: Store, d: Value, place: Place) -> Value:
    """The cotangent of what was stored: a number, or a copy (the shadow is zeroed next)."""
    t = _part_type(s, op)
    if isinstance(t, Scalar):
        return s.builder.load(d, place, loc=op.loc, type=t)
    assert isinstance(place, Index)
    if _advanced(place):
        return _gather(s, d, place, t, op)
    part = d if _is_whole(place) else s.builder.view(d, place, loc=op.loc, type=t)
    return s.builder.apply(SNAPSHOT, (part,), loc=op.loc, type=t)


def _gather(s: Sweep, d: Value, place: Index, t: Any, op: Store) -> Value:
    """Elements at an advanced index. Where an index may repeat, the last write won: the others get zero."""
    if not may_repeat(place):
        return s.builder.load(d, place, loc=op.loc, type=t)
    from ..runtime import helpers

    index = place.items[0] if len(place.items) == 1 else Pack(tuple(_item(i, op) for i in place.items))
    assert not isinstance(index, Slice)
    return s.builder.apply(table(helpers.gather_stored), (d, index), loc=op.loc, type=t)


def _item(item: Operand | Slice, op: Store) -> Operand:
    if isinstance(item, Slice):
        raise UnsupportedError("a store at integer arrays mixed with slices", loc=op.loc, code="DS315",
                               hint="store at integer arrays alone, or at slices alone")  # fmt: skip
    return item


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

    if isinstance(op.place, Index) and not _advanced(op.place):
        return place_type(op.dst.type, op.place)
    if isinstance(op.place, Index):
        t = strip(op.dst.type)
        assert isinstance(t, Array)
        return Tracer(op.dst, Tracing(s.builder))._advanced(op.place)
    return strip(op.value.type)


def _is_whole(place: Index) -> bool:
    return len(place.items) == 1 and isinstance(place.items[0], Literal) and place.items[0].value is Ellipsis


def _advanced(place: Index) -> bool:
    return any(not isinstance(i, Slice) and isinstance(strip(i.type), (Array, List, Tuple)) for i in place.items)


def _to_stored_value(s: Sweep, value: Operand, g: Value) -> None:
    if isinstance(value, Value):
        s.contribute(value, Adj(unbroadcast(s, g, value), owned=is_array(g), selected=s.has_select))


def _reverse_update(s: Sweep, op: Store, d: Value, place: Place, rest: tuple[Operand, bool]) -> None:
    """`dst[place] += v` (or -=): the old contents keep their cotangent, `v` receives it too."""
    value, negative = rest
    if not s.activity.active(value) or not isinstance(value, Value):
        return
    t = _part_type(s, op)
    if isinstance(t, Scalar):
        g: Operand = s.builder.load(d, place, loc=op.loc, type=t)
    elif isinstance(place, Index) and _advanced(place):
        g = s.builder.load(d, place, loc=op.loc, type=t)
    else:
        assert isinstance(place, Index)
        part = d if _is_whole(place) else s.builder.view(d, place, loc=op.loc, type=t)
        g = part if negative or not is_array(value) else s.builder.apply(SNAPSHOT, (part,), loc=op.loc, type=t)
    if negative:
        g = s.builder.apply(table(operator.neg), (g,), loc=op.loc, type=t)
    s.contribute(value, Adj(unbroadcast(s, g, value), owned=is_array(g), selected=s.has_select))


# -- functions of the table


def reverse_apply(s: Sweep, op: Apply) -> None:
    if isinstance(op.fn, FuncRef):
        from .calls import reverse_call

        reverse_call(s, op)
        return
    if op.fn in (LIST_APPEND, LIST_POP):
        _reverse_list_op(s, op)
        return
    if not any(s.activity.active(r) for r in op.results):
        return
    d = op.fn
    if not any(s.activity.active(a) for a in differentiable_operands(op)):
        for r in op.results:
            s.take(r)  # a constant: what reached it goes nowhere
            s.parts.pop(r, None)
        return
    if not isinstance(d, Def):
        raise NoRuleError(f"the callee of this call isn't known: `{d.name}`", loc=op.loc)
    if d.family == "structural":
        _reverse_structural(s, op)
        return
    out = op.results[0]
    if s.shadowed(out) and d.alias == "view":
        return  # its shadow is a view of the argument's
    if s.shadowed(out) and decided_by_layout(op):
        _reverse_layout(s, op, d)
        return
    ct = _cotangent_of(s, op, out)
    if ct is None:
        return
    if d.family == "elementwise":
        _reverse_elementwise(s, op, d, ct)
    elif d.family == "select":
        _reverse_select(s, op, d, ct)
    elif d.family == "general" and d.rules:
        _reverse_general(s, op, d, ct)
    else:
        raise NoRuleError(
            f"`{d.name}` has no derivative rule", loc=op.loc, hint="write one with `ds.rule`, or `ds.stop_gradient` its argument"
        )


def _reverse_layout(s: Sweep, op: Apply, d: Def) -> None:
    """A view's shadow is one of the argument's; what a copy's shadow received goes to the argument."""
    if is_view_for_sure(op, s.pos.def_of):
        return
    b, out = s.builder, op.results[0]
    shadow = s.shadow(out)
    share = b.apply(table(np.may_share_memory), (shadow, s.shadow(op.args[0])), loc=op.loc, type=BOOL)
    apart = b.apply(table(operator.not_), (share,), loc=op.loc, type=BOOL)
    with b.block() as ops:
        _reverse_general(s, op, d, Adj(shadow, selected=s.has_select))
    b.emit(If(apart, Block((), (*ops, Yield((), op.loc))), Block((), (Yield((), op.loc),)), (), op.loc))


def _reverse_list_op(s: Sweep, op: Apply) -> None:
    """`append` reverses to `pop` and back, so the shadow list keeps the length that the list had."""
    container = op.args[0]
    if not s.activity.active(container):
        return
    shadow = s.shadow(container)
    if op.fn is LIST_POP:
        r = op.results[0]
        g = s.take(r)
        given = s.zero_of(r) if g is None else s.realise(g, r)
        s.builder.call(LIST_APPEND, (shadow, given), loc=op.loc)
        return
    item = op.args[1]
    if any(s.shadowed(v) for v in values_in(item)):
        raise UnsupportedError(
            "a reference to memory that is written is put into a list", loc=op.loc, code="DS311",
            hint="append a copy (`.copy()`)",
        )  # fmt: skip
    popped = s.builder.apply(LIST_POP, (shadow,), loc=op.loc, type=strip(item.type))
    give_structure(s, item, popped)


def _cotangent_of(s: Sweep, op: Apply, out: Value) -> Adj | None:
    if isinstance(strip(out.type), Tuple):
        parts = s.parts.pop(out, None)
        return None if not parts else Adj(_pack_parts(s, out, parts))
    if s.shadowed(out):
        shadow = s.shadow(out)
        return Adj(shadow, owned=_shadow_ends(s, out), selected=s.has_select)
    return s.take(out)


def _shadow_ends(s: Sweep, out: Value) -> bool:
    """Whether the shadow made for this allocation is of no use before it: no other root shares the memory."""
    node = s.aliases.of(out)
    return node is not None and not node.joins and len(node.roots) == 1 and out not in s.edits.twins


def _pack_parts(s: Sweep, out: Value, parts: Parts) -> Pack:
    t = strip(out.type)
    assert isinstance(t, Tuple)
    items: list[Operand] = []
    for i, item in enumerate(t.items):
        g = parts.get(str(i))
        part = Value(None, item)
        items.append(s.realise(g, part, whole=False) if isinstance(g, Adj) else ZERO)
    return Pack(tuple(items))


def _reverse_structural(s: Sweep, op: Apply) -> None:
    name = op.fn.name
    if name == "unpack":
        src = op.args[0]
        for i, r in enumerate(op.results):
            g: Adj | Parts | None = (s.parts.pop(r, None) or s.take(r)) if s.activity.active(r) and not s.shadowed(r) else None
            if g is None:
                continue
            assert isinstance(src, Value)
            if isinstance(strip(src.type), Tuple):
                s.parts.setdefault(src, {})[str(i)] = g
            elif not isinstance(g, Adj):
                _add_aggregate(s, s.shadow(src), Index((Literal(i),)), strip(r.type), g)
            else:
                add_part(s, src, Index((Literal(i),)), g, r)
    elif name == "snapshot":
        g = _cotangent_of(s, op, op.results[0])
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
            _from_slot(s, op.results[0], Index((pair.items[0],)), pair.items[1])
    else:
        raise UnsupportedError(f"`{name}` of active values is not supported here", loc=op.loc, code="DS313")


def _reverse_display(s: Sweep, op: Apply) -> None:
    out = op.results[0]
    for i, item in enumerate(op.args):
        if s.shadowed(out):
            _from_slot(s, out, Index((Literal(i),)), item)
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
            _from_slot(s, out, Attr(name), item)
            continue
        g = parts.get("." + name) or parts.get(str(i))
        if g is not None:
            give(s, item, g)


def give(s: Sweep, item: Operand, g: Adj | Parts) -> None:
    """A cotangent, or those of the parts of an aggregate, to an operand."""
    if isinstance(g, Adj):
        s.contribute(item, g)
    elif isinstance(item, Value):
        s.parts.setdefault(item, {}).update(g)
    elif isinstance(item, Pack):
        for i, part in enumerate(item.items):
            if str(i) in g:
                give(s, part, g[str(i)])


def give_structure(s: Sweep, arg: Operand, g: Operand, owned: bool = True) -> None:
    """A cotangent of the structure of an operand, taken apart where that is an aggregate."""
    if not is_aggregate(arg.type):
        if isinstance(arg, Value):
            s.contribute(arg, Adj(g, owned=owned and is_array(g), selected=s.has_select))
        return
    for i, (_, place, t) in enumerate(part_places(arg.type)):
        if not carries_derivative(t):
            continue
        part = s.builder.load(g, place, loc=s.loc, type=t)
        if isinstance(arg, Pack):
            give_structure(s, arg.items[i], part)
        elif isinstance(arg, Value):
            _give_part(s, arg, place, part)


def _give_part(s: Sweep, arg: Value, place: Place, g: Value) -> None:
    key = part_key(arg.type, place)
    for op in s.pos.order:
        if isinstance(op, Load) and op.src is arg and part_key(arg.type, op.place) == key:
            give_structure(s, op.result, g)
            return
    if s.pos.region_of[arg] is not s.frame.block or is_aggregate(g.type):
        raise UnsupportedError(
            "a tuple is passed whole from inside a loop or branch, and its parts are differentiated", loc=s.loc,
            code="DS317", hint="pass its parts as arguments",
        )  # fmt: skip
    parts = s.parts.setdefault(arg, {})
    old = parts.get(str(key))
    parts[str(key)] = s._sum(old, Adj(g), g) if isinstance(old, Adj) else Adj(g)


def _from_slot(s: Sweep, container: Value, place: Place, item: Operand) -> None:
    """What a container's shadow holds for a number goes back to it; references share their shadow already."""
    if s.activity.active(item) and not any(s.shadowed(v) for v in values_in(item)):
        g = s.builder.load(s.shadow(container), place, loc=s.loc, type=strip(item.type))
        give_structure(s, item, g, container not in s.borrowed)


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
            result = make()
            given = self._given(result)
        kept = _live(ops, given)
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

    def _given(self, result: Any) -> list[Operand]:
        if isinstance(result, (list, tuple)):
            return [o for r in result for o in self._given(r)]
        return [] if result is None else [self.tracing.operand(result)]


def _remap(result: Any, mapping: dict[Operand, Operand], tracing: Tracing) -> Any:
    if isinstance(result, (list, tuple)):
        return [_remap(r, mapping, tracing) for r in result]
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


def _reverse_elementwise(s: Sweep, op: Apply, d: Def, ct: Adj) -> None:
    received: dict[Value, Adj] = {}
    for arg, row in zip(op.args, d.partials):
        if row is not None and s.activity.active(arg):
            assert isinstance(arg, Value)
            g = _times_partial(s, op, d, arg, row, ct)
            received[arg] = s._sum(received[arg], g, arg) if arg in received else g  # `x * x` receives once
    for arg, g in received.items():
        s.contribute(arg, g)


def _times_partial(s: Sweep, op: Apply, d: Def, arg: Value, row: Partial, ct: Adj) -> Adj:
    out = op.results[0]
    negative = row.text.replace(" ", "") in ("-1", "-1.0")
    if negative or row.text.strip() in ("1", "1.0"):
        ct = _fit(s, ct, arg, out, None)
        value = s.builder.apply(table(operator.neg), (ct.value,), loc=op.loc) if negative else ct.value
        return _to_argument(s, Adj(value, False, ct.uniform, ct.mask, ct.selected), arg, out, negative, _is_alone(op, arg))
    template = Template(s, op)
    names = {n: template.operand(a) for n, a in zip(d.params, op.args)}
    if isinstance(op.args[-1], Literal) and d.name in QUOTIENTS:
        names[d.params[-1]] = Tracer(op.args[-1], template.tracing)  # `ct / 3.0`, not `ct * 0.333`
    names["out"] = template.operand(out, after=True)
    p = template.run(lambda: template.tracing.evaluate(row, names))
    ct = _fit(s, ct, arg, out, p)
    g = _product(s, op, ct, p, row)
    uniform = ct.uniform and not is_array(g)
    return _to_argument(s, Adj(g, False, uniform, ct.mask, ct.selected), arg, out, g is not p, _is_alone(op, arg))


def _product(s: Sweep, op: Apply, ct: Adj, p: Operand, row: Partial) -> Operand:
    """`ct * p`; a division where the partial is a reciprocal; exact zero where a selected-away cotangent meets a singular p."""
    b = s.builder
    last = b.ops[-1] if b.ops else None
    if isinstance(ct.value, Literal) and ct.value.value == 1.0 and is_array(p):
        return p
    if isinstance(last, Apply) and last.results and last.results[0] is p and _reciprocal(last):
        b.ops.pop()
        g: Operand = b.apply(last.fn, (ct.value, last.args[1]), loc=op.loc)
    else:
        g = b.apply(table(operator.mul), (ct.value, p), loc=op.loc)
    if row.is_singular([a.value if isinstance(a, Literal) and a.text is None else a for a in op.args]) and ct.selected and ct.mask is None:
        return _guarded(s, op, ct.value, g)
    return g


def _reciprocal(op: Apply) -> bool:
    first = op.args[0] if op.args else None
    return op.fn.name in QUOTIENTS and isinstance(first, Literal) and first.value in (1, 1.0)


def _guarded(s: Sweep, op: Apply, ct: Operand, g: Operand) -> Operand:
    zero = s.builder.apply(table(operator.eq), (ct, ZERO), loc=op.loc)
    if is_array(ct):
        return s.builder.apply(table(np.where), (zero, ZERO, g), loc=op.loc, type=g.type)
    return s.where((zero, True), g, Value(None, g.type))


def _fit(s: Sweep, ct: Adj, arg: Value, out: Value, p: Operand | None) -> Adj:
    """A uniform or masked cotangent stays so only where shapes agree; else it is made whole."""
    if not ct.uniform and ct.mask is None:
        return ct
    if is_array(arg) and _same_shape(arg, out) and (p is None or not is_array(p) or _same_shape(p, out)):
        return ct
    if is_number(arg) and is_number(out):
        return ct
    return Adj(s.realise(ct, out), selected=ct.selected or ct.mask is not None)


def _same_shape(a: Operand, b: Operand) -> bool:
    s, t = strip(a.type), strip(b.type)
    if not isinstance(s, Array) or not isinstance(t, Array) or s.ndim != t.ndim:
        return False
    return all(same_dim(x, y) or not (may_be_one(x) or may_be_one(y)) for x, y in zip(s.dims, t.dims))


def _is_alone(op: Apply, arg: Value) -> bool:
    """Whether an argument is the only array of an elementwise operation: the result has its shape."""
    return is_array(arg) and all(a is arg or not is_array(a) for a in op.args)


def _to_argument(s: Sweep, g: Adj, arg: Value, out: Operand, fresh: bool, alone: bool = False) -> Adj:
    """Bring a cotangent of the result's shape to the argument's: sum what was broadcast, project what became complex."""
    if g.uniform or g.mask is not None:
        return Adj(project(s, g.value, arg), g.owned, g.uniform, g.mask, g.selected)
    if alone and is_array(g.value):
        return Adj(project(s, g.value, arg), owned=fresh, selected=g.selected)
    value = project(s, unbroadcast(s, g.value, arg, out), arg)
    return Adj(value, owned=is_array(value) and (fresh or value is not g.value), selected=g.selected)


def project(s: Sweep, g: Operand, arg: Value) -> Operand:
    if is_complex(g.type) and not is_complex(arg.type):
        return s.builder.apply(table(np.real), (g,), loc=s.loc)
    return g


def unbroadcast(s: Sweep, g: Operand, arg: Value, out: Operand | None = None) -> Operand:
    """Sum a cotangent over the axes along which `arg` was broadcast; nothing is emitted where types show there is none.

    A dimension of the argument that is certainly not 1 was not broadcast. `g` may itself have fewer axes than the result.
    """
    t = strip(g.type)
    if not isinstance(t, Array):
        if is_array(arg):
            return s.full(arg, g)
        return g
    a = strip(arg.type)
    b = s.builder
    if not isinstance(a, Array):
        return b.apply(table(np.sum), (g,), loc=s.loc)
    if t.ndim < a.ndim or any(x == 1 and not may_be_one(y) for x, y in zip(t.dims[::-1], a.dims[::-1])):
        full = s.full(arg, ZERO)
        g = b.apply(table(operator.add), (g, full), loc=s.loc, type=a if t.ndim <= a.ndim else None)
        t = strip(g.type)
        assert isinstance(t, Array)
    extra = t.ndim - a.ndim
    if extra > 0:
        axis = Literal(0) if extra == 1 else Pack(tuple(map(Literal, range(extra))))
        g = b.apply(table(np.sum), (g,), {"axis": axis}, loc=s.loc)
        t = strip(g.type)
        assert isinstance(t, Array)
    axes, unknown = [], False
    for i, (mine, theirs) in enumerate(zip(a.dims, t.dims)):
        if same_dim(mine, theirs) or not may_be_one(mine):
            continue
        if mine == 1:
            axes.append(i)
        else:
            unknown = True
    if unknown:
        helper = table(_unbroadcast_helper())
        return b.apply(helper, (g, s.need(arg)), loc=s.loc, type=a)
    if axes:
        axis = Literal(axes[0]) if len(axes) == 1 else Pack(tuple(map(Literal, axes)))
        g = b.apply(table(np.sum), (g,), {"axis": axis, "keepdims": Literal(True)}, loc=s.loc)
    return g


def _unbroadcast_helper() -> Any:
    from ..runtime import helpers

    return helpers.unbroadcast


def _reverse_select(s: Sweep, op: Apply, d: Def, ct: Adj) -> None:
    masks: list[tuple[Operand, bool] | None] = [None] * len(op.args)
    known: tuple[Operand, bool] | None = None
    pair = sum(m is not None for m in d.partials) == 2 and d.name in ("np.where", "np.maximum", "np.minimum", "np.fmax", "np.fmin")
    for i, (arg, row) in enumerate(zip(op.args, d.partials)):
        if row is None or not s.activity.active(arg):
            continue
        assert isinstance(arg, Value)
        first = next(j for j, m in enumerate(d.partials) if m is not None)
        if pair and known is None:
            known = _mask(s, op, d, d.partials[first])
        masks[i] = (known[0], i != first) if pair and known else _mask(s, op, d, row)
        s.contribute(arg, _masked(s, op, arg, ct, masks[i]))


def _mask(s: Sweep, op: Apply, d: Def, row: Partial | None) -> tuple[Operand, bool]:
    assert row is not None
    template = Template(s, op)
    names = {n: template.operand(a) for n, a in zip(d.params, op.args)}
    names["out"] = template.operand(op.results[0], after=True)
    mask = template.run(lambda: template.tracing.evaluate(row, names))
    return mask, False


def _masked(s: Sweep, op: Apply, arg: Value, ct: Adj, mask: tuple[Operand, bool] | None) -> Adj:
    out = op.results[0]
    value = s.realise(ct, out, whole=False) if ct.mask is not None else ct.value
    if ct.uniform and not (_same_shape(arg, out) and mask and _same_shape(mask[0], out)):
        value = s.realise(Adj(value), out)
    if (is_array(arg) and not _same_shape(arg, out)) or (is_number(arg) and is_array(out)):
        value = s.where(mask, value, out) if mask else value
        return _to_argument(s, Adj(value, selected=True), arg, out, fresh=True)
    if mask and isinstance(mask[0], Literal):
        return Adj(value if bool(mask[0].value) != mask[1] else ZERO, selected=True)
    return Adj(project(s, value, arg), uniform=ct.uniform and not is_array(value), mask=mask, selected=True)


def _reverse_general(s: Sweep, op: Apply, d: Def, ct: Adj) -> None:
    out = op.results[0]
    cotangent = ct.value if isinstance(ct.value, Pack) else s.realise(ct, out)
    named = dict(op.kwargs)
    received: dict[Value, Adj] = {}
    for i, arg in enumerate(op.args):
        if not s.activity.active(arg):
            continue
        rule = d.rules.get(i)
        if rule is None:
            raise NoRuleError(
                f"`{d.name}` has no derivative with respect to its argument {i + 1}", loc=op.loc,
                hint="mark the argument constant with `ds.stop_gradient`, or write a rule",
            )  # fmt: skip
        template = Template(s, op)
        args = [template.operand(a) for a in op.args]
        kwargs = {k: template.operand(v) for k, v in named.items()}
        tracer = template.tracing.wrap(cotangent) if isinstance(cotangent, Pack) else Tracer(cotangent, template.tracing)
        call = partial(rule.vjp, tracer, template.operand(out, after=True), *args, **kwargs)
        _contribute_given(s, arg, template.run(call), template, ct, received)
    for value, g in received.items():
        s.contribute(value, g)
    for k, v in named.items():
        if s.activity.active(v):
            raise NoRuleError(f"`{d.name}` has no derivative with respect to its argument `{k}`", loc=op.loc)


def _contribute_given(
    s: Sweep, arg: Operand, given: Any, template: Template, ct: Adj, received: dict[Value, Adj]
) -> None:
    """Note what a rule gave for an argument; an argument that stands twice receives once."""
    if given is None:
        return
    if isinstance(strip(arg.type), List) and isinstance(arg, Value):
        _to_every_slot(s, arg, template.tracing.operand(given))
        return
    if isinstance(arg, Pack):
        items = given.items if isinstance(given, Pack) else given
        for item, g in zip(arg.items, items):
            _contribute_given(s, item, g, template, ct, received)
        return
    if not isinstance(arg, Value):
        return
    given = template.tracing.operand(given)
    made = template.made.get(given) if isinstance(given, Value) else None
    spread = _uniform_source(made)
    if spread is not None and is_array(arg):
        _receive(s, received, arg, Adj(project(s, spread, arg), uniform=True, selected=ct.selected))
        return
    fresh = isinstance(made, Apply) and getattr(made.fn, "alias", "") == "fresh" and not isinstance(given, Pack)
    fresh = fresh or (given is ct.value and ct.owned)
    _receive(s, received, arg, Adj(project(s, given, arg), owned=fresh and is_array(given), selected=ct.selected or s.has_select))


def _receive(s: Sweep, received: dict[Value, Adj], arg: Value, g: Adj) -> None:
    if s.activity.active(arg):
        received[arg] = s._sum(received[arg], g, arg) if arg in received else g


def _to_every_slot(s: Sweep, arg: Value, given: Operand) -> None:
    """A list of cotangents, one per element of a list (or one number for all)."""
    d = s.shadow(arg)
    n = s.builder.apply(table(len), (d,), loc=s.loc, type=INT)
    k = Value("k", INT, loc=s.loc)
    with s.builder.block() as ops:
        part = given
        if not isinstance(strip(given.type), Scalar):
            part = s.builder.load(given, Index((k,)), loc=s.loc)
        s.builder.store(d, Index((k,)), part, add=True, loc=s.loc)
    body = Block((k,), (*ops, Yield((), s.loc)))
    s.builder.emit(For(Range(Literal(0), n, Literal(1)), (), body, Block((), (Yield(()),)), (), s.loc))


def _uniform_source(made: Op | None) -> Operand | None:
    """The scalar of `np.broadcast_to(scalar, shape)`."""
    if isinstance(made, Apply) and made.fn.name == "np.broadcast_to" and not is_array(made.args[0]):
        return made.args[0]
    return None

