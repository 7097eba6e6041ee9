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


def most_common(d: Any, n: Any = None) -> Any:
    pairs = sorted(d.items(), key=lambda pair: pair[1], reverse=True)
    return pairs if n is None else pairs[:n]


def add_all(d: Any, xs: Any) -> None:
    for x in xs:
        d[x] = d.get(x, 0) + 1


def add_counts(d: Any, e: Any) -> None:
    for k in list(e):
        d[k] = d.get(k, 0) + e[k]


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
