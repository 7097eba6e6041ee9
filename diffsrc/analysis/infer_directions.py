"""Calls of derivatives in a direction inside a program: tangents, pullbacks, products with the Hessian, Jacobians."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from ..defs import transforms as library
from ..defs.transforms import Transform
from ..errors import DiffTypeError
from ..ir.types import (
    Array,
    FuncType,
    NoneType,
    Scalar,
    Tuple,
    Type,
    carries_derivative,
    is_complex,
    kind_of,
    strip,
)
from ..ir.values import Literal, Pack, Value
from ..source import Loc
from .derived_calls import (
    Called,
    Kwargs,
    as_float,
    as_generated,
    called,
    derivative,
    differentiated,
    is_plain,
    items_of,
    kinds_of,
    run_function,
    single,
    tuple_of_items,
)
from .infer_copies import deep_copy
from .items import Item, Record
from .transforms import Transformed, transformed
from .typer import Parts, Typer, refuse

# -- in a direction


def jvp_at_once(
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

    if isinstance(item, Pack):
        return item.items
    if not isinstance(strip(typer.type_of(item)), Tuple):
        raise DiffTypeError("primals and tangents are tuples with one entry per argument", loc=loc)
    return items_of(typer, item, loc)


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
            items[place] = as_float(typer, items[place], "a primal", loc)
        if carries_derivative(typer.type_of(items[place])):
            dots[place] = _like(typer, items[place], dot, "a tangent", loc)
    wrt = tuple(sorted(dots))
    fn = derivative(typer, c.target, tuple(items), wrt, Transform("jvp"), loc)
    return run_function(typer, fn, (*as_generated(typer, tuple(items)), *(dots[p] for p in wrt)), loc, name)


def _like(typer: Typer, primal: Item, given: Item, what: str, loc: Loc) -> Item:
    """A tangent or cotangent, which has the type of its primal."""
    return _of_type(typer, strip(typer.type_of(primal)), given, what, loc)


def _of_type(typer: Typer, t: Type, given: Item, what: str, loc: Loc) -> Item:
    g = strip(typer.type_of(given))
    if isinstance(t, Scalar) and isinstance(g, Scalar):
        return given if carries_derivative(g) else as_float(typer, given, what, loc)
    if isinstance(t, Array) and isinstance(g, Array):
        sizes = zip(t.dims, g.dims)
        fits = t.ndim == g.ndim and not any(isinstance(a, int) and isinstance(b, int) and a != b for a, b in sizes)
        if fits and kind_of(t) == kind_of(g):
            return given
    elif type(t) is type(g) and not isinstance(t, (Scalar, Array)):
        return given
    raise DiffTypeError(f"{what} of type {g} for a value of type {t}", loc=loc, hint="it has the type of its primal")


def call_hvp(
    typer: Typer, target: Transformed, held: Parts, args: Parts, kwargs: Kwargs, result: Value, loc: Loc
) -> None:
    """`ds.hvp(f, argnums)(*args, v)`: the gradient in a direction."""
    how = replace(target.how, kind="grad")
    if not args or not is_plain(how):
        raise refuse("hvp for several arguments inside a differentiated function", loc, "use ds.jvp of ds.grad")
    gradient = transformed(how, target.target)
    inner = called(typer, target.target, held, args[:-1], kwargs, loc)
    place = inner.place(how.argnums, loc) if isinstance(how.argnums, (int, str)) else 0
    c = replace(called(typer, gradient, held, args[:-1], kwargs, loc), places=(place,))
    pair = items_of(typer, _pushed(typer, c, (args[-1],), loc), loc)
    typer.env[result] = pair[1] if target.how.kind == "hvp" else tuple_of_items((pair[1], pair[0]))


# -- pullbacks


def vjp_at_once(
    typer: Typer, target: object, held: Parts, args: Parts, kwargs: Kwargs, result: Value, loc: Loc
) -> None:
    """`out, pull = ds.vjp(f, *primals)`."""
    _hand_out(typer, "pull", target, held, args, kwargs, result, loc)


def linearize_at_once(
    typer: Typer, target: object, held: Parts, args: Parts, kwargs: Kwargs, result: Value, loc: Loc
) -> None:
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
            items[p] = as_float(typer, items[p], "a primal", loc)
        c = replace(c, items=tuple(items))
    out = run_function(typer, c.target, c.items, loc)
    on = tuple(p if carries_derivative(typer.type_of(c.items[p])) else -1 for p in c.places)
    kept = tuple(_kept(typer, item, loc) for item in c.items)
    how = transformed(Transform(kind, on), c.target)
    function = Record(FuncType(how, tuple(map(typer.plain_type, kept))), kept)
    typer.env[result] = tuple_of_items((out, function))


def _kept(typer: Typer, item: Item, loc: Loc) -> Item:
    """An argument as it is now."""
    made = Value(None, loc=loc)
    return typer.env[made] if deep_copy(typer, item, made, loc) else item


def call_pull(
    typer: Typer, target: Transformed, held: Parts, args: Parts, kwargs: Kwargs, result: Value, loc: Loc
) -> None:
    """A cotangent of the result to those of the primals."""
    on = target.how.argnums
    assert isinstance(on, tuple)
    if len(args) != 1 or kwargs:
        raise DiffTypeError("a pullback takes one cotangent", loc=loc)
    wrt = tuple(p for p in on if isinstance(p, int) and p >= 0)
    kinds = kinds_of(typer, held)
    out = typer.ctx.instance(target.target, kinds).result_type
    fn = derivative(typer, target.target, held, wrt, Transform("pull"), loc)
    seeds = tuple(_seeds(typer, out, args[0], loc))
    parts = items_of(typer, run_function(typer, fn, (*as_generated(typer, held), *seeds), loc), loc)
    by_place = dict(zip(sorted(wrt), parts[1:]))
    typer.env[result] = tuple_of_items(tuple(by_place[p] if p in by_place else Literal(None) for p in on))


def _seeds(typer: Typer, t: Type, given: Item, loc: Loc) -> list[Item]:
    """The cotangents of the numbers and arrays of a result."""
    t = strip(t)
    if isinstance(t, Tuple):
        items = items_of(typer, given, loc)
        if len(items) != len(t.items):
            raise DiffTypeError(f"a cotangent of {len(items)} parts for a result of {len(t.items)}", loc=loc)
        return [s for part, item in zip(t.items, items) for s in _seeds(typer, part, item, loc)]
    return [_of_type(typer, t, given, "a cotangent", loc)] if carries_derivative(t) else []


def call_push(
    typer: Typer, target: Transformed, held: Parts, args: Parts, kwargs: Kwargs, result: Value, loc: Loc
) -> None:
    """Tangents of the primals to that of the result."""
    on = target.how.argnums
    assert isinstance(on, tuple)
    c = Called(target.target, held, tuple(p for p in on if isinstance(p, int) and p >= 0), {})
    tangents = tuple(a for a, p in zip(args, on) if p != -1)
    typer.env[result] = items_of(typer, _pushed(typer, c, tangents, loc), loc)[1]


# -- Jacobians


def call_jacobian(
    typer: Typer, target: Transformed, held: Parts, args: Parts, kwargs: Kwargs, result: Value, loc: Loc
) -> None:
    how, inner = target.how, target.target
    if how.kind == "hessian":
        gradient = transformed(replace(how, kind="grad"), inner)
        target = transformed(replace(how, kind="jacfwd"), gradient)
        if not is_plain(how):
            raise refuse("a hessian for several arguments inside a differentiated function", loc, "one argnum each")
        how, inner = target.how, gradient
    if how.kind == "jacrev" and isinstance(inner, Transformed):  # it has more results than arguments
        how = replace(how, kind="jacfwd")
    c, wrt = differentiated(typer, called(typer, inner, held, args, kwargs, loc), how, loc)
    found = tuple(_jacobian(typer, how.kind, c, place, loc) for place in wrt)
    typer.env[result] = tuple_of_items(found) if isinstance(how.argnums, tuple) else found[0]


def _jacobian(typer: Typer, kind: str, c: Called, place: int, loc: Loc) -> Item:
    """The Jacobian with respect to one argument, by a function of the library."""
    out = strip(typer.ctx.instance(c.target, kinds_of(typer, c.items)).result_type)
    x = strip(typer.type_of(c.items[place]))
    known = isinstance(x, (Scalar, Array)) and isinstance(out, (Scalar, Array)) and carries_derivative(out)
    if not known or is_complex(x) or is_complex(out):
        raise refuse(
            f"ds.{kind} of a function from {x} to {out} inside a differentiated function", loc,
            "take the Jacobian of a function from an array or number to an array or number",
        )  # fmt: skip
    by = _LIBRARY[kind, isinstance(x, Array), isinstance(out, Array)]
    func, others = single(c, place)
    h: Item = Record(FuncType(func, tuple(map(typer.plain_type, others))), others) if others else Literal(func)
    return run_function(typer, by, (h, c.items[place]), loc)


_LIBRARY: dict[tuple[str, bool, bool], Callable[..., object]] = {
    **{(kind, False, out): library.jacobian_of_number for kind in ("jacfwd", "jacrev") for out in (False, True)},
    ("jacfwd", True, False): library.gradient_by_columns,
    ("jacfwd", True, True): library.jacobian_by_columns,
    ("jacrev", True, False): library.gradient_of,
    ("jacrev", True, True): library.jacobian_by_rows,
    **{("elementwise_grad", x, True): library.sum_of_rows for x in (False, True)},
    **{("elementwise_grad", x, False): library.gradient_of for x in (False, True)},
}
