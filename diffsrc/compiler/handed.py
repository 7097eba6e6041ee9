"""Functions that are handed to functions which don't read them: types have resolved the calls of such a parameter.

    out, saved = jacobian_by_rows_fwd(f, x)      ->      out, saved = jacobian_by_rows_fwd(x)
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from ..ir.ops import Apply, Block, Func, FuncRef, Op
from ..ir.types import FuncType, strip
from ..ir.values import Literal, Pack
from ..ir.walk import blocks, operands, used_values, walk, with_blocks

Positions = frozenset[int]


def unread(func: Func) -> Positions:
    """Which parameters are functions that the body doesn't read."""
    functions = {p: i for i, p in enumerate(func.params) if isinstance(strip(p.type), FuncType)}
    read = {v for op in walk(func.body) for v in used_values(op)} if functions else set()
    return frozenset(i for p, i in functions.items() if p not in read)


def without_params(func: Func, positions: Positions) -> Func:
    return replace(func, params=tuple(p for i, p in enumerate(func.params) if i not in positions)) if positions else func


def without_args(op: Apply, positions: Positions) -> Apply:
    return replace(op, args=tuple(a for i, a in enumerate(op.args) if i not in positions)) if positions else op


def unread_of(instance: object) -> Positions:
    """Which parameters an instance loses where it is printed; what is called as the user wrote it keeps all."""
    func = getattr(instance, "func", None)
    return unread(func) if isinstance(func, Func) and not getattr(instance, "as_written", False) else frozenset()


def unread_in_call(op: Apply) -> Positions:
    return unread_of(op.fn.target) if isinstance(op.fn, FuncRef) else frozenset()


def without_functions(main: list[Func], others: list[Func]) -> tuple[list[Func], list[Func]]:
    """The functions of a module; `others` are called in it alone, and lose the parameters, but for those that functions
    call which stand in place, as arguments."""
    fixed = {name for f in (*main, *others) for name in _called_in_place(f)}
    while dropped := {f.name: positions for f in others if f.name not in fixed and (positions := unread(f))}:

        def left_out(op: Apply, dropped: dict[str, Positions] = dropped) -> Positions:
            derived = isinstance(op.fn, FuncRef) and op.fn.target is None
            return dropped.get(op.fn.name, frozenset()) if derived else frozenset()

        main = [_calling(f, left_out) for f in main]
        others = [_calling(without_params(f, dropped.get(f.name, frozenset())), left_out) for f in others]
    return [_calling(f, unread_in_call) for f in main], [_calling(f, unread_in_call) for f in others]


def _called_in_place(func: Func) -> Iterator[str]:
    """The names that functions call which stand in place of arguments."""
    waiting = [literal.value for op in walk(func.body) for o in operands(op) for literal in _literals(o)]
    while waiting:
        inner = waiting.pop()
        if not isinstance(inner, Func):
            continue
        for op in walk(inner.body):
            waiting += [literal.value for o in operands(op) for literal in _literals(o)]
            if isinstance(op, Apply) and isinstance(op.fn, FuncRef):
                yield op.fn.name


def _literals(operand: object) -> Iterator[Literal]:
    if isinstance(operand, Pack):
        for item in operand.items:
            yield from _literals(item)
    elif isinstance(operand, Literal):
        yield operand


def printed_without(func: Func, positions: Positions) -> Func:
    """What is printed for an instance: without its parameters at these positions."""
    return _calling(without_params(func, positions), unread_in_call)


def _calling(func: Func, left_out: Callable[[Apply], Positions]) -> Func:
    def block(b: Block) -> Block:
        return Block(b.params, tuple(map(op, b.ops)))

    def op(o: Op) -> Op:
        if blocks(o):
            return with_blocks(o, tuple(map(block, blocks(o))))
        return without_args(o, left_out(o)) if isinstance(o, Apply) else o

    return replace(func, body=block(func.body))
