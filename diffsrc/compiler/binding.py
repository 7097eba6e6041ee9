"""Calls with one value per parameter: a tuple for `*args`, a dict for `**options`."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from typing import Any

VARIADIC = inspect.CO_VARARGS | inspect.CO_VARKEYWORDS


def call_by_parameters(fn: Callable[..., Any], values: Sequence[Any]) -> Any:
    """Call a function with the values of its parameters, in the order of its signature."""
    code = getattr(fn, "__code__", None)
    if code is not None and not code.co_kwonlyargcount and not code.co_flags & VARIADIC:
        return fn(*values)
    args: list[Any] = []
    named: dict[str, Any] = {}
    for p, value in zip(inspect.signature(fn, follow_wrapped=False).parameters.values(), values):
        if p.kind is p.VAR_POSITIONAL:
            args += value
        elif p.kind is p.VAR_KEYWORD:
            named |= value
        elif p.kind is p.KEYWORD_ONLY:
            named[p.name] = value
        else:
            args.append(value)
    return fn(*args, **named)
