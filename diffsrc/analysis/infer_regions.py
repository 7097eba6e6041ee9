"""Regions: the walk over a block, `if`, loops, exits, iteration spaces."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import cast

from ..defs.dims import dim_of, holds
from ..defs.table import BY_NAME
from ..errors import DiffTypeError, UnsupportedError
from ..ir.ops import (
    Apply,
    Block,
    Break,
    Continue,
    For,
    Guard,
    If,
    Load,
    Op,
    Raise,
    Range,
    Return,
    Seq,
    Store,
    Unreachable,
    View,
    While,
    Yield,
)
from ..ir.types import (
    ANY,
    BOTTOM,
    Bottom,
    NoneType,
    Type,
    is_memory,
    strip,
)
from ..ir.values import Literal, Operand, Pack, Value, is_undef
from ..ir.walk import leaves, results, used_values, walk
from ..source import Loc
from .choices import Arms, check_passable, joined_type
from .dispatch import knowing, learn
from .flows import loop_exits
from .infer_builtins import truth_of
from .infer_calls import apply, apply_row
from .infer_dicts import one_dict
from .infer_guards import MAX_CUTS, Watch, caught_classes, check_bound, check_context, settled, unread
from .infer_places import load, store
from .infer_spaces import counted, space_types, steps
from .items import Item, assemble, is_closure, is_optional, merge, parts_of, same_constant, truth, with_parts
from .iterated import iterated
from .peeled import Clash, Peel, can_peel, clashes, never_run, peel
from .queues import items_of
from .typer import Facts, LoopFrame, Parts, Typer, localized, refuse
from .unrolled import Unrolled

MAX_VISITS = 20
WIDEN_AT = 6


def run(typer: Typer, block: Block) -> Parts | None:
    """Walk a block. Returns what its `yield` passes, or None when control leaves it otherwise."""
    for op in block.ops:
        if isinstance(op, Yield):
            return tuple(map(typer.get, op.values))
        before = len(typer.builder.ops)
        goes_on = _op(typer, op)
        for watch in typer.watches:
            watch.made.setdefault(op, []).extend(typer.builder.ops[before:])
        if not goes_on:
            return None
    return ()


def _op(typer: Typer, op: Op) -> bool:
    """Walk one op; False when control doesn't go on behind it."""
    match op:
        case Apply() | Load() | Store():
            _leaf(typer, op)
        case If():
            return _if(typer, op)
        case For():
            return _for(typer, op)
        case While():
            return _while(typer, op)
        case Guard():
            return _with(typer, op) if op.context is not None else _try(typer, op, 0)
        case View():
            raise AssertionError("a view before types are known")
        case _:
            _exit(typer, op)
            return False
    return True


def _may_be_more(typer: Typer, t: Type) -> bool:
    """Whether a later walk may know more of a value: nothing is known of it yet, or None is, in a loop that may change that."""
    return holds(t, Bottom) or (isinstance(t, NoneType) and bool(typer.frames))


def _leaf(typer: Typer, op: Apply | Load | Store) -> None:
    """Walk an op without regions. What can't be said of it on a walk that doesn't know all of an operand yet is asked again."""
    before = len(typer.builder.ops)
    try:
        match op:
            case Apply():
                apply(typer, op)
            case Load():
                load(typer, op)
            case Store():
                store(typer, op)
    except UnsupportedError as error:
        if not any(v in typer.env and _may_be_more(typer, typer.type_of(typer.env[v])) for v in used_values(op)):
            raise
        del typer.builder.ops[before:]
        typer.missing = typer.missing or error
        for r in results(op):
            typer.define(r, BOTTOM)


def _exit(typer: Typer, op: Op) -> None:
    match op:
        case Return():
            _return(typer, typer.get(op.value), op.loc)
        case Raise():
            cause = None if op.cause is None else typer.operand(typer.get(op.cause))
            typer.emit(Raise(typer.operand(typer.get(op.value)), op.loc, cause))
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


def _return(typer: Typer, item: Item, loc: Loc) -> None:
    """An inner function is returned as the tuple of its captured values."""
    t = typer.plain_type(item)
    if is_closure(t):
        t = with_parts(t, tuple(map(strip, parts_of(t) or ())))
    typer.returns.append(t)
    if is_optional(typer.result or t):  # as it is found, the function is walked again
        typer.emit(Return(Pack(tuple(typer.flatten(item, typer.result or t))), loc))
        return
    if typer.result is not None:  # one of several functions: which one it is
        item, t = assemble(typer.result, iter(cast("list[Value]", typer.flatten(item, typer.result)))), typer.result
    if not is_closure(t):
        typer.emit(Return(typer.operand(item), loc))
        return
    check_passable(t, loc)
    typer.emit(Return(Pack(tuple(map(typer.operand, typer.parts(item, t, loc)))), loc))


