"""Whole derivatives in reverse mode: `f_vjp` in one function, or the pair `f_fwd`, `f_rev`.

`f_vjp(*args, *shadows, *douts) -> (out, *cotangents)`: a cotangent per "value" parameter, in order; "shadow" parameters have
one more parameter (`dx`) that is accumulated in place; one `dout` per active number or array of the result, tuples flattened.
The pair hands `saved` from one half to the other: `f_fwd(*args) -> (out, saved)`, `f_rev(saved, *shadows, *douts)`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np

from ..analysis.alias import Aliases, SummaryOf
from ..analysis.items import is_optional, leaves
from ..analysis.mems import Mem, reachable
from ..analysis.overlaps import carried
from ..defs.structural import COMMENT, CONSTRUCT, DICT_POP, LIST_APPEND, LIST_INSERT, LIST_POP, UNPACK
from ..ir.ops import Apply, Block, Func, FuncRef, If, Op, Place, Return, Store, Yield
from ..ir.types import Array, FuncType, Maybe, OneOf, Struct, Table, Tuple, Type, carries_derivative, strip
from ..ir.values import Literal, Operand, Pack, Value
from ..ir.walk import rename, substitute
from ..runtime import helpers
from ..timing import phase
from ..transform.closures import captured
from ..transform.dce import dce
from ..transform.simplify import simplify
from .activity import Activity
from .check import check_known, slot_type
from .guards import check_guards
from .mirror import Mirror
from .parts import is_aggregate, part_places
from .patterns import note_patterns
from .plan import Plan, Planner
from .rebuild import forward_sweep
from .reverse import reverse_block
from .reverse_stores import add_parts
from .slots import ZERO, Adj, Parts, WiderError, conformed, is_array, is_container, table
from .structures import is_returned_container, is_returned_display
from .sweep import Sweep
from .twins import build_twins, saved_twins, set_aside


@dataclass(frozen=True, slots=True)
class Request:
    """What is to be derived. `kinds`: "const", "value", "shadow" or "twin" per parameter; a twin is a shadow that the forward
    sweep keeps in step with what it mirrors (`ad/twins.py`). `mirror`: the forward half returns the shadow of the result too,
    which then has no cotangent. `seeded`: parameters whose final contents carry a cotangent. `outs`: which leaves of the
    result have one. `external`: parameters whose memory may change between the two halves of a pair. `primal`: whether the
    result is returned too; if not, its (first) number is seeded with 1. `entry`: derived for a caller from outside."""

    kinds: tuple[str, ...]
    seeded: frozenset[int]
    outs: tuple[bool, ...]
    split: bool = False
    external: frozenset[int] = frozenset()
    primal: bool = True
    entry: bool = False
    mirror: bool = False


@dataclass(frozen=True, slots=True)
class Derivative:
    """`fused` for one function; `forward` and `backward` for a pair (`forward` None: nothing is saved, call the primal).
    `ahead`: parameters whose shadows the forward half takes."""

    activity: Activity
    plan: Plan
    fused: Func | None = None
    forward: Func | None = None
    backward: Func | None = None
    ahead: tuple[int, ...] = ()


class Derivatives(Protocol):
    """What has been derived of callees (`ad/calls.py`); a sweep that starts again forgets what it asked for."""

    recomputed: set[Value]

    def mark(self) -> object: ...

    def rewind(self, mark: Any) -> None: ...


def result_leaves(operand: Operand) -> list[Operand]:
    """The result of a function as written, displays opened."""
    if isinstance(operand, Pack):
        return [leaf for item in operand.items for leaf in result_leaves(item)]
    return [operand]


def leaf_types(t: Type) -> list[Type]:
    """The types of a result's leaves, tuples flattened; one of several functions is the tuple of what they capture."""
    if is_optional(t):
        return [leaf for _, leaf in leaves(t)]
    t = strip(captured(t) if isinstance(t, OneOf) else t)
    if is_aggregate(t):
        return [leaf for _, _, item in part_places(t) for leaf in leaf_types(item)]
    return [t]


def derive_vjp(func: Func, request: Request, summary: SummaryOf, calls: Derivatives) -> Derivative:
    """Reverse mode of a prepared function. `calls` gives the pairs of callees (see `ad/calls.py`)."""
    with phase("activity"):
        aliases = Aliases(func, summary)
        wrt = [i for i, k in enumerate(request.kinds) if k != "const"]
        leaving = reachable(aliases.returned) if request.mirror and aliases.returned else ()
        activity = Activity(func, aliases, wrt, request.seeded, leaving)
        check_known(func, activity)
        check_guards(func, activity, summary)
    with phase("differentiate"):
        return _settled(func, request, aliases, activity, calls)


