"""Elements of fresh zeros that are added to for the first time: plain stores.

    %dx = np.zeros_like(%x)                      %dx = np.zeros_like(%x)
    accum %dx[1] = %t                            store %dx[1] = %t
    accum %dx[0] = %u                =>          store %dx[0] = %u
    accum %dx[1] = %v                            accum %dx[1] = %v

Where all that was done to the zeros before is stores at other places; places are literals that don't count from the end.
"""

from __future__ import annotations

from dataclasses import replace

from ..ir.ops import Apply, Block, Func, Index, Op, Store
from ..ir.types import Array, strip
from ..ir.values import Literal, Value
from ..ir.walk import all_blocks, blocks, used_values, walk, with_blocks, with_body, with_ops

Element = tuple[int, ...]


def store_first(func: Func) -> Func:
    """The function with first accumulations as stores."""
    if not any(isinstance(op, Store) and op.add and _element(op) is not None for op in walk(func.body)):
        return func
    return with_body(func, _block(func.body))


def _block(block: Block) -> Block:
    ops: list[Op] = []
    fresh: dict[Value, set[Element]] = {}
    for op in block.ops:
        if fresh and (lost := _touched(op, fresh)):
            for v in lost:
                del fresh[v]
        if isinstance(op, Store) and isinstance(dst := op.dst, Value) and dst in fresh and (element := _element(op)) is not None:
            if op.add and element not in fresh[dst]:
                op = replace(op, add=False)
            fresh[dst].add(element)
        if isinstance(op, Apply) and op.fn.name in ("np.zeros_like", "np.zeros") and len(op.results) == 1:
            fresh[op.results[0]] = set()
        ops.append(with_blocks(op, tuple(map(_block, blocks(op)))))
    return with_ops(block, ops)


def _touched(op: Op, fresh: dict[Value, set[Element]]) -> list[Value]:
    """Those of the fresh zeros with which an op does anything but store an element."""
    inside = [i for b in blocks(op) for each in all_blocks(b) for i in each.ops]
    used = {v for i in (op, *inside) for v in used_values(i)}
    if isinstance(op, Store) and isinstance(op.dst, Value) and _element(op) is not None and op.value is not op.dst:
        used.discard(op.dst)
    return [v for v in fresh if v in used]


def _element(op: Store) -> Element | None:
    """The element that a store writes, if its place is one of literals."""
    kind = strip(op.dst.type)
    if not isinstance(op.place, Index) or not isinstance(kind, Array) or len(kind.dims) != len(op.place.items):
        return None
    found = tuple(i.value for i in op.place.items if isinstance(i, Literal) and type(i.value) is int and i.value >= 0)
    return found if found and len(found) == len(kind.dims) else None
