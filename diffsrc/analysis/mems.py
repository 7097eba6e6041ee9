"""Alias classes as a union-find with slots, and their graph as callers see it.

A class has *slots* (`[]` for elements of a list, positions of a tuple, attribute names, constant keys), each with a class of
its own, so that the arrays held in a list are told from the list. The graph of a function's parameters and result (`Shape`)
is what a call does to the memory of its caller: classes that are one in the callee become one, those written are written.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from ..ir.ops import Op
from ..ir.values import Value


@dataclass(eq=False, slots=True)
class Mem:
    """One alias class. `roots`: the values that name its memory first (allocations, parameters, call results).
    `folded`: what it holds may be anything in it, so it is one class with its slots. `asked`: something is made of it that
    is a view or a copy as its layout decides."""

    parent: Mem | None = None
    slots: dict[str, Mem] = field(default_factory=dict)
    roots: list[Value] = field(default_factory=list)
    params: set[int] = field(default_factory=set)
    writes: list[Op] = field(default_factory=list)
    joins: list[Value] = field(default_factory=list)
    name: str = ""
    folded: bool = False
    asked: bool = False


def find(node: Mem) -> Mem:
    while node.parent is not None:
        node = node.parent
    return node


def unite(a: Mem, b: Mem) -> Mem:
    a, b = find(a), find(b)
    if a is b:
        return a
    b.parent = a
    a.roots += [r for r in b.roots if r not in a.roots]
    a.params |= b.params
    a.writes += b.writes
    a.joins += b.joins
    a.asked |= b.asked
    for slot, held in b.slots.items():
        mine = a.slots.get(slot)
        a.slots[slot] = held if mine is None else unite(mine, held)
        a = find(a)
    return fold(a) if (b.folded or a.folded) and a.slots else _folded(a, b)


def _folded(a: Mem, b: Mem) -> Mem:
    a.folded = a.folded or b.folded
    return a


def fold(node: Mem) -> Mem:
    """Make a class one with all that it holds."""
    for inner in list(reachable(node)):
        inner.folded, slots = True, list(inner.slots.values())
        inner.slots.clear()
        for held in slots:
            node = unite(node, held)
    node = find(node)
    node.folded = True
    return node


def reachable(node: Mem) -> Iterator[Mem]:
    """The class and those of its slots, and so on."""
    seen: set[Mem] = set()
    todo = [find(node)]
    while todo:
        top = todo.pop()
        if top not in seen:
            seen.add(top)
            yield top
            todo += [find(s) for s in top.slots.values()]


def holds_itself(node: Mem) -> bool:
    """Whether what is held in a class, by way of others or not, is of that class."""
    node = find(node)
    return any(node in reachable(held) for held in node.slots.values())


def shared(node: Mem | None) -> list[Mem]:
    """What can be reached from a class in more than one way: by two slots, or as several elements of one list."""
    if node is None:
        return []
    inner = list(reachable(node))
    ways = Counter(find(held) for n in inner for held in n.slots.values())
    many = {find(held) for n in inner for slot, held in n.slots.items() if slot == "[]"}
    return [n for n in inner if ways[n] > 1 or n in many or n.folded]


def holders(classes: Iterable[Mem]) -> dict[Mem, list[Mem]]:
    """The classes in whose slots a class stands, among these and all that they reach."""
    out: dict[Mem, list[Mem]] = {}
    for node in dict.fromkeys(n for top in classes for n in reachable(top)):
        for held in node.slots.values():
            out.setdefault(find(held), []).append(node)
    return out


def connected(classes: Iterable[Mem], wanted: Iterable[Mem]) -> set[Mem]:
    """The wanted classes, what holds them, what they hold, and so on."""
    above = holders(classes)
    found, todo = set[Mem](), list(map(find, wanted))
    while todo:
        node = todo.pop()
        if node not in found:
            found.add(node)
            todo += [*map(find, node.slots.values()), *above.get(node, ())]
    return found


@dataclass(frozen=True, slots=True)
class Shape:
    """The classes that parameters and result of a function reach, numbered: which are one, which are written or
    asked for their layout there. `outside`: those that can be reached from a parameter."""

    params: tuple[int | None, ...] = ()
    result: int | None = None
    slots: tuple[tuple[tuple[str, int], ...], ...] = ()
    written: frozenset[int] = frozenset()
    folded: frozenset[int] = frozenset()
    asked: frozenset[int] = frozenset()
    outside: frozenset[int] = frozenset()

    def part(self, i: int) -> int | None:
        """What the result holds at a position: a call that has several results unpacks it."""
        return None if self.result is None else dict(self.slots[self.result]).get(str(i))


def shape_of(params: Sequence[Mem | None], result: Mem | None) -> Shape:
    """The graph of these classes."""
    given = [n for n in params if n is not None]
    ends = [*given, *([] if result is None else [result])]
    number = {n: i for i, n in enumerate(_in_order(ends))}
    nodes = list(number)
    return Shape(
        tuple(None if n is None else number[find(n)] for n in params),
        None if result is None else number[find(result)],
        tuple(tuple((slot, number[find(held)]) for slot, held in sorted(n.slots.items())) for n in nodes),
        frozenset(number[n] for n in nodes if n.writes),
        frozenset(number[n] for n in nodes if n.folded),
        frozenset(number[n] for n in nodes if n.asked),
        frozenset(number[n] for n in _in_order(given)),
    )  # fmt: skip


def _in_order(ends: Iterable[Mem]) -> list[Mem]:
    """The classes reached, each once, in an order that depends on nothing but the graph."""
    seen: dict[Mem, None] = {}
    todo = [find(n) for n in ends][::-1]
    while todo:
        top = todo.pop()
        if top not in seen:
            seen[top] = None
            todo += [find(held) for _, held in sorted(top.slots.items())][::-1]
    return list(seen)


class Instance:
    """A callee's graph, laid over the classes of one call."""

    def __init__(self, shape: Shape) -> None:
        self.shape = shape
        self.bound: dict[int, Mem] = {}

    def bind(self, node: Mem, number: int) -> None:
        """The caller's class `node` is what the callee knows as `number`, with all that it holds."""
        todo = [(node, number)]
        while todo:
            node, number = todo.pop()
            known = self.bound.get(number)
            if known is not None and find(known) is find(node):
                continue
            node = find(node) if known is None else unite(known, node)
            self.bound[number] = node
            node.asked |= number in self.shape.asked
            if number in self.shape.folded:
                node = fold(node)
            for slot, inner in self.shape.slots[number]:
                held = node if node.folded else node.slots.setdefault(slot, Mem())
                if find(held) is not node or inner != number:
                    todo.append((held, inner))

    def written(self) -> list[Mem]:
        """The caller's classes that the callee writes."""
        numbers = sorted(self.shape.written & self.shape.outside)
        return list(dict.fromkeys(find(self.bound[n]) for n in numbers if n in self.bound))
