"""Sets of columns under numbers: what a number or an element depends on, as one integer.

A *mark* is the number of a set. 0 is the empty set, 1 to n are the sets of one column each, further ones are made by
unions. Equal sets have one mark, so arrays of marks are compared, moved and stored like any arrays of integers; only
unions of different marks need the sets themselves, which are rows of one sparse matrix.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from scipy.sparse import csr_array

#: members of all sets together; beyond that every further union is taken to be the set of all columns
LIMIT = 40_000_000
#: so many pairs of sets are united one by one
FEW = 6

Ints = np.ndarray[Any, np.dtype[np.intp]]


class Sets:
    """The sets over `n` columns."""

    __slots__ = ("codes", "count", "members", "n", "numbers", "pairs", "seen", "starts", "whole")

    def __init__(self, n: int) -> None:
        self.n = n
        #: the sum of the codes of its columns, modulo 2**64, tells sets apart
        self.codes = np.random.default_rng(0x5E75).integers(1, 2**63, n, dtype=np.uint64)
        self.members: Ints = np.arange(n)
        self.starts: Ints = np.concatenate([[0], np.arange(n + 1)])
        self.count = n + 1
        self.numbers: dict[int, int] = {0: 0, **{c: k + 1 for k, c in enumerate(self.codes.tolist())}}
        self.pairs: dict[tuple[int, int], int] = {}
        self.whole = -1
        self.seen = np.zeros(n, bool)

    def rows(self, marks: Ints) -> csr_array:
        """The sets of marks as the rows of a matrix of booleans."""
        found, where = np.unique(marks, return_inverse=True)
        first, sizes = self.starts[found], self.starts[found + 1] - self.starts[found]
        ends = np.cumsum(sizes)
        members = self.members[np.arange(ends[-1] if ends.size else 0) + np.repeat(first - ends + sizes, sizes)]
        table = _booleans(members, np.concatenate([[0], ends]), self.n)
        return table if np.array_equal(where, np.arange(found.size)) else table[where]

    def unite(self, marks: Ints, starts: Ints) -> Ints:
        """The unions of groups of sets: those of `marks[starts[k]:starts[k + 1]]` for each k."""
        found, where = np.unique(marks, return_inverse=True)
        return self._enter(_booleans(where, starts, found.size) @ self.rows(found))

    def everything(self) -> int:
        """The mark of the set of all columns."""
        if self.whole < 0:
            self.whole = int(self._enter(csr_array(np.ones((1, self.n), bool)), limit=False)[0])
        return self.whole

    def _enter(self, rows: csr_array, limit: bool = True) -> Ints:
        sums = np.concatenate([np.zeros(1, np.uint64), np.cumsum(self.codes[rows.indices])])
        codes, first, inverse = np.unique(
            sums[rows.indptr[1:]] - sums[rows.indptr[:-1]], return_index=True, return_inverse=True
        )
        marks = np.array([self.numbers.get(code, -1) for code in codes.tolist()], np.intp)
        new = np.flatnonzero(marks < 0)
        if new.size:
            added = rows[first[new]]
            if limit and self.starts[self.count] + added.nnz > LIMIT:
                marks[new] = self.everything()
            else:
                marks[new] = self._append(added.indices, added.indptr[1:], codes[new].tolist())
        return marks[inverse]

    def _append(self, members: Ints, ends: Ints, codes: list[int]) -> Ints:
        used, count = int(self.starts[self.count]), len(codes)
        self.members = _room(self.members, used + members.size)
        self.starts = _room(self.starts, self.count + count + 1)
        self.members[used : used + members.size] = members
        self.starts[self.count + 1 : self.count + count + 1] = used + ends
        made = np.arange(self.count, self.count + count)
        self.numbers.update(zip(codes, made.tolist()))
        self.count += count
        return made

    def pair(self, a: int, b: int) -> int:
        """The union of two sets."""
        if a == b or b == 0:
            return a
        if a == 0:
            return b
        key = (a, b) if a < b else (b, a)
        found = self.pairs.get(key)
        if found is None:
            found = self.pairs[key] = self._united(*key)
        return found

    def _united(self, a: int, b: int) -> int:
        x, y = sorted((self._set(a), self._set(b)), key=len, reverse=True)
        self.seen[x] = True
        both = np.concatenate([x, y[~self.seen[y]]])
        self.seen[x] = False
        code = int(np.add.reduce(self.codes[both]))
        found = self.numbers.get(code)
        if found is None and self.starts[self.count] + both.size > LIMIT:
            return self.everything()
        return int(self._append(both, np.array([both.size]), [code])[0]) if found is None else found

    def _set(self, mark: int) -> Ints:
        return self.members[self.starts[mark] : self.starts[mark + 1]]

    def either(self, a: Any, b: Any) -> Any:
        """Unions, element by element, of marks that are broadcast."""
        if not isinstance(a, np.ndarray) and not isinstance(b, np.ndarray):
            return self.pair(int(a), int(b))
        x, y = np.broadcast_arrays(a, b)
        out = np.where(x == 0, y, x)
        differ = (x != y) & (x != 0) & (y != 0)
        if differ.any():
            x, y = x[differ], y[differ]
            keys, inverse = np.unique(np.minimum(x, y) * self.count + np.maximum(x, y), return_inverse=True)
            pairs = np.stack([keys // self.count, keys % self.count], axis=-1)
            if len(keys) <= FEW:
                united = np.array([self.pair(*p) for p in pairs.tolist()])
            else:
                united = self.unite(pairs.ravel(), np.arange(0, 2 * len(keys) + 1, 2))
            out[differ] = united[inverse]
        return out

    def along(self, marks: Ints, axes: tuple[int, ...], keepdims: bool = False) -> Ints:
        """The unions along axes."""
        others = [k for k in range(marks.ndim) if k not in axes]
        kept = tuple(marks.shape[k] for k in others)
        sizes = math.prod(kept), math.prod(marks.shape[k] for k in axes)
        flat = np.transpose(marks, [*others, *axes]).reshape(sizes)
        if flat.shape[1] == 0:
            out = np.zeros(len(flat), np.intp)
        elif (flat == flat[:, :1]).all():
            out = flat[:, 0].copy()
        else:
            out = self.unite(flat.ravel(), np.arange(0, flat.size + 1, flat.shape[1]))
        shape = tuple(1 if k in axes else n for k, n in enumerate(marks.shape)) if keepdims else kept
        return out.reshape(shape)

    def all_of(self, marks: Any) -> int:
        """The union of all sets in an array."""
        found = np.unique(marks)
        return int(self.unite(found, np.array([0, found.size]))[0]) if found.size else 0

    def scattered(self, marks: Ints, targets: Ints, size: int) -> Ints:
        """For each of `size` targets the union of the marks that go there."""
        marks, targets = marks.ravel(), targets.ravel()
        if targets.size and np.any(targets[1:] < targets[:-1]):
            order = np.argsort(targets, kind="stable")
            marks, targets = marks[order], targets[order]
        counts = np.bincount(targets, minlength=size)
        return self.unite(marks, np.concatenate([[0], np.cumsum(counts)]))

    def running(self, marks: Ints, axis: int) -> Ints:
        """The unions of all up to each place along an axis."""
        out = np.moveaxis(marks.copy(), axis, 0)
        for k in range(1, len(out)):
            out[k] = self.either(out[k - 1], out[k])
        return np.moveaxis(out, 0, axis)


def _booleans(columns: Ints, starts: Ints, count: int) -> csr_array:
    return csr_array((np.ones(columns.size, bool), columns, starts), shape=(len(starts) - 1, count))


def _room(a: Ints, size: int) -> Ints:
    """An array of at least this size that starts with the same elements."""
    return a if size <= a.size else np.concatenate([a, np.zeros(max(size, 2 * a.size) - a.size, a.dtype)])
