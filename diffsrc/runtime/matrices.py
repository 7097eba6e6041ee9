"""Matrices in packed forms, for generated code: permutations by pivots, matrices by diagonals. Each can be pasted alone.

A band matrix `a` with `low` diagonals below the main one and `up` above is `ab` with `ab[up + i - j, j] = a[i, j]`, as in
`scipy.linalg.solve_banded`; what stands outside of the matrix is never read, and 0 in what is made here.
"""

from __future__ import annotations

from typing import Any

import numpy as np


def permutation(piv: Any, n: int) -> Any:
    """The order of the rows after the exchanges that `lu_factor` gives."""
    order = np.arange(n)
    for i, j in enumerate(piv):
        order[[i, j]] = order[[j, i]]
    return order


def diagonal_sums(g: Any) -> Any:
    """The sums along the diagonals of an m x n matrix, from the lower left corner (0) to the upper right one (m + n - 2)."""
    m, n = np.shape(g)
    out = np.zeros(m + n - 1, np.asarray(g).dtype)
    np.add.at(out, np.subtract.outer(np.arange(m - 1, -1, -1), -np.arange(n)), g)
    return out


def from_diagonals(s: Any, m: int, n: int) -> Any:
    """The m x n matrix with constant diagonals, from the lower left corner to the upper right one."""
    return np.asarray(s)[np.subtract.outer(np.arange(m - 1, -1, -1), -np.arange(n))]


def band_product(ab: Any, x: Any, low: int, up: int) -> Any:
    """A band matrix times a vector or matrix."""
    n = len(x)
    out = np.zeros(np.shape(x), np.result_type(ab, x))
    for r in range(low + up + 1):  # row j + r - up of column j
        first, last = max(0, up - r), min(n, n + up - r)
        if first < last:
            row = ab[r, first:last]
            out[first + r - up : last + r - up] += (row if np.ndim(x) == 1 else row[:, None]) * x[first:last]
    return out


def band_outer(g: Any, x: Any, low: int, up: int) -> Any:
    """The bands of the outer product of g and x, vectors or matrices of which the columns count together."""
    n = len(x)
    out = np.zeros((low + up + 1, n), np.result_type(g, x))
    for r in range(low + up + 1):
        first, last = max(0, up - r), min(n, n + up - r)
        if first < last:
            both = g[first + r - up : last + r - up] * x[first:last]
            out[r, first:last] = both if np.ndim(x) == 1 else both.sum(axis=1)
    return out


def band_transpose(ab: Any, low: int, up: int) -> Any:
    """The transposed band matrix, which has `up` diagonals below the main one and `low` above."""
    n = np.shape(ab)[1]
    out = np.zeros((low + up + 1, n), np.asarray(ab).dtype)
    for r in range(low + up + 1):
        first, last = max(0, up - r), min(n, n + up - r)
        if first < last:
            out[low + up - r, first + r - up : last + r - up] = ab[r, first:last]
    return out


def real_result(x: Any) -> Any:
    """The result of a function of a real matrix, whose derivative was made for real results.

    Raises:
        ValueError: it is complex.
    """
    if np.iscomplexobj(x):
        raise ValueError("the result of a matrix function of a real matrix is complex: give it the matrix as complex, a + 0j")
    return x
