"""Instances of one of several classes: what is done to them is decided by their class, when the program runs.

    %a = method area(%s)               %0 = isinstance(%s, Circle)
                                       %a = if %0 {
                                         %c: Circle = view %s[...]
                                ->       %1 = call Circle.area(%c)
                                         yield %1
                                       } else {
                                         %r: Rect = view %s[...]
                                         %2 = call Rect.area(%r)
                                         yield %2
                                       }

Where a test is the program's own (`isinstance(s, Circle)`), its arms know the class likewise.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

from ..defs.table import lookup
from ..errors import DiffTypeError
from ..ir.ops import WHOLE, Apply, FuncRef, Raise, View
from ..ir.types import ANY, BOOL, Maybe, Struct, Type, Union, kinds_of, maybe, strip, there, united
from ..ir.values import Literal, Operand, Pack, Value
from ..source import Loc, is_generated
from .items import Item, is_instance

if TYPE_CHECKING:
    from .choices import Arms
    from .typer import Facts, Typer

#: classes that are treated alike
Group = tuple[Struct, ...]


def grouped(t: Union, key: Callable[[Struct], Hashable]) -> list[tuple[Hashable, Group]]:
    """The classes by what they have in common; derived classes before those that they derive from."""
    ordered = sorted(t.structs, key=lambda k: -len(k.cls.__mro__))
    groups: dict[Hashable, list[Struct]] = {}
    for kind in ordered:
        groups.setdefault(key(kind), []).append(kind)
    out = [(k, tuple(g)) for k, g in groups.items()]
    if any(
        issubclass(later.cls, k.cls) for i, (_, g) in enumerate(out) for k in g for _, h in out[i + 1 :] for later in h
    ):
        return [(key(kind), (kind,)) for kind in ordered]
    return out


def by_class(
    typer: Typer, item: Item, groups: Sequence[tuple[Hashable, Group]], results: Sequence[Value], loc: Loc,
    make: Callable[[Item, Any], Any], name: str = "",
) -> None:  # fmt: skip
    """Do to an instance what its class says, in one arm for each group; `make` takes it and what the group has in common,
    and enters items for the results. Classes of the group None haven't the attribute `name`, as the program would find out.

    Raises:
        DiffTypeError: no class has it.
    """
    there = [(g, partial(_on, typer, item, g, key, loc, make)) for key, g in groups if key is not None]
    without = [g for key, g in groups if key is None]
    if not there:
        raise DiffTypeError(f"{united(without[0])} has no attribute {name}", loc=loc)
    arms = [*there, *((g, partial(_missing, typer, g, name, loc)) for g in without)]
    _chain(typer, item, [g for g, _ in arms], [run for _, run in arms], results, loc)


def _on(typer: Typer, item: Item, group: Group, key: Any, loc: Loc, make: Callable[[Item, Any], Any]) -> bool:
    make(narrowed(typer, item, united(group), loc), key)
    return True


def _chain(
    typer: Typer,
    item: Item,
    groups: Sequence[Group],
    makers: Sequence[Callable[[], bool]],
    results: Sequence[Value],
    loc: Loc,
) -> bool:
    """`if isinstance(item, ..): .. elif ..: .. else: ..`; whether an arm completes."""
    from .infer_regions import join_arms

    if len(groups) == 1:
        return makers[0]()
    cond = _test(typer, item, [k.cls for k in groups[0]], loc)
    arms: Arms = []
    for run in (makers[0], partial(_chain, typer, item, groups[1:], makers[1:], results, loc)):
        with typer.builder.block() as ops:
            completes = run()
            arms.append((ops, tuple(typer.env[r] for r in results) if completes else None))
    return join_arms(typer, cond, arms, results, loc)


def _test(typer: Typer, item: Item, classes: list[type], loc: Loc) -> Operand:
    """Whether an instance is of one of some classes."""
    row = lookup(isinstance)
    assert row is not None
    shown = tuple(Literal(c, c.__name__, loc) for c in classes)
    asked: Operand = shown[0] if len(shown) == 1 else Pack(shown)
    return typer.emit_apply(row, (typer.operand(item), asked), {}, BOOL, None, loc)


def _missing(typer: Typer, group: Group, name: str, loc: Loc) -> bool:
    text = f"{group[0].cls.__name__!r} object has no attribute {name!r}"
    error = typer.value(ANY, None, loc)
    typer.emit(Apply(FuncRef("AttributeError", AttributeError), (Literal(text),), (), (error,), loc))
    typer.emit(Raise(error, loc))
    return False


def narrowed(typer: Typer, item: Item, t: Type, loc: Loc) -> Item:
    """The same reference, of which more is known."""
    assert isinstance(item, Value)
    if item.type == t:
        return item
    result = typer.value(t, item.name, item.loc)
    typer.narrowed[result] = item
    typer.emit(View(item, WHOLE, result, loc))
    return result


# -- what generated functions say


def known_classes(function: Any, params: Sequence[Value]) -> None:
    """Enter of which class the arguments of a generated function are: where it is called for one of several, the shadow
    is of the class of its primal, and nothing in the text says so."""
    function.__dict__["classes"] = {i: t.cls for i, p in enumerate(params) if isinstance(t := strip(p.type), Struct)}


def arguments(typer: Typer, function: Any, args: Sequence[Item], loc: Loc) -> tuple[Item, ...]:
    """The arguments of a call of a generated function, with their classes."""
    out = list(args)
    known = getattr(function, "__dict__", {}).get("classes", {}) if is_generated(_file(function)) else {}
    for i, cls in known.items():
        t = strip(typer.type_of(args[i]))
        if isinstance(t, Union):
            out[i] = narrowed(typer, args[i], united(k for k in t.structs if k.cls is cls), loc)
    return tuple(out)


def _file(function: Any) -> str:
    return str(getattr(getattr(function, "__code__", None), "co_filename", ""))


# -- what tests say


@contextmanager
def knowing(typer: Typer, facts: Facts) -> Iterator[None]:
    """Know of values what a test has shown."""
    before = {v: typer.env[v] for v, _, _ in facts}
    learn(typer, facts)
    yield
    typer.env.update(before)


def learn(typer: Typer, facts: Facts) -> None:
    """Know from here on what a test has shown."""
    for v, classes, positive in facts:
        item = typer.env[v]
        t = typer.type_of(item)
        narrow = _narrow(t, classes, positive)
        if narrow is not None and isinstance(item, Value) and narrow != t:
            typer.env[v] = narrowed(typer, item, narrow, item.loc)


def _narrow(t: Type, classes: Any, positive: bool) -> Type | None:
    """The part of a type whose values are instances of some classes, or aren't."""
    if not isinstance(there(t), (Union, Struct)):
        return None
    kept = [k for k in kinds_of(strip(t)) if is_instance(k, classes) is not (not positive)]
    if not kept:
        return None
    one = united(kept)
    none = isinstance(t, Maybe) and is_instance(t, classes) is not positive
    return maybe(one) if isinstance(t, Maybe) and not positive and none else one
