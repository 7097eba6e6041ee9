"""Runs of compiled derivatives: for tools that watch them while a program runs, and with refusals of what only values tell."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from ..errors import UnsupportedError

Watcher = Callable[[Callable[..., Any], tuple[Any, ...]], Any]

#: what runs derivatives, given a function of generated code and its arguments; None: they are just called
WATCHER: list[Watcher] = []
#: what generated code says of values that its types don't allow for, each with a hint behind a colon
OF_VALUES = frozenset({"the result of a matrix function of a real matrix is complex"})


def run(fn: Callable[..., Any], *args: Any) -> Any:
    """Call a function of generated code.

    Raises:
        UnsupportedError: the values are such that the derivative is of another kind than the types say.
    """
    try:
        return WATCHER[-1](fn, args) if WATCHER else fn(*args)
    except ValueError as err:
        reason, _, hint = str(err).partition(": ")
        if reason not in OF_VALUES:
            raise
        raise UnsupportedError(reason, hint=hint) from err


@contextmanager
def watching(watcher: Watcher) -> Iterator[None]:
    """Let a watcher run the derivatives that are called inside."""
    WATCHER.append(watcher)
    try:
        yield
    finally:
        WATCHER.remove(watcher)
