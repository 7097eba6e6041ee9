"""Calls of derivatives inside a program: `ds.grad(g)(x)`, `ds.jvp(g, (x,), (v,))`, `out, pull = ds.vjp(g, x)`.

Each becomes a call of a generated function of the same module: `ctx.derivative` compiles the derivative of `g` for the
types at hand, and its text is lowered and typed like a function of the user's. So the program is differentiated on as
if the derivative had been written by hand, to any order, and what `g` captures is passed like any argument.
"""

from __future__ import annotations

import functools
import inspect
import types
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from ..defs import transforms as library
from ..defs.structural import UNPACK
from ..defs.table import lookup
from ..defs.transforms import Transform
from ..errors import DiffTypeError
from ..ir.ops import Apply, Block, Func, FuncRef, Return
from ..ir.types import (
    ANY,
    FLOAT,
    Array,
    FuncType,
    NoneType,
    Scalar,
    Struct,
    Tuple,
    Type,
    carries_derivative,
    is_complex,
    is_memory,
    kind_of,
    strip,
)
from ..ir.values import Literal, Value
from ..source import Loc
from .items import Item, Record
from .transforms import MAKERS, Transformed, derivative_item, known_function, marked, name_of, transformed
from .typer import Parts, Typer, refuse

Kwargs = Mapping[str, Item]
Results = tuple[Value, ...]
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


# -- making them


def call_entry(typer: Typer, kind: str, args: Parts, kwargs: Kwargs, results: Results, loc: Loc) -> None:
    """A call of `ds.grad`, `ds.jvp` and their like."""
    from .infer_calls import call_item

    if not results:
        return
    at_once = AT_ONCE.get(kind)
    if kind in ("hvp", "hvp_and_gradient") and len(args) > 2:
        made = derivative_item(typer, kind, args[:1], kwargs, loc)
        call_item(typer, made, args[1:], {}, results, loc)
    elif at_once is not None:
        target, held = _target(typer, kind, args[0] if args else kwargs.get("f", Literal(None)), loc)
        at_once(typer, target, held, args[1:], kwargs, results[0], loc)
    elif kind in MAKERS:
        typer.env[results[0]] = derivative_item(typer, kind, args, kwargs, loc)
    else:
        raise refuse(f"ds.{kind} inside a differentiated function", loc, "use ds.grad, ds.jvp or ds.vjp there")


def _target(typer: Typer, kind: str, item: Item, loc: Loc) -> tuple[object, Parts]:
    found = known_function(typer, item, loc)
    if found is None:
        raise DiffTypeError(f"ds.{kind} of a value of type {typer.type_of(item)}", loc=loc, hint="pass a function")
    return found


# -- calling them


def call_transformed(
    typer: Typer, target: Transformed, held: Parts, args: Parts, kwargs: Kwargs, results: Results, loc: Loc
) -> None:
    """A call of a derivative; `held` is what the function captures."""
    if not results:
        return
    kind = target.how.kind
    call = CALLS.get(kind, _call_jacobian)
    call(typer, target, held, args, kwargs, results[0], loc)


def called(typer: Typer, target: object, held: Parts, args: Parts, kwargs: Kwargs, loc: Loc) -> Called:
    """How a function is called, as what is differentiated."""
    from .infer_calls import _bind_lifted, _is_marked, bind

    found = marked(target)
    if found is not None:
        return called(typer, found, held, args, kwargs, loc)
    if isinstance(target, Transformed) and target.how.kind in GRADIENTS and _is_plain(target.how):
        return _generated(typer, target, held, args, kwargs, loc)
    if isinstance(target, types.MethodType):
        return called(typer, target.__func__, (Literal(target.__self__), *held), args, kwargs, loc)
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


def _signature(fn: types.FunctionType) -> inspect.Signature:
    return inspect.signature(fn, follow_wrapped=False)


def _is_variadic(signature: inspect.Signature | None) -> bool:
    parameters = () if signature is None else signature.parameters.values()
    return any(p.kind in (p.VAR_POSITIONAL, p.VAR_KEYWORD) for p in parameters)


def _is_plain(how: Transform) -> bool:
    """Whether the generated function returns just what the derivative does."""
    return not how.has_aux and isinstance(how.argnums, (int, str))


