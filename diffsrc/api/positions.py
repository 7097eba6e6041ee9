"""Lists whose length matters, and numbers whose value does: a call that is refused is compiled again with lists whose items
are known by position, and whole numbers that are known.

    np.select(conditions, choices)        what each choice receives hangs on how many conditions there are
    f(x, *params)                         where each item of a list goes
    np.cumsum(x, axis)                    along which axis
    for i in range(n): p[f"W{i}"]         which keys are read

A derivative holds then for lists of these lengths and for these numbers alone; which functions are called so is remembered.
"""

from __future__ import annotations

from typing import Any

from ..errors import DiffTypeError
from ..ir.types import INT, Dict, List, Struct, Table, Tuple, Type, strip
from ..ir.values import literal_type
from .closures import key_of
from .signature import Call

_FOUND: set[tuple[Any, tuple[Type, ...]]] = set()


def holds_list(t: Type) -> bool:
    """Whether values of a type are, or hold, lists."""
    match strip(t):
        case Table():
            return False
        case List():
            return True
        case Tuple(items=items):
            return any(map(holds_list, items))
        case Dict(items=pairs):
            return any(holds_list(v) for _, v in pairs)
        case Struct(fields=fields):
            return any(holds_list(v) for _, v in fields)
    return False


def by_position(values: list[Any], types: tuple[Type, ...]) -> tuple[Type, ...] | None:
    """The types of arguments with the items of lists known by position, and whole numbers by value; None where there are
    none, or lists are long."""
    from ..analysis.typeof import typeof_args

    numbers = [type(v) is int and t == INT for v, t in zip(values, types)]
    if not any(numbers) and not any(map(holds_list, types)):
        return None
    try:
        found = typeof_args(tuple(values), listed=True)
    except DiffTypeError:
        return None
    listed = (new if holds_list(t) else t for new, t in zip(found, types))
    return tuple(literal_type(v) if known else t for v, t, known in zip(values, listed, numbers))


def remember(call: Call, types: tuple[Type, ...]) -> None:
    """A function is compiled so for arguments of these types."""
    _FOUND.add((key_of(call.fn), types))


def settled(call: Call, types: tuple[Type, ...]) -> tuple[Type, ...]:
    """The types that a call is compiled for, where that is known."""
    if not _FOUND or (key_of(call.fn), types) not in _FOUND:
        return types
    return by_position(call.args, types) or types
