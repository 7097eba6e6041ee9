"""Derivatives by central differences, extrapolated to step zero, each with an estimate of its error."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import numpy as np

from .structure import flat, unflat

STEPS = 6


def outcome(f: Callable[..., Any], args: tuple[Any, ...]) -> np.ndarray:
    """Everything differentiable that a call leaves behind: its result, then the final contents of its
    arguments."""
    mine = copy.deepcopy(args)
    result = f(*mine)
    return np.concatenate([flat(result), flat(mine)])


def directional(f: Callable[..., Any], args: tuple[Any, ...], v: np.ndarray, start: float = 1e-2) -> tuple[Any, Any]:
    """The derivative of `outcome` in the direction `v` (a vector over the leaves of `args`), and its error
    estimate."""
    point = flat(args)
    size = max(1.0, float(np.max(np.abs(v), initial=0.0)))
    table: list[list[np.ndarray]] = []
    for k in range(STEPS):
        h = start / size / 2.0**k
        above = outcome(f, unflat(args, point + h * v))
        below = outcome(f, unflat(args, point - h * v))
        row = [(above - below) / (2.0 * h)]
        for j in range(k):
            row.append(row[j] + (row[j] - table[-1][j]) / (4.0 ** (j + 1) - 1.0))
        table.append(row)
    best, error = table[1][1], np.full_like(table[1][1], np.inf)
    for k in range(2, STEPS):
        for j in range(1, k):
            moved = np.maximum(np.abs(table[k][j] - table[k][j - 1]), np.abs(table[k][j] - table[k - 1][j - 1]))
            better = moved < error
            best, error = np.where(better, table[k][j], best), np.where(better, moved, error)
    return best, error


def jacobian(f: Callable[..., Any], args: tuple[Any, ...], start: float = 1e-2) -> tuple[np.ndarray, np.ndarray]:
    """The whole Jacobian of `outcome`, column by column, and its error estimate."""
    n = flat(args).size
    columns = [directional(f, args, row, start) for row in np.eye(n)]
    if not columns:
        rows = outcome(f, args).size
        return np.zeros((rows, 0)), np.zeros((rows, 0))
    return np.stack([c[0] for c in columns], axis=1), np.stack([c[1] for c in columns], axis=1)
