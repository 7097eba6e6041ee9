"""Type inference by trial: run a function on small arrays and see what comes out.

The dtype, the number of axes and the class of the result (number, array, tuple) are NumPy's own answer. Its
symbolic sizes are found by running with different sizes for each name: an axis whose size equals that of `n`
(plus one constant) in every run is `n` (plus the constant). Sizes that must agree are found by trial too:
when `a: f64[n, m]` and `b: f64[k]` can't be run with three sizes, the ways to merge names are tried, the
fewest merges first. A size is only claimed when all runs that succeed agree, among them runs where each
dimension that may be 1 is 1.

Sizes ascend in one run and descend in the other, so `min(n, m)` is never taken for either, and sizes of which one must
be the larger aren't taken for equal ones: none is claimed then.
"""

from __future__ import annotations

import itertools
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import FunctionType
from typing import Any

import numpy as np

from ..errors import DiffTypeError, UnsupportedError
from ..ir.types import (
    DTYPES,
    MANY,
    STORED,
    Array,
    Dict,
    Dim,
    FuncType,
    List,
    Lit,
    Maybe,
    NoneType,
    Scalar,
    StrType,
    Struct,
    Tuple,
    Type,
    join,
    may_be_one,
)
from .dims import INT_KINDS, DimInt, affine, number_type, parts

Fn = Callable[..., Any]
#: a size per slot: what one run uses
Sizes = tuple[int, ...]
FAILURES = (TypeError, ValueError, LookupError, ArithmeticError, AttributeError, RuntimeError, AssertionError)
MAX_TRIES = 120
#: the run whose arrays have full rank however their axes are taken together
IRREGULAR = 9


@dataclass(frozen=True, slots=True)
class Slot:
    """A size that may vary: the dimension it stands for; `count` for an int argument."""

    dim: Dim
    count: bool


def slots(t: Type) -> Iterator[Slot]:
    """The sizes in a type, in the order in which `dummy` uses them."""
    match t:
        case Lit():
            return
        case Array():
            yield from (Slot(d, False) for d in t.dims)
        case DimInt():
            yield Slot(t.dim, True)
        case Scalar() if t.kind in INT_KINDS:
            yield Slot(None, True)
        case Tuple():
            for item in t.items:
                yield from slots(item)
        case List():
            yield Slot(None, False)
            yield from slots(t.item)
        case Maybe():
            yield from slots(t.item)


def dummy(t: Type, sizes: Iterator[int], run: int) -> Any:
    """An argument of a type, with sizes taken from the iterator; contents differ from run to run."""
    match t:
        case Lit():
            return t.value
        case FuncType():
            return t.target
        case NoneType():
            return None
        case StrType():
            return "abc"[: run + 1]
        case Array():
            return _array(t.dtype, tuple(next(sizes) for _ in t.dims), run)
        case Scalar():
            return _number(t.kind, sizes, run)
        case Tuple():
            items = [dummy(item, sizes, run) for item in t.items]
            return t.cls(*items) if t.cls else tuple(items)
        case List():
            length = next(sizes)
            inner = list(itertools.islice(sizes, sum(1 for _ in slots(t.item))))
            return [dummy(t.item, iter(inner), run) for _ in range(length)]
        case Maybe():  # an item of a display, which the function would refuse were it None
            return dummy(t.item, sizes, run)
        case Dict() | Struct():
            raise DiffTypeError(f"{t} isn't an argument of a NumPy function")
    raise DiffTypeError(f"no type can be found for an argument of type {t}")


def _number(kind: str, sizes: Iterator[int], run: int) -> Any:
    size = next(sizes) if kind in INT_KINDS else 0
    if kind == "int":
        return size
    if kind == "bool":
        return run % 2 == 0
    value = 0.3 + (0.618 * (run + 1)) % 0.7
    if kind in ("float", "complex"):
        return value if kind == "float" else complex(value, 0.25)
    return np.dtype(DTYPES[kind]).type(size or value)