def _generated(typer: Typer, target: Transformed, held: Parts, args: Parts, kwargs: Kwargs, loc: Loc) -> Called:
    """A gradient by the function generated for it."""
    inner = called(typer, target.target, held, args, kwargs, loc)
    inner, wrt = _differentiated(typer, inner, target.how, loc)
    fn = _derivative(typer, inner.target, inner.items, wrt, target.how, loc)
    return replace(inner, target=fn, items=_with_seed(fn, inner.items))


def _with_seed(fn: types.FunctionType, items: Parts) -> Parts:
    """The arguments of a generated function, which may take the seed last."""
    return (*items, *map(Literal, fn.__defaults__ or ()))


@functools.cache
def _adapter(target: object, held: int, count: int, keys: tuple[str, ...]) -> Func:
    """A function of plain parameters that calls what takes its arguments otherwise."""
    fixed = [f"held{i}" for i in range(held)]
    names = [*fixed, *_parameter_names(target, count), *keys]
    params = tuple(Value(n, ANY) for n in names)
    out = Value("out", ANY)
    split = held + count
    call = Apply(FuncRef(name_of(target), target), params[:split], tuple(zip(keys, params[split:])), (out,))
    return Func(name_of(target), params, Block((), (call, Return(out))))


def _parameter_names(target: object, count: int) -> list[str]:
    short = ["x", "y", "z"][:count] if count <= 3 else [f"x{i}" for i in range(count)]
    return ["x"] if count == 1 else short


def _single(c: Called, place: int) -> tuple[Func, Parts]:
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


def _differentiated(typer: Typer, c: Called, how: Transform, loc: Loc) -> tuple[Called, tuple[int, ...]]:
    """The places of `argnums`, with ints there as floats."""
    numbers = how.argnums if isinstance(how.argnums, tuple) else (how.argnums,)
    wrt = tuple(c.place(a, loc) for a in numbers)
    items = list(c.items)
    for place, arg in zip(wrt, numbers):
        items[place] = _as_float(typer, items[place], f"argument {arg!r} of {name_of(c.target)}", loc)
    return replace(c, items=tuple(items)), wrt


def _as_float(typer: Typer, item: Item, what: str, loc: Loc) -> Item:
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


def _kinds(typer: Typer, items: Parts, exact: bool = False) -> tuple[Type, ...]:
    from .infer_calls import _argument_type, canonical

    return canonical([_argument_type(typer, a, exact) for a in items])[0]


def _derivative(
    typer: Typer, target: object, items: Parts, wrt: tuple[int, ...], how: Transform, loc: Loc
) -> types.FunctionType:
    """The function generated for a derivative at the types of these items."""
    kinds = _kinds(typer, items)
    try:
        return typer.ctx.derivative(target, kinds, frozenset(wrt), how, loc)
    except DiffTypeError:
        exact = _kinds(typer, items, exact=True)
        if exact == kinds:
            raise
        return typer.ctx.derivative(target, exact, frozenset(wrt), how, loc)


def _run(typer: Typer, fn: object, items: Parts, loc: Loc, name: str | None = None) -> Item:
    """The result of a call of a function with source."""
    from .infer_calls import _call_instance

    result = Value(name, ANY, loc=loc)
    _call_instance(typer, fn, items, (result,), loc)
    return typer.env[result]


def _items(typer: Typer, item: Item, loc: Loc) -> Parts:
    """The parts of a tuple; a result of a call is unpacked."""
    t = strip(typer.type_of(item))
    if not isinstance(t, Tuple):
        return (item,)
    if not isinstance(item, Value):
        return typer.parts(item, t, loc)
    made = tuple(typer.value(part, None, loc) for part in t.items)
    typer.emit(Apply(UNPACK, (item,), (), made, loc))
    return made


def _tuple(items: Parts) -> Item:
    return Record(Tuple(tuple(ANY for _ in items)), items)


# -- gradients


def _call_gradient(
    typer: Typer, target: Transformed, held: Parts, args: Parts, kwargs: Kwargs, result: Value, loc: Loc
) -> None:
    how = target.how
    c, wrt = _differentiated(typer, called(typer, target.target, held, args, kwargs, loc), how, loc)
    fn = _derivative(typer, c.target, c.items, wrt, how, loc)
    found = _run(typer, fn, _with_seed(fn, c.items), loc, result.name)
    typer.env[result] = found if _is_plain(how) else _arranged(typer, how, wrt, found, loc)


