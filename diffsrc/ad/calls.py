"""Calls of user functions: the derived halves of callees, one per (instance, activity), and their use in reverse mode.

A callee's reverse form is split: `out, saved = g_fwd(x)` replaces the call in the forward sweep (the plain call stays where
nothing is saved), `dx = g_rev(saved, dout)` stands in the reverse sweep. Written arrays and containers are passed with their
shadow. Recursion: a pair is named before it is derived.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

import numpy as np

from ..analysis.alias import Aliases, Summary
from ..analysis.mems import Mem, connected
from ..analysis.overlaps import Pattern, at_call
from ..defs.structural import COMMENT
from ..defs.table import Def
from ..errors import NoRuleError, UnsupportedError
from ..ir.ops import Apply, Func, FuncRef, Place, Return
from ..ir.types import Tuple, Type, carries_derivative, strip
from ..ir.values import Operand, Pack, Value, is_literal
from ..timing import Node, compiling
from ..transform.closures import open_closures
from ..transform.exits import normalise_exits
from ..transform.scalars import scalars
from ..transform.simplify import simplify
from ..transform.unroll import unroll
from .again import can_run_again, compute_again, is_recursive
from .bundles import Bundles
from .check import check_held, check_returned
from .forward import derive_jvp
from .guards import cut_at_writes
from .moved import changes_behind, is_kept
from .naming import in_place
from .parts import hoist_parts, is_aggregate, part_places
from .prepare import name_displays, prepare
from .results import own_results
from .reverse_structures import give_structure
from .slots import Adj, Parts, adj_name, is_array, is_container, is_number, table, value_of
from .sweep import Sweep, chooses
from .twins import is_mirrored
from .vjp import Derivative, Request, derive_vjp, leaf_types, name_result

#: from an aggregate to a part of it: each place with the type of what is there
Way = tuple[tuple[Place, Type], ...]


class Instance(Protocol):
    """A specialisation of a user function (see `compiler/instances.py`)."""

    name: str
    func: Func
    result_type: Type
    target: Any
    arg_types: tuple[Type, ...]


@dataclass(eq=False, slots=True)
class Pair:
    """The two halves. `has_saved` is decided when the pair is done; asked before (recursion), it becomes True."""

    forward: FuncRef
    backward: FuncRef
    derived: Derivative | None = None
    asked: bool = False

    @property
    def has_saved(self) -> bool:
        if self.derived is None:
            self.asked = True
            return True
        return self.derived.forward is not None


@dataclass(frozen=True, eq=False, slots=True)
class Made:
    """Which derivative of which instance a derived function is (both halves of a pair are one)."""

    instance: Instance
    mode: str
    activity: tuple[str, ...]
    node: Node


@dataclass(eq=False, slots=True)
class Calls:
    """Everything derived for one generated module: pairs and tangent functions by instance and activity."""

    summary_of: Any
    #: whether loops of few rounds and arrays of few elements are taken apart
    unroll: bool = False
    pairs: dict[tuple[object, ...], Pair] = field(default_factory=dict)
    tangents: dict[tuple[object, ...], FuncRef] = field(default_factory=dict)
    prepared: dict[int, Func] = field(default_factory=dict)
    typed: dict[int, Func] = field(default_factory=dict)
    funcs: dict[str, Func] = field(default_factory=dict)
    in_place: dict[tuple[object, ...], Func] = field(default_factory=dict)
    #: whether what is derived here is differentiated again: then recursions save nothing (see `again.py`)
    again: bool = False
    #: whether some function of the program says how floating-point errors are treated (see `quiet.py`)
    errors_set: bool = False
    #: values of the program that reverse sweeps compute once more: what is compared or branched on must be the same number
    recomputed: set[Value] = field(default_factory=set)
    whole: dict[tuple[object, ...], FuncRef] = field(default_factory=dict)
    bundles: Bundles = field(init=False)
    overlapping: dict[tuple[int, Pattern], Func] = field(default_factory=dict)
    names: dict[str, int] = field(default_factory=dict)
    #: what each derived function is the derivative of
    made: dict[str, Made] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.bundles = Bundles(self.summary_of)

    def prepare(self, func: Func) -> Func:
        """A typed function, ready for reverse mode."""
        if id(func) not in self.prepared:
            *_, (_, self.prepared[id(func)]) = self.preparation(func)
        return self.prepared[id(func)]

    def preparation(self, func: Func) -> Iterator[tuple[str, Func]]:
        """What becomes of a typed function before it is differentiated in reverse mode: step and function."""
        func = self.opened(func)
        yield "opened", func
        for name, step in PREPARE:
            func = step(self, func)
            yield name, func

    def opened(self, func: Func) -> Func:
        """A typed function with closures as tuples of what they capture, and, where that is asked for, loops written out and
        small arrays as numbers."""
        if id(func) not in self.typed:
            check_returned(func, self.summary_of)
            check_held(func, self.summary_of)
            made = open_closures(func)
            self.typed[id(func)] = scalars(unroll(made)) if self.unroll else made
        return self.typed[id(func)]

    def mark(self) -> tuple[dict[Any, Any], ...]:
        """What has been derived so far."""
        return dict(self.pairs), dict(self.whole), dict(self.tangents), dict(self.funcs), dict(self.names)

    def rewind(self, mark: tuple[dict[Any, Any], ...]) -> None:
        """Forget what was derived since."""
        self.pairs, self.whole, self.tangents, self.funcs, self.names = map(dict, mark)

    def unique(self, name: str) -> str:
        """A name that nothing derived so far has: instances are numbered too (`f_1`), so any may be taken."""
        free = name
        while free in self.names:
            self.names[name] += 1
            free = f"{name}_{self.names[name]}"
        self.names[free] = 0
        return free

    def for_overlap(self, func: Func, overlap: Pattern) -> Func:
        """A typed function as it is differentiated where parameters share memory."""
        if not overlap:
            return func
        key = (id(func), overlap)
        if key not in self.overlapping:
            self.overlapping[key] = replace(func, overlap=overlap)
        return self.overlapping[key]

    def pair(self, instance: Instance, request: Request, overlap: Pattern = ()) -> Pair:
        """The split derivative of a callee."""
        func = self.for_overlap(instance.func, overlap)
        key = (id(func), request.kinds, request.seeded, request.outs, request.external, request.mirror)
        if key in self.pairs:
            return self.pairs[key]
        base = self.unique(instance.name)
        pair = self.pairs[key] = Pair(FuncRef(f"{base}_fwd", None), FuncRef(f"{base}_rev", None))
        with self.deriving(instance, "reverse", request.kinds, pair.forward, pair.backward):
            derived = derive_vjp(self.prepare(func), replace(request, split=True), self.summary_of, self)
        if derived.forward is None and pair.asked:
            derived = replace(derived, forward=_empty_forward(self.prepare(func)))
            assert derived.backward is not None
            unused = Value("saved", Tuple(()))
            backward = replace(derived.backward, params=(unused, *derived.backward.params))
            derived = replace(derived, backward=backward)
        pair.derived = derived
        for half, ref in ((derived.forward, pair.forward), (derived.backward, pair.backward)):
            if half is not None:
                self.funcs[ref.name] = replace(half, name=ref.name)
        return pair

    def deriving(self, instance: Instance, mode: str, activity: tuple[str, ...], *names: FuncRef) -> compiling:
        """Charge what happens inside to the derivative of an instance, which is printed under these names."""
        made = compiling(instance.name, instance.target, instance.arg_types, mode, "differentiate")
        for ref in names:
            self.made[ref.name] = Made(instance, mode, activity, made.node)
        return made

    def enter_reverse(self, instance: Instance, request: Request) -> None:
        """Take the names of the derivative that an entry point asks for; a recursion calls it where that is what it needs."""
        if request.split:
            self.unique(instance.name)
            return
        ref = FuncRef(self.unique(f"{instance.name}_{'vjp' if request.primal else 'grad'}"), None)
        if request.primal:
            self.whole[id(instance.func), request.kinds, request.seeded, request.outs] = ref

    def enter_forward(self, instance: Instance, on: tuple[bool, ...]) -> None:
        """Take the name of the tangent function that an entry point asks for, and let a recursion call it."""
        self.tangents[id(instance.func), on, True, False] = FuncRef(self.unique(f"{instance.name}_jvp"), None)

    def fused(self, instance: Instance, request: Request) -> FuncRef:
        """The derivative of a callee as one function, which computes the call again."""
        key = (id(instance.func), request.kinds, request.seeded, request.outs)
        if key not in self.whole:
            ref = self.whole[key] = FuncRef(self.unique(f"{instance.name}_vjp"), None)
            with self.deriving(instance, "reverse", request.kinds, ref):
                derived = derive_vjp(self.prepare(instance.func), request, self.summary_of, self)
            assert derived.fused is not None
            self.funcs[ref.name] = replace(derived.fused, name=ref.name)
        return self.whole[key]

    def small(self, instance: Instance, request: Request) -> Func:
        """The derivative of a small callee, in one function."""
        key = (id(instance.func), request.kinds, request.outs)
        if key not in self.in_place:
            with self.deriving(instance, "reverse", request.kinds):
                derived = derive_vjp(self.prepare(instance.func), request, self.summary_of, self)
            assert derived.fused is not None
            self.in_place[key] = derived.fused
        return self.in_place[key]

    def jvp(
        self, op: Apply, on: tuple[bool, ...], outs: bool, quietly: bool = False, overlap: Pattern = ()
    ) -> tuple[FuncRef, tuple[bool, ...]]:
        """The tangent function of a callee and which arguments have tangents."""
        instance = callee(op)
        typed = self.for_overlap(instance.func, overlap)
        key = (id(typed), on, outs, quietly)
        if key not in self.tangents:
            ref = self.tangents[key] = FuncRef(self.unique(f"{instance.name}_jvp"), None)
            leaves = tuple(outs and carries_derivative(t) for t in leaf_types(instance.result_type))
            activity = tuple("dup" if o else "const" for o in on)
            with self.deriving(instance, "forward", activity, ref):
                func = derive_jvp(simplify(self.opened(typed)), on, leaves, self.summary_of, self, quietly)
            self.funcs[ref.name] = replace(func, name=ref.name)
        return self.tangents[key], on


#: the steps before reverse mode
PREPARE: tuple[tuple[str, Callable[[Calls, Func], Func]], ...] = (
    ("bundles", lambda calls, func: calls.bundles.unbundled(func)),
    ("simplify", lambda calls, func: simplify(func)),
    ("cut", lambda calls, func: cut_at_writes(func, calls.summary_of)),
    ("exits", lambda calls, func: normalise_exits(func)),
    ("simplify", lambda calls, func: simplify(func)),
    ("displays", lambda calls, func: name_displays(func)),
    ("results", lambda calls, func: own_results(func, calls.summary_of)),
    ("parts", lambda calls, func: hoist_parts(func)),
    ("prepare", lambda calls, func: prepare(func)),
    ("result", lambda calls, func: name_result(func)),
)


def _empty_forward(func: Func) -> Func:
    last = func.body.terminator
    assert isinstance(last, Return)
    body = replace(func.body, ops=(*func.body.body, replace(last, value=Pack((last.value, Pack(()))))))
    return replace(func, name=f"{func.name}_fwd", body=body)


def callee(op: Apply) -> Instance:
    """The instance that a call resolved to.

    Raises:
        NoRuleError: the callee has neither source nor rule, and active values reach it.
    """
    target = op.fn.target if isinstance(op.fn, FuncRef) else None
    if not isinstance(getattr(target, "func", None), Func):
        raise NoRuleError(
            f"`{op.fn.name}` has neither a derivative rule nor source that can be read", loc=op.loc,
            hint="write a rule with `ds.rule`, or pass it values without derivative (`ds.stop_gradient`)",
        )  # fmt: skip
    return target  # type: ignore[return-value]


def reverse_call(s: Sweep, op: Apply) -> None:
    """Reverse a call whose result or written arguments are active."""
    summary = s.aliases.summary(op.fn) if isinstance(op.fn, FuncRef) else Summary()
    written = [a for i in sorted(summary.writes) if s.activity.active(a := op.args[i])]
    mirror = any(r in s.edits.twins and r not in s.edits.same for r in op.results)
    if not written and not mirror and not any(map(s.activity.active, op.results)):
        return
    instance = callee(op)
    calls = s.calls
    assert isinstance(calls, Calls)
    overlap = at_call(s.aliases, op)
    prepared = calls.prepare(calls.for_overlap(instance.func, overlap))
    kinds = _kinds(s, op, prepared, mirror)
    for a, k in zip(op.args, kinds):
        if k == "value" and a in written:
            raise UnsupportedError(
                f"`{op.fn.name}` writes what a tuple or frozen instance holds", loc=op.loc, code="DS311",
                hint="pass its parts as arguments",
            )  # fmt: skip
    if all(k == "const" for k in kinds) and not mirror:
        s.drop(op)
        return
    outs, douts = _cotangents(s, op, instance, mirror)
    if not any(outs) and not {"shadow", "twin"}.intersection(kinds) and not mirror:
        return
    if not mirror and is_small(calls.prepare(instance.func)) and all(map(is_number, op.args)):
        _reverse_in_place(s, op, instance, kinds, outs, douts)
        return
    alone = not mirror and "twin" not in kinds
    if calls.again and alone and is_recursive(instance.func) and can_run_again(s, op, instance.func, kinds):
        mirrored = frozenset(i for i, k in enumerate(kinds) if k == "shadow")
        compute_again(s, op, kinds, douts, calls.fused(instance, Request(kinds, mirrored, outs)))
        return
    external = frozenset(i for i, a in enumerate(op.args) if isinstance(a, Value) and not s.memory.stable_within(a, op))
    seeded = frozenset(i for i, k in enumerate(kinds) if k in ("shadow", "twin"))
    pair = calls.pair(instance, Request(kinds, seeded, outs, True, external, mirror=mirror), overlap)
    for i in pair.derived.ahead if pair.derived is not None else ():
        if kinds[i] == "shadow":
            raise s.wider(op.args[i], _not_mirrored(op))
    given: list[Operand] = []
    if pair.has_saved:
        given.append(s.need(_replace_call(s, op, pair, kinds)))
    given += [s.shadow(a) for a, k in zip(op.args, kinds) if k in ("shadow", "twin")]
    values = [(a, p) for a, p, k in zip(op.args, prepared.params, kinds) if k == "value"]
    results = tuple(Value(_named(a), a.type, loc=op.loc, hint=adj_name(p)) for a, p in values)
    s.builder.call(pair.backward, (*given, *douts), results, loc=op.loc)
    zero = _zeros_of(pair, len(values))
    selected = chooses(instance.func, Aliases(instance.func, calls.summary_of))
    for i, ((a, _), r) in enumerate(zip(values, results)):
        if i not in zero:
            give_structure(s, a, r, selected=selected)


def _zeros_of(pair: Pair, count: int) -> set[int]:
    """Which of the `count` cotangents the backward half of a callee leaves at zero. A single one stands alone, if only as
    the tuple of its parts."""
    half = pair.derived.backward if pair.derived is not None else None
    last = half.body.terminator if half is not None else None
    if not isinstance(last, Return):
        return set()
    items = last.value.items if isinstance(last.value, Pack) and count > 1 else (last.value,)
    return {i for i, item in enumerate(items) if is_literal(item, 0)}


MAX_IN_PLACE = 12


def is_small(func: Func) -> bool:
    """A leaf function of a few operations on numbers: its adjoint is written where the call is reversed."""
    ops = func.body.body
    return len(ops) <= MAX_IN_PLACE and all(isinstance(op, Apply) and _is_arithmetic(op) for op in ops)


def _is_arithmetic(op: Apply) -> bool:
    d = op.fn
    return (
        isinstance(d, Def)
        and d.family in ("elementwise", "zero", "general")
        and not d.effect
        and not d.writes
        and all(map(is_number, op.results))
    )


def _reverse_in_place(
    s: Sweep, op: Apply, instance: Instance, kinds: tuple[str, ...], outs: tuple[bool, ...], douts: list[Operand]
) -> None:
    """The plain call stays in the forward sweep; the callee's derivative computes again what it needs."""
    calls = s.calls
    assert isinstance(calls, Calls)
    derived = calls.small(instance, Request(kinds, frozenset(), outs))
    ops, result = in_place(derived, (*(s.need(a) for a in op.args), *douts))
    s.builder.extend([o for o in ops if not (isinstance(o, Apply) and o.fn is COMMENT)])
    assert isinstance(result, Pack)
    for a, g in zip([a for a, k in zip(op.args, kinds) if k == "value"], result.items[1:]):
        give_structure(s, a, g)


