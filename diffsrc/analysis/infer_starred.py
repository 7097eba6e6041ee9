"""`a, *rest, b = xs`: the elements at both ends by index, a list of the others.

Of a tuple the items are known. Of a list or array the length is checked first, as Python does.
"""

from __future__ import annotations

import operator
from collections.abc import Callable

from ..defs.structural import LIST, LIST_NEW
from ..defs.table import Def, lookup
from ..errors import DiffTypeError
from ..ir.ops import Apply, Block, FuncRef, If, Index, Load, Raise, Slice, Yield
from ..ir.types import ANY, BOOL, INT, Array, List, Tuple, strip
from ..ir.values import Literal, Value
from .items import Item
from .typer import Typer, refuse


def unpack_starred(typer: Typer, op: Apply, src: Item) -> None:
    """Bind the results of an `unpack` op with a star."""
    place = dict(op.kwargs)["star"]
    assert isinstance(place, Literal)
    assert isinstance(place.value, int)
    before, after = place.value, len(op.results) - 1 - place.value
    t = strip(typer.type_of(src))
    if isinstance(t, Tuple):
        _from_tuple(typer, op, src, t, before, after)
    elif isinstance(t, List) or (isinstance(t, Array) and t.dims):
        _check_length(typer, op, src, before + after)
        _from_sequence(typer, op, before, after)
    else:
        raise refuse(f"a starred target for a value of type {t}", op.loc, "use slices")


def _from_tuple(typer: Typer, op: Apply, src: Item, t: Tuple, before: int, after: int) -> None:
    from .infer_builtins import STRUCTURAL

    count = len(t.items)
    if count < before + after:
        raise DiffTypeError(f"at least {before + after} items are expected of a tuple of {count}", loc=op.loc)
    parts = typer.parts(src, t, op.loc)
    rest, end = op.results[before], count - after
    typer.env.update(zip((*op.results[:before], *op.results[before + 1 :]), (*parts[:before], *parts[end:])))
    row = LIST if parts[before:end] else LIST_NEW
    STRUCTURAL[row.name](typer, Apply(row, (), (), (rest,), op.loc), parts[before:end])


def _check_length(typer: Typer, op: Apply, src: Item, least: int) -> None:
    size = typer.emit_apply(_row(len), (typer.operand(src),), {}, INT, None, op.loc)
    short = typer.emit_apply(_row(operator.lt), (size, Literal(least)), {}, BOOL, None, op.loc)
    with typer.builder.block() as ops:
        message = Literal(f"not enough values to unpack (expected at least {least})")
        error = typer.emit_apply(FuncRef("ValueError", ValueError), (message,), {}, ANY, None, op.loc)
        typer.emit(Raise(error, op.loc))
    typer.emit(If(short, Block((), tuple(ops)), Block((), (Yield((), op.loc),)), (), op.loc))


def _from_sequence(typer: Typer, op: Apply, before: int, after: int) -> None:
    """Read like `xs[0]`, `list(xs[1:-1])`, `xs[-1]`."""
    from .infer_calls import apply
    from .infer_places import load

    src, none = op.args[0], Literal(None)
    for i, result in enumerate(op.results):
        if i == before:
            stop = Literal(-after) if after else none
            cut = Value(None, ANY, None, None, op.loc)
            load(typer, Load(src, Index((Slice(Literal(before), stop, none),)), cut, op.loc))
            if isinstance(strip(typer.type_of(typer.env[cut])), List):
                typer.env[result] = typer.env[cut]
            else:
                apply(typer, Apply(_row(list), (cut,), (), (result,), op.loc))
            continue
        at = i if i < before else i - len(op.results)
        load(typer, Load(src, Index((Literal(at),)), result, op.loc))


def _row(fn: Callable[..., object]) -> Def:
    d = lookup(fn)
    assert d is not None
    return d
