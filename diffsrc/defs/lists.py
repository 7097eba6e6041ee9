"""Methods of lists as Python that the compiler reads: where a list carries derivatives, they are made of `append`, `pop`
and `insert`, whose adjoints are `pop`, `insert` and `pop` of the shadow. All of them do what their namesakes do."""

from __future__ import annotations

import copy
from typing import Any


def clear(xs: Any) -> None:
    while len(xs) > 0:
        xs.pop()


def reverse(xs: Any) -> None:
    n = len(xs)
    for k in range(n // 2):
        xs[k], xs[n - 1 - k] = xs[n - 1 - k], xs[k]


def extend(xs: Any, ys: Any) -> None:
    for k in range(len(ys)):
        xs.append(ys[k])


def repeat(xs: Any, n: Any) -> None:
    size = len(xs)
    if n < 1:
        clear(xs)
    for _ in range(n - 1):
        for k in range(size):
            xs.append(xs[k])


def extend_left(xs: Any, ys: Any) -> None:
    for k in range(len(ys)):
        xs.insert(0, ys[k])


def rotate(xs: Any, n: Any = 1) -> None:
    for _ in range(n % len(xs) if len(xs) > 0 else 0):
        xs.insert(0, xs.pop())


def cut_out(xs: Any, start: Any, stop: Any) -> None:
    n = len(xs)
    first = max(start + n, 0) if start < 0 else min(start, n)
    last = max(stop + n, 0) if stop < 0 else min(stop, n)
    for _ in range(last - first):
        xs.pop(first)


def put_in(xs: Any, start: Any, stop: Any, ys: Any) -> None:
    items = list(ys)
    n = len(xs)
    first = max(start + n, 0) if start < 0 else min(start, n)
    last = max(stop + n, 0) if stop < 0 else min(stop, n)
    for _ in range(last - first):
        xs.pop(first)
    for k in range(len(items)):
        xs.insert(first + k, items[k])


def sort(xs: Any) -> None:
    items = sorted(xs)
    for k in range(len(items)):
        xs[k] = items[k]


def sort_by(xs: Any, key: Any, reverse: Any) -> None:
    items = sorted(xs, key=key, reverse=reverse)
    for k in range(len(items)):
        xs[k] = items[k]


def sort_down(xs: Any, reverse: Any) -> None:
    items = sorted(xs, reverse=reverse)
    for k in range(len(items)):
        xs[k] = items[k]


def deep(xs: Any) -> Any:
    return [copy.deepcopy(x) for x in xs]
