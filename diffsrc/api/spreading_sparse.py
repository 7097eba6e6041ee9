"""How marks go through SciPy's sparse matrices, entry by entry; see `spreading.py`.

The matrix itself is there (its pattern tells which element an entry meets), its entries stand beside it with their marks:
`defs/scipy/sparse.py`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..defs.table import Def
from ..runtime.sparse import places_in, places_of, places_on_diagonal, positions
from .marked import Marked, holds_marks, marks_of, parts, plain, result, whole
from .marks import Ints, Sets
from .spreading import Args, Options, UnlistedError, call, mark, rule


def _placed(sets: Sets, a: Any, marks: Any, places: Any) -> Any:
    """The marks of the entries of `a` to which those at places go; one behind the last doesn't count."""
    return sets.scattered(np.broadcast_to(marks, places.shape), places, a.data.size + 1)[:-1]


def _entries_of(a: Any, marks: Any) -> Any:
    return result(a.data.ravel(), marks)


@rule("given_entries")
def _given(sets: Sets, d: Def, args: Args, options: Options) -> Any:
    a = plain(args[1])
    return _entries_of(a, np.ravel(whole(args[0])[1]))


@rule("placed_entries")
def _made(sets: Sets, d: Def, args: Args, options: Options) -> Any:
    a, (data, (rows, columns)) = plain(args[0]), args[1]
    return _entries_of(a, _placed(sets, a, marks_of(data), places_of(a, np.asarray(plain(rows)), plain(columns))))


@rule("diagonal_entries")
def _of_diagonals(sets: Sets, d: Def, args: Args, options: Options) -> Any:
    a, diagonals, *rest = args
    a, offsets = plain(a), plain(rest[0] if rest else options.get("offsets", 0))
    if np.ndim(offsets) == 0:
        diagonals, offsets = [diagonals[0] if isinstance(diagonals, (list, tuple)) else diagonals], [offsets]
    marks: Any = np.zeros(a.data.size, np.intp)
    for part, k in zip(diagonals, offsets, strict=True):
        marks = sets.either(marks, _placed(sets, a, marks_of(part), places_on_diagonal(a, k)))
    return _entries_of(a, marks)


@rule("converted_entries", "transposed_entries")
def _converted(sets: Sets, d: Def, args: Args, options: Options) -> Any:
    b, a = plain(args[0]), plain(args[1])
    places = places_in(b, a, d.name == "transposed_entries")
    return _entries_of(b, _placed(sets, b, marks_of(args[2]), places))


@rule("entries_of_sum", "entries_of_difference")
def _sum(sets: Sets, d: Def, args: Args, options: Options) -> Any:
    c, a, data, b, other = args
    both = (_placed(sets, plain(c), marks_of(m), places_in(plain(c), plain(x))) for x, m in ((a, data), (b, other)))
    return _entries_of(plain(c), sets.either(*both))


@rule("scaled_entries", "divided_entries", "negated_entries")
def _scaled(sets: Sets, d: Def, args: Args, options: Options) -> Any:
    b, _, data, *x = args
    return _entries_of(plain(b), sets.either(marks_of(data), marks_of(x[0]) if x else 0))


@rule("dense")
def _dense(sets: Sets, d: Def, args: Args, options: Options) -> Any:
    rows, columns, which = _entries(plain(args[0]))
    out = call(d, args, options)
    marks = np.broadcast_to(marks_of(args[1]), plain(args[0]).data.size)[which]
    return result(out, sets.scattered(marks, rows * out.shape[1] + columns, out.size).reshape(out.shape))


@rule("diagonal_of")
def _diagonal(sets: Sets, d: Def, args: Args, options: Options) -> Any:
    rows, columns, which = _entries(plain(args[0]))
    k = plain(args[2] if len(args) > 2 else options.get("k", 0))
    on = columns - rows == k
    out = call(d, args, options)
    marks = np.broadcast_to(marks_of(args[1]), plain(args[0]).data.size)[which[on]]
    return result(out, sets.scattered(marks, rows[on] + min(k, 0), out.size))


@rule("entries_added")
def _added(sets: Sets, d: Def, args: Args, options: Options) -> Any:
    return result(call(d, args, options), _placed(sets, plain(args[1]), marks_of(args[0]), np.asarray(plain(args[2]))))


@rule("entries_taken")
def _taken(sets: Sets, d: Def, args: Args, options: Options) -> Any:
    return result(call(d, args, options), np.append(whole(args[0])[1], 0)[plain(args[2])])


@rule("entries_of_outer")
def _outer(sets: Sets, d: Def, args: Args, options: Options) -> Any:
    """Each entry is the product of a row and a column."""
    rows, columns, _ = positions(plain(args[0]))
    sides = [m if m.ndim == 1 else sets.along(m, (1,)) for m in (whole(a)[1] for a in args[1:3])]
    return result(call(d, args, options), sets.either(sides[0][rows], sides[1][columns]))


@rule("entries_at")
def _entries_at(sets: Sets, d: Def, args: Args, options: Options) -> Any:
    rows, columns, _ = positions(plain(args[0]))
    return result(call(d, args, options), whole(args[1])[1][rows, columns])


@rule("product", "product_by_dot", "product_from_left")
def _product(sets: Sets, d: Def, args: Args, options: Options) -> Any:
    """Of a sparse matrix and an array: entry by entry."""
    a, data, v = args
    left = d.name == "product_from_left"
    rows, columns, which = _entries(plain(a))
    if left:
        rows, columns = columns, rows
    out = np.asarray(call(d, args, options))
    marks = np.asarray(whole(v)[1])
    if marks.ndim not in (1, 2):
        raise UnlistedError
    sides = marks if marks.ndim == 1 or not left else marks.T
    width = 1 if sides.ndim == 1 else sides.shape[1]
    targets = (rows[:, None] * width + np.arange(width)).ravel()
    size = (out.shape[-1] if left else out.shape[0]) * width
    found = sets.scattered(sides.reshape(len(sides), width)[columns], targets, size)
    if holds_marks(data):
        entries = np.broadcast_to(whole(data)[1][which][:, None], (which.size, width))
        found = sets.either(found, sets.scattered(entries, targets, size))
    shaped = found if marks.ndim == 1 else found.reshape(-1, width)
    return result(out, shaped.T if left else shaped)


@rule("solved")
def _solved(sets: Sets, d: Def, args: Args, options: Options) -> Any:
    """A column of the solution depends on that of the right-hand side, and on all of the matrix."""
    side = whole(args[2])[1]
    out = call(d, args, options)
    if np.ndim(out) != side.ndim:
        raise UnlistedError
    given: list[Marked] = parts(args[1])
    return result(out, sets.either(sets.along(side, (0,), True), mark(sets, given)))


def _entries(a: Any) -> tuple[Ints, Ints, Ints]:
    """Row, column and place among the contents of each entry that counts."""
    rows, columns, inside = positions(a)
    which = np.arange(a.data.size) if inside is True else np.flatnonzero(inside)
    return rows[which], columns[which], which
