"""Arguments that overlap in memory.

Where the function writes neither of two such arguments, nothing is to be done: each has a derivative of its own. Where it
writes one, both are names of one memory: the function is differentiated for that case, and the gradient of each argument
is that of the memory it names. `f(x, x)`, which writes its first argument, has twice the same gradient, the total one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ..defs.records import Step, children
from ..errors import ActivityError, AliasError
from .trees import arrays_in, is_mutable, leaves, make_zero, overlapping

if TYPE_CHECKING:
    from ..analysis.mems import Shape
    from ..analysis.overlaps import Overlap


def overlap_of(args: Sequence[Any], writes: frozenset[int]) -> Overlap:
    """The positions of arrays that share elements, one of each pair written."""
    places = [i for i, x in enumerate(args) if type(x) is np.ndarray]
    if len(places) < 2:
        return ()
    pairs = [(places[a], places[b]) for a, b in overlapping([args[i] for i in places])]
    from ..analysis.overlaps import grouped

    return grouped((i, j) for i, j in sorted(pairs) if i in writes or j in writes)


def written_overlap(args: Sequence[Any], writes: frozenset[int], known: Mapping[int, int]) -> tuple[int, int] | None:
    """Positions of two arguments whose arrays overlap (equal: within one argument), one of them written, or None.
    `known`: arguments for whose overlap the function was compiled, by group."""
    owners: list[int] = []
    arrays: list[np.ndarray[Any, Any]] = []
    whole: set[int] = set()
    for i, arg in enumerate(args):
        found = [arg] if type(arg) is np.ndarray else [leaf for _, leaf in leaves(arg) if isinstance(leaf, np.ndarray)]
        whole.update(range(len(arrays), len(arrays) + len(found)) if type(arg) is np.ndarray else ())
        arrays += found
        owners += [i] * len(found)
    for a, b in sorted(overlapping(arrays)) if len(arrays) > 1 else ():
        i, j = owners[a], owners[b]
        covered = a in whole and b in whole and i in known and known[i] == known.get(j)
        if not covered and (i in writes or j in writes):
            return i, j
    return None


def shared_container(args: Sequence[Any], memory: Shape) -> tuple[int, int] | None:
    """Positions of two arguments that hold one list, dict or object which the function knows by two classes, one of them
    written, or None. `memory`: the classes that its parameters reach."""
    held = [i for i, x in enumerate(args) if children(x) is not None and memory.params[i] is not None]
    if len(held) < 2:
        return None
    known: dict[int, dict[int, int]] = {}
    for i in held:
        todo: list[tuple[Any, int | None]] = [(args[i], memory.params[i])]
        while todo:
            x, node = todo.pop()
            parts = children(x) if node is not None else None
            if node is None or parts is None:
                continue
            if is_mutable(x):
                nodes = known.setdefault(id(x), {})
                if node in nodes:
                    continue
                nodes[node] = i
                if len(nodes) > 1 and not memory.written.isdisjoint(nodes):
                    owners = sorted(nodes.values())
                    if owners[0] != owners[-1]:
                        return owners[0], owners[-1]
            slots = dict(memory.slots[node])
            folded = node if node in memory.folded else None
            todo += [(part, _slot(slots, step, n, folded)) for n, (step, part) in enumerate(parts)]
    return None


def _slot(slots: Mapping[str, int], step: Step, position: int, folded: int | None) -> int | None:
    """The class of a part of a container."""
    kind, key = step
    names = (f".{key}", str(position)) if kind == "attr" else (repr(key), str(position), "[]")
    return next((slots[name] for name in names if name in slots), folded)


def check_alike(args: Sequence[Any], shadows: Mapping[int, Any], overlap: Overlap) -> None:
    """Refuse shadows of arguments that share memory, unless they share memory likewise.

    Raises:
        AliasError: one has no shadow, or the shadows overlap otherwise than their primals.
    """
    _check_apart(args, shadows)
    for group in overlap:
        if any(i not in shadows for i in group):
            raise AliasError(
                f"arguments {', '.join(map(str, group))} share memory that the function writes, and not all have a shadow",
                hint="make all of them Duplicated, or pass a copy",
            )
        if overlapping([args[i] for i in group]) != overlapping([shadows[i] for i in group]):
            raise AliasError(
                f"the shadows of arguments {', '.join(map(str, group))} don't overlap as their primals do",
                hint="ds.make_zero([x, y]) keeps the overlap",
            )


def _check_apart(args: Sequence[Any], shadows: Mapping[int, Any]) -> None:
    """Refuse shadows that share memory where their primals don't."""
    found = [(i, a) for i, shadow in shadows.items() for a in arrays_in(shadow)] if len(shadows) > 1 else []
    for i, j in sorted((found[m][0], found[n][0]) for m, n in overlapping([a for _, a in found])):
        if i != j and not _share(args[i], args[j]):
            raise AliasError(
                f"the shadows of arguments {i} and {j} overlap in memory, and the arguments don't",
                hint="use ds.make_zero(x) for each",
            )


def _share(a: Any, b: Any) -> bool:
    one, two = arrays_in(a), arrays_in(b)
    return any(x < len(one) <= y for x, y in overlapping([*one, *two]))


def overlaid(args: Sequence[Any], dots: list[Any], group: Sequence[int], given: Mapping[int, Any]) -> None:
    """Put the tangents of arguments that share memory into memory that is shared likewise.

    Raises:
        ActivityError: two tangents differ where the arguments share an element.
    """
    if all(i in given for i in group) and overlapping([args[i] for i in group]) == overlapping([given[i] for i in group]):
        return
    shared = make_zero([args[i] for i in group])
    for i, dot in zip(group, shared):
        if i in given:
            dot[...] = given[i]
    for i, dot in zip(group, shared):
        if i in given and not np.array_equal(dot, given[i], equal_nan=True):
            raise ActivityError(
                f"arguments {', '.join(map(str, group))} share memory that the function writes, and their tangents differ "
                "where they do",
                hint="give the tangents the same values there, or pass a copy of an argument",
            )
        dots[i] = dot
