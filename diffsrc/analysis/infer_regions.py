"""Regions: the walk over a block, `if`, loops, exits, iteration spaces."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from ..defs.dims import dim_of, plain
from ..defs.shapes import elements_of
from ..errors import DiffTypeError
from ..ir.ops import (
    Apply, Block, Break, Continue, Enumerate, For, If, Index, Load, Op, Raise, Range, Return, Reversed, Seq,
    Space, Store, Unreachable, View, While, Yield, Zip,
)  # fmt: skip
from ..ir.types import (
    ANY, BOTTOM, INT, AnyType, Array, Bottom, Dict, Scalar, StrType, Struct, Tuple, Type, kind_of, strip,
)  # fmt: skip
from ..ir.values import Literal, Operand, Value
from ..ir.walk import walk
from ..source import Loc
from .flows import loop_exits
from .infer_calls import apply
from .infer_index import load, store
from .items import Item, fold_merge, merge, parts_of, same_constant, truth
from .typer import LoopFrame, Parts, Typer, localized, refuse

MAX_VISITS = 20
WIDEN_AT = 6


def run(typer: Typer, block: Block) -> Parts | None:
    """Walk a block. Returns what its `yield` passes, or None when control leaves it otherwise."""
    for op in block.ops:
        if isinstance(op, Yield):
            return tuple(map(typer.get, op.values))
        if not _op(typer, op):
            return None
    return ()


def _op(typer: Typer, op: Op) -> bool:
    """Walk one op; False when control doesn't go on behind it."""
    match op:
        case Apply():
            apply(typer, op)
        case Load():
            load(typer, op)
        case Store():
            store(typer, op)
        case If():
            return _if(typer, op)
        case For():
            return _for(typer, op)
        case While():
            _while(typer, op)
        case View():
            raise AssertionError("a view before types are known")
        case _:
            _exit(typer, op)
            return False
    return True


def _exit(typer: Typer, op: Op) -> None:
    match op:
        case Return():
            typer.emit(Return(typer.operand(typer.get(op.value)), op.loc))
        case Raise():
            typer.emit(Raise(typer.operand(typer.get(op.value)), op.loc))
        case Continue():
            frame = typer.frames[-1]
            items = tuple(map(typer.get, op.values))
            frame.backs.append(list(map(typer.type_of, items)))
            typer.emit(Continue(_passed(typer, items, frame.carry), op.loc))
        case Break():
            frame = typer.frames[-1]
            items = tuple(map(typer.get, op.values))
            frame.outs.append(list(map(typer.type_of, items)))
            typer.emit(Break(_passed(typer, items, frame.results), op.loc))
        case Unreachable():
            typer.emit(Unreachable(op.loc))


def _passed(typer: Typer, items: Sequence[Item], kinds: Sequence[Type]) -> tuple[Operand, ...]:
    return tuple(o for item, kind in zip(items, kinds) for o in typer.flatten(item, kind))


# -- if


def _if(typer: Typer, op: If) -> bool:
    cond = typer.get(op.cond)
    known = truth(typer.type_of(cond))
    if known is not None:
        items = run(typer, op.then if known else op.other)
        if items is not None:
            typer.env.update(zip(op.results, items))
        return items is not None
    arms: list[tuple[list[Op], Parts | None]] = []
    for block in (op.then, op.other):
        with typer.builder.block() as ops:
            arms.append((ops, run(typer, block)))
    yields = [items for _, items in arms if items is not None]
    joined = _joined(typer, op.results, yields)
    then, other = (_arm(typer, ops, items, joined, op.loc) for ops, items in arms)
    results = tuple(v for i, kind in joined.items() for v in typer.define_parts(op.results[i], kind))
    typer.emit(If(typer.operand(cond), then, other, results, op.loc))
    if not yields:
        typer.emit(Unreachable(op.loc))
    return bool(yields)


def _joined(typer: Typer, results: Sequence[Value], yields: Sequence[Parts]) -> dict[int, Type]:
    """Types of the results of an `if` that need a value; the others stand for the one operand that all arms give."""
    out: dict[int, Type] = {}
    for i, old in enumerate(results if yields else ()):
        items = [y[i] for y in yields]
        same = same_constant(items) if len(items) > 1 else None
        if same is not None:
            typer.env[old] = same
        else:
            out[i] = typer.containers.grown(old, fold_merge([typer.type_of(item) for item in items]))
    return out


def _arm(typer: Typer, ops: list[Op], items: Parts | None, joined: dict[int, Type], loc: Loc) -> Block:
    """An arm with its `yield`; parts of composite values are loaded at its end."""
    if items is None:
        return Block((), tuple(ops))
    with typer.builder.block() as end:
        passed = _passed(typer, [items[i] for i in joined], list(joined.values()))
        typer.emit(Yield(passed, loc))
    return Block((), (*ops, *end))


# -- loops