def _array(kind: str, shape: tuple[int, ...], run: int) -> Any:
    """Positive contents, symmetric positive definite matrices, indices that exist."""
    dtype = np.dtype(DTYPES[STORED.get(kind, kind)])
    if dtype.kind in "biu":
        return np.ones(shape, dtype) if dtype.kind == "b" else np.zeros(shape, dtype)
    out = np.linspace(0.3 + 0.01 * run, 0.9, int(np.prod(shape))).reshape(shape)
    if run == IRREGULAR:
        out = 0.6 + 0.3 * np.sin(np.arange(out.size) ** 2).reshape(shape)
    elif len(shape) >= 2 and shape[-1] == shape[-2]:
        out = 0.01 * (out + np.swapaxes(out, -1, -2)) + 2.0 * np.eye(shape[-1])
    return out.astype(dtype)


class Trial:
    """One function with one tuple of argument types."""

    def __init__(self, fn: Fn, args: Sequence[Type], kwargs: Mapping[str, Type]) -> None:
        self.fn = fn
        self.args = tuple(args)
        self.kwargs = dict(kwargs)
        self.slots = [s for t in (*self.args, *self.kwargs.values()) for s in slots(t)]
        self.elements = self._elements()
        self.error: Exception | None = None

    def _elements(self) -> list[tuple[Dim, list[int]]]:
        """Sizes that vary on their own, with their slots: each name once, each unknown, each number > 1."""
        out: dict[object, tuple[Dim, list[int]]] = {}
        for i, slot in enumerate(self.slots):
            if slot.dim in (0, 1) and not slot.count:
                continue
            key = slot.dim if slot.dim not in (None, MANY) else ("unknown", i)
            out.setdefault(key, (slot.dim, []))[1].append(i)
        return list(out.values())

    def run(self, sizes: Mapping[int, int], run: int) -> Type | None:
        """The result type for sizes per element, None if the function raises."""
        each = [s.dim if isinstance(s.dim, int) else 1 for s in self.slots]
        for e, (dim, places) in enumerate(self.elements):
            for i in places:
                each[i] = dim if isinstance(dim, int) else sizes[e]
        take = iter(each)
        args = [dummy(t, take, run) for t in self.args]
        kwargs = {k: dummy(t, take, run) for k, t in self.kwargs.items()}
        before = [a.copy() if isinstance(a, np.ndarray) else None for a in args]
        try:
            with np.errstate(all="ignore"):
                out = number_type(self.fn(*args, **kwargs))
            self._check_unwritten(args, before)
            return out
        except FAILURES as err:
            self.error = err
            return None

    def _check_unwritten(self, args: Sequence[Any], before: Sequence[Any]) -> None:
        """Refuse a function of the user's that writes what it is given: its rule must say so.

        Raises:
            UnsupportedError: it does.
        """
        if not isinstance(self.fn, FunctionType):
            return
        for i, (a, old) in enumerate(zip(args, before)):
            if old is not None and not np.array_equal(a, old, equal_nan=a.dtype.kind in "fc"):
                raise UnsupportedError(
                    f"`{self.fn.__name__}` writes its argument {i + 1}, and its rule doesn't say so",
                    hint="declare it: ds.rule(f, overwritten=(name,))",
                )

    def solve(self) -> Type:
        """The result type, with every size that can be claimed."""
        for groups in _levels(len(self.elements)):
            found = [t for g in groups if (t := self._attempt(g)) is not None]
            if found:
                return _meet(found)
        if (aligned := self._aligned()) is not None and (last := self._attempt(aligned)) is not None:
            return _forget(last)
        for run in (0, IRREGULAR):
            for size in (*self._known(), 3, 2, 4, 12):
                if (last := self.run(dict.fromkeys(range(len(self.elements)), size), run)) is not None:
                    return _forget(last)
        if (last := self._with_ones()) is not None:
            return _forget(last)
        raise DiffTypeError(f"no result type: {self.error}")

    def _known(self) -> list[int]:
        """The sizes that displays have, and axes of known size."""
        lengths = {len(t.items) for t in (*self.args, *self.kwargs.values()) if isinstance(t, Tuple)}
        return sorted(lengths | {d for d, _ in self.elements if isinstance(d, int)})

    def _aligned(self) -> tuple[int, ...] | None:
        """Groups in which sizes of axes that broadcasting pairs with known ones are those; None if there are none to pair."""
        groups, numbers, start = list(range(len(self.elements))), {}, 0
        at = {i: e for e, (_, places) in enumerate(self.elements) for i in places}
        for t in (*self.args, *self.kwargs.values()):
            count = sum(1 for _ in slots(t))
            for back in range(1, t.ndim + 1) if isinstance(t, Array) else ():
                e = at.get(start + count - back)
                if e is not None and isinstance(self.elements[e][0], int):
                    numbers[back] = e
            start += count
        start = 0
        for t in (*self.args, *self.kwargs.values()):
            count = sum(1 for _ in slots(t))
            for back in range(1, t.ndim + 1) if isinstance(t, Array) else ():
                e = at.get(start + count - back)
                if e is not None and back in numbers and not isinstance(self.elements[e][0], int):
                    groups[e] = groups[numbers[back]]
            start += count
        return tuple(groups) if numbers and len(set(groups)) < len(groups) else None

    def _with_ones(self) -> Type | None:
        """The result type when some axes of unknown size are 1, as few as will do."""
        open_ones = [e for e, (d, _) in enumerate(self.elements) if not isinstance(d, int) and may_be_one(d)]
        for count in range(1, min(len(open_ones), 5) + 1):
            for ones in itertools.combinations(open_ones, count):
                for size in (3, 2, 4):
                    sizes = {e: 1 if e in ones else size for e in range(len(self.elements))}
                    if (found := self.run(sizes, 0)) is not None:
                        return found
        return None

    def _attempt(self, group: tuple[int, ...]) -> Type | None:
        """The result type when elements of one group have one size; None if the function refuses."""
        fixed = self._fixed(group)
        if fixed is None:
            return None
        runs: list[tuple[dict[int, int], Type]] = []
        top = 4 + 2 * len(group)
        for run, first, step in ((0, 2, 1), (1, top, -1), (2, 12, 12)):
            sizes = {e: fixed.get(g, first + step * g) for e, g in enumerate(group)}
            if (t := self.run(sizes, run)) is not None:
                runs.append((sizes, t))
            if run == 1 and len(runs) < 2:  # sizes that work in one order only needn't agree, if others in that order do
                rising = bool(runs) and runs[0][0] == {e: fixed.get(g, 2 + g) for e, g in enumerate(group)}
                sizes = {e: fixed.get(g, 12 * (1 + g if rising else top - g)) for e, g in enumerate(group)}
                again = self.run(sizes, 2) if runs else None
                return None if again is None else _forget(self._unify([runs[0][1], again], [runs[0][0], sizes]))
            if run == 1 and self._settled(runs):
                break
        for e, (dim, _) in enumerate(self.elements):
            if may_be_one(dim) and not isinstance(dim, int):
                sizes = {**runs[0][0], e: 1}
                if (t := self.run(sizes, 0)) is not None:
                    runs.append((sizes, t))
        return self._unify([t for _, t in runs], [s for s, _ in runs])

    @staticmethod
    def _settled(runs: list[tuple[dict[int, int], Type]]) -> bool:
        """Whether a third run could teach nothing: the result has no sizes."""
        return all(isinstance(t, (Scalar, NoneType)) for _, t in runs)

    def _fixed(self, group: tuple[int, ...]) -> dict[int, int] | None:
        """The groups that hold a known size; None if one holds two different ones."""
        out: dict[int, int] = {}
        for e, g in enumerate(group):
            dim = self.elements[e][0]
            if isinstance(dim, int) and out.setdefault(g, dim) != dim:
                return None
        return out

    def _unify(self, types: list[Type], sizes: list[dict[int, int]]) -> Type:
        first = types[0]
        if all(isinstance(t, Array) for t in types):
            arrays = [t for t in types if isinstance(t, Array)]
            if len({(t.dtype, t.ndim) for t in arrays}) != 1:
                raise DiffTypeError("the number of axes or the dtype hangs on a value that isn't known")
            axes = zip(*(t.dims for t in arrays))
            return Array(arrays[0].dtype, tuple(self._claim(axis, sizes) for axis in axes))
        tuples = [t for t in types if isinstance(t, Tuple)]
        if len(tuples) == len(types) and len({len(t.items) for t in tuples}) == 1 and isinstance(first, Tuple):
            columns = zip(*(t.items for t in tuples))
            return replace(first, items=tuple(self._unify(list(c), sizes) for c in columns))
        if all(isinstance(t, List) for t in types):
            return List(_forget(_joined([t.item for t in types if isinstance(t, List)])))
        if any(isinstance(t, (Array, Tuple, List)) for t in types):
            raise DiffTypeError("the number of axes hangs on a value that isn't known")
        return _joined(types)

    def _claim(self, axis: Sequence[Dim], sizes: list[dict[int, int]]) -> Dim:
        """The dimension that explains the sizes of one axis in all runs."""
        got = [d for d in axis if isinstance(d, int)]
        varied = {e for e in range(len(self.elements)) if len({s[e] for s in sizes}) > 1}
        names = [(may_be_one(d), e) for e, (d, _) in enumerate(self.elements) if isinstance(d, str) and e in varied]
        for _, e in sorted(names):
            offsets = {g - s[e] for g, s in zip(got, sizes)}
            if len(offsets) == 1 and (dim := self._offset(e, offsets.pop())) is not None:
                return dim
        return got[0] if len(set(got)) == 1 else None

    def _offset(self, e: int, by: int) -> Dim:
        if self.elements[e][0] == MANY:
            return MANY if by == 0 else None
        known = parts(str(self.elements[e][0]))
        if known is None or abs(by) > 3 or known[1] < 0 < by:
            return None
        return affine(known[0], known[1] + by)


