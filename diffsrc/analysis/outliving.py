"""Functions that are handed to a call, and capture variables that are assigned later: nothing may keep them.

    for i in range(n):
        x = newton(lambda t: t * t - a[i], x)          the next `i` is none of this lambda's

Such a function carries the captured variables as they are at the call. What keeps it would see other values in Python: a
list, an object, a function that is returned. Types tell whether anything does: a value whose type holds the function. If
so, the variable has to be a cell, and the function around is lowered again.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ..defs.structural import CLOSURE
from ..defs.table import Def, lookup
from ..errors import UnsupportedError
from ..ir.ops import Apply, Block, Func, FuncRef, Op, Transient
from ..ir.types import Dict, FuncType, List, Maybe, OneOf, Struct, Tuple, Type, holds_unknown, strip
from ..ir.values import Value
from ..ir.walk import blocks, used_values, walk
from .items import Record

if TYPE_CHECKING:
    from .typer import Typer


class Outlives(Exception):  # noqa: N818  a request, not an error
    """Something keeps a function that was handed to a call."""

    def __init__(self, found: Transient) -> None:
        super().__init__(found.name)
        self.found = found

    @property
    def refused(self) -> UnsupportedError:
        return self.found.refused


def check_transients(typer: Typer) -> None:
    """Check the functions that are handed to calls here.

    Raises:
        Outlives: one of them is kept.
    """
    for found in typer.func.transients:
        item = typer.env.get(found.value)
        if isinstance(item, Record) and isinstance(item.kind, FuncType) and _is_kept(typer, found.value, item.kind.target):
            raise Outlives(found)


def _is_kept(typer: Typer, closure: Value, target: object) -> bool:
    made = (op.results[0] for op in walk(typer.func.body) if isinstance(op, Apply) and op.fn is CLOSURE)
    allowed = {*made, *_passing(typer.func.body, closure)}  # what else is made of the function is checked where it is used
    if any(holds_function(t, target) for t in (*typer.returns, *typer.containers.content.values())):
        return True
    if any(holds_function(typer.type_of(item), target) for old, item in typer.env.items() if old not in allowed):
        return True
    calls = (op for op in walk(typer.func.body) if isinstance(op, Apply) and closure in used_values(op))
    results = (typer.env[r] for op in calls if not _solves(op) for r in op.results if r in typer.env)
    return any(holds_unknown(typer.type_of(item)) for item in results)


def _solves(op: Apply) -> bool:
    """Whether a call is one of a solver, which doesn't keep what it is given."""
    d = op.fn if isinstance(op.fn, Def) else lookup(op.fn.target) if isinstance(op.fn, FuncRef) else None
    return d is not None and d.solver is not None


def _passing(block: Block, closure: Value) -> Iterator[Value]:
    """The closure, and temporaries made of it that calls in the same block use up: `ds.grad(lambda ..)(x)`."""
    yield closure
    for op in block.ops:
        for inner in blocks(op):
            yield from _passing(inner, closure)
        if isinstance(op, Apply) and closure in used_values(op):
            for r in op.results:
                if r.name is None and all(isinstance(use, Apply) for use in _uses(block, r)):
                    yield from _passing(block, r)


def _uses(block: Block, value: Value) -> Iterator[Op | None]:
    """The ops of a block that use a value; None for those of inner blocks."""
    for op in block.ops:
        if value in used_values(op):
            yield op
        if any(value in used_values(each) for b in blocks(op) for each in walk(b)):
            yield None


def holds_function(t: Type, target: object) -> bool:
    """Whether values of a type are, or hold, a function."""
    t = strip(t)
    match t:
        case FuncType():
            return _is_made_of(t.target, target) or any(holds_function(c, target) for c in t.captures)
        case OneOf():
            return any(holds_function(o, target) for o in t.options)
        case Tuple():
            return any(holds_function(i, target) for i in t.items)
        case List():
            return holds_function(t.item, target)
        case Dict():
            return any(holds_function(v, target) for _, v in t.items)
        case Struct():
            return any(holds_function(v, target) for _, v in t.fields)
        case Maybe():
            return holds_function(t.item, target)
    return False


def _is_made_of(function: Any, target: object) -> bool:
    """Whether a function is the target, or one with arguments given or differentiated."""
    while function is not target:
        inner = None if isinstance(function, Func) else getattr(function, "target", None)
        if inner is None:
            return False
        function = inner
    return True
