"""Splines that SciPy fits: differentiated at their points only (`UnivariateSpline`, `RectBivariateSpline`, `splev`)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from scipy import interpolate

from ...errors import NoRuleError
from ...ir.types import FLOAT, Array, Type
from ...runtime import splines
from ..dims import broadcast, dims_of
from ..objects import ObjectClass, constructor, enter_class, helper, rule_of, written
from ..special import dispatching, unbroadcast
from ..table import ArgRule, Def, register
from .interpolate import PREFIX

Args = tuple[Any, ...]
Kwargs = Mapping[str, Any]
_CONTENTS = Array("f64", (None,))
_FITTING = "how a spline is fitted has no rule: use make_interp_spline or CubicSpline, or keep what it is fitted to constant"
_WHY = {1: _FITTING}


def no_coefficients(s: Any, *given: Any, **options: Any) -> Any:
    """In the place of contents, which carry no derivative."""
    return None


def fitted(s: Any, c: Any, x: Any, nu: Any = 0, ext: Any = None) -> Any:
    return s(x, nu, ext)


def integral(s: Any, c: Any, a: Any, b: Any) -> Any:
    return s.integral(a, b)


def on_surface(s: Any, c: Any, xi: Any, yi: Any, dx: Any = 0, dy: Any = 0) -> Any:
    return s.ev(xi, yi, dx, dy)


def _like_points(args: Args, kwargs: Kwargs) -> Type:
    return Array("f64", dims_of(args[2]))


def _more(nu: Any, ext: Any) -> tuple[Any, ...]:
    return (nu,) if ext is None else (nu, ext)


at, over, on = dispatching(fitted), dispatching(integral), dispatching(on_surface)
written(no_coefficients, "None", types=lambda args, kwargs: _CONTENTS, refusals={-1: _FITTING})
written(fitted, "s(x, nu, ext)", types=_like_points, refusals=_WHY)
changes_at: Any = helper(splines.changes_at, lambda args, kwargs: Array("f64", dims_of(args[1])))


def _slope_at(s: Any, c: Any, x: Any, nu: Any, ext: Any) -> Any:
    return at(s, c, x, *_more(nu + 1, ext)) * changes_at(s, x, -1, ext)


rule_of(
    fitted, 2,
    lambda dot, out, s, c, x, nu=0, ext=None: dot * _slope_at(s, c, x, nu, ext),
    lambda ct, out, s, c, x, nu=0, ext=None: ct * _slope_at(s, c, x, nu, ext),
)  # fmt: skip
written(integral, "s.integral(a, b)", types=lambda args, kwargs: FLOAT, refusals=_WHY)
rule_of(
    integral, 2, lambda dot, out, s, c, a, b: -dot * at(s, c, a), lambda ct, out, s, c, a, b: -ct * at(s, c, a)
)  # fmt: skip
rule_of(
    integral, 3, lambda dot, out, s, c, a, b: dot * at(s, c, b), lambda ct, out, s, c, a, b: ct * at(s, c, b)
)  # fmt: skip
written(
    on_surface, "s.ev(xi, yi, dx, dy)",
    types=lambda args, kwargs: Array("f64", broadcast([dims_of(args[2]), dims_of(args[3])])), refusals=_WHY,
)  # fmt: skip
rule_of(
    on_surface, 2,
    lambda dot, out, s, c, xi, yi, dx=0, dy=0: dot * changes_at(s, xi, 0) * on(s, c, xi, yi, dx + 1, dy),
    lambda ct, out, s, c, xi, yi, dx=0, dy=0: unbroadcast(ct * changes_at(s, xi, 0) * on(s, c, xi, yi, dx + 1, dy), xi),
)  # fmt: skip
rule_of(
    on_surface, 3,
    lambda dot, out, s, c, xi, yi, dx=0, dy=0: dot * changes_at(s, yi, 1) * on(s, c, xi, yi, dx, dy + 1),
    lambda ct, out, s, c, xi, yi, dx=0, dy=0: unbroadcast(ct * changes_at(s, yi, 1) * on(s, c, xi, yi, dx, dy + 1), yi),
)  # fmt: skip

LINES = (interpolate.UnivariateSpline, interpolate.InterpolatedUnivariateSpline, interpolate.LSQUnivariateSpline)
SURFACES = (interpolate.RectBivariateSpline, interpolate.SmoothBivariateSpline, interpolate.LSQBivariateSpline)
FITTED = enter_class(
    ObjectClass(
        "a fitted spline", LINES, lambda s: _CONTENTS, no_coefficients, {"__call__": fitted, "integral": integral}
    )
)
SURFACE = enter_class(ObjectClass("a fitted surface", SURFACES, lambda s: _CONTENTS, no_coefficients, {"ev": on_surface}))
for _classes, _of in ((LINES, FITTED), (SURFACES, SURFACE)):
    for _cls in _classes:
        constructor(_cls, f"{PREFIX}{_cls.__name__}", _of, no_coefficients, _cls)


def _slope(x: Any, tck: Any, der: Any, ext: Any) -> Any:
    if ext not in (0, 1, 2):
        raise NoRuleError("splev with ext=3, which keeps the value at the boundary", hint="use UnivariateSpline or BSpline")
    return evaluated(x, tck, der + 1) if ext == 0 else evaluated(x, tck, der + 1, ext)


register(
    Def(
        f"{PREFIX}splev", interpolate.splev, "general", types=lambda args, kwargs: Array("f64", dims_of(args[0])),
        rules={
            0: ArgRule(
                lambda dot, out, x, tck, der=0, ext=0: dot * _slope(x, tck, der, ext),
                lambda ct, out, x, tck, der=0, ext=0: ct * _slope(x, tck, der, ext),
            )
        },
        refusals={1: "`scipy.interpolate.splev` has no derivative with respect to tck: use BSpline(*tck)"},
    )
)  # fmt: skip
evaluated = dispatching(interpolate.splev)
