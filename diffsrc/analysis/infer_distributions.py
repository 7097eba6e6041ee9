"""Methods of distributions that a package makes: `stats.norm.logpdf(x)`, and of frozen ones: `stats.norm(mu, s).logpdf(x)`.

A frozen distribution is a function with arguments given beforehand, as `functools.partial` makes it; a call of its method is
the call of the method of the distribution with these arguments behind those of the call. Methods without a row are called
as they are: what is active there is refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..defs.frozen import frozen_from, is_distribution, name_of_distribution
from ..defs.table import lookup
from ..ir.ops import Apply
from ..ir.types import FuncType, strip
from ..ir.values import Literal
from ..source import Loc
from .items import Item
from .partials import Partial, bound, unbound

if TYPE_CHECKING:
    from .typer import Parts, Typer


def freeze(typer: Typer, target: object, args: Parts, kwargs: Mapping[str, Item]) -> Item | None:
    """What a call of a distribution gives; None for a call of anything else."""
    return bound(target, args, kwargs) if is_distribution(target) else None


def call_of_distribution(typer: Typer, op: Apply, name: str, args: Parts, kwargs: Mapping[str, Item]) -> bool:
    """A call of a method of a distribution, frozen or not; False for other objects."""
    from .infer_calls import call_function, call_opaque

    found = _distribution(typer, args[0], op.loc)
    if found is None:
        return False
    target, given, named = found
    method = getattr(target, name, None)
    if method is None:
        return False
    args, kwargs = (*args[1:], *given), {**named, **kwargs}
    shown = f"{name_of_distribution(target)}.{name}"
    call = call_opaque if lookup(method) is None else call_function
    call(typer, method, args, kwargs, op.results, op.loc, shown)
    return True


def _distribution(typer: Typer, item: Item, loc: Loc) -> tuple[Any, tuple[Item, ...], Mapping[str, Item]] | None:
    """A distribution, and the arguments that it is frozen with, by position and by name."""
    if isinstance(item, Literal) and (constant := frozen_from(item.value)) is not None:
        target, values, named = constant
        return target, tuple(Literal(v) for v in values), {k: Literal(v) for k, v in named.items()}
    t = strip(typer.type_of(item))
    if not isinstance(t, FuncType):
        return None
    if isinstance(t.target, Partial) and is_distribution(t.target.target):
        held, own = unbound(t.target, typer.parts(item, t, loc), {})
        return t.target.target, held, own
    return (t.target, (), {}) if is_distribution(t.target) else None
