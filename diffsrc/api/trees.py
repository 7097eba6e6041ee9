"""Walk of nested arguments: dict, list, tuple, NamedTuple, dataclass and plain objects, in any nesting.

A *leaf* is whatever isn't such a container; a *float leaf* is a float or complex number or an array of them,
and carries a derivative. `transform` is the one walk that builds a new structure: it keeps the identity of
mutable containers, so shared and cyclic structures stay shared and cyclic. Arrays that overlap in memory
overlap in the copy by the same bytes.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from ..defs.records import Step, children
from ..plain import dataclass

Leaf = Callable[[Any], Any]

def is_float_leaf(x: object) -> bool:
    """Whether `x` itself is a float or complex number, or an array of them."""
    if isinstance(x, np.ndarray):
        return issubclass(x.dtype.type, np.inexact)
    return isinstance(x, (float, complex, np.inexact))


def is_mutable(x: object) -> bool:
    """Whether the parts of a container can be replaced."""
    if isinstance(x, tuple):
        return False
    params = getattr(type(x), "__dataclass_params__", None)
    return not (params is not None and params.frozen)


def path_text(path: Sequence[Step]) -> str:
    """A path as it is written behind a name: `.layers[0]['w']`."""
    return "".join(f".{key}" if kind == "attr" else f"[{key!r}]" for kind, key in path)


def leaves(x: Any) -> Iterator[tuple[tuple[Step, ...], Any]]:
    """Every leaf with its path, in order; a shared mutable container is visited once."""
    yield from _leaves(x, (), set())


def _leaves(x: Any, path: tuple[Step, ...], seen: set[int]) -> Iterator[tuple[tuple[Step, ...], Any]]:
    """A loop, no recursion: what a deeply recursive function saves is as deep."""
    stack = [(path, x)]
    while stack:
        path, x = stack.pop()
        kids = children(x)
        if kids is None:
            yield path, x
            continue
        if is_mutable(x):
            if id(x) in seen:
                continue
            seen.add(id(x))
        stack += [((*path, step), kid) for step, kid in reversed(kids)]


def flatten(x: Any) -> list[tuple[tuple[Step, ...], Any]]:
    """The float leaves with their paths."""
    return [(path, leaf) for path, leaf in leaves(x) if is_float_leaf(leaf)]


def arrays_in(*items: Any) -> list[np.ndarray[Any, Any]]:
    """Every array among the leaves, each object once."""
    found = {id(leaf): leaf for item in items for _, leaf in leaves(item) if isinstance(leaf, np.ndarray)}
    return list(found.values())


def get(x: Any, path: Sequence[Step]) -> Any:
    """The part of `x` at a path."""
    for kind, key in path:
        x = getattr(x, key) if kind == "attr" else x[key]
    return x


def transform(x: Any, leaf: Leaf) -> Any:
    """A structure like `x` whose leaves are `leaf(old)`; what is shared or cyclic in `x` is so in the
    result.
    """
    return _transform(x, leaf, {})


def transform_places(x: Any, leaf: Leaf) -> Any:
    """`transform`, with an array of its own for each place that holds one, also where `x` holds one array
    twice.
    """
    return _transform(x, leaf, _NoArrays())


@dataclass(eq=False, slots=True)
class _Frame:
    """A container whose parts are being made; `shell` is the new one if it can be filled part by part."""

    old: Any
    kids: list[tuple[Step, Any]]
    shell: Any
    parts: list[Any]

    def finish(self) -> Any:
        steps = [step for step, _ in self.kids]
        if self.shell is None:
            return _rebuild(self.old, list(zip(steps, self.parts)))
        for step, part in zip(steps, self.parts):
            put(self.shell, step, part)
        return self.shell


def _transform(x: Any, leaf: Leaf, memo: dict[int, Any]) -> Any:
    """A loop, no recursion, as in `_leaves`."""
    stack: list[_Frame] = []

    def start(x: Any) -> tuple[bool, Any]:
        """What a part becomes, or a frame in which it will be made."""
        if id(x) in memo:
            return True, memo[id(x)]
        kids = children(x)
        if kids is not None:
            shell = _hollow(x) if is_mutable(x) else None
            if shell is not None:
                memo[id(x)] = shell
            stack.append(_Frame(x, kids, shell, []))
            return False, None
        new = leaf(x)
        if isinstance(x, np.ndarray):
            memo[id(x)] = new
        return True, new

    made, value = start(x)
    while stack:
        frame = stack[-1]
        if made:
            frame.parts.append(value)
        if len(frame.parts) < len(frame.kids):
            made, value = start(frame.kids[len(frame.parts)][1])
        else:
            made, value = True, stack.pop().finish()
    return value


def _hollow(x: Any) -> Any:
    """A mutable container of the same class, to be filled."""
    if isinstance(x, list):
        return [None] * len(x) if type(x) is list else copy.copy(x)
    if isinstance(x, dict):
        return {} if type(x) is dict else copy.copy(x)
    return object.__new__(type(x))


def put(shell: Any, step: Step, value: Any) -> None:
    """Set one part of a container."""
    kind, key = step
    if kind == "attr":
        object.__setattr__(shell, key, value)
    else:
        shell[key] = value


def _rebuild(x: Any, parts: list[tuple[Step, Any]]) -> Any:
    """An immutable container (tuple, NamedTuple, frozen dataclass) with new parts; its constructor isn't
    run.
    """
    if isinstance(x, tuple):
        return tuple.__new__(type(x), [value for _, value in parts])
    new = object.__new__(type(x))
    for step, value in parts:
        put(new, step, value)
    return new


# --- memory -------------------------------------------------------------------------------------------------


def bounds(a: np.ndarray[Any, Any]) -> tuple[int, int]:
    """The addresses between which the elements lie."""
    low, high = (getattr(np.lib, "array_utils", None) or np).byte_bounds(a)
    return int(low), int(high)


def clusters(arrays: Sequence[np.ndarray[Any, Any]]) -> list[list[int]]:
    """Positions of arrays whose address ranges touch one another, grouped; arrays on their own are left
    out.
    """
    spans = sorted((*bounds(a), i) for i, a in enumerate(arrays) if a.size)
    groups: list[list[int]] = []
    end = -1
    for low, high, i in spans:
        if low < end:
            groups[-1].append(i)
        else:
            groups.append([i])
        end = max(end, high)
    return [g for g in groups if len(g) > 1]


def overlapping(arrays: Sequence[np.ndarray[Any, Any]]) -> set[tuple[int, int]]:
    """Pairs of positions of arrays that share an element, decided exactly."""
    pairs: set[tuple[int, int]] = set()
    for group in clusters(arrays):
        for k, i in enumerate(group):
            pairs |= {(min(i, j), max(i, j)) for j in group[k + 1 :] if _share(arrays[i], arrays[j])}
    return pairs


#: effort of the exact overlap test; beyond it arrays count as overlapping
_OVERLAP_WORK: Any = 100_000


def _share(a: np.ndarray[Any, Any], b: np.ndarray[Any, Any]) -> bool:
    try:
        return bool(np.shares_memory(a, b, max_work=_OVERLAP_WORK))
    except np.exceptions.TooHardError:
        return True


def _twins(arrays: list[np.ndarray[Any, Any]]) -> dict[int, np.ndarray[Any, Any]]:
    """By id: new zero arrays for the arrays that overlap others, overlapping one another by the same
    bytes.
    """
    twins: dict[int, np.ndarray[Any, Any]] = {}
    for group in clusters(arrays):
        members = [arrays[i] for i in group]
        low = min(bounds(a)[0] for a in members) & ~15
        high = max(bounds(a)[1] for a in members)
        buffer = np.zeros(high - low, np.uint8)
        for a in members:
            start = int(a.__array_interface__["data"][0]) - low
            twins[id(a)] = np.ndarray(a.shape, a.dtype, buffer.data, start, a.strides)
    return twins


def make_zero(x: Any) -> Any:
    """A structural copy of `x` with zeros for its float leaves and every other leaf as it is.

    Shared containers, cycles and overlapping arrays are shared, cyclic and overlapping in the copy.

    >>> make_zero({"w": np.ones(2), "name": "relu", "n": 3, "b": 1.5})
    {'w': array([0., 0.]), 'name': 'relu', 'n': 3, 'b': 0.0}
    """
    if type(x) is np.ndarray:
        return np.zeros_like(x) if is_float_leaf(x) else x
    twins = _twins([a for a in arrays_in(x) if is_float_leaf(a)])
    return transform(x, lambda leaf: twins[id(leaf)] if id(leaf) in twins else zero_leaf(leaf))


def separate_zero(x: Any) -> Any:
    """`make_zero` with an array of its own for each place that holds one: gradients leaf by leaf."""
    return zero_leaf(x) if type(x) is np.ndarray else transform_places(x, zero_leaf)


class _NoArrays(dict[int, Any]):
    """A memo that forgets arrays."""

    def __setitem__(self, key: int, value: Any) -> None:
        if not isinstance(value, np.ndarray):
            super().__setitem__(key, value)


def zero_leaf(leaf: Any) -> Any:
    """Zero of the type of a float leaf; any other leaf as it is."""
    if not is_float_leaf(leaf):
        return leaf
    return np.zeros_like(leaf, subok=False) if isinstance(leaf, np.ndarray) else type(leaf)(0)


def duplicate(x: Any) -> Any:
    """A structural copy with copies of all arrays, keeping how they overlap."""
    if type(x) is np.ndarray:
        return x.copy(order="K")
    twins = _twins(arrays_in(x))

    def leaf(old: Any) -> Any:
        if not isinstance(old, np.ndarray):
            return old
        if id(old) not in twins:
            return old.copy(order="K")
        twins[id(old)][...] = old
        return twins[id(old)]

    return transform(x, leaf)


def strip(x: Any) -> Any:
    """A gradient's outside: `x` with None for each leaf that carries no derivative."""
    return transform(x, lambda leaf: leaf if is_float_leaf(leaf) else None)
