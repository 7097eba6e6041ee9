"""Rows for np.interp."""

from __future__ import annotations

from typing import Any

import numpy as np

from .numpy_tools import add_at, can_not, is_display, like_display, ndim, only, rule
from .special import as_array, dispatching


def _interp_options(options: Any) -> Any:
    only("np.interp", options, "left", "right")


def _cyclic(x: Any, xp: Any, fp: Any, period: Any) -> tuple[Any, Any, Any, Any]:
    """What NumPy makes of periodic knots: sorted within the period, with one more at each end; and where they were."""
    if ndim(period):
        raise can_not("np.interp", "a period in an array")
    period = np.abs(period)
    knots = xp % period
    order = np.argsort(knots)
    places = np.concatenate((order[-1:], order, order[:1]))
    knots = np.take(knots, order)
    whole = np.concatenate((knots[-1:] - period, knots, knots[:1] + period))
    return x % period, whole, np.take(fp, places), places


def _cell(x: Any, xp: Any) -> Any:
    """The index of the upper knot of the interval of each x."""
    return np.clip(np.searchsorted(xp, x, side="right"), 1, xp.shape[0] - 1)


#: also of known knots at traced positions
_knot = dispatching(np.take)


def _interp_slope(x: Any, xp: Any, fp: Any) -> Any:
    """dy/dx: 0 outside the knots, the slope to the right at a knot."""
    j = _cell(x, xp)
    slope = (_knot(fp, j) - _knot(fp, j - 1)) / (_knot(xp, j) - _knot(xp, j - 1))
    return np.where((x < xp[0]) | (x > xp[-1]), 0.0, slope)


def _interp_spread(ct: Any, x: Any, xp: Any) -> Any:
    """The cotangent of each value shared out to the two knots beside it."""
    j = _cell(x, xp)
    low = _knot(xp, j - 1)
    t = np.clip((x - low) / (_knot(xp, j) - low), 0.0, 1.0)
    return add_at(ct * (1.0 - t), j - 1, xp.shape) + add_at(ct * t, j, xp.shape)


def _interp_xp_jvp(dot: Any, out: Any, x: Any, xp: Any, fp: Any, *ends: Any, **options: Any) -> Any:
    _interp_options(options)
    return -_interp_slope(x, xp, fp) * np.interp(x, xp, dot)


def _interp_xp_vjp(ct: Any, out: Any, x: Any, xp: Any, fp: Any, *ends: Any, **options: Any) -> Any:
    _interp_options(options)
    return -_interp_spread(ct * _interp_slope(x, xp, fp), x, xp)


def _interp_x(t: Any, out: Any, x: Any, xp: Any, fp: Any, *ends: Any, **options: Any) -> Any:
    _interp_options(options)
    return t * _interp_slope(x, xp, fp)


def _ends(left: Any = None, right: Any = None, **options: Any) -> Any:
    _interp_options(options)
    return left, right


def _interp_fp_jvp(dot: Any, out: Any, x: Any, xp: Any, fp: Any, *ends: Any, **options: Any) -> Any:
    left, right = _ends(*ends, **options)
    fixed = {k: 0.0 for k, v in (("left", left), ("right", right)) if v is not None}
    return np.interp(x, xp, dot, **fixed)


def _interp_fp_vjp(ct: Any, out: Any, x: Any, xp: Any, fp: Any, *ends: Any, **options: Any) -> Any:
    left, right = _ends(*ends, **options)
    if left is not None:
        ct = np.where(x < xp[0], 0.0, ct)
    if right is not None:
        ct = np.where(x > xp[-1], 0.0, ct)
    return _interp_spread(ct, x, xp)


def _of_knots(rule_of_arrays: Any, changes: bool = False, received: bool = False) -> Any:
    """The rule with knots that are displays taken as arrays, and periodic ones as NumPy takes them: what `changes` is of the
    knots as they are given, and what is `received` is so, too."""

    def apply(
        t: Any, out: Any, x: Any, xp: Any, fp: Any, left: Any = None, right: Any = None, period: Any = None, **options: Any
    ) -> Any:  # fmt: skip
        x, knots, values = (as_array(a) if is_display(a) else a for a in (x, xp, fp))
        t = as_array(t) if is_display(t) else t
        if period is None:
            ends = () if left is right is None else (left, right)
            return rule_of_arrays(t, out, x, knots, values, *ends, **options)
        x, wide, values, places = _cyclic(x, knots, values, period)
        g = rule_of_arrays(np.take(t, places) if changes else t, out, x, wide, values, **options)
        return add_at(g, places, knots.shape) if received else g

    return apply


def _back_to(position: int, of_arrays: Any, received: bool = False) -> Any:
    """The transpose with its cotangent given back item by item where the argument is a display."""

    def apply(ct: Any, out: Any, *args: Any, **options: Any) -> Any:
        g = _of_knots(of_arrays, received=received)(ct, out, *args, **options)
        arg = args[position]
        return like_display(arg, [g[k] for k in range(len(arg))]) if is_display(arg) else g

    return apply


rule(
    np.interp,
    jvp=_of_knots(_interp_x),
    vjp=_back_to(0, _interp_x),
    kink="at a knot: the slope to its right; outside: 0",
)
rule(np.interp, arg=1, jvp=_of_knots(_interp_xp_jvp, changes=True), vjp=_back_to(1, _interp_xp_vjp, received=True))
rule(np.interp, arg=2, jvp=_of_knots(_interp_fp_jvp, changes=True), vjp=_back_to(2, _interp_fp_vjp, received=True))


def _end(beyond: Any) -> dict[str, Any]:
    """The rules of a value for what lies beyond the knots; periodic ones have no end."""

    def jvp(
        dot: Any, out: Any, x: Any, xp: Any, fp: Any, left: Any = None, right: Any = None, period: Any = None
    ) -> Any:  # fmt: skip
        knots = as_array(xp) if is_display(xp) else xp
        return np.where(beyond(x, knots), dot, 0.0) if period is None else None

    def vjp(
        ct: Any, out: Any, x: Any, xp: Any, fp: Any, left: Any = None, right: Any = None, period: Any = None
    ) -> Any:  # fmt: skip
        knots = as_array(xp) if is_display(xp) else xp
        return np.sum(np.where(beyond(x, knots), ct, 0.0)) if period is None else None

    return {"jvp": jvp, "vjp": vjp}


rule(np.interp, arg=3, **_end(lambda x, xp: x < xp[0]))
rule(np.interp, arg=4, **_end(lambda x, xp: x > xp[-1]))
