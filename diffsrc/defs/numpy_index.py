"""Rows for functions that pick elements: take, sort, select, interpolation, differences; and those that find
positions.

The transposes of gathers are the helpers of `runtime/helpers.py`, each a row with the gather as its own
transpose.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..ir.types import ANY, INT, List, Tuple
from ..runtime import helpers
from .numpy_tools import (
    add_along_axis,
    add_at,
    along,
    at,
    can_not,
    concatenate,
    given,
    is_absent,
    is_display,
    like_display,
    linear_in,
    ndim,
    no_rule,
    norm_axes,
    norm_axis,
    only,
    rule,
    shape,
    shape_only,
    stack,
    swap,
    types_unless,
)  # fmt: skip
from .numpy_types import rows_as_lists, shape_of, take, unstacked, with_shape
from .special import as_array, dispatching, unbroadcast
from .table import Def, register, zero

zero(
    np.argsort, np.argpartition, np.argmax, np.argmin, np.nanargmax, np.nanargmin, np.nonzero, np.flatnonzero,
    np.argwhere, np.searchsorted, np.digitize, np.count_nonzero, np.lexsort, np.unravel_index,
    np.ravel_multi_index, np.indices, np.ix_, np.isin, np.shape, np.size, np.ndim,
    np.result_type, np.can_cast, np.promote_types, np.broadcast_shapes, np.tril_indices,
    np.triu_indices, np.tril_indices_from, np.triu_indices_from, np.diag_indices, np.diag_indices_from,
    np.linalg.matrix_rank,
)  # fmt: skip


def _all_indices(args: Any, kwargs: Any) -> Any:
    """A tuple of ints for each element."""
    rank = len(shape_of(args[0])) if len(args) == 1 else len(args)
    return List(Tuple((INT,) * rank))


register(Def("np.ndindex", np.ndindex, "zero", types=_all_indices))
register(Def("np.nditer", np.nditer, "opaque"))

# -- take and its transpose


def _take_mode(options: Any) -> Any:
    only("np.take", options, "mode")
    if options.get("mode", "raise") != "raise":
        raise can_not("np.take", f"mode={options['mode']!r}", "wrap or clip the indices first")


def _take(ct: Any, out: Any, a: Any, indices: Any, axis: Any = None, **options: Any) -> Any:
    _take_mode(options)
    if axis is None and ndim(a) != 1:
        return np.reshape(add_at(ct, indices, (a.size,)), shape(a))
    return add_at(ct, indices, a.shape, **given(axis=axis))


def _take_along_axis(ct: Any, out: Any, a: Any, indices: Any, axis: Any = -1) -> Any:
    if axis is None:
        return np.reshape(add_at(ct, indices, (a.size,)), a.shape)
    if a.ndim == 1:
        return add_at(ct, indices, a.shape)
    return add_along_axis(ct, indices, a.shape, **({} if axis == -1 else {"axis": axis}))


def _compress(ct: Any, out: Any, condition: Any, a: Any, axis: Any = None) -> Any:
    where = np.flatnonzero(condition)
    return _take(ct, out, a, where, axis)


def _extract(ct: Any, out: Any, condition: Any, a: Any) -> Any:
    return _take(ct, out, a, np.flatnonzero(condition))


linear_in(np.take, vjp=_take, raises=True, types=take)
linear_in(np.take_along_axis, vjp=_take_along_axis, raises=True)
linear_in(np.compress, arg=1, vjp=_compress, raises=True)
linear_in(np.extract, arg=1, vjp=_extract, raises=True)
linear_in(
    helpers.add_at,
    types=with_shape(2),
    name="add_at",
    vjp=lambda ct, out, g, i, to, axis=0: np.take(ct, i, axis),
)
linear_in(
    helpers.add_along_axis,
    types=with_shape(2),
    name="add_along_axis",
    vjp=lambda ct, out, g, i, to, axis=-1: np.take_along_axis(ct, i, axis),
)
linear_in(
    helpers.add_repeats,
    types=with_shape(2),
    name="add_repeats",
    vjp=lambda ct, out, g, n, to, axis=0: np.repeat(ct, n, axis),
)
linear_in(
    helpers.unstack,
    types=unstacked,
    name="unstack",
    vjp=lambda ct, out, g, axis=0: stack(ct, **given(axis=axis)),
)
linear_in(
    helpers.nested_lists,
    types=rows_as_lists,
    name="nested_lists",
    vjp=lambda ct, out, g: np.array(ct),
)
linear_in(
    helpers.split_like,
    name="split_like",
    vjp=lambda ct, out, g, xs, axis=0: concatenate(ct, **given(axis=axis)),
)

shape_only(helpers.split_like, arg=1)


def _put_diagonal(ct: Any, out: Any, g: Any, to: Any, offset: Any = 0, axis1: Any = 0, axis2: Any = 1) -> Any:
    return np.diagonal(ct, offset, axis1, axis2)


linear_in(helpers.put_diagonal, types=with_shape(1), name="put_diagonal", vjp=_put_diagonal)


def _cofactors_jvp(dot: Any, out: Any, a: Any) -> Any:
    b = swap(np.linalg.inv(a))
    slope = np.sum(out * dot, axis=(-2, -1), keepdims=True)
    return slope * b - out @ swap(dot) @ b


def _cofactors_vjp(ct: Any, out: Any, a: Any) -> Any:
    b = swap(np.linalg.inv(a))
    return np.sum(ct * b, axis=(-2, -1), keepdims=True) * out - b @ swap(ct) @ out


rule(helpers.cofactors, name="cofactors", jvp=_cofactors_jvp, vjp=_cofactors_vjp, raises=True)

# -- sort: gather by argsort


def _sort_order(a: Any, axis: Any) -> Any:
    return np.argsort(
        np.ravel(a) if axis is None else a, kind="stable", **({} if axis in (None, -1) else {"axis": axis})
    )


def _sorted(t: Any, order: Any, axis: Any) -> Any:
    return np.take(t, order) if order.ndim == 1 else np.take_along_axis(t, order, axis)


def _sort_jvp(dot: Any, out: Any, a: Any, axis: Any = -1, **options: Any) -> Any:
    only("np.sort", options, "kind", "stable")
    return _sorted(dot, _sort_order(a, axis), axis)


def _sort_vjp(ct: Any, out: Any, a: Any, axis: Any = -1, **options: Any) -> Any:
    only("np.sort", options, "kind", "stable")
    back = _sort_order(_sort_order(a, axis), -1 if axis is None else axis)
    g = _sorted(ct, back, axis)
    return np.reshape(g, a.shape) if axis is None and a.ndim > 1 else g


rule(np.sort, jvp=_sort_jvp, vjp=_sort_vjp, kink="equal elements keep their order")


def _partitioned(t: Any, out: Any, a: Any, axis: Any) -> Any:
    """What goes with `a`, in the order of its partition: by rank, whatever order the parts are in."""
    if axis is None:
        t, a, axis = np.ravel(t), np.ravel(a), -1
    rank = np.argsort(np.argsort(out, axis=axis, kind="stable"), axis=axis, kind="stable")
    return np.take_along_axis(t, np.take_along_axis(np.argsort(a, axis=axis, kind="stable"), rank, axis), axis)


def _partition_jvp(dot: Any, out: Any, a: Any, kth: Any, axis: Any = -1, **options: Any) -> Any:
    only("np.partition", options, "kind")
    return _partitioned(dot, out, a, axis)


def _partition_vjp(ct: Any, out: Any, a: Any, kth: Any, axis: Any = -1, **options: Any) -> Any:
    only("np.partition", options, "kind")
    return np.reshape(_partitioned(ct, np.ravel(a) if axis is None else a, out, axis), shape(a))


rule(np.partition, jvp=_partition_jvp, vjp=_partition_vjp, kink="equal elements")

# -- select


def _masks(conditions: Any) -> Any:
    """For each condition: it holds and none before it does. Last: any holds."""
    masks, taken = [], None
    for c in conditions:
        masks.append(c if taken is None else c & ~taken)
        taken = c if taken is None else taken | c
    return masks, taken


def _select_jvp(dot: Any, out: Any, conditions: Any, choices: Any, default: Any = 0) -> Any:
    return np.select(conditions, dot)


def _select_vjp(ct: Any, out: Any, conditions: Any, choices: Any, default: Any = 0) -> Any:
    masks, _ = _masks(conditions)
    parts = [unbroadcast(np.where(m, ct, 0.0), c) for m, c in zip(masks, choices)]
    return like_display(choices, parts)


def _select_default_vjp(ct: Any, out: Any, conditions: Any, choices: Any, default: Any = 0) -> Any:
    return unbroadcast(np.where(_masks(conditions)[1], 0.0, ct), default)


def _select_default_jvp(dot: Any, out: Any, conditions: Any, choices: Any, default: Any = 0) -> Any:
    return np.where(_masks(conditions)[1], np.zeros_like(out), dot)


rule(np.select, arg=1, jvp=_select_jvp, vjp=_select_vjp)
rule(np.select, arg=2, jvp=_select_default_jvp, vjp=_select_default_vjp)

# -- interpolation


def _interp_options(options: Any) -> Any:
    if options.get("period") is not None:
        raise can_not("np.interp", "period=", "reduce x by np.mod first")
    only("np.interp", options, "left", "right")


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


def _of_knots(rule_of_arrays: Any) -> Any:
    """The rule with knots that are displays taken as arrays."""

    def apply(t: Any, out: Any, x: Any, xp: Any, fp: Any, *ends: Any, **options: Any) -> Any:
        x, knots, values = (as_array(a) if is_display(a) else a for a in (x, xp, fp))
        t = as_array(t) if is_display(t) else t
        return rule_of_arrays(t, out, x, knots, values, *ends, **options)

    return apply


def _back_to(position: int, of_arrays: Any) -> Any:
    """The transpose with its cotangent given back item by item where the argument is a display."""

    def apply(ct: Any, out: Any, *args: Any, **options: Any) -> Any:
        g = _of_knots(of_arrays)(ct, out, *args, **options)
        arg = args[position]
        return like_display(arg, [g[k] for k in range(len(arg))]) if is_display(arg) else g

    return apply


rule(
    np.interp,
    jvp=_of_knots(_interp_x),
    vjp=_back_to(0, _interp_x),
    kink="at a knot: the slope to its right; outside: 0",
)
rule(np.interp, arg=1, jvp=_of_knots(_interp_xp_jvp), vjp=_back_to(1, _interp_xp_vjp))
rule(np.interp, arg=2, jvp=_of_knots(_interp_fp_jvp), vjp=_back_to(2, _interp_fp_vjp))
rule(
    np.interp, arg=3,
    jvp=lambda dot, out, x, xp, fp, left, right=None: np.where(x < xp[0], dot, 0.0),
    vjp=lambda ct, out, x, xp, fp, left, right=None: np.sum(np.where(x < xp[0], ct, 0.0)),
)  # fmt: skip
rule(
    np.interp, arg=4,
    jvp=lambda dot, out, x, xp, fp, left, right: np.where(x > xp[-1], dot, 0.0),
    vjp=lambda ct, out, x, xp, fp, left, right: np.sum(np.where(x > xp[-1], ct, 0.0)),
)  # fmt: skip

# -- differences


def _undiff(ct: Any, a: Any, axis: Any) -> Any:
    """Minus the differences of the cotangent between zeros."""
    if a.ndim == 1:
        return -np.diff(np.pad(ct, 1))
    widths = tuple((1, 1) if k == norm_axis(axis, a.ndim) else (0, 0) for k in range(a.ndim))
    return -np.diff(np.pad(ct, widths), **({} if axis in (-1, a.ndim - 1) else {"axis": axis}))


def _diff_jvp(dot: Any, out: Any, a: Any, n: Any = 1, axis: Any = -1, **options: Any) -> Any:
    only("np.diff", options)
    return np.diff(dot, **({} if n == 1 else {"n": n}), **({} if axis == -1 else {"axis": axis}))


def _diff_vjp(ct: Any, out: Any, a: Any, n: Any = 1, axis: Any = -1, **options: Any) -> Any:
    only("np.diff", options)
    if not isinstance(n, int):
        raise can_not("np.diff", "a number of differences that isn't constant")
    for _ in range(n):
        ct = _undiff(ct, a, axis)
    return ct


def _ediff1d_jvp(dot: Any, out: Any, a: Any, **options: Any) -> Any:
    only("np.ediff1d", options)
    return np.ediff1d(dot)


def _ediff1d_vjp(ct: Any, out: Any, a: Any, **options: Any) -> Any:
    only("np.ediff1d", options)
    g = -np.diff(np.pad(ct, 1))
    return g if a.ndim == 1 else np.reshape(g, a.shape)


rule(
    np.diff, jvp=_diff_jvp, vjp=_diff_vjp, linear=True,
    types=types_unless(np.diff, lambda args, kwargs: "n=0" if _is_zero(args, kwargs) else ""),
)  # fmt: skip
rule(np.ediff1d, jvp=_ediff1d_jvp, vjp=_ediff1d_vjp, linear=True)


def _is_zero(args: Any, kwargs: Any) -> Any:
    n = args[1] if len(args) > 1 else kwargs.get("n")
    return getattr(n, "value", None) == 0


rule(
    np.bincount, arg=1,
    jvp=lambda dot, out, x, weights, minlength=0: np.bincount(x, dot, **given(minlength=minlength)),
    vjp=lambda ct, out, x, weights, minlength=0: np.take(ct, x),
    raises=True,
)  # fmt: skip

# -- gradient with equal spacings: central differences inside, one-sided at the ends

#: spacings that have rules
MANY_AXES = 4


def _spacings(a: Any, spacing: tuple[Any, ...], axis: Any, edge_order: Any) -> list[tuple[int, Any]]:
    """The axes, each with its spacing (None for 1).

    Raises:
        UnsupportedError: for spacings in arrays, and edge_order=2.
    """
    if edge_order != 1 or any(map(ndim, spacing)):
        raise can_not("np.gradient", "edge_order=2, or spacings in an array")
    axes = tuple(range(a.ndim)) if axis is None else norm_axes(axis, a.ndim)
    steps = spacing * len(axes) if len(spacing) == 1 else spacing or (None,) * len(axes)
    return list(zip(axes, steps))


def _gradient_jvp(dot: Any, out: Any, a: Any, *spacing: Any, axis: Any = None, edge_order: Any = 1) -> Any:
    _spacings(a, spacing, axis, edge_order)
    return np.gradient(dot, *spacing, **at(axis))


def _gradient_vjp(ct: Any, out: Any, a: Any, *spacing: Any, axis: Any = None, edge_order: Any = 1) -> Any:
    steps = _spacings(a, spacing, axis, edge_order)
    if not is_display(ct):
        return _one_gradient_vjp(ct, a.ndim, *steps[0])
    total: Any = None
    for part, (k, h) in zip(ct, steps):
        if not is_absent(part):
            g = _one_gradient_vjp(part, a.ndim, k, h)
            total = g if total is None else total + g
    return total


def _one_gradient_vjp(ct: Any, rank: int, axis: int, h: Any) -> Any:
    def part(t: Any, start: int | None, stop: int | None) -> Any:
        return t[along(axis, rank, slice(start, stop))]

    scaled = ct if h is None else ct / h
    first, inner, last = part(scaled, None, 1), 0.5 * part(scaled, 1, -1), part(scaled, -1, None)
    g = np.concatenate((-first, first, inner, last, -last), axis=axis)
    return part(g, None, -2) - part(g, 2, None)


def _spacing(position: int) -> Any:
    """The rules of one spacing: what has it as its step is proportional to its reciprocal."""

    def scaled(a: Any, spacing: Any, axis: Any, edge_order: Any) -> list[bool]:
        """For each result, whether it does."""
        count = len(_spacings(a, spacing, axis, edge_order))
        return [len(spacing) == 1 or k == position for k in range(count)]

    def jvp(dot: Any, out: Any, a: Any, *spacing: Any, axis: Any = None, edge_order: Any = 1) -> Any:
        mine, slope = scaled(a, spacing, axis, edge_order), dot / spacing[position]
        if len(mine) == 1:
            return -out * slope
        return tuple(-out[k] * slope if own else np.zeros_like(out[k]) for k, own in enumerate(mine))

    def vjp(ct: Any, out: Any, a: Any, *spacing: Any, axis: Any = None, edge_order: Any = 1) -> Any:
        mine = scaled(a, spacing, axis, edge_order)
        if len(mine) == 1:
            return -np.sum(ct * out) / spacing[position]
        terms = [np.sum(ct[k] * out[k]) for k, own in enumerate(mine) if own and not is_absent(ct[k])]
        return -sum(terms[1:], terms[0]) / spacing[position] if terms else 0.0

    return {"jvp": jvp, "vjp": vjp}


rule(np.gradient, jvp=_gradient_jvp, vjp=_gradient_vjp, raises=True, kink="equal spacings, edge_order=1")
for _n in range(MANY_AXES):
    rule(np.gradient, arg=_n + 1, **_spacing(_n))

# -- known, but refused for active values; stores by function; random numbers

no_rule(
    np.unique,
    np.choose,
    np.apply_along_axis,
    np.piecewise,
    np.geomspace,
    np.logspace,
)
no_rule(np.vectorize, np.frompyfunc, types=lambda args, kwargs: ANY)
no_rule(np.put, np.place, np.putmask, np.copyto, np.fill_diagonal, np.put_along_axis, writes=(0,), raises=True)
