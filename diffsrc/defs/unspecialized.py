"""Parameters that a function isn't specialised on: what `ds.nospecialize` notes at it."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from types import CodeType
from typing import Any

NAMES = "__diffsrc_nospecialize__"


def unspecialized(fn: Any, activity: Sequence[str]) -> frozenset[int]:
    """The parameters whose types a derivative isn't compiled for: those that were named and aren't differentiated."""
    names = getattr(fn, "__dict__", {}).get(NAMES)
    if not names:
        return frozenset()
    return frozenset(i for i in _positions(fn.__code__, names) if i < len(activity) and activity[i] == "const")


@functools.lru_cache(256)
def _positions(code: CodeType, names: frozenset[str]) -> frozenset[int]:
    return frozenset(i for i, name in enumerate(parameters(code)) if name in names)


def parameters(code: CodeType) -> list[str]:
    """The parameters of a function in the order of its signature."""
    variables, count, keywords = code.co_varnames, code.co_argcount, code.co_kwonlyargcount
    named, rest = list(variables[: count + keywords]), list(variables[count + keywords :])
    starred = [rest.pop(0)] if code.co_flags & 0x04 else []  # inspect.CO_VARARGS
    double = [rest.pop(0)] if code.co_flags & 0x08 else []  # inspect.CO_VARKEYWORDS
    return [*named[:count], *starred, *named[count:], *double]