def _levels(count: int) -> Iterator[list[tuple[int, ...]]]:
    """Ways to merge `count` elements, by rising number of merges, as tuples of group numbers."""
    budget = MAX_TRIES
    for merges in range(max(count, 1)):
        level = list(itertools.islice(_partitions(count, count - merges), budget))
        budget -= len(level)
        yield level
        if budget <= 0:
            return


def _partitions(count: int, groups: int) -> Iterator[tuple[int, ...]]:
    """Restricted growth strings: the ways to put `count` elements into exactly `groups` groups."""

    def grow(prefix: tuple[int, ...], used: int) -> Iterator[tuple[int, ...]]:
        left = count - len(prefix)
        if used + left < groups:
            return
        if not left:
            yield prefix
            return
        for g in range(min(used + 1, groups)):
            yield from grow((*prefix, g), max(used, g + 1))

    return grow((), 0)


def _joined(types: Sequence[Type]) -> Type:
    out = types[0]
    for t in types[1:]:
        out = join(out, t)
    return out


def _forget(t: Type) -> Type:
    """The type without sizes."""
    match t:
        case Array():
            return Array(t.dtype, (None,) * t.ndim)
        case Tuple():
            return replace(t, items=tuple(map(_forget, t.items)))
        case List():
            return List(_forget(t.item))
    return t


def _meet(found: list[Type]) -> Type:
    """What several equally likely readings have in common."""
    return _joined(found)


#: what was found by trial, with the function, so that no other one gets its `id`
_CACHE: dict[object, tuple[Fn, Type | str]] = {}


def infer_by_trial(fn: Fn, args: Sequence[Type], kwargs: Mapping[str, Type]) -> Type:
    """The result type of a pure function.

    Raises:
        DiffTypeError: when it refuses every dummy, or its number of axes isn't known.
    """
    key = (id(fn), tuple(args), tuple(kwargs.items()))
    if key not in _CACHE:
        _CACHE[key] = fn, _tried(fn, args, kwargs)
    found = _CACHE[key][1]
    if isinstance(found, str):
        raise DiffTypeError(found)
    return found


def _tried(fn: Fn, args: Sequence[Type], kwargs: Mapping[str, Type]) -> Type | str:
    state = np.random.get_state()  # noqa: NPY002  # a trial must not move the user's random numbers
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return Trial(fn, args, kwargs).solve()
    except DiffTypeError as err:
        return err.reason
    finally:
        np.random.set_state(state)  # noqa: NPY002
