"""Calls of user functions through which no derivative passes: what is printed for them, where they are printed.

A module calls the user's own function where it can, and gets a function of its own where that takes or
returns closures (which are tuples in it), or must stand alone: see `codegen/namespace.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from ..ir.ops import Apply, Block, Func, FuncRef, Op
from ..ir.values import Literal, Operand, Pack
from ..ir.walk import blocks, with_blocks
from .handed import printed_without, unread_of


@dataclass(eq=False, slots=True)
class Plain:
    """An instance as it is printed; it may call itself."""

    name: str
    target: object
    as_written: bool
    func: Func


def link(funcs: list[Func], ready: Callable[[Func], Func]) -> list[Func]:
    """The functions with calls of instances as calls of what is printed for them, made by `ready`."""
    linker = _Linker(ready)
    return [linker.function(f) for f in funcs]


class _Linker:
    def __init__(self, ready: Callable[[Func], Func]) -> None:
        self.ready = ready
        self.known: dict[int, Plain] = {}

    def function(self, func: Func) -> Func:
        return replace(func, body=self.block(func.body))

    def block(self, block: Block) -> Block:
        return Block(block.params, tuple(map(self.op, block.ops)))

    def op(self, op: Op) -> Op:
        if isinstance(op, Apply) and any(isinstance(a, Pack) for a in (*op.args, *(v for _, v in op.kwargs))):
            args = tuple(map(self.display, op.args))
            op = replace(op, args=args, kwargs=tuple((k, self.display(v)) for k, v in op.kwargs))
        if isinstance(op, Apply) and isinstance(op.fn, FuncRef):
            func = getattr(op.fn.target, "func", None)
            if isinstance(func, Func):
                op = replace(op, fn=FuncRef(op.fn.name, self.plain(op.fn.target, func)))
            return op
        inner = blocks(op)
        return with_blocks(op, tuple(map(self.block, inner))) if inner else op

    def display(self, operand: Operand) -> Operand:
        """An operand with the functions in it."""
        if not isinstance(operand, Pack):
            return operand
        items = tuple(map(self.display, operand.items))
        if operand.kind == "function" and isinstance(items[0], Literal) and isinstance(ref := items[0].value, FuncRef):
            func = getattr(ref.target, "func", None)
            if isinstance(func, Func):
                gone = unread_of(ref.target)
                held = (item for i, item in enumerate(items[1:]) if i not in gone)
                items = (Literal(FuncRef(ref.name, self.plain(ref.target, func))), *held)
        return Pack(items, operand.kind)

    def plain(self, instance: Any, func: Func) -> Plain:
        if id(func) not in self.known:
            found = Plain(instance.name, instance.target, instance.as_written, func)
            self.known[id(func)] = found
            found.func = self.function(printed_without(self.ready(func), unread_of(instance)))
        return self.known[id(func)]
