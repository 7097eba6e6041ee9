"""Structured traversal: sub-blocks, operands, results, uses; and one generic rebuild of an op."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from .ops import (
    Apply,
    Attr,
    Block,
    Break,
    Continue,
    Enumerate,
    For,
    Func,
    Guard,
    If,
    Index,
    Load,
    Op,
    Place,
    Raise,
    Range,
    Return,
    Reversed,
    Seq,
    Slice,
    Space,
    Store,
    View,
    While,
    Yield,
    Zip,
)  # fmt: skip
from .values import Operand, Pack, Value

MapOperand = Callable[[Operand], Operand]


def blocks(op: Op) -> tuple[Block, ...]:
    """The regions of an op, in the order of the text."""
    match op:
        case For():
            return (op.body, op.orelse)
        case While():
            return (op.cond, op.body, op.orelse)
        case If():
            return (op.then, op.other)
        case Guard():
            return (op.body, *op.handlers)
    return ()


def results(op: Op) -> tuple[Value, ...]:
    match op:
        case Apply() | For() | While() | If() | Guard():
            return op.results
        case Load() | View():
            return (op.result,)
    return ()


def leaves(space: Space) -> Iterator[Space | Operand]:
    """The leaves of an iteration space in parameter order: Range, Seq, or (for Enumerate's counter) its start operand."""
    match space:
        case Zip(items):
            for item in items:
                yield from leaves(item)
        case Enumerate(item, start):
            yield start
            yield from leaves(item)
        case Reversed(item):
            yield from leaves(item)
        case _:
            yield space


def space_operands(space: Space) -> tuple[Operand, ...]:
    match space:
        case Range(start, stop, step):
            return (start, stop, step)
        case Seq(value):
            return (value,)
        case Zip(items):
            return tuple(o for item in items for o in space_operands(item))
        case Enumerate(item, start):
            return (*space_operands(item), start)
        case Reversed(item):
            return space_operands(item)


def place_operands(place: Place) -> tuple[Operand, ...]:
    if isinstance(place, Attr):
        return ()
    out: list[Operand] = []
    for item in place.items:
        out += [item.lower, item.upper, item.step] if isinstance(item, Slice) else [item]
    return tuple(out)


def operands(op: Op) -> tuple[Operand, ...]:
    """The operands of the op itself, not those inside its regions. Packs are not opened: see `values_in`."""
    match op:
        case Apply():
            callee = (op.fn,) if isinstance(op.fn, Value) else ()
            return (*callee, *op.args, *(v for _, v in op.kwargs))
        case Load() | View():
            return (op.src, *place_operands(op.place))
        case Store():
            return (op.dst, *place_operands(op.place), op.value)
        case For():
            return (*space_operands(op.space), *op.inits)
        case While():
            return op.inits
        case If():
            return (op.cond,)
        case Guard():
            return (*(() if op.context is None else (op.context,)), *op.classes)
        case Yield() | Break() | Continue():
            return op.values
        case Return():
            return (op.value,)
        case Raise():
            return (op.value,) if op.cause is None else (op.value, op.cause)
    return ()


def values_in(*items: Operand) -> Iterator[Value]:
    """The SSA values among operands, packs opened."""
    for item in items:
        if isinstance(item, Value):
            yield item
        elif isinstance(item, Pack):
            yield from values_in(*item.items)


def used_values(op: Op) -> Iterator[Value]:
    return values_in(*operands(op))


def walk(block: Block) -> Iterator[Op]:
    """Every op of a block and of the regions inside it, outer before inner."""
    for op in block.ops:
        yield op
        for inner in blocks(op):
            yield from walk(inner)


def all_blocks(block: Block) -> Iterator[Block]:
    yield block
    for op in block.ops:
        for inner in blocks(op):
            yield from all_blocks(inner)


def defined(block: Block) -> Iterator[Value]:
    """Every value defined in a block or the regions inside it."""
    for inner in all_blocks(block):
        yield from inner.params
        for op in inner.ops:
            yield from results(op)


def free_values(block: Block) -> dict[Value, None]:
    """Values used in a block (regions included) but defined outside it, in order of first use."""
    own = set(defined(block))
    return {v: None for op in walk(block) for v in used_values(op) if v not in own}


def map_operand(operand: Operand, f: MapOperand) -> Operand:
    """Apply `f` to values and literals, inside packs too."""
    if isinstance(operand, Pack):
        return Pack(tuple(map_operand(o, f) for o in operand.items), operand.kind)
    return f(operand)


def map_space(space: Space, f: MapOperand) -> Space:
    match space:
        case Range(start, stop, step):
            return Range(map_operand(start, f), map_operand(stop, f), map_operand(step, f))
        case Seq(value):
            return Seq(map_operand(value, f))
        case Zip(items):
            return Zip(tuple(map_space(s, f) for s in items))
        case Enumerate(item, start):
            return Enumerate(map_space(item, f), map_operand(start, f))
        case Reversed(item):
            return Reversed(map_space(item, f))


def map_place(place: Place, f: MapOperand) -> Place:
    if isinstance(place, Attr):
        return place
    return Index(tuple(
        Slice(map_operand(i.lower, f), map_operand(i.upper, f), map_operand(i.step, f))
        if isinstance(i, Slice)
        else map_operand(i, f)
        for i in place.items
    ))  # fmt: skip


def map_operands(op: Op, f: MapOperand) -> Op:
    """The op with its own operands mapped; regions and results stay."""

    def each(items: tuple[Operand, ...]) -> tuple[Operand, ...]:
        return tuple(map_operand(o, f) for o in items)

    match op:
        case Apply():
            fn: Any = f(op.fn) if isinstance(op.fn, Value) else op.fn
            kwargs = tuple((k, map_operand(v, f)) for k, v in op.kwargs) if op.kwargs else ()
            return Apply(fn, each(op.args), kwargs, op.results, op.loc, op.method)  # `replace` is slow, and this is frequent
        case Load():
            return replace(op, src=map_operand(op.src, f), place=map_place(op.place, f))
        case View():
            place = map_place(op.place, f)
            assert isinstance(place, Index)
            return replace(op, src=map_operand(op.src, f), place=place)
        case Store():
            return replace(op, dst=map_operand(op.dst, f), place=map_place(op.place, f), value=map_operand(op.value, f))
        case For():
            return replace(op, space=map_space(op.space, f), inits=each(op.inits))
        case While():
            return replace(op, inits=each(op.inits))
        case If():
            return replace(op, cond=map_operand(op.cond, f))
        case Yield() | Break() | Continue():
            return replace(op, values=each(op.values))
        case Guard():
            context = None if op.context is None else map_operand(op.context, f)
            return replace(op, context=context, classes=each(op.classes))
        case Return():
            return replace(op, value=map_operand(op.value, f))
        case Raise():
            cause = None if op.cause is None else map_operand(op.cause, f)
            return replace(op, value=map_operand(op.value, f), cause=cause)
    return op


def with_blocks(op: Op, new: tuple[Block, ...]) -> Op:
    """The op with its regions replaced, in the order of `blocks`."""
    match op:
        case For():
            return replace(op, body=new[0], orelse=new[1])
        case While():
            return replace(op, cond=new[0], body=new[1], orelse=new[2])
        case If():
            return replace(op, then=new[0], other=new[1])
        case Guard():
            return replace(op, body=new[0], handlers=new[1:])
    return op


def with_results(op: Op, new: tuple[Value, ...]) -> Op:
    match op:
        case Apply() | For() | While() | If() | Guard():
            return replace(op, results=new)
        case Load() | View():
            return replace(op, result=new[0])
    return op


def completes(block: Block) -> bool:
    """Whether control can reach the end of the block normally."""
    return isinstance(block.terminator, Yield)


def completing(op: Op) -> list[Block]:
    """The regions of an `if` or guard whose `yield` gives the op's results."""
    return [b for b in blocks(op) if completes(b)]


def substitute(func: Func, mapping: dict[Value, Operand]) -> Func:
    """The function with uses of values replaced (chains are followed)."""

    def f(operand: Operand) -> Operand:
        while isinstance(operand, Value) and operand in mapping:
            operand = mapping[operand]
        return map_operand(operand, f) if isinstance(operand, Pack) else operand

    return replace(func, body=substitute_block(func.body, f))


def substitute_block(block: Block, f: MapOperand) -> Block:
    return Block(
        block.params,
        tuple(with_blocks(map_operands(op, f), tuple(substitute_block(b, f) for b in blocks(op))) for op in block.ops),
    )
