"""Sparse matrices of `scipy.sparse`, as objects with contents (`defs/objects.py`).

The contents of a matrix are its stored entries, `A.data`, as an array of one axis. Its pattern is fixed: an entry that isn't
stored has no derivative. What makes a matrix of others, or of their entries, says where in it each entry lies; functions of
matrices are those of `runtime/sparse.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from scipy import sparse

from ...errors import DiffTypeError
from ...ir.types import ANY, INT, Array, Scalar, Tuple, Type, kind_of
from ...runtime import sparse as matrices
from ..dims import KINDS, dims_of
from ..objects import (
    ObjectClass,
    Parts,
    Shared,
    as_handle,
    constructor,
    enter_class,
    helper,
    made_by,
    rule_of,
    written,
)
from ..shapes import infer_dtype
from ..special import dispatching, unbroadcast
from ..table import Rule

Args = tuple[Any, ...]
Kwargs = Mapping[str, Any]
PREFIX = "scipy.sparse."
CLASSES = tuple(
    getattr(sparse, f"{name}_{kind}") for name in ("csr", "csc", "coo", "dia", "bsr") for kind in ("matrix", "array")
)
ENTRIES = Array("f64", (None,))


class GENERAL:
    """In the place of the class of a handle, where that isn't told apart."""




def promoted(*kinds: Any) -> str:
    """The number kind of what is computed with numbers of some kinds."""
    found = np.result_type(*(infer_dtype(kind_of(t) or "f64") for t in kinds))
    return KINDS.get(found, "f64")


def _entries(*positions: int) -> Callable[[Args, Kwargs], Type]:
    """Entries of the kind that some arguments have together."""
    return lambda args, kwargs: Array(promoted(*(args[i] for i in positions)), (None,))


def entries(a: Any) -> Any:
    """The entries of a matrix."""
    return a.data.ravel()


def _given_type(args: Args, kwargs: Kwargs) -> Type:
    return Array(promoted(args[0]), (None,))


def given_entries(data: Any, a: Any, *rest: Any, **options: Any) -> Any:
    """The entries that a matrix is given."""
    return a.data.ravel()


def part_entries(b: Any, places: Any, a: Any, data: Any) -> Any:
    """The entries of a part of a matrix."""
    return b.data.ravel()


def entry_of(a: Any, data: Any, i: Any, j: Any) -> Any:
    return a[i, j]


def _meant(cls: type, name: str) -> str:
    """`*` of a matrix, as against an array, with an array is their product."""
    product = {"__mul__": "__matmul__", "__rmul__": "__rmatmul__"}
    return product.get(name, name) if issubclass(cls, sparse.spmatrix) else name


PARTS = Parts(matrices.numbered, part_entries, entry_of)


def _held(a: Any) -> Type | None:
    kind = KINDS.get(a.dtype)
    return None if kind is None else Array(kind, (None,))


SPARSE = enter_class(
    ObjectClass(
        "a sparse matrix", (*CLASSES, GENERAL), _held, entries, parts=PARTS, means=_meant,
        overwriting=frozenset({"imul", "itruediv"})
    )
)  # fmt: skip
written(entries, "a.data.ravel()", family="zero", types=lambda args, kwargs: getattr(args[0], "held", None) or ANY)
written(given_entries, "a.data.ravel()", types=_given_type, alias="readonly")
rule_of(
    given_entries, 0,
    lambda dot, out, data, a, *rest, **options: dot if data.ndim == 1 else np.ravel(dot),
    lambda ct, out, data, a, *rest, **options: ct if data.ndim == 1 else np.reshape(ct, data.shape),
)  # fmt: skip
with_entries = as_handle(matrices.with_entries, GENERAL)
constructor(matrices.with_entries, "with_entries", SPARSE, Shared(given_entries, (1,), others=False), GENERAL)


# -- entries of one matrix among those of another


def _constant(*args: Any) -> None:
    """An argument that only says where."""


