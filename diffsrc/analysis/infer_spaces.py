"""Iteration spaces: types of their leaves; loops over items of different types, which are unrolled."""

from __future__ import annotations

from collections.abc import Sequence

from ..defs.dims import dim_of, plain
from ..defs.frozen import frozen_from
from ..defs.shapes import elements_of
from ..defs.table import Def
from ..errors import DiffTypeError, UnsupportedError
from ..ir.ops import (
    Apply,
    Enumerate,
    For,
    Index,
    Load,
    Range,
    Reversed,
    Seq,
    Space,
    View,
    Zip,
)
from ..ir.types import (
    BOTTOM,
    INT,
    AnyType,
    Array,
    Bottom,
    Dict,
    Lit,
    Scalar,
    StrType,
    Struct,
    Table,
    Tuple,
    Type,
    holds_unknown,
    kind_of,
    strip,
    told_apart,
    unlit,
)
from ..ir.values import Literal, Operand, Value
from ..ir.walk import walk
from ..source import Loc
from .infer_dicts import listed_keys, made_table
from .infer_iterators import run_through
from .infer_texts import makes_text
from .items import Item, Stepper, are_texts, fold_merge, parts_of
from .typer import Parts, Typer, refuse


def space_types(typer: Typer, space: Space, loc: Loc) -> tuple[Space, list[Type]]:
    """The typed space and the types of its leaves."""
    match space:
        case Range():
            items = [typer.get(o) for o in (space.start, space.stop, space.step)]
            for item in items:
                _check_int(typer.type_of(item), loc)
            return Range(*map(typer.operand, items)), [INT]
        case Seq():
            item = typer.displayed(typer.get(space.value), loc)
            if isinstance(item, Stepper):
                taken, kind = run_through(typer, item, loc)
                return Seq(taken), [kind]
            if isinstance(t := strip(typer.type_of(item)), Table):
                return Seq(listed_keys(typer, item, t, loc)), [t.key]
            return Seq(typer.operand(item)), [_element(typer, item, loc)]
        case Zip():
            parts = [space_types(typer, s, loc) for s in space.items]
            return Zip(tuple(s for s, _ in parts)), [t for _, ts in parts for t in ts]
        case Enumerate():
            inner, kinds = space_types(typer, space.item, loc)
            return Enumerate(inner, typer.operand(typer.get(space.start))), [INT, *kinds]
        case Reversed():
            inner, kinds = space_types(typer, space.item, loc)
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


def steps(typer: Typer, space: Space, letters: bool = True) -> list[Parts] | None:
    """The items of each iteration of a space that has to be unrolled; else None. `letters`: those of texts, too."""
    if not _must_unroll(typer, space, letters):
        return None
    if letters and not _must_unroll(typer, space, False) and not _is_static(typer, space):
        return None
    return _static(typer, space)


def counted(typer: Typer, op: For) -> list[Parts] | None:
    """The iterations of a loop over a known range by whose numbers something is indexed, or a key is made; None for other
    loops."""
    space = op.space.item if isinstance(op.space, Reversed) else op.space
    if not isinstance(space, Range) or not _is_static(typer, op.space):
        return None
    numbers: set[Operand] = {op.body.params[0]}
    for each in walk(op.body):
        if isinstance(each, Apply) and isinstance(each.fn, Def) and each.fn.name in ("add", "sub", "mul", "mod", "neg"):
            numbers.update(each.results if numbers.intersection(each.args) else ())
        place = each.place if isinstance(each, Load) and typer.counted else None
        indexed = isinstance(place, Index) and numbers.intersection(i for i in place.items if isinstance(i, Value))
        if indexed or (typer.spelled and makes_text(each, numbers)):
            rounds = _static(typer, op.space)
            return rounds if len(rounds) <= MAX_ROUNDS else None
    return None


#: how long the ranges may be
MAX_ROUNDS = 64


def _is_static(typer: Typer, space: Space) -> bool:
    with typer.builder.block():
        try:
            _static(typer, space)
        except UnsupportedError:
            return False
    return True


#: loops over constant texts are unrolled up to this length: their letters may be keys
MAX_LETTERS = 16


def _text(typer: Typer, item: Item) -> object:
    known = typer.type_of(item)
    return known.value if isinstance(known, Lit) else None


def _must_unroll(typer: Typer, space: Space, letters: bool) -> bool:
    match space:
        case Seq():
            item = typer.get(space.value)
            t = strip(typer.type_of(item))
            if isinstance(t, Dict):
                if t.open:
                    made_table(typer, item, BOTTOM, typer.func.loc)
                return True
            if isinstance(text := _text(typer, item), str):
                return letters and len(text) <= MAX_LETTERS
            if not isinstance(t, Tuple):
                return False
            if any(isinstance(i, Lit) and frozen_from(i.value) is not None for i in t.items):
                return True  # which distribution it is, types say of a constant alone
            if t.listed and isinstance(item, Value):
                return letters
            if typer.spelled and letters and are_texts(t.items):
                return True
            kinds = [plain(i) for i in t.items]
            joined = fold_merge([BOTTOM, *map(unlit, kinds)])
            apart = told_apart(joined, kinds)
            return holds_unknown(joined) or (letters and (apart or any(parts_of(k) is not None for k in kinds)))
        case Zip():
            return any(_must_unroll(typer, s, letters) for s in space.items)
        case Enumerate() | Reversed():
            return _must_unroll(typer, space.item, letters)
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
            return [tuple(i for part in row for i in part) for row in zip(*(_static(typer, s) for s in space.items))]
        case Enumerate():
            start = dim_of(typer.type_of(typer.get(space.start)))
            if isinstance(start, int):
                return [(Literal(start + i), *row) for i, row in enumerate(_static(typer, space.item))]
        case Reversed():
            return list(reversed(_static(typer, space.item)))
    raise refuse("a loop over items of different types together with one whose length isn't known", typer.func.loc)


def _sequence(typer: Typer, operand: Operand) -> Sequence[Item]:
    item = typer.get(operand)
    t = strip(typer.type_of(item))
    if isinstance(t, Dict):
        return [Literal(k) for k, _ in t.items]
    if isinstance(t, Tuple):
        return typer.parts(item, t)
    if isinstance(text := _text(typer, item), str):
        return [Literal(letter) for letter in text]
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