def _passed(typer: Typer, items: Sequence[Item], kinds: Sequence[Type]) -> tuple[Operand, ...]:
    return tuple(o for item, kind in zip(items, kinds) for o in typer.flatten(item, kind))


# -- if


def _if(typer: Typer, op: If) -> bool:
    cond = items_of(typer, typer.get(op.cond), op.loc)
    known = truth(typer.type_of(cond))
    if known is not None:
        items = run(typer, op.then if known else op.other)
        if items is not None:
            typer.env.update(zip(op.results, items))
        return items is not None
    arms: Arms = []
    facts = typer.tests.get(op.cond, ((), ())) if isinstance(op.cond, Value) else ((), ())
    for block, known_there in zip((op.then, op.other), facts):
        with typer.builder.block() as ops, knowing(typer, known_there):
            arms.append((ops, run(typer, block)))
    goes_on = join_arms(typer, cond, arms, op.results, op.loc)
    for (_, items), otherwise in zip(arms, facts[::-1]):
        if items is None and goes_on:
            learn(typer, otherwise)
    _shown(typer, op, facts)
    return goes_on


def _shown(typer: Typer, op: If, facts: tuple[Facts, Facts]) -> None:
    """What the result of `a and b`, `a or b` says when it is true, and when it is false."""
    ends = [b.terminator for b in (op.then, op.other)]
    if len(op.results) != 1 or not all(isinstance(e, Yield) for e in ends):
        return
    one, two = (e.values[0] for e in ends if isinstance(e, Yield))
    if (isinstance(two, Literal) and two.value is False) or two is op.cond:
        typer.tests[op.results[0]] = ((*facts[0], *_facts(typer, one)[0]), ())
    elif one is op.cond:
        typer.tests[op.results[0]] = ((), (*facts[1], *_facts(typer, two)[1]))


def _facts(typer: Typer, test: Operand) -> tuple[Facts, Facts]:
    return typer.tests.get(test, ((), ())) if isinstance(test, Value) else ((), ())


def join_arms(typer: Typer, cond: Item, arms: Arms, results: Sequence[Value], loc: Loc) -> bool:
    """The `if` of two arms that were walked; what each passes for the results."""
    asked = _asked(typer, cond, loc)
    (then, other), made, goes_on = joined_blocks(typer, arms, results, loc)
    typer.emit(If(asked, then, other, made, loc))
    if not goes_on:
        typer.emit(Unreachable(loc))
    return goes_on


def _asked(typer: Typer, cond: Item, loc: Loc) -> Operand:
    """The operand of a condition. What can be written is asked now: later it may be empty."""
    if (there := truth_of(typer, cond, loc)) is not None:
        return typer.operand(there)
    operand = typer.operand(items_of(typer, cond, loc))
    if not is_memory(operand.type):
        return operand
    answer = Value(None, loc=loc)
    apply_row(typer, BY_NAME["bool"], (operand,), {}, (answer,), loc)
    return typer.operand(typer.get(answer))


def joined_blocks(
    typer: Typer, arms: Arms, results: Sequence[Value], loc: Loc
) -> tuple[list[Block], tuple[Value, ...], bool]:
    """Regions of which one runs, after they were walked: their blocks, the results, and whether any completes."""
    yields = [items for _, items in arms if items is not None]
    joined = _joined(typer, results, yields)
    blocks = [_arm(typer, ops, items, joined, loc) for ops, items in arms]
    made = tuple(v for i, kind in joined.items() for v in typer.define_parts(results[i], kind))
    return blocks, made, bool(yields)


def _joined(typer: Typer, results: Sequence[Value], yields: Sequence[Parts]) -> dict[int, Type]:
    """Types of the results of an `if` that need a value; the others are the operand that all arms give."""
    out: dict[int, Type] = {}
    for i, old in enumerate(results if yields else ()):
        items = [y[i] for y in yields]
        one_dict(typer, old, tuple(items))
        same = same_constant(items) if len(items) > 1 else None
        if same is not None:
            typer.env[old] = same
        else:
            out[i] = typer.containers.grown(old, joined_type([typer.type_of(item) for item in items]))
    return out


def _arm(typer: Typer, ops: list[Op], items: Parts | None, joined: dict[int, Type], loc: Loc) -> Block:
    """An arm with its `yield`; parts of composite values are loaded at its end."""
    if items is None:
        return Block((), tuple(ops))
    with typer.builder.block() as end:
        passed = _passed(typer, [items[i] for i in joined], list(joined.values()))
        typer.emit(Yield(passed, loc))
    return Block((), (*ops, *end))


