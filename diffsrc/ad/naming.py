"""Putting a function in place of its call."""

from __future__ import annotations

from dataclasses import replace

from ..ir.ops import Func, Op, Return
from ..ir.values import Operand
from ..ir.walk import defined, rename, substitute


def in_place(func: Func, args: tuple[Operand, ...]) -> tuple[list[Op], Operand]:
    """The ops of a function on given arguments, with values of their own, and its result."""
    fresh = rename(func, {v: replace(v) for v in defined(func.body)})
    put = substitute(fresh, dict(zip(fresh.params, args)))
    last = put.body.terminator
    assert isinstance(last, Return)
    return list(put.body.body), last.value
