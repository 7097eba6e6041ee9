"""Rows for functions that move elements about: shapes, axes, joins and splits, copies of parts.

They are linear; what stands here is the transpose. A display of arrays (`np.stack([a, b])`) comes to a rule
as a tuple or list and its cotangents go back in the same nesting.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import DiffTypeError
from ..ir.types import Array, Scalar, Tuple, same_dim, strip
from ..runtime import helpers
from .dims import dims_of
from .numpy_tools import (
    add_at,
    add_repeats,
    along,
    arange,
    at,
    can_not,
    concatenate,
    eye,
    full,
    given,
    inverse,
    is_display,
    is_list,
    like_display,
    linear_in,
    ndim,
    no_rule,
    norm_axes,
    norm_axis,
    only,
    put_diagonal,
    rule,
    shape,
    split_like,
    stack,
    swap,
    transposed,
    types_unless,
    unstack,
    whole_parts,
)  # fmt: skip
from .numpy_types import repeat, resized_along, split, split_axis, stored_kind, windows, with_shape
from .probe import infer_by_trial
from .special import dispatching, unbroadcast

# -- one array, other shape

add_windows = dispatching(helpers.add_windows)
resized = dispatching(helpers.resized)
corner = dispatching(helpers.corner)


def _order(name: str, order: Any) -> dict[str, Any]:
    """The `order=` of a reshape as a keyword for its inverse."""
    if order not in ("C", "F"):
        raise can_not(name, f"order={order!r}", 'the order of the elements depends on the layout; use order="C"')
    return {} if order == "C" else {"order": order}


def _reshape(ct: Any, out: Any, a: Any, shape_: Any = None, order: Any = "C", **options: Any) -> Any:
    only("np.reshape", options, "shape", "copy")
    return np.reshape(ct, shape(a), **_order("np.reshape", order))


def _ravel(ct: Any, out: Any, a: Any, order: Any = "C") -> Any:
    return np.reshape(ct, shape(a), **_order("np.ravel", order))


def _squeeze(ct: Any, out: Any, a: Any, axis: Any = None) -> Any:
    return np.reshape(ct, a.shape) if axis is None else np.expand_dims(ct, axis)


def _atleast(ct: Any, out: Any, a: Any) -> Any:
    return np.reshape(ct, shape(a))


linear_in(np.reshape, vjp=_reshape, alias="maybe")
linear_in(np.ravel, vjp=_ravel, alias="maybe")
linear_in(np.squeeze, vjp=_squeeze, alias="view")
linear_in(np.expand_dims, vjp=lambda ct, out, a, axis: np.squeeze(ct, axis), alias="view")
for _fn in (np.atleast_1d, np.atleast_2d, np.atleast_3d):
    linear_in(
        _fn, vjp=_atleast, alias="maybe",
        types=types_unless(_fn, lambda args, kwargs: "several arrays" if len(args) > 1 else "", "a call for each array"),
    )  # fmt: skip
linear_in(
    np.broadcast_to,
    vjp=lambda ct, out, a, shape, subok=False: unbroadcast(ct, a),
    alias="readonly",
    types=with_shape(1),
)
no_rule(np.broadcast_arrays)
no_rule(np.lib.stride_tricks.as_strided, name="np.lib.stride_tricks.as_strided", alias="view")
linear_in(
    np.lib.stride_tricks.sliding_window_view,
    name="np.lib.stride_tricks.sliding_window_view",
    vjp=lambda ct, out, x, window_shape, axis=None: add_windows(ct, window_shape, shape(x), axis),
    alias="readonly",
    types=windows,
)
linear_in(
    helpers.add_windows,
    name="add_windows",
    vjp=lambda ct, out, g, window_shape, to, axis=None: np.lib.stride_tricks.sliding_window_view(
        ct, window_shape, axis
    ),
    types=with_shape(2),
)

# -- one array, other axes


def _transpose(ct: Any, out: Any, a: Any, axes: Any = None) -> Any:
    order = list(range(a.ndim))[::-1] if axes is None else list(norm_axes(axes, a.ndim))
    return transposed(ct, inverse(order))


def _moveaxis(ct: Any, out: Any, a: Any, source: Any, destination: Any) -> Any:
    return np.moveaxis(ct, destination, source)


def _rollaxis(ct: Any, out: Any, a: Any, axis: Any, start: Any = 0) -> Any:
    axis, start = norm_axis(axis, a.ndim), norm_axis(start, a.ndim)
    order = list(range(a.ndim))
    order.remove(axis)
    order.insert(start - (axis < start), axis)
    return transposed(ct, inverse(order))


linear_in(np.transpose, vjp=_transpose, alias="view")
linear_in(np.swapaxes, vjp=lambda ct, out, a, axis1, axis2: np.swapaxes(ct, axis1, axis2), alias="view")
linear_in(np.moveaxis, vjp=_moveaxis, alias="view")
linear_in(np.rollaxis, vjp=_rollaxis, alias="view")
if hasattr(np, "matrix_transpose"):
    linear_in(np.matrix_transpose, np.linalg.matrix_transpose, vjp=lambda ct, out, a: swap(ct), alias="view")

# -- one array, other order


def _roll(ct: Any, out: Any, a: Any, shift: Any, axis: Any = None) -> Any:
    back = tuple(-s for s in shift) if is_display(shift) else -shift
    return np.roll(ct, back, **at(axis))


def _rot90(ct: Any, out: Any, m: Any, k: Any = 1, axes: Any = (0, 1)) -> Any:
    return np.rot90(ct, -k) if tuple(axes) == (0, 1) else np.rot90(ct, -k, axes)


linear_in(np.roll, vjp=_roll)
linear_in(np.flip, vjp=lambda ct, out, a, axis=None: np.flip(ct, **at(axis)), alias="view")
linear_in(np.fliplr, vjp=lambda ct, out, m: np.fliplr(ct), alias="view")
linear_in(np.flipud, vjp=lambda ct, out, m: np.flipud(ct), alias="view")
linear_in(np.rot90, vjp=_rot90, alias="view")

# -- several arrays into one: each is a piece of the cotangent, its place given by the sizes before it


def _joined(ct: Any, arrays: Any, axis: Any, full: Any, place: Any) -> Any:
    """The pieces of a cotangent along an axis. An array of less than `full` dimensions lacks the axis: it is
    one integer there. `place(ndim, item)` is the index of the piece."""
    pieces, start, last = [], 0, len(arrays) - 1
    for n, a in enumerate(arrays):
        whole = ndim(a) >= full
        size = a.shape[axis] if whole else 1
        stop = size if n == 0 else start + size
        item = slice(start if n else None, stop if n < last else None) if whole else start
        pieces.append(ct[place(ndim(a), item)])
        start = stop
    return like_display(arrays, pieces)


def _flat_pieces(ct: Any, arrays: Any) -> Any:
    pieces, start, last = [], 0, len(arrays) - 1
    for n, a in enumerate(arrays):
        size = getattr(a, "size", 1)
        stop = size if n == 0 else start + size
        if ndim(a) == 0:
            pieces.append(ct[start])
            start = stop
            continue
        pieces.append(np.reshape(ct[start if n else None : stop if n < last else None], shape(a)))
        start = stop
    return like_display(arrays, pieces)


def _rows_joined(ct: Any, x: Any, axis: Any) -> Any:
    """The arrays are the rows `x[0], x[1], ...` of one array (or the items of a list)."""
    if is_list(x):
        return split_like(ct, x, **given(axis=axis))
    axis = norm_axis(axis, x.ndim - 1)
    if axis == 0:
        return np.reshape(ct, x.shape)
    order = (*range(1, axis + 1), 0, *range(axis + 1, x.ndim))
    return np.moveaxis(np.reshape(ct, tuple(x.shape[k] for k in order)), axis, 0)


def _concatenate(ct: Any, out: Any, arrays: Any, axis: Any = 0, **options: Any) -> Any:
    only("np.concatenate", options, "dtype", "casting")
    if not is_display(arrays):
        return np.reshape(ct, arrays.shape) if axis is None and not is_list(arrays) else _rows_joined(ct, arrays, axis)
    if axis is None:
        return _flat_pieces(ct, arrays)
    rank = arrays[0].ndim
    axis = norm_axis(axis, rank)
    return _joined(ct, arrays, axis, 0, lambda _, item: along(axis, rank, item))


def _stack(ct: Any, out: Any, arrays: Any, axis: Any = 0, **options: Any) -> Any:
    only("np.stack", options, "dtype", "casting")
    rank = out.ndim
    if is_display(arrays):
        return like_display(arrays, [ct[along(axis, rank, n)] for n in range(len(arrays))])
    if is_list(arrays):
        return unstack(ct, **given(axis=axis))
    return np.moveaxis(ct, axis, 0) if norm_axis(axis, rank) else ct


def _vstack(ct: Any, out: Any, arrays: Any, **options: Any) -> Any:
    only("np.vstack", options, "dtype", "casting")
    if is_list(arrays):
        rank = _rank_of_items(arrays, "np.vstack")
        return split_like(ct, arrays) if rank > 1 else unstack(ct if rank else ct[:, 0])
    if not is_display(arrays):
        return _rows(ct, arrays, 0)
    return _joined(ct, arrays, 0, 2, lambda rank, item: (item,) if rank else (item, 0))


def _hstack(ct: Any, out: Any, arrays: Any, **options: Any) -> Any:
    only("np.hstack", options, "dtype", "casting")
    axis = 0 if out.ndim == 1 else 1
    if is_list(arrays):
        rank = _rank_of_items(arrays, "np.hstack")
        return split_like(ct, arrays, **given(axis=axis)) if rank else unstack(ct)
    if not is_display(arrays):
        return _rows(ct, arrays, 0 if arrays.ndim <= 2 else 1)
    return _joined(ct, arrays, axis, 1, lambda _, item: along(axis, out.ndim, item))


def _dstack(ct: Any, out: Any, arrays: Any, **options: Any) -> Any:
    only("np.dstack", options)
    if is_list(arrays):
        rank = _rank_of_items(arrays, "np.dstack")
        if rank > 2:
            return split_like(ct, arrays, axis=2)
        return unstack(ct, axis=2) if rank == 2 else unstack(ct[0], axis=1) if rank else unstack(ct[0, 0])
    if not is_display(arrays):
        raise can_not("np.dstack", "one array", "use np.stack(..., axis=2)")
    whole = slice(None)
    front = {0: (0, 0), 1: (0, whole)}
    return _joined(ct, arrays, 2, 3, lambda rank, item: (*front.get(rank, (whole, whole)), item))


def _column_stack(ct: Any, out: Any, arrays: Any) -> Any:
    if is_list(arrays):
        rank = _rank_of_items(arrays, "np.column_stack")
        if rank > 1:
            return split_like(ct, arrays, axis=1)
        return unstack(ct, axis=1) if rank else unstack(ct[0])
    if not is_display(arrays):
        return ct.T if arrays.ndim == 2 else _rows(ct, arrays, 1)
    return _joined(ct, arrays, 1, 2, lambda rank, item: (slice(None) if rank else 0, item))


def _rank_of_items(xs: Any, name: str) -> int:
    """The number of dimensions of the items of a list made at run time."""
    item = strip(xs.type.item)
    if isinstance(item, Scalar):
        return 0
    if not isinstance(item, Array):
        raise can_not(name, "a list of such items")
    return len(item.dims)


def _rows(ct: Any, x: Any, axis: Any) -> Any:
    return np.reshape(ct, x.shape) if x.ndim < 3 else _rows_joined(ct, x, axis)


linear_in(np.concatenate, vjp=_concatenate)
linear_in(np.stack, vjp=_stack)
linear_in(np.vstack, vjp=_vstack)
linear_in(np.hstack, vjp=_hstack)
linear_in(np.dstack, vjp=_dstack)
linear_in(np.column_stack, vjp=_column_stack)


def _block(ct: Any, out: Any, arrays: Any) -> Any:
    return _blocks(ct, arrays, out.ndim, _depth(arrays))


def _depth(arrays: Any) -> int:
    return 1 + _depth(arrays[0]) if is_display(arrays) else int(is_list(arrays))


def _blocks(ct: Any, arrays: Any, rank: int, depth: int) -> Any:
    """The pieces of a cotangent in the nesting of the blocks: the innermost lists go along the last axis."""
    if is_list(arrays):
        return _row_of_blocks(ct, arrays, rank)
    if not is_display(arrays):
        return np.reshape(ct, shape(arrays)) if ndim(arrays) else np.sum(ct)
    axis, start, pieces = rank - depth, 0, []
    for item in arrays:
        stop = _extent(item, depth) if isinstance(start, int) and start == 0 else start + _extent(item, depth)
        pieces.append(_blocks(ct[along(axis, rank, slice(start, stop))], item, rank, depth - 1))
        start = stop
    return pieces


def _row_of_blocks(ct: Any, arrays: Any, rank: int) -> Any:
    """The pieces for a list made at run time, whose items stand side by side."""
    own = _rank_of_items(arrays, "np.block")
    if own == rank:
        return split_like(ct, arrays, axis=-1)
    if rank == own + 1 and own:  # rows of one matrix
        return split_like(ct[0], arrays, axis=-1)
    if own:
        raise can_not("np.block", f"a list of arrays of {own} axes where the result has {rank}")
    return unstack(ct[(0,) * (rank - 1)])


def _extent(item: Any, depth: int) -> Any:
    """The size of a block along the axis that its list goes along, counted from the end."""
    while is_display(item) or is_list(item):
        item = item[0]
    return item.shape[-depth] if ndim(item) >= depth else 1


def _block_type(args: Any, kwargs: Any) -> Any:
    try:
        return infer_by_trial(_block_of_tuples, args, kwargs)
    except DiffTypeError:  # of sizes that must add up
        depth, leaves = _nesting(args[0])
        if not leaves:
            raise
        found = infer_by_trial(np.concatenate, [Tuple(tuple(Array(stored_kind(t), (1,)) for t in leaves))], {})
        return Array(stored_kind(found), (None,) * max(depth, *(len(dims_of(t)) for t in leaves)))


def _nesting(t: Any) -> tuple[int, list[Any]]:
    """How deep a display is, and the types of the arrays in it."""
    if not isinstance(t, Tuple):
        return 0, [t] if isinstance(strip(t), (Array, Scalar)) else []
    found = [_nesting(item) for item in t.items]
    return 1 + max((depth for depth, _ in found), default=0), [leaf for _, leaves in found for leaf in leaves]


def _block_of_tuples(arrays: Any) -> Any:
    def lists(x: Any) -> Any:
        return [lists(i) for i in x] if isinstance(x, (tuple, list)) else x

    return np.block(lists(arrays))


linear_in(np.block, vjp=_block, types=_block_type)


# -- elements taken out or put in


def _without(n: Any, obj: Any) -> Any:
    """The positions that `np.delete` leaves."""
    return np.delete(arange(n), obj)


def _delete(ct: Any, out: Any, arr: Any, obj: Any, axis: Any = None) -> Any:
    if axis is None:
        return np.reshape(add_at(ct, _without(arr.size, obj), (arr.size,)), shape(arr))
    return add_at(ct, _without(arr.shape[axis], obj), arr.shape, **given(axis=axis))


def _order_of_insertion(n: Any, k: Any, obj: Any) -> Any:
    """The positions that `k` inserted elements get, then those that the `n` elements have afterwards."""
    return np.argsort(np.insert(full(n, k), obj, arange(k)), kind="stable")


def _into(ct: Any, out: Any, arr: Any, obj: Any, axis: Any) -> tuple[Any, Any, Any]:
    """Where what was inserted stands, how many they are, and along which axis."""
    axis = 0 if axis is None else norm_axis(axis, arr.ndim)
    n = arr.size if out.ndim == 1 else arr.shape[axis]
    k = out.shape[axis] - n
    return _order_of_insertion(n, k, obj), k, axis


def _insert(ct: Any, out: Any, arr: Any, obj: Any, values: Any, axis: Any = None) -> Any:
    order, k, axis = _into(ct, out, arr, obj, axis)
    return np.reshape(np.take(ct, order[k:], axis), shape(arr))


def _inserted(ct: Any, out: Any, arr: Any, obj: Any, values: Any, axis: Any = None) -> Any:
    order, k, axis = _into(ct, out, arr, obj, axis)
    g = np.take(ct, order[:k], axis)
    if ndim(obj) == 0 and not is_display(obj) and not isinstance(obj, slice):
        g = np.moveaxis(g, axis, 0)
    if is_display(values):
        return like_display(values, [g[i] for i in range(len(values))])
    return unbroadcast(g, values)


linear_in(np.delete, vjp=_delete, raises=True, types=resized_along(2))
rule(
    np.insert, arg=0, vjp=_insert, linear=True, raises=True, types=resized_along(3),
    jvp=lambda dot, out, arr, obj, values, axis=None: np.insert(dot, obj, np.zeros_like(values), **at(axis)),
)  # fmt: skip
rule(
    np.insert, arg=2, vjp=_inserted, linear=True,
    jvp=lambda dot, out, arr, obj, values, axis=None: np.insert(np.zeros_like(arr), obj, dot, **at(axis)),
)  # fmt: skip


def _append_jvp(position: Any) -> Any:
    def jvp(dot: Any, out: Any, arr: Any, values: Any, axis: Any = None) -> Any:
        pair = (dot, np.zeros_like(values)) if position == 0 else (np.zeros_like(arr), dot)
        return np.append(*pair, **at(axis))

    return jvp


def _append_vjp(position: Any) -> Any:
    def vjp(ct: Any, out: Any, arr: Any, values: Any, axis: Any = None) -> Any:
        return _concatenate(ct, out, (arr, values), axis)[position]

    return vjp


for _n in (0, 1):
    rule(np.append, arg=_n, jvp=_append_jvp(_n), vjp=_append_vjp(_n), linear=True)

# -- one array into several: a tuple of views


def _split(ct: Any, out: Any, a: Any, sections: Any, axis: int = 0) -> Any:
    return concatenate(whole_parts(ct, out), **given(axis=axis))


def _vsplit(ct: Any, out: Any, a: Any, sections: Any) -> Any:
    return concatenate(whole_parts(ct, out))


def _dsplit(ct: Any, out: Any, a: Any, sections: Any) -> Any:
    return concatenate(whole_parts(ct, out), axis=2)


def _hsplit(ct: Any, out: Any, a: Any, sections: Any) -> Any:
    return concatenate(whole_parts(ct, out), **given(axis=min(a.ndim - 1, 1)))


linear_in(np.split, np.array_split, vjp=_split, alias="view", raises=True, types=split(split_axis))
linear_in(np.vsplit, vjp=_vsplit, alias="view", raises=True, types=split(lambda args, kwargs, rank: 0))
linear_in(np.hsplit, vjp=_hsplit, alias="view", raises=True, types=split(lambda a, k, rank: min(rank - 1, 1)))
linear_in(np.dsplit, vjp=_dsplit, alias="view", raises=True, types=split(lambda args, kwargs, rank: 2))
if hasattr(np, "unstack"):
    linear_in(
        np.unstack,
        vjp=lambda ct, out, x, axis=0: stack(whole_parts(ct, out), **given(axis=axis)),
        alias="view",
    )

# -- copies of parts


def _cycled(ct: Any, out: Any, a: Any, new_shape: Any) -> Any:
    """Every repetition counts."""
    if ndim(a) == 0:
        return np.sum(ct)
    flat = np.reshape(ct, (-1,))
    return np.reshape(add_at(flat, arange(ct.size) % a.size, (a.size,)), shape(a))


linear_in(np.resize, types=with_shape(1), vjp=_cycled)
linear_in(helpers.resized, name="resized", types=with_shape(1), vjp=lambda ct, out, a, to: resized(ct, shape(a)))
linear_in(helpers.corner, name="corner", types=with_shape(1), vjp=lambda ct, out, a, to: corner(ct, shape(a)))


def _tile(ct: Any, out: Any, a: Any, reps: Any) -> Any:
    """Each axis is (copy, place): the copies add up."""
    reps = tuple(reps) if is_display(reps) else (reps,)
    lead = max(len(reps) - ndim(a), 0)
    own = (*((1,) * (ndim(a) - len(reps))), *reps)
    sizes: list[Any] = []
    copies: list[int] = []
    for k, r in enumerate(own):
        if k < lead or not (isinstance(r, int) and r == 1):
            copies.append(len(sizes))
            sizes.append(r)
        if k >= lead:
            sizes.append(a.shape[k - lead])
    if not copies:
        return ct
    return np.sum(np.reshape(ct, tuple(sizes)), axis=copies[0] if len(copies) == 1 else tuple(copies))


def _repeat(ct: Any, out: Any, a: Any, repeats: Any, axis: Any = None) -> Any:
    if ndim(repeats) or is_display(repeats):
        if axis is None and ndim(a) != 1:
            return np.reshape(add_repeats(ct, repeats, (a.size,)), shape(a))
        return add_repeats(ct, repeats, a.shape, **given(axis=axis))
    k = ndim(a) - 1 if axis is None else norm_axis(axis, a.ndim)
    sizes = shape(a)
    return np.sum(np.reshape(ct, (*sizes[: k + 1], repeats, *sizes[k + 1 :])), axis=k + 1)


linear_in(np.tile, vjp=_tile)
linear_in(np.repeat, vjp=_repeat, types=repeat)

# -- diagonals and triangles


def _diag(ct: Any, out: Any, v: Any, k: Any = 0) -> Any:
    if v.ndim == 2:
        return put_diagonal(ct, v.shape, **given(offset=k))
    return np.diagonal(ct, **given(offset=k))


def _tri(fn: Any) -> Any:
    def vjp(ct: Any, out: Any, m: Any, k: Any = 0) -> Any:
        half = fn(ct, **given(k=k))
        return half if m.ndim > 1 else np.sum(half, axis=0)

    return vjp


def _diagonal(ct: Any, out: Any, a: Any, offset: Any = 0, axis1: Any = 0, axis2: Any = 1) -> Any:
    return put_diagonal(ct, a.shape, **_diagonal_options(offset, axis1, axis2))


def _diagonal_options(offset: Any, axis1: Any, axis2: Any) -> Any:
    axes = {} if (axis1, axis2) == (0, 1) else {"axis1": axis1, "axis2": axis2}
    return {**given(offset=offset), **axes}


def _sizes(a: Any, first: int, second: int) -> tuple[Any, ...]:
    """The two sizes of a matrix; one if they are known to be equal."""
    dims = getattr(a, "dims", a.shape)
    return (a.shape[first],) if same_dim(dims[first], dims[second]) else (a.shape[first], a.shape[second])


def _trace(ct: Any, out: Any, a: Any, offset: Any = 0, axis1: Any = 0, axis2: Any = 1, **options: Any) -> Any:
    """The cotangent times a unit matrix that lies in the two axes."""
    only("np.trace", options, "dtype")
    first, second = norm_axes((axis1, axis2), a.ndim)
    dtype = {} if a.dtype == np.float64 else {"dtype": a.dtype}
    unit = eye(*_sizes(a, first, second), **given(k=offset), **dtype)
    if a.ndim == 2:
        return ct * (unit if first < second else unit.T)
    others = tuple(k for k in range(a.ndim) if k not in (first, second))
    unit = np.expand_dims(unit if first < second else unit.T, others)
    return np.expand_dims(ct, (first, second)) * unit


linear_in(np.diag, vjp=_diag, alias="maybe")
linear_in(np.diagonal, vjp=_diagonal, alias="maybe")
linear_in(np.tril, vjp=_tri(np.tril))
linear_in(np.triu, vjp=_tri(np.triu))
linear_in(np.trace, vjp=_trace)
