"""Loops whose variables are of one type before the first iteration and of another after it: that iteration stands in front.

    u = x                                   if 0 < n:
    for k in range(n):                          u_1 = solve(x)            (a list, where x is an array)
        u = solve(u)              ->            for k in range(1, n):
                                                    u_1 = solve(u_1)

Where the loop doesn't run, what stands behind it would be of the type before: if that has none in common with the other,
the program says so when it gets there.
"""

from __future__ import annotations

import operator
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from ..defs.table import lookup
from ..errors import UnsupportedError
from ..ir.ops import (
    Apply,
    Block,
    Enumerate,
    For,
    FuncRef,
    If,
    Index,
    Load,
    Op,
    Raise,
    Range,
    Seq,
    Slice,
    Space,
    While,
    Yield,
    Zip,
)
from ..ir.types import ANY, Array, Bottom, List, Table, Type, carries_derivative, holds_unknown, strip
from ..ir.values import Literal, Operand, Value
from ..source import Loc
from .typer import Typer


class Clash(Exception):  # noqa: N818  caught where the loop is walked
    """What a loop carries has another type after the first iteration."""


@dataclass(eq=False, slots=True)
class Peel:
    """A loop with its first iteration in front, lowered. `head`: ops that read the first items and ask whether there are
    any (`runs`); `items`: these; `rest`: the other iterations, from what `carried` is after the first."""

    head: list[Op] = field(default_factory=list)
    items: list[Operand] = field(default_factory=list)
    runs: Operand = field(default_factory=lambda: Literal(True))
    reads: list[Op] = field(default_factory=list)
    carried: tuple[Value, ...] = ()
    rest: For | While | None = None


def clashes(before: Sequence[Type], seen: Sequence[Sequence[Type]], after: Sequence[Type]) -> bool:
    """Whether a variable that may carry a derivative has no common type, though each of its types is known."""
    for i, (old, new) in enumerate(zip(before, after)):
        types = [old, *(each[i] for each in seen)]
        known = not any(t == ANY or isinstance(t, Bottom) for t in types)
        if new == ANY and known and any(map(carries_derivative, types)):
            return True
    return False


def peel(op: For | While) -> Peel | None:
    """A loop with its first iteration in front; None where that isn't said of what it runs over."""
    made = Peel()
    made.carried = tuple(Value(p.name, ANY, loc=op.loc) for p in op.orelse.params)
    results = tuple(replace(r) for r in op.results)
    if isinstance(op, While):
        made.rest = replace(op, inits=made.carried, results=results)
        return made
    space = _without_first(op.space, made, op.loc)
    if space is None:
        return None
    made.rest = replace(op, space=space, inits=made.carried, results=results)
    return made


def _without_first(space: Space, made: Peel, loc: Loc) -> Space | None:
    match space:
        case Range(start, stop, Literal(value=int() as step)) if step:
            _need(made, made.head, _row(made.head, operator.lt if step > 0 else operator.gt, (start, stop), loc), loc)
            made.items.append(start)
            return Range(_row(made.reads, operator.add, (start, Literal(step)), loc), stop, Literal(step))
        case Seq(Value() as value):
            length = _row(made.head, len, (value,), loc)
            _need(made, made.head, _row(made.head, operator.gt, (length, Literal(0)), loc), loc)
            first, others = Value(None, loc=loc), Value(None, loc=loc)
            made.reads.append(Load(value, Index((Literal(0),)), first, loc))
            made.reads.append(Load(value, Index((Slice(Literal(1), Literal(None), Literal(None)),)), others, loc))
            made.items.append(first)
            return Seq(others)
        case Enumerate(item, start):
            made.items.append(start)
            inner = _without_first(item, made, loc)
            after = _row(made.reads, operator.add, (start, Literal(1)), loc)
            return None if inner is None else Enumerate(inner, after)
        case Zip(items):
            parts = [_without_first(s, made, loc) for s in items]
            found = tuple(p for p in parts if p is not None)
            return Zip(found) if len(found) == len(parts) else None
    return None


def _need(made: Peel, ops: list[Op], test: Value, loc: Loc) -> None:
    """One more condition under which there is a first item."""
    if isinstance(made.runs, Literal):
        made.runs = test
        return
    both = Value(None, loc=loc)
    ops.append(
        If(made.runs, Block((), (Yield((test,), loc),)), Block((), (Yield((Literal(False),), loc),)), (both,), loc)
    )
    made.runs = both


def _row(ops: list[Op], function: object, args: tuple[Operand, ...], loc: Loc) -> Value:
    row = lookup(function)
    assert row is not None
    result = Value(None, loc=loc)
    ops.append(Apply(row, args, (), (result,), loc))
    return result


def can_peel(typer: Typer, op: For | While) -> bool:
    """Whether the first iteration of a loop can stand in front: all that it runs over can be read from the second item on."""
    return isinstance(op, While) or (_is_sliced(typer, op.space) and peel(op) is not None)


def _is_sliced(typer: Typer, space: Space) -> bool:
    match space:
        case Seq(value):
            t = strip(typer.type_of(typer.get(value)))
            return isinstance(t, (Array, List)) and not isinstance(t, Table) and not holds_unknown(t)
        case Enumerate(item, _):
            return _is_sliced(typer, item)
        case Zip(items):
            return all(_is_sliced(typer, s) for s in items)
    return isinstance(space, Range)


def never_run(typer: Typer, loc: Loc) -> None:
    """Say, when it gets there, that a loop doesn't run whose variables have another type behind it."""
    text = "a loop that doesn't run here, behind which a variable would be of another type than if it did"
    error = typer.value(ANY, None, loc)
    typer.emit(Apply(FuncRef("UnsupportedError", UnsupportedError), (Literal(text),), (), (error,), loc))
    typer.emit(Raise(error, loc))
