"""Tangents where a handler may catch floating-point errors.

Under `np.errstate(... "raise")` a tangent may raise where the primal doesn't (the root at zero has no derivative), and a handler
around would take that for an exception of the program. So such tangents are computed under `np.errstate(all="ignore")`, and
are inf or nan, as NumPy says without handlers.
"""

from __future__ import annotations

import operator
from dataclasses import replace

import numpy as np

from ..analysis.raises import related
from ..defs.table import Def
from ..ir.ops import Apply, Block, Func, Guard, Op, Yield
from ..ir.types import ANY
from ..ir.values import Literal, Operand, Pack, Value
from ..ir.walk import results, values_in, walk
from .slots import table

ERRSTATE = table(np.errstate)
#: what never divides nor overflows but where the primal does
PLAIN = frozenset(map(table, (operator.neg, operator.pos)))


def sets_errors(func: Func) -> bool:
    """Whether a function says how floating-point errors are treated, for itself and what it calls."""
    return any(isinstance(o, Apply) and o.fn is ERRSTATE for o in walk(func.body))


def catches_errors(op: Guard, errors_set: bool) -> bool:
    """Whether the handlers of a `try` may catch what tangents raise: they name floating-point errors, or some function of the
    program says how such errors are treated."""
    caught = tuple(c for o in op.classes for c in _classes(o))
    if not related(caught, (FloatingPointError,)):
        return False
    return errors_set or any(issubclass(c, ArithmeticError) for c in caught)


def _classes(operand: Operand) -> list[type[BaseException]]:
    if isinstance(operand, Pack):
        return [c for o in operand.items for c in _classes(o)]
    value = operand.value if isinstance(operand, Literal) else None
    found = value if isinstance(value, tuple) else (value,)
    return [c if isinstance(c, type) else BaseException for c in found]


def quiet(ops: list[Op], primal: Op, dots: dict[Value, Operand]) -> list[Op]:
    """The ops of one op and its tangents, with the tangents under a context that ignores errors; `dots` take the results."""
    at = next((k for k, o in enumerate(ops) if o is primal), -1)
    tangents = ops[at + 1 :]
    if not any(isinstance(o, Apply) and isinstance(o.fn, Def) and _computes(o) for o in tangents):
        return ops
    made = {v for o in tangents for v in results(o)}
    handed = [v for v in dict.fromkeys(values_in(*(dots[r] for r in results(primal) if r in dots))) if v in made]
    fresh = {v: replace(v) for v in handed}
    dots.update((r, fresh[d]) for r in results(primal) if isinstance(d := dots.get(r), Value) and d in fresh)
    context, entered = Value(None, ANY, loc=primal.loc), Value(None, ANY, loc=primal.loc)
    enter = Apply(ERRSTATE, (), (("all", Literal("ignore")),), (context,), primal.loc)
    body = Block((entered,), (*tangents, Yield(tuple(handed), primal.loc)))
    return [*ops[: at + 1], enter, Guard(context, body, (), (), tuple(fresh.values()), (), primal.loc)]


def _computes(op: Apply) -> bool:
    fn = op.fn
    return isinstance(fn, Def) and fn.family in ("elementwise", "general", "select") and fn not in PLAIN
