"""Interpolators of `scipy.interpolate`, as objects with contents (`defs/objects.py`): `interp1d`, `RegularGridInterpolator`.

Their contents are the values that they interpolate, in which they are linear.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from scipy import interpolate

from ...errors import DiffTypeError
from ...ir.types import ANY, Array, List, Lit, StrType, Tuple, Type, strip
from ...runtime import grids, splines
from ..dims import broadcast, dims_of
from ..objects import ObjectClass, Shared, constructor, enter_class, helper, rule_of, written
from ..special import as_array, dispatching, is_display, unbroadcast
from ..table import ArgRule, Def, register
from .interpolate import PREFIX, beside_values, like, nothing, sum_values, unsized

Args = tuple[Any, ...]
Kwargs = Mapping[str, Any]


# -- interp1d


def values_of(f: Any) -> Any:
    """The values that `interp1d` interpolates, in the order of its points."""
    return f.y


def sorted_values(
    f: Any, x: Any, y: Any, kind: Any = "linear", axis: Any = -1, copy: Any = True, bounds_error: Any = None,
    fill_value: Any = np.nan, assume_sorted: Any = False,
) -> Any:  # fmt: skip
    return f.y


def _held(f: Any) -> Type:
    y = np.asarray(f.y)
    return Array("c128" if y.dtype.kind == "c" else "f64", (None,) * y.ndim)


def _values_type(args: Args, kwargs: Kwargs) -> Type:
    kind = args[3] if len(args) > 3 else kwargs.get("kind")
    if kind is not None and isinstance(strip(kind), StrType) and not isinstance(kind, Lit):
        raise DiffTypeError("interp1d of a kind that isn't known when the program is compiled")
    return like(2)(args, kwargs)


in_order: Any = helper(
    splines.in_order, like(0),
    v=(lambda dot, out, v, f, x: in_order(dot, f, x), lambda ct, out, v, f, x: out_of_order(ct, f, x)),
)  # fmt: skip
out_of_order: Any = helper(
    splines.out_of_order, like(0),
    v=(lambda dot, out, v, f, x: out_of_order(dot, f, x), lambda ct, out, v, f, x: in_order(ct, f, x)),
)  # fmt: skip
written(values_of, "f.y", family="zero", types=lambda args, kwargs: getattr(args[0], "held", None) or ANY)
written(
    sorted_values, "f.y", name=f"{PREFIX}interp1d.y", types=_values_type,
    refusals={
        1: "`scipy.interpolate.interp1d` has no derivative with respect to the points x",
        7: "`scipy.interpolate.interp1d` has no derivative with respect to fill_value",
    },
)  # fmt: skip
rule_of(
    sorted_values, 2,
    lambda dot, out, f, x, y, *rest, **options: in_order(dot, f, x),
    lambda ct, out, f, x, y, *rest, **options: out_of_order(ct, f, x),
)  # fmt: skip


def interpolated(f: Any, y: Any, x: Any) -> Any:
    return f(x)


def _points_type(points: int, values: int) -> Any:
    def types(args: Args, kwargs: Kwargs) -> Type:
        x, several = dims_of(args[points]), len(dims_of(args[values])) - 1
        found = unsized(args[values], len(x) + several)
        return found if several else Array(found.dtype, x)

    return types


def _beside(dot: Any, f: Any, y: Any, out: Any) -> Any:
    return beside_values(dot, f, out) if y.ndim > 1 else dot


def _summed(g: Any, f: Any, y: Any, x: Any) -> Any:
    return sum_values(g, f, x) if y.ndim > 1 else g


def _more(nu: int) -> tuple[int, ...]:
    return (nu,) if nu else ()


INTERPOLATORS = enter_class(
    ObjectClass("an interpolator", (interpolate.interp1d,), _held, values_of, {"__call__": interpolated}, {"y": "contents"})
)
constructor(interpolate.interp1d, f"{PREFIX}interp1d", INTERPOLATORS, sorted_values)
written(interpolated, "f(x)", types=_points_type(2, 1))
between: Any = helper(
    splines.values_between, _points_type(2, 0),
    y=(
        lambda dot, out, y, f, x, nu=0: between(dot, f, x, *_more(nu)),
        lambda ct, out, y, f, x, nu=0: between_back(ct, f, y, x, *_more(nu)),
    ),
    x=(
        lambda dot, out, y, f, x, nu=0: _beside(dot, f, y, out) * between(y, f, x, nu + 1),
        lambda ct, out, y, f, x, nu=0: _summed(ct * between(y, f, x, nu + 1), f, y, x),
    ),
)  # fmt: skip
between_back: Any = helper(
    splines.values_between_back, like(2),
    g=(
        lambda dot, out, g, f, y, x, nu=0: between_back(dot, f, y, x, *_more(nu)),
        lambda ct, out, g, f, y, x, nu=0: between(ct, f, x, *_more(nu)),
    ),
    y=(nothing, nothing),
    x=(
        lambda dot, out, g, f, y, x, nu=0: between_back(g * _beside(dot, f, y, g), f, y, x, nu + 1),
        lambda ct, out, g, f, y, x, nu=0: _summed(g * between(ct, f, x, nu + 1), f, y, x),
    ),
)  # fmt: skip
rule_of(
    interpolated, 1,
    lambda dot, out, f, y, x: between(dot, f, x), lambda ct, out, f, y, x: between_back(ct, f, y, x),
)  # fmt: skip
rule_of(
    interpolated, 2,
    lambda dot, out, f, y, x: _beside(dot, f, y, out) * between(y, f, x, 1),
    lambda ct, out, f, y, x: _summed(ct * between(y, f, x, 1), f, y, x),
)  # fmt: skip


# -- RegularGridInterpolator

METHODS = ("linear", "nearest")


def grid_values(f: Any) -> Any:
    """The values on a grid."""
    return f.values


def given_grid_values(v: Any, f: Any, *rest: Any, **options: Any) -> Any:
    """The values that `RegularGridInterpolator` is given."""
    return f.values


def on_grid(f: Any, v: Any, x: Any) -> Any:
    return f(x)


def _grid_held(f: Any) -> Type | None:
    plain = f.method in METHODS and f.values.ndim == len(f.grid)
    return Array("c128" if f.values.dtype.kind == "c" else "f64", (None,) * f.values.ndim) if plain else None


def _chosen(kinds: tuple[Type, ...], named: Mapping[str, Type]) -> Shared:
    method = kinds[2] if len(kinds) > 2 else named.get("method")
    if method is not None and not (isinstance(method, Lit) and method.value in METHODS):
        raise DiffTypeError("RegularGridInterpolator with another method than 'linear' or 'nearest'")
    points = strip(kinds[0])
    values = kinds[1] if len(kinds) > 1 else named.get("values")
    if not isinstance(points, Tuple) or values is None or len(points.items) != len(dims_of(values)):
        raise DiffTypeError(
            "RegularGridInterpolator of points that aren't written as a tuple, or of values with further axes",
            hint="RegularGridInterpolator((x, y), values), with values of shape (len(x), len(y))",
        )  # fmt: skip
    return Shared(given_grid_values, (1,))


def _on_grid_type(args: Args, kwargs: Kwargs) -> Type:
    if kwargs or len(args) != 3:
        raise DiffTypeError("a call of RegularGridInterpolator with options", hint="give them to its constructor")
    found = unsized(args[1], 0)
    x = strip(args[2])
    if isinstance(x, Tuple):
        return Array(found.dtype, broadcast([dims_of(t) for t in x.items]))
    if isinstance(x, List):
        raise DiffTypeError("points given as a list", hint="give a tuple of coordinates, or an array")
    dims = dims_of(x)
    return Array(found.dtype, (None,) if len(dims) == 1 else dims[:-1])


def _points(x: Any, f: Any) -> Any:
    """Points as one array."""
    return _stacked(x) if is_display(x) else points_on(x, f) if x.ndim == 1 else x


def _stacked(items: Any) -> Any:
    if not any(getattr(i, "ndim", 0) for i in items):
        return as_array(list(items))
    zero = sum((np.zeros_like(i) for i in items[1:]), np.zeros_like(items[0]))
    return np.stack([i + zero for i in items], axis=-1)


def _on_grid_vjp(ct: Any, out: Any, f: Any, v: Any, x: Any) -> Any:
    g = grid_gradient(ct, f, v, _points(x, f))
    if is_display(x):
        return type(x)(unbroadcast(np.take(g, k, axis=-1), item) for k, item in enumerate(x))
    return np.reshape(g, x.shape) if x.ndim == 1 else g


#: directions that rules know of, which is the highest order of a derivative
MOST = 4


def _grid_rows() -> tuple[Any, Any, Any]:
    value, back = dispatching(grids.grid_value), dispatching(grids.grid_back)
    gradient = dispatching(grids.grid_gradient)

    def without(directions: tuple[Any, ...], k: int, new: Any) -> tuple[Any, ...]:
        return (*directions[:k], new, *directions[k + 1 :])

    def rest(directions: tuple[Any, ...], k: int) -> tuple[Any, ...]:
        return (*directions[:k], *directions[k + 1 :])

    rows = {
        fn: register(Def(fn.__name__, fn, "general", types=types))
        for fn, types in (
            (grids.grid_value, lambda args, kwargs: Array(unsized(args[0], 0).dtype, dims_of(args[2])[:-1])),
            (grids.grid_back, like(2)),
            (grids.grid_gradient, lambda args, kwargs: Array(unsized(args[0], 0).dtype, dims_of(args[3]))),
        )
    }
    rows[grids.grid_value].rules = {
        0: ArgRule(
            lambda dot, out, v, f, x, *ds: value(dot, f, x, *ds), lambda ct, out, v, f, x, *ds: back(ct, f, v, x, *ds)
        ),
        2: ArgRule(
            lambda dot, out, v, f, x, *ds: value(v, f, x, *ds, dot),
            lambda ct, out, v, f, x, *ds: gradient(ct, f, v, x, *ds),
        ),
    } | {
        3 + k: ArgRule(
            lambda dot, out, v, f, x, *ds, _k=k: value(v, f, x, *without(ds, _k, dot)),
            lambda ct, out, v, f, x, *ds, _k=k: gradient(ct, f, v, x, *rest(ds, _k)),
        )
        for k in range(MOST)
    }
    rows[grids.grid_back].rules = {
        0: ArgRule(
            lambda dot, out, g, f, v, x, *ds: back(dot, f, v, x, *ds), lambda ct, out, g, f, v, x, *ds: value(ct, f, x, *ds)
        ),
        2: ArgRule(nothing, nothing),
        3: ArgRule(
            lambda dot, out, g, f, v, x, *ds: back(g, f, v, x, *ds, dot),
            lambda ct, out, g, f, v, x, *ds: gradient(g, f, ct, x, *ds),
        ),
    } | {
        4 + k: ArgRule(
            lambda dot, out, g, f, v, x, *ds, _k=k: back(g, f, v, x, *without(ds, _k, dot)),
            lambda ct, out, g, f, v, x, *ds, _k=k: gradient(g, f, ct, x, *rest(ds, _k)),
        )
        for k in range(MOST)
    }
    rows[grids.grid_gradient].rules = {
        0: ArgRule(
            lambda dot, out, g, f, v, x, *ds: gradient(dot, f, v, x, *ds),
            lambda ct, out, g, f, v, x, *ds: value(v, f, x, *ds, ct),
        ),
        2: ArgRule(
            lambda dot, out, g, f, v, x, *ds: gradient(g, f, dot, x, *ds),
            lambda ct, out, g, f, v, x, *ds: back(g, f, v, x, *ds, ct),
        ),
        3: ArgRule(
            lambda dot, out, g, f, v, x, *ds: gradient(g, f, v, x, *ds, dot),
            lambda ct, out, g, f, v, x, *ds: gradient(g, f, v, x, *ds, ct),
        ),
    } | {
        4 + k: ArgRule(
            lambda dot, out, g, f, v, x, *ds, _k=k: gradient(g, f, v, x, *without(ds, _k, dot)),
            lambda ct, out, g, f, v, x, *ds, _k=k: gradient(g, f, v, x, *rest(ds, _k), ct),
        )
        for k in range(MOST)
    }
    return value, back, gradient


GRIDS = enter_class(
    ObjectClass(
        "an interpolator on a grid", (interpolate.RegularGridInterpolator,), _grid_held, grid_values,
        {"__call__": on_grid}, {"values": "contents"},
    )
)  # fmt: skip
constructor(
    interpolate.RegularGridInterpolator, f"{PREFIX}RegularGridInterpolator", GRIDS, Shared(given_grid_values, (1,)),
    choose=_chosen,
)  # fmt: skip
grid_value, grid_back, grid_gradient = _grid_rows()
points_on: Any = helper(
    grids.points_on, lambda args, kwargs: unsized(args[0], 2),
    x=(lambda dot, out, x, f: points_on(dot, f), lambda ct, out, x, f: np.reshape(ct, x.shape)),
)  # fmt: skip
as_stored: Any = helper(
    grids.as_stored, like(0), v=(lambda dot, out, v, f: as_stored(dot, f), lambda ct, out, v, f: as_stored(ct, f))
)  # fmt: skip
written(grid_values, "f.values", family="zero", types=lambda args, kwargs: getattr(args[0], "held", None) or ANY)
written(
    given_grid_values, "f.values", name=f"{PREFIX}RegularGridInterpolator.values", types=like(0), alias="readonly",
    refusals={-1: "only the values and the points at which it is asked have one"},
)  # fmt: skip
rule_of(
    given_grid_values, 0,
    lambda dot, out, v, f, *rest, **options: as_stored(dot, f),
    lambda ct, out, v, f, *rest, **options: as_stored(ct, f),
)  # fmt: skip
written(on_grid, "f(x)", types=_on_grid_type)
rule_of(
    on_grid, 1,
    lambda dot, out, f, v, x: grid_value(dot, f, _points(x, f)),
    lambda ct, out, f, v, x: grid_back(ct, f, v, _points(x, f)),
)  # fmt: skip
rule_of(
    on_grid, 2, lambda dot, out, f, v, x: grid_value(v, f, _points(x, f), _points(dot, f)), _on_grid_vjp
)  # fmt: skip
