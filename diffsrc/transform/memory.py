"""What the clean-up passes know of memory: where it comes from, who writes it, who only reads it.

Conservative and local: a value leads through views to its *origin*, an allocation of this function, a
parameter, or something unknown (a join, an element of a container, the result of a call). `Value.mem`,
where present, tells more.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from ..defs.structural import CLOSURE, COMMENT, DICT_POP, LIST_POP, UNPACK
from ..defs.table import Def
from ..ir.ops import Apply, Attr, Func, Index, Load, Op, Return, Store, View
from ..ir.types import FLOAT, AnyType, Array, Bottom, Dict, FuncType, List, Struct, Tuple, Type, Union, is_memory, strip
from ..ir.values import Literal, Operand, Pack, Value
from ..ir.walk import operands, results, used_values, values_in, walk

#: stands for the memory of what a container holds: it may be that of any array that was put there
HELD = Literal("held")
#: the bucket of all memory that parameters refer to
PARAMETER = Literal("parameter")
#: the alias class of shadows that are handed from the forward sweep to the reverse sweep: any shadow may be meant
SHADOW = "shadow"
#: that of shadows whose layout must be the one of their primal
LAID_OUT = "laid out"


def refers(operand: Operand) -> bool:
    """Whether an operand is, or may be, a reference to memory that can be written."""
    if isinstance(operand, Pack):
        return any(map(refers, operand.items))
    kind = strip(operand.type)
    if isinstance(operand, Literal):
        return is_memory(kind) or (isinstance(kind, AnyType) and not isinstance(operand.value, (type, bytes)))
    return is_memory(kind) or isinstance(kind, (AnyType, Bottom, Tuple, FuncType, Struct))


def is_pure(op: Apply) -> bool:
    """Whether an op does nothing but give a result: no effect, no write, no unknown callee."""
    fn = op.fn
    if not isinstance(fn, Def) or fn.effect or fn.writes or fn.family in ("opaque", "inplace", "structural"):
        return False
    return not any(k == "out" for k, _ in op.kwargs)


def written(op: Op) -> tuple[Operand, ...]:
    """What a store or an op that writes its arguments writes to. `ds[k] += g` on an array that `ds` holds writes that array."""
    if isinstance(op, Store):
        return (op.dst, HELD) if op.add and is_memory(_slot(op)) else (op.dst,)
    if not isinstance(op, Apply):
        return ()
    out = tuple(v for k, v in op.kwargs if k == "out") if op.kwargs else ()
    if isinstance(op.fn, Def) and op.fn.writes:
        return (*out, *(op.args[n] for n in op.fn.writes if n < len(op.args)))
    return out


def is_hidden(op: Op | None) -> bool:
    """Whether an op gives memory that was put somewhere before: into a container, or into the hands of a callee."""
    if isinstance(op, Load):
        return not isinstance(strip(op.src.type), Array)
    if not isinstance(op, Apply):
        return False
    if not isinstance(op.fn, Def) or op.fn.family == "opaque" or op.fn in (LIST_POP, DICT_POP):
        return True
    return op.fn is UNPACK and not isinstance(strip(op.args[0].type), Array)


def _slot(op: Store) -> Type:
    """The type of what a slot of a container holds; numbers for the elements of an array."""
    kind = strip(op.dst.type)
    if isinstance(kind, (Struct, Union)) and isinstance(op.place, Attr):
        return kind.field(op.place.name) or op.value.type
    if isinstance(kind, Dict) and isinstance(op.place, Index) and isinstance(key := op.place.items[0], Literal):
        return dict(kind.items).get(key.value, op.value.type)
    if isinstance(kind, List):
        return kind.item
    return FLOAT if isinstance(kind, Array) else op.value.type


def writes_anything(op: Op) -> bool:
    """Whether an op may write memory that it doesn't name: calls of what isn't a row."""
    return isinstance(op, Apply) and (not isinstance(op.fn, Def) or op.fn.family == "opaque")


class Memory:
    """Origins, writers and users of the values of a function."""

    def __init__(self, func: Func) -> None:
        self.params = set(func.params)
        self.made_by: dict[Value, Op] = {}
        self.users: dict[Value, list[Op]] = {}
        self.writers: list[Op] = []
        self._origins: dict[Operand, Value | None] = {}
        for op in walk(func.body):
            for value in results(op):
                self.made_by[value] = op
            for value in used_values(op):
                self.users.setdefault(value, []).append(op)
            if written(op) or writes_anything(op):
                self.writers.append(op)
        self.writes_anything = any(map(writes_anything, self.writers))
        #: what is written, by bucket
        self.targets: dict[object, list[Operand]] = {}
        for op in self.writers:
            for target in written(op):
                self.targets.setdefault(self.bucket(target), []).append(target)

    def uses(self, value: Value) -> int:
        """How often a value is an operand."""
        return len(self.users.get(value, ()))

    def origin(self, operand: Operand) -> Value | None:
        """The allocation or parameter that names the memory; None when it isn't known."""
        if operand not in self._origins:
            self._origins[operand] = self._origin(operand)
        return self._origins[operand]

    def _origin(self, operand: Operand) -> Value | None:
        while isinstance(operand, Value) and operand not in self.params:
            op = self.made_by.get(operand)
            if isinstance(op, View):
                operand = op.src
                continue
            if not isinstance(op, Apply) or not isinstance(op.fn, Def) or written(op):
                return None
            if op.fn is UNPACK:  # what a parameter holds was there before anything that is made here
                return found if (found := self.origin(op.args[0])) in self.params else None
            if op.fn.alias == "fresh":
                return operand if not is_hidden(op) else None
            operand = op.args[0] if op.args else Literal(None)
        return operand if isinstance(operand, Value) else None

    def bucket(self, operand: Operand) -> object:
        """What tells memory apart: operands in different buckets never refer to one memory, unless one of them is None."""
        found = self.origin(operand) if isinstance(operand, Value) else None
        return PARAMETER if found in self.params else found

    def allocation(self, operand: Operand) -> Value | None:
        """The origin if it is an allocation of this function."""
        found = self.origin(operand)
        return None if found in self.params else found

    def disjoint(self, a: Value, b: Value) -> bool:
        """Whether two values certainly refer to different memory."""
        if a.mem is not None and b.mem is not None and not set(a.mem.split("|")) & set(b.mem.split("|")):
            return True
        one, two = self.origin(a) or self.whole(a), self.origin(b) or self.whole(b)
        if one is None or two is None or one is two:
            return False
        return not (one in self.params and two in self.params)

    def whole(self, item: Value) -> Value | None:
        """The tuple of new arrays that a call gave, of which this is one."""
        op = self.made_by.get(item)
        whole = op.src if isinstance(op, Load) else op.args[0] if isinstance(op, Apply) and op.fn is UNPACK else None
        made = self.made_by.get(whole) if isinstance(whole, Value) else None
        fresh = isinstance(made, Apply) and isinstance(made.fn, Def) and made.fn.alias == "fresh" and not is_hidden(made)
        return whole if isinstance(whole, Value) and fresh and isinstance(strip(whole.type), Tuple) else None

    def only_read(self, value: Value, or_returned: bool = False) -> bool:
        """Whether a value, and every view of it, is only read: not written, passed on, kept or returned; `or_returned`: the
        value itself may be."""
        return all((or_returned and isinstance(op, Return)) or self._reads(op, value) for op in self.users.get(value, ()))

    def touching(self, value: Value) -> Iterator[tuple[Op, bool]]:
        """What is done with a value and its views, and whether it is reading."""
        for op in self.users.get(value, ()):
            yield op, self._reads(op, value)
            if isinstance(op, View) or (isinstance(op, Apply) and getattr(op.fn, "alias", "") != "fresh"):
                for made in results(op):
                    yield from self.touching(made)

    def _reads(self, op: Op, value: Value) -> bool:
        if isinstance(op, View):
            return op.src is value and self.only_read(op.result)
        if isinstance(op, Load):
            return not refers(op.result) or (op.src is value and _is_copy(op))
        if isinstance(op, Store):
            return op.value is value and op.value not in (op.dst,) and isinstance(strip(op.dst.type), Array)
        if not isinstance(op, Apply):
            return False
        if op.fn is COMMENT:
            return True
        if not is_pure(op) or op.fn is CLOSURE:
            return False
        assert isinstance(op.fn, Def)
        return op.fn.alias == "fresh" or all(map(self.only_read, op.results))

    def never_written(self, value: Value) -> bool:
        """Whether nothing in the function writes the memory of a value."""
        if not refers(value):
            return True
        if self.writes_anything:
            return False
        bucket = self.bucket(value)
        near = self.targets if bucket is None else (None, bucket)
        return not any(self.may_be_one(target, value) for b in near for target in self.targets.get(b, ()))

    def may_be_one(self, target: Operand, read: Operand) -> bool:
        """Whether a write to `target` may change what is read from `read`."""
        if not isinstance(read, Value):
            return True
        if target is HELD:
            return self._may_be_held(read)
        if not isinstance(target, Value):
            return isinstance(target, Pack)
        return not kept_apart(target, read) and not self.disjoint(target, read)

    def _may_be_held(self, value: Value) -> bool:
        """Whether a container of shadows may hold the memory of a value: not that of a local array which is only read, nor
        what a parameter holds from which the function only reads."""
        root = self.allocation(value)
        if root is not None:
            return not self.only_read(root)
        base: Operand = value
        while isinstance(base, Value) and isinstance(op := self.made_by.get(base), (Load, View)):
            base = op.src
        return not (base in self.params and isinstance(base, Value) and self._only_looked_into(base))

    def _only_looked_into(self, value: Value) -> bool:
        """Whether a value, and all that is read from it, is only read."""
        return all(self._looks_into(op, value) for op in self.users.get(value, ()))

    def _looks_into(self, op: Op, value: Value) -> bool:
        if isinstance(op, (Load, View)) and op.src is value:
            return not refers(op.result) or self._only_looked_into(op.result)
        return not isinstance(op, Store) and self._reads(op, value)


def _is_copy(op: Load) -> bool:
    """Whether what is read of an array is an array of its own: elements picked by an array of indices."""
    if not isinstance(strip(op.src.type), Array) or not isinstance(op.place, Index):
        return False
    return any(isinstance(i, Value) and isinstance(strip(i.type), Array) for i in op.place.items)


@lru_cache(maxsize=1)
def memory_of(func: Func) -> Memory:
    """The memory of a function: several passes in a row mostly ask about the same one."""
    return Memory(func)


def kept_apart(target: Value, read: Value) -> bool:
    """Whether writing the slots of a container leaves what is read as it is: an array isn't a list."""
    one, two = strip(target.type), strip(read.type)
    return isinstance(two, Array) and is_memory(one) and not isinstance(one, Array)


def read_values(op: Op) -> Iterator[Value]:
    """The values whose contents an op reads."""
    return (v for v in values_in(*operands(op)) if refers(v))
