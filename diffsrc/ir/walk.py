"""Structured traversal: sub-blocks, operands, results, uses; and one generic rebuild of an op."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Sequence
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
_WITH_REGIONS = (For, While, If, Guard)


def blocks(op: Op) -> tuple[Block, ...]:
    """The regions of an op, in the order of the text."""
    if not isinstance(op, _WITH_REGIONS):
        return ()
    match op:
        case For():
            return (op.body, op.orelse)
        case While():
            return (op.cond, op.body, op.orelse)
        case If():
            return (op.then, op.other)
        case Guard():
            return (op.body, *op.handlers)


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
            if not op.kwargs and not isinstance(op.fn, Value):
                return op.args
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
    stack = [iter(block.ops)]
    while stack:
        for op in stack[-1]:
            yield op
            if isinstance(op, _WITH_REGIONS):
                stack += [iter(inner.ops) for inner in reversed(blocks(op))]
                break
        else:
            stack.pop()


def all_blocks(block: Block) -> Iterator[Block]:
    stack = [block]
    while stack:
        inner = stack.pop()
        yield inner
        stack += reversed([b for op in inner.ops if isinstance(op, _WITH_REGIONS) for b in blocks(op)])


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
        items = _mapped(operand.items, f)
        return operand if items is operand.items else Pack(items, operand.kind)
    return f(operand)


def _mapped(items: tuple[Operand, ...], f: MapOperand) -> tuple[Operand, ...]:
    new = tuple([map_operand(o, f) for o in items])
    return items if _same(new, items) else new


def _same(new: Sequence[object], old: Sequence[object]) -> bool:
    """Whether two sequences hold the very same objects."""
    return len(new) == len(old) and all(map(operator.is_, new, old))


def map_space(space: Space, f: MapOperand) -> Space:
    match space:
        case Range(start, stop, step):
            ends = (start, stop, step)
            new = _mapped(ends, f)
            return space if new is ends else Range(*new)
        case Seq(value):
            mapped = map_operand(value, f)
            return space if mapped is value else Seq(mapped)
        case Zip(items):
            spaces = tuple(map_space(s, f) for s in items)
            return space if _same(spaces, items) else Zip(spaces)
        case Enumerate(item, start):
            inner, first = map_space(item, f), map_operand(start, f)
            return space if inner is item and first is start else Enumerate(inner, first)
        case Reversed(item):
            inner = map_space(item, f)
            return space if inner is item else Reversed(inner)


def map_place(place: Place, f: MapOperand) -> Place:
    return place if isinstance(place, Attr) else _map_index(place, f)


def _map_index(place: Index, f: MapOperand) -> Index:
    new = tuple([_map_slice(i, f) if isinstance(i, Slice) else map_operand(i, f) for i in place.items])
    return place if _same(new, place.items) else Index(new)


def _map_slice(item: Slice, f: MapOperand) -> Slice:
    ends = (item.lower, item.upper, item.step)
    new = _mapped(ends, f)
    return item if new is ends else Slice(*new)


def map_operands(op: Op, f: MapOperand) -> Op:
    """The op with its own operands mapped; regions and results stay. It is the op itself when none changes, which is
    frequent (and `replace` is slow)."""
    match op:
        case Apply():
            fn: Any = f(op.fn) if isinstance(op.fn, Value) else op.fn
            args, kwargs = _mapped(op.args, f), op.kwargs
            if kwargs:
                values = tuple([v for _, v in kwargs])
                new = _mapped(values, f)
                kwargs = kwargs if new is values else tuple([(k, v) for (k, _), v in zip(kwargs, new)])
            if fn is op.fn and args is op.args and kwargs is op.kwargs:
                return op
            return Apply(fn, args, kwargs, op.results, op.loc, op.method)
        case Load():
            src, place = map_operand(op.src, f), map_place(op.place, f)
            return op if src is op.src and place is op.place else Load(src, place, op.result, op.loc)
        case View():
            src, index = map_operand(op.src, f), _map_index(op.place, f)
            return op if src is op.src and index is op.place else View(src, index, op.result, op.loc)
        case Store():
            dst, place, value = map_operand(op.dst, f), map_place(op.place, f), map_operand(op.value, f)
            same = dst is op.dst and place is op.place and value is op.value
            return op if same else Store(dst, place, value, op.add, op.loc)
        case For():
            space, inits = map_space(op.space, f), _mapped(op.inits, f)
            return op if space is op.space and inits is op.inits else replace(op, space=space, inits=inits)
        case While():
            inits = _mapped(op.inits, f)
            return op if inits is op.inits else replace(op, inits=inits)
        case If():
            cond = map_operand(op.cond, f)
            return op if cond is op.cond else replace(op, cond=cond)
        case Yield() | Break() | Continue():
            passed = _mapped(op.values, f)
            return op if passed is op.values else type(op)(passed, op.loc)
        case Guard():
            context = None if op.context is None else map_operand(op.context, f)
            classes = _mapped(op.classes, f)
            same = context is op.context and classes is op.classes
            return op if same else replace(op, context=context, classes=classes)
        case Return():
            returned = map_operand(op.value, f)
            return op if returned is op.value else Return(returned, op.loc)
        case Raise():
            raised, cause = map_operand(op.value, f), None if op.cause is None else map_operand(op.cause, f)
            return op if raised is op.value and cause is op.cause else Raise(raised, op.loc, cause)
    return op


def with_blocks(op: Op, new: tuple[Block, ...]) -> Op:
    """The op with its regions replaced, in the order of `blocks`; itself when they are the same."""
    if not new or _same(new, blocks(op)):
        return op
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


def with_ops(block: Block, ops: Sequence[Op]) -> Block:
    """The block with other ops; itself when they are the same."""
    return block if _same(ops, block.ops) else Block(block.params, tuple(ops))


def with_body(func: Func, body: Block) -> Func:
    """The function with another body; itself when it is the same."""
    return func if body is func.body else replace(func, body=body)


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
    if not mapping:
        return func

    def f(operand: Operand) -> Operand:
        while isinstance(operand, Value) and operand in mapping:
            operand = mapping[operand]
        return map_operand(operand, f) if isinstance(operand, Pack) else operand

    return with_body(func, substitute_block(func.body, f))


def substitute_block(block: Block, f: MapOperand) -> Block:
    return with_ops(block, [
        with_blocks(map_operands(op, f), tuple([substitute_block(b, f) for b in blocks(op)])) for op in block.ops
    ])  # fmt: skip


def rename(func: Func, new: dict[Value, Value]) -> Func:
    """The function with values (definitions and uses) replaced; its ops are new ones."""

    def use(o: Operand) -> Operand:
        return new.get(o, o) if isinstance(o, Value) else o

    def block(b: Block) -> Block:
        ops = []
        for op in b.ops:
            op = with_blocks(map_operands(op, use), tuple(block(i) for i in blocks(op)))
            ops.append(with_results(op, tuple(new.get(r, r) for r in results(op))) if results(op) else replace(op))
        return Block(tuple(new.get(p, p) for p in b.params), tuple(ops))

    return replace(func, params=tuple(new.get(p, p) for p in func.params), body=block(func.body))
