"""Rows for histograms: linear in the weights. How many values lie in a bin stays the same when they move a little; edges that
NumPy chooses lie between the smallest and the largest value, and move with those two.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..ir.types import NONE
from .dims import map_dims, unknown
from .numpy_reduce import share, spread
from .numpy_tools import can_not, is_absent, is_display, ndim, no_rule, rule
from .probe import infer_by_trial


def _types(fn: Any, position: int) -> Any:
    """The type rule: found by trial without the range, which fits no made-up values; sizes are seen in the contents."""

    def types(args: Any, kwargs: Any) -> Any:
        args = tuple(NONE if k == position else t for k, t in enumerate(args))
        return map_dims(infer_by_trial(fn, args, {k: t for k, t in kwargs.items() if k != "range"}), unknown)

    return types


# -- edges


def _moves(bins: Any, range_: Any) -> bool:
    """Whether NumPy chooses the edges by the values."""
    return range_ is None and not is_display(bins) and not ndim(bins)


def _edge_shares(edges: Any) -> Any:
    """How far each edge is from the first one, towards the last one."""
    return (edges - edges[0]) / (edges[-1] - edges[0])


def _edges_jvp(dot: Any, edges: Any, a: Any) -> Any:
    t = _edge_shares(edges)
    low, high = (share(dot, a, end(a), None, False) for end in (np.min, np.max))
    return low * (1.0 - t) + high * t


def _edges_vjp(ct: Any, edges: Any, a: Any) -> Any:
    t = _edge_shares(edges)
    low, high = np.sum(ct * (1.0 - t)), np.sum(ct * t)
    return spread(low, a, np.min(a), None, False) + spread(high, a, np.max(a), None, False)


def _fixed(bins: Any) -> Any:
    if is_display(bins) or ndim(bins):
        raise can_not("a histogram", "active edges of its bins")


rule(
    np.histogram_bin_edges, types=_types(np.histogram_bin_edges, 2), kink="ties share equally",
    jvp=lambda dot, out, a, bins=10, range=None, weights=None: _edges_jvp(dot, out, a) if _moves(bins, range) else None,
    vjp=lambda ct, out, a, bins=10, range=None, weights=None: _edges_vjp(ct, out, a) if _moves(bins, range) else None,
)  # fmt: skip
rule(np.histogram_bin_edges, arg=3, jvp=lambda *args, **options: None, vjp=lambda *args, **options: None)

# -- one axis


def _places(a: Any, edges: Any) -> tuple[Any, Any]:
    """The bin of each value, and whether it has one; the last bin holds its right edge."""
    inside = (a >= edges[0]) & (a <= edges[-1])
    return np.clip(np.searchsorted(edges, a, side="right") - 1, 0, edges.shape[0] - 2), inside


def _heights(hist: Any, edges: Any, a: Any, weights: Any) -> tuple[Any, Any]:
    """Of a density: the widths of the bins, and the sum of all weights."""
    inside = (a >= edges[0]) & (a <= edges[-1])
    return np.diff(edges), np.sum(inside if weights is None else np.where(inside, weights, 0.0))


def _histogram_jvp(
    dot: Any, out: Any, a: Any, bins: Any = 10, range: Any = None, density: Any = None, weights: Any = None
) -> Any:  # fmt: skip
    hist, edges = out[0], out[1]
    if not _moves(bins, range):
        return np.zeros_like(hist), np.zeros_like(edges)
    change = _edges_jvp(dot, edges, a)
    if density:
        return -hist * np.diff(change) / np.diff(edges), change
    return np.zeros_like(hist), change


def _histogram_vjp(
    ct: Any, out: Any, a: Any, bins: Any = 10, range: Any = None, density: Any = None, weights: Any = None
) -> Any:  # fmt: skip
    hist, edges = out[0], out[1]
    if not _moves(bins, range):
        return None
    total = None if is_absent(ct[1]) else ct[1]
    if density and not is_absent(ct[0]):
        g = -ct[0] * hist / np.diff(edges)
        moved = -np.diff(np.pad(g, 1))
        total = moved if total is None else total + moved
    return None if total is None else _edges_vjp(total, edges, a)


def _weights_jvp(
    dot: Any, out: Any, a: Any, bins: Any = 10, range: Any = None, density: Any = None, weights: Any = None
) -> Any:  # fmt: skip
    hist, edges = out[0], out[1]
    change = np.histogram(a, edges, weights=dot)[0]
    if density:
        widths, total = _heights(hist, edges, a, weights)
        change = change / (widths * total) - hist * (np.sum(change) / total)
    return change, np.zeros_like(edges)


def _weights_vjp(
    ct: Any, out: Any, a: Any, bins: Any = 10, range: Any = None, density: Any = None, weights: Any = None
) -> Any:  # fmt: skip
    hist, edges = out[0], out[1]
    if is_absent(ct[0]):
        return None
    g = ct[0]
    if density:
        widths, total = _heights(hist, edges, a, weights)
        g = g / (widths * total) - np.sum(g * hist) / total
    places, inside = _places(a, edges)
    return np.where(inside, np.take(g, places), 0.0)


rule(
    np.histogram, jvp=_histogram_jvp, vjp=_histogram_vjp, types=_types(np.histogram, 2),
    kink="values at edges; ties of the extremes share equally",
)  # fmt: skip
rule(np.histogram, arg=4, jvp=_weights_jvp, vjp=_weights_vjp)

# -- two axes


def _moves_2d(bins: Any, range_: Any, axis: int) -> bool:
    if range_ is not None or ndim(bins):
        return False
    return _moves(bins[axis] if len(bins) == 2 else bins, None) if is_display(bins) else True


def _position_2d(axis: int) -> dict[str, Any]:
    """The values along one axis: they move its edges."""

    def jvp(
        dot: Any, out: Any, x: Any, y: Any, bins: Any = 10, range: Any = None, density: Any = None, weights: Any = None
    ) -> Any:  # fmt: skip
        hist, a, edges = out[0], (x, y)[axis], out[1 + axis]
        moves = _moves_2d(bins, range, axis)
        change = _edges_jvp(dot, edges, a) if moves else np.zeros_like(edges)
        height = np.zeros_like(hist)
        if moves and density:
            slope = np.diff(change) / np.diff(edges)
            height = -hist * (slope[:, None] if axis == 0 else slope)
        changes = [np.zeros_like(out[1]), np.zeros_like(out[2])]
        changes[axis] = change
        return height, changes[0], changes[1]

    def vjp(
        ct: Any, out: Any, x: Any, y: Any, bins: Any = 10, range: Any = None, density: Any = None, weights: Any = None
    ) -> Any:  # fmt: skip
        hist, a, edges = out[0], (x, y)[axis], out[1 + axis]
        if not _moves_2d(bins, range, axis):
            return None
        total = None if is_absent(ct[1 + axis]) else ct[1 + axis]
        if density and not is_absent(ct[0]):
            moved = -np.diff(np.pad(-np.sum(ct[0] * hist, axis=1 - axis) / np.diff(edges), 1))
            total = moved if total is None else total + moved
        return None if total is None else _edges_vjp(total, edges, a)

    return {"jvp": jvp, "vjp": vjp}


def _heights_2d(out: Any, x: Any, y: Any, weights: Any) -> tuple[Any, Any]:
    inside = _places(x, out[1])[1] & _places(y, out[2])[1]
    total = np.sum(inside if weights is None else np.where(inside, weights, 0.0))
    return np.outer(np.diff(out[1]), np.diff(out[2])), total


def _weights_2d_jvp(
    dot: Any, out: Any, x: Any, y: Any, bins: Any = 10, range: Any = None, density: Any = None, weights: Any = None
) -> Any:  # fmt: skip
    change = np.histogram2d(x, y, [out[1], out[2]], weights=dot)[0]
    if density:
        areas, total = _heights_2d(out, x, y, weights)
        change = change / (areas * total) - out[0] * (np.sum(change) / total)
    return change, np.zeros_like(out[1]), np.zeros_like(out[2])


def _weights_2d_vjp(
    ct: Any, out: Any, x: Any, y: Any, bins: Any = 10, range: Any = None, density: Any = None, weights: Any = None
) -> Any:  # fmt: skip
    if is_absent(ct[0]):
        return None
    g = ct[0]
    if density:
        areas, total = _heights_2d(out, x, y, weights)
        g = g / (areas * total) - np.sum(g * out[0]) / total
    (i, in_x), (j, in_y) = _places(x, out[1]), _places(y, out[2])
    return np.where(in_x & in_y, g[i, j], 0.0)


rule(np.histogram2d, **_position_2d(0), types=_types(np.histogram2d, 3), kink="values at edges")
rule(np.histogram2d, arg=1, **_position_2d(1))
rule(np.histogram2d, arg=5, jvp=_weights_2d_jvp, vjp=_weights_2d_vjp)
no_rule(np.histogramdd, refusals={-1: "use np.histogram or np.histogram2d, or np.add.at"})
