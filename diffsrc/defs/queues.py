"""A `deque` with a bound: a list, and how many items it may have. Without a bound it is a list.

Only what adds items sees the bound; anything else is done to the list (`analysis/queues.py`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

#: methods that the compiler reads; others are those of the list
BOUNDED = frozenset({"append", "appendleft", "extend", "extendleft", "insert", "copy"})


@dataclass(frozen=True)
class Queue:
    """What stands for `deque(.., maxlen)`: also the program's own functions can read and change it."""

    items: Any
    maxlen: Any

    def append(self, value: Any) -> None:
        self.items.append(value)
        if len(self.items) > self.maxlen:
            self.items.pop(0)

    def appendleft(self, value: Any) -> None:
        self.items.insert(0, value)
        if len(self.items) > self.maxlen:
            self.items.pop()

    def extend(self, values: Any) -> None:
        for value in list(values):
            self.append(value)

    def extendleft(self, values: Any) -> None:
        for value in list(values):
            self.appendleft(value)

    def insert(self, position: Any, value: Any) -> None:
        if len(self.items) >= self.maxlen:
            raise IndexError("deque already at its maximum size")
        self.items.insert(position, value)

    def copy(self) -> Any:
        return Queue(list(self.items), self.maxlen)

    def pop(self) -> Any:
        return self.items.pop()

    def popleft(self) -> Any:
        return self.items.pop(0)

    def rotate(self, n: int = 1) -> None:
        for _ in range(n % len(self.items) if self.items else 0):
            self.items.insert(0, self.items.pop())

    def __len__(self) -> int:
        return len(self.items)

    def __getitem__(self, position: Any) -> Any:
        return self.items[position]

    def __setitem__(self, position: Any, value: Any) -> None:
        self.items[position] = value


def last(values: Any, maxlen: Any) -> Any:
    items = list(values)
    return items[max(len(items) - maxlen, 0) :]
