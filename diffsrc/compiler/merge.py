"""Callee derivatives that print alike are one function: instances for `float` and `f64` mostly have the same text."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from ..codegen.module import function_key
from ..codegen.namespace import Compared
from ..ir.ops import Apply, Block, For, Func, FuncRef, Op, While
from ..ir.walk import blocks, walk, with_blocks


def merge_alike(main: list[Func], others: list[Func]) -> tuple[list[Func], list[Func]]:
    """The functions with calls of equal callees made calls of the first of them, until nothing is equal any more."""
    while len(others) > 1:
        first: dict[object, str] = {}
        instead: dict[str, str] = {}
        outlines = Counter(map(_outline, others))
        among, compared = [*main, *others], Compared()
        for func in others:
            if outlines[_outline(func)] == 1:
                continue
            kept = first.setdefault(function_key(func, among, compared=compared), func.name)
            if kept != func.name:
                instead[func.name] = kept
        if not instead:
            break
        main = [_calling(f, instead) for f in main]
        others = [_calling(f, instead) for f in others if f.name not in instead]
    return main, others


def _outline(func: Func) -> tuple[int, ...]:
    """What functions that print alike have in common: the number of parameters and of loops."""
    return len(func.params), sum(isinstance(op, (For, While)) for op in walk(func.body))


def _calling(func: Func, instead: dict[str, str]) -> Func:
    def block(b: Block) -> Block:
        return Block(b.params, tuple(map(op, b.ops)))

    def op(o: Op) -> Op:
        if blocks(o):
            return with_blocks(o, tuple(map(block, blocks(o))))
        if isinstance(o, Apply) and isinstance(o.fn, FuncRef) and o.fn.target is None and o.fn.name in instead:
            return replace(o, fn=FuncRef(instead[o.fn.name], None))
        return o

    return replace(func, body=block(func.body))