places_of: Any = helper(matrices.places_of, lambda args, kwargs: Array("i64", (None,)))
places_in: Any = helper(matrices.places_in, lambda args, kwargs: Array("i64", (None,)))
places_on_diagonal: Any = helper(matrices.places_on_diagonal, lambda args, kwargs: Array("i64", (None,)))
entries_added: Any = helper(
    matrices.entries_added, _entries(0),
    d=(
        lambda dot, out, d, a, places: entries_added(dot, a, places),
        lambda ct, out, d, a, places: unbroadcast(entries_taken(ct, a, places), d),
    ),
)  # fmt: skip
entries_taken: Any = helper(
    matrices.entries_taken, _entries(0),
    g=(
        lambda dot, out, g, a, places: entries_taken(dot, a, places),
        lambda ct, out, g, a, places: entries_added(ct, a, places),
    ),
)  # fmt: skip


def _moved(b: Any, a: Any, transposed: bool = False) -> tuple[Rule, Rule]:
    """The rule of the entries of `a` in those of `b`."""
    return (
        lambda dot: entries_added(dot, b, places_in(b, a, *(True,) * transposed)),
        lambda ct: entries_taken(ct, b, places_in(b, a, *(True,) * transposed)),
    )


def converted_entries(b: Any, a: Any, data: Any, *rest: Any, **options: Any) -> Any:
    """The entries of a matrix in another format."""
    return b.data.ravel()


def transposed_entries(b: Any, a: Any, data: Any) -> Any:
    return b.data.ravel()


for _fn, _transposed in ((converted_entries, False), (transposed_entries, True)):
    written(_fn, "b.data.ravel()", types=_entries(2))
    rule_of(
        _fn, 2,
        lambda dot, out, b, a, data, *rest, _t=_transposed, **options: _moved(b, a, _t)[0](dot),
        lambda ct, out, b, a, data, *rest, _t=_transposed, **options: _moved(b, a, _t)[1](ct),
    )  # fmt: skip


numbered = as_handle(matrices.numbered, GENERAL)
origins = helper(matrices.origins, lambda args, kwargs: Array("i64", (None,)))
written(part_entries, "b.data.ravel()", types=_entries(3))
rule_of(
    part_entries, 3,
    lambda dot, out, b, places, a, data: entries_taken(dot, a, origins(places)),
    lambda ct, out, b, places, a, data: entries_added(ct, a, origins(places)),
)  # fmt: skip
written(entry_of, "a[i, j]", types=lambda args, kwargs: Scalar(promoted(args[1])))
entry = dispatching(entry_of)
rule_of(
    entry_of, 1,
    lambda dot, out, a, data, i, j: entry(with_entries(a, dot), dot, i, j),
    lambda ct, out, a, data, i, j: entry_at(ct, a, i, j),
)  # fmt: skip
entry_at: Any = helper(
    matrices.entry_at, lambda args, kwargs: Array(promoted(args[0]), (None,)),
    g=(
        lambda dot, out, g, a, i, j: entry_at(dot, a, i, j),
        lambda ct, out, g, a, i, j: entry(with_entries(a, ct), ct, i, j),
    ),
)  # fmt: skip


# -- products


def product(a: Any, data: Any, v: Any) -> Any:
    return a @ v


def product_from_left(a: Any, data: Any, v: Any) -> Any:
    return v @ a


def product_by_dot(a: Any, data: Any, v: Any) -> Any:
    return a.dot(v)


def _product_type(args: Args, kwargs: Kwargs) -> Type:
    dims = dims_of(args[2])
    if not 1 <= len(dims) <= 2:
        raise DiffTypeError(f"a product of a sparse matrix with {args[2]}")
    return Array(promoted(args[1], args[2]), (None, *dims[1:]))


def _left_type(args: Args, kwargs: Kwargs) -> Type:
    dims = dims_of(args[2])
    if not 1 <= len(dims) <= 2:
        raise DiffTypeError(f"a product of {args[2]} with a sparse matrix")
    return Array(promoted(args[1], args[2]), (*dims[:-1], None))


times, times_from_left = dispatching(product), dispatching(product_from_left)
for _product, _printed in ((product, "a @ v"), (product_by_dot, "a.dot(v)")):
    written(_product, _printed, types=_product_type)
    rule_of(
        _product, 1,
        lambda dot, out, a, data, v: times(with_entries(a, dot), dot, v),
        lambda ct, out, a, data, v: entries_of_outer(a, ct, v),
    )  # fmt: skip
    rule_of(
        _product, 2,
        lambda dot, out, a, data, v: times(a, data, dot),
        lambda ct, out, a, data, v: times_from_left(a, data, ct) if ct.ndim == 1 else times_from_left(a, data, ct.T).T,
    )  # fmt: skip
