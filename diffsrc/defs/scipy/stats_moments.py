"""What a distribution of `scipy.stats` has as a whole: rows of `mean`, `median`, `std`, `var`, `entropy`, and of `rvs`.

They change with location and scale as their definitions say; a draw is `loc + scale * z` with the same `z`, as those of
`np.random`. In shape parameters nothing is known, and what is active there is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from scipy import stats

from ...errors import DiffTypeError
from ...ir.types import INT, AnyType, Array, NoneType, Scalar, Type, strip
from ..dims import broadcast, dims_of
from ..numpy_tools import ndim
from ..numpy_types import shape_of
from ..special import is_number, quotient, unbroadcast
from ..table import ArgRule, Def, register
from .stats import FAMILIES, Family, enter, method, unknown
from .stats_discrete import COUNTED

#: the derivative in loc and that in scale
MOMENTS: dict[str, tuple[str | None, Callable[[Any, Any, Any], Any], str]] = {
    "mean": ("1.0", lambda out, loc, scale: quotient(out - loc, scale), "(out - loc) / scale"),
    "median": ("1.0", lambda out, loc, scale: quotient(out - loc, scale), "(out - loc) / scale"),
    "std": (None, lambda out, loc, scale: quotient(out, scale), "out / scale"),
    "var": (None, lambda out, loc, scale: quotient(2 * out, scale), "2 * out / scale"),
    "entropy": (None, lambda out, loc, scale: quotient(1.0, scale), "1 / scale"),
}


def _by_scale(of: Callable[[Any, Any, Any], Any], text: str) -> Callable[..., Any]:
    def partial(out: Any, loc: Any = 0, scale: Any = 1, **shapes: Any) -> Any:
        return of(out, loc, scale)

    partial.__doc__ = text
    return partial


def _moments(f: Family) -> None:
    for kind, (by_loc, by_scale, text) in MOMENTS.items():
        refused = [unknown(f"{f.name}.{kind}", f"the parameter {a}", "no closed form of it is known") for a in f.shapes]
        enter(
            f.name, kind, (*f.shapes, "loc", "scale"), len(f.shapes), *refused, by_loc, _by_scale(by_scale, text),
            domain=(0.3, 0.8),
        )  # fmt: skip


def _drawn(count: int, one: Type, many: str) -> Callable[[tuple[Any, ...], Mapping[str, Any]], Type]:
    """The type of a draw with so many parameters in front of `size`."""

    def types(args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Type:
        if set(kwargs) - {"size", "random_state", "loc", "scale"}:
            raise DiffTypeError("a random draw with keyword arguments that aren't known")
        size = args[count] if len(args) > count else kwargs.get("size")
        given = [*args[:count], *(kwargs[k] for k in ("loc", "scale") if k in kwargs)]
        if size is not None and not isinstance(strip(size), NoneType):
            return Array(many, shape) if (shape := shape_of(size)) else one
        arrays = [dims_of(t) for t in given if not isinstance(strip(t), (Scalar, AnyType))]
        return Array(many, shape) if arrays and (shape := broadcast(arrays)) else one

    return types


def _draw(position: int, shapes: int) -> ArgRule:
    """By loc and by scale."""

    def read(args: tuple[Any, ...], options: Mapping[str, Any]) -> tuple[Any, Any]:
        named = {**dict(zip(("loc", "scale"), args[shapes:])), **options}
        return named.get("loc", 0), named.get("scale", 1)

    def partial(out: Any, args: tuple[Any, ...], options: Mapping[str, Any]) -> Any:
        loc, scale = read(args, options)
        if position == 0:
            return 1.0
        z = out if is_number(loc) and loc == 0 else out - loc
        return quotient(z, scale)

    def jvp(dot: Any, out: Any, *args: Any, **options: Any) -> Any:
        found = dot * partial(out, args, options)
        return np.broadcast_to(found, np.shape(out)) if ndim(found) < ndim(out) else found

    def vjp(ct: Any, out: Any, *args: Any, **options: Any) -> Any:
        return unbroadcast(ct * partial(out, args, options), read(args, options)[position])

    return ArgRule(jvp, vjp)


def _draws(name: str, shapes: tuple[str, ...], continuous: bool) -> None:
    fn = method(name, "rvs")
    if fn is None:
        return
    params = (*shapes, "loc", *(("scale",) if continuous else ()))
    count = len(shapes)
    why = {i: unknown(f"{name}.rvs", f"the parameter {a}", "a draw is known in loc and scale only").why
           for i, a in enumerate(params)}  # fmt: skip
    rules = {count: _draw(0, count), count + 1: _draw(1, count)} if continuous else {}
    register(Def(
        f"scipy.stats.{name}.rvs", fn, "general", rules=rules, refusals=why, effect="random", raises=True,
        types=_drawn(len(params), Scalar("f64") if continuous else INT, "f64" if continuous else "i64"),
        defaults={p: {"loc": 0, "scale": 1}.get(p) for p in (*params, "size", "random_state")},
    ))  # fmt: skip


for _family in FAMILIES:
    if hasattr(stats, _family.name):
        _moments(_family)
        _draws(_family.name, _family.shapes, True)
for _d in COUNTED:
    _draws(_d.name, tuple(_d.by), False)
    for _kind in MOMENTS:
        enter(
            _d.name, _kind, (*_d.by, "loc"), len(_d.by),
            *(unknown(f"{_d.name}.{_kind}", f"the parameter {a}", "no closed form of it is known") for a in (*_d.by, "loc")),
        )  # fmt: skip
