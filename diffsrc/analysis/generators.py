"""Calls of generator functions that aren't known when the program is lowered: methods, functions passed on, recursion.

Such a call gives the list of all that is yielded. That is what Python does if the list is read once, to its end, where it
is made, and neither side can see what the other does meanwhile: the generator and the loop over it write nothing but
their own variables.
"""

from __future__ import annotations

import builtins
import math
from collections.abc import Callable, Iterator
from typing import Any

from ..defs.operators import INPLACE
from ..defs.structural import LIST_APPEND
from ..defs.syntax import refusal
from ..defs.table import Def
from ..ir.ops import Apply, Block, Break, For, Func, FuncRef, Guard, Method, Op, Return, Seq, Store
from ..ir.values import Literal, Value
from ..ir.walk import blocks, leaves, used_values, walk
from ..source import Loc
from .flows import Flows, loop_exits

#: functions that read an iterator to its end and keep nothing of it
READERS = (sum, min, max, list, tuple, set, frozenset, sorted, any, all, math.fsum, math.prod)
#: methods that change nothing
READING = frozenset({
    "all", "any", "copy", "count", "dot", "get", "index", "item", "items", "keys", "max", "mean", "min", "prod", "std", "sum",
    "trace", "var", "values", "T",
})  # fmt: skip
Lowered = Callable[[object], Func]


def check_loop(func: Func, loop: For, generator: Func, lowered: Lowered, loc: Loc) -> None:
    """Refuse a loop over a generator where one over a list isn't the same.

    Raises:
        UnsupportedError: the loop ends early, or the two sides may see each other.
    """
    early = any(isinstance(e, Break) for e in loop_exits(loop.body))
    returns = any(isinstance(each, Return | Guard) for each in walk(loop.body))
    quiet = _is_quiet(generator, generator.body, lowered, {generator})
    if early or returns or not quiet or not _is_quiet(func, loop.body, lowered, {generator}):
        raise refusal("generator writes", loc, name=generator.name)


def check_read_at_once(func: Func, result: Value, generator: Func, lowered: Lowered, loc: Loc) -> None:
    """Refuse a call of a generator function in `func` where a list isn't the same.

    Raises:
        UnsupportedError: the result is kept, or the two sides may see each other.
    """
    uses = list(_uses(func.body, result))
    if len(uses) != 1:
        raise refusal("iterator value", loc)
    op, block = uses[0]
    if not any(result in getattr(each, "results", ()) for each in block.ops):
        raise refusal("iterator value", loc)  # read in a loop that the call stands outside of
    if not _is_quiet(generator, generator.body, lowered, {generator}):
        raise refusal("generator writes", loc, name=generator.name)
    if isinstance(op, Apply) and isinstance(op.fn, Def) and any(op.fn.fn is r for r in READERS):
        return
    if not isinstance(op, For) or not any(isinstance(s, Seq) and s.value is result for s in leaves(op.space)):
        raise refusal("iterator value", loc)
    check_loop(func, op, generator, lowered, loc)


def _uses(block: Block, value: Value) -> Iterator[tuple[Op, Block]]:
    for op in block.ops:
        if value in used_values(op):
            yield op, block
        for inner in blocks(op):
            yield from _uses(inner, value)


def _is_quiet(func: Func, block: Block, lowered: Lowered, seen: set[Func]) -> bool:
    """Whether ops write nothing that others can see."""
    flows, made = Flows(func), {r: op for op in walk(func.body) if isinstance(op, Apply) for r in op.results}
    return all(_op_is_quiet(op, flows, made, lowered, seen) for op in walk(block))


def _op_is_quiet(op: Op, flows: Flows, made: dict[Value, Apply], lowered: Lowered, seen: set[Func]) -> bool:
    if isinstance(op, Store | Guard):
        return False
    if not isinstance(op, Apply):
        return True
    fn: Any = op.fn
    if isinstance(fn, Method):
        return fn.name in READING or (fn.name in ("append", "extend") and _is_own(op.args[0], flows, made))
    if isinstance(fn, Def):
        if fn is LIST_APPEND or fn.name in INPLACE:
            return _is_own(op.args[0], flows, made)
        return not fn.effect and not fn.writes
    if not isinstance(fn, FuncRef):
        return False
    if isinstance(fn.target, type):
        return fn.target in vars(builtins).values()
    inner = fn.target if isinstance(fn.target, Func) else lowered(fn.target) if _has_code(fn.target) else None
    return inner is not None and (inner in seen or _is_quiet(inner, inner.body, lowered, seen | {inner}))


def _has_code(target: object) -> bool:
    return hasattr(target, "__code__")


def _is_own(operand: Any, flows: Flows, made: dict[Value, Apply]) -> bool:
    """Whether a number or array that is written in place is made by arithmetic or as a display, and so is nobody else's."""
    if not isinstance(operand, Value):
        return isinstance(operand, Literal)
    return all(_is_new(source, flows, made) for source in flows.reaching(operand))


def _is_new(source: Any, flows: Flows, made: dict[Value, Apply]) -> bool:
    if not isinstance(source, Value):
        return isinstance(source, Literal)
    op = made.get(source)
    if op is None:
        return source in flows.sources  # a join: what flows into it is looked at besides
    return isinstance(op.fn, Def) and (op.fn.alias == "fresh" or op.fn.name in INPLACE)