written(product_from_left, "v @ a", types=_left_type)
rule_of(
    product_from_left, 1,
    lambda dot, out, a, data, v: times_from_left(with_entries(a, dot), dot, v),
    lambda ct, out, a, data, v: entries_of_outer(a, v.T, ct.T),
)  # fmt: skip
rule_of(
    product_from_left, 2,
    lambda dot, out, a, data, v: times_from_left(a, data, dot),
    lambda ct, out, a, data, v: times(a, data, ct) if ct.ndim == 1 else times(a, data, ct.T).T,
)  # fmt: skip
entries_of_outer: Any = helper(
    matrices.entries_of_outer, _entries(1, 2),
    u=(
        lambda dot, out, a, u, v: entries_of_outer(a, dot, v),
        lambda ct, out, a, u, v: times(with_entries(a, ct), ct, v),
    ),
    v=(
        lambda dot, out, a, u, v: entries_of_outer(a, u, dot),
        lambda ct, out, a, u, v: times_from_left(with_entries(a, ct), ct, u.T).T,
    ),
)  # fmt: skip
for _name, _row in (("__matmul__", product), ("dot", product_by_dot), ("__rmatmul__", product_from_left)):
    SPARSE.methods[_name] = _row


# -- matrices made of others


def transpose_of(a: Any, data: Any) -> Any:
    return a.T


def in_format(name: str) -> Callable[..., Any]:
    def convert(a: Any, data: Any) -> Any:
        return getattr(a, name)()

    convert.__name__ = name
    return convert


SPARSE.attributes["T"] = SPARSE.methods["transpose"] = made_by(transpose_of, "a.T", SPARSE, transposed_entries, GENERAL)
for _name in ("tocsr", "tocsc", "tocoo", "todia", "copy"):
    SPARSE.methods[_name] = made_by(in_format(_name), f"a.{_name}()", SPARSE, converted_entries, GENERAL)


def scaled(a: Any, data: Any, x: Any) -> Any:
    return a * x


def divided(a: Any, data: Any, x: Any) -> Any:
    return a / x


def negated(a: Any, data: Any) -> Any:
    return -a


def scaled_entries(b: Any, a: Any, data: Any, x: Any) -> Any:
    return b.data.ravel()


def divided_entries(b: Any, a: Any, data: Any, x: Any) -> Any:
    return b.data.ravel()


def negated_entries(b: Any, a: Any, data: Any) -> Any:
    return b.data.ravel()


def _scaled_type(args: Args, kwargs: Kwargs) -> Type:
    if dims_of(args[3]):
        raise DiffTypeError(f"a sparse matrix times {args[3]}: only numbers are known", hint="use @ for products")
    return Array(promoted(args[2], args[3]), (None,))


written(scaled_entries, "b.data.ravel()", types=_scaled_type)
rule_of(
    scaled_entries, 2, lambda dot, out, b, a, data, x: dot * x, lambda ct, out, b, a, data, x: ct * x
)  # fmt: skip
rule_of(
    scaled_entries, 3, lambda dot, out, b, a, data, x: dot * data, lambda ct, out, b, a, data, x: np.sum(ct * data)
)  # fmt: skip
written(divided_entries, "b.data.ravel()", types=_scaled_type)
rule_of(
    divided_entries, 2, lambda dot, out, b, a, data, x: dot / x, lambda ct, out, b, a, data, x: ct / x
)  # fmt: skip
rule_of(
    divided_entries, 3,
    lambda dot, out, b, a, data, x: -dot / x * out,
    lambda ct, out, b, a, data, x: -np.sum(ct * out) / x,
)  # fmt: skip
written(negated_entries, "b.data.ravel()", types=_entries(2))
rule_of(negated_entries, 2, lambda dot, out, b, a, data: -dot, lambda ct, out, b, a, data: -ct)
_SCALED = made_by(scaled, "a * x", SPARSE, scaled_entries, GENERAL)
SPARSE.methods["__mul__"] = SPARSE.methods["__rmul__"] = _SCALED
SPARSE.methods["__truediv__"] = made_by(divided, "a / x", SPARSE, divided_entries, GENERAL)
SPARSE.methods["__neg__"] = made_by(negated, "-a", SPARSE, negated_entries, GENERAL)


def sum_of(a: Any, data: Any, b: Any, other: Any) -> Any:
    return a + b


