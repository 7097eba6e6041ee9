"""Methods of distributions that a package makes: `stats.norm.logpdf(x)`, and of frozen ones: `stats.norm(mu, s).logpdf(x)`.

A frozen distribution is a function with arguments given beforehand, as `functools.partial` makes it; a call of its method is
the call of the method of the distribution with these arguments behind those of the call. Methods without a row are called
as they are: what is active there is refused.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from types import FunctionType, MethodType
from typing import TYPE_CHECKING, Any

import numpy as np

from ..defs.frozen import VARIABLES, copied_when_frozen, frozen_from, is_distribution, name_of_distribution
from ..defs.packages import place_in_rows
from ..defs.probe import infer_by_trial
from ..defs.table import Def, lookup, method_of
from ..errors import DiffTypeError
from ..ir.ops import Apply
from ..ir.types import ANY, Array, FuncType, Lit, OneOf, Type, strip
from ..ir.values import Literal, Value
from ..source import Loc
from .choices import call_choice
from .items import Item
from .partials import Partial, bound, unbound
from .typer import refuse

if TYPE_CHECKING:
    from .typer import Parts, Typer

Results = tuple[Value, ...]


def freeze(typer: Typer, target: object, args: Parts, kwargs: Mapping[str, Item], loc: Loc) -> Item | None:
    """What a call of a distribution gives; None for a call of anything else."""
    if not is_distribution(target):
        return None
    copied = copied_when_frozen(target)
    given = tuple(_as_it_is(typer, a, loc) if i in copied else a for i, a in enumerate(args))
    return bound(target, given, {k: _as_it_is(typer, v, loc) if k in copied else v for k, v in kwargs.items()})


def _as_it_is(typer: Typer, item: Item, loc: Loc) -> Item:
    """A parameter as it is now: writing it later changes nothing."""
    t = typer.type_of(item)
    if not isinstance(strip(t), Array) or isinstance(item, Literal):
        return item
    return typer.emit_apply(lookup(np.copy), (typer.operand(item),), {}, strip(t), None, loc)


def call_of_distribution(typer: Typer, op: Apply, name: str, args: Parts, kwargs: Mapping[str, Item]) -> bool:
    """A call of a method of a distribution, frozen or not; False for other objects."""
    from .infer_calls import call_function
    from .infer_methods import call_method

    chosen = typer.type_of(args[0])
    if isinstance(chosen, OneOf) and any(map(_of_distribution, chosen.options)):
        options = typer.parts(args[0], chosen, op.loc)
        call_choice(
            typer, options, op.results, op.loc,
            lambda option: call_method(typer, op, name, (option, *args[1:]), kwargs),
        )  # fmt: skip
        return True
    found = _distribution(typer, args[0], op.loc)
    if found is None:
        return False
    target, given, named = found
    method = getattr(target, name, None)
    if method is None:
        return False
    args, kwargs = (*args[1:], *given), {**named, **kwargs}
    shown = f"{name_of_distribution(target)}.{name}"
    call = call_closed if lookup(method) is None else call_function
    call(typer, method, args, kwargs, op.results, op.loc, shown)
    return True


def _of_distribution(t: FuncType) -> bool:
    return is_distribution(t.target.target if isinstance(t.target, Partial) else t.target)


#: functions and methods that draw random numbers: they aren't tried for the type of their result
_RANDOM = frozenset({"rvs", "bootstrap", "permutation_test", "monte_carlo_test", "resample", "goodness_of_fit", "power"})


def call_closed(
    typer: Typer, target: Any, args: Parts, kwargs: Mapping[str, Item], results: Results, loc: Loc, name: str
) -> None:
    """A call of a function without a row, of a package whose Python isn't read: what is active there is refused."""
    from .infer_calls import apply_row, call_opaque

    if not isinstance(target, (FunctionType, MethodType)) or target.__name__ in _RANDOM:
        call_opaque(typer, target, args, kwargs, results, loc, name)
        return
    apply_row(typer, _without_rule(target, ".".join(place_in_rows(target) or (name,))), args, kwargs, results, loc)


@functools.cache
def _without_rule(target: Any, name: str) -> Def:
    def types(args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Type:
        try:
            return infer_by_trial(target, args, kwargs)
        except DiffTypeError:
            return ANY

    return Def(name, target, "general", types=types, refusals={-1: "no rule of it is known"}, raises=True)


def attribute_of_distribution(typer: Typer, item: Item, name: str, old: Value, loc: Loc) -> bool:
    """An attribute of a distribution: a method as a function, with the parameters of a frozen one; the distribution that one is
    frozen from; numbers and names. False for other objects.

    Raises:
        UnsupportedError: for any other attribute.
    """
    found = _distribution(typer, item, loc)
    if found is None:
        return False
    target, given, named = found
    is_frozen = bool(given or named) or frozen_from(getattr(item, "value", None)) is not None
    method, row = getattr(target, name, None), method_of(target, name)
    if row is not None:
        places = [p for p in row.defaults if p not in VARIABLES]
        typer.env[old] = bound(row.fn, (), {**dict(zip(places, given)), **named})
    elif is_frozen and name == "dist":
        typer.env[old] = Literal(target)
    elif not is_frozen and isinstance(method, (int, float, str)):
        typer.env[old] = Literal(method, None, loc)
    else:
        raise refuse(f"the attribute .{name} of {name_of_distribution(target)}", loc, "call methods where they are read")
    return True


def _distribution(typer: Typer, item: Item, loc: Loc) -> tuple[Any, tuple[Item, ...], Mapping[str, Item]] | None:
    """A distribution, and the arguments that it is frozen with, by position and by name."""
    known = typer.type_of(item)
    value = known.value if isinstance(known, Lit) else getattr(item, "value", None)
    if (constant := frozen_from(value)) is not None:
        target, values, named = constant
        return target, tuple(Literal(v) for v in values), {k: Literal(v) for k, v in named.items()}
    t = strip(known)
    if not isinstance(t, FuncType):
        return None
    if isinstance(t.target, Partial) and is_distribution(t.target.target):
        held, own = unbound(t.target, typer.parts(item, t, loc), {})
        return t.target.target, held, own
    return (t.target, (), {}) if is_distribution(t.target) else None
