"""Functions that make sparse matrices: of entries and places, of diagonals, of other matrices (`defs/scipy/sparse.py`)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from scipy import sparse

from ...errors import NoRuleError
from ...ir.types import BOOL, Array, FuncType, List, Opaque, Tuple, Type, kind_of, strip
from ...runtime import sparse as matrices
from ..objects import Shared, as_handle, constructor, helper, made_by, rule_of, written
from ..special import is_display, is_list, unbroadcast
from ..table import Def, lookup, register
from .sparse import (
    CLASSES,
    ENTRIES,
    GENERAL,
    PREFIX,
    SPARSE,
    Args,
    Kwargs,
    converted_entries,
    entries_added,
    entries_taken,
    given_entries,
    places_of,
    places_on_diagonal,
    promoted,
)


def placed_entries(a: Any, given: Any, *rest: Any, **options: Any) -> Any:
    """The entries of a matrix made of `(data, (row, col))`."""
    return a.data.ravel()


def stored_entries(a: Any, given: Any, *rest: Any, **options: Any) -> Any:
    """The entries of a matrix that none were given for."""
    return a.data.ravel()


def _at_places(a: Any, given: Any) -> Any:
    rows, cols = given[1]
    return places_of(a, rows, cols)


def _placed_type(args: Args, kwargs: Kwargs) -> Type:
    given = strip(args[1])
    assert isinstance(given, Tuple)
    return Array(promoted(given.items[0]), (None,))


written(placed_entries, "a.data.ravel()", types=_placed_type)
rule_of(
    placed_entries, 1,
    lambda dot, out, a, given, *rest, **options: entries_added(dot[0], a, _at_places(a, given)),
    lambda ct, out, a, given, *rest, **options: (entries_taken(ct, a, _at_places(a, given)), (None, None)),
)  # fmt: skip
written(
    stored_entries, "a.data.ravel()", types=lambda args, kwargs: ENTRIES,
    refusals={1: "a sparse matrix of active values whose pattern isn't given: make it of (data, (row, col))"},
)  # fmt: skip


def _chosen(compressed: bool, shares: bool) -> Callable[[tuple[Type, ...], Kwargs], Any]:
    """How the entries of a matrix come from the arguments of its constructor."""

    def choose(kinds: tuple[Type, ...], named: Kwargs) -> Any:
        t = strip(kinds[0])
        if isinstance(t, FuncType | Opaque):
            return converted_entries
        if not isinstance(t, Tuple) or not t.items or not isinstance(strip(t.items[0]), Array):
            return stored_entries
        if len(t.items) == 3 or shares:
            return Shared(given_entries, (0, 0))
        return placed_entries

    return choose


for _cls in CLASSES:
    _format = _cls.__name__[:3]
    constructor(
        _cls, f"{PREFIX}{_cls.__name__}", SPARSE, Shared(given_entries, (0, 0)), _cls,
        _chosen(_format in ("csr", "csc"), _format in ("coo", "dia", "bsr")),
    )


# -- products of two


def product_of(a: Any, data: Any, b: Any, other: Any) -> Any:
    return a @ b


def product_by_dot(a: Any, data: Any, b: Any, other: Any) -> Any:
    return a.dot(b)


def product_entries(c: Any, a: Any, data: Any, b: Any, other: Any) -> Any:
    """The entries of the product of two sparse matrices."""
    return c.data.ravel()


def _bilinear_type(args: Args, kwargs: Kwargs) -> Type:
    return Array(promoted(args[2], args[4]), (None,))


whole_product = as_handle(matrices.whole_product, GENERAL)
multiplied: Any = helper(
    matrices.entries_of_product, _bilinear_type,
    a_data=(
        lambda dot, out, c, a, x, b, y, s=False, t=False: multiplied(c, a, dot, b, y, s, t),
        lambda ct, out, c, a, x, b, y, s=False, t=False: (
            multiplied(a, b, y, c, ct, t, True) if s else multiplied(a, c, ct, b, y, False, not t)
        ),
    ),
    b_data=(
        lambda dot, out, c, a, x, b, y, s=False, t=False: multiplied(c, a, x, b, dot, s, t),
        lambda ct, out, c, a, x, b, y, s=False, t=False: (
            multiplied(b, c, ct, a, x, True, s) if t else multiplied(b, a, x, c, ct, not s, False)
        ),
    ),
)  # fmt: skip
written(product_entries, "c.data.ravel()", types=_bilinear_type)
rule_of(
    product_entries, 2,
    lambda dot, out, c, a, x, b, y: multiplied(whole_product(c, a, b), a, dot, b, y),
    lambda ct, out, c, a, x, b, y: multiplied(a, whole_product(c, a, b), ct, b, y, False, True),
)  # fmt: skip
rule_of(
    product_entries, 4,
    lambda dot, out, c, a, x, b, y: multiplied(whole_product(c, a, b), a, x, b, dot),
    lambda ct, out, c, a, x, b, y: multiplied(b, a, x, whole_product(c, a, b), ct, True, False),
)  # fmt: skip
SPARSE.methods["__matmul__ of objects"] = made_by(product_of, "a @ b", SPARSE, product_entries, GENERAL)
SPARSE.methods["dot of objects"] = made_by(product_by_dot, "a.dot(b)", SPARSE, product_entries, GENERAL)


# -- of diagonals


def diagonal_entries(a: Any, diagonals: Any, offsets: Any = 0, *rest: Any, **options: Any) -> Any:
    """The entries of a matrix made of diagonals."""
    return a.data.ravel()


def _diagonals(diagonals: Any, offsets: Any) -> list[tuple[Any, Any]]:
    if isinstance(offsets, int):
        return [(diagonals[0] if is_display(diagonals) else diagonals, offsets)]
    if is_list(diagonals) or not is_display(diagonals):
        raise NoRuleError("diagonals that aren't written as a list", hint="sparse.diags([lower, main, upper], [-1, 0, 1])")
    return [(d, offsets[i]) for i, d in enumerate(diagonals)]


def _diagonals_jvp(dot: Any, out: Any, a: Any, diagonals: Any, offsets: Any = 0, *rest: Any, **options: Any) -> Any:
    parts = [entries_added(d, a, places_on_diagonal(a, k)) for d, k in _diagonals(dot, offsets)]
    return sum(parts[1:], parts[0])


def _diagonals_vjp(ct: Any, out: Any, a: Any, diagonals: Any, offsets: Any = 0, *rest: Any, **options: Any) -> Any:
    taken = [
        unbroadcast(entries_taken(ct, a, places_on_diagonal(a, k)), d) for d, k in _diagonals(diagonals, offsets)
    ]
    if isinstance(offsets, int):
        return type(diagonals)(taken) if is_display(diagonals) else taken[0]
    return type(diagonals)(taken)


def _kind_of_items(t: Type) -> str:
    t = strip(t)
    if isinstance(t, Tuple):
        return promoted(*t.items) if all(kind_of(i) for i in t.items) else "f64"
    return promoted(t.item if isinstance(t, List) else t)


written(diagonal_entries, "a.data.ravel()", types=lambda args, kwargs: Array(_kind_of_items(args[1]), (None,)))
rule_of(diagonal_entries, 1, _diagonals_jvp, _diagonals_vjp)
for _name in ("diags", "diags_array"):
    if (_fn := getattr(sparse, _name, None)) is not None:  # diags_array: since SciPy 1.12
        constructor(_fn, f"{PREFIX}{_name}", SPARSE, diagonal_entries, GENERAL)

for _name in ("issparse", "isspmatrix", *(f"isspmatrix_{_cls.__name__[:3]}" for _cls in CLASSES)):
    if (_fn := getattr(sparse, _name, None)) is not None and lookup(_fn) is None:
        register(Def(f"{PREFIX}{_name}", _fn, "zero", types=lambda args, kwargs: BOOL))


def entries_of_others(a: Any, *given: Any, **options: Any) -> Any:
    """The entries of a matrix made of others in a way that no rule is known for."""
    return a.data.ravel()


written(
    entries_of_others, "a.data.ravel()", types=lambda args, kwargs: ENTRIES,
    refusals={-1: "no rule is known for a sparse matrix made of others in this way: use sums, or (data, (row, col))"},
)  # fmt: skip
for _name in (
    "eye", "identity", "eye_array", "kron", "kronsum", "hstack", "vstack", "bmat", "block_array", "block_diag", "tril", "triu",
    "spdiags", "random", "random_array", "rand",
):  # fmt: skip
    if (_fn := getattr(sparse, _name, None)) is not None:
        _random: dict[str, Any] = {"effect": "random"} if "rand" in _name else {}
        constructor(_fn, f"{PREFIX}{_name}", SPARSE, entries_of_others, GENERAL, **_random)
