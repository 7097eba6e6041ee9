"""Which ops may raise an exception that a handler catches.

Nearly everything may. What certainly doesn't: making tuples and lists, reading fields, comparing and adding Python's numbers
(with NumPy's, or ints beyond the range of floats, those raise FloatingPointError and OverflowError). Exceptions that come
from outside (KeyboardInterrupt, MemoryError) aren't considered.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..defs.structural import (
    CLOSURE,
    COMMENT,
    CONSTRUCT,
    DICT,
    LIST,
    LIST_APPEND,
    LIST_CUT,
    LIST_INSERT,
    LIST_NEW,
    NOTE,
    SNAPSHOT,
    TUPLE,
)  # fmt: skip
from ..defs.table import Def
from ..ir.ops import (
    Apply,
    Attr,
    Block,
    Break,
    Continue,
    For,
    If,
    Index,
    Load,
    Op,
    Range,
    Return,
    Seq,
    Store,
    Unreachable,
    While,
    Yield,
)
from ..ir.types import Array, Bottom, List, NoneType, Scalar, StrType, Struct, Tuple, strip
from ..ir.values import Literal, Operand, Pack
from ..ir.walk import blocks, leaves

Caught = Sequence[type[BaseException]]

_HARMLESS = frozenset({
    CLOSURE, COMMENT, CONSTRUCT, DICT, LIST, LIST_APPEND, LIST_CUT, LIST_INSERT, LIST_NEW, NOTE, SNAPSHOT, TUPLE,
})  # fmt: skip
_ARITHMETIC = frozenset(
    {"add", "sub", "mul", "neg", "pos", "abs", "iadd", "isub", "imul", "min", "max", "float", "int"}
)
_TESTS = frozenset({"lt", "le", "gt", "ge", "eq", "ne", "not_", "is_", "is_not", "and_", "or_", "bool"})
_SIZES = frozenset({".shape", ".ndim", ".size", "isinstance"})
#: what arithmetic of floats raises: NumPy's under `np.errstate`, and Python's with ints that no float can hold
_FLOATING: Caught = (FloatingPointError, OverflowError)


def may_raise(op: Op, caught: Caught) -> bool:
    """Whether a typed op, or one in its regions, may raise an exception of the classes, or of classes they derive from."""
    match op:
        case Yield() | Break() | Continue() | Return() | Unreachable():
            return False
        case Apply():
            return _apply(op, caught)
        case Load(src, place):
            return not _is_field(src, place)
        case Store(dst, place):
            return not (isinstance(place, Attr) and isinstance(strip(dst.type), Struct))
        case If() | For() | While():
            return header_raises(op, caught) or any(block_raises(b, caught) for b in blocks(op))
    return True


def block_raises(block: Block, caught: Caught) -> bool:
    return any(may_raise(op, caught) for op in block.ops)


def header_raises(op: Op, caught: Caught) -> bool:
    """Whether what an op with regions does itself may raise."""
    match op:
        case If(cond):
            return not _has_truth(cond)
        case For(space):
            return not all(_runs(leaf) for leaf in leaves(space))
        case While(cond=cond):
            last = cond.terminator
            return not (isinstance(last, Yield) and all(map(_has_truth, last.values)))
    return True


def related(caught: Caught, raised: Caught) -> bool:
    """Whether a handler of the classes may catch one of the others."""
    return any(issubclass(r, c) or issubclass(c, r) for c in caught for r in raised)


def _apply(op: Apply, caught: Caught) -> bool:
    fn = op.fn
    if not isinstance(fn, Def):
        return True
    if fn in _HARMLESS:
        return False
    if fn.name == "len" or fn.name in _SIZES:
        return not isinstance(strip(op.args[0].type), (Array, List, Tuple)) and fn.name != "isinstance"
    if op.kwargs or not all(map(_is_number, op.args)):
        return fn.name not in ("is_", "is_not", "not_", "bool") or not all(map(_has_truth, op.args))
    if fn.name in _TESTS:
        return False
    if fn.name not in _ARITHMETIC or fn.name == "int":
        return True
    return not all(map(_is_int, op.args)) and related(caught, _FLOATING)


def _is_number(operand: Operand) -> bool:
    kind = strip(operand.type)
    return isinstance(kind, Scalar) and kind.kind != "complex"


def _is_int(operand: Operand) -> bool:
    kind = strip(operand.type)
    return isinstance(kind, Scalar) and kind.kind in ("int", "bool")


def _has_truth(operand: Operand) -> bool:
    """Whether `bool(operand)` never raises."""
    return isinstance(strip(operand.type), (Scalar, List, NoneType, StrType, Tuple))


def _is_field(src: Operand, place: Index | Attr) -> bool:
    """Whether a load reads what is certainly there: a field, or an item of a tuple."""
    kind = strip(src.type)
    if isinstance(place, Attr):
        return isinstance(kind, (Struct, Tuple))
    return isinstance(kind, Tuple) and all(isinstance(i, Literal) for i in place.items)


def _runs(leaf: object) -> bool:
    """Whether an iteration over a leaf of the space never raises."""
    if isinstance(leaf, Range):
        return isinstance(leaf.step, Literal) and all(map(_is_int, (leaf.start, leaf.stop)))
    if isinstance(leaf, Seq):
        kind = strip(leaf.value.type)
        return (
            isinstance(leaf.value, Pack)
            or isinstance(kind, (List, Tuple))
            or (isinstance(kind, Array) and kind.ndim > 0)
        )
    return not isinstance(leaf, Bottom)
