"""Directions that give a sparse matrix: columns without a common row share one.

The grouping is SciPy's own, the one of `scipy.optimize.least_squares`. Where few rows meet most of the columns, these rows have
a direction each in reverse mode and all other entries are found in forward mode, or the other way round. For a symmetric matrix
the columns with most entries may have a direction each: their rows are the same by symmetry, so that the other columns are
grouped without these rows, and an arrow takes two directions. (That is a star colouring whose hubs have colours of their own.)
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize._numdiff import group_columns
from scipy.sparse import csr_array

#: so many products are few
SEVERAL = 8


@dataclass(frozen=True, eq=False, slots=True)
class Plan:
    """How a matrix of a pattern is found from its products with a few directions.

    columns, rows   per column the direction of forward mode that it is in, per row that of reverse mode; -1: in none
    by_row          per entry of the pattern whether it is read from reverse mode; else from forward mode
    """

    pattern: csr_array
    columns: Any
    rows: Any
    by_row: Any

    @property
    def forward(self) -> int:
        """How many products of forward mode it takes."""
        return _count(self.columns)

    @property
    def reverse(self) -> int:
        """How many of reverse mode."""
        return _count(self.rows)

    @property
    def count(self) -> int:
        return self.forward + self.reverse

    @property
    def pulled(self) -> bool:
        """Whether all is found in reverse mode."""
        return not self.forward and self.reverse > 0

    def matrix(self, forward: Sequence[Any], reverse: Sequence[Any], symmetric: bool = False) -> csr_array:
        """The matrix by its products with the directions; those of a symmetric one are the same from both sides."""
        rows, columns = entries(self.pattern)
        pushed, pulled = np.array(forward), np.array(forward if symmetric else reverse)
        of_rows = self.columns if symmetric else self.rows
        data = np.zeros(rows.size, (forward or reverse or [np.zeros(0)])[0].dtype)
        there = ~self.by_row
        data[there] = pushed[self.columns[columns[there]], rows[there]] if there.any() else 0
        data[self.by_row] = pulled[of_rows[rows[self.by_row]], columns[self.by_row]] if self.by_row.any() else 0
        return csr_array((data, self.pattern.indices, self.pattern.indptr), shape=self.pattern.shape)


def entries(pattern: csr_array) -> tuple[Any, Any]:
    """Row and column of each entry, in its order."""
    return np.repeat(np.arange(pattern.shape[0]), np.diff(pattern.indptr)), pattern.indices


def colour(pattern: csr_array, mode: str | None = None) -> Plan:
    """Forward or reverse, whichever takes fewer directions; forward if they are as many. Where few rows or columns meet most of
    the others, these by the one and all others by the other mode."""
    found = [] if mode == "rev" else [_forward(pattern, np.zeros(pattern.shape[0], bool))]
    least = np.bincount(pattern.indices, minlength=1).max()
    if mode == "rev" or (mode is None and found[0].count > least):
        found.append(_reverse(pattern, np.zeros(pattern.shape[1], bool)))
    best = min(found, key=_products)
    if mode is not None or best.count <= SEVERAL:
        return best
    of_rows, of_columns = np.diff(pattern.indptr), np.bincount(pattern.indices, minlength=pattern.shape[1])
    for make, sizes in ((_forward, of_rows), (_reverse, of_columns)):
        for hubs in most(sizes, best.count // 2):
            best = min(best, make(pattern, hubs), key=_products)
    return best


def _products(plan: Plan) -> int:
    return plan.count


def _forward(pattern: csr_array, hubs: Any) -> Plan:
    """Columns in forward mode; rows that are hubs have a direction each in reverse mode."""
    rows, _ = entries(pattern)
    columns = grouped(pattern[~hubs])
    return Plan(pattern, columns, np.where(hubs, np.cumsum(hubs) - 1, -1), hubs[rows])


def _reverse(pattern: csr_array, hubs: Any) -> Plan:
    """Rows in reverse mode; columns that are hubs have a direction each in forward mode."""
    _, columns = entries(pattern)
    rows = grouped(pattern[:, ~hubs].T)
    return Plan(pattern, np.where(hubs, np.cumsum(hubs) - 1, -1), rows, ~hubs[columns])


def most(sizes: Any, limit: int) -> Iterator[Any]:
    """Where the greatest of some sizes are: one, two, four and so on, less than `limit`."""
    order, count = np.argsort(-sizes, kind="stable"), 1
    while count < min(limit, sizes.size):
        hubs = np.zeros(sizes.size, bool)
        hubs[order[:count]] = True
        yield hubs
        count *= 2


def colour_symmetric(pattern: csr_array) -> Plan:
    """For a symmetric matrix, by products with columns: the rows of hubs are their columns."""
    rows, columns = entries(pattern)
    best, hubs = grouped(pattern), np.zeros(pattern.shape[0], bool)
    for tried in most(np.diff(pattern.indptr), pattern.shape[0]):
        count = int(tried.sum())
        if count >= _count(best):
            break
        groups = grouped(pattern[~tried][:, ~tried])
        if count + _count(groups) < _count(best):
            hubs, best = tried, np.where(tried, np.cumsum(tried) - 1, 0)
            best[~tried] = groups + count
    return Plan(pattern, best, np.full(pattern.shape[0], -1), hubs[rows] & ~hubs[columns])


def one_by_one(pattern: csr_array) -> Plan:
    """A direction for each column."""
    m, n = pattern.shape
    return Plan(pattern, np.arange(n), np.full(m, -1), np.zeros(pattern.nnz, bool))


def grouped(pattern: Any) -> Any:
    """A group for each column, such that those of one group have no row in common. Columns are taken in their order, or those of
    most entries first, whichever gives fewer groups."""
    if 0 in pattern.shape:
        return np.zeros(pattern.shape[1], np.intp)
    columns = pattern.tocsc()
    orders = np.arange(pattern.shape[1]), np.argsort(-np.diff(columns.indptr), kind="stable")
    return min((np.asarray(group_columns(columns, order), np.intp) for order in orders), key=_count)


def _count(colours: Any) -> int:
    return int(colours.max(initial=-1)) + 1
