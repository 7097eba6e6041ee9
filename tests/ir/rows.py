"""Callees of IR texts in tests: rows of the rule table, or bare rows for what it doesn't hold (yet)."""

from __future__ import annotations

import builtins
import math
import operator

import numpy as np

from diffsrc.defs import rows, structural, table  # noqa: F401  the rows fill the table

ROOMS = {"np": np, "math": math}
assert structural.UNPACK.name in table.BY_NAME


def _python_function(name: str) -> object:
    parts = name.split(".")
    if len(parts) == 1:
        for room in (operator, builtins):
            for spelled in (name, f"{name}_"):
                if hasattr(room, spelled):
                    return getattr(room, spelled)
        return None
    found: object = ROOMS.get(parts[0])
    for part in parts[1:]:
        found = getattr(found, part, None)
    return found


_BARE: dict[str, table.Def] = {}


def resolve(name: str) -> table.Def | None:
    """The row of a printed callee, or None for user functions."""
    if name in table.BY_NAME:
        return table.BY_NAME[name]
    if name not in _BARE:
        fn = _python_function(name)
        if not callable(fn):
            return None
        _BARE[name] = table.Def(name, fn, "zero")
    return _BARE[name]
