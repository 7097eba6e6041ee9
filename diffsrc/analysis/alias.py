"""Alias classes: which values may refer to one memory, who writes it, who makes it.

A union-find over the values of memory type (`mems.py`). A loop parameter, an `if` result, a view and everything whose layout
decides (`reshape`) join the class of what they may share memory with; a call does to the classes of its arguments what the
callee's own analysis found (`Shape`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from ..defs.table import Def
from ..ir.ops import (
    Apply,
    Attr,
    Block,
    Break,
    Continue,
    For,
    Func,
    FuncRef,
    Guard,
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
from ..ir.types import (
    AnyType,
    Array,
    Back,
    Dict,
    FuncType,
    List,
    Scalar,
    Struct,
    System,
    Table,
    Tuple,
    Type,
    Union,
    holds_unknown,
    is_memory,
    strip,
    system_of,
    told_apart,
)
from ..ir.values import Literal, Operand, Pack, Value
from ..ir.walk import blocks, defined, leaves, values_in, walk
from .mems import Instance, Mem, Shape, find, fold, reachable, shape_of, unite
from .outside import is_inert
from .positions import Positions


@dataclass(frozen=True, slots=True)
class Summary:
    """What a call does to memory: positions of parameters written (anything reachable from them counts), and positions of
    parameters that the result may share memory with. `identity`: the result *is* that parameter, always. `shape`: which of
    the memory that parameters and result reach is one and is written; None for a callee that isn't known. `ruled`: those of
    `returns` that come through a function with a rule of the user's."""

    writes: frozenset[int] = frozenset()
    returns: frozenset[int] = frozenset()
    identity: int | None = None
    shape: Shape | None = None
    ruled: frozenset[int] = frozenset()


#: an index that isn't known
EVERY = Index((Literal(None),))
SummaryOf = Callable[[FuncRef], Summary]


def slot_name(place: Place, of: Type | None = None) -> str:
    """The slot that a place of a container names; all elements of a list share one, those of a tuple have their own."""
    t = None if of is None else strip(of)
    if isinstance(place, Attr):
        named = isinstance(t, Tuple) and place.name in t.names
        return str(t.names.index(place.name)) if isinstance(t, Tuple) and named else "." + place.name
    key = place.items[0]
    if isinstance(t, Tuple) and isinstance(key, Literal) and type(key.value) is int and t.items:
        return str(key.value % len(t.items))
    if isinstance(t, FuncType) and isinstance(key, Literal):  # a closure is the tuple of what it captures
        return str(key.value)
    if isinstance(t, Table):
        return "[]"
    return repr(key.value) if isinstance(key, Literal) and isinstance(key.value, str) else "[]"


def _one_for_all(t: Tuple) -> Mem:
    """One class for all that a tuple holds, however deep."""
    whole = Mem()
    whole.slots.update(dict.fromkeys(_slot_names(t), whole))
    return whole


def _slot_names(t: Type) -> Iterator[str]:
    """The names of all slots in a structure."""
    t = strip(t)
    parts: Iterable[tuple[str, Type]] = ()
    match t:
        case Table() | List():
            parts = [("[]", t.item)]
        case Tuple():
            parts = [(str(i), item) for i, item in enumerate(t.items)]
        case Struct():
            parts = fields_of(t)
        case Dict():
            parts = [(repr(key) if isinstance(key, str) else "[]", item) for key, item in t.items]
        case FuncType():
            parts = [(str(i), item) for i, item in enumerate(t.captures)]
        case Union():
            parts = [part for kind in t.kinds if isinstance(kind, Struct) for part in fields_of(kind)]
    for name, item in parts:
        yield name
        yield from _slot_names(item)


def fields_of(t: Struct) -> list[tuple[str, Type]]:
    """The slots of an instance with their types."""
    return [("." + name, item) for name, item in t.fields]


