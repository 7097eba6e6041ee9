"""Type rules of array functions whose result shape is decided by values: given shapes, indices, numbers of
sections.

Where such a value isn't known the size is unknown; where it decides the number of axes the call is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from ..errors import DiffTypeError
from ..ir.types import DTYPES, STORED, Array, Dim, List, Lit, Scalar, Tuple, Type, kind_of, strip
from .dims import dim_of, dims_of, map_dims, unknown
from .table import TypeRule

Args = tuple[Any, ...]
Kwargs = Mapping[str, Any]


def stored_kind(t: Type) -> str:
    """The number kind of an array made from an argument.

    Raises:
        DiffTypeError: when the argument isn't a number or an array of numbers.
    """
    from .elementwise_types import as_array

    kind = kind_of(t)
    return as_array(t).dtype if kind is None else STORED.get(kind, kind)


def kind_named(dtype: object) -> str | None:
    """The number kind of a dtype given as an option; None where it isn't given or known."""
    found = getattr(dtype, "target", getattr(dtype, "value", None))  # `float` is a function, too
    return None if found is None else next((k for k, name in DTYPES.items() if np.dtype(name) == found), None)


def shape_of(t: Type) -> tuple[Dim, ...]:
    """The sizes in a shape argument.

    Raises:
        DiffTypeError: when the number of axes isn't known.
    """
    t_ = strip(t)
    if isinstance(t_, Tuple):
        return tuple(map(dim_of, t_.items))
    if isinstance(t_, Scalar):
        return (dim_of(t),)
    raise DiffTypeError(f"a shape given as {t} has an unknown number of axes")


def with_shape(position: int) -> TypeRule:
    """The result has the number kind of argument 0 and the shape given as argument `position`."""
    return lambda args, kwargs: Array(stored_kind(args[0]), shape_of(_given(args, kwargs, position, "shape")))


def _given(args: Args, kwargs: Kwargs, position: int, name: str) -> Any:
    return args[position] if len(args) > position else kwargs.get(name)


def _axis(args: Args, kwargs: Kwargs, position: int, rank: int) -> int | None:
    """The axis argument, None when it is None or not given.

    Raises:
        DiffTypeError: when it isn't known.
    """
    t = _given(args, kwargs, position, "axis")
    if t is None or kind_of(t) is None:
        return None
    axis = dim_of(t)
    if not isinstance(axis, int) or not -rank <= axis < rank:
        raise DiffTypeError(f"the axis {t} of an array of {rank} axes")
    return axis % rank


def take(args: Args, kwargs: Kwargs) -> Type:
    """np.take(a, indices, axis)."""
    dims, picked = dims_of(args[0]), dims_of(args[1])
    axis = _axis(args, kwargs, 2, len(dims))
    out = picked if axis is None else (*dims[:axis], *picked, *dims[axis + 1 :])
    kind = stored_kind(args[0])
    return Array(kind, out) if out else Scalar(kind)


def repeat(args: Args, kwargs: Kwargs) -> Type:
    """np.repeat(a, repeats, axis)."""
    dims = dims_of(args[0])
    axis = _axis(args, kwargs, 2, len(dims))
    return Array(stored_kind(args[0]), (None,) if axis is None else (*dims[:axis], None, *dims[axis + 1 :]))


def resized_along(position: int) -> TypeRule:
    """np.delete, np.insert: one axis, given at this position, gets another size; without one the array is flat."""

    def types(args: Args, kwargs: Kwargs) -> Type:
        dims = dims_of(args[0])
        axis = _axis(args, kwargs, position, len(dims))
        return Array(stored_kind(args[0]), (None,) if axis is None else (*dims[:axis], None, *dims[axis + 1 :]))

    return types


def windows(args: Args, kwargs: Kwargs) -> Type:
    """sliding_window_view(x, window_shape, axis): an axis for each axis of the window behind those of x."""
    if set(kwargs) - {"axis"} or len(args) > 3:
        raise DiffTypeError("sliding_window_view with options other than the axis")
    window, dims = shape_of(args[1]), dims_of(args[0])
    return Array(stored_kind(args[0]), (*(None for _ in dims), *window))


def split(axis_of: Callable[[Args, Kwargs, int], int]) -> TypeRule:
    """np.split and its kin. The sections are taken as a tuple: their number must be known."""

    def types(args: Args, kwargs: Kwargs) -> Type:
        dims = dims_of(args[0])
        axis = axis_of(args, kwargs, len(dims))
        part = Array(stored_kind(args[0]), (*dims[:axis], None, *dims[axis + 1 :]))
        sections = _given(args, kwargs, 1, "indices_or_sections")
        if isinstance(cuts := strip(sections), Tuple):
            return Tuple((part,) * (len(cuts.items) + 1))
        if isinstance(sections, Lit) and isinstance(sections.value, int):
            return Tuple((part,) * sections.value)
        raise DiffTypeError("the number of sections isn't known at compile time")

    return types


def split_axis(args: Args, kwargs: Kwargs, rank: int) -> int:
    return _axis(args, kwargs, 2, rank) or 0


def rows_as_lists(args: Args, kwargs: Kwargs) -> Type:
    """Lists in lists of the numbers of argument 0."""
    found: Type = Scalar(stored_kind(args[0]))
    for _ in dims_of(args[0]):
        found = List(found)
    return found


def unstacked(args: Args, kwargs: Kwargs) -> Type:
    """The list of the slices of argument 0 along an axis."""
    dims = dims_of(args[0])
    axis = _axis(args, kwargs, 1, len(dims)) or 0
    rest = (*dims[:axis], *dims[axis + 1 :])
    kind = stored_kind(args[0])
    return List(Array(kind, rest) if rest else Scalar(kind))


def without_sizes(t: Type) -> Type:
    """The type of a list of the same kind of items."""
    return map_dims(strip(t), unknown)


def chosen_type(args: Args, kwargs: Kwargs) -> Type:
    """An element of one of the items of argument 0 for each of argument 1."""
    held = strip(args[0])
    return Array(stored_kind(held.item if isinstance(held, List) else args[0]), dims_of(args[1]))
