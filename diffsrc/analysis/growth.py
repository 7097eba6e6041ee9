"""Containers that take values: their types grow, also when it is a callee that puts something in.

    history = []                       func record(%history, %v) { list_append(%history, %v) }
    def record(v):
        history.append(v)              the argument of type list[undef] has to be a list[float]:
    record(x)                          the callee refuses it with `Grows`, and the caller is walked again
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..defs.dims import map_dims, unknown
from ..errors import DiffTypeError
from ..ir.types import Bottom, Struct, Type
from ..ir.values import Operand, Value
from ..source import Loc
from .containers import accepts
from .items import Item, Record

if TYPE_CHECKING:
    from .typer import Parts, Typer


class Grows(DiffTypeError):  # noqa: N818  a request first
    """An argument can't hold what the function puts into it. `path`: which parameter, which part of that, and so on;
    `wide`: a container type that holds it."""

    path: tuple[int, ...] = ()
    wide: Type


class Again(Exception):  # noqa: N818  a request, not an error
    """A type used so far has changed: the function has to be walked again."""


def grow(typer: Typer, dst: Operand, slot: Type | None, held: Type, wide: Type, loc: Loc) -> None:
    """Let a container take a value: its type grows if all of it is known here."""
    if isinstance(held, Bottom):
        return
    if typer.containers.local(dst) and isinstance(dst, Value):
        typer.containers.put(dst, wide)
    elif slot is None or not accepts(slot, held):
        error = _refused(typer, typer.get(dst), wide, loc, f"a value of type {held} is put where the argument holds "
                         f"{slot or 'nothing'}")  # fmt: skip
        if not isinstance(slot, Bottom):
            raise error
        typer.missing = typer.missing or error  # unless a later walk finds what it holds


def _refused(typer: Typer, item: Item, wide: Type, loc: Loc, reason: str) -> DiffTypeError:
    """What the caller is told."""
    hint = "a function may not change the types inside its arguments"
    path = None if isinstance(wide, Struct) else _path(typer, item)
    if path is None:
        return DiffTypeError(reason, loc=loc, hint=hint)
    error = Grows(reason, loc=loc, hint=hint)
    error.path, error.wide = path, wide
    return error


def _path(typer: Typer, item: Item) -> tuple[int, ...] | None:
    """Where an item stands among the parameters."""
    for i, p in enumerate(typer.func.params):
        found = _inside(typer.env[p], item)
        if found is not None:
            return (i, *found)
    return None


def _inside(whole: Item, item: Item) -> tuple[int, ...] | None:
    if whole is item:
        return ()
    for i, part in enumerate(whole.items if isinstance(whole, Record) else ()):
        found = _inside(part, item)
        if found is not None:
            return (i, *found)
    return None


def grow_argument(typer: Typer, args: Parts, need: Grows) -> None:
    """Let an argument hold what the callee puts into it.

    Raises:
        Again: it will, in the next walk.
        DiffTypeError: it doesn't belong to this function.
    """
    at, *rest = need.path
    item = args[at]
    for i in rest:
        if not isinstance(item, Record):
            raise need
        item = item.items[i]
    wide = map_dims(need.wide, unknown)
    for old, known in typer.env.items():
        if known is item and typer.containers.local(old):
            typer.containers.put(old, wide)
            if not typer.containers.changed:
                raise need
            raise Again
    raise _refused(typer, item, wide, need.loc, need.reason)
