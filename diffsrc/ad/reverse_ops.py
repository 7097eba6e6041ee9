"""Reverse mode of leaf ops: rules of the table, loads, stores, calls."""

from __future__ import annotations

import operator
from collections.abc import Iterable

import numpy as np

from ..defs.structural import DICT_POP, INSERT, LIST_APPEND, LIST_INSERT, LIST_POP
from ..defs.table import Def
from ..errors import NoRuleError
from ..ir.ops import Apply, Block, FuncRef, If, Load, Op, Store, View, Yield
from ..ir.types import BOOL
from ..ir.values import Operand
from .activity import differentiable_operands
from .inserts import reverse_insert
from .layout import decided_by_layout, is_view_for_sure
from .reverse_rules import reverse_elementwise, reverse_general, reverse_select
from .reverse_stores import reverse_load, reverse_store, reverse_view
from .reverse_structures import cotangent_of, reverse_list_op, reverse_structural
from .slots import Adj, table
from .sweep import Sweep


def written_operands(s: Sweep, op: Apply) -> Iterable[Operand]:
    if isinstance(op.fn, FuncRef):
        return [op.args[i] for i in sorted(s.aliases.summary(op.fn).writes) if i < len(op.args)]
    return [op.args[i] for i in getattr(op.fn, "writes", ())]


def reverse_leaf(s: Sweep, op: Op) -> None:
    """Reverse one op that has no regions."""
    match op:
        case Apply():
            reverse_apply(s, op)
        case Load():
            reverse_load(s, op)
        case View():
            reverse_view(s, op)
        case Store():
            reverse_store(s, op)


def reverse_apply(s: Sweep, op: Apply) -> None:
    if isinstance(op.fn, FuncRef):
        from .calls import reverse_call

        reverse_call(s, op)
        return
    if op.fn in (DICT_POP, LIST_APPEND, LIST_INSERT, LIST_POP):
        reverse_list_op(s, op)
        return
    if not any(s.activity.active(r) for r in op.results):
        return
    d = op.fn
    if d is INSERT:
        reverse_insert(s, op)
        return
    if not any(s.activity.active(a) for a in differentiable_operands(op)):
        s.drop(op)
        return
    if not isinstance(d, Def):
        raise NoRuleError(f"the callee of this call isn't known: `{d.name}`", loc=op.loc)
    if d.family == "structural":
        reverse_structural(s, op)
        return
    out = op.results[0]
    if s.shadowed(out) and d.alias == "view":
        return  # its shadow is a view of the argument's
    if s.shadowed(out) and decided_by_layout(op):
        _reverse_layout(s, op, d)
        return
    ct = cotangent_of(s, op, out)
    if ct is None:
        return
    if d.family == "elementwise":
        reverse_elementwise(s, op, d, ct)
    elif d.family == "select":
        reverse_select(s, op, d, ct)
    elif d.family == "general" and d.rules:
        reverse_general(s, op, d, ct)
    else:
        every: list[tuple[int | str, Operand]] = [*enumerate(op.args), *op.kwargs]
        first = next((where for where, a in every if s.activity.active(a)), 0)
        raise NoRuleError(
            d.refusal(first) if d.refusals else f"`{d.name}` has no derivative rule",
            loc=op.loc,
            hint="write one with `ds.rule`, or `ds.stop_gradient` its argument",
        )


def _reverse_layout(s: Sweep, op: Apply, d: Def) -> None:
    """A view's shadow is one of the argument's; what a copy's shadow received goes to the argument."""
    if is_view_for_sure(op, s.pos.def_of):
        return
    b, out = s.builder, op.results[0]
    shadow = s.shadow(out)
    share = b.apply(table(np.may_share_memory), (shadow, s.shadow(op.args[0])), loc=op.loc, type=BOOL)
    apart = b.apply(table(operator.not_), (share,), loc=op.loc, type=BOOL)
    with b.block() as ops:
        reverse_general(s, op, d, Adj(shadow, selected=s.has_select))
    b.emit(If(apart, Block((), (*ops, Yield((), op.loc))), Block((), (Yield((), op.loc),)), (), op.loc))
