"""Containers and instances as trees: what their parts are."""

from __future__ import annotations

import dataclasses
import enum
import sys
import types
from typing import Any

import numpy as np

from .objects import class_of
from .packages import CLOSED
from .transforms import DerivativeFunction, LinearFunction

#: how a child hangs on its parent: ("attr", name) or ("item", index or key)
Step = tuple[str, Any]

class StandIn:
    """What stands for a number or an array while a program is interpreted."""

    __slots__ = ()


_OPAQUE = (
    StandIn,
    type,
    types.ModuleType,
    types.FunctionType,
    types.BuiltinFunctionType,
    types.MethodType,
    DerivativeFunction,
    LinearFunction,
    enum.Enum,
    np.ndarray,
    np.generic,
    int,
    float,
    complex,
    str,
    bytes,
    type(None),
    BaseException,
)


def is_record(x: object) -> bool:
    """Whether `x` is an instance of a class whose attributes are walked."""
    if isinstance(x, (*_OPAQUE, dict, list, tuple)):
        return False
    cls = type(x)
    if class_of(cls) is not None:
        return False
    if dataclasses.is_dataclass(cls) or cls is types.SimpleNamespace:
        return True
    home = cls.__module__.split(".")[0]
    if cls.__module__.startswith(CLOSED):
        return False
    return home not in sys.stdlib_module_names | {"numpy"} and bool(_attributes(x) or hasattr(x, "__dict__"))


def _attributes(x: object) -> list[str]:
    """The names of the attributes that an instance holds, in order of definition."""
    slots = [s for c in type(x).__mro__ for s in _slots_of(c)]
    names = [
        *getattr(x, "__dict__", {}),
        *(s for s in slots if s not in ("__dict__", "__weakref__") and hasattr(x, s)),
    ]
    return list(dict.fromkeys(names))


def _slots_of(cls: type) -> tuple[str, ...]:
    slots = cls.__dict__.get("__slots__", ())
    return (slots,) if isinstance(slots, str) else tuple(slots)


def children(x: Any) -> list[tuple[Step, Any]] | None:
    """The parts of a container with their steps; None for a leaf."""
    if isinstance(x, dict):
        return [(("item", k), v) for k, v in x.items()]
    if isinstance(x, tuple) and hasattr(x, "_fields"):
        return [(("attr", name), v) for name, v in zip(x._fields, x)]
    if isinstance(x, (list, tuple)):
        return [(("item", i), v) for i, v in enumerate(x)]
    if is_record(x):
        return [(("attr", name), getattr(x, name)) for name in _attributes(x)]
    return None
