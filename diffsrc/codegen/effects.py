"""What an op reads and writes, as far as the order of evaluation is concerned when expressions are put
together.

Memory is named by alias class (`Value.mem`); "*" is any memory: an untyped value may refer to anything;
"@" some array, "[]" the slots of some list.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..defs.table import Def
from ..ir.ops import Apply, Load, Op, Store, View
from ..ir.types import AnyType, Array, Bottom, FuncType, List, Tuple, is_memory, strip
from ..ir.values import Literal, Operand, Pack, Value
from ..ir.walk import place_operands

NO_MEMORY: frozenset[str] = frozenset()
ANY_MEMORY = frozenset({"*"})
SOME_ARRAY, SOME_LIST = frozenset({"@"}), frozenset({"[]"})


@dataclass(frozen=True, slots=True)
class Effect:
    reads: frozenset[str] = NO_MEMORY
    writes: frozenset[str] = NO_MEMORY
    io: bool = False

    def __or__(self, other: Effect) -> Effect:
        if not other:
            return self
        return Effect(self.reads | other.reads, self.writes | other.writes, self.io or other.io) if self else other

    def __bool__(self) -> bool:
        return bool(self.reads or self.writes or self.io)


PURE = Effect()
UNKNOWN = Effect(ANY_MEMORY, ANY_MEMORY, True)


def conflict(a: Effect, b: Effect) -> bool:
    """Whether the order of two ops matters."""
    return _meet(a.writes, b.reads) or _meet(a.reads, b.writes) or _meet(a.writes, b.writes) or (a.io and b.io)


def _meet(a: frozenset[str], b: frozenset[str]) -> bool:
    if not a or not b:
        return False
    wild = "*" in a or "*" in b or ("@" in a and b != SOME_LIST) or ("@" in b and a != SOME_LIST)
    return wild or bool(a & b)


def memory(operand: Operand) -> frozenset[str]:
    """The alias classes that reading through this operand may touch."""
    if isinstance(operand, Pack):
        return NO_MEMORY.union(*map(memory, operand.items))
    if isinstance(operand, Literal):
        held = not isinstance(operand.value, (type(None), bool, int, float, complex, str, bytes, type(...), type))
        return ANY_MEMORY if held and not callable(operand.value) else NO_MEMORY
    kind = strip(operand.type)
    if operand.mem is not None:
        return frozenset(operand.mem.split("|")) | (SOME_LIST if isinstance(kind, List) else NO_MEMORY)
    if isinstance(kind, (Array, List)):
        return SOME_LIST if isinstance(kind, List) else SOME_ARRAY
    unknown = isinstance(kind, (AnyType, Bottom, Tuple, FuncType)) or is_memory(kind)
    return ANY_MEMORY if unknown else NO_MEMORY


def effect_of(op: Op, held: set[Value]) -> Effect:
    """The effect of a leaf op itself. `held`: operands whose contents nobody else can write (just
    computed).
    """
    match op:
        case Load():
            return Effect(memory(op.src) | _reads(place_operands(op.place), held))
        case View():
            return Effect(_reads(place_operands(op.place), held))
        case Store():
            reads = _reads((op.value, *place_operands(op.place)), held) | (memory(op.dst) if op.add else NO_MEMORY)
            return Effect(reads, memory(op.dst))
        case Apply():
            return _apply(op, held)
    return PURE


def _reads(items: tuple[Operand, ...], held: set[Value]) -> frozenset[str]:
    return NO_MEMORY.union(*(memory(o) for o in items if o not in held))


def _apply(op: Apply, held: set[Value]) -> Effect:
    fn = op.fn
    if not isinstance(fn, Def) or fn.family == "opaque":
        return UNKNOWN
    if fn.alias == "view" or fn.name.startswith("."):
        return PURE
    if fn.name == "closure":
        return PURE
    args = (*op.args, *(v for _, v in op.kwargs))
    writes = NO_MEMORY.union(*(memory(op.args[i]) for i in fn.writes if i < len(op.args)))
    writes |= NO_MEMORY.union(*(memory(v) for k, v in op.kwargs if k == "out"))
    return Effect(_reads(args, held), writes, fn.effect in ("io", "random"))


def is_fresh(op: Op) -> bool:
    """Whether the result shares memory with nothing else."""
    if isinstance(op, Apply):
        return isinstance(op.fn, Def) and op.fn.alias == "fresh" and op.fn.family not in ("opaque", "structural")
    return False
