"""A call of a function as what is differentiated: a target with one item per parameter, and which of them are asked for.

Functions with source are taken as they are, gradients of them by the function generated for it; for anything else that can
be called (bound methods, partials, rows of the table, functions of `*args`) a function around it is made.
"""

from __future__ import annotations

import functools
import inspect
import types
from collections.abc import Mapping
from dataclasses import dataclass, replace

from ..defs.door import Door, door_of
from ..defs.structural import UNPACK
from ..defs.table import lookup
from ..defs.transforms import Transform
from ..errors import DiffTypeError
from ..ir.ops import Apply, Block, Func, FuncRef, Return
from ..ir.types import (
    ANY,
    FLOAT,
    Scalar,
    Tuple,
    Type,
    carries_derivative,
    strip,
)
from ..ir.values import Literal, Value
from ..source import Loc
from .items import Item, Record, is_closure, is_optional
from .transforms import Holding, Transformed, marked, name_of
from .typer import Parts, Typer

Kwargs = Mapping[str, Item]


GRADIENTS = ("grad", "value_and_grad")


@dataclass(frozen=True, slots=True)
class Called:
    """A call in the form in which it is differentiated: a target with one item per parameter. `places`: which item each
    positional argument of the call is; `names`: which one an argument of that name is."""

    target: object
    items: Parts
    places: tuple[int, ...]
    names: dict[str, int]

    def place(self, arg: int | str, loc: Loc) -> int:
        if isinstance(arg, str) and arg in self.names:
            return self.names[arg]
        if isinstance(arg, int) and -len(self.places) <= arg < len(self.places):
            return self.places[arg]
        raise DiffTypeError(f"{name_of(self.target)} is called without argument {arg!r}", loc=loc)


def called(typer: Typer, target: object, held: Parts, args: Parts, kwargs: Kwargs, loc: Loc) -> Called:
    """How a function is called, as what is differentiated."""
    from .infer_calls import _bind_lifted, _is_marked, bind

    found = marked(target)
    if found is not None:
        return called(typer, found, held, args, kwargs, loc)
    if isinstance(target, Transformed) and target.how.kind in GRADIENTS and is_plain(target.how):
        return _generated(typer, target, held, args, kwargs, loc)
    if isinstance(target, types.MethodType):
        return called(typer, target.__func__, (Literal(target.__self__), *held), args, kwargs, loc)
    if isinstance(target, types.FunctionType) and (door := door_of(target)) is not None:
        return converted(typer, called(typer, door.fn, held, args, kwargs, loc), door, loc)
    inner = getattr(target, "__wrapped__", None)
    if isinstance(inner, types.FunctionType) and _is_marked(target):
        return called(typer, inner, held, args, kwargs, loc)
    if isinstance(target, Func) and not _is_variadic(target.signature):
        items = _bind_lifted(typer, target, (*held, *args), kwargs, loc)
        names = [p.name or "" for p in target.params]
        own = names[len(held) :] if target.signature is None else list(target.signature.parameters)
    elif isinstance(target, types.FunctionType) and lookup(target) is None and not _is_variadic(_signature(target)):
        items = bind(typer, target, (*held, *args), kwargs, loc)
        names = list(_signature(target).parameters)
        own = names[len(held) :]
    else:
        target = _adapter(target, len(held), len(args), tuple(kwargs))
        items = (*held, *args, *kwargs.values())
        names = [p.name or "" for p in target.params]
        own = names[len(held) :]
    return Called(target, items, tuple(names.index(n) for n in own[: len(args)]), dict(zip(names, range(len(items)))))


def converted(typer: Typer, c: Called, door: Door, loc: Loc) -> Called:
    """A call behind a door: what is differentiated are the converted arguments, of the function for their types."""
    from .infer_calls import call_function

    items = list(c.items)
    for name, convert in door.converters.items():
        place, result = c.names[name], Value(name, ANY, loc=loc)
        call_function(typer, convert, (items[place],), {}, (result,), loc, name_of(convert))
        items[place] = typer.env[result]
    if door.generate is not None:
        typer.ctx.consult(door.fn)
    return replace(c, target=door.behind(lambda: kinds_of(typer, tuple(items))), items=tuple(items))


def _signature(fn: types.FunctionType) -> inspect.Signature:
    return inspect.signature(fn, follow_wrapped=False)


def _is_variadic(signature: inspect.Signature | None) -> bool:
    parameters = () if signature is None else signature.parameters.values()
    return any(p.kind in (p.VAR_POSITIONAL, p.VAR_KEYWORD) for p in parameters)


def is_plain(how: Transform) -> bool:
    """Whether the generated function returns just what the derivative does."""
    return not how.has_aux and isinstance(how.argnums, (int, str))


def _generated(typer: Typer, target: Transformed, held: Parts, args: Parts, kwargs: Kwargs, loc: Loc) -> Called:
    """A gradient by the function generated for it."""
    inner = called(typer, target.target, held, args, kwargs, loc)
    inner, wrt = differentiated(typer, inner, target.how, loc)
    fn = derivative(typer, inner.target, inner.items, wrt, target.how, loc)
    starts = [len(as_generated(typer, inner.items[:i])) for i in range(len(inner.items))]
    names = {n: starts[i] for n, i in inner.names.items()}
    return Called(fn, with_seed(typer, fn, inner.items), tuple(starts[i] for i in inner.places), names)


