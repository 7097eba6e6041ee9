"""Rows for np.gradient: central differences inside, one-sided ones at the ends."""

from __future__ import annotations

from typing import Any

import numpy as np

from .numpy_tools import along, at, can_not, is_absent, is_display, ndim, norm_axes, rule

#: spacings that have rules
MANY_AXES = 4


def _spacings(a: Any, spacing: tuple[Any, ...], axis: Any, edge_order: Any) -> list[tuple[int, Any]]:
    """The axes, each with its spacing (None for 1)."""
    axes = tuple(range(a.ndim)) if axis is None else norm_axes(axis, a.ndim)
    steps = spacing * len(axes) if len(spacing) == 1 else spacing or (None,) * len(axes)
    return list(zip(axes, steps))


def _gradient_jvp(dot: Any, out: Any, a: Any, *spacing: Any, axis: Any = None, edge_order: Any = 1) -> Any:
    return np.gradient(dot, *spacing, **at(axis), **({} if edge_order == 1 else {"edge_order": edge_order}))


def _gradient_vjp(ct: Any, out: Any, a: Any, *spacing: Any, axis: Any = None, edge_order: Any = 1) -> Any:
    steps = _spacings(a, spacing, axis, edge_order)
    if not is_display(ct):
        return _one_gradient_vjp(ct, a, *steps[0], edge_order)
    total: Any = None
    for part, (k, h) in zip(ct, steps):
        if not is_absent(part):
            g = _one_gradient_vjp(part, a, k, h, edge_order)
            total = g if total is None else total + g
    return total


def _one_gradient_vjp(ct: Any, a: Any, axis: int, h: Any, edge_order: Any) -> Any:
    if edge_order != 1 or ndim(h):
        return _weighted_vjp(ct, a, axis, h, edge_order)
    rank = a.ndim

    def part(t: Any, start: int | None, stop: int | None) -> Any:
        return t[along(axis, rank, slice(start, stop))]

    scaled = ct if h is None else ct / h
    first, inner, last = part(scaled, None, 1), 0.5 * part(scaled, 1, -1), part(scaled, -1, None)
    g = np.concatenate((-first, first, inner, last, -last), axis=axis)
    return part(g, None, -2) - part(g, 2, None)


def _placed(part: Any, axis: int, before: Any, after: Any) -> Any:
    """`part` with zeros in front of it and behind it along an axis."""
    return np.pad(part, tuple((before, after) if k == axis else (0, 0) for k in range(part.ndim)))


def _widths(h: Any, rank: int, axis: int) -> Any:
    """The distances of neighbours, broadcasting against the array; a number if all are equal."""
    if not ndim(h):
        return 1.0 if h is None else h
    return np.reshape(np.diff(h), (-1,) + (1,) * (rank - 1 - axis))


def _edge(first: Any, second: Any, edge_order: Any) -> list[Any]:
    """The weights of the outermost elements in the difference at an end."""
    if edge_order == 1:
        return [-1.0 / first, 1.0 / first]
    both = first + second
    return [-(first + both) / (first * both), both / (first * second), -first / (second * both)]


def _weighted_vjp(ct: Any, a: Any, axis: int, h: Any, edge_order: Any) -> Any:
    """Each difference gives its weights to the elements it was made of."""
    rank, d = a.ndim, _widths(h, a.ndim, axis)

    def part(t: Any, start: int | None, stop: int | None) -> Any:
        return t[along(axis, rank, slice(start, stop))]

    def width(start: int | None, stop: int | None) -> Any:
        return d[start:stop] if ndim(h) else d

    inner, left, right = part(ct, 1, -1), width(None, -1), width(1, None)
    g = _placed(inner * -right / (left * (left + right)), axis, 0, 2)
    g = g + _placed(inner * ((right - left) / (left * right)), axis, 1, 1)
    g = g + _placed(inner * left / (right * (left + right)), axis, 2, 0)
    rest = a.shape[axis] - 1 - edge_order
    low, high = _edge(width(None, 1), width(1, 2), edge_order), _edge(width(-1, None), width(-2, -1), edge_order)
    first = np.concatenate([part(ct, None, 1) * w for w in low], axis=axis)
    last = np.concatenate([part(ct, -1, None) * -w for w in high[::-1]], axis=axis)
    return g + _placed(first, axis, 0, rest) + _placed(last, axis, rest, 0)


def _spacing(position: int) -> Any:
    """The rules of one spacing: what has it as its step is proportional to its reciprocal."""

    def scaled(a: Any, spacing: Any, axis: Any, edge_order: Any) -> list[bool]:
        """For each result, whether it does."""
        if ndim(spacing[position]):
            raise can_not("np.gradient", "active coordinates")
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


rule(np.gradient, jvp=_gradient_jvp, vjp=_gradient_vjp, raises=True, kink="coordinates are constant")
for _n in range(MANY_AXES):
    rule(np.gradient, arg=_n + 1, **_spacing(_n))