def _settled(func: Func, request: Request, aliases: Aliases, activity: Activity, calls: Derivatives) -> Derivative:
    """The derivative, when it is known of which memory the shadows are built forwards."""
    wanted = _mirrored(func, request, aliases)
    mark = calls.mark()
    while True:
        s = Sweep(func, aliases, activity, request.split, request.external, request.primal)
        s.calls, s.recomputed = calls, calls.recomputed
        try:
            return _derive(s, request, wanted)
        except WiderError as found:
            wanted.add(found.node)
            calls.rewind(mark)


def _mirrored(func: Func, request: Request, aliases: Aliases) -> set[Mem]:
    """What the caller mirrors: parameters, and the result if its shadow is asked for."""
    given = [aliases.of(p) for p, kind in zip(func.params, request.kinds) if kind == "twin"]
    return {n for n in [*given, aliases.returned if request.mirror else None] if n is not None}


def _derive(s: Sweep, request: Request, wanted: set[Mem]) -> Derivative:
    func, activity = s.func, s.activity
    for p, kind in zip(func.params, request.kinds):
        if kind in ("shadow", "twin"):
            s.shadow_params[p] = Value(f"d{p.name}", p.type, loc=p.loc)
            s.pos.region_of[s.shadow_params[p]] = func.body
    note_patterns(s)
    build_twins(s, wanted)
    if request.entry:
        set_aside(s)
    douts = _douts(func, request)
    ops, results = _reverse(s, request, douts)
    ops, results = _hinted(s, ops, results)
    given = tuple(d for d in douts if isinstance(d, Value))
    cleaned = simplify(dce(_probe(func, s, given, ops, results), keep_raising=False))
    planner = Planner(s)
    resolved = planner.resolve(list(cleaned.body.ops))
    forward = forward_sweep(func, s.edits, request.split)
    shadows = tuple(s.shadow_params.values())
    plan = Plan(planner.chosen, s.snaps, cleaned.body)
    if request.split:
        return _pair(s, request, planner, plan, forward, resolved, shadows, given)
    fused = _fused(func, forward, resolved, (*shadows, *given), request.primal, s.shadow_params)
    return Derivative(activity, plan, fused=fused)


def _hinted(s: Sweep, ops: list[Op], results: list[Operand]) -> tuple[list[Op], list[Operand]]:
    """The reverse sweep with suggested names on its temporaries."""
    body = Block((), (*ops, Return(Pack(tuple(results)))))
    named = rename(Func("", (), body), {v: replace(v, hint=h) for v, h in s.hints.items() if v not in s.pos.region_of})
    last = named.body.terminator
    assert isinstance(last, Return) and isinstance(last.value, Pack)
    return list(named.body.body), list(last.value.items)


def name_result(func: Func) -> Func:
    """An unnamed result is called `out`; a function that only raises gets one behind that."""
    last = func.body.terminator
    if not isinstance(last, Return):
        raising = If(Literal(True), func.body, Block((), (Yield((), func.loc),)), (), func.loc)
        return replace(func, body=Block((), (raising, Return(Literal(None), func.loc))))
    v = last.value
    if not isinstance(v, Value) or v.name is not None or v in func.params:
        return func
    named = Value("out", v.type, v.mem, None, v.loc)
    return rename(func, {v: named})


def _douts(func: Func, request: Request) -> list[Operand | None]:
    """The cotangents of the result's leaves: parameters, or the number 1."""
    last = func.body.terminator
    assert isinstance(last, Return)
    types = leaf_types(_result_type(last.value))
    active = [on and carries_derivative(t) for on, t in zip(request.outs, types, strict=True)]
    if not request.primal:
        return [Literal(1.0), *(None for _ in types[1:])]
    single = sum(active) == 1 and len(types) == 1
    return [
        Value("dout" if single else f"dout{i}", t, loc=func.loc) if on else None
        for i, (t, on) in enumerate(zip(types, active))
    ]


def _result_type(operand: Operand) -> Type:
    if not isinstance(operand, Pack):
        return operand.type
    return Tuple(tuple(_result_type(i) for i in operand.items), listed=operand.kind == "list")


def _reverse(s: Sweep, request: Request, douts: list[Operand | None]) -> tuple[list[Op], list[Operand]]:
    func = s.func
    last = func.body.terminator
    assert isinstance(last, Return)
    with s.mirrored(func.body) as frame, s.builder.block() as ops:
        s.loc = last.loc
        if request.entry:
            _match_lengths(s)
            for p, kept in s.kept.items():
                s.builder.call(table(helpers.add_seeds), (s.shadow(p), s.need(kept)), loc=last.loc)
        remaining = list(douts)
        for leaf in result_leaves(last.value):
            _seed(s, leaf, remaining, request.entry)
        reverse_block(s, func.body)
        s.loc = func.loc
        s.check_spent(func.body)
        results = [_cotangent(s, p, s.parts.get(p)) for p, k in zip(func.params, request.kinds) if k == "value"]
        for p, kept in s.kept.items():
            s.builder.call(table(helpers.put_back), (s.shadow(p), s.need(kept)), loc=func.loc)
    return s.close(frame, _fresh_results(s, ops, results)), results


