"""Common subexpressions: an op that computes what an op before it computed takes that result.

    %0 = load %x[%i]                       %0 = load %x[%i]
    %1 = np.sin(%0)                        %1 = np.sin(%0)
    %2 = load %x[%i]                =>     %4 = mul(%1, %1)
    %3 = np.sin(%2)
    %4 = mul(%1, %3)

Only pure ops are merged, within dominance, never across iterations.  What reads memory is merged when no
write to that memory may lie between (in a loop: no write anywhere in the loop).  Results that are memory
are merged only when both are only read ever after, but that one may be returned.  Views are handles: they may always be merged.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import copy

from ..defs.structural import UNPACK
from ..defs.table import Def
from ..ir.ops import Apply, Attr, Block, For, Func, Guard, If, Index, Load, Op, Place, Slice, View, While
from ..ir.types import AnyType, Array, Tuple, strip
from ..ir.values import Literal, Operand, Pack, Value
from ..ir.walk import (
    blocks,
    map_operands,
    operands,
    place_operands,
    results,
    substitute,
    walk,
    with_blocks,
    with_body,
    with_ops,
)
from .memory import is_pure, memory_of, refers, writes_anything, written

Key = tuple[object, ...]
MayDrop = Callable[[Op], bool]
_ATOMS = (bool, int, float, complex, str, bytes, type(None), type(...))
#: what they ask of an array doesn't change when its elements are written
OF_LAYOUT = frozenset({
    "len", "np.shape", "np.size", "np.ndim", ".shape", ".size", ".ndim", ".dtype", ".itemsize", ".nbytes",
})  # fmt: skip


def cse(func: Func, may_drop: MayDrop = lambda op: True) -> Func:
    """The function with common subexpressions computed once; `may_drop` tells the ops that may give way."""
    merger = _Merger(func, may_drop)
    merger.block(func.body)
    return substitute(_without(func, merger.dropped), merger.replaced)


def repeated(func: Func) -> dict[Value, Value]:
    """Values that are certainly what a value before them is, which stands in the same block or around it."""
    merger = _Merger(func, lambda op: True)
    merger.block(func.body)
    return {v: first for v, first in merger.replaced.items() if isinstance(first, Value)}


def _without(func: Func, dropped: set[Op]) -> Func:
    def visit(block: Block) -> Block:
        ops = (op for op in block.ops if op not in dropped)
        return with_ops(block, [with_blocks(op, tuple(map(visit, blocks(op)))) for op in ops])

    return with_body(func, visit(func.body)) if dropped else func


class _Scope:
    """What the blocks around an op have computed: of numbers alone, and with contents of memory (by key, and by the bucket of
    the memory)."""

    def __init__(self) -> None:
        self.lasting: dict[Key, Op] = {}
        self.reading: dict[Key, Op] = {}
        self.by_bucket: dict[object, set[Key]] = {}


class _Merger:
    def __init__(self, func: Func, may_drop: MayDrop) -> None:
        self.memory = copy(memory_of(func))
        self.memory.users = dict(self.memory.users)
        self.may_drop = may_drop
        self.replaced: dict[Value, Operand] = {}
        self.dropped: set[Op] = set()
        self.scopes: list[_Scope] = []
        #: where ops stand: their number in a block, and the block
        self.places: dict[Op, tuple[int, int]] = {}

    def block(self, block: Block) -> None:
        """Merge in a block; what it computed is forgotten at its end."""
        self.scopes.append(_Scope())
        self.places.update((op, (k, id(block))) for k, op in enumerate(block.ops))
        for op in block.ops:
            self.op(op)
        self.scopes.pop()

    def op(self, op: Op) -> None:
        if isinstance(op, (For, While)):
            for inner in walk(Block((), (op,))):
                self.forget(inner)
        if isinstance(op, (For, While, If, Guard)):
            for region in blocks(op):
                self.block(region)
        else:
            self.leaf(op)
            self.forget(op)

    def leaf(self, op: Op) -> None:
        if isinstance(op, Apply) and op.fn is UNPACK:
            self.unpacked(op)
        if not isinstance(op, (Load, View)) and not (isinstance(op, Apply) and is_pure(op)):
            return
        if len(results(op)) != 1:
            return
        same = map_operands(op, self.resolve)
        key = _key(same)
        for scope in self.scopes:
            found = scope.lasting.get(key) or scope.reading.get(key)
            if found is not None and self.may_drop(op) and self.may_merge(found, op):
                self.replaced.update(zip(results(op), results(found)))
                self.dropped.add(op)
                for first, second in zip(results(found), results(op)):  # what is done with the second is done with the first
                    self.memory.users[first] = [*self.memory.users.get(first, ()), *self.memory.users.get(second, ())]
                return
        scope = self.scopes[-1]
        if not _reads_contents(same):
            scope.lasting[key] = same
            return
        scope.reading[key] = same
        for operand in _read(same):
            scope.by_bucket.setdefault(self.memory.bucket(operand), set()).add(key)

    def unpacked(self, op: Apply) -> None:
        """The items of a tuple that is taken apart are what is read of it by position."""
        whole = self.resolve(op.args[0])
        if not isinstance(whole, Value) or not isinstance(strip(whole.type), Tuple):
            return
        for k, item in enumerate(op.results):
            read = Load(whole, Index((Literal(k),)), item, op.loc)
            self.scopes[-1].lasting.setdefault(_key(read), read)

    def resolve(self, operand: Operand) -> Operand:
        return self.replaced.get(operand, operand) if isinstance(operand, Value) else operand

    def may_merge(self, first: Op, second: Op) -> bool:
        one, two = results(first)[0], results(second)[0]
        if one.type != two.type:
            return False
        if isinstance(second, View) or not refers(two):
            return True
        if isinstance(second, Load) and not isinstance(strip(second.src.type), (Array, AnyType)):
            return True  # a reference held by a container
        if any(self.memory.only_read(a) and self.memory.only_read(b, or_returned=True) for a, b in ((one, two), (two, one))):
            return True
        return self.is_done_with(one, two)

    def is_done_with(self, one: Value, two: Value) -> bool:
        """Whether everything that is done with `one` is reading, in the block where both are made, and done before `two` is
        anything but read."""
        if not self.memory.only_read(one):
            return False
        made = [self.place(self.memory.made_by[v]) for v in (one, two)]
        reads = [self.place(op) for op, _ in self.memory.touching(one)]
        others = [self.place(op) for op, only_reads in self.memory.touching(two) if not only_reads]
        if len({block for _, block in (*made, *reads, *others)}) != 1:
            return False
        return max((k for k, _ in reads), default=-1) < min((k for k, _ in others), default=0)

    def place(self, op: Op) -> tuple[int, int]:
        return self.places.get(op, (-1, -1))

    def forget(self, op: Op) -> None:
        """Forget what may have been read from memory that an op writes."""
        targets = written(op)
        everything = writes_anything(op)
        if not targets and not everything:
            return
        for scope in self.scopes:
            if everything:
                scope.reading.clear()
                scope.by_bucket.clear()
            buckets = set(map(self.memory.bucket, targets))
            near = list(scope.by_bucket) if None in buckets else [None, *buckets]
            for bucket in near:
                keys = scope.by_bucket.get(bucket, set())
                for key in [k for k in keys if k not in scope.reading or self.touches(targets, scope.reading[k])]:
                    scope.reading.pop(key, None)
                    keys.discard(key)

    def touches(self, targets: Sequence[Operand], reader: Op) -> bool:
        return any(self.memory.may_be_one(target, operand) for target in targets for operand in _read(reader))


def _read(op: Op) -> list[Operand]:
    """The operands with memory that an op reads."""
    return [o for o in _opened(operands(op)) if refers(o)]


def _opened(items: Sequence[Operand]) -> list[Operand]:
    return [leaf for o in items for leaf in (_opened(o.items) if isinstance(o, Pack) else [o])]


def _reads_contents(op: Op) -> bool:
    """Whether the result depends on what is in memory."""
    if isinstance(op, View):
        return any(map(refers, place_operands(op.place)))
    read = [o for o in _opened(operands(op)) if refers(o)]
    if isinstance(op, Apply) and op.fn.name in OF_LAYOUT:
        return not all(isinstance(strip(o.type), Array) for o in read)
    if isinstance(op, Apply) and isinstance(op.fn, Def) and op.fn.alias == "view":
        return not all(o is op.args[0] for o in read)
    return bool(read)


def _key(op: Op) -> Key:
    """What a pure op computes, as something that can be compared."""
    match op:
        case Apply():
            named = tuple((k, _operand_key(v)) for k, v in op.kwargs)
            return ("apply", op.fn, tuple(map(_operand_key, op.args)), named)
        case Load(src, place) | View(src, place):
            return (type(op).__name__, _operand_key(src), _place_key(place))
    raise AssertionError(op)


def _place_key(place: Place) -> Key:
    if isinstance(place, Attr):
        return ("attr", place.name)
    return tuple(
        ("slice", *map(_operand_key, (i.lower, i.upper, i.step))) if isinstance(i, Slice) else _operand_key(i)
        for i in place.items
    )


def _operand_key(operand: Operand) -> Key:
    if isinstance(operand, Value):
        return ("value", operand)
    if isinstance(operand, Pack):
        return (operand.kind, *map(_operand_key, operand.items))
    if isinstance(operand.value, _ATOMS):
        return ("literal", type(operand.value), repr(operand.value))
    return ("object", id(operand.value))