def _arranged(typer: Typer, how: Transform, wrt: tuple[int, ...], found: Item, loc: Loc) -> Item:
    """What the derivative returns, from what the generated function does: cotangents in the order of parameters."""
    with_value = how.kind == "value_and_grad" or how.has_aux
    parts = _items(typer, found, loc) if with_value or len(wrt) > 1 else (found,)
    value, cotangents = (parts[0], parts[1:]) if with_value else (None, parts)
    by_place = dict(zip(sorted(wrt), cotangents))
    gradient = by_place[wrt[0]] if not isinstance(how.argnums, tuple) else _tuple(tuple(by_place[p] for p in wrt))
    if value is None:
        return gradient
    if how.kind == "value_and_grad":
        return _tuple((value, gradient))
    return _tuple((gradient, _items(typer, value, loc)[1]))


# -- in a direction


def _jvp(
    typer: Typer, target: object, held: Parts, args: Parts, kwargs: Kwargs, result: Value, loc: Loc
) -> None:
    """`ds.jvp(f, primals, tangents)`."""
    given = [*args, *(kwargs[k] for k in ("primals", "tangents") if k in kwargs)]
    if len(given) != 2:
        raise DiffTypeError("jvp takes a function, primals and tangents", loc=loc, hint="ds.jvp(f, (x,), (v,))")
    primals, tangents = (_listed(typer, g, loc) for g in given)
    c = called(typer, target, held, primals, {}, loc)
    typer.env[result] = _pushed(typer, c, tangents, loc, result.name)


def _listed(typer: Typer, item: Item, loc: Loc) -> Parts:
    """The parts of a tuple or list display."""
    from ..ir.values import Pack

    if isinstance(item, Pack):
        return item.items
    if not isinstance(strip(typer.type_of(item)), Tuple):
        raise DiffTypeError("primals and tangents are tuples with one entry per argument", loc=loc)
    return _items(typer, item, loc)


def _pushed(typer: Typer, c: Called, tangents: Parts, loc: Loc, name: str | None = None) -> Item:
    """The pair (result, tangent) of a call in a direction."""
    if len(tangents) != len(c.places):
        raise DiffTypeError(f"{len(tangents)} tangents for {len(c.places)} primals", loc=loc)
    items = list(c.items)
    dots: dict[int, Item] = {}
    for place, dot in zip(c.places, tangents):
        if isinstance(typer.type_of(dot), NoneType):
            continue
        if not carries_derivative(typer.type_of(items[place])) and isinstance(strip(typer.type_of(dot)), Scalar):
            items[place] = _as_float(typer, items[place], "a primal", loc)
        if carries_derivative(typer.type_of(items[place])):
            dots[place] = _like(typer, items[place], dot, "a tangent", loc)
    wrt = tuple(sorted(dots))
    fn = _derivative(typer, c.target, tuple(items), wrt, Transform("jvp"), loc)
    return _run(typer, fn, (*items, *(dots[p] for p in wrt)), loc, name)


def _like(typer: Typer, primal: Item, given: Item, what: str, loc: Loc) -> Item:
    """A tangent or cotangent, which has the type of its primal."""
    return _of_type(typer, strip(typer.type_of(primal)), given, what, loc)


def _of_type(typer: Typer, t: Type, given: Item, what: str, loc: Loc) -> Item:
    g = strip(typer.type_of(given))
    if isinstance(t, Scalar) and isinstance(g, Scalar):
        return given if carries_derivative(g) else _as_float(typer, given, what, loc)
    if isinstance(t, Array) and isinstance(g, Array):
        sizes = zip(t.dims, g.dims)
        fits = t.ndim == g.ndim and not any(isinstance(a, int) and isinstance(b, int) and a != b for a, b in sizes)
        if fits and kind_of(t) == kind_of(g):
            return given
    elif type(t) is type(g) and not isinstance(t, (Scalar, Array)):
        return given
    raise DiffTypeError(f"{what} of type {g} for a value of type {t}", loc=loc, hint="it has the type of its primal")


