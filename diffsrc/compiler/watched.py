"""Runs of compiled derivatives, for tools that watch them while a program runs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

Watcher = Callable[[Callable[..., Any], tuple[Any, ...]], Any]

#: what runs derivatives, given a function of generated code and its arguments; None: they are just called
WATCHER: list[Watcher] = []


def run(fn: Callable[..., Any], *args: Any) -> Any:
    """Call a function of generated code."""
    return WATCHER[-1](fn, args) if WATCHER else fn(*args)


@contextmanager
def watching(watcher: Watcher) -> Iterator[None]:
    """Let a watcher run the derivatives that are called inside."""
    WATCHER.append(watcher)
    try:
        yield
    finally:
        WATCHER.remove(watcher)
