"""Functions with arguments given beforehand: `functools.partial(f, x, k=y)` and `obj.method` as values.

They are closures whose captured values are the arguments given: first those by position, then by keyword.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..ir.types import BOTTOM, FuncType, Lit
from ..ir.values import Literal
from ..source import Loc
from .items import Item, Record

if TYPE_CHECKING:
    from .typer import Parts, Typer


@dataclass(frozen=True, eq=False, slots=True)
class Partial:
    """A function of which the first `count` arguments and those named `keys` are given. One object each."""

    target: object
    count: int
    keys: tuple[str, ...]

    @property
    def name(self) -> str:
        return str(getattr(self.target, "name", None) or getattr(self.target, "__name__", "function"))


@functools.cache
def partial_of(target: object, count: int, keys: tuple[str, ...]) -> Partial:
    return Partial(target, count, keys)


def partial_item(typer: Typer, fn: Item, args: Parts, kwargs: Mapping[str, Item], loc: Loc) -> Item | None:
    """What `functools.partial(fn, *args, **kwargs)` gives; None where the function isn't known."""
    t = typer.type_of(fn)
    t = FuncType(t.value) if isinstance(t, Lit) and callable(t.value) else t
    if not isinstance(t, FuncType) or type(t.target).__hash__ is None:
        return None
    held = (*(typer.parts(fn, t, loc) if t.captures else ()), *args)
    if isinstance(t.target, Partial):
        inner, old = t.target, len(t.target.keys)
        first, named = held[: inner.count], dict(zip(inner.keys, held[inner.count :]))
        return bound(inner.target, (*first, *held[inner.count + old :]), {**named, **kwargs})
    return bound(t.target, held, kwargs)


def bound(target: object, args: Parts, kwargs: Mapping[str, Item]) -> Item:
    """A function with arguments given."""
    held = (*args, *kwargs.values())
    if not held:
        return Literal(target)
    return Record(FuncType(partial_of(target, len(args), tuple(kwargs)), (BOTTOM,) * len(held)), held)


def unbound(target: Partial, args: Parts, kwargs: Mapping[str, Item]) -> tuple[Parts, dict[str, Item]]:
    """The arguments of the function itself, for a call whose first arguments are those given beforehand."""
    split = target.count + len(target.keys)
    named = dict(zip(target.keys, args[target.count : split]))
    return (*args[: target.count], *args[split:]), {**named, **kwargs}
