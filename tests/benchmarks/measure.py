"""Timing in alternation: each round runs every contender once, and ratios are taken within a round.

A machine's speed drifts; a ratio of neighbours doesn't, and the median of many ratios ignores the odd
interruption.
"""

import gc
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from statistics import median
from time import perf_counter
from typing import Any

import numpy as np

from .cases import Case
from .programs import traced

Thunk = Callable[[], Any]


@dataclass(frozen=True)
class Timing:
    """Seconds per call, one entry per round and contender."""

    rounds: dict[str, list[float]]

    def seconds(self, name: str) -> float:
        return median(self.rounds[name])

    def ratio(self, name: str, base: str) -> float:
        return median(a / b for a, b in zip(self.rounds[name], self.rounds[base]))


def alternate(contenders: Mapping[str, Thunk], rounds: int = 41, slice_seconds: float = 2e-3) -> Timing:
    """Run the contenders in turn, each for about `slice_seconds` a round."""
    repeats = {name: _repeats(f, slice_seconds) for name, f in contenders.items()}
    result: dict[str, list[float]] = {name: [] for name in contenders}
    enabled = gc.isenabled()
    gc.disable()
    try:
        for _ in range(rounds):
            for name, f in contenders.items():
                result[name].append(_time(f, repeats[name]))
    finally:
        if enabled:
            gc.enable()
    return Timing(result)


def _repeats(f: Thunk, slice_seconds: float) -> int:
    f()  # compiles, warms up
    return max(1, round(slice_seconds / max(_time(f, 3), 1e-9)))


def _time(f: Thunk, repeats: int) -> float:
    start = perf_counter()
    for _ in range(repeats):
        f()
    return (perf_counter() - start) / repeats


def autograd_gradient(case: Case) -> Thunk | None:
    """The gradient of HIPS autograd, where it can trace a version of the function."""
    if case.functional is None:
        return None
    from autograd import grad

    gradient = grad(traced(case.functional))
    first, *rest = case.arguments()
    packed = case.pack(first)
    return lambda: gradient(packed, *rest)


def leaves(tree: Any) -> list[Any]:
    """The numbers and arrays of nested containers, in order."""
    if isinstance(tree, (list, tuple)):
        return [leaf for item in tree for leaf in leaves(item)]
    if hasattr(tree, "__dataclass_fields__"):
        return [leaf for name in tree.__dataclass_fields__ for leaf in leaves(getattr(tree, name))]
    return [np.asarray(tree)]
