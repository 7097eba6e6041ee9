"""The row of `np.einsum`: linear in each operand, subscripts as a string or as a list behind each operand.

Its transpose is another einsum: the result and the operand change places.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import zip_longest
from typing import Any

import numpy as np

from ..errors import DiffTypeError
from ..ir.types import AnyType, Array, Dim, Lit, Scalar, Type, kind_of, may_be_one, same_dim
from .dims import broadcast_dim
from .elementwise_types import as_array
from .numpy_tools import can_not, eye, linear_in, ndim, only, transposed
from .probe import infer_by_trial
from .special import unbroadcast

_LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"


def _read(args: Sequence[Any]) -> tuple[str, Sequence[Any]]:
    """The subscripts as text, and the operands, of either form of a call."""
    if isinstance(args[0], str):
        return args[0], args[1:]
    operands, lists = args[: len(args) // 2 * 2 : 2], args[1::2]
    text = ",".join(map(_letters, lists))
    return (f"{text}->{_letters(args[-1])}" if len(args) % 2 else text), operands


def _letters(axes: Any) -> str:
    if not isinstance(axes, (tuple, list)) or not all(k is Ellipsis or type(k) is int for k in axes):
        raise can_not("np.einsum", "subscripts that aren't known", 'write it as np.einsum("ij,jk->ik", a, b)')
    return "".join("..." if k is Ellipsis else _LETTERS[k] for k in axes)


def _labels(subscripts: str, ranks: Sequence[int]) -> tuple[list[str], str]:
    """The labels of each operand and of the result; an ellipsis becomes letters that aren't used."""
    given, arrow, result = subscripts.replace(" ", "").partition("->")
    terms = given.split(",")
    free = [c for c in _LETTERS if c not in subscripts]
    extra = [rank - len(t.replace("...", "")) if "..." in t else 0 for t, rank in zip(terms, ranks)]
    batch = "".join(free[: max(extra)])
    inputs = [t.replace("...", batch[len(batch) - n :]) for t, n in zip(terms, extra)]
    if arrow:
        return inputs, result.replace("...", batch)
    every = "".join(terms).replace(".", "")
    return inputs, batch + "".join(sorted(c for c in set(every) if every.count(c) == 1))


def _vjp(position: int) -> Any:
    def vjp(ct: Any, out: Any, *args: Any, **options: Any) -> Any:
        only("np.einsum", options, "optimize")
        subscripts, operands = _read(args)
        inputs, result = _labels(subscripts, [ndim(x) for x in operands])
        return _transpose(ct, operands, inputs, result, position - 1 if isinstance(args[0], str) else position // 2, options)

    return vjp


def _transpose(ct: Any, operands: Any, inputs: Any, result: Any, i: Any, options: Any) -> Any:
    """Exchange the result with operand `i`. A label that only this operand has is broadcast; of one that it
    has twice only the diagonal is meant, so a unit matrix ties the two."""
    x, own = operands[i], inputs[i]
    terms = [(result if k == i else t) for k, t in enumerate(inputs)]
    factors = [(ct if k == i else o) for k, o in enumerate(operands)]
    target = ""
    for axis, label in enumerate(own):
        if label in target:
            fresh = next(c for c in _LETTERS if c not in "".join(terms) + own + target)
            unit = eye(x.shape[axis], **({} if x.dtype == np.float64 else {"dtype": x.dtype}))
            terms, factors, label = [*terms, label + fresh], [*factors, unit], fresh
        target += label
    known = "".join(c for c in target if any(c in t for t in terms))
    if len(terms) == 1 and set(terms[0]) == set(known):
        g = transposed(ct, [terms[0].index(c) for c in known])
    else:
        g = np.einsum(",".join(terms) + "->" + known, *factors, **options)
    lost = tuple(k for k, c in enumerate(target) if c not in known)
    if lost:
        return np.broadcast_to(np.expand_dims(g, lost), x.shape)
    sizes = [(label, dim) for term, f in zip(terms, factors) for label, dim in zip(term, getattr(f, "dims", np.shape(f)))]
    if all(_is_whole(dim, [d for c, d in sizes if c == label]) for label, dim in zip(target, getattr(x, "dims", np.shape(x)))):
        return unbroadcast(g, x)
    return unbroadcast(g + np.zeros_like(x), x)


def _is_whole(dim: Dim, given: Sequence[Dim]) -> bool:
    """Whether what has axes of these sizes in place of one of `dim` isn't broadcast along it."""
    return dim == 1 or any(same_dim(d, dim) or not may_be_one(d) for d in given)


def is_view(subscripts: str, rank: int) -> bool:
    """Whether the einsum of one array sums nothing: NumPy returns a view then, with axes in another order or diagonals."""
    inputs, result = _labels(subscripts, [rank])
    return len(inputs) == 1 and len(inputs[0]) == rank and set(inputs[0]) == set(result)


def _types(args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Type:
    """An axis per label of the result; that of a label is as long as all axes that bear it.

    Raises:
        DiffTypeError: the subscripts aren't known, or NumPy returns a view of the operand.
    """
    subscripts, operands = _read([_value(a) for a in args])
    arrays = [as_array(t) for t in operands]
    if len(arrays) == 1 and is_view(subscripts, arrays[0].ndim):
        raise DiffTypeError(
            "np.einsum with one operand and no sum, and with options, may return its argument itself",
            hint="leave the options out",
        )
    return _summed(subscripts, arrays, args, kwargs)


def _summed(subscripts: str, arrays: Sequence[Array], args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Type:
    inputs, result = _labels(subscripts, [t.ndim for t in arrays])
    sizes: dict[str, Dim] = {}
    for labels, t in zip(inputs, arrays):
        for label, dim in zip_longest(labels, t.dims):
            if label is None or (dim is None and len(labels) != t.ndim):
                raise DiffTypeError(f"np.einsum: {len(labels)} subscripts of an array of {t.ndim} dimensions")
            sizes[label] = broadcast_dim(sizes[label], dim) if label in sizes else dim
    ones = [Array(t.dtype, (1,) * t.ndim) for t in arrays]
    found = infer_by_trial(np.einsum, (Lit(",".join(inputs) + "->" + result, args[0]), *ones), kwargs)
    kind = found.dtype if isinstance(found, Array) else kind_of(found) or "f64"
    return Array(kind, tuple(sizes[c] for c in result)) if result else Scalar(kind)


def _value(t: Any) -> Any:
    """Subscripts as values, operands as types."""
    if isinstance(t, Lit) and isinstance(t.value, str):
        return t.value
    items = getattr(t, "items", None)
    if isinstance(items, tuple) and items and all(isinstance(i, (Lit, AnyType)) for i in items):
        return [i.value if isinstance(i, Lit) else Ellipsis for i in items]  # an ellipsis has no type of its own
    return t


for _k in range(16):
    linear_in(np.einsum, arg=_k, vjp=_vjp(_k), types=_types)


# -- without a sum


def einsum_view(a: Any, subscripts: str) -> Any:
    """The einsum of one array that sums nothing, with the array first: the result is a view of it."""
    return np.einsum(subscripts, a)


def _view_vjp(ct: Any, out: Any, a: Any, subscripts: str) -> Any:
    inputs, result = _labels(subscripts, [a.ndim])
    return _transpose(ct, (a,), inputs, result, 0, {})


def _view_types(args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Type:
    return _summed(_value(args[1]), [as_array(args[0])], args[1:], {})


linear_in(
    einsum_view, name="einsum_view", alias="view", printed="np.einsum(subscripts, a)", types=_view_types, vjp=_view_vjp
)