def _match_lengths(s: Sweep) -> None:
    """A list argument that grew or shrank: its shadow starts with the length that the list has at the end."""
    for p, shadow in s.shadow_params.items():
        node = s.aliases.of(p)
        writes = [w for inner in reachable(node) for w in inner.writes] if node is not None else []
        if p in s.kept or not any(_resizes(s, w) if isinstance(w, Apply) else _fills(w) for w in writes):
            continue
        s.builder.call(table(helpers.match_length), (shadow, s.need(p)), loc=p.loc)


def _fills(op: Op) -> bool:
    """Whether an op may give a container something where it held None, or nothing."""
    if not isinstance(op, Store):
        return False
    return isinstance(strip(op.dst.type), Table) or isinstance(slot_type(op.dst.type, op.place), Maybe)


def _resizes(s: Sweep, op: Apply) -> bool:
    """Whether an op appends to a list or takes from it, or calls what may."""
    return op.fn in (DICT_POP, LIST_APPEND, LIST_INSERT, LIST_POP) or (
        isinstance(op.fn, FuncRef) and any(is_container(op.args[i]) for i in s.aliases.summary(op.fn).writes)
    )


def _seed(s: Sweep, leaf: Operand, douts: list[Operand | None], entry: bool) -> None:
    """Give a result leaf its cotangent(s): an aggregate takes one per part. What a caller passes for a container is the
    shadow, with the length that this had here: by now the caller may have changed that of the container itself."""
    if isinstance(leaf, Value) and is_aggregate(leaf.type):
        found = _seed_parts(leaf.type, douts)
        if s.activity.active(leaf):
            add_parts(s, leaf, found)
        return
    d = douts.pop(0)
    if d is None:
        return
    if isinstance(leaf, Value) and isinstance(d, Value) and (
        is_returned_display(s, leaf) or (not entry and is_returned_container(s, leaf))
    ):
        s.frame.shadows[leaf] = d
        s.borrowed.add(leaf)
        return
    s.contribute(leaf, Adj(d))


def _seed_parts(t: Type, douts: list[Operand | None]) -> Parts:
    found: Parts = {}
    for key, _, item in part_places(t):
        if is_aggregate(item):
            found[key] = _seed_parts(item, douts)
        elif (d := douts.pop(0)) is not None:
            found[key] = Adj(d)
    return found


#: the places that lead to a part, with the types of what stands there
Path = tuple[tuple[Place, Type], ...]


def _cotangent(s: Sweep, p: Value, parts: object) -> Operand:
    """The finished cotangent of a "value" parameter, zeros where nothing reached it."""
    if is_aggregate(p.type):
        return _aggregate(s, p, strip(p.type), parts)
    if s.shadowed(p):
        return s.shadow(p)
    g = s.adj.get(p)
    if g is None:
        return s.zero_of(p)
    return conformed(s.builder, s.realise(g, p), p.type, s.loc, whole=True)


def _aggregate(s: Sweep, p: Value, t: Type, parts: object, path: Path = ()) -> Operand:
    given = parts if isinstance(parts, dict) else {}
    items = [_part(s, p, (*path, (place, item)), item, given.get(key)) for key, place, item in part_places(t)]
    if isinstance(t, FuncType) or (isinstance(t, Tuple) and t.cls is None):
        return Pack(tuple(items), "list" if isinstance(t, Tuple) and t.listed else "tuple")
    cls = t.cls if isinstance(t, (Tuple, Struct)) else None
    return s.builder.apply(CONSTRUCT, (Literal(cls), *items), loc=s.loc, type=t)


def _part(s: Sweep, p: Value, path: Path, item: Type, given: object) -> Operand:
    """The cotangent of what stands at the end of a path into a parameter."""
    item = strip(item)
    if is_aggregate(item):
        return _aggregate(s, p, item, given, path)
    if not carries_derivative(item):
        return Literal(None)
    if isinstance(given, Adj):
        value = conformed(s.builder, s.realise(given, Value(None, item), whole=False), item, s.loc, whole=True)
        if not isinstance(item, Array) or is_array(value):
            return value
        return s.builder.apply(table(np.full_like), (_read(s, p, path), value), loc=s.loc, type=item)
    if not is_array(Value(None, item)):
        return ZERO
    return s.builder.apply(table(np.zeros_like), (_read(s, p, path),), loc=s.loc, type=item)


def _read(s: Sweep, p: Value, path: Path) -> Operand:
    """What stands at the end of a path into a parameter."""
    found = s.need(p)
    for place, t in path:
        found = s.builder.load(found, place, loc=s.loc, type=strip(t))
    return found