def _named(a: Operand) -> str | None:
    return adj_name(a) if isinstance(a, Value) else None


def _not_mirrored(op: Apply) -> UnsupportedError:
    return UnsupportedError(
        f"`{op.fn.name}` replaces what its argument holds, and the shadow of that argument isn't known", loc=op.loc,
        code="DS311", hint="pass a variable of its own",
    )  # fmt: skip


def _kinds(s: Sweep, op: Apply, func: Func, mirror: bool) -> tuple[str, ...]:
    """How each argument is passed: as a twin, if it has one here and is a container, or may be put into one there."""
    calls = s.calls
    assert isinstance(calls, Calls)
    inner = Aliases(func, calls.summary_of)
    twins = [inner.of(p) for a, p in zip(op.args, func.params) if is_container(p) and s.is_twinned(a)]
    wanted = [n for n in [*twins, inner.returned if mirror else None] if n is not None]
    held = connected(inner.classes(), wanted)
    return tuple(_kind(s, op, a, p, inner, held) for a, p in zip(op.args, func.params))


def _kind(s: Sweep, op: Apply, arg: Operand, p: Value, inner: Aliases, held: set[Mem]) -> str:
    if inner.of(p) in held and is_mirrored(p.type):
        if arg not in s.edits.twins:
            raise s.wider(arg, _not_mirrored(op))
        return "twin"
    if not s.activity.active(arg):
        return "const"
    if is_container(p) or inner.written(p):
        return "shadow"
    if is_kept(inner, p) and changes_behind(s, op, arg):
        raise s.wider(arg, _not_mirrored(op))
    return "value"


