"""Splines of `scipy.interpolate` in a basis (`BSpline`, `make_interp_spline`) and by their slopes at the knots (monotone, Akima
and Hermite splines). They are objects of the same kind as piecewise polynomials: see `defs/scipy/interpolate.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from scipy import interpolate

from ...errors import DiffTypeError
from ...ir.types import Array, Type
from ...runtime import splines
from ..dims import dims_of
from ..objects import Shared, constructor, helper, rule_of, written
from ..special import dispatching
from ..table import Def, register
from .interpolate import PIECES, PREFIX, keeps_coefficients, like


def given_spline_coefficients(c: Any, s: Any, *rest: Any, **options: Any) -> Any:
    """The coefficients that `BSpline` is given."""
    return s.c


keeps_coefficients(given_spline_coefficients, "BSpline")
constructor(interpolate.BSpline, f"{PREFIX}BSpline", PIECES, Shared(given_spline_coefficients, (1,)))


def interpolating_coefficients(
    s: Any, x: Any, y: Any, k: Any = 3, t: Any = None, bc_type: Any = None, axis: Any = 0, check_finite: Any = True
) -> Any:
    return s.c


written(
    interpolating_coefficients, "s.c", name=f"{PREFIX}make_interp_spline.c", types=like(2),
    refusals=dict.fromkeys((1, 4), "`scipy.interpolate.make_interp_spline` has no derivative with respect to knots")
    | {5: "`scipy.interpolate.make_interp_spline` has no derivative with respect to boundary values (bc_type)"},
)  # fmt: skip
interpolating, interpolating_back = dispatching(splines.interpolating), dispatching(splines.interpolating_back)
helper(
    splines.interpolating, like(0),
    y=(
        lambda dot, out, y, s, x, bc_type=None: interpolating(dot, s, x, bc_type),
        lambda ct, out, y, s, x, bc_type=None: interpolating_back(ct, s, x, bc_type),
    ),
)  # fmt: skip
helper(
    splines.interpolating_back, like(0),
    g=(
        lambda dot, out, g, s, x, bc_type=None: interpolating_back(dot, s, x, bc_type),
        lambda ct, out, g, s, x, bc_type=None: interpolating(ct, s, x, bc_type),
    ),
)  # fmt: skip
rule_of(
    interpolating_coefficients, 2,
    lambda dot, out, s, x, y, k=3, t=None, bc_type=None, *rest, **options: interpolating(dot, s, x, bc_type),
    lambda ct, out, s, x, y, k=3, t=None, bc_type=None, *rest, **options: interpolating_back(ct, s, x, bc_type),
)  # fmt: skip
constructor(
    interpolate.make_interp_spline, f"{PREFIX}make_interp_spline", PIECES, interpolating_coefficients, interpolate.BSpline
)


register(
    Def(
        "known_knots", splines.known_knots, "general", types=lambda args, kwargs: Array("f64", dims_of(args[0])),
        refusals={0: "a spline has no derivative with respect to its knots x"},
    )
)  # fmt: skip


def pchip(s: Any, x: Any, y: Any, axis: Any = 0, extrapolate: Any = None) -> Any:
    return splines.pchip_coefficients(x, y)


def akima(s: Any, x: Any, y: Any, axis: Any = 0, *, method: Any = "akima", extrapolate: Any = None) -> Any:
    return splines.akima_coefficients(x, y)


def hermite(s: Any, x: Any, y: Any, dydx: Any, axis: Any = 0, extrapolate: Any = None) -> Any:
    return splines.hermite_coefficients(splines.known_knots(x), y, dydx)


def _of_one_axis(name: str, program: Any) -> Any:
    def choose(kinds: tuple[Type, ...], named: Mapping[str, Type]) -> Any:
        values = kinds[1] if len(kinds) > 1 else named.get("y")
        if values is None or len(dims_of(values)) != 1 or "axis" in named or "method" in named:
            raise DiffTypeError(f"{name} of values with several axes, or with axis= or method=")
        return program

    return choose


for _cls, _program in (
    (interpolate.PchipInterpolator, pchip), (interpolate.Akima1DInterpolator, akima), (interpolate.CubicHermiteSpline, hermite),
):  # fmt: skip
    constructor(_cls, f"{PREFIX}{_cls.__name__}", PIECES, _program, choose=_of_one_axis(_cls.__name__, _program))
