"""Between the shapes of an operation's result and of its arguments: what broadcasting did, undone for cotangents."""

from __future__ import annotations

import operator
from dataclasses import replace
from typing import Any

import numpy as np

from ..ir.ops import Apply, Op
from ..ir.types import Array, may_be_one, same_dim, same_shape, strip
from ..ir.values import Literal, Operand, Pack, Value
from ..ir.walk import results
from .slots import ZERO, Adj, conformed, is_array, is_number, table
from .sweep import Sweep


def fit(s: Sweep, ct: Adj, arg: Value, out: Value, p: Operand | None) -> Adj:
    """A uniform or masked cotangent stays so only where shapes agree; else it is made whole."""
    if is_array(arg) and same_shape(arg.type, out.type) and (p is None or not is_array(p) or same_shape(p.type, out.type)):
        return ct
    if is_number(arg) and is_number(out):
        return ct
    return Adj(s.realise(ct, out), selected=ct.selected or ct.mask is not None)


def is_alone(op: Apply, arg: Value) -> bool:
    """Whether an argument is the only array of an elementwise operation: the result has its shape."""
    return is_array(arg) and all(a is arg or not (is_array(a) or isinstance(a, Pack)) for a in op.args)


def to_argument(s: Sweep, g: Adj, arg: Value, out: Operand, fresh: bool, alone: bool = False) -> Adj:
    """Bring a cotangent of the result's shape to the argument's: sum what was broadcast, project what became complex."""
    if g.uniform or g.mask is not None:
        return Adj(project(s, g.value, arg), g.owned, g.uniform, g.mask, g.selected)
    if alone and is_array(g.value):
        return Adj(project(s, g.value, arg), owned=fresh, selected=g.selected)
    start = len(s.builder.ops)
    value = project(s, unbroadcast(s, g.value, arg, out), arg)
    made = next((op for op in s.builder.ops[start:] if value in results(op)), None)
    uniform = is_array(arg) and not is_array(value)
    return Adj(value, owned=is_array(value) and (fresh or is_new(made)), uniform=uniform, selected=g.selected)


def is_new(made: Op | None) -> bool:
    """Whether the result is certainly a new array: `unbroadcast` may give back what it got."""
    return isinstance(made, Apply) and getattr(made.fn, "alias", "") == "fresh" and made.fn.name != "unbroadcast"


def project(s: Sweep, g: Operand, arg: Value) -> Operand:
    return conformed(s.builder, g, arg.type, s.loc)


def unbroadcast(s: Sweep, g: Operand, arg: Value, out: Operand | None = None) -> Operand:
    """Sum a cotangent over the axes along which `arg` was broadcast; nothing is emitted where types show there is none.

    A dimension of the argument that is certainly not 1 was not broadcast. `g` may itself have fewer axes than the result.
    """
    t = strip(g.type)
    if not isinstance(t, Array):
        if is_array(arg):
            return s.full(arg, project(s, g, arg))
        return g
    a = strip(arg.type)
    b = s.builder
    if not isinstance(a, Array):
        return b.apply(table(np.sum), (g,), loc=s.loc)
    if t.ndim < a.ndim:
        full = s.full(arg, ZERO)
        g = b.apply(table(operator.add), (g, full), loc=s.loc)
        t = strip(g.type)
        assert isinstance(t, Array)
    extra = t.ndim - a.ndim
    if extra > 0:
        axis = Literal(0) if extra == 1 else Pack(tuple(map(Literal, range(extra))))
        g = b.apply(table(np.sum), (g,), {"axis": axis}, loc=s.loc)
        t = strip(g.type)
        if not isinstance(t, Array):
            return g  # the sum over all axes stands for an array without axes
    axes, unknown = [], False
    for i, (mine, theirs) in enumerate(zip(a.dims, t.dims)):
        if same_dim(mine, theirs) or not may_be_one(mine):
            continue
        if mine == 1:
            axes.append(i)
        else:
            unknown = True
    if unknown:
        helper = table(_unbroadcast_helper())
        return b.apply(helper, (g, s.need(arg)), loc=s.loc, type=replace(a, dtype=t.dtype))
    if axes:
        axis = Literal(axes[0]) if len(axes) == 1 else Pack(tuple(map(Literal, axes)))
        g = b.apply(table(np.sum), (g,), {"axis": axis, "keepdims": Literal(True)}, loc=s.loc)
    return g


def _unbroadcast_helper() -> Any:
    from ..runtime import helpers

    return helpers.unbroadcast
