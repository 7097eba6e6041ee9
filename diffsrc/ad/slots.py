"""What a reverse sweep is made of: cotangents with their facts, frames of reversed blocks, edits of the forward sweep."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from ..analysis.mems import Mem
from ..defs.numpy_create import astype
from ..defs.table import Def, lookup
from ..errors import InternalError
from ..ir.build import Builder
from ..ir.ops import Block, Guard, Op
from ..ir.types import (
    DTYPES,
    Array,
    Bottom,
    Dict,
    List,
    Scalar,
    Struct,
    Tuple,
    Type,
    is_complex,
    is_object,
    kind_of,
    strip,
)
from ..ir.values import Literal, Operand, Pack, Value
from ..source import Loc

ZERO = Literal(0.0)


@dataclass(frozen=True, slots=True)
class Adj:
    """A cotangent. `owned`: an array that belongs to this slot alone, may be updated in place. `uniform`: a scalar that
    stands for an array of the primal's shape. `mask` (operand, negated): counts only where the mask is true (false).
    `selected`: zeros in it may come from a selection, so a singular partial must not turn them into nan."""

    value: Operand
    owned: bool = False
    uniform: bool = False
    mask: tuple[Operand, bool] | None = None
    selected: bool = False


#: cotangents of the parts of an aggregate: by field or position, nested
Parts = dict[str, "Adj | Parts"]


@dataclass(eq=False, slots=True)
class Frame:
    """A reversed block in the making: `head` stands before `ops`; `fixed` gives primal values that are known here."""

    block: Block
    parent: Frame | None
    first: list[Op] = field(default_factory=list)
    head: list[Op] = field(default_factory=list)
    wants: dict[Value, Value] = field(default_factory=dict)
    fixed: dict[Value, Operand] = field(default_factory=dict)
    shadows: dict[Value, Value] = field(default_factory=dict)


@dataclass(eq=False, slots=True)
class Edits:
    """What the reverse sweep asks of the forward sweep."""

    before: dict[Op, list[Op]] = field(default_factory=dict)
    after: dict[Op, list[Op]] = field(default_factory=dict)
    head: dict[Block, list[Op]] = field(default_factory=dict)
    late: dict[Op, list[Op]] = field(default_factory=dict)
    replace: dict[Op, Op] = field(default_factory=dict)
    entry: list[Op] = field(default_factory=list)
    #: at the end of a block, behind all that may raise
    tail: dict[Block, list[Op]] = field(default_factory=dict)
    #: lists that a `try` has pushed to when it fails
    cut: dict[Guard, list[Operand]] = field(default_factory=dict)
    exports: dict[Op, list[tuple[Block, Value, Value]]] = field(default_factory=dict)
    twins: dict[Value, Value] = field(default_factory=dict)
    same: dict[Value, Operand] = field(default_factory=dict)
    #: values whose twin the forward half of a callee returns
    given: set[Value] = field(default_factory=set)
    #: values read where the program may leave them unbound: they start as None
    started: set[Value] = field(default_factory=set)


class WiderError(Exception):
    """The shadows of a class of memory are to be built in the forward sweep: the reverse sweep can't find them."""

    def __init__(self, node: Mem) -> None:
        super().__init__()
        self.node = node


def table(fn: object) -> Def:
    """The row of a function that the compiler itself emits."""
    d = lookup(fn)
    if d is None:
        raise InternalError(f"no row for {fn!r}")
    return d


def is_container(operand: Operand) -> bool:
    """A list, dict or mutable object."""
    t = strip(operand.type)
    return isinstance(t, (List, Dict)) or is_object(t)


def is_empty_container(t: Type) -> bool:
    """A container of which nothing but that it is empty is known, or what holds one: its shadow may not be itself."""
    t = strip(t)
    if isinstance(t, (Tuple, Struct)):
        parts = t.items if isinstance(t, Tuple) else tuple(item for _, item in t.fields)
        return any(map(is_empty_container, parts))
    return (isinstance(t, List) and isinstance(t.item, Bottom)) or (isinstance(t, Dict) and not t.items)


def is_array(operand: Operand) -> bool:
    return isinstance(strip(operand.type), Array)


def is_number(operand: Operand) -> bool:
    return isinstance(strip(operand.type), Scalar)


_PRECISIONS = frozenset({"f16", "f32", "f64", "c64", "c128"})
_NUMBERS = {"float": float, "complex": complex}
_NARROW = {"float": ("f16", "f32"), "complex": ("c64", "f16", "f32")}
_REAL = {"c64": "f32", "c128": "f64"}


def conformed(b: Builder, g: Operand, like: Type, loc: Loc, whole: bool = False) -> Operand:
    """A tangent or cotangent as the dtype of what it belongs to asks: real, and in its precision. `whole`: complex too, and a
    Python number for one."""
    if isinstance(g, Pack) and isinstance(t := strip(like), Tuple) and len(t.items) == len(g.items):
        return Pack(tuple(conformed(b, item, want, loc, whole) for item, want in zip(g.items, t.items)), g.kind)
    if is_complex(g.type) and not is_complex(like):
        g = b.apply(table(np.real), (g,), loc=loc)
    mine, kind = kind_of(g.type), kind_of(like)
    if kind in _REAL and mine not in _REAL and not whole:
        kind = _REAL[kind]
    if mine in _NARROW.get(str(kind), ()) or (whole and kind == "complex" and mine == "f64"):
        return b.apply(table(_NUMBERS[str(kind)]), (g,), loc=loc)
    if kind not in _PRECISIONS or mine not in _PRECISIONS or mine == kind or isinstance(g, Literal):
        return g
    to = getattr(np, DTYPES[kind])
    if is_array(g) and isinstance(strip(like), Array):
        return b.apply(table(astype), (g, Literal(to, f"np.{to.__name__}")), loc=loc)
    return b.apply(table(to), (g,), loc=loc) if is_number(g) and isinstance(strip(like), Scalar) else g


def adj_name(v: Value) -> str | None:
    return f"d{v.name}" if v.name else None


def value_of(operand: Operand) -> Value:
    """An operand that is certainly a value."""
    assert isinstance(operand, Value)
    return operand
