"""Functions of sparse matrices that derivatives call, beside SciPy's own. Each can be pasted alone."""

from __future__ import annotations

from typing import Any

import numpy as np


def with_entries(a: Any, data: Any) -> Any:
    """The sparse matrix with the pattern of `a` and other entries, in the order of `a.data`."""
    data = np.reshape(data, a.data.shape)
    if a.format == "coo":
        return type(a)((data, (a.row, a.col)), shape=a.shape)
    if a.format == "dia":
        return type(a)((data, a.offsets), shape=a.shape)
    return type(a)((data, a.indices, a.indptr), shape=a.shape)


def positions(a: Any) -> Any:
    """Row and column of each entry in the order of `a.data`, and which entries count: those of a diagonal may lie outside."""
    if a.format == "coo":
        return a.row, a.col, True
    if a.format == "dia":
        cols = np.broadcast_to(np.arange(a.data.shape[1]), a.data.shape)
        rows = cols - a.offsets[:, None]
        inside = (rows >= 0) & (rows < a.shape[0]) & (cols < a.shape[1])
        return tuple(np.ravel(part) for part in (np.where(inside, rows, 0), np.where(inside, cols, 0), inside))
    if a.format == "bsr":
        height, width = a.data.shape[1:]
        outer = np.repeat(np.arange(len(a.indptr) - 1), np.diff(a.indptr))
        rows = outer[:, None, None] * height + np.arange(height)[:, None]
        cols = a.indices[:, None, None] * width + np.arange(width)
        rows, cols = np.broadcast_arrays(rows, cols)
        return np.ravel(rows), np.ravel(cols), True
    major = np.repeat(np.arange(len(a.indptr) - 1), np.diff(a.indptr))
    return (a.indices, major, True) if a.format == "csc" else (major, a.indices, True)


def check_order(a: Any) -> None:
    """Raises where a solver would put the entries of a matrix in order in place.

    Raises:
        ValueError: it would.
    """
    if a.format in ("csr", "csc") and not a.has_canonical_format:
        raise ValueError(
            "the solver would sort the entries of this sparse matrix in place, and their derivatives would be those of others: "
            "convert it to the other format (.tocsr() or .tocsc()), or make it of (data, (row, col))"
        )


def entries_of_outer(a: Any, u: Any, v: Any) -> Any:
    """What `u @ v.T` is at the entries of `a`, in the order of `a.data`."""
    rows, cols, inside = positions(a)
    u, v = np.asarray(u)[rows], np.asarray(v)[cols]
    found = u * v if u.ndim == 1 else np.sum(u * v, axis=1)
    return found if inside is True else np.where(inside, found, 0.0)


def entries_at(a: Any, m: Any) -> Any:
    """What a dense matrix is at the entries of `a`, in the order of `a.data`."""
    rows, cols, inside = positions(a)
    found = np.asarray(m)[rows, cols]
    return found if inside is True else np.where(inside, found, 0.0)


def places_of(a: Any, rows: Any, cols: Any, inside: Any = True) -> Any:
    """Where in `a.data` the entries at these rows and columns lie; one behind the last for those that don't count.

    Raises:
        ValueError: one isn't there: it was dropped for being zero.
    """
    own_rows, own_cols, own = positions(a)
    keys = np.where(own, own_rows.astype(np.int64) * a.shape[1] + own_cols, -1)
    wanted = np.asarray(rows).astype(np.int64) * a.shape[1] + cols
    order = np.argsort(keys, kind="stable")
    at = np.minimum(np.searchsorted(keys, wanted, sorter=order), len(keys) - 1)
    at = order[at] if len(keys) else np.zeros_like(wanted)
    if np.any(inside & (keys[at] != wanted)) if len(keys) else np.any(inside & (wanted >= 0)):
        raise ValueError("an entry of a sparse matrix is zero and was dropped, so there is no derivative by it")
    return np.where(inside, at, len(keys))


def places_in(a: Any, part: Any, transposed: bool = False) -> Any:
    """Where in `a.data` the entries of another matrix, or of its transpose, lie."""
    rows, cols, inside = positions(part)
    return places_of(a, cols, rows, inside) if transposed else places_of(a, rows, cols, inside)


def places_on_diagonal(a: Any, offset: int = 0) -> Any:
    """Where in `a.data` the entries of a diagonal lie."""
    n = min(a.shape[0] + min(offset, 0), a.shape[1] - max(offset, 0))
    return places_of(a, np.arange(n) - min(offset, 0), np.arange(n) + max(offset, 0))


def entries_added(d: Any, a: Any, places: Any) -> Any:
    """Entries for the pattern of `a`, with `d` added at places."""
    out = np.zeros(a.data.size + 1, np.result_type(d))
    np.add.at(out, places, d)
    return out[:-1]


def entries_taken(g: Any, a: Any, places: Any) -> Any:
    """The entries at places of the pattern of `a`, zero where they don't count."""
    return np.append(g, np.zeros(1, np.result_type(g)))[places]


def entries_on_diagonal(g: Any, a: Any, offset: int = 0) -> Any:
    """Entries for the pattern of `a` that are those of a diagonal on it and zero elsewhere."""
    rows, cols, inside = positions(a)
    on = (cols - rows == offset) & inside
    return np.where(on, np.append(g, np.zeros(1, np.result_type(g)))[np.where(on, rows + min(offset, 0), len(g))], 0.0)


def solution_of(found: Any) -> Any:
    """The solution that an iterative solver found.

    Raises:
        RuntimeError: it hasn't converged.
    """
    if found[1] != 0:
        raise RuntimeError("the system of the derivative wasn't solved: the iterative solver hasn't converged")
    return found[0]


def whole_product(c: Any, a: Any, b: Any) -> Any:
    """The product `c` of two matrices.

    Raises:
        ValueError: an entry of it is missing: it was dropped for being zero.
    """
    ones = with_entries(a, np.ones(a.data.shape)) @ with_entries(b, np.ones(b.data.shape))
    places_in(c, ones)
    return c


def entries_of_product(
    c: Any, a: Any, a_data: Any, b: Any, b_data: Any, a_transposed: bool = False, b_transposed: bool = False
) -> Any:
    """What the product of two matrices with other entries, or of their transposes, is at the entries of `c`."""
    left, right = with_entries(a, a_data), with_entries(b, b_data)
    found = ((left.T if a_transposed else left) @ (right.T if b_transposed else right)).tocsr()
    rows, cols, inside = positions(c)
    if len(rows) == 0:
        return np.zeros(0, found.dtype)
    found = np.asarray(found[rows, cols]).ravel()
    return found if inside is True else np.where(inside, found, 0.0)


def numbered(a: Any) -> Any:
    """The matrix with the number of each entry, from 1, in its place: of a part of it they tell where it comes from."""
    return with_entries(a, np.arange(1.0, a.data.size + 1))


def origins(part: Any) -> Any:
    """Where the entries of a part of a numbered matrix come from."""
    return np.round(np.ravel(part.data)).astype(np.int64) - 1


def entry_at(g: Any, a: Any, i: int, j: int) -> Any:
    """Entries for the pattern of `a`, with `g` where row and column are these."""
    rows, cols, inside = positions(a)
    return np.where((rows == i % a.shape[0]) & (cols == j % a.shape[1]) & inside, g, 0.0)
