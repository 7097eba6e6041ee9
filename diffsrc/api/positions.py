"""Lists whose length matters: a call that is refused is compiled again with lists whose items are known by position.

    np.select(conditions, choices)        what each choice receives hangs on how many conditions there are
    f(x, *params)                         where each item of a list goes

A derivative holds then for lists of these lengths alone; which functions are called so is remembered.
"""

from __future__ import annotations

from typing import Any

from ..errors import DiffTypeError
from ..ir.types import Dict, List, Struct, Table, Tuple, Type, strip
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
    """The types of arguments with the items of lists known by position; None where there are no lists, or long ones."""
    from ..analysis.typeof import typeof_args

    if not any(map(holds_list, types)):
        return None
    try:
        found = typeof_args(tuple(values), listed=True)
    except DiffTypeError:
        return None
    return tuple(new if holds_list(t) else t for new, t in zip(found, types))


def remember(call: Call, types: tuple[Type, ...]) -> None:
    """A function is compiled so for arguments of these types."""
    _FOUND.add((key_of(call.fn), types))


def settled(call: Call, types: tuple[Type, ...]) -> tuple[Type, ...]:
    """The types that a call is compiled for, where that is known."""
    if not _FOUND or (key_of(call.fn), types) not in _FOUND:
        return types
    return by_position(call.args, types) or types