def _for(typer: Typer, op: For) -> bool:
    steps = _steps(typer, op.space)
    if steps is not None:
        return _unroll(typer, op, steps)
    space, kinds = _space(typer, op.space, op.loc)
    count = len(kinds)

    def body() -> tuple[Value, ...]:
        return tuple(typer.define(p, t) for p, t in zip(op.body.params[:count], kinds))

    frame, blocks = _loop(typer, op, lambda frame: (_body(typer, op.body, frame, body(), count),))
    inits = _passed(typer, tuple(map(typer.get, op.inits)), frame.carry)
    results = _define(typer, op.results, frame.results)
    typer.emit(replace(op, space=space, inits=inits, body=blocks[0], orelse=blocks[1], results=results))
    return True


def _while(typer: Typer, op: While) -> None:
    def regions(frame: LoopFrame) -> tuple[Block, ...]:
        with typer.builder.block() as ops:
            params = _define(typer, op.cond.params, frame.carry)
            tests = run(typer, op.cond) or ()
            typer.emit(Yield(tuple(map(typer.operand, tests)), op.loc))
        return Block(params, tuple(ops)), _body(typer, op.body, frame, (), 0)

    frame, blocks = _loop(typer, op, regions)
    inits = _passed(typer, tuple(map(typer.get, op.inits)), frame.carry)
    results = _define(typer, op.results, frame.results)
    typer.emit(replace(op, inits=inits, cond=blocks[0], body=blocks[1], orelse=blocks[2], results=results))


def _define(typer: Typer, olds: Sequence[Value], kinds: Sequence[Type]) -> tuple[Value, ...]:
    return tuple(v for old, kind in zip(olds, kinds) for v in typer.define_parts(old, kind))


def _body(typer: Typer, block: Block, frame: LoopFrame, heads: tuple[Value, ...], count: int) -> Block:
    with typer.builder.block() as ops:
        params = _define(typer, block.params[count:], frame.carry)
        items = run(typer, block)
        if items is not None:
            frame.backs.append(list(map(typer.type_of, items)))
            typer.emit(Yield(_passed(typer, items, frame.carry), _end(block)))
    return Block((*heads, *params), tuple(ops))


def _orelse(typer: Typer, block: Block, frame: LoopFrame) -> Block:
    """The `else` of a loop stands outside of it: its exits are those of the loop around."""
    with typer.builder.block() as ops:
        params = _define(typer, block.params, frame.carry)
        items = run(typer, block)
        if items is not None:
            frame.outs.append(list(map(typer.type_of, items)))
            typer.emit(Yield(_passed(typer, items, frame.results), _end(block)))
    return Block(params, tuple(ops))


def _end(block: Block) -> Loc:
    return block.terminator.loc


def _loop(
    typer: Typer, op: For | While, regions: Callable[[LoopFrame], tuple[Block, ...]]
) -> tuple[LoopFrame, tuple[Block, ...]]:
    """Walk a loop until the types of what it carries and gives are stable."""
    carry = [typer.type_of(typer.get(i)) for i in op.inits]
    results: list[Type] = [BOTTOM] * len(op.results)
    if op in typer.memo:
        before, results = typer.memo[op]
        carry = list(map(merge, before, carry))
    own = (op.body, op.orelse, *((op.cond,) if isinstance(op, While) else ()))
    for visit in range(MAX_VISITS):
        frame = LoopFrame(carry, results)
        typer.frames.append(frame)
        made = regions(frame)
        typer.frames.pop()
        last = _orelse(typer, op.orelse, frame)
        symbols = typer.local_symbols(own)
        new_carry = _settle(carry, frame.backs, symbols, visit)
        new_results = _settle(results, frame.outs, symbols, visit)
        if new_carry == carry and new_results == results:
            typer.memo[op] = carry, results
            return frame, (*made, last)
        carry, results = new_carry, new_results
    raise DiffTypeError("the types of this loop don't settle", loc=op.loc)


def _settle(before: list[Type], seen: list[list[Type]], symbols: set[str], visit: int) -> list[Type]:
    """The types with those of one more walk joined in. What still grows late is Any."""
    out = []
    for i, old in enumerate(before):
        new = fold_merge([old, *(localized(each[i], symbols) for each in seen)])
        out.append(ANY if visit >= WIDEN_AT and new != old else new)
    return out


# -- iteration spaces


def _space(typer: Typer, space: Space, loc: Loc) -> tuple[Space, list[Type]]:
    """The typed space and the types of its leaves."""
    match space:
        case Range():
            items = [typer.get(o) for o in (space.start, space.stop, space.step)]
            for item in items:
                _check_int(typer.type_of(item), loc)
            return Range(*map(typer.operand, items)), [INT]
        case Seq():
            item = typer.get(space.value)
            return Seq(typer.operand(item)), [_element(typer, item, loc)]
        case Zip():
            parts = [_space(typer, s, loc) for s in space.items]
            return Zip(tuple(s for s, _ in parts)), [t for _, ts in parts for t in ts]
        case Enumerate():
            inner, kinds = _space(typer, space.item, loc)
            return Enumerate(inner, typer.operand(typer.get(space.start))), [INT, *kinds]
        case Reversed():
            inner, kinds = _space(typer, space.item, loc)
            return Reversed(inner), kinds


