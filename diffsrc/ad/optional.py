"""Slots of containers that may hold None: in their shadow, None stands for zero.

    self.m = None                        dself.m = None
    ...                           ->     ...
    self.m = g                           dg += filled(dself.m, g);  dself.m = zeros_of(dself.m)
    s += self.m * k                      dself.m = added(dself.m, ds * k)
"""

from __future__ import annotations

from ..ir.ops import Index, Place, Store
from ..ir.types import Maybe, NoneType, Scalar, strip
from ..ir.values import Operand, Value
from ..runtime import helpers
from .check import slot_type
from .slots import Adj, is_array, is_container, table
from .sweep import Sweep


def may_be_none(base: Operand, place: Place) -> bool:
    """Whether a place is a slot that holds a number, an array or None."""
    if not is_container(base):
        return False
    t = slot_type(base.type, place)
    return isinstance(t, Maybe) and not is_container(Value(None, t.item))


def holds_arrays(base: Operand, place: Place) -> bool:
    """Whether such a slot holds references: in a twin the forward sweep stored the shadow."""
    return not isinstance(strip(slot_type(base.type, place)), Scalar)


def add(s: Sweep, d: Value, place: Place, g: Operand, v: Value) -> None:
    """Add a cotangent to a slot of a shadow that may hold None."""
    t = strip(v.type)
    old = s.builder.load(d, place, loc=s.loc, type=t)
    new = s.builder.apply(table(helpers.added), (old, g), loc=s.loc, type=t)
    s.builder.store(d, place, new, loc=s.loc)


def reverse_store(s: Sweep, op: Store) -> None:
    """`dst[place] = value`: the value receives the shadow's part, which becomes zero."""
    place = s.need_place(op.place) if isinstance(op.place, Index) else op.place
    d = s.shadow(op.dst)
    t = slot_type(op.dst.type, op.place)
    g = s.builder.load(d, place, loc=op.loc, type=t)
    zero = s.builder.apply(table(helpers.zeros_of), (g,), loc=op.loc, type=t)
    s.builder.store(d, place, zero, loc=op.loc)
    value = op.value
    if isinstance(value, Value) and s.activity.active(value):
        whole = s.builder.apply(table(helpers.filled), (g, s.need(value)), loc=op.loc, type=strip(value.type))
        s.contribute(value, Adj(whole, owned=is_array(value), selected=s.has_select))


def is_handled(op: Store, written: bool) -> bool:
    """Whether a store goes to such a slot, and not a reference to memory that is written."""
    return may_be_none(op.dst, op.place) and (not written or isinstance(op.value.type, NoneType))