def _fresh_results(s: Sweep, ops: list[Op], results: list[Operand]) -> list[Op]:
    """No two results are one array, and none is a cotangent that was passed in."""
    from ..defs.structural import SNAPSHOT

    seen: set[Operand] = set()
    for i, r in enumerate(results):
        if not isinstance(r, Value) or not is_array(r):
            continue
        if r in seen or not _owned_here(s, r):
            copy = Value(r.name, r.type, loc=r.loc)
            ops.append(Apply(SNAPSHOT, (r,), (), (copy,), s.loc))
            results[i] = copy
        seen.add(r)
    return ops


def _owned_here(s: Sweep, r: Value) -> bool:
    return any(g.value is r and g.owned for g in s.adj.values()) or r in s.frame_shadow_values


def _probe(func: Func, s: Sweep, given: tuple[Value, ...], ops: list[Op], results: list[Operand]) -> Func:
    body = Block((), (*ops, Return(Pack(tuple(results)), func.loc)))
    return Func(func.name + "_rev", (*func.params, *s.shadow_params.values(), *given), body, loc=func.loc)


def comment(text: str) -> Op:
    return Apply(COMMENT, (Literal(text),))


def _fused(
    func: Func, forward: Block, ops: list[Op], more: tuple[Value, ...], primal: bool, shadows: Mapping[Value, Value]
) -> Func:
    last, end = forward.terminator, ops[-1]
    assert isinstance(last, Return) and isinstance(end, Return) and isinstance(end.value, Pack)
    result = Pack((last.value, *end.value.items)) if primal else _unwrapped(end.value)
    body = (comment("forward"), *forward.body, comment("reverse"), *ops[:-1], Return(result, func.loc))
    name = f"{func.name}_{'vjp' if primal else 'grad'}"
    params = (*func.params, *more)
    return Func(name, params, Block((), body), loc=func.loc, overlap=carried(func, params, shadows))


def _unwrapped(value: Operand) -> Operand:
    """One cotangent is returned as it is, none as None."""
    if not isinstance(value, Pack) or len(value.items) > 1:
        return value
    return value.items[0] if value.items else Literal(None)


def _pair(
    s: Sweep, request: Request, planner: Planner, plan: Plan, forward: Block, ops: list[Op], shadows: tuple[Value, ...],
    douts: tuple[Value, ...],
) -> Derivative:  # fmt: skip
    func, last, end = s.func, forward.terminator, ops[-1]
    assert isinstance(last, Return) and isinstance(end, Return)
    order = {v: i for i, v in enumerate([*func.params, *s.pos.def_of])}
    residual = sorted(planner.residual.items(), key=lambda item: order.get(item[0], len(order)))
    kept = {v: r for v, r in residual if v not in s.shadow_params.values()}
    direct = {r: v for v, r in planner.residual.items() if v in s.shadow_params.values()}
    saved = Value("saved", Tuple(tuple(v.type for v in kept)), loc=func.loc)
    unpack: list[Op] = [Apply(UNPACK, (saved,), (), tuple(kept.values()), func.loc)] if kept else []
    ahead = _ahead(s, request)
    forced = bool(ahead) or request.mirror
    params = ((saved,) if kept or forced else ()) + shadows + douts
    ops = [*ops[:-1], replace(end, value=_unwrapped(end.value))]
    over = (*carried(func, params, s.shadow_params), *saved_twins(s, list(kept), params))
    back = Func(f"{func.name}_rev", params, Block((), (comment("reverse"), *unpack, *ops)), loc=func.loc, overlap=over)
    back = substitute(back, dict(direct))
    if not kept and not forced:
        return Derivative(s.activity, plan, forward=None, backward=back)
    mirror = Mirror(s.edits)
    out = Pack((last.value, *((mirror.item(last.value),) if request.mirror else ()), Pack(tuple(kept))))
    body = Block((), (*forward.body, *mirror.out, replace(last, value=out)))
    taken = (*func.params, *(s.shadow_params[func.params[i]] for i in ahead))
    over = carried(func, taken, s.shadow_params)
    first = Func(f"{func.name}_fwd", taken, body, loc=func.loc, overlap=over)
    return Derivative(s.activity, plan, forward=first, backward=back, ahead=ahead)


def _ahead(s: Sweep, request: Request) -> tuple[int, ...]:
    """The parameters whose shadows the forward half takes: the twins, and those that turned out to be twins."""
    found = [
        i for i, (p, kind) in enumerate(zip(s.func.params, request.kinds))
        if kind == "twin" or (kind == "shadow" and p in s.edits.twins)
    ]  # fmt: skip
    if request.entry and found:
        return tuple(i for i, kind in enumerate(request.kinds) if kind in ("shadow", "twin"))
    return tuple(found)
