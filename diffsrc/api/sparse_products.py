"""Products of a derivative with vectors, by which sparse matrices are found and checked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ..compiler.binding import call_by_parameters
from . import engine
from .higher import Program, again, place_tangent, push
from .jacobian import real
from .signature import Place, name_of
from .trees import flatten, is_float_leaf, separate_zero, transform_places

if TYPE_CHECKING:
    from .colouring import Plan


class Products:
    """Products of the derivative of one call with vectors: forward of its columns, reverse of its rows."""

    __slots__ = ("forward", "places", "program", "size", "split", "values", "writes")

    def __init__(self, program: Program, places: Sequence[Place], forward: engine.Site, split: engine.Site) -> None:
        self.program, self.places, self.forward, self.split = program, places, forward, split
        self.values = [separate_zero(program.call.value(place)) for place in places]
        self.size = size_of(self.values)
        self.writes = False

    def result(self) -> Any:
        """What the function returns."""
        call = engine.copied(self.program.call)
        return self.program.pick(call_by_parameters(call.fn, call.args), call.args)

    def finish(self) -> None:
        """Leave the arguments as one plain call does."""
        if self.writes:
            call_by_parameters(self.program.call.fn, self.program.call.args)

    def evaluate(self, plan: Plan, symmetric: bool, precision: float = 0.0) -> tuple[Any, Any, Any]:
        """The result, the matrix, and the rows (in reverse mode alone, the columns) of which it isn't all: see `differing`."""
        probe = np.random.default_rng(20).uniform(0.5, 1.5, plan.pattern.shape[0 if plan.pulled else 1])
        probe[::2] *= -1.0
        if plan.pulled:
            out, pulled = self._pulls([*_directions(plan.rows, plan.reverse), probe])
            last, pulled, pushed = pulled[-1:], pulled[:-1], list[Any]()
        else:
            out, pushed = self._pushes([*_directions(plan.columns, plan.forward), probe])
            pushed, last = pushed[:-1], pushed[-1:]
            pulled = self._pulls(_directions(plan.rows, plan.reverse))[1] if plan.reverse else []
        m = size_of(out)
        if plan.pattern.shape != (m, self.size):
            return out, None, np.arange(max(m, 1))
        found = plan.matrix(pushed, pulled, symmetric)
        return out, found, differing(found.T if plan.pulled else found, probe, last[0], precision)

    def _pushes(self, directions: Sequence[Any]) -> tuple[Any, list[Any]]:
        out, found, call = None, [], self.program.call
        for v in directions:
            run = again(self.program)
            tangents = place_tangent(run.call, self.places, _like(self.values, v))
            out, dot = push(run, self.forward, tangents)
            found.append(_flat(dot))
        self.writes |= self.forward.last is None or bool(engine.writes(self.forward.last[0]))
        return real(out, f"the result of {name_of(call.fn)}"), found

    def _pulls(self, directions: Sequence[Any]) -> tuple[Any, list[Any]]:
        call = engine.copied(self.program.call)
        active = frozenset(index for index, _ in self.places)
        derived = self.split.find(call, tuple("value" if i in active else "const" for i in range(len(call.args))))
        engine.check_overlap(call, derived)
        run = engine.Split(call, derived)
        self.writes |= bool(engine.writes(derived))
        out = real(run.out, f"the result of {name_of(call.fn)}")
        like, found = separate_zero(out), []
        if size_of(like) != directions[0].size:
            return out, [*directions[-1:]]  # another shape than the plan is for
        for u in directions:
            gradients = run.pull(engine.flat_seeds(derived.result_type, _like([like], u)[0]), active)
            found.append(_flat([_at(gradients, place) for place in self.places]))
        return out, found


def _at(gradients: engine.Gradients, place: Place) -> Any:
    found = gradients.by_param[place[0]]
    return found if place[1] is None else found[place[1]]


def _directions(groups: Any, count: int) -> list[Any]:
    """A vector for each group, one where it is."""
    return [np.asarray(groups == k, float) for k in range(count)]


def size_of(x: Any) -> int:
    """How many elements the float leaves have."""
    return sum(np.size(leaf) for _, leaf in flatten(x))


def _flat(x: Any) -> Any:
    """The elements of all float leaves."""
    parts = [np.ravel(leaf) for _, leaf in flatten(x)]
    return parts[0] if len(parts) == 1 else np.concatenate([np.zeros(0), *parts])


def _like(values: Sequence[Any], v: Any) -> list[Any]:
    """A vector in the structure of values."""
    start = 0

    def part(leaf: Any) -> Any:
        nonlocal start
        if not is_float_leaf(leaf):
            return leaf
        mine = v[start : start + np.size(leaf)]
        start += np.size(leaf)
        return mine.reshape(leaf.shape).astype(leaf.dtype) if isinstance(leaf, np.ndarray) else type(leaf)(mine[0])

    return [transform_places(value, part) for value in values]


def differing(found: Any, v: Any, product: Any, precision: float = 0.0) -> Any:
    """The rows in which a matrix times a vector isn't what it should be.

    An entry that the pattern lacks is missing there, or stands in the place of another one. Rounding is less than `precision`
    (the square root of the unit in the last place) of the sum of absolute terms. A row that isn't finite in both says nothing.
    """
    precision = precision or np.sqrt(np.finfo(product.dtype).eps)
    with np.errstate(all="ignore"):
        mine, size = found @ v, abs(found) @ abs(v)
        near = abs(mine - product) <= precision * (size + abs(product))
    return np.flatnonzero(~(near | ~(np.isfinite(mine) | np.isfinite(product))))


def filled(pattern: Any, missing: Any, rows: bool) -> Any:
    """A pattern with rows, or columns, that are full."""
    from scipy.sparse import csr_array

    full = np.zeros(pattern.shape[0 if rows else 1], bool)
    full[missing] = True
    ones = np.ones(pattern.shape[1 if rows else 0], bool)
    left, right = (full, ones) if rows else (ones, full)
    return pattern + csr_array(left[:, None]) @ csr_array(right[None, :])
