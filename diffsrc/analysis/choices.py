"""Functions chosen while the program runs: `g = square if x > 0 else cube` and later `g(y)`.

Where known functions meet at a join, what is joined is which one it is, and what each captures:

    %g = if %c {                       %g = if %c {            %r = if eq(%g, 0) {
      yield $square                      yield 0                 %0 = call square(%y)
    } else {                   ->      } else {                  yield %0
      yield $cube                        yield 1               } else {
    }                                  }                         %1 = call cube(%y)
    %r = call %g(%y)                                             yield %1
                                                               }

Inside the program a chosen function is passed like this too; nothing else can take it.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from ..defs.structural import DICT
from ..defs.table import lookup
from ..errors import UnsupportedError
from ..ir.ops import Index, Op
from ..ir.types import BOOL, BOTTOM, INT, Bottom, FuncType, OneOf, Scalar, Table, Type, strip, unlit
from ..ir.values import UNDEF, Literal, Operand, Pack, Value, is_undef
from ..source import NOWHERE, Loc
from .items import Item, Record, fold_merge, leaves, merge, optional_type

if TYPE_CHECKING:
    from .typer import Parts, Typer

Arms = list[tuple[list[Op], "Parts | None"]]


def options_of(t: Type) -> tuple[FuncType, ...]:
    """The functions that a value of a type may be; none for what isn't a function, or may be a class."""
    if isinstance(t, OneOf):
        return t.options
    return (t,) if isinstance(t, FuncType) and not isinstance(t.target, type) else ()


def joined_type(types: Sequence[Type]) -> Type:
    """The type of a join: as `merge` has it, and of several functions which one it is."""
    bound = [t for t in types if not isinstance(t, Bottom)]
    groups = [options_of(t) for t in bound]
    if (optional := optional_type(bound)) is not None:
        return optional
    if not bound or not all(groups):
        return fold_merge([BOTTOM, *types])
    out: list[FuncType] = []
    for option in (o for group in groups for o in group):
        at = _position(out, option)
        if at is None:
            out.append(option)
            continue
        met = merge(out[at], option)
        assert isinstance(met, FuncType)
        out[at] = met
    return out[0] if len(out) == 1 else OneOf(tuple(out))


def _position(options: Sequence[FuncType], option: FuncType) -> int | None:
    return next((i for i, o in enumerate(options) if o.target is option.target), None)


def flatten_choice(typer: Typer, item: Item, kind: OneOf) -> list[Operand]:
    """The operands that a join of this type passes for a function: which one, and the captured values of each."""
    if is_undef(item):
        return [UNDEF] * sum(1 for _ in leaves(kind))
    own = options_of(typer.type_of(item))
    places = [_position(own, o) for o in kind.options]
    if any(_position(kind.options, o) is None for o in own) or not own:
        return [UNDEF] * sum(1 for _ in leaves(kind))  # a stale assumption: this pass is repeated
    chosen = typer.parts(item, typer.type_of(item)) if isinstance(typer.type_of(item), OneOf) else (Literal(0), item)
    out = [_renumbered(typer, chosen[0], [_position(kind.options, o) or 0 for o in own])]
    for option, at in zip(kind.options, places):
        out += _absent(option) if at is None else typer.flatten(chosen[at + 1], option)
    return out


def _absent(option: FuncType) -> list[Operand]:
    """What stands for the captured values of a function that it isn't."""
    return [Literal(0.0) if isinstance(strip(t), Scalar) else UNDEF for _, t in leaves(option)]


def picked(typer: Typer, items: Parts, place: Index, loc: Loc) -> Item:
    """One of several functions by its position, known when the program runs.

    Raises:
        UnsupportedError: two of them are one inner function with other captured values.
    """
    options, held, numbers = _numbered(typer, items, loc)
    which = typer.emit_load(Pack(tuple(numbers)), place, INT, loc)
    return Record(OneOf(tuple(options)), (which, *held))


def picked_by_key(typer: Typer, functions: Mapping[object, Item], key: Item, loc: Loc) -> Item:
    """One of the functions in a dict, by a key known when the program runs."""
    options, held, numbers = _numbered(typer, tuple(functions.values()), loc)
    pairs = tuple(Pack((Literal(k), n)) for k, n in zip(functions, numbers))
    table = typer.emit_apply(DICT, pairs, {}, Table(INT, unlit(typer.plain_type(key))), None, loc)
    which = typer.emit_load(table, Index((typer.operand(key),)), INT, loc)
    return Record(OneOf(tuple(options)), (which, *held))


def _numbered(typer: Typer, items: Parts, loc: Loc) -> tuple[list[FuncType], list[Item], list[Operand]]:
    """Different functions, and for each of the given the position of its like among them."""
    types = [typer.plain_type(i) for i in items]
    options: list[FuncType] = []
    held: list[Item] = []
    numbers: list[Operand] = []
    for item, t in zip(items, types):
        option = t if isinstance(t, FuncType) else None
        at = None if option is None else _position(options, option)
        if option is None or (at is not None and option.captures):
            raise UnsupportedError("functions that are picked by a number not known", loc=loc, hint="use `if` and `elif`")
        if at is None:
            at = len(options)
            options.append(option)
            held.append(item)
        numbers.append(Literal(at))
    return options, held, numbers


def check_passable(t: Type, loc: Loc) -> None:
    """Refuse to hand on a function some of whose captured values are bound only if it is that function.

    Raises:
        UnsupportedError: it is one of several, and one of them captures an array.
    """
    if isinstance(t, OneOf) and any(map(is_undef, (o for option in t.options for o in _absent(option)))):
        raise UnsupportedError(
            "a function chosen at run time that captures arrays is handed on", loc=loc,
            hint="call it here, or choose the captured values instead",
        )  # fmt: skip


def _renumbered(typer: Typer, which: Item, numbers: list[int]) -> Operand:
    """The number of a function among the options of another type."""
    if isinstance(which, Literal) and isinstance(which.value, int):
        return Literal(numbers[which.value])
    if numbers == list(range(len(numbers))):
        return typer.operand(which)
    result = Value(None)
    made = [partial(typer.env.__setitem__, result, Literal(n)) for n in numbers]
    _chain(typer, which, made, (result,), which.loc if isinstance(which, Value) else NOWHERE)
    return typer.operand(typer.env[result])


def call_choice(typer: Typer, parts: Parts, results: tuple[Value, ...], loc: Loc, call: Callable[[Item], None]) -> None:
    """Call whichever function it is; `call` makes the call of one of them."""
    _chain(typer, parts[0], [partial(call, option) for option in parts[1:]], results, loc)


def _chain(
    typer: Typer, which: Item, makers: Sequence[Callable[[], Any]], results: tuple[Value, ...], loc: Loc, first: int = 0
) -> None:
    """`if which == 0: ... elif which == 1: ... else: ...`, each arm entering items for the results."""
    from .infer_regions import join_arms

    if first == len(makers) - 1:
        makers[first]()
        return
    equal = lookup(operator.eq)
    assert equal is not None
    cond = typer.emit_apply(equal, (typer.operand(which), Literal(first)), {}, BOOL, None, loc)
    arms: Arms = []
    for make in (makers[first], lambda: _chain(typer, which, makers, results, loc, first + 1)):
        with typer.builder.block() as ops:
            make()
            arms.append((ops, tuple(typer.env[r] for r in results)))
    join_arms(typer, cond, arms, results, loc)
