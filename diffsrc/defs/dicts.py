"""Methods of dicts whose keys are known at run time only, as Python that the compiler reads. All of them do what their
namesakes do; views of keys, values and items are lists."""

from __future__ import annotations

import copy
from typing import Any


def values(d: Any) -> Any:
    return [d[k] for k in list(d)]


def items(d: Any) -> Any:
    return [(k, d[k]) for k in list(d)]


def update(d: Any, e: Any) -> None:
    for k in list(e):
        d[k] = e[k]


def clear(d: Any) -> None:
    for k in list(d):
        d.pop(k)


def move_to_end(d: Any, k: Any) -> None:
    v = d.pop(k)
    d[k] = v


def fill(d: Any, keys: Any, xs: Any) -> None:
    for k, x in zip(keys, xs):
        d[k] = x


def fill_by_pairs(d: Any, pairs: Any) -> None:
    for k, x in pairs:
        d[k] = x


def deep(d: Any) -> Any:
    return {k: copy.deepcopy(d[k]) for k in list(d)}
