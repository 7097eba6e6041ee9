"""Objects such as splines and sparse matrices, and functions, among what a function captures that a row of the table is given.

Where it is typed such an object is its handle and its contents. The call has both as operands, so that activity sees the
contents; printed is the handle alone. Differentiated is a function of both that makes the object of them::

    quad(lambda t: s(t) * k, a, b)        shown:   (s, s_contents, k, t) -> s(t) * k        printed `lambda t: s(t) * k`
                                          whole:   (c0, c1, k, t) -> shown(holding(c0, c1), k, t)

A tuple with objects is shown with their handles; their contents are captured behind it.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from ..defs.objects import ObjectClass
from ..defs.structural import CLOSURE
from ..ir.ops import Apply, Block, Func, FuncRef, Op, Return
from ..ir.types import ANY, FuncType, Tuple, carries_derivative, strip
from ..ir.values import Literal, Operand, Pack, Value
from ..runtime.helpers import holding
from ..source import Loc
from .items import Item

if TYPE_CHECKING:
    from .typer import Parts, Typer

#: functions made of others by the compiler: what is printed for them is their instance
COMPOSED: set[Func] = set()


def composed(name: str, params: tuple[Value, ...], ops: tuple[Op, ...], result: Value) -> Func:
    """A function of a few calls, made by the compiler."""
    func = Func(name, params, Block((), (*ops, Return(result))))
    COMPOSED.add(func)
    return func


@dataclass(frozen=True, slots=True)
class Whole:
    """What is made of several captured values: an object, or a function that captures some."""

    target: ObjectClass | Func | type[tuple[object, ...]]
    items: tuple[Whole | None, ...]


@dataclass(frozen=True, eq=False, slots=True)
class Shown:
    """A function as it is printed, and what it captures, by the numbers of the captured values."""

    func: Func
    items: tuple[Entry, ...]

    def ways(self, start: tuple[int, ...] = ()) -> dict[int, tuple[int, ...]]:
        """Where each captured value stands in the display."""
        out: dict[int, tuple[int, ...]] = {}
        for i, item in enumerate(self.items):
            out |= _ways(item, (*start, i + 1))
        return out

    def display(self, operands: Sequence[Operand], instance: FuncRef | None = None) -> Pack:
        """`instance`: the one that is printed in the place of the function."""
        return Pack((Literal(instance or self.func), *(_display(i, operands) for i in self.items)), "function")

    @property
    def captures_functions(self) -> bool:
        return any(isinstance(i, Shown) for i in self.items)


#: the number of a captured value, a function, or the items of a tuple
Entry = int | Shown | tuple["Entry", ...]


def _ways(item: Entry, way: tuple[int, ...]) -> dict[int, tuple[int, ...]]:
    if isinstance(item, int):
        return {item: way}
    if isinstance(item, Shown):
        return item.ways(way)
    return {k: w for i, inner in enumerate(item) for k, w in _ways(inner, (*way, i)).items()}


def _display(item: Entry, operands: Sequence[Operand]) -> Operand:
    if isinstance(item, int):
        return operands[item]
    return item.display(operands) if isinstance(item, Shown) else Pack(tuple(_display(i, operands) for i in item))


def whole_of(typer: Typer, item: Item, loc: Loc) -> Whole | None:
    """How a captured value is made of others; None where it is itself, or captures nothing that carries a derivative."""
    t = typer.type_of(item)
    if isinstance(t := strip(t), Tuple) and t.cls is None:
        items = tuple(whole_of(typer, p, loc) for p in typer.parts(item, t, loc))
        return Whole(tuple, items) if any(items) else None
    if not isinstance(t, FuncType) or not t.captures or not isinstance(t.target, ObjectClass | Func):
        return None
    parts = typer.parts(item, t, loc)
    if isinstance(t.target, ObjectClass):
        return Whole(t.target, (None,) * len(parts))
    inner = tuple(whole_of(typer, p, loc) for p in parts)
    return Whole(t.target, inner) if any(inner) or any(map(carries_derivative, t.captures)) else None


def taken_to_parts(
    typer: Typer, target: Func, held: Parts, forms: Sequence[Whole | None], loc: Loc, typed: bool
) -> tuple[Shown, Parts]:
    """A function as it is printed, and all that it captures, objects taken apart. `typed`: its instance is printed, which takes
    an object in a tuple as a tuple of its parts."""
    found: list[Item] = []

    def number(item: Item) -> int:
        found.append(item)
        return len(found) - 1

    def entries(item: Item, form: Whole | None, behind: list[int], inside: bool = False) -> Entry:
        """What stands for a captured value; `behind`: what is captured for the derivative only."""
        if form is None:
            return number(item)
        parts = typer.parts(item, strip(typer.type_of(item)), loc)
        if isinstance(form.target, Func):
            return shown(form.target, parts, form.items)
        if isinstance(form.target, ObjectClass):
            handle, *others = numbers = tuple(map(number, parts))
            if typed and inside:
                return numbers
            behind += others
            return handle
        return tuple(entries(p, f, behind, True) for p, f in zip(parts, form.items))

    def shown(func: Func, items: Parts, forms: Sequence[Whole | None]) -> Shown:
        found: list[Entry] = []
        more: list[int] = []
        for item, form in zip(items, forms):
            behind: list[int] = []
            found += (entries(item, form, behind), *behind)
            more.append(len(found) - sum(more) - len(more) - 1)
        return Shown(_with_places(func, tuple(more)), tuple(found))

    made = shown(target, held, forms)
    return made, tuple(found)


@functools.cache
def _with_places(func: Func, more: tuple[int, ...]) -> Func:
    """A function with so many further parameters behind each captured one: they are there for the derivative only."""
    params: list[Value] = []
    for p, count in zip(func.params, more):
        params += (p, *(Value(f"{p.name}_part{i}", ANY) for i in range(count)))
    return replace(func, params=(*params, *func.params[len(more) :]), held=func.held + sum(more) if func.held else 0)


@functools.cache
def made_whole(target: Func, forms: tuple[Whole | None, ...], own: int) -> Func:
    """A function of its captured values, objects taken apart, and of its own arguments."""
    leaves: list[Value] = []
    ops: list[Op] = []

    def operand(form: Whole | None) -> Operand:
        if form is None:
            leaves.append(Value(f"c{len(leaves)}", ANY))
            return leaves[-1]
        made = Value(None, ANY)
        items = tuple(map(operand, form.items))
        if isinstance(form.target, ObjectClass):
            ops.append(Apply(FuncRef("holding", holding), items, (), (made,)))
        elif not isinstance(form.target, Func):
            return Pack(items)
        else:
            ops.append(Apply(CLOSURE, (Literal(form.target), *items), (), (made,)))
        return made

    held, args, out = tuple(map(operand, forms)), _own(own), Value("out", ANY)
    ops.append(Apply(FuncRef(target.name, target), (*held, *args), (), (out,)))
    return composed(f"{target.name}_whole", (*leaves, *args), tuple(ops), out)


def calling(item: Item, own: int) -> Func:
    """A function that calls an object with its arguments; it captures the object, if that isn't a constant."""
    if isinstance(item, Literal):
        return _calling_constant(item.value, item.text or "", own)
    return _calling(own)


@functools.cache
def _calling(own: int) -> Func:
    s: Any = Value("s", ANY)
    args, out = _own(own), Value("out", ANY)
    return Func("called", (s, *args), Block((), (Apply(s, args, (), (out,)), Return(out))), held=1)


@functools.cache
def _calling_constant(value: object, text: str, own: int) -> Func:
    args, out = _own(own), Value("out", ANY)
    call = Apply(FuncRef(text or type(value).__name__, value), args, (), (out,))
    return Func("called", args, Block((), (call, Return(out))))


def _own(count: int) -> tuple[Value, ...]:
    return tuple(Value(f"x{i}" if i else "x", ANY) for i in range(count))