def _check_int(t: Type, loc: Loc) -> None:
    if isinstance(t, (AnyType, Bottom)):
        return
    if not isinstance(strip(t), Scalar) or kind_of(t) in ("float", "complex") or str(kind_of(t))[0] in "fc":
        raise DiffTypeError(f"range() over a value of type {t}", loc=loc)


def _element(typer: Typer, item: Item, loc: Loc) -> Type:
    t = strip(typer.type_of(item))
    if isinstance(t, (Dict, Struct)):
        raise refuse(f"iteration over {t}", loc, "iterate over a list or an array")
    if isinstance(t, Scalar):
        raise DiffTypeError(f"iteration over a number ({t})", loc=loc)
    if isinstance(t, StrType):
        return t
    try:
        return elements_of(t)
    except DiffTypeError as err:
        raise DiffTypeError(err.reason, loc=loc) from None


def _steps(typer: Typer, space: Space) -> list[Parts] | None:
    """The items of each iteration of a space over items of different types, which has to be unrolled; else None."""
    if not _must_unroll(typer, space):
        return None
    return _static(typer, space)


def _must_unroll(typer: Typer, space: Space) -> bool:
    match space:
        case Seq():
            item = typer.get(space.value)
            t = strip(typer.type_of(item))
            if isinstance(t, Dict):
                return not typer.containers.grows(space.value)
            if not isinstance(t, Tuple):
                return False
            kinds = [plain(i) for i in t.items]
            joined = fold_merge([BOTTOM, *map(strip, kinds)])
            return isinstance(joined, AnyType) or any(parts_of(k) is not None for k in kinds)
        case Zip():
            return any(_must_unroll(typer, s) for s in space.items)
        case Enumerate() | Reversed():
            return _must_unroll(typer, space.item)
    return False


def _static(typer: Typer, space: Space) -> list[Parts]:
    """The leaves of each iteration.

    Raises:
        UnsupportedError: the number of iterations isn't known.
    """
    match space:
        case Seq():
            return [(item,) for item in _sequence(typer, space.value)]
        case Range():
            known = [dim_of(typer.type_of(typer.get(o))) for o in (space.start, space.stop, space.step)]
            numbers = [k for k in known if isinstance(k, int)]
            if len(numbers) == 3:
                return [(Literal(i),) for i in range(*numbers)]
        case Zip():
            return [
                tuple(i for part in row for i in part)
                for row in zip(*(_static(typer, s) for s in space.items))
            ]
        case Enumerate():
            start = dim_of(typer.type_of(typer.get(space.start)))
            if isinstance(start, int):
                return [(Literal(start + i), *row) for i, row in enumerate(_static(typer, space.item))]
        case Reversed():
            return list(reversed(_static(typer, space.item)))
    raise refuse(
        "a loop over items of different types together with one whose length isn't known", typer.func.loc
    )


def _sequence(typer: Typer, operand: Operand) -> Sequence[Item]:
    item = typer.get(operand)
    t = strip(typer.type_of(item))
    if isinstance(t, Dict):
        return [Literal(k) for k, _ in t.items]
    if isinstance(t, Tuple):
        return typer.parts(item, t)
    if isinstance(t, Array) and t.dims and isinstance(t.dims[0], int):
        kind = elements_of(t)
        made: list[Item] = []
        for i in range(t.dims[0]):
            place = Index((Literal(i),))
            if isinstance(kind, Array):
                row = typer.value(kind, None, typer.func.loc)
                typer.emit(View(typer.operand(item), place, row, typer.func.loc))
                made.append(row)
            else:
                made.append(typer.emit_load(typer.operand(item), place, kind, typer.func.loc))
        return made
    raise refuse(f"a loop over items of different types together with {t}", typer.func.loc)


def _unroll(typer: Typer, op: For, steps: list[Parts]) -> bool:
    """A loop over items of different types: its body once for each of them."""
    if any(not isinstance(e, Yield) for e in loop_exits(op.body)):
        raise refuse("break or continue in a loop over items of different types", op.loc)
    carried: Parts = tuple(map(typer.get, op.inits))
    for step in steps:
        typer.forget([op.body])
        for inner in walk(op.body):
            typer.memo.pop(inner, None)
        typer.env.update(zip(op.body.params, (*step, *carried)))
        items = run(typer, op.body)
        if items is None:
            return False
        carried = items
    typer.env.update(zip(op.orelse.params, carried))
    results = run(typer, op.orelse)
    if results is not None:
        typer.env.update(zip(op.results, results))
    return results is not None
