"""Calls of derivatives inside a program: `ds.grad(g)(x)`, `ds.jvp(g, (x,), (v,))`, `out, pull = ds.vjp(g, x)`.

Each becomes a call of a generated function of the same module: `ctx.derivative` compiles the derivative of `g` for the
types at hand, and its text is lowered and typed like a function of the user's. So the program is differentiated on as
if the derivative had been written by hand, to any order, and what `g` captures is passed like any argument.
"""

from __future__ import annotations

from collections.abc import Callable

from ..defs.transforms import Transform
from ..errors import DiffTypeError
from ..ir.values import Literal, Value
from ..source import Loc
from .derived_calls import (
    GRADIENTS,
    Kwargs,
    called,
    derivative,
    differentiated,
    is_plain,
    items_of,
    run_function,
    tuple_of_items,
    with_seed,
)
from .infer_directions import call_hvp, call_jacobian, call_pull, call_push, jvp_at_once, linearize_at_once, vjp_at_once
from .infer_implicit import call_fixed_point
from .infer_inserts import insert
from .infer_linear import call_linear_solve
from .items import Item
from .transforms import MAKERS, Transformed, derivative_item, known_function
from .typer import Parts, Typer, refuse

Results = tuple[Value, ...]


# -- making them


def call_entry(typer: Typer, kind: str, args: Parts, kwargs: Kwargs, results: Results, loc: Loc) -> None:
    """A call of `ds.grad`, `ds.jvp` and their like."""
    from .infer_calls import call_item

    if not results:
        return
    if kind == "insert_grad_of":
        insert(typer, args, results[0], loc)
        return
    if kind == "fixed_point":
        call_fixed_point(typer, args, kwargs, results, loc)
        return
    if kind == "linear_solve":
        call_linear_solve(typer, args, kwargs, results, loc)
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
    call = CALLS.get(kind, call_jacobian)
    call(typer, target, held, args, kwargs, results[0], loc)


# -- gradients


def _call_gradient(
    typer: Typer, target: Transformed, held: Parts, args: Parts, kwargs: Kwargs, result: Value, loc: Loc
) -> None:
    how = target.how
    c, wrt = differentiated(typer, called(typer, target.target, held, args, kwargs, loc), how, loc)
    fn = derivative(typer, c.target, c.items, wrt, how, loc)
    found = run_function(typer, fn, with_seed(typer, fn, c.items), loc, result.name)
    typer.env[result] = found if is_plain(how) else _arranged(typer, how, wrt, found, loc)


def _arranged(typer: Typer, how: Transform, wrt: tuple[int, ...], found: Item, loc: Loc) -> Item:
    """What the derivative returns, from what the generated function does: cotangents in the order of parameters."""
    with_value = how.kind == "value_and_grad" or how.has_aux
    parts = items_of(typer, found, loc) if with_value or len(wrt) > 1 else (found,)
    value, cotangents = (parts[0], parts[1:]) if with_value else (None, parts)
    by_place = dict(zip(sorted(wrt), cotangents))
    gradient = (
        by_place[wrt[0]] if not isinstance(how.argnums, tuple) else tuple_of_items(tuple(by_place[p] for p in wrt))
    )
    if value is None:
        return gradient
    if how.kind == "value_and_grad":
        return tuple_of_items((value, gradient))
    return tuple_of_items((gradient, items_of(typer, value, loc)[1]))


AT_ONCE: dict[str, Callable[..., None]] = {"jvp": jvp_at_once, "vjp": vjp_at_once, "linearize": linearize_at_once}
CALLS: dict[str, Callable[..., None]] = {
    **dict.fromkeys(GRADIENTS, _call_gradient),
    "hvp": call_hvp,
    "hvp_and_gradient": call_hvp,
    "pull": call_pull,
    "push": call_push,
}