def _cotangents(s: Sweep, op: Apply, instance: Instance, mirror: bool) -> tuple[tuple[bool, ...], list[Operand]]:
    """Which leaves of the result have a cotangent, and those cotangents."""
    types = leaf_types(instance.result_type)
    if not op.results or not s.activity.active(op.results[0]):
        return tuple(False for _ in types), []
    r = op.results[0]
    if is_aggregate(r.type):
        flat = _flat(s.parts.pop(r, {}), strip(r.type))
        return tuple(g is not None for g, _ in flat), [_whole(s, g, t, r, way) for (g, way), t in zip(flat, types) if g]
    if s.shadowed(r):
        # what is returned is an argument, or has a shadow from there: that holds the cotangent already
        shared = mirror or (isinstance(op.fn, FuncRef) and s.aliases.summary(op.fn).identity is not None)
        return (not shared,), [] if shared else [s.shadow(r)]
    g = s.take(r)
    return ((g is not None),), ([] if g is None else [s.realise(g, r)])


def _whole(s: Sweep, g: Adj, t: Type, r: Value, way: Way) -> Operand:
    """The cotangent of one part of a result; a number that stands for a whole array is spread."""
    value = s.realise(g, Value(None, t), whole=False)
    if not is_array(Value(None, t)) or is_array(value):
        return value
    part: Operand = s.need(r)
    for place, item in way:
        part = s.builder.load(part, place, loc=s.loc, type=item)
    return s.builder.apply(table(np.full_like), (part, value), loc=s.loc, type=t)


