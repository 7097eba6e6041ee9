"""Directions that give a sparse matrix: columns without a common row share one.

The grouping is SciPy's own, the one of `scipy.optimize.least_squares`. For a symmetric matrix the columns with most entries may
have a direction each: their rows are the same by symmetry, so that the other columns are grouped without these rows, and an
arrow takes two directions. (That is a star colouring whose hubs have colours of their own.)
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize._numdiff import group_columns
from scipy.sparse import csr_array


@dataclass(frozen=True, eq=False, slots=True)
class Plan:
    """How a matrix of a pattern is found from its products with a few directions.

    forward    products with columns, else with rows
    colours    per column (row) the direction that it is in
    count      how many directions there are
    source     per entry of the pattern, in its order, the direction, and the element of its product
    """

    pattern: csr_array
    forward: bool
    colours: Any
    count: int
    source: tuple[Any, Any]

    def directions(self) -> Iterator[Any]:
        for k in range(self.count):
            yield np.asarray(self.colours == k, float)

    def matrix(self, products: Any) -> csr_array:
        """The matrix by its products with the directions."""
        data = products[self.source] if self.count else np.zeros(0)
        return csr_array((data, self.pattern.indices, self.pattern.indptr), shape=self.pattern.shape)


def entries(pattern: csr_array) -> tuple[Any, Any]:
    """Row and column of each entry, in its order."""
    return np.repeat(np.arange(pattern.shape[0]), np.diff(pattern.indptr)), pattern.indices


def colour(pattern: csr_array, mode: str | None = None) -> Plan:
    """Forward or reverse, whichever takes fewer directions; forward if they are as many."""
    rows, columns = entries(pattern)
    least_forward = np.diff(pattern.indptr).max(initial=0)
    least_reverse = np.bincount(columns, minlength=1).max()
    found: dict[str, Any] = {}
    for kind in ("fwd", "rev") if least_forward <= least_reverse else ("rev", "fwd"):
        if mode not in (None, kind):
            continue
        if found and _count(*found.values()) <= (least_forward if kind == "fwd" else least_reverse):
            break
        found[kind] = grouped(pattern if kind == "fwd" else pattern.T)
    best = min(sorted(found), key=lambda kind: _count(found[kind]))
    colours = found[best]
    source = (colours[columns], rows) if best == "fwd" else (colours[rows], columns)
    return Plan(pattern, best == "fwd", colours, _count(colours), source)


def colour_symmetric(pattern: csr_array) -> Plan:
    """For a symmetric matrix, by products with columns."""
    n = pattern.shape[0]
    order = np.argsort(-np.diff(pattern.indptr), kind="stable")
    best, hubs, fewest = grouped(pattern), 0, n + 1
    fewest, tried = _count(best), 1
    while tried < fewest:
        rest = order[tried:]
        groups = grouped(pattern[rest][:, rest])
        if tried + _count(groups) < fewest:
            fewest, hubs = tried + _count(groups), tried
            best = np.empty(n, np.intp)
            best[order[:tried]] = np.arange(tried)
            best[rest] = groups + tried
        tried *= 2
    hub = np.zeros(n, bool)
    hub[order[:hubs]] = True
    rows, columns = entries(pattern)
    turned = hub[rows] & ~hub[columns]
    source = np.where(turned, best[rows], best[columns]), np.where(turned, columns, rows)
    return Plan(pattern, True, best, fewest, source)


def one_by_one(pattern: csr_array) -> Plan:
    """A direction for each column."""
    rows, columns = entries(pattern)
    return Plan(pattern, True, np.arange(pattern.shape[1]), pattern.shape[1], (columns, rows))


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