def _call_hvp(
    typer: Typer, target: Transformed, held: Parts, args: Parts, kwargs: Kwargs, result: Value, loc: Loc
) -> None:
    """`ds.hvp(f, argnums)(*args, v)`: the gradient in a direction."""
    how = replace(target.how, kind="grad")
    if not args or not _is_plain(how):
        raise refuse("hvp for several arguments inside a differentiated function", loc, "use ds.jvp of ds.grad")
    gradient = transformed(how, target.target)
    inner = called(typer, target.target, held, args[:-1], kwargs, loc)
    place = inner.place(how.argnums, loc) if isinstance(how.argnums, (int, str)) else 0
    c = replace(called(typer, gradient, held, args[:-1], kwargs, loc), places=(place,))
    pair = _items(typer, _pushed(typer, c, (args[-1],), loc), loc)
    typer.env[result] = pair[1] if target.how.kind == "hvp" else _tuple((pair[1], pair[0]))


# -- pullbacks


def _vjp(typer: Typer, target: object, held: Parts, args: Parts, kwargs: Kwargs, result: Value, loc: Loc) -> None:
    """`out, pull = ds.vjp(f, *primals)`."""
    _hand_out(typer, "pull", target, held, args, kwargs, result, loc)


def _linearize(typer: Typer, target: object, held: Parts, args: Parts, kwargs: Kwargs, result: Value, loc: Loc) -> None:
    """`out, push = ds.linearize(f, *primals)`."""
    _hand_out(typer, "push", target, held, args, kwargs, result, loc)


def _hand_out(
    typer: Typer, kind: str, target: object, held: Parts, args: Parts, kwargs: Kwargs, result: Value, loc: Loc
) -> None:
    """The result, and a function that captures the arguments."""
    if kwargs:
        raise refuse(f"ds.vjp with {', '.join(kwargs)} inside a differentiated function", loc, "take the pair apart")
    c = called(typer, target, held, args, {}, loc)
    if not any(carries_derivative(typer.type_of(c.items[p])) for p in c.places):
        items = list(c.items)
        for p in c.places:
            items[p] = _as_float(typer, items[p], "a primal", loc)
        c = replace(c, items=tuple(items))
    out = _run(typer, c.target, c.items, loc)
    on = tuple(p if carries_derivative(typer.type_of(c.items[p])) else -1 for p in c.places)
    kept = tuple(_kept(typer, item, loc) for item in c.items)
    how = transformed(Transform(kind, on), c.target)
    function = Record(FuncType(how, tuple(map(typer.plain_type, kept))), kept)
    typer.env[result] = _tuple((out, function))


def _kept(typer: Typer, item: Item, loc: Loc) -> Item:
    """An argument as it is now."""
    t = strip(typer.type_of(item))
    if isinstance(t, Array):
        row = lookup(np.copy)
        assert row is not None
        return typer.emit_apply(row, (typer.operand(item),), {}, typer.plain_type(item), None, loc, "copy")
    if isinstance(t, Tuple):
        return replace_items(item, t, tuple(_kept(typer, i, loc) for i in typer.parts(item, t, loc)))
    if is_memory(t) and carries_derivative(t):
        raise refuse(f"ds.vjp with an argument of type {t} inside a differentiated function", loc, "use ds.grad there")
    return item


def replace_items(item: Item, t: Type, items: Parts) -> Item:
    return Record(item.kind if isinstance(item, Record) else t, items)


def _call_pull(
    typer: Typer, target: Transformed, held: Parts, args: Parts, kwargs: Kwargs, result: Value, loc: Loc
) -> None:
    """A cotangent of the result to those of the primals."""
    on = target.how.argnums
    assert isinstance(on, tuple)
    if len(args) != 1 or kwargs:
        raise DiffTypeError("a pullback takes one cotangent", loc=loc)
    wrt = tuple(p for p in on if isinstance(p, int) and p >= 0)
    kinds = _kinds(typer, held)
    out = typer.ctx.instance(target.target, kinds).result_type
    fn = _derivative(typer, target.target, held, wrt, Transform("pull"), loc)
    seeds = tuple(_seeds(typer, out, args[0], loc))
    parts = _items(typer, _run(typer, fn, (*held, *seeds), loc), loc)
    by_place = dict(zip(sorted(wrt), parts[1:]))
    typer.env[result] = _tuple(tuple(by_place[p] if p in by_place else Literal(None) for p in on))