def _flat(parts: Parts, t: Type, way: Way = ()) -> list[tuple[Adj | None, Way]]:
    """The cotangents of the numbers and arrays of an aggregate, each with the way to it."""
    out: list[tuple[Adj | None, Way]] = []
    for key, place, item in part_places(t):
        g = parts.get(key)
        here = (*way, (place, item))
        if is_aggregate(item):
            out += _flat(g if isinstance(g, dict) else {}, strip(item), here)
        else:
            out.append((g if isinstance(g, Adj) else None, here))
    return out


def _replace_call(s: Sweep, op: Apply, pair: Pair, kinds: tuple[str, ...]) -> Value:
    """Put the forward half in place of the call; the value that carries what it saved. It takes the twins of arguments, and
    gives the twin of the result."""
    done = s.edits.replace.get(op)
    if isinstance(done, Apply):
        return done.results[-1]
    saved = Value("saved", Tuple(()), loc=op.loc, hint=pair.forward.name.removesuffix("_fwd").rstrip("_0123456789"))
    results = op.results or (Value(None, loc=op.loc),)
    mirrored = [r for r in op.results if r in s.edits.twins and r not in s.edits.same]
    s.edits.given.update(mirrored)
    results = (*results, *(s.edits.twins[r] for r in mirrored), saved)
    args = (*op.args, *(s.edits.twins[value_of(a)] for a, k in zip(op.args, kinds) if k == "twin"))
    s.edits.replace[op] = replace(op, fn=pair.forward, args=args, results=results, method="")
    s.pos.region_of[saved] = s.pos.block_of[op]
    s.pos.def_of[saved] = op
    return saved
