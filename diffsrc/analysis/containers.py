"""Containers that grow: `xs = []` and later `xs.append(v)`, `d = {}` and later `d["k"] = v`.

The type of a list is that of all items it ever gets. Lowered values that may be one container (loop
parameters, results of an `if`) are united once per function; what is put into a class is joined, and when
that changes a type already used, the function is typed again.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ..defs.dims import kept, map_dims, unknown
from ..defs.structural import SPREAD, UNPACK
from ..defs.table import Def
from ..ir.ops import Apply, Attr, Block, For, Func, FuncRef, Index, Load, Method, Op, Place, Slice, Store
from ..ir.types import (
    BOTTOM,
    NONE,
    STORED,
    AnyType,
    Array,
    Bottom,
    Dict,
    List,
    Maybe,
    NoneType,
    Scalar,
    SetOf,
    Struct,
    Table,
    Tuple,
    Type,
    Union,
    is_object,
    join_tables,
    kinds_of,
    maybe,
    strip,
    there,
    unlit,
)
from ..ir.values import Literal, Operand, Value, same_literal
from ..ir.walk import blocks, leaves, place_operands, results, used_values, values_in, walk
from ..runtime.helpers import new_instance
from .flows import edges
from .items import constant_type, merge


class Containers:
    """Union-find over the lowered values of a function, with the content each class has been given."""

    def __init__(self, func: Func) -> None:
        self.parent: dict[Value, Value] = {}
        self.content: dict[Value, Type] = {}
        self.outer: set[Value] = set()
        #: those of `outer` that turned out to be no containers
        self.flat: set[Value] = set()
        self.joined: set[Value] = set()
        self.touched: set[Value] = set()
        self.opened: set[Value] = set()
        #: those that may get further items: written at places from which nothing was read just before
        self.extended: set[Value] = set()
        self.changed = False
        self._block(func.body)
        self.outer.update(func.params)

    def root(self, v: Value) -> Value:
        while (up := self.parent.get(v)) is not None:
            v = up
        return v

    def adopt(self, func: Func) -> None:
        """Take in a function whose body is walked as part of this one."""
        self._block(func.body)
        self.outer.update(func.params)

    def grown(self, old: Value, t: Type) -> Type:
        """The type of a value, with all that its container is given anywhere in the function."""
        if isinstance(t, Maybe) and is_object(t.item):
            return maybe(self.grown(old, t.item))
        if isinstance(t, Dict) and self.is_open(old):
            t = replace(t, open=True)
        if not isinstance(t, (List, Dict, Struct, SetOf, Bottom)) or not self.content or (isinstance(t, Struct) and t.system):
            return t
        extra = self.content.get(self.root(old))
        if isinstance(t, Struct) and isinstance(extra, (Struct, Union)):  # of several classes, what its own one gets
            extra = next((k for k in kinds_of(extra) if k.cls is t.cls), None)
        return t if extra is None or isinstance(t, Bottom) else grown_by(t, extra)

    def local(self, old: Operand) -> bool:
        """Whether all allocations of a container stand in this function, so that its type may grow."""
        return isinstance(old, Value) and self.root(old) not in {self.root(v) for v in self.outer if v not in self.flat}

    def grows(self, old: Operand | None) -> bool:
        """Whether a container may get further items in this function."""
        return isinstance(old, Value) and self.root(old) in {self.root(v) for v in self.extended}

    def only_read(self, old: Value) -> bool:
        """Whether a container is one value throughout, and is never written."""
        return old not in self.joined and self.root(old) not in {self.root(v) for v in self.touched}

    def typed(self, old: Value, t: Type) -> None:
        """Record the type of a value."""
        (self.flat.add if isinstance(strip(t), (Array, Scalar, NoneType)) else self.flat.discard)(old)

    def open(self, old: Operand) -> None:
        """Record that a dict loses keys, or gets keys that it wasn't made with."""
        if isinstance(old, Value) and not self.is_open(old):
            self.opened.add(old)
            self.changed = True

    def is_open(self, old: Operand) -> bool:
        """Whether the keys of a dict may be others than those of its type."""
        return isinstance(old, Value) and self.root(old) in {self.root(v) for v in self.opened}

    def put(self, old: Value, t: Type) -> None:
        """Record that a container gets content: `t` is a container type that holds it."""
        root = self.root(old)
        t = kept(t)
        before = self.content.get(root)
        after = t if before is None else merged(before, t)
        if after != before:
            self.content[root] = after
            self.changed = True

    # -- which values may be one container

    def unite(self, a: Operand, b: Operand) -> None:
        """Record that two lowered values may be one container."""
        if isinstance(a, Value) and isinstance(b, Value) and self.root(a) is not self.root(b):
            self.parent[self.root(a)] = self.root(b)

    def _block(self, block: Block) -> None:
        there: list[tuple[Operand, Place]] = []
        for op in block.ops:
            for inner in blocks(op):
                self._block(inner)
            self._op(op, there)
            if isinstance(op, Load):
                there.append((op.src, op.place))

    def _op(self, op: Op, there: list[tuple[Operand, Place]]) -> None:
        for target, source in edges(op):
            self.unite(target, source)
            self.joined.update(v for v in (target, source) if isinstance(v, Value))
        match op:
            case Store() if isinstance(op.dst, Value):
                self.touched.add(op.dst)
                if not any(op.dst is src and _same_place(op.place, place) for src, place in there):
                    self.extended.add(op.dst)
            case Apply() if _writes(op) and isinstance(op.args[0], Value):
                self.touched.add(op.args[0])
                self.extended.add(op.args[0])
        match op:
            case For():
                self.outer.update(op.body.params[: sum(1 for _ in leaves(op.space))])
            case Load() if not _copies(op.place):
                self.outer.add(op.result)
            case Apply() if not _allocates(op.fn):
                self.outer.update(op.results)


