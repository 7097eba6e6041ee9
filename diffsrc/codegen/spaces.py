"""Iteration spaces as loop headers."""

from __future__ import annotations

import ast
from collections.abc import Callable

from ..ir.ops import Enumerate, Range, Reversed, Seq, Space, Zip
from ..ir.values import Literal, Operand, Value, is_literal
from .exprs import Exprs, call


def target(space: Space, params: list[Value], one: Callable[[Value], ast.expr]) -> ast.expr:
    """The target of the loop; takes its values from the front of `params`."""
    match space:
        case Zip(items):
            return ast.Tuple([target(s, params, one) for s in items], ast.Store())
        case Enumerate(item, _):
            return ast.Tuple([one(params.pop(0)), target(item, params, one)], ast.Store())
        case Reversed(item):
            return target(item, params, one)
    return one(params.pop(0))


def iterable(e: Exprs, space: Space) -> ast.expr:
    """What the loop runs over."""
    match space:
        case Range(start, stop, step):
            return call("range", *e.exprs(_range_args(start, stop, step)))
        case Seq(value):
            return e.expr(value)
        case Zip(items):
            return call("zip", *(iterable(e, s) for s in items))
        case Enumerate(item, start):
            return call("enumerate", iterable(e, item), *([] if _is_int(start, 0) else [e.expr(start)]))
        case Reversed(item):
            return call("reversed", iterable(e, item))


def _range_args(start: Operand, stop: Operand, step: Operand) -> tuple[Operand, ...]:
    if not _is_int(step, 1):
        return (start, stop, step)
    return (stop,) if _is_int(start, 0) else (start, stop)


def _is_int(operand: Operand, value: int) -> bool:
    return is_literal(operand, value) and isinstance(operand, Literal) and operand.text is None