class Aliases:
    """The alias classes of a typed function. `overlap`: parts of one parameter may be one (what a forward sweep saved)."""

    def __init__(self, func: Func, summary: SummaryOf, overlap: bool = False) -> None:
        self.func = func
        self.summary = summary
        self.nodes: dict[Value, Mem] = {}
        self.result: list[Mem] = []
        #: what `return` gives: one class for all of them
        self.returned: Mem | None = None
        #: what calls write
        self.written_by: dict[Op, list[Mem]] = {}
        for v in (*func.params, *defined(func.body)):
            if (system := system_of(v.type)) and is_memory(v.type):
                self.nodes[v] = self._nested(system)
        for i, p in enumerate(func.params):
            if node := self._fresh(p):
                node.params.add(i)
                if overlap and isinstance(t := strip(p.type), Tuple):
                    node.slots.update(dict.fromkeys(map(str, range(len(t.items))), _one_for_all(t)))
        if overlap:
            self._saved_beside()
        for group in func.overlap:
            self._lay_together([self._spot(spot) for spot in group])
        #: views that can't be written
        self.readonly: list[Apply] = []
        #: calls of functions with a rule of the user's, direct or in callees, with the arguments that they may return
        self.ruled: list[tuple[Apply, frozenset[int]]] = []
        self._block(func.body)
        self._tie()
        for node in self.classes():
            for inner in reachable(node) if node.params else ():
                inner.params |= node.params
        self._name()

    def _nested(self, system: System) -> Mem:
        """A class for instances with a recursive type, and all that they hold of such."""
        node = Mem()
        for name, t in (field for _, fields in system for field in fields):
            if (held := _behind(t, node)) is not None:
                top, slot = find(node), slot_name(Attr(name))
                top.slots[slot] = unite(top.slots[slot], held) if slot in top.slots else held
        return find(node)

    def _saved_beside(self) -> None:
        """What a forward sweep saved may hold the memory of the shadows that are handed to the reverse sweep with it."""
        for p in self.func.params:
            if p.name == "saved" and isinstance(strip(p.type), Tuple) and (node := self.of(p)) is not None:
                self._lay_together([*dict.fromkeys(map(find, node.slots.values())), *(n for n in self.given if n is not node)])

    def _spot(self, spot: int | tuple[int | str, ...]) -> Mem | None:
        """The class of a parameter, or of what it holds at the end of a path of slots."""
        first, *path = (spot,) if isinstance(spot, int) else spot
        assert isinstance(first, int)
        node = self.of(self.func.params[first])
        for slot in path:
            node = None if node is None else find(node.slots.setdefault(str(slot), Mem()))
        return node

    def _lay_together(self, nodes: list[Mem | None]) -> None:
        known = [n for n in nodes if n is not None]
        for node in known[1:]:
            unite(known[0], node)

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

    def everything(self) -> list[Mem]:
        """Every class and all that they reach: displays in place hold memory too, and no value is one."""
        return list(dict.fromkeys(inner for node in self.classes() for inner in reachable(node)))

    @property
    def given(self) -> list[Mem]:
        """The classes of the parameters."""
        return [node for p in self.func.params if (node := self.of(p)) is not None]

    # -- building

    def _tie(self) -> None:
        """A view that can't be written (`np.broadcast_to`), or what a rule of the user's makes of it, is as good as a copy,
        unless what it shows may change: it is written later, or the view gets to somebody else."""
        if not self.readonly:
            return
        pos = Positions(self.func)
        leaving = {n for held in (*self.result, *self.given) for n in reachable(held)}
        for op in self.readonly:
            for position in sorted(returned_by(op)):
                src, out = self.of(op.args[position]), self.of(op.results[0])
                if src is None or out is None:
                    continue
                changes = any(pos.follows(w, op) or pos.common_loops(w, op) for w in src.writes)
                if changes or out in leaving:
                    out = unite(src, out)
                out.params |= src.params

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
            case If() | Guard():
                for arm in blocks(op):
                    self._block(arm)
                for arm in blocks(op):
                    if isinstance(arm.terminator, Yield):
                        self._join(op.results, arm.terminator.values)
            case Return():
                self.result += [n for v in values_in(op.value) if (n := self.of(v)) is not None]
                node = self._node_of(op.value)
                self.returned = unite(self.returned, node) if self.returned and node else self.returned or node
            case Yield() | Break() | Continue() | Raise() | Unreachable():
                pass

    def _apply(self, op: Apply) -> None:
        if isinstance(op.fn, FuncRef) and isinstance(getattr(op.fn.target, "func", None), Func):
            self._call(op, self.summary(op.fn))
            return
        if is_inert(op):
            for result in op.results:
                self._fresh(result)
            return
        if not hasattr(op.fn, "alias"):  # opaque: it may write what its arguments reach, and return it
            every = frozenset(range(len(op.args)))
            self._call(op, Summary(every, every))
            return
        alias, writes = getattr(op.fn, "alias", "fresh"), getattr(op.fn, "writes", ())
        for i in writes:
            self._written(op.args[i], op)
        if op.fn.name == "list_insert":
            self._hold(op.args[0], "[]", op.args[2])
        if op.fn.name == "list_append":
            self._hold(op.args[0], "[]", op.args[1])
        if (out := dict(op.kwargs).get("out")) is not None:
            self._written(out, op)
            for result in op.results:
                self._share(result, out)
            return
        for result in op.results:
            if op.fn.name not in ("unpack", "list_pop", "dict_pop") and (alias == "fresh" or not _shares(op)):
                self._fresh(result)
                self._hold_all(result, op)
                if returned := returned_by(op):
                    self.readonly.append(op)
                    self.ruled.append((op, returned))
            elif op.fn.name in ("unpack", "list_pop", "dict_pop"):
                self._load(result, op.args[0], Index((Literal(op.results.index(result)),)))
            elif alias == "readonly":
                self._fresh(result)
                self.readonly.append(op)
            else:
                self._view(result, op.args[0])
                if alias == "maybe" and (node := self.of(op.args[0])) is not None:
                    node.asked = True

    def _view(self, result: Value, src: Operand) -> None:
        """A view, or a tuple or list of views (`np.split`)."""
        t = strip(result.type)
        if not _is_array(src) or not isinstance(t, (Tuple, List)):
            self._share(result, src)
            return
        self._fresh(result)
        for slot in map(str, range(len(t.items))) if isinstance(t, Tuple) else ("[]",):
            self._hold(result, slot, src)

    def _hold_all(self, result: Value, op: Apply) -> None:
        """A display or constructor holds its items."""
        t = strip(result.type)
        if op.fn.name == "construct":
            names = [n for n, _ in t.fields] if isinstance(t, Struct) else []
            names = list(t.names) if isinstance(t, Tuple) else names
            for name, item in zip(names, op.args[1:]):
                self._hold(result, slot_name(Attr(name), t), item)
        elif op.fn.name in ("list_of", "tuple_of", "closure"):
            for i, item in enumerate(op.args[1:] if op.fn.name == "closure" else op.args):
                self._hold(result, slot_name(Index((Literal(i),)), t), item)
        elif op.fn.name == "dict_of":
            for pair in op.args:
                assert isinstance(pair, Pack)
                self._hold(result, slot_name(Index((pair.items[0],)), t), pair.items[1])

    def _call(self, op: Apply, summary: Summary) -> None:
        if summary.ruled:
            self.ruled.append((op, summary.ruled))
        if summary.shape is not None:
            self._known_call(op, summary.shape)
            return
        for i in sorted(summary.writes):
            self._written(op.args[i], op)
        for result in op.results:
            if summary.returns:
                self._share(result, *(op.args[i] for i in sorted(summary.returns)))
                if (node := self.of(result)) is not None:
                    fold(node)
            else:
                self._fresh(result)

    def _known_call(self, op: Apply, shape: Shape) -> None:
        """The callee's classes laid over those of the call: what is one there becomes one here."""
        laid = Instance(shape)
        for arg, number in zip(op.args, shape.params):
            node = self._node_of(arg)
            if node is not None and number is not None:
                laid.bind(node, number)
        for i, result in enumerate(op.results):
            if not _refers(result):
                continue
            number = shape.result if len(op.results) == 1 else shape.part(i)
            node = find(self.nodes.setdefault(result, Mem()))
            if number is None or number not in shape.outside:
                node.roots.append(result)
            if number is not None:
                laid.bind(node, number)
        self.written_by[op] = laid.written()
        for node in self.written_by[op]:
            node.writes.append(op)

    def _node_of(self, operand: Operand) -> Mem | None:
        """The class of an operand; a display in place has one for the moment."""
        if not isinstance(operand, Pack):
            return self.of(operand)
        node, t = Mem(), operand.type
        different = isinstance(t, List) and (holds_unknown(t.item) or told_apart(t.item, [i.type for i in operand.items]))
        for i, item in enumerate(operand.items):
            slot = "[]" if operand.kind == "list" and not different else str(i)
            if (held := self._node_of(item)) is not None:
                old = node.slots.get(slot)
                node.slots[slot] = unite(old, held) if old is not None else held
        return node

    def _written(self, operand: Operand, op: Op) -> None:
        """An array, those of a tuple; a list or dict itself, not what it refers to."""
        for v in values_in(operand):
            if (node := self.of(v)) is not None:
                for inner in [node] if isinstance(strip(v.type), (List, Dict)) else reachable(node):
                    inner.writes.append(op)
                    self.written_by.setdefault(op, []).append(inner)

    def _hold(self, container: Operand, slot: str, item: Operand) -> None:
        node, held = self.of(container), self._node_of(item)
        if node is None or held is None:
            return
        if node.folded:
            fold(unite(node, held))
            return
        old = node.slots.get(slot)
        node.slots[slot] = unite(old, held) if old is not None else held

    def _load(self, result: Value, src: Operand, place: Place) -> None:
        if not _refers(result):
            return
        node = self.of(src)
        if node is None or (isinstance(place, Index) and _is_array(src)):
            self._fresh(result)  # an advanced index copies
            return
        slot = slot_name(place, src.type)
        if slot == "[]" and isinstance(strip(src.type), Tuple):
            node = fold(node)  # any item of a tuple
        if node.folded:
            self._share(result, src)
            return
        held = node.slots.setdefault(slot, Mem())
        if not find(held).roots:
            find(held).roots.append(result)
        self.nodes[result] = unite(held, self.nodes[result]) if result in self.nodes else find(held)
        find(held).params |= node.params

    def _store(self, op: Store) -> None:
        node = self.of(op.dst)
        if node is not None:
            node.writes.append(op)
        if not _is_array(op.dst):
            self._hold(op.dst, slot_name(op.place, op.dst.type), op.value)

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
            self._join(params, carried[0])  # one variable, also where nothing but `break` ends an iteration
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
        if isinstance(src, Pack) and _refers(param):  # one of the items of a display
            node = find(self.nodes.setdefault(param, Mem()))
            for item in src.items:
                node = unite(node, held) if (held := self._node_of(item)) is not None else node
            node.joins.append(param)
        elif _is_array(src):
            self._share(param, src)
        else:
            self._load(param, src, EVERY)

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
        if isinstance(op, (If, Guard)):
            yield from (e for arm in blocks(op) for e in exits(arm) if not isinstance(e, Yield))
        elif isinstance(op, (For, While)):
            yield from (e for e in exits(op.orelse) if not isinstance(e, Yield))
    yield block.terminator


