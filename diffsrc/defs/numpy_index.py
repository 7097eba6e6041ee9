"""Rows for functions that pick elements: take, sort, select, interpolation, differences; and those that find
positions.

The transposes of gathers are the helpers of `runtime/helpers.py`, each a row with the gather as its own
transpose.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..ir.types import ANY, INT, Array, List, Tuple
from ..runtime import helpers
from .dims import dims_of
from .numpy_tools import (
    add_along_axis,
    add_at,
    along,
    arange,
    can_not,
    concatenate,
    given,
    is_display,
    is_list,
    like_display,
    linear_in,
    ndim,
    no_rule,
    norm_axis,
    only,
    parts_chosen,
    rule,
    shape,
    shape_only,
    stack,
    swap,
    types_unless,
)  # fmt: skip
from .numpy_types import chosen_type, rows_as_lists, shape_of, take, unstacked, with_shape, without_sizes
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


def _taken(indices: Any, n: Any, mode: Any) -> Any:
    """The indices within the array that a mode stands for."""
    if mode == "raise":
        return indices
    found = as_array(indices) if is_display(indices) else indices
    return found % n if mode == "wrap" else np.clip(found, 0, n - 1)


def _take(ct: Any, out: Any, a: Any, indices: Any, axis: Any = None, filled: None = None, mode: Any = "raise") -> Any:
    indices = _taken(indices, (a.size if axis is None else a.shape[axis]) if mode != "raise" else None, mode)
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
    vjp=lambda ct, out, g: as_array(ct),
)
linear_in(
    helpers.split_like,
    name="split_like",
    vjp=lambda ct, out, g, xs, axis=0: concatenate(ct, **given(axis=axis)),
)

shape_only(helpers.split_like, arg=1)
chosen, first_true = dispatching(helpers.chosen), dispatching(helpers.first_true)
linear_in(
    helpers.parts_chosen,
    name="parts_chosen",
    types=lambda args, kwargs: without_sizes(args[2]),
    vjp=lambda ct, out, g, which, xs: chosen(ct, which),
)
shape_only(helpers.parts_chosen, arg=2)
linear_in(
    helpers.chosen,
    name="chosen",
    types=chosen_type,
    vjp=lambda ct, out, xs, which: parts_chosen(ct, which, xs),
)
register(Def("first_true", helpers.first_true, "zero", types=lambda args, kwargs: Array("i64", dims_of(args[1]))))


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
    return np.reshape(g, a.shape) if axis is None and a.ndim != 1 else g


rule(np.sort, jvp=_sort_jvp, vjp=_sort_vjp, kink="equal elements keep their order")


def _partitioned(t: Any, out: Any, a: Any, axis: Any) -> Any:
    """What goes with `a`, in the order of its partition: by rank, whatever order the parts are in."""
    if axis is None:
        t, a, axis = np.ravel(t), np.ravel(a), -1
    rank = np.argsort(np.argsort(out, axis=axis), axis=axis)
    return np.take_along_axis(t, np.take_along_axis(np.argsort(a, axis=axis), rank, axis), axis)


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


def _any_holds(out: Any, conditions: Any) -> Any:
    return _masks(conditions)[1] if is_display(conditions) else first_true(conditions, out) >= 0


def _select_jvp(dot: Any, out: Any, conditions: Any, choices: Any, default: Any = 0) -> Any:
    return np.select(conditions, dot) if is_display(conditions) else chosen(dot, first_true(conditions, out))


def _select_vjp(ct: Any, out: Any, conditions: Any, choices: Any, default: Any = 0) -> Any:
    if is_display(conditions) and is_display(choices):
        masks, _ = _masks(conditions)
        parts = [unbroadcast(np.where(m, ct, 0.0), c) for m, c in zip(masks, choices)]
        return like_display(choices, parts)
    which = first_true(conditions, out)
    if is_display(choices):
        return like_display(choices, [unbroadcast(np.where(which == k, ct, 0.0), c) for k, c in enumerate(choices)])
    return parts_chosen(ct, which, choices)


def _select_default_vjp(ct: Any, out: Any, conditions: Any, choices: Any, default: Any = 0) -> Any:
    return unbroadcast(np.where(_any_holds(out, conditions), 0.0, ct), default)


def _select_default_jvp(dot: Any, out: Any, conditions: Any, choices: Any, default: Any = 0) -> Any:
    return np.where(_any_holds(out, conditions), np.zeros_like(out), dot)


rule(np.select, arg=1, jvp=_select_jvp, vjp=_select_vjp)
rule(np.select, arg=2, jvp=_select_default_jvp, vjp=_select_default_vjp)

# -- choose


def _chosen(a: Any, count: Any, mode: Any) -> Any:
    return a if mode == "raise" else a % count if mode == "wrap" else np.clip(a, 0, count - 1)


_choose = dispatching(np.choose)
_length = dispatching(len)


def _choose_jvp(dot: Any, out: Any, a: Any, choices: Any, filled: None = None, mode: Any = "raise") -> Any:
    return _choose(a, dot, **({} if mode == "raise" else {"mode": mode}))


def _choose_vjp(ct: Any, out: Any, a: Any, choices: Any, filled: None = None, mode: Any = "raise") -> Any:
    a = as_array(a) if is_display(a) else a
    if is_display(choices):
        at = _chosen(a, len(choices), mode)
        return like_display(choices, [unbroadcast(np.where(at == k, ct, 0.0), c) for k, c in enumerate(choices)])
    if is_list(choices):
        return parts_chosen(ct, _chosen(a, _length(choices), mode), choices)
    count = choices.shape[0]
    rows = np.reshape(arange(count), (-1,) + (1,) * ndim(out))
    g = np.where(_chosen(a, count, mode) == rows, ct, 0.0)
    if ndim(out) > choices.ndim - 1:
        g = np.sum(g, axis=tuple(range(1, 1 + ndim(out) - (choices.ndim - 1))))
    return unbroadcast(g, choices)


rule(np.choose, arg=1, jvp=_choose_jvp, vjp=_choose_vjp, linear=True, raises=True)

# -- differences


def _undiff(ct: Any, a: Any, axis: Any) -> Any:
    """Minus the differences of the cotangent between zeros."""
    if a.ndim == 1:
        return -np.diff(np.pad(ct, 1))
    widths = tuple((1, 1) if k == norm_axis(axis, a.ndim) else (0, 0) for k in range(a.ndim))
    return -np.diff(np.pad(ct, widths), **({} if axis in (-1, a.ndim - 1) else {"axis": axis}))


def _size(end: Any, axis: Any) -> Any:
    """How many elements an end adds."""
    if is_display(end):
        return len(end)
    return end.shape[axis] if ndim(end) else 0 if end is None else 1


def _no_change(end: Any) -> Any:
    """An end that stays as it is."""
    if is_display(end):
        return like_display(end, [0.0] * len(end))
    return np.zeros_like(end) if ndim(end) else None if end is None else 0.0


def _ends_of_diff(prepend: Any, append: Any) -> dict[str, Any]:
    changes = {"prepend": _no_change(prepend), "append": _no_change(append)}
    return {k: v for k, v in changes.items() if v is not None}


def _order(n: Any, axis: Any) -> dict[str, Any]:
    return {**({} if n == 1 else {"n": n}), **({} if axis == -1 else {"axis": axis})}


def _diff_jvp(
    dot: Any, out: Any, a: Any, n: Any = 1, axis: Any = -1, prepend: Any = None, append: Any = None
) -> Any:  # fmt: skip
    return np.diff(dot, **_order(n, axis), **_ends_of_diff(prepend, append))


def _whole_diff(ct: Any, a: Any, n: Any, axis: Any) -> Any:
    """The cotangent of the array with its ends."""
    if not isinstance(n, int):
        raise can_not("np.diff", "a number of differences that isn't constant")
    for _ in range(n):
        ct = _undiff(ct, a, axis)
    return ct


def _diff_vjp(
    ct: Any, out: Any, a: Any, n: Any = 1, axis: Any = -1, prepend: Any = None, append: Any = None
) -> Any:  # fmt: skip
    whole = _whole_diff(ct, a, n, axis)
    if prepend is None and append is None:
        return whole
    first, last = _size(prepend, axis), _size(append, axis)
    stop = None if append is None else -last if isinstance(last, int) else first + a.shape[axis]
    return whole[along(axis, a.ndim, slice(None if prepend is None else first, stop))]


def _diff_end(name: str) -> None:
    def jvp(
        dot: Any, out: Any, a: Any, n: Any = 1, axis: Any = -1, prepend: Any = None, append: Any = None
    ) -> Any:  # fmt: skip
        ends = {**_ends_of_diff(prepend, append), name: dot}
        return np.diff(np.zeros_like(a), **_order(n, axis), **ends)

    def vjp(
        ct: Any, out: Any, a: Any, n: Any = 1, axis: Any = -1, prepend: Any = None, append: Any = None
    ) -> Any:  # fmt: skip
        end = prepend if name == "prepend" else append
        size, whole = _size(end, axis), _whole_diff(ct, a, n, axis)
        start = 0 if name == "prepend" else _size(prepend, axis) + a.shape[axis]
        g = whole[along(axis, a.ndim, slice(start, start + size))]
        if is_display(end):
            return like_display(end, [g[k] for k in range(len(end))])
        return g if ndim(end) else np.sum(g)

    rule(np.diff, arg=name, jvp=jvp, vjp=vjp)


def _ediff1d_jvp(dot: Any, out: Any, a: Any, to_end: Any = None, to_begin: Any = None) -> Any:
    ends = {"to_end": _no_change(to_end), "to_begin": _no_change(to_begin)}
    return np.ediff1d(dot, **{k: v for k, v in ends.items() if v is not None})


def _ediff1d_vjp(ct: Any, out: Any, a: Any, to_end: Any = None, to_begin: Any = None) -> Any:
    first = _end_size(to_begin)
    if to_end is not None or to_begin is not None:
        ct = ct[first : first + np.maximum(a.size - 1, 0)]
    g = -np.diff(np.pad(ct, 1))
    return g if a.ndim == 1 else np.reshape(g, a.shape)


def _end_size(end: Any) -> Any:
    return len(end) if is_display(end) else getattr(end, "size", 0 if end is None else 1)


def _ediff1d_end(position: int) -> dict[str, Any]:
    def jvp(dot: Any, out: Any, a: Any, to_end: Any = None, to_begin: Any = None) -> Any:
        ends = {"to_end": _no_change(to_end), "to_begin": _no_change(to_begin), ("to_end", "to_begin")[position]: dot}
        return np.ediff1d(np.zeros_like(a), **{k: v for k, v in ends.items() if v is not None})

    def vjp(ct: Any, out: Any, a: Any, to_end: Any = None, to_begin: Any = None) -> Any:
        end = (to_end, to_begin)[position]
        start = 0 if position else _end_size(to_begin) + np.maximum(a.size - 1, 0)
        g = ct[start : start + _end_size(end)]
        if is_display(end):
            return like_display(end, [g[k] for k in range(len(end))])
        return np.reshape(g, end.shape) if ndim(end) else np.sum(g)

    return {"jvp": jvp, "vjp": vjp}


rule(
    np.diff, jvp=_diff_jvp, vjp=_diff_vjp, linear=True,
    types=types_unless(np.diff, lambda args, kwargs: "n=0" if _is_zero(args, kwargs) else ""),
)  # fmt: skip
_diff_end("prepend")
_diff_end("append")
rule(np.ediff1d, jvp=_ediff1d_jvp, vjp=_ediff1d_vjp, linear=True)
for _n in (0, 1):
    rule(np.ediff1d, arg=_n + 1, **_ediff1d_end(_n), linear=True)


def _is_zero(args: Any, kwargs: Any) -> Any:
    n = args[1] if len(args) > 1 else kwargs.get("n")
    return getattr(n, "value", None) == 0


def _bincount_jvp(dot: Any, out: Any, x: Any, weights: Any = None, minlength: Any = 0) -> Any:
    return np.bincount(x, dot, **given(minlength=minlength))


rule(
    np.bincount, arg=1, jvp=_bincount_jvp, raises=True,
    vjp=lambda ct, out, x, weights=None, minlength=0: np.take(ct, x),
)  # fmt: skip

# -- known, but refused for active values; stores by function; random numbers

no_rule(
    np.apply_along_axis,
    np.apply_over_axes,
    np.piecewise,
)
_BY_CALL = "only what is written as a call with known functions is looked into"
no_rule(np.vectorize, types=lambda args, kwargs: ANY, refusals={-1: _BY_CALL})
no_rule(np.put, np.place, np.putmask, np.copyto, np.fill_diagonal, np.put_along_axis, writes=(0,), raises=True)
