"""Containers that take values: their types grow, also when it is a callee that puts something in.

    history = []                       func record(%history, %v) { list_append(%history, %v) }
    def record(v):
        history.append(v)              the argument of type list[undef] has to be a list[float]:
    record(x)                          the callee refuses it with `Grows`, and the caller is walked again

What stands inside another container (`self.items.append(v)`, `rows[-1].append(v)`) grows with that: the type of the
outermost is made to hold it, and what was put into it is made to be of that type (`hold`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..defs.dims import kept
from ..errors import DiffTypeError
from ..ir.ops import Attr, Index
from ..ir.types import BOTTOM, Bottom, Dict, List, Lit, SetOf, Struct, Table, Tuple, Type, Union, strip, there
from ..ir.values import Literal, Operand, Value
from ..source import Loc
from .containers import accepts, merged
from .items import Item, Record, names_of

if TYPE_CHECKING:
    from .typer import Parts, Typer


class Grows(DiffTypeError):  # noqa: N818  a request first
    """An argument can't hold what the function puts into it. `path`: which parameter, which part of that, and so on;
    `wide`: a container type that holds it."""

    path: tuple[int, ...] = ()
    wide: Type


#: why a dict has to be a table, where it is only read
READ_BY_KEY = "a dict is read at keys that aren't known at compile time"


class Again(Exception):  # noqa: N818  a request, not an error
    """A type used so far has changed: the function has to be walked again."""


def grow(typer: Typer, dst: Operand, slot: Type | None, held: Type, wide: Type, loc: Loc) -> None:
    """Let a container take a value: its type grows if all of it is known here."""
    if isinstance(held, Bottom):
        return
    if typer.containers.local(dst) and isinstance(dst, Value):
        typer.containers.put(dst, wide)
    elif slot is None or not accepts(slot, held):
        reason = f"a value of type {held} is put where the argument holds {slot or 'nothing'}"
        widen(typer, typer.get(dst), wide, loc, reason, isinstance(slot, Bottom))


def hold(typer: Typer, item: Item, slot: Type | None, loc: Loc) -> None:
    """Let a container that was put into another be of the type that this holds by now."""
    own, slot = strip(typer.plain_type(item)), there(slot) if slot is not None else None
    if isinstance(item, Record) and slot is not None:
        for part, kind in _parts(item, slot):
            hold(typer, part, kind, loc)
        return
    if isinstance(slot, Union) and isinstance(own, Struct):
        slot = next((k for k in slot.structs if k.cls is own.cls), None)
    if slot is None or not isinstance(own, (List, Dict, Struct, SetOf)):
        return
    if type(own) is not type(slot) and not (isinstance(own, Dict) and isinstance(slot, Table)):
        return
    wide = kept(slot)
    if kept(merged(own, wide)) != kept(own):
        widen(typer, item, wide, loc, f"a value of type {own} is put where {slot} is held", later=True)


def widen(typer: Typer, item: Item, wide: Type, loc: Loc, reason: str, later: bool = False) -> None:
    """Make a container hold more: where it is made, or through what holds it, or by the caller.

    Raises:
        Again: it will, in the next walk.
        Grows: it belongs to the caller.
        DiffTypeError: it doesn't belong to this function. (`later`: unless a later walk finds what it holds.)
    """
    if isinstance(item, Record):
        for part, kind in _parts(item, wide):
            if _takes(typer, part, kind):
                widen(typer, part, kind, loc, reason, later)
        return
    while True:
        while isinstance(item, Value) and item in typer.narrowed:
            item = typer.narrowed[item]
        if (old := _made_here(typer, item)) is not None:
            if _put(typer, old, wide):
                raise Again
            return
        path = _path(typer, item)
        if path is not None and len(path) == 1:
            typer.demands.setdefault(path[0], (reason, loc))
            if _put(typer, typer.func.params[path[0]], wide):
                raise Again
            return
        if path is not None:
            error = Grows(reason, loc=loc, hint="a function may not change the types inside its arguments")
            error.path, error.wide = path, wide
            raise error
        found = _held_in(typer, item)
        if found is None:
            break
        outer = typer.reread(found[0])
        around = _around(typer, strip(typer.plain_type(outer)), found[1], wide)
        if around is None:
            break
        item, wide = outer, around
    refused = DiffTypeError(reason, loc=loc, hint="a function may not change the types inside its arguments")
    if not later:
        raise refused
    typer.missing = typer.missing or refused


def _parts(item: Record, whole: Type) -> list[tuple[Item, Type]]:
    """The parts of a tuple or frozen instance, each with what the type of another says of it."""
    if isinstance(whole, Tuple) and len(whole.items) == len(item.items):
        return list(zip(item.items, whole.items))
    known = dict(whole.fields) if isinstance(whole, Struct) else {}
    names = names_of(item.kind) if known else ()
    return [(part, known[name]) for name, part in zip(names, item.items) if name in known]


def _takes(typer: Typer, item: Item, wide: Type) -> bool:
    """Whether a type says more of a container than is known so far."""
    if not isinstance(there(wide), (List, Dict, Struct, Tuple, SetOf)):
        return False
    own = strip(typer.plain_type(item))
    return kept(merged(own, there(wide))) != kept(own)


def _put(typer: Typer, old: Value, wide: Type) -> bool:
    """Enter what a container holds; whether that was new."""
    before, typer.containers.changed = typer.containers.changed, False
    typer.containers.put(old, wide)
    new, typer.containers.changed = typer.containers.changed, before or typer.containers.changed
    return new


def check_parameters(typer: Typer) -> None:
    """Tell the caller what its arguments have to hold.

    Raises:
        Grows: more than they do.
    """
    for at, (reason, loc) in typer.demands.items():
        error = Grows(reason, loc=loc, hint="a function may not change the types inside its arguments")
        error.path, error.wide = (at,), typer.containers.content[typer.containers.root(typer.func.params[at])]
        raise error


def _made_here(typer: Typer, item: Item) -> Value | None:
    """The lowered value of a container all of which is made in this function."""
    return next((old for old, known in typer.env.items() if known is item and typer.containers.local(old)), None)


def _held_in(typer: Typer, item: Item) -> tuple[Operand, Attr | Index] | None:
    """The container from which an item was read, and the place."""
    if not isinstance(item, Value):
        return None
    if item in typer.rows:
        return typer.rows[item], Index((Literal(0),))
    found = typer.views.get(item)
    return None if found is None else (found[0], found[1])


def _around(typer: Typer, outer: Type, place: Attr | Index, wide: Type) -> Type | None:
    """The type of a container that holds `wide` at a place."""
    if isinstance(outer, Table):
        return Table(wide, outer.key, outer.factory)
    if isinstance(outer, List):
        return List(wide)
    if isinstance(outer, Struct) and isinstance(place, Attr):
        return Struct(outer.cls, ((place.name, wide),), outer.frozen)
    if isinstance(outer, Dict) and isinstance(place, Index) and len(place.items) == 1:
        key = place.items[0]
        t = typer.type_of(typer.get(key)) if not isinstance(key, slice) else None  # type: ignore[arg-type]
        return Dict(((t.value, wide),)) if isinstance(t, Lit) else None
    if isinstance(outer, Tuple):
        at = _position(outer, place)
        items = tuple(wide if i == at else BOTTOM for i in range(len(outer.items)))
        return None if at is None else Tuple(items, outer.cls, outer.names)
    return None


def _position(t: Tuple, place: Attr | Index) -> int | None:
    """Which item of a tuple a place names."""
    if isinstance(place, Attr):
        return t.names.index(place.name) if place.name in t.names else None
    found = place.items[0] if len(place.items) == 1 else None
    if isinstance(found, Literal) and isinstance(found.value, int) and -len(t.items) <= found.value < len(t.items):
        return found.value % len(t.items)
    return None


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
    widen(typer, item, kept(need.wide), need.loc, need.reason)
    if typer.containers.changed:  # it was found in this walk, further up
        raise Again
    raise need
