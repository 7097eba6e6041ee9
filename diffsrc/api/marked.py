"""Numbers and arrays with marks beside them: on which columns each element depends (see `marks.py`).

A program is run on them by the interpreter. The numbers are the plain call's, so branches, indices and loops go as they do
there; `spreading.py` says how marks go through functions. What isn't known raises `NotKnownError`: it is no `Exception`,
so that no handler of the program catches it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from ..defs.records import StandIn
from .trees import is_float_leaf, transform_places


class NotKnownError(BaseException):
    """Marks can't be followed through this."""


class Marked(StandIn):
    """A number with its mark, or an array with an array of marks; a view of the one is a view of the other."""

    __slots__ = ("marks", "value")
    __array_ufunc__ = None

    def __init__(self, value: Any, marks: Any) -> None:
        self.value, self.marks = value, marks

    def __getitem__(self, index: Any) -> Any:
        return marked(self.value[index], self.marks[index])

    def __setitem__(self, index: Any, new: Any) -> None:
        if not self.marks.flags.writeable:
            raise NotKnownError("a store to memory under several names")
        self.value[index] = plain(new)
        self.marks[index] = marks_of(new)

    def __iter__(self) -> Iterator[Any]:
        return (self[k] for k in range(len(self.value)))

    def __len__(self) -> int:
        return len(self.value)

    def __bool__(self) -> bool:
        return bool(self.value)

    def __format__(self, form: str) -> str:
        return format(self.value, form)

    def __repr__(self) -> str:
        return repr(self.value)

    def copy(self) -> Marked:
        return Marked(self.value.copy(), self.marks.copy())

    def _lost(self, *args: Any, **kwargs: Any) -> Any:
        raise NotKnownError("a number that leaves the interpreter")

    __array__ = __float__ = __complex__ = __int__ = __index__ = _lost
    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __truediv__ = __rtruediv__ = _lost
    __lt__ = __le__ = __gt__ = __ge__ = __pow__ = __rpow__ = __neg__ = __abs__ = __matmul__ = __rmatmul__ = _lost

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        raise NotKnownError(f"the attribute {name}")


def marked(value: Any, marks: Any) -> Any:
    """A value with its marks; a number without any is itself."""
    if isinstance(value, np.ndarray):
        return Marked(value, marks) if is_float_leaf(value) else value
    return Marked(value, int(marks)) if marks != 0 and is_float_leaf(value) else value


def result(value: Any, marks: Any) -> Any:
    """A new number or array with marks that are broadcast to it."""
    if not isinstance(value, np.ndarray):
        if isinstance(value, (list, tuple)):
            raise NotKnownError("several results")
        return marked(value, marks)
    if not is_float_leaf(value):
        if value.dtype.kind == "O" and np.any(marks):
            raise NotKnownError("an array of objects")
        return value
    spread = np.empty_like(value, dtype=np.intp, subok=False)
    spread[...] = marks
    return Marked(value, spread)


def fresh(value: Any, mark: int = 0) -> Any:
    """A result all of whose numbers have one mark."""
    if isinstance(value, (np.ndarray, float, complex, np.inexact)):
        return result(value, mark)
    return transform_places(value, lambda leaf: result(leaf, mark)) if isinstance(value, (list, tuple, dict)) else value


def plain(x: Any) -> Any:
    """The numbers without marks, also those in containers."""
    if isinstance(x, Marked):
        return x.value
    if isinstance(x, (np.ndarray, int, float, str, type(None), slice)):
        return x
    return transform_places(x, lambda leaf: leaf.value if isinstance(leaf, Marked) else leaf)


def marks_of(x: Any) -> Any:
    """The marks of an operand as one number or array: that of a display is stacked."""
    if isinstance(x, Marked):
        return x.marks
    if isinstance(x, (list, tuple)) and holds_marks(x):
        return np.array([np.broadcast_to(marks_of(i), np.shape(plain(i))) for i in x])
    return 0


def grid(x: Any) -> Any:
    """The marks of an argument in its nesting, zeros for what has none."""
    if isinstance(x, Marked):
        return x.marks
    if isinstance(x, (list, tuple)):
        return [grid(i) for i in x] if isinstance(x, list) else tuple(grid(i) for i in x)
    return np.zeros_like(x, dtype=np.intp, subok=False) if isinstance(x, np.ndarray) else 0


def whole(x: Any) -> tuple[Any, Any]:
    """An operand as an array, and the array of its marks."""
    value = np.asarray(plain(x))
    return value, np.broadcast_to(marks_of(x), value.shape)


def parts(x: Any) -> list[Marked]:
    """All that is marked in an argument."""
    if isinstance(x, Marked):
        return [x]
    if isinstance(x, (np.ndarray, int, float, str, type(None))):
        return []
    found: list[Marked] = []

    def look(leaf: Any) -> Any:
        if isinstance(leaf, Marked):
            found.append(leaf)
        return leaf

    transform_places(x, look)
    return found


def holds_marks(x: Any) -> bool:
    """Whether an argument holds a number that depends on anything."""
    return any(np.any(p.marks) for p in parts(x))
