"""Recursions whose derivative is differentiated again.

The halves of a recursive callee hand over what was saved, level within level: a type without end. Where the text of the
derivative is to be read as a program once more, such a callee is reversed by one function instead, `f_vjp`, which computes the
call again: nothing is saved, and each level is computed once more per level above it. What writes its arguments, prints,
draws random numbers or does what isn't known can't be run again; it keeps its halves, which the typing of their text may
refuse.
"""

from __future__ import annotations

import collections
from collections.abc import Iterator

from ..defs.table import Def
from ..ir.ops import Apply, Func, FuncRef, Method
from ..ir.types import Array, StrType, strip
from ..ir.values import Operand, Value
from ..ir.walk import walk
from .reverse_structures import give_structure
from .slots import adj_name
from .sweep import Sweep


def callees(func: Func) -> Iterator[Func]:
    """The functions that a typed function calls."""
    for op in walk(func.body):
        inner = getattr(op.fn.target, "func", None) if isinstance(op, Apply) and isinstance(op.fn, FuncRef) else None
        if isinstance(inner, Func):
            yield inner


def reached(func: Func) -> dict[int, Func]:
    """Every function that runs in a call of this one, itself only if it calls itself."""
    found: dict[int, Func] = {}
    waiting = list(callees(func))
    while waiting:
        inner = waiting.pop()
        if id(inner) not in found:
            found[id(inner)] = inner
            waiting += callees(inner)
    return found


def is_recursive(func: Func) -> bool:
    return id(func) in reached(func)


def can_run_again(s: Sweep, op: Apply, func: Func, kinds: tuple[str, ...]) -> bool:
    """Whether the call gives the same result when the reverse sweep makes it once more, and does nothing else."""
    assert isinstance(op.fn, FuncRef)
    if s.aliases.summary(op.fn).writes or "twin" in kinds or any(map(_has_effect, (func, *reached(func).values()))):
        return False
    held = [a for a in op.args if isinstance(a, Value) and not isinstance(strip(a.type), Array)]
    return all(s.stable(a, op) for a in held)


def compute_again(s: Sweep, op: Apply, kinds: tuple[str, ...], douts: list[Operand], derivative: FuncRef) -> None:
    """Reverse a call of a recursive function by its whole derivative."""
    args = tuple(s.content(a, op) if isinstance(strip(a.type), Array) else s.need(a) for a in op.args)
    shadows = [s.shadow(a) for a, k in zip(op.args, kinds) if k == "shadow"]
    values = [a for a, k in zip(op.args, kinds) if k == "value"]
    out = Value(None, op.results[0].type, loc=op.loc)
    results = tuple(Value(adj_name(a) if isinstance(a, Value) else None, a.type, loc=op.loc) for a in values)
    s.builder.call(derivative, (*args, *shadows, *douts), (out, *results), loc=op.loc)
    for a, r in zip(values, results):
        give_structure(s, a, r)


#: what isn't compiled and does nothing but give a result
_MAKERS = (set, frozenset, sorted, collections.Counter)


def _has_effect(func: Func) -> bool:
    return any(isinstance(op, Apply) and _is_effect(op) for op in walk(func.body))


def _is_effect(op: Apply) -> bool:
    """Whether a call does something besides giving its result: what isn't known may write what it is given, as methods of
    sets do."""
    if isinstance(op.fn, Def):
        return op.fn.effect in ("io", "random")
    if isinstance(op.fn, Method):
        return not isinstance(strip(op.args[0].type), StrType)
    target = getattr(op.fn, "target", None)
    known = isinstance(getattr(target, "func", None), Func) or (isinstance(target, type) and issubclass(target, BaseException))
    return not known and not any(target is made for made in _MAKERS)
