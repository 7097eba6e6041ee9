"""Functions of `heapq` as Python that the compiler reads. All of them do what their namesakes do, in the same order."""

from __future__ import annotations

from typing import Any


def heappush(heap: Any, item: Any) -> None:
    heap.append(item)
    _towards_root(heap, 0, len(heap) - 1)


def heappop(heap: Any) -> Any:
    last = heap.pop()
    return heapreplace(heap, last) if len(heap) > 0 else last


def heapreplace(heap: Any, item: Any) -> Any:
    first = heap[0]
    heap[0] = item
    _towards_leaves(heap, 0)
    return first


def heappushpop(heap: Any, item: Any) -> Any:
    if len(heap) > 0 and heap[0] < item:
        return heapreplace(heap, item)
    return item


def heapify(heap: Any) -> None:
    for k in range(len(heap) // 2 - 1, -1, -1):
        _towards_leaves(heap, k)


def nsmallest(n: Any, xs: Any) -> Any:
    return sorted(xs)[:n]


def nlargest(n: Any, xs: Any) -> Any:
    return sorted(xs, reverse=True)[:n]


def _towards_root(heap: Any, start: Any, pos: Any) -> None:
    item = heap[pos]
    while pos > start and item < heap[(pos - 1) >> 1]:
        heap[pos] = heap[(pos - 1) >> 1]
        pos = (pos - 1) >> 1
    heap[pos] = item


def _towards_leaves(heap: Any, start: Any) -> None:
    item = heap[start]
    pos, child = start, 2 * start + 1
    while child < len(heap):
        if child + 1 < len(heap) and not heap[child] < heap[child + 1]:
            child += 1
        heap[pos] = heap[child]
        pos, child = child, 2 * child + 1
    heap[pos] = item
    _towards_root(heap, start, pos)