def _seeds(typer: Typer, t: Type, given: Item, loc: Loc) -> list[Item]:
    """The cotangents of the numbers and arrays of a result."""
    t = strip(t)
    if isinstance(t, Tuple):
        items = _items(typer, given, loc)
        if len(items) != len(t.items):
            raise DiffTypeError(f"a cotangent of {len(items)} parts for a result of {len(t.items)}", loc=loc)
        return [s for part, item in zip(t.items, items) for s in _seeds(typer, part, item, loc)]
    if isinstance(t, Struct) and carries_derivative(t):
        raise refuse(f"the pullback of a result of type {t} inside a differentiated function", loc, "return a tuple")
    return [_of_type(typer, t, given, "a cotangent", loc)] if carries_derivative(t) else []


def _call_push(
    typer: Typer, target: Transformed, held: Parts, args: Parts, kwargs: Kwargs, result: Value, loc: Loc
) -> None:
    """Tangents of the primals to that of the result."""
    on = target.how.argnums
    assert isinstance(on, tuple)
    c = Called(target.target, held, tuple(p for p in on if isinstance(p, int) and p >= 0), {})
    tangents = tuple(a for a, p in zip(args, on) if p != -1)
    typer.env[result] = _items(typer, _pushed(typer, c, tangents, loc), loc)[1]


# -- Jacobians


def _call_jacobian(
    typer: Typer, target: Transformed, held: Parts, args: Parts, kwargs: Kwargs, result: Value, loc: Loc
) -> None:
    how, inner = target.how, target.target
    if how.kind == "hessian":
        gradient = transformed(replace(how, kind="grad"), inner)
        target = transformed(replace(how, kind="jacfwd"), gradient)
        if not _is_plain(how):
            raise refuse("a hessian for several arguments inside a differentiated function", loc, "one argnum each")
        how, inner = target.how, gradient
    c, wrt = _differentiated(typer, called(typer, inner, held, args, kwargs, loc), how, loc)
    found = tuple(_jacobian(typer, how.kind, c, place, loc) for place in wrt)
    typer.env[result] = _tuple(found) if isinstance(how.argnums, tuple) else found[0]


def _jacobian(typer: Typer, kind: str, c: Called, place: int, loc: Loc) -> Item:
    """The Jacobian with respect to one argument, by a function of the library."""
    out = strip(typer.ctx.instance(c.target, _kinds(typer, c.items)).result_type)
    x = strip(typer.type_of(c.items[place]))
    known = isinstance(x, (Scalar, Array)) and isinstance(out, (Scalar, Array)) and carries_derivative(out)
    if not known or is_complex(x) or is_complex(out):
        raise refuse(
            f"ds.{kind} of a function from {x} to {out} inside a differentiated function", loc,
            "take the Jacobian of a function from an array or number to an array or number",
        )  # fmt: skip
    by = _LIBRARY[kind, isinstance(x, Array), isinstance(out, Array)]
    func, others = _single(c, place)
    h: Item = Record(FuncType(func, tuple(map(typer.plain_type, others))), others) if others else Literal(func)
    return _run(typer, by, (h, c.items[place]), loc)


_LIBRARY: dict[tuple[str, bool, bool], Callable[..., object]] = {
    **{(kind, False, out): library.jacobian_of_number for kind in ("jacfwd", "jacrev") for out in (False, True)},
    ("jacfwd", True, False): library.gradient_by_columns,
    ("jacfwd", True, True): library.jacobian_by_columns,
    ("jacrev", True, False): library.gradient_of,
    ("jacrev", True, True): library.jacobian_by_rows,
    **{("elementwise_grad", x, True): library.sum_of_rows for x in (False, True)},
    **{("elementwise_grad", x, False): library.gradient_of for x in (False, True)},
}

AT_ONCE: dict[str, Callable[..., None]] = {"jvp": _jvp, "vjp": _vjp, "linearize": _linearize}
CALLS: dict[str, Callable[..., None]] = {
    **dict.fromkeys(GRADIENTS, _call_gradient),
    "hvp": _call_hvp,
    "hvp_and_gradient": _call_hvp,
    "pull": _call_pull,
    "push": _call_push,
}