def difference_of(a: Any, data: Any, b: Any, other: Any) -> Any:
    return a - b


def entries_of_sum(c: Any, a: Any, data: Any, b: Any, other: Any) -> Any:
    return c.data.ravel()


def entries_of_difference(c: Any, a: Any, data: Any, b: Any, other: Any) -> Any:
    return c.data.ravel()


for _sum, _made, _name, _sign in ((entries_of_sum, sum_of, "add", 1), (entries_of_difference, difference_of, "sub", -1)):
    written(_sum, "c.data.ravel()", types=_entries(2, 4))
    rule_of(
        _sum, 2,
        lambda dot, out, c, a, data, b, other: _moved(c, a)[0](dot),
        lambda ct, out, c, a, data, b, other: _moved(c, a)[1](ct),
    )  # fmt: skip
    rule_of(
        _sum, 4,
        lambda dot, out, c, a, data, b, other, _s=_sign: _moved(c, b)[0](dot if _s > 0 else -dot),
        lambda ct, out, c, a, data, b, other, _s=_sign: _moved(c, b)[1](ct if _s > 0 else -ct),
    )  # fmt: skip
    SPARSE.methods[f"__{_name}__ of objects"] = made_by(
        _made, "a + b" if _sign > 0 else "a - b", SPARSE, _sum, GENERAL
    )


# -- dense results


def dense(a: Any, data: Any) -> Any:
    return a.toarray()


def diagonal_of(a: Any, data: Any, k: Any = 0) -> Any:
    return a.diagonal(k)


def sum_of_entries(a: Any, data: Any, axis: Any = None) -> Any:
    return a.sum(axis)


def _sum_type(args: Args, kwargs: Kwargs) -> Type:
    if kwargs or len(args) > 2:
        raise DiffTypeError("the sum of a sparse matrix along an axis", hint="multiply it by a vector of ones")
    return Scalar(promoted(args[1]))


written(dense, "a.toarray()", types=lambda args, kwargs: Array(promoted(args[1]), (None, None)))
as_dense = dispatching(dense)
rule_of(
    dense, 1, lambda dot, out, a, data: as_dense(with_entries(a, dot), dot), lambda ct, out, a, data: entries_at(a, ct)
)  # fmt: skip
entries_at: Any = helper(
    matrices.entries_at, _entries(1),
    m=(lambda dot, out, a, m: entries_at(a, dot), lambda ct, out, a, m: as_dense(with_entries(a, ct), ct)),
)  # fmt: skip
written(diagonal_of, "a.diagonal(k)", types=_entries(1))
on_diagonal = dispatching(diagonal_of)
rule_of(
    diagonal_of, 1,
    lambda dot, out, a, data, k=0: on_diagonal(with_entries(a, dot), dot, k),
    lambda ct, out, a, data, k=0: entries_on_diagonal(ct, a, k),
)  # fmt: skip
entries_on_diagonal: Any = helper(
    matrices.entries_on_diagonal, _entries(0),
    g=(
        lambda dot, out, g, a, k=0: entries_on_diagonal(dot, a, k),
        lambda ct, out, g, a, k=0: on_diagonal(with_entries(a, ct), ct, k),
    ),
)  # fmt: skip
written(sum_of_entries, "a.sum()", types=_sum_type)
rule_of(
    sum_of_entries, 1,
    lambda dot, out, a, data: np.sum(dot),
    lambda ct, out, a, data: np.broadcast_to(ct, data.shape),
)  # fmt: skip
SPARSE.methods.update(toarray=dense, diagonal=diagonal_of, sum=sum_of_entries)


def _attribute(name: str, types: Type) -> Callable[..., Any]:
    def read(a: Any) -> Any:
        return getattr(a, name)

    read.__name__ = f"sparse_{name}"
    written(read, f"a.{name}", family="zero", types=lambda args, kwargs: types)
    return read


for _name in ("indices", "indptr", "row", "col", "offsets"):
    SPARSE.attributes[_name] = _attribute(_name, Array("i32", (None,)))
SPARSE.attributes.update(
    data="contents", shape=_attribute("shape", Tuple((INT, INT))), nnz=_attribute("nnz", INT), ndim=_attribute("ndim", INT)
)


from . import sparse_makers  # noqa: E402, F401  the functions that make matrices
