"""Linear algebra on numbers of the field: Gaussian elimination, exact, with tangents since each step is arithmetic."""

from __future__ import annotations

from typing import Any

import numpy as np

from .field import Number, number


def solve(a: Any, b: Any) -> Any:
    """`np.linalg.solve` of one matrix, or of stacks of matrices.

    Raises:
        numpy.linalg.LinAlgError: a matrix is singular.
    """
    a, b = _numbers(a), _numbers(b)
    if a.ndim > 2:
        whole = np.broadcast_to(b, (*a.shape[:-2], *b.shape[-2:]))
        return _stack([solve(m, whole[i]) for i, m in enumerate(a)])
    columns = b.reshape(len(b), -1)
    rows = [[*m, *c] for m, c in zip(a.tolist(), columns.tolist())]
    _eliminate(rows)
    return _array([row[len(a) :] for row in rows], columns.shape).reshape(b.shape)


def inv(a: Any) -> Any:
    a = _numbers(a)
    if a.ndim > 2:
        return _stack([inv(m) for m in a])
    return solve(a, _numbers(np.eye(len(a))))


def det(a: Any) -> Any:
    a = _numbers(a)
    if a.ndim > 2:
        return _array([det(m) for m in a], a.shape[:-2])
    return _eliminate(a.tolist())


def _eliminate(rows: list[list[Number]]) -> Number:
    """Make the left square of the rows the identity; its determinant."""
    total, n = number(1.0), len(rows)
    for k in range(n):
        best = max(range(k, n), key=lambda i: abs(rows[i][k].x))
        if not rows[best][k].x:
            raise np.linalg.LinAlgError("Singular matrix")
        if best != k:
            rows[k], rows[best], total = rows[best], rows[k], -total
        pivot = rows[k][k]
        total = total * pivot
        rows[k] = [v / pivot for v in rows[k]]
        for i in range(n):
            if i != k:
                factor = rows[i][k]
                rows[i] = [v - factor * w for v, w in zip(rows[i], rows[k])]
    return total


def _numbers(a: Any) -> np.ndarray:
    whole = np.asarray(a, dtype=object)
    return _array(list(map(number, whole.ravel().tolist())), whole.shape)


def _array(items: list[Any], shape: tuple[int, ...]) -> np.ndarray:
    made = np.empty(shape, dtype=object)
    flat = [v for row in items for v in row] if items and isinstance(items[0], list) else items
    made.reshape(-1)[:] = flat
    return made


def _stack(items: list[np.ndarray]) -> np.ndarray:
    return _array([v for m in items for v in m.ravel().tolist()], (len(items), *items[0].shape))