# -- guards


def _with(typer: Typer, op: Guard) -> bool:
    assert op.context is not None
    check_context(typer, op)
    context = typer.operand(typer.get(op.context))
    with typer.builder.block() as ops:
        entered = typer.define(op.body.params[0], ANY)
        items = run(typer, op.body)
    (body,), made, goes_on = joined_blocks(typer, [(ops, items)], op.results, op.loc)
    body = replace(body, params=(entered,))
    typer.emit(replace(op, context=context, body=body, results=made))
    if not goes_on:
        typer.emit(Unreachable(op.loc))
    return goes_on


def _try(typer: Typer, op: Guard, cuts: int) -> bool:
    """Walk the body, decide what the handlers see, walk the handlers."""
    caught = caught_classes(typer, op)
    watch = Watch()
    typer.watches.append(watch)
    with typer.builder.block() as ops:
        items = run(typer, op.body)
    typer.watches.pop()
    seen = settled(typer, op, watch, caught) if op.shared else {}
    if isinstance(seen, list):
        if cuts > MAX_CUTS:
            raise refuse("the variables that this `except` reads change too often in the `try`", op.loc)
        return _parts(typer, seen, cuts + 1)
    arms: Arms = [(ops, items)]
    params: list[tuple[Value, ...]] = [()]
    for block in unread(op, seen).handlers:
        with typer.builder.block() as handled:
            error = typer.define(block.params[0], ANY)
            for n, p in zip(op.shared, block.params[1:]):
                if n in seen:
                    typer.env[p] = typer.get(seen[n])
                    if is_undef(typer.env[p]):
                        check_bound(block, n, p)
            arms.append((handled, run(typer, block)))
            params.append((error,))
    made_blocks, made, goes_on = joined_blocks(typer, arms, op.results, op.loc)
    body, *handlers = (replace(b, params=p) for b, p in zip(made_blocks, params))
    classes = tuple(typer.operand(typer.get(c)) for c in op.classes)
    typer.emit(replace(op, body=body, classes=classes, handlers=tuple(handlers), results=made, shared=()))
    if not goes_on:
        typer.emit(Unreachable(op.loc))
    return goes_on


def _parts(typer: Typer, ops: list[Op], cuts: int) -> bool:
    """The ops that stand for a `try` that was cut."""
    for op in ops:
        goes_on = _try(typer, op, cuts) if isinstance(op, Guard) else _op(typer, op)
        if not goes_on:
            return False
    return True


# -- loops


def _only_compared(op: For) -> bool:
    """Whether nothing is done with the items of a loop over texts but to compare them."""
    items = {p for leaf, p in zip(leaves(op.space), op.body.params) if isinstance(leaf, Seq)}
    users = [o for o in walk(op.body) if items.intersection(used_values(o))]
    return bool(users) and all(isinstance(o, Apply) and getattr(o.fn, "name", "") in _COMPARES for o in users)


_COMPARES = frozenset({"eq", "ne", "lt", "le", "gt", "ge", "contains"})


def _for(typer: Typer, op: For) -> bool:
    goes_on = _walked(typer, op)
    typer.fills.end(typer, op)
    return goes_on


def _walked(typer: Typer, op: For) -> bool:
    op = iterated(typer, op)
    exits = any(isinstance(e, Break | Continue) for e in loop_exits(op.body))
    unrolled = steps(typer, op.space, letters=not exits and not _only_compared(op))
    if unrolled is None and (typer.counted or typer.spelled) and not exits:
        unrolled = counted(typer, op)
    if unrolled is not None:
        return Unrolled(typer, op, unrolled, _op, join_arms).run()
    space, kinds = space_types(typer, op.space, op.loc)
    count = len(kinds)
    if any(isinstance(k, Bottom) for k in kinds):
        return Unrolled(typer, op, [], _op, join_arms).run()  # over an empty display: it never runs
    if typer.peels.get(op) is not None:
        return _peeled(typer, op)

    def body() -> tuple[Value, ...]:
        heads = tuple(typer.define(p, t) for p, t in zip(op.body.params[:count], kinds))
        typer.rows.update((h, leaf.value) for h, leaf in zip(heads, leaves(space)) if isinstance(leaf, Seq))
        return heads

    before = len(typer.builder.ops)
    try:
        frame, blocks = _loop(typer, op, lambda frame: (_body(typer, op.body, frame, body(), count),))
    except Clash:
        del typer.builder.ops[before:]
        return _peeled(typer, op)
    inits = _passed(typer, tuple(map(typer.get, op.inits)), frame.carry)
    results = _define(typer, op.results, frame.results)
    typer.emit(replace(op, space=space, inits=inits, body=blocks[0], orelse=blocks[1], results=results))
    return True


