"""Statements that the user put into the reverse sweep: `%x = insert_grad_of(%x, at_dx, *captures)`.

The op gives its argument back. Where it is reversed, the cotangent of `x` is final, and the function `at_dx` is called with
it: what it returns is the cotangent from there on.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ..defs.structural import INSERT
from ..ir.ops import WHOLE, Apply, Block, Func, FuncRef, Op, Return
from ..ir.types import Array, strip
from ..ir.values import Literal, Operand, Value
from ..ir.walk import blocks, substitute, walk, with_blocks
from .slots import Adj, adj_name, is_array
from .sweep import Sweep


def reverse_insert(s: Sweep, op: Apply) -> None:
    """Call the user's statements with the cotangent of the result."""
    x, out = op.args[0], op.results[0]
    given_function = op.args[1]
    assert isinstance(given_function, Literal) and isinstance(given_function.value, FuncRef)
    ref = given_function.value
    captures = tuple(s.content(a, op) if isinstance(strip(a.type), Array) else s.need(a) for a in op.args[2:])
    kept = _gives_back(ref)
    if s.shadowed(out):
        shadow = s.shadow(out)
        new = _call(s, ref, (*captures, shadow), out, op)
        if not kept:
            s.builder.store(shadow, WHOLE, new, loc=op.loc)
        return
    g = s.take(out)
    given = s.zero_of(out) if g is None else s.realise(g, out)
    if is_array(out) and _writes(s, ref) and not (g is not None and g.owned):
        given = s.copy(given, adj_name(out))
    new = _call(s, ref, (*captures, given), out, op)
    s.contribute(x, Adj(given if kept else new, owned=is_array(out) and not kept and _is_fresh(s, ref)))


def _call(s: Sweep, ref: FuncRef, args: tuple[Operand, ...], out: Value, op: Apply) -> Value:
    result = Value(None if _gives_back(ref) else adj_name(out), strip(out.type), loc=op.loc)
    s.builder.call(ref, args, (result,), loc=op.loc)
    return result


def _gives_back(ref: FuncRef) -> bool:
    """Whether the function returns the cotangent that it got."""
    func = _func(ref)
    last = func.body.terminator
    return isinstance(last, Return) and last.value is func.params[-1]


def _func(ref: FuncRef) -> Func:
    found: Any = ref.target
    assert isinstance(found.func, Func)
    return found.func


def _writes(s: Sweep, ref: FuncRef) -> bool:
    return len(_func(ref).params) - 1 in s.aliases.summary(ref).writes


def _is_fresh(s: Sweep, ref: FuncRef) -> bool:
    return not s.aliases.summary(ref).returns


def without_inserts(func: Func) -> Func:
    """The function as a plain call runs it: nothing is inserted anywhere."""
    found = {op.results[0]: op.args[0] for op in walk(func.body) if isinstance(op, Apply) and op.fn is INSERT}
    if not found:
        return func
    return replace(substitute(replace(func, body=_without(func.body)), dict(found)))


def _without(block: Block) -> Block:
    kept: list[Op] = [op for op in block.ops if not (isinstance(op, Apply) and op.fn is INSERT)]
    return Block(block.params, tuple(with_blocks(op, tuple(map(_without, blocks(op)))) if blocks(op) else op for op in kept))
