"""Calls of user functions through which no derivative passes: the module gets those functions too.

They are printed from their typed form, so that a generated module stands alone and closures are tuples
everywhere in it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from ..ir.ops import Apply, Block, Func, FuncRef, Op
from ..ir.walk import blocks, with_blocks


def link(funcs: list[Func], ready: Callable[[Func], Func]) -> tuple[list[Func], list[Func]]:
    """The functions with calls of instances by name, and the functions that those names stand for."""
    linker = _Linker({f.name for f in funcs}, ready)
    done = [linker.function(f) for f in funcs]
    return done, linker.others


class _Linker:
    def __init__(self, taken: set[str], ready: Callable[[Func], Func]) -> None:
        self.taken, self.ready = taken, ready
        self.names: dict[int, str] = {}
        self.others: list[Func] = []

    def function(self, func: Func) -> Func:
        return replace(func, body=self.block(func.body))

    def block(self, block: Block) -> Block:
        return Block(block.params, tuple(map(self.op, block.ops)))

    def op(self, op: Op) -> Op:
        if isinstance(op, Apply) and isinstance(op.fn, FuncRef):
            func = getattr(op.fn.target, "func", None)
            return replace(op, fn=FuncRef(self.name(op.fn.target, func), None)) if isinstance(func, Func) else op
        inner = blocks(op)
        return with_blocks(op, tuple(map(self.block, inner))) if inner else op

    def name(self, instance: Any, func: Func) -> str:
        """The name of an instance in the module, which gets its function at the first call."""
        if id(func) not in self.names:
            name, n = str(instance.name), 0
            while name in self.taken:
                n += 1
                name = f"{instance.name}_{n}"
            self.taken.add(name)
            self.names[id(func)] = name
            self.others.append(self.function(replace(self.ready(func), name=name)))
        return self.names[id(func)]
