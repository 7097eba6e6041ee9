"""Functions that a loop calls with ever new data around them: `ds.grad(lambda w: loss(w, x, y))(w)` for each `x, y`.

What a function captures, and the globals that it reads, are part of the compiled text, which is right for what stays. When the
same code comes with other numbers or arrays around it, these become leading arguments instead, so that all that follow are
one function.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from types import CellType, CodeType, FunctionType
from typing import Any

import numpy as np

from ..defs.syntax import refusal
from ..defs.unspecialized import NAMES, names_at
from ..defs.variant import NOTED, PLAIN, noted_at
from ..errors import UnsupportedError
from ..plain import dataclass

DATA = (np.ndarray, np.number, float, complex, int)
NESTED = 0x10  # inspect.CO_NESTED

#: the outside data with which a code object was first seen; the code object is kept
_FIRST: dict[int, tuple[CodeType, tuple[object, ...]]] = {}
_OPENED: dict[tuple[int, tuple[str, ...]], CodeType | None] = {}


def key_of(fn: Any) -> object:
    """What tells functions apart for which code is compiled: inner functions by what they are made of."""
    if type(fn) is not FunctionType or not fn.__code__.co_flags & NESTED:
        return fn
    captured = tuple(_content(c) for c in fn.__closure__ or ())
    named = tuple((k, _identity(v)) for k, v in (fn.__kwdefaults__ or {}).items())
    return (id(fn.__code__), id(fn.__globals__), captured, tuple(map(_identity, fn.__defaults__ or ())), named)


def _content(cell: CellType) -> object:
    try:
        return _identity(cell.cell_contents)
    except ValueError:
        return "empty"


def _identity(value: object) -> object:
    if type(value) is int:
        return (int, value)
    if type(value) in (float, complex, str, bool, type(None)):
        return (type(value), repr(value))
    return id(value)


@dataclass(frozen=True, slots=True)
class Outside:
    """A variable around a function."""

    name: str
    cell: CellType | None
    names: dict[str, Any]

    def get(self) -> Any:
        try:
            return self.names[self.name] if self.cell is None else self.cell.cell_contents
        except (KeyError, ValueError):
            raise refusal("unbound", name=self.name) from None


def opened(fn: Any) -> tuple[FunctionType, tuple[Outside, ...]] | None:
    """The function with outside data as leading arguments, and where it is read; None where that isn't worth it."""
    if type(fn) is not FunctionType:
        return None
    found = _outside(fn)
    seen = tuple((v.name, _identity(v.get())) for v in found)
    _, first = _FIRST.setdefault(id(fn.__code__), (fn.__code__, seen))
    key = (id(fn.__code__), tuple(v.name for v in found))
    if not found or (seen == first and key not in _OPENED):
        return None
    if key not in _OPENED:
        _OPENED[key] = _open(fn, key[1])
    code = _OPENED[key]
    if code is None:
        return None
    around = dict(zip(fn.__code__.co_freevars, fn.__closure__ or ()))
    rest = tuple(around[n] for n in code.co_freevars)
    new = FunctionType(code, fn.__globals__, fn.__name__, fn.__defaults__, rest)
    if names := names_at(fn):
        new.__dict__[NAMES] = names
    if (variant := noted_at(fn)) is not PLAIN:
        new.__dict__[NOTED] = variant
    new.__kwdefaults__, new.__module__ = fn.__kwdefaults__, fn.__module__
    return new, found


def _outside(fn: FunctionType) -> tuple[Outside, ...]:
    """The cells and globals with data that a function may read."""
    code, names = fn.__code__, fn.__globals__
    cells = [Outside(n, c, names) for n, c in zip(code.co_freevars, fn.__closure__ or ()) if _is_data(c)]
    return (*cells, *(Outside(n, None, names) for n in code.co_names if _is_number(names.get(n))))


def _is_number(value: object) -> bool:
    return isinstance(value, DATA) and not isinstance(value, bool)


def _is_data(cell: CellType) -> bool:
    try:
        return _is_number(cell.cell_contents)
    except ValueError:
        return False


def _open(fn: FunctionType, names: Sequence[str]) -> CodeType | None:
    from ..frontend.scope import written_outside
    from .rewrite import remade, tree_of

    try:
        node = tree_of(fn).node
    except UnsupportedError:
        return None
    written = written_outside(node).union(*(n.names for n in ast.walk(node) if isinstance(n, ast.Global | ast.Nonlocal)))
    if written & set(names):
        return None
    a = node.args
    first = a.posonlyargs if a.posonlyargs else a.args
    first[:0] = [ast.copy_location(ast.arg(n), node) for n in names]
    return remade(fn, node, {}).__code__


def contents(outside: Sequence[Outside]) -> tuple[Any, ...]:
    """What is there now."""
    return tuple(v.get() for v in outside)
