"""Functions with a door: arguments are changed before they enter, and what is compiled lies behind it.

A function with a door is an ordinary Python function, which calls converters and what is behind:

    def energy(x, k=2.0):
        return behind(convert_x(x), k)

Programs that call it are compiled as that; an entry point converts the values of a call itself, and compiles what is behind.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import FunctionType, MethodType
from typing import Any

DOOR = "__diffsrc_door__"


@dataclass(frozen=True, slots=True)
class Door:
    """The function behind a door, and what converts its arguments, by name."""

    fn: FunctionType
    converters: Mapping[str, Callable[[Any], Any]]


def door_of(f: Any) -> Door | None:
    """The door of a function, or of that behind a method, a partial or an object that is called."""
    while not isinstance(f, FunctionType):
        if isinstance(f, MethodType):
            f = f.__func__
        elif hasattr(f, "func"):
            f = f.func
        elif isinstance(call := inspect.getattr_static(type(f), "__call__", None), FunctionType):
            f = call
        else:
            return None
    found = f.__dict__.get(DOOR)
    return found if isinstance(found, Door) else None