def only_items_read(func: Func, v: Value) -> bool:
    """Whether a dict that a lowered function makes or gets is used there for nothing but its items: they stay as they are."""
    made = v in func.params
    for op in walk(func.body):
        made |= v in results(op)
        if v in used_values(op) and not _reads_items(op, v):
            return False
    return made


def _reads_items(op: Op, v: Value) -> bool:
    match op:
        case Load():
            return v not in values_in(*place_operands(op.place))
        case Apply(fn=Def()):
            return op.fn is SPREAD or op.fn.name == "contains"
        case Apply(fn=Method()):
            return op.args[:1] == (v,) and v not in values_in(*op.args[1:]) and not _writes(op)
    return False


def _copies(place: Place) -> bool:
    """Whether what is read of a list at a place is a list of its own."""
    return isinstance(place, Index) and len(place.items) == 1 and isinstance(place.items[0], Slice)


def _same_place(a: Place, b: Place) -> bool:
    """Whether two places of one container are certainly one: `d[k] -= v` stores where it has read."""
    if isinstance(a, Attr) or isinstance(b, Attr):
        return a == b
    if len(a.items) != 1 or len(b.items) != 1:
        return False
    one, two = a.items[0], b.items[0]
    if isinstance(one, Literal) and isinstance(two, Literal):
        return same_literal(one, two)
    return one is two and isinstance(one, Value)


def _writes(op: Apply) -> bool:
    """Whether a call may put something into its first argument."""
    if isinstance(op.fn, Method):
        return bool(op.args) and op.fn.name not in (
            "get",
            "keys",
            "values",
            "items",
            "index",
            "count",
            "copy",
        )
    return isinstance(op.fn, Def) and 0 in op.fn.writes and bool(op.args)


def _allocates(fn: object) -> bool:
    """Whether a call makes a container of its own: a display, a constructor, an operator."""
    if isinstance(fn, FuncRef):
        return isinstance(fn.target, type) or fn.target is new_instance
    return isinstance(fn, Def) and fn is not UNPACK


