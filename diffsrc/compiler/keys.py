"""What tells functions and types apart: by content, not by object."""

from __future__ import annotations

from types import FunctionType
from typing import Any

from ..ir.types import FuncType, Lit, OneOf, Type


def target_key(target: Any) -> object:
    """What tells functions apart: code, globals, cells and defaults, not the function object."""
    if not isinstance(target, FunctionType):
        return _by_identity(target)
    cells = tuple(_cell(c) for c in target.__closure__ or ())
    defaults = tuple(map(_content, target.__defaults__ or ()))
    named = tuple((k, _content(v)) for k, v in (target.__kwdefaults__ or {}).items())
    return (target.__code__, id(target.__globals__), cells, defaults, named)


def _cell(cell: Any) -> object:
    try:
        return _content(cell.cell_contents)
    except ValueError:
        return "empty"


def _content(value: Any) -> object:
    if isinstance(value, FunctionType):
        return target_key(value) if value.__closure__ is None else _by_identity(value)
    if isinstance(value, (int, float, complex, str, bool, type(None))):
        return (type(value), repr(value))
    return _by_identity(value)


_KEPT: dict[int, object] = {}


def _by_identity(value: object) -> object:
    """A key by identity; the object is kept, so that its id isn't given to another."""
    _KEPT[id(value)] = value
    return ("object", id(value))


def type_key(t: Type) -> object:
    """A type as a key, functions in it by content."""
    if isinstance(t, FuncType):
        return (target_key(t.target), tuple(map(type_key, t.captures)))
    if isinstance(t, OneOf):
        return tuple(map(type_key, t.options))
    if isinstance(t, Lit):
        return (
            t.base,
            type(t.value),
            repr(t.value) if isinstance(t.value, (bool, int, float, str)) else id(t.value),
        )
    return t

