"""Parameters that a function isn't specialised on (`ds.nospecialize`, the annotation `ds.Any`)."""

from __future__ import annotations

import functools
import typing
from collections.abc import Sequence
from types import CodeType, FunctionType

NAMES = "__diffsrc_nospecialize__"


class Any:
    """As annotation of a parameter what `ds.nospecialize` says of it: `def loss(x, options: ds.Any)`."""


def names_at(fn: object) -> frozenset[str]:
    """The parameters that a function isn't to be specialised on."""
    if not isinstance(fn, FunctionType):
        return frozenset()
    annotated = [name for name, a in fn.__annotations__.items() if a is Any or (isinstance(a, str) and _is_any(fn, a))]
    noted: frozenset[str] = fn.__dict__.get(NAMES, frozenset())
    return noted | frozenset(annotated) if annotated else noted


def _is_any(fn: FunctionType, text: str) -> bool:
    """Whether an annotation that is kept as text, a dotted name, stands for `Any`."""
    if not text.endswith("Any"):
        return False
    base, *rest = text.split(".")
    found = fn.__globals__.get(base)
    for name in rest:
        found = getattr(found, name, None)
    return found is Any


def unspecialized(fn: typing.Any, activity: Sequence[str]) -> frozenset[int]:
    """The parameters whose types a derivative isn't compiled for: those that were named and aren't differentiated."""
    names = names_at(fn)
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