def returned_by(op: Apply) -> frozenset[int]:
    """Arguments whose memory the result may be, where no adjoint is a view: of `np.broadcast_to`, and by a user's rule."""
    if not isinstance(op.fn, Def):
        return frozenset()
    return frozenset({0}) if op.fn.alias == "readonly" else frozenset(i for i in op.fn.returned if i < len(op.args))


def _shares(op: Apply) -> bool:
    """Whether the result of a view or maybe a view has an array to share memory with: of lists and numbers it is new."""
    first = op.args[0] if op.args else None
    return isinstance(first, Value) and not isinstance(strip(first.type), (Scalar, List))


def summarise(aliases: Aliases) -> Summary:
    """The memory summary of an analysed function."""
    writes: set[int] = set()
    returns: set[int] = set()
    ruled: set[int] = set()
    result = {n for r in aliases.result for n in reachable(r)}
    made_by_rules = {n for op, _ in aliases.ruled for r in op.results if (n := aliases.of(r)) is not None} & result
    for i, p in enumerate(aliases.func.params):
        node = aliases.of(p)
        if node is None:
            continue
        inner = list(reachable(node))
        if any(n.writes for n in inner):
            writes.add(i)
        if any(n in result for n in inner):
            returns.add(i)
        if any(n in made_by_rules for n in inner):
            ruled.add(i)
    shape = shape_of([aliases.of(p) for p in aliases.func.params], aliases.returned)
    return Summary(frozenset(writes), frozenset(returns), _identity(aliases.func), shape, frozenset(ruled))