def _while(typer: Typer, op: While) -> bool:
    def regions(frame: LoopFrame) -> tuple[Block, ...]:
        with typer.builder.block() as ops:
            params = _define(typer, op.cond.params, frame.carry)
            tests = run(typer, op.cond) or ()
            typer.emit(Yield(tuple(_asked(typer, test, op.loc) for test in tests), op.loc))
        return Block(params, tuple(ops)), _body(typer, op.body, frame, (), 0)

    if typer.peels.get(op) is not None:
        return _peeled(typer, op)
    try:
        frame, blocks = _loop(typer, op, regions)
    except Clash:
        return _peeled(typer, op)
    inits = _passed(typer, tuple(map(typer.get, op.inits)), frame.carry)
    results = _define(typer, op.results, frame.results)
    typer.emit(replace(op, inits=inits, cond=blocks[0], body=blocks[1], orelse=blocks[2], results=results))
    return True


def _peeled(typer: Typer, op: For | While) -> bool:
    """A loop with its first iteration in front (`peeled.py`)."""
    known = typer.peels.setdefault(op, peel(op))
    assert known is not None
    assert known.rest is not None
    typer.peels[known.rest] = None
    runs = _runs(typer, op, known)
    sure = truth(typer.type_of(runs))
    if sure is not None:
        items = _first_and_rest(typer, op, known) if sure else Unrolled(typer, op, [], _op, join_arms).given()
        typer.env.update(zip(op.results, items or ()))
        return items is not None
    with typer.builder.block() as ops:
        ran = _first_and_rest(typer, op, known)
    with typer.builder.block() as others:
        stayed = Unrolled(typer, op, [], _op, join_arms).given()
        types = [[typer.type_of(i) for i in items] for items in (ran, stayed) if items is not None]
        joined = [joined_type(list(pair)) for pair in zip(*types)]
        if clashes(types[0], types[1:], joined):
            never_run(typer, op.loc)
            stayed = None
    return join_arms(typer, runs, [(ops, ran), (others, stayed)], op.results, op.loc)


def _runs(typer: Typer, op: For | While, known: Peel) -> Item:
    """Whether a loop has a first iteration."""
    if isinstance(op, While):
        typer.env.update(zip(op.cond.params, map(typer.get, op.inits)))
        return (run(typer, op.cond) or ())[0]
    for each in known.head:
        _op(typer, each)
    if isinstance(op.space, Range):
        numbers = [dim_of(typer.type_of(typer.get(o))) for o in (op.space.start, op.space.stop, op.space.step)]
        if all(isinstance(n, int) for n in numbers):
            return Literal(bool(range(*cast("list[int]", numbers))))
    return typer.get(known.runs)


def _first_and_rest(typer: Typer, op: For | While, known: Peel) -> Parts | None:
    """What a loop that runs gives."""
    rest = known.rest
    assert rest is not None
    for each in known.reads:
        _op(typer, each)

    def others(carried: Parts) -> Parts | None:
        first.forget(op.body)
        typer.env.update(zip(known.carried, carried))
        return tuple(map(typer.get, rest.results)) if _op(typer, rest) else None

    first = Unrolled(typer, op, [tuple(map(typer.get, known.items))], _op, join_arms, others)
    return first.given()


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
    missing = typer.missing
    for visit in range(MAX_VISITS):
        typer.missing = missing  # what the last visit lacked may be known now
        frame = LoopFrame(carry, results)
        typer.frames.append(frame)
        made = regions(frame)
        typer.frames.pop()
        last = _orelse(typer, op.orelse, frame)
        symbols = typer.local_symbols(own)
        new_carry = _settle(carry, frame.backs, symbols, visit)
        new_results = _settle(results, frame.outs, symbols, visit)
        if op not in typer.peels and can_peel(typer, op) and clashes(carry, frame.backs, new_carry):
            raise Clash
        if new_carry == carry and new_results == results:
            typer.memo[op] = carry, results
            return frame, (*made, last)
        carry, results = new_carry, new_results
    raise DiffTypeError("the types of this loop don't settle", loc=op.loc)


def _settle(before: list[Type], seen: list[list[Type]], symbols: set[str], visit: int) -> list[Type]:
    """The types with those of one more walk joined in. What still grows late is Any."""
    out = []
    for i, old in enumerate(before):
        new = joined_type([old, *(localized(each[i], symbols) for each in seen)])
        out.append(ANY if visit >= WIDEN_AT and new != old else new)
    return out
