"""What dumps say beside the ops: alias classes and effects (typed), kinds of adjoint and the plan (activity).

Everything here is computed when a dump is asked for, from what the analyses and the planner left.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from ..ad.activity import Activity
from ..ad.parts import is_aggregate
from ..ad.plan import Plan
from ..ad.slots import is_array, is_container
from ..analysis.alias import Aliases
from ..analysis.mems import Mem, find, reachable
from ..defs.structural import MIRROR, WANT
from ..defs.table import Def
from ..ir.ops import Apply, For, Func, FuncRef, Load, Op, Seq, Store, View
from ..ir.text import value_names
from ..ir.values import Literal, Operand, Value
from ..ir.walk import blocks, defined, leaves, rename, results, used_values, values_in, walk
from ..transform.buffers import Reuse

#: ops that ask an array for its shape and type only
_SHAPE_ONLY = frozenset({"len", "np.shape", "np.ndim", "np.size", "zeros_of"})


@dataclass(frozen=True, eq=False, slots=True)
class Shown:
    """A function of one stage, and the remarks on its ops."""

    func: Func
    notes: Mapping[object, str] = field(default_factory=dict)


# -- typed: memory and effects


def with_memory(func: Func, aliases: Aliases) -> Shown:
    """A typed function with its alias classes, and what each op does to them."""
    new: dict[Value, Value] = {}
    for v in [*func.params, *defined(func.body)]:
        node = aliases.of(v)
        new[v] = replace(v, mem=node.name) if node is not None else v
    mems = tuple((n.name, _memory_text(n, func)) for n in _worth_naming(func, aliases))
    shown = replace(rename(func, new), mems=mems)
    notes: dict[object, str] = {}
    for old, op in zip(walk(func.body), walk(shown.body)):
        if text := _effects(old, aliases):
            notes[op] = text
    return Shown(shown, notes)


def _worth_naming(func: Func, aliases: Aliases) -> list[Mem]:
    """The classes of arguments, variables and containers, and those that are written: not temporaries."""
    shown = {n for v in [*func.params, *defined(func.body)] if v.name and (n := aliases.of(v)) is not None}
    return [n for n in aliases.classes() if n in shown or n.params or n.writes or any(map(is_container, n.roots))]


def _memory_text(node: Mem, func: Func) -> str:
    parts = [_where(node, func), "written" if node.writes else "read"]
    held = [f"{slot} {find(inner).name}" for slot, inner in node.slots.items() if find(inner).name]
    return ", ".join([*parts, *([f"holds {', '.join(held)}"] if held else [])])


def _where(node: Mem, func: Func) -> str:
    names = [str(func.params[i].name) for i in sorted(node.params)]
    own = any(r in func.params for r in node.roots)
    if names:
        return f"{'' if own else 'of '}param {', '.join(names)}"
    local = next((r.name for r in node.roots if r.name), None)
    return f"local {local}" if local else "local"


def _effects(op: Op, aliases: Aliases) -> str:
    """`alloc B`, `reads A`, `writes B`, and what else an op does."""
    reads: list[Mem] = []
    writes: list[Mem] = []
    more: list[str] = []
    match op:
        case Load() if is_array(op.src) or is_container(op.src):
            reads = _classes(aliases, op.src)
        case Store():
            writes = _classes(aliases, op.dst)
        case For():
            reads = _classes(aliases, *(leaf.value for leaf in leaves(op.space) if isinstance(leaf, Seq)))
        case Apply(fn=FuncRef() as ref):
            written = aliases.summary(ref).writes
            writes = _deep(aliases, (op.args[i] for i in sorted(written)))
            reads = [n for n in _deep(aliases, op.args) if n not in writes]
        case Apply(fn=Def() as d):
            writes = _classes(aliases, *(op.args[i] for i in d.writes if i < len(op.args)))
            if _reads_contents(d):
                reads = [n for n in _classes(aliases, *op.args) if n not in writes]
            more = [d.effect] * (d.effect in ("io", "random")) + ["may raise"] * d.raises
    said = (("alloc", _made(op, aliases)), ("reads", reads), ("writes", writes))
    return ", ".join([*(f"{verb} {_names(nodes)}" for verb, nodes in said if nodes), *more])


def _made(op: Op, aliases: Aliases) -> list[Mem]:
    """The classes whose memory an op allocates."""
    found = [(r, aliases.of(r)) for r in results(op)] if isinstance(op, Apply) else []
    return [node for r, node in found if node is not None and r in node.roots and not node.params]


def _reads_contents(d: Def) -> bool:
    if d.alias == "view" or d.name.startswith(".") or d.name.endswith("_like") or d.name in _SHAPE_ONLY:
        return False
    return d.family != "structural" or d.name in ("unpack", "list_pop", "snapshot", "fstring")


def _classes(aliases: Aliases, *operands: Operand) -> list[Mem]:
    return list(dict.fromkeys(n for v in values_in(*operands) if (n := aliases.of(v)) is not None))


def _deep(aliases: Aliases, operands: Iterable[Operand]) -> list[Mem]:
    return list(dict.fromkeys(inner for n in _classes(aliases, *operands) for inner in reachable(n)))


def _names(nodes: Iterable[Mem]) -> str:
    return " ".join(dict.fromkeys(n.name for n in nodes if n.name))


# -- optimized: what is allocated


def with_allocations(func: Func, reuse: Reuse | None) -> Shown:
    """A cleaned function, with the number of arrays that it allocates before and after memory is reused, and why each of the
    remaining ones has memory of its own."""
    if reuse is None or not reuse.before:
        return Shown(func)
    notes: dict[object, str] = {func: f"{reuse.before} allocations \u2192 {reuse.after}"}
    for op in walk(func.body):
        for r in results(op):
            if r in reuse.reasons:
                notes[op] = f"alloc: {reuse.reasons[r]}"
    return Shown(func, notes)


# -- activity: kinds of adjoint, the plan


def with_activity(activity: Activity, plan: Plan | None = None) -> Shown:
    """A prepared function: every value with its alias class and activity, every class with its kind of
    adjoint, every value that the reverse sweep reads with how it comes there. Without a plan: forward mode.
    """
    func, aliases = activity.func, activity.aliases
    new: dict[Value, Value] = {}
    for v in [*func.params, *defined(func.body)]:
        node = aliases.of(v)
        new[v] = replace(v, mem=node.name if node is not None else None, active=activity.active(v))
    by_part = _read_by_part(func, aliases)
    kind = _reverse_kind if plan is not None else _forward_kind
    mems = tuple((n.name, kind(n, activity, by_part)) for n in _worth_naming(func, aliases))
    shown = replace(rename(func, new), mems=mems)
    return Shown(shown, _PlanNotes(func, shown, new, plan).notes() if plan is not None else {})


def _reverse_kind(node: Mem, activity: Activity, by_part: set[Mem]) -> str:
    if not activity.memory_active(node):
        return "const"
    if any(is_container(r) for r in node.roots):
        return "shadow (container)"
    if node.writes:
        return "shadow (written)"
    if all(is_aggregate(r.type) for r in node.roots):
        return "one adjoint per part"
    return "buffer (never written, read by part)" if node in by_part else "value"


def _forward_kind(node: Mem, activity: Activity, by_part: set[Mem]) -> str:
    return "tangent" if activity.memory_active(node) else "const"


def _read_by_part(func: Func, aliases: Aliases) -> set[Mem]:
    found: set[Mem] = set()
    for op in walk(func.body):
        match op:
            case Load() | View():
                found.update(_classes(aliases, op.src))
            case For():
                found.update(_classes(aliases, *(x.value for x in leaves(op.space) if isinstance(x, Seq))))
    return found


class _PlanNotes:
    """`needed by %4: reload` on the ops that define what the reverse sweep reads."""

    def __init__(self, func: Func, shown: Func, new: Mapping[Value, Value], plan: Plan) -> None:
        self.func, self.plan = func, plan
        names = dict(value_names(shown))
        self.names = {old: f"%{names[v]}" for old, v in new.items() if v in names}
        ops = list(walk(func.body))
        self.order = {op: i for i, op in enumerate(ops)}
        self.shown: dict[object, object] = {func: shown, **dict(zip(ops, walk(shown.body)))}
        self.at: dict[object, list[Op]] = {}
        for op in ops:
            self.at.setdefault(op.loc, []).append(op)

    def notes(self) -> dict[object, str]:
        found: dict[object, list[str]] = {}
        uses = self._uses()
        homes = dict(self._homes())
        for v in dict.fromkeys([*uses, *self.plan.chosen]):
            text = self._text(v, uses.get(v, []))
            if not text:
                continue
            if v in self.plan.snapshots:
                of, op, after = self.plan.snapshots[v]
                side = "after" if after else "before"
                found.setdefault(op, []).append(f"copy of {self.names[of]} {side}, {text}")
            elif v in homes:
                home = homes[v]
                alone = isinstance(home, (Apply, Load, View)) and results(home) == (v,)
                found.setdefault(home, []).append(text if alone else f"{self.names[v]} {text}")
        return {self.shown[op]: "; ".join(texts) for op, texts in found.items()}

    def _homes(self) -> Iterator[tuple[Value, Op | Func]]:
        """Where each value is defined: parameters of blocks at the op that holds the block."""
        yield from ((p, self.func) for p in self.func.params)
        for op in walk(self.func.body):
            yield from ((v, op) for v in results(op))
            yield from ((p, op) for b in blocks(op) for p in b.params)

    def _uses(self) -> dict[Value, list[Op]]:
        """The ops of the reverse sweep that read each primal value (or copy)."""
        found: dict[Value, list[Op]] = {}
        stands: dict[Value, Value] = {}
        for op in walk(self.plan.reverse):
            if isinstance(op, Apply) and op.fn is WANT:
                (of,) = op.args
                assert isinstance(of, Literal) and isinstance(of.value, Value)
                stands[op.results[0]] = of.value
            elif not (isinstance(op, Apply) and op.fn is MIRROR):
                for u in used_values(op):
                    v = stands.get(u, u)
                    if v in self.names or v in self.plan.snapshots:
                        found.setdefault(v, []).append(op)
        return found

    def _text(self, v: Value, uses: list[Op]) -> str:
        """Nothing for arguments, and arrays asked for their shape only, that are in scope anyway."""
        how = self.plan.chosen.get(v, "in scope")
        if how == "in scope" and (v in self.func.params or all(map(_is_shape_only, uses))):
            return ""
        if not uses:
            return f"needed for recomputing: {how}"
        reads = [op for op in uses if not _is_shape_only(op)]
        if not reads:
            return f"shape needed: {how}"
        of = self.plan.snapshots[v][0] if v in self.plan.snapshots else v
        return f"needed by {', '.join(dict.fromkeys(self._users(of, reads)))}: {how}"

    def _users(self, v: Value, uses: list[Op]) -> Iterator[str]:
        """The primal ops whose adjoints read a value."""
        served = [self._served(v, op) for op in uses]
        for op in sorted((s for s in served if not isinstance(s, int)), key=lambda op: self.order[op]):
            out = results(op)
            yield self.names[out[0]] if out else f"line {op.loc.line}"
        yield from (f"line {s}" for s in served if isinstance(s, int))

    def _served(self, v: Value, use: Op) -> Op | int:
        """The primal op that an op of the reverse sweep belongs to, else its line."""
        there = self.at.get(use.loc, [])
        reading = [op for op in there if v in used_values(op)] or [op for op in there if v in results(op)]
        found = reading or there
        return found[0] if found else use.loc.line


def _is_shape_only(op: Op) -> bool:
    name = str(op.fn.name) if isinstance(op, Apply) else ""
    return name.endswith("_like") or name.startswith(".") or name in _SHAPE_ONLY