def _identity(func: Func) -> int | None:
    """The parameter that every `return` gives."""
    returned = {op.value for op in walk(func.body) if isinstance(op, Return)}
    only = returned.pop() if len(returned) == 1 else None
    return func.params.index(only) if isinstance(only, Value) and only in func.params else None


def _behind(t: Type, node: Mem) -> Mem | None:
    """The class of what is in a field of a recursive type; `node`: that of all instances of it."""
    t = strip(t)
    parts: list[tuple[str, Type]] = []
    match t:
        case Back():
            return find(node)
        case Union():
            parts = [(slot_name(Attr(name)), item) for kind in t.structs for name, item in kind.fields]
        case List():
            parts = [("[]", t.item)]
        case Dict():
            parts = [(slot_name(Index((Literal(key),)), t), item) for key, item in t.items]
        case Tuple():
            parts = [(str(i), item) for i, item in enumerate(t.items)]
        case Struct():
            parts = [(slot_name(Attr(name)), item) for name, item in t.fields]
        case Array() | AnyType():
            return Mem()
        case _:
            return None
    held = node if isinstance(t, Union) and len(t.structs) < len(t.kinds) else Mem()  # of which some are recursive
    for slot, item in parts:
        held = find(held)
        if (inner := _behind(item, node)) is not None:
            held.slots[slot] = unite(held.slots[slot], inner) if slot in held.slots else inner
    return find(held)


def _is_array(operand: Operand) -> bool:
    return type(strip(operand.type)).__name__ == "Array"


def _refers(value: Value) -> bool:
    t = strip(value.type)
    return is_memory(t) or type(t).__name__ in ("AnyType", "Tuple", "Struct", "FuncType")
