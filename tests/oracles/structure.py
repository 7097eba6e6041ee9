"""Float leaves of nested arguments: dicts, lists, tuples, NamedTuples, dataclasses and plain objects."""

from __future__ import annotations

import copy
import dataclasses
import enum
import types
from collections.abc import Iterator
from typing import Any

import numpy as np


def is_float(x: Any) -> bool:
    """Whether `x` is a real or complex float, or an array of them."""
    if isinstance(x, np.ndarray):
        return x.dtype.kind in "fc"
    return isinstance(x, (float, complex, np.inexact))


def parts(x: Any) -> list[Any] | None:
    """The parts of a container, None for a leaf."""
    if isinstance(x, dict):
        return list(x.values())
    if isinstance(x, (list, tuple)):
        return list(x)
    if dataclasses.is_dataclass(x) and not isinstance(x, type):
        return [getattr(x, f.name) for f in dataclasses.fields(x)]
    if isinstance(
        x, (int, float, complex, str, np.ndarray, np.generic, type(None), types.FunctionType, np.ufunc, type, enum.Enum)
    ):
        return None
    names = attributes(x)
    return [getattr(x, n) for n in names] if names or hasattr(x, "__dict__") else None


def attributes(x: Any) -> list[str]:
    """The names of the attributes that an instance holds."""
    slots = [s for c in reversed(type(x).__mro__) for s in getattr(c, "__slots__", ())]
    return [n for n in dict.fromkeys([*slots, *getattr(x, "__dict__", ())]) if hasattr(x, n)]


def floats(x: Any) -> list[Any]:
    """The float leaves in order."""
    return list(_floats(x))


def _floats(x: Any) -> Iterator[Any]:
    inner = parts(x)
    if inner is None:
        if is_float(x):
            yield x
        return
    for part in inner:
        yield from _floats(part)


def rebuilt(x: Any, leaves: Iterator[Any]) -> Any:
    """A copy of `x` with its float leaves replaced, each by one of the same type and shape."""
    inner = parts(x)
    if inner is None:
        return _like(x, next(leaves)) if is_float(x) else copy.deepcopy(x)
    new = [rebuilt(part, leaves) for part in inner]
    if isinstance(x, dict):
        return dict(zip(x, new))
    if isinstance(x, list):
        return new
    if isinstance(x, tuple):
        return type(x)(*new) if hasattr(x, "_fields") else tuple(new)
    names = [f.name for f in dataclasses.fields(x)] if dataclasses.is_dataclass(x) else attributes(x)
    made = object.__new__(type(x))
    for name, value in zip(names, new):
        object.__setattr__(made, name, value)
    return made


def _like(old: Any, value: Any) -> Any:
    if isinstance(old, np.ndarray):
        new = np.empty_like(old)
        new[...] = value
        return new
    return type(old)(value)


def flat(x: Any) -> np.ndarray:
    """All float leaves in one vector; complex numbers as pairs of real ones."""
    found = [np.zeros(0)]
    for leaf in floats(x):
        value = np.ravel(np.asarray(leaf))
        if value.dtype.kind == "c":
            value = np.stack([value.real, value.imag], axis=-1).ravel()
        found.append(value.astype(np.float64))
    return np.concatenate(found)


def unflat(x: Any, vector: np.ndarray) -> Any:
    """A structure like `x` from a vector made by `flat`."""

    def supply() -> Iterator[Any]:
        at = 0
        for leaf in floats(x):
            array = np.asarray(leaf)
            size = array.size * (2 if array.dtype.kind == "c" else 1)
            part = vector[at : at + size]
            at += size
            if array.dtype.kind == "c":
                part = part[0::2] + 1j * part[1::2]
            value = part.reshape(array.shape)
            yield value if isinstance(leaf, np.ndarray) else value[()]

    return rebuilt(x, supply())
