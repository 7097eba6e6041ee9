"""Multilinear interpolation on a grid, as derivatives of `RegularGridInterpolator` need it: in any number of directions.

Points are arrays whose last axis has an item per axis of the grid, and so are directions. Each can be pasted alone.
"""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np


def points_on(x: Any, f: Any) -> Any:
    """The points that `f` is asked for by an array: by one of one axis, one point, or for a grid of one axis many."""
    return np.reshape(x, (-1, len(f.grid))) if np.ndim(x) == 1 else x


def as_stored(v: Any, f: Any) -> Any:
    """Values in the order of `f.grid`, whose axes ascend."""
    turned = tuple(getattr(f, "_descending_dimensions", ()))
    return np.flip(v, turned) if turned else v


def grid_corners(f: Any, x: Any, directions: Any) -> Any:
    """The corners of the cell of each point, as indices, with the weight of each: of the derivative in these directions."""
    x = np.asarray(x, float)
    axes = range(len(f.grid))
    at = [np.clip(np.searchsorted(grid, x[..., k], "right") - 1, 0, len(grid) - 2) for k, grid in enumerate(f.grid)]
    step = [grid[i + 1] - grid[i] for grid, i in zip(f.grid, at)]
    part = [(x[..., k] - grid[i]) / h for (k, grid), i, h in zip(enumerate(f.grid), at, step)]
    inside = np.ones(x.shape[:-1], bool)
    if f.fill_value is not None:
        for k, grid in enumerate(f.grid):
            inside &= (x[..., k] >= grid[0]) & (x[..., k] <= grid[-1])
    if f.method == "nearest":
        weight = np.where(inside, 0.0 if directions else 1.0, 0.0)
        yield tuple(i + (p > 0.5) for i, p in zip(at, part)), weight
        return
    for corner in itertools.product((0, 1), repeat=len(axes)):
        total = np.zeros(x.shape[:-1])
        for chosen in itertools.permutations(axes, len(directions)):
            weight = np.where(inside, 1.0, 0.0)
            for k in axes:
                if k in chosen:
                    slope = np.asarray(directions[chosen.index(k)])[..., k] / step[k]
                    weight = weight * (slope if corner[k] else -slope)
                else:
                    weight = weight * (part[k] if corner[k] else 1.0 - part[k])
            total = total + weight
        yield tuple(i + up for i, up in zip(at, corner)), total


def grid_value(v: Any, f: Any, x: Any, *directions: Any) -> Any:
    """What values `v` in the place of those of `f` give at points; with directions, the derivative in all of them."""
    return sum(np.asarray(v)[place] * weight for place, weight in grid_corners(f, x, directions))


def grid_back(g: Any, f: Any, v: Any, x: Any, *directions: Any) -> Any:
    """The transpose of `grid_value` in the values."""
    out = np.zeros(np.shape(v), np.result_type(g, float))
    for place, weight in grid_corners(f, x, directions):
        np.add.at(out, place, g * weight)
    return out


def grid_gradient(g: Any, f: Any, v: Any, x: Any, *directions: Any) -> Any:
    """The cotangent of one more direction of `grid_value`, which is that of the points."""
    x = np.asarray(x, float)
    units = np.eye(x.shape[-1])
    parts = [g * grid_value(v, f, x, *directions, np.broadcast_to(unit, x.shape)) for unit in units]
    return np.stack(parts, axis=-1)
