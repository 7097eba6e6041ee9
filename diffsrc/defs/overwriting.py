"""Functions that overwrite arguments, as functions without effects: what generated code calls where a rule declares them."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np

from ..errors import AliasError

_KNOWN: dict[tuple[int, tuple[int, ...]], Overwriting] = {}


class Overwriting:
    """Calls a function with copies of the arguments that it overwrites, and returns its result (unless None) and the copies."""

    def __init__(self, fn: Callable[..., Any], positions: tuple[int, ...]) -> None:
        self.fn = fn
        self.positions = positions
        self.__name__ = f"{fn.__name__}_overwriting"
        self.__qualname__ = self.__name__
        self.__module__ = fn.__module__

    def __call__(self, *args: Any) -> Any:
        self._check(args)
        given = list(args)
        for i in self.positions:
            given[i] = args[i].copy()
        out = self.fn(*given)
        parts = [*([] if out is None else [out]), *(given[i] for i in self.positions)]
        return parts[0] if len(parts) == 1 else tuple(parts)

    def _check(self, args: tuple[Any, ...]) -> None:
        arrays = [(i, a) for i, a in enumerate(args) if isinstance(a, np.ndarray)]
        for (i, a), (j, b) in itertools.combinations(arrays, 2):
            if {i, j} & set(self.positions) and np.may_share_memory(a, b) and np.shares_memory(a, b):
                raise AliasError(
                    f"arguments {i} and {j} of {self.fn.__name__} share memory, and it overwrites one of them", hint="pass a copy"
                )


def overwriting(fn: Callable[..., Any], positions: tuple[int, ...]) -> Overwriting:
    """The function without effects; one for each function."""
    key = (id(fn), positions)
    if key not in _KNOWN:
        _KNOWN[key] = Overwriting(fn, positions)
    return _KNOWN[key]
