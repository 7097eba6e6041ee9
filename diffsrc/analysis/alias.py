"""Alias classes: which values may refer to one memory, who writes it, who makes it.

A union-find over the values of memory type. A class has *slots* (`[]` for elements, attribute names, constant keys), each
with a class of its own, so that the arrays held in a list are told from the list. A loop parameter, an `if` result, a view
and everything whose layout decides (`reshape`) join the class of what they may share memory with.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from ..ir.ops import (
    Apply,
    Attr,
    Block,
    Break,
    Continue,
    For,
    Func,
    FuncRef,
    If,
    Index,
    Load,
    Op,
    Place,
    Raise,
    Return,
    Seq,
    Store,
    Unreachable,
    View,
    While,
    Yield,
)  # fmt: skip
from ..ir.types import List, Scalar, Struct, Tuple, is_memory, strip
from ..ir.values import Literal, Operand, Pack, Value
from ..ir.walk import leaves, values_in


@dataclass(frozen=True, slots=True)
class Summary:
    """What a call does to memory: positions of parameters written (anything reachable from them counts), and positions of
    parameters that the result may share memory with. `identity`: the result *is* that parameter, always."""

    writes: frozenset[int] = frozenset()
    returns: frozenset[int] = frozenset()
    identity: int | None = None


SummaryOf = Callable[[FuncRef], Summary]


@dataclass(eq=False, slots=True)
class Mem:
    """One alias class. `roots`: the values that name its memory first (allocations, parameters, call results).
    `folded`: what it holds may be anything in it, so it is one class with its slots."""

    parent: Mem | None = None
    slots: dict[str, Mem] = field(default_factory=dict)
    roots: list[Value] = field(default_factory=list)
    params: set[int] = field(default_factory=set)
    writes: list[Op] = field(default_factory=list)
    joins: list[Value] = field(default_factory=list)
    name: str = ""
    folded: bool = False


def slot_name(place: Place) -> str:
    """The slot that a place of a container names; all elements of a list share one."""
    if isinstance(place, Attr):
        return "." + place.name
    key = place.items[0]
    return repr(key.value) if isinstance(key, Literal) and isinstance(key.value, str) else "[]"


class Aliases:
    """The alias classes of a typed function."""

    def __init__(self, func: Func, summary: SummaryOf) -> None:
        self.func = func
        self.summary = summary
        self.nodes: dict[Value, Mem] = {}
        self.result: list[Mem] = []
        for i, p in enumerate(func.params):
            if node := self._fresh(p):
                node.params.add(i)
        self._block(func.body)
        self._name()

    # -- queries

    def of(self, operand: Operand) -> Mem | None:
        """The class of a value, None for numbers and constants."""
        node = self.nodes.get(operand) if isinstance(operand, Value) else None
        return None if node is None else find(node)

    def written(self, operand: Operand) -> bool:
        node = self.of(operand)
        return node is not None and bool(node.writes)

    def classes(self) -> list[Mem]:
        """Every class, in order of first definition."""
        return list(dict.fromkeys(find(n) for n in self.nodes.values()))

    @property
    def given(self) -> list[Mem]:
        """The classes of the parameters."""
        return [node for p in self.func.params if (node := self.of(p)) is not None]

    # -- building

    def _fresh(self, value: Value) -> Mem | None:
        if not _refers(value):
            return None
        node = find(self.nodes.setdefault(value, Mem()))
        node.roots.append(value)
        return node

    def _share(self, value: Value, *others: Operand, join: bool = False) -> None:
        """`value` may be any of the others."""
        if not _refers(value):
            return
        node = find(self.nodes.setdefault(value, Mem()))
        for other in values_in(*others):
            if (found := self.of(other)) is not None:
                node = unite(node, found)
        if join:
            node.joins.append(value)

    def _block(self, block: Block) -> None:
        for op in block.ops:
            self._op(op, block)

    def _op(self, op: Op, block: Block) -> None:
        match op:
            case Apply():
                self._apply(op)
            case View():
                self._share(op.result, op.src)
            case Load():
                self._load(op.result, op.src, op.place)
            case Store():
                self._store(op)
            case For() | While():
                self._loop(op)
            case If():
                self._block(op.then)
                self._block(op.other)
                for arm in (op.then, op.other):
                    if isinstance(arm.terminator, Yield):
                        self._join(op.results, arm.terminator.values)
            case Return():
                self.result += [n for v in values_in(op.value) if (n := self.of(v)) is not None]
            case Yield() | Break() | Continue() | Raise() | Unreachable():
                pass

    def _apply(self, op: Apply) -> None:
        if isinstance(op.fn, FuncRef) and isinstance(getattr(op.fn.target, "func", None), Func):
            self._call(op, self.summary(op.fn))
            return
        if not hasattr(op.fn, "alias"):  # opaque: it may write what its arguments reach, and return it
            every = frozenset(range(len(op.args)))
            self._call(op, Summary(every, every))
            return
        alias, writes = getattr(op.fn, "alias", "fresh"), getattr(op.fn, "writes", ())
        for i in writes:
            self._written(op.args[i], op)
        if op.fn.name == "list_append":
            self._hold(op.args[0], "[]", op.args[1])
        for result in op.results:
            if op.fn.name not in ("unpack", "list_pop") and (alias == "fresh" or not _shares(op)):
                self._fresh(result)
                self._hold_all(result, op)
            elif op.fn.name in ("unpack", "list_pop"):
                self._load(result, op.args[0], Index((Literal(0),)))
            else:
                self._share(result, op.args[0])

    def _hold_all(self, result: Value, op: Apply) -> None:
        """A display or constructor holds its items."""
        if op.fn.name == "construct":
            names = [n for n, _ in t.fields] if isinstance(t := strip(result.type), Struct) else []
            names = list(t.names) if isinstance(t, Tuple) else names
            for name, item in zip(names, op.args[1:]):
                self._hold(result, "." + name, item)
        elif op.fn.name in ("list_of", "tuple_of", "closure"):
            for item in op.args:
                self._hold(result, "[]", item)
        elif op.fn.name == "dict_of":
            for pair in op.args:
                assert isinstance(pair, Pack)
                self._hold(result, slot_name(Index((pair.items[0],))), pair.items[1])

    def _call(self, op: Apply, summary: Summary) -> None:
        for i in sorted(summary.writes):
            self._written(op.args[i], op)
        for result in op.results:
            if summary.returns:
                shared = [op.args[i] for i in sorted(summary.returns)]
                self._share(result, *shared)
                node = self.of(result)
                if node is not None and summary.identity is None and not all(map(_is_array, (result, *shared))):
                    fold(node)
            else:
                self._fresh(result)

    def _written(self, operand: Operand, op: Op) -> None:
        for v in values_in(operand):
            if (node := self.of(v)) is not None:
                for inner in reachable(node):
                    inner.writes.append(op)

    def _hold(self, container: Operand, slot: str, item: Operand) -> None:
        node = self.of(container)
        if node is None:
            return
        for v in values_in(item):
            if (held := self.of(v)) is not None:
                if find(node).folded:
                    fold(unite(node, held))
                    continue
                old = find(node).slots.get(slot)
                find(node).slots[slot] = unite(old, held) if old is not None else held

    def _load(self, result: Value, src: Operand, place: Place) -> None:
        if not _refers(result):
            return
        node = self.of(src)
        if node is None or (isinstance(place, Index) and _is_array(src)):
            self._fresh(result)  # an advanced index copies
            return
        if node.folded:
            self._share(result, src)
            return
        held = find(node).slots.setdefault(slot_name(place), Mem())
        if not find(held).roots:
            find(held).roots.append(result)
        self.nodes[result] = find(held)
        find(held).params |= node.params

    def _store(self, op: Store) -> None:
        node = self.of(op.dst)
        if node is not None:
            node.writes.append(op)
        if not _is_array(op.dst):
            self._hold(op.dst, slot_name(op.place), op.value)

    def _loop(self, op: For | While) -> None:
        n_leaves = 0
        if isinstance(op, For):
            for leaf, param in zip(list(leaves(op.space)), op.body.params):
                n_leaves += 1
                if isinstance(leaf, Seq):
                    self._row(param, leaf.value)
        carried = [op.body.params[n_leaves:], op.orelse.params]
        if isinstance(op, While):
            carried.append(op.cond.params)
        for params in carried:
            self._join(params, op.inits)
        if isinstance(op, While):
            self._block(op.cond)
        self._block(op.body)
        for exit in exits(op.body):
            if isinstance(exit, (Yield, Continue)):
                for params in carried:
                    self._join(params, exit.values)
            elif isinstance(exit, Break):
                self._join(op.results, exit.values)
        self._block(op.orelse)
        if isinstance(op.orelse.terminator, Yield):
            self._join(op.results, op.orelse.terminator.values)

    def _row(self, param: Value, src: Operand) -> None:
        if _is_array(src):
            self._share(param, src)
        else:
            self._load(param, src, Index((Literal(0),)))

    def _join(self, targets: tuple[Value, ...], sources: tuple[Operand, ...]) -> None:
        for target, source in zip(targets, sources):
            self._share(target, source, join=True)

    def _name(self) -> None:
        for i, node in enumerate(self.classes()):
            node.name = class_name(i)


def class_name(i: int) -> str:
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    return letters[i % 26] + (str(i // 26) if i >= 26 else "")


def exits(block: Block) -> Iterator[Op]:
    """The terminators by which control leaves a loop body, those inside `if` arms included (inner loops' own excluded)."""
    for op in block.ops:
        if isinstance(op, If):
            yield from (e for arm in (op.then, op.other) for e in exits(arm) if not isinstance(e, Yield))
        elif isinstance(op, (For, While)):
            yield from (e for e in exits(op.orelse) if not isinstance(e, Yield))
    yield block.terminator


def _shares(op: Apply) -> bool:
    """Whether the result of a view or maybe a view has an array to share memory with: of lists and numbers it is new."""
    first = op.args[0] if op.args else None
    return isinstance(first, Value) and not isinstance(strip(first.type), (Scalar, List))


def find(node: Mem) -> Mem:
    while node.parent is not None:
        node = node.parent
    return node


def unite(a: Mem, b: Mem) -> Mem:
    a, b = find(a), find(b)
    if a is b:
        return a
    b.parent = a
    a.roots += [r for r in b.roots if r not in a.roots]
    a.params |= b.params
    a.writes += b.writes
    a.joins += b.joins
    for slot, held in b.slots.items():
        mine = a.slots.get(slot)
        a.slots[slot] = held if mine is None else unite(mine, held)
        a = find(a)
    return fold(a) if b.folded and not a.folded else a


def fold(node: Mem) -> Mem:
    """Make a class one with all that it holds."""
    for inner in list(reachable(node)):
        node = unite(node, inner)
    node = find(node)
    node.slots.clear()
    node.folded = True
    return node


def reachable(node: Mem) -> Iterator[Mem]:
    """The class and those of its slots, and so on."""
    seen: set[Mem] = set()
    todo = [find(node)]
    while todo:
        top = todo.pop()
        if top not in seen:
            seen.add(top)
            yield top
            todo += [find(s) for s in top.slots.values()]


def summarise(aliases: Aliases) -> Summary:
    """The memory summary of an analysed function."""
    writes: set[int] = set()
    returns: set[int] = set()
    result = {n for r in aliases.result for n in reachable(r)}
    for i, p in enumerate(aliases.func.params):
        node = aliases.of(p)
        if node is None:
            continue
        inner = list(reachable(node))
        if any(n.writes for n in inner):
            writes.add(i)
        if any(n in result for n in inner):
            returns.add(i)
    return Summary(frozenset(writes), frozenset(returns), _identity(aliases.func))


def _identity(func: Func) -> int | None:
    last = func.body.terminator
    if isinstance(last, Return) and isinstance(last.value, Value) and last.value in func.params:
        return func.params.index(last.value)
    return None


def _is_array(operand: Operand) -> bool:
    return type(strip(operand.type)).__name__ == "Array"


def _refers(value: Value) -> bool:
    t = strip(value.type)
    return is_memory(t) or type(t).__name__ in ("AnyType", "Tuple", "Struct", "FuncType")
