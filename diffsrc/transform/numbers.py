"""Numbers in place of the elements of arrays: what gives the same bits.

Arithmetic that IEEE 754 rounds correctly is the same for one number and for many. Sums are added in NumPy's order, which is
tried, not taken for granted.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from ..defs.rows import VERSION
from ..defs.table import Def
from ..errors import DiffTypeError
from ..ir.ops import Slice
from ..ir.types import DTYPES, Array, Scalar, Type, strip
from ..ir.values import Literal, Operand, Pack, Value

Places = npt.NDArray[np.intp]
#: arithmetic that is rounded correctly: the row for arrays, the one for numbers
EXACT = {
    "add": "add", "sub": "sub", "mul": "mul", "truediv": "truediv", "neg": "neg", "pos": "pos",
    "np.add": "add", "np.subtract": "sub", "np.multiply": "mul", "np.divide": "truediv", "np.true_divide": "truediv",
    "np.negative": "neg", "np.square": "square", "pow": "square", "np.sqrt": "np.sqrt",
}  # fmt: skip
_NUMBERS = frozenset({"float", "int", "bool", "f64", "f32", "f16", "i64", "i32", "b1"})


@dataclass(eq=False, slots=True)
class Base:
    """An array that is taken apart. `plain`: its elements lie in order."""

    array: Value
    dtype: str
    plain: bool
    cells: list[Operand | None] = field(default_factory=list)


@dataclass(eq=False, slots=True)
class Part:
    """An array or a view of it: which elements."""

    base: Base
    places: Places


def sizes(kind: Type) -> tuple[int, ...] | None:
    """The sizes of an array of floats, where all of them are numbers."""
    if not isinstance(kind, Array) or kind.dtype not in ("f64", "f32"):
        return None
    found = tuple(d for d in kind.dims if isinstance(d, int))
    return found if len(found) == len(kind.dims) else None


def subscript(item: Operand | Slice) -> Any:
    """A part of a literal subscript.

    Raises:
        TypeError: it isn't literal.
    """
    if isinstance(item, Slice):
        return slice(*map(subscript, (item.lower, item.upper, item.step)))
    if isinstance(item, Literal) and (item.value is None or item.value is Ellipsis or type(item.value) is int):
        return item.value
    raise TypeError


def is_number(operand: Operand) -> bool:
    kind = strip(operand.type)
    return not isinstance(operand, Pack) and isinstance(kind, Scalar) and kind.kind in _NUMBERS


def is_written(operand: Operand) -> bool:
    """Whether an operand is a Python number written in place."""
    return isinstance(operand, Literal) and operand.text is None and type(operand.value) in (int, float)


def is_two(operand: Literal) -> bool:
    return operand.text is None and type(operand.value) in (int, float) and operand.value == 2


def is_own(fn: Any) -> bool:
    """Whether a row is the one that came with the package."""
    return isinstance(fn, Def) and fn.changed <= VERSION


def gives(row: Def, args: Sequence[Operand], dtype: str) -> bool:
    """Whether an operation of numbers has the type that the one of arrays has."""
    try:
        return row.infer(tuple(a.type for a in args), {}) == Scalar(dtype)
    except DiffTypeError:
        return False


def in_order(places: Places) -> bool:
    return bool(np.all(places.ravel() == np.arange(places.size) + places.flat[0]))


def added(numbers: Sequence[Any], add: Any) -> Any:
    """The sum of numbers in the order in which NumPy adds up to 128 of them."""
    if len(numbers) < 8:
        return functools.reduce(add, numbers)
    heads = list(numbers[:8])
    whole = len(numbers) - len(numbers) % 8
    for k in range(8, whole):
        heads[k % 8] = add(heads[k % 8], numbers[k])
    a, b, c, d, e, f, g, h = heads
    total = add(add(add(a, b), add(c, d)), add(add(e, f), add(g, h)))
    return functools.reduce(add, numbers[whole:], total)


@functools.cache
def order_of_sum(dtype: str, size: int, mean: bool) -> bool | None:
    """Whether NumPy adds as `_added` does and then 0.0 (which tells when all numbers are -0.0), or without that; None where it
    does neither. Tried with numbers of different magnitudes and signs."""
    random = np.random.default_rng(size)
    tries = [random.normal(size=size) * 10.0 ** random.integers(-12, 12, size) for _ in range(40)]
    arrays = [np.asarray(x, DTYPES[dtype]) for x in (np.full(size, -0.0), *tries)]

    def agrees(x: Any, zero: bool) -> bool:
        total = added(list(x), lambda a, b: a + b)
        total = total + 0.0 if zero else total
        asked, found = (np.mean(x), total / size) if mean else (np.sum(x), total)
        return type(found) is type(asked) and bool(found.tobytes() == asked.tobytes())

    return next((zero for zero in (False, True) if all(agrees(x, zero) for x in arrays)), None)

