"""NumPy functions that call what they are given, or return parts of it, as Python that the compiler reads.

They do what their namesakes do, in the same order.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..runtime.helpers import inexact


def trim_zeros(filt: Any, trim: Any = "fb") -> Any:
    found = np.flatnonzero(filt)
    start = 0
    stop = len(filt)
    if len(found) == 0:
        stop = 0
    else:
        if "f" in trim:
            start = found[0]
        if "b" in trim:
            stop = found[-1] + 1
    return filt[start:stop]


def broadcast_one(x: Any) -> Any:
    return (x,)


def broadcast_two(x: Any, y: Any) -> Any:
    shape = np.broadcast_shapes(np.shape(x), np.shape(y))
    return np.broadcast_to(x, shape), np.broadcast_to(y, shape)


def broadcast_three(x: Any, y: Any, z: Any) -> Any:
    shape = np.broadcast_shapes(np.shape(x), np.shape(y), np.shape(z))
    return np.broadcast_to(x, shape), np.broadcast_to(y, shape), np.broadcast_to(z, shape)


def broadcast_four(x: Any, y: Any, z: Any, u: Any) -> Any:
    shape = np.broadcast_shapes(np.shape(x), np.shape(y), np.shape(z), np.shape(u))
    return np.broadcast_to(x, shape), np.broadcast_to(y, shape), np.broadcast_to(z, shape), np.broadcast_to(u, shape)


BROADCAST = (broadcast_one, broadcast_two, broadcast_three, broadcast_four)


def along_axis(function: Any, axis: Any, a: Any, *others: Any) -> Any:
    if np.ndim(a) == 1:
        return np.asarray(inexact(function(a, *others)))
    rows = np.moveaxis(a, axis, -1)
    flat = np.reshape(rows, (-1, rows.shape[-1]))
    found = np.array([inexact(function(row, *others)) for row in flat])
    if found.ndim == 1:
        return np.reshape(found, rows.shape[:-1])
    if found.ndim == 3:
        axis = axis % a.ndim
        return np.moveaxis(np.reshape(found, (*rows.shape[:-1], *found.shape[1:])), (-2, -1), (axis, axis + 1))
    return np.moveaxis(np.reshape(found, (*rows.shape[:-1], found.shape[-1])), -1, axis)


def fill_where(y: Any, x: Any, condition: Any, function: Any, *others: Any) -> None:
    """One piece of np.piecewise."""
    part = x[condition]
    if part.size > 0:
        y[condition] = function(part, *others)


def fill_with(y: Any, condition: Any, value: Any) -> None:
    y[condition] = value


def vectorized(function: Any, x: Any, y: Any = None, z: Any = None) -> Any:
    if y is None:
        return vectorized_one(function, x)
    if z is None:
        return vectorized_two(function, x, y)
    return vectorized_three(function, x, y, z)


def vectorized_one(function: Any, x: Any) -> Any:
    x = np.asarray(x)
    out = np.empty(x.shape)
    for index in np.ndindex(x.shape):
        out[index] = inexact(function(x[index].item()))
    return out


def vectorized_two(function: Any, x: Any, y: Any) -> Any:
    shape = np.broadcast_shapes(np.shape(x), np.shape(y))
    x = np.broadcast_to(x, shape).copy()
    y = np.broadcast_to(y, shape).copy()
    out = np.empty(shape)
    for index in np.ndindex(shape):
        out[index] = inexact(function(x[index].item(), y[index].item()))
    return out


def vectorized_three(function: Any, x: Any, y: Any, z: Any) -> Any:
    shape = np.broadcast_shapes(np.shape(x), np.shape(y), np.shape(z))
    x = np.broadcast_to(x, shape).copy()
    y = np.broadcast_to(y, shape).copy()
    z = np.broadcast_to(z, shape).copy()
    out = np.empty(shape)
    for index in np.ndindex(shape):
        out[index] = inexact(function(x[index].item(), y[index].item(), z[index].item()))
    return out


def converted(function: Any, x: Any, y: Any = None, z: Any = None) -> Any:
    """What `otypes=[float]` makes of a result."""
    if y is None:
        return float(function(x))
    if z is None:
        return float(function(x, y))
    return float(function(x, y, z))


def series(evaluate: Any, coef: Any, x: Any) -> Any:
    """A series of `numpy.polynomial` at x, in the domain that is its window."""
    return evaluate(x, coef)


def series_in(evaluate: Any, coef: Any, domain: Any, window: Any, x: Any) -> Any:
    """The same in a domain of its own."""
    scale = (window[1] - window[0]) / (domain[1] - domain[0])
    offset = (domain[1] * window[0] - domain[0] * window[1]) / (domain[1] - domain[0])
    return evaluate(offset + scale * x, coef)


def reduced_numbers(function: Any, a: Any) -> Any:
    """function.reduce(a)"""
    total = a[0]
    for k in range(1, len(a)):
        total = function(total, a[k])
    return total


def reduced(function: Any, a: Any) -> Any:
    total = np.array(a[0])
    for k in range(1, len(a)):
        total = function(total, a[k])
    return total


def accumulated(function: Any, a: Any) -> Any:
    """function.accumulate(a)"""
    out = np.empty_like(a)
    if len(a) > 0:
        out[0] = a[0]
    for k in range(1, len(a)):
        out[k] = function(out[k - 1], a[k])
    return out


def reduced_at(function: Any, a: Any, indices: Any) -> Any:
    """function.reduceat(a, indices)"""
    out = np.empty_like(a, shape=(len(indices), *a.shape[1:]))
    for i in range(len(indices)):
        start = indices[i]
        stop = indices[i + 1] if i + 1 < len(indices) else len(a)
        out[i] = a[start]
        for k in range(start + 1, stop):
            out[i] = function(out[i], a[k])
    return out


#: function of NumPy -> the same in Python
IN_PYTHON: dict[Callable[..., Any], Callable[..., Any]] = {np.trim_zeros: trim_zeros}
