"""Python's object model, as far as the compiler follows it: where an attribute of an instance is found, which classes
are no more than their fields, and how an instance is made from fields."""

from __future__ import annotations

import abc
import dataclasses
import sys
import types
from typing import Any

MISSING: Any = type("Missing", (), {"__repr__": lambda self: "missing"})()
#: special methods by which a class changes what its attributes mean
_HOOKS = ("__getattr__", "__getattribute__", "__setattr__", "__delattr__")


def attribute(cls: type, name: str) -> Any:
    """What a class holds under a name, as it stands in the class that defines it; MISSING for nothing."""
    return next((c.__dict__[name] for c in cls.__mro__ if name in c.__dict__), MISSING)


def attribute_behind(cls: type, owner: type, name: str) -> Any:
    """What `super(owner, obj)` finds on an instance of `cls`."""
    mro = cls.__mro__
    behind = mro[mro.index(owner) + 1 :] if owner in mro else ()
    return next((c.__dict__[name] for c in behind if name in c.__dict__), MISSING)


def attributes_of(x: object) -> list[str] | None:
    """The names of the attributes that an instance holds, the fields of a dataclass first; None where it has no place
    for any."""
    cls = type(x)
    slots = [s for c in reversed(cls.__mro__) for s in _slots_of(c) if s not in ("__dict__", "__weakref__")]
    own = getattr(x, "__dict__", None)
    if type(own) is not dict and not slots:
        return None
    fields = [f.name for f in dataclasses.fields(cls)] if dataclasses.is_dataclass(cls) else []
    return [n for n in dict.fromkeys([*fields, *slots, *(own or ())]) if hasattr(x, n)]


def _slots_of(cls: type) -> tuple[str, ...]:
    slots = cls.__dict__.get("__slots__", ())
    return (slots,) if isinstance(slots, str) else tuple(slots)


def is_record(cls: type) -> bool:
    """Whether instances of a class are made of fields by its `__init__` alone."""
    plain = type(cls) in (type, abc.ABCMeta) and cls.__module__ != "builtins"
    return plain and not any("__new__" in c.__dict__ for c in cls.__mro__[:-1])


def hook_of(cls: type) -> str | None:
    """The special method by which a class written by the user decides what an attribute means, if it has one."""
    for name in _HOOKS:
        if is_written(attribute(cls, name)):
            return name
    return None


def is_written(found: object) -> bool:
    """Whether a method stands in a file: those that `dataclass` makes don't."""
    return isinstance(found, types.FunctionType) and not found.__code__.co_filename.startswith("<")


def is_generated(found: object) -> bool:
    """Whether a method was made by `dataclass` or the like."""
    return isinstance(found, types.FunctionType) and found.__code__.co_filename.startswith("<string")


def by_keywords(cls: type) -> bool:
    """Whether calling a class with its fields by name does no more than to store them: a plain dataclass."""
    if not dataclasses.is_dataclass(cls) or is_written(attribute(cls, "__init__")) or hasattr(cls, "__post_init__"):
        return False
    known: dict[str, Any] = cls.__dict__.get("__dataclass_fields__", {})
    return all(f.init and f._field_type.name == "_FIELD" for f in known.values() if f._field_type.name != "_FIELD_CLASSVAR")


def is_source(value: object) -> bool:
    """Whether an object is a source of random numbers; the modules that make them are loaded when there can be one."""
    module = type(value).__module__
    if module.startswith("numpy.random"):
        import numpy as np

        return isinstance(value, (np.random.Generator, np.random.RandomState))
    found = sys.modules.get("random")
    return found is not None and isinstance(value, found.Random)