def with_seed(typer: Typer, fn: types.FunctionType, items: Parts) -> Parts:
    """The arguments of a generated function, which may take the seed last."""
    return (*as_generated(typer, items), *map(Literal, fn.__defaults__ or ()))


def as_generated(typer: Typer, items: Parts) -> Parts:
    """Arguments as generated functions take them: closures are what they capture."""
    out: list[Item] = []
    for item in items:
        kind = typer.plain_type(item)
        out += typer.passed(item) if is_closure(kind) or is_optional(kind) else (item,)
    return tuple(out)


@functools.cache
def _adapter(target: object, held: int, count: int, keys: tuple[str, ...]) -> Func:
    """A function of plain parameters that calls what takes its arguments otherwise."""
    fixed = [f"held{i}" for i in range(held)]
    names = [*fixed, *_parameter_names(target, count), *keys]
    params = tuple(Value(n, ANY) for n in names)
    out = Value("out", ANY)
    split = held + count
    ref = FuncRef(name_of(target), Holding(target, held) if isinstance(target, Transformed) else target)
    call = Apply(ref, params[:split], tuple(zip(keys, params[split:])), (out,))
    return Func(name_of(target), params, Block((), (call, Return(out))))


def _parameter_names(target: object, count: int) -> list[str]:
    short = ["x", "y", "z"][:count] if count <= 3 else [f"x{i}" for i in range(count)]
    return ["x"] if count == 1 else short


def single(c: Called, place: int) -> tuple[Func, Parts]:
    """The function of one argument that a call is when the others are given, with those."""
    others = [i for i in range(len(c.items)) if i != place]
    return _with_one_free(c.target, len(c.items), place), tuple(c.items[i] for i in others)


@functools.cache
def _with_one_free(target: object, count: int, place: int) -> Func:
    given = [Value(f"given{i}", ANY) for i in range(count - 1)]
    free, out = Value("x", ANY), Value("out", ANY)
    operands = (*given[:place], free, *given[place:])
    call = Apply(FuncRef(name_of(target), target), operands, (), (out,))
    return Func(name_of(target), (*given, free), Block((), (call, Return(out))))


def differentiated(typer: Typer, c: Called, how: Transform, loc: Loc) -> tuple[Called, tuple[int, ...]]:
    """The places of `argnums`, with ints there as floats."""
    numbers = how.argnums if isinstance(how.argnums, tuple) else (how.argnums,)
    wrt = tuple(c.place(a, loc) for a in numbers)
    items = list(c.items)
    for place, arg in zip(wrt, numbers):
        items[place] = as_float(typer, items[place], f"argument {arg!r} of {name_of(c.target)}", loc)
    return replace(c, items=tuple(items)), wrt


def as_float(typer: Typer, item: Item, what: str, loc: Loc) -> Item:
    """A value to differentiate: a number that is an int counts as a float."""
    if isinstance(item, Literal) and isinstance(item.value, int):
        return Literal(float(item.value), None, loc)
    t = strip(typer.type_of(item))
    if isinstance(t, Scalar) and not carries_derivative(t):
        row = lookup(float)
        assert row is not None
        return typer.emit_apply(row, (typer.operand(item),), {}, FLOAT, None, loc)
    if not carries_derivative(t):
        raise DiffTypeError(f"{what} is of type {t}, which carries no derivative", loc=loc, hint="x.astype(float)")
    return item


def kinds_of(typer: Typer, items: Parts, exact: bool = False) -> tuple[Type, ...]:
    from .infer_calls import _argument_type, canonical

    return canonical([_argument_type(typer, a, exact) for a in items])[0]


def derivative(
    typer: Typer, target: object, items: Parts, wrt: tuple[int, ...], how: Transform, loc: Loc
) -> types.FunctionType:
    """The function generated for a derivative at the types of these items."""
    kinds = kinds_of(typer, items)
    try:
        return typer.ctx.derivative(target, kinds, frozenset(wrt), how, loc)
    except DiffTypeError:
        exact = kinds_of(typer, items, exact=True)
        if exact == kinds:
            raise
        return typer.ctx.derivative(target, exact, frozenset(wrt), how, loc)


def run_function(typer: Typer, fn: object, items: Parts, loc: Loc, name: str | None = None) -> Item:
    """The result of a call of a function with source."""
    from .infer_calls import _call_instance

    result = Value(name, ANY, loc=loc)
    _call_instance(typer, fn, items, (result,), loc)
    return typer.env[result]


def items_of(typer: Typer, item: Item, loc: Loc) -> Parts:
    """The parts of a tuple; a result of a call is unpacked."""
    t = strip(typer.type_of(item))
    if not isinstance(t, Tuple):
        return (item,)
    if not isinstance(item, Value):
        return typer.parts(item, t, loc)
    made = tuple(typer.value(part, None, loc) for part in t.items)
    typer.emit(Apply(UNPACK, (item,), (), made, loc))
    return made


def tuple_of_items(items: Parts) -> Item:
    return Record(Tuple(tuple(ANY for _ in items)), items)