def merged(a: Type, b: Type) -> Type:
    """The container type that holds what both hold; dicts and instances take each other's keys."""
    match a, b:
        case Dict(), Dict():
            return Dict(tuple(_fields(dict(a.items), dict(b.items)).items()), a.open or b.open)
        case Struct(), Struct() if a.cls is b.cls and not a.system and not b.system:
            return Struct(a.cls, tuple(_fields(dict(a.fields), dict(b.fields)).items()), a.frozen)
        case (Dict(), Table()) | (Table(), Dict()):
            return merged(as_table(a), as_table(b))
        case (Table(), List()) | (List(), Table()):
            return join_tables(a, b, merged)
        case List(), List():
            return List(merged(a.item, b.item))
        case Tuple(), Tuple() if len(a.items) == len(b.items) and a.cls is b.cls and a.listed is b.listed:
            return replace(a, items=tuple(map(merged, a.items, b.items)))
        case (Maybe(), _) | (_, Maybe()):
            return maybe(merged(there(a), there(b)))
    return merge(a, b)


def _fields(a: dict[Any, Type], b: dict[Any, Type]) -> dict[Any, Type]:
    out = dict(a)
    for key, t in b.items():
        out[key] = merged(out[key], t) if key in out else t
    return out


def _later(t: Type, extra: Type) -> Type:
    """What an instance is given after it was made; a field that it starts without may be read as None in a shadow."""
    if not isinstance(t, Struct) or not isinstance(extra, Struct):
        return extra
    own = dict(t.fields)
    late = tuple((n, f if n in own or isinstance(maybe(f), AnyType) else maybe(f)) for n, f in extra.fields)
    return Struct(extra.cls, late, extra.frozen)


def as_table(t: Type) -> Table:
    """A dict with known keys as one whose keys aren't known."""
    if isinstance(t, Table):
        return t
    assert isinstance(t, Dict)
    item: Type = BOTTOM
    key: Type = BOTTOM
    for k, v in t.items:
        item, key = merged(item, map_dims(v, unknown)), merge(key, NONE if k is None else unlit(constant_type(k)))
    return Table(item, key)


def grown_by(t: Type, extra: Type) -> Type:
    """The type of a container that is given more than it holds."""
    return merged(t, _later(t, extra))


def holds_all(wider: Type, t: Type) -> bool:
    """Whether nothing that is known of a type is lost in a wider one: what was a number or an array stays one."""
    if isinstance(t, (Bottom, NoneType)):
        return not isinstance(wider, AnyType)
    if isinstance(wider, Maybe):
        return holds_all(wider.item, there(t))
    match wider, strip(t):
        case Struct(), Struct() as own:
            return wider == own or all(
                f in dict(wider.fields) and holds_all(dict(wider.fields)[f], o) for f, o in own.fields
            )
        case Table(), Dict() as own:
            return all(holds_all(wider.item, o) for _, o in own.items)
        case Dict(), Dict() as own:
            return [k for k, _ in wider.items] == [k for k, _ in own.items] and all(
                holds_all(dict(wider.items)[k], o) for k, o in own.items
            )
        case (Table(), List()) | (List(), Table()) if type(wider) is not type(strip(t)):
            return False
        case List(), List() as own:
            return holds_all(wider.item, own.item)
        case Array(), Array() as own:
            return wider.ndim == own.ndim and wider.dtype == own.dtype
    return wider == t


def accepts(held: Type, t: Type) -> bool:
    """Whether a slot of one type can take a value of another without changing its type; a Python float may stand where
    np.float64 is expected."""
    joined = merge(held, t)
    one, two = strip(joined), strip(held)
    if joined == held or not isinstance(one, Scalar) or not isinstance(two, Scalar):
        return joined == held
    return STORED.get(one.kind, one.kind) == STORED.get(two.kind, two.kind)
