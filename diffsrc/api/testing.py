"""`ds.check_grads`: compare derivatives with differences.

The reference is a central difference in a random direction, extrapolated (Richardson) over a sequence of
steps; the spread of the last extrapolations is its error estimate, which widens the tolerance. Reverse mode
is checked against the difference, and against forward mode by the inner product `<ct, J v> = <J^T ct, v>`, which
holds up to rounding. For order 2 the same is done to the gradient.

No component of a direction is near zero (a fault in one entry of 10^5 can't hide in it), and one direction is
the gradient itself (a fault of all entries can't cancel out). The absolute tolerance follows the size of the
derivative and of the result: where both are small, so is it.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from ..errors import ActivityError
from .gradient import as_differentiable
from .jacobian import hvp
from .shadows import conform
from .signature import name_of
from .trees import duplicate, flatten, is_float_leaf, make_zero, transform_places
from .vjp import jvp, vjp

Run = Callable[..., Any]


def check_grads(
    f: Run,
    args: Sequence[Any],
    order: int = 2,
    modes: Sequence[str] = ("fwd", "rev"),
    *,
    rtol: float | None = None,
    atol: float | None = None,
    directions: int = 3,
    seed: int = 0,
) -> None:
    """Check the derivatives of `f` at `args` against differences.

    Args:
        f: the function; what it returns may be nested.
        args: the point; every float in it is varied. It must not lie at a kink.
        order: 1, or 2 to check second derivatives also (of functions that return one number).
        modes: "fwd", "rev", or both.
        rtol: relative tolerance; 1e-6 in double precision, 1e-2 in single.
        atol: absolute tolerance; by default rtol times the size of the derivative, at most rtol.
        directions: number of random directions.
        seed: of the random directions.

    Raises:
        AssertionError: a derivative differs from the differences.
    """
    if not isinstance(args, (tuple, list)):
        raise ActivityError("args is a tuple with one entry per argument", hint="ds.check_grads(f, (x,))")
    if unknown := set(modes) - {"fwd", "rev"}:
        raise ActivityError(f"unknown modes {sorted(unknown)}", hint='modes are "fwd" and "rev"')
    point = tuple(args) if flatten(args) else tuple(as_differentiable(a, "an argument") for a in args)
    single = any(np.asarray(leaf).dtype.itemsize < 8 for _, leaf in flatten(point))
    check = _Check(f, point, rtol, atol, np.random.default_rng(seed), single)
    for _ in range(directions):
        check.first(modes, check.direction(check.args))
        if order > 1:
            check.second()
    if "rev" in modes:
        check.aligned(modes)


class _Check:
    """One function at one point."""

    def __init__(self, f: Run, args: tuple[Any, ...], rtol: float | None, atol: float | None, rng: Any, single: bool) -> None:
        self.f, self.args, self.atol, self.rng = f, args, atol, rng
        self.rtol = rtol or (1e-2 if single else 1e-6)
        #: for inner products, one number each: there the error estimate is good
        self.tight = rtol or (1e-2 if single else 1e-8)
        self.step, self.rounding = (0.1, 1e-4) if single else (0.02, 1e-9)
        self.out = f(*duplicate(args))
        self.size = _size(leaf for _, leaf in flatten(self.out))

    def direction(self, like: Any) -> Any:
        """A random structure like `like`, no component near zero; other leaves as they are."""
        return transform_places(like, lambda leaf: self._random(leaf) if is_float_leaf(leaf) else leaf)

    def _random(self, leaf: Any) -> Any:
        shape = np.shape(leaf)
        value = self._signed(shape)
        if np.iscomplexobj(leaf):
            value = value + 1j * self._signed(shape)
        return value.astype(leaf.dtype) if isinstance(leaf, np.ndarray) else type(leaf)(value)

    def _signed(self, shape: tuple[int, ...]) -> Any:
        return self.rng.uniform(0.5, 1.5, shape) * self.rng.choice([-1.0, 1.0], shape)

    def aligned(self, modes: Sequence[str]) -> None:
        """First order in the direction of the gradient, for faults that cancel out elsewhere."""
        _, pullback = vjp(self.f, *duplicate(self.args))
        gradient = pullback(self.direction(self.out))
        largest = _size(_active(self.args, gradient))
        if not largest or not np.isfinite(largest):
            return
        parts = iter([np.conj(g) / largest for g in _active(self.args, gradient)])
        self.first(modes, transform_places(self.args, lambda leaf: _like(leaf, next(parts)) if is_float_leaf(leaf) else leaf))

    def first(self, modes: Sequence[str], v: Any) -> None:
        wanted, error = directional(self.f, self.args, v, self.step)
        ct = self.direction(self.out)
        weights = [leaf for _, leaf in flatten(ct)]
        dots: list[Any] = []
        if "fwd" in modes:
            _, dot = jvp(self.f, duplicate(self.args), v)
            dots = [leaf for _, leaf in flatten(dot)]
            self._compare("forward mode", dots, wanted, error)
        if "rev" in modes:
            _, pullback = vjp(self.f, *duplicate(self.args))
            cotangents = pullback(ct)
            pairs = list(zip(_active(self.args, cotangents), _active(self.args, v)))
            got = sum(_inner(c, d) for c, d in pairs)
            if dots:
                self._pair(got, sum(_inner(c, d) for c, d in zip(weights, dots)), pairs, list(zip(weights, dots)))
            reference = sum(_inner(c, d) for c, d in zip(weights, wanted))
            scale = sum(float(np.sum(np.abs(c) * (e + self.tight * np.abs(d)))) for c, d, e in zip(weights, wanted, error))
            self._compare("reverse mode", [got], [reference], [scale], self.tight)

    def _pair(self, back: float, ahead: float, *products: Any) -> None:
        """Forward and reverse mode are transposes of one another, up to rounding."""
        spread = sum(float(np.sum(np.abs(np.multiply(a, b)) ** 2)) for pairs in products for a, b in pairs) ** 0.5
        tolerance = max(self.rounding, self.rtol / 100)
        if not abs(back - ahead) <= tolerance * (spread + abs(ahead)) + self._atol(ahead, tolerance):
            raise AssertionError(
                f"reverse mode of {name_of(self.f)} isn't the transpose of forward mode: <J^T ct, v> is {back}, "
                f"<ct, J v> is {ahead}"
            )

    def second(self) -> None:
        """The Hessian times a vector, by parts: differences of the gradient against forward over reverse."""
        if not is_float_leaf(self.out) or np.size(self.out) != 1 or np.iscomplexobj(self.out):
            return
        active = tuple(i for i, a in enumerate(self.args) if flatten(a))
        v = self.direction(self.args)
        parts = tuple(v[i] for i in active)

        def gradient(*args: Any) -> Any:
            _, pullback = vjp(self.f, *args)
            return pullback(conform(self.out, np.ones(np.shape(self.out)), "cotangent"))

        wanted, error = directional(gradient, self.args, v, self.step)
        got = hvp(self.f, *duplicate(self.args), parts, argnums=active)
        self._compare("second order", [leaf for _, leaf in flatten(got)], wanted, error)

    def _compare(
        self, what: str, got: Sequence[Any], wanted: Sequence[Any], error: Sequence[Any], rtol: float | None = None
    ) -> None:
        rtol = rtol or self.rtol
        for k, (g, w, e) in enumerate(zip(got, wanted, error)):
            if np.shape(g) != np.shape(w):
                raise AssertionError(f"{what} of {name_of(self.f)}: shape {np.shape(g)}, not {np.shape(w)}")
            bad = ~(np.abs(g - w) <= self._atol(w, rtol) + rtol * np.abs(w) + 10 * e)
            if np.any(bad):
                raise AssertionError(
                    f"{what} of {name_of(self.f)}, result {k}:\n{g}\ndifferences:\n{w}\nerror estimate:\n{e}"
                )
        if len(got) != len(wanted):
            raise AssertionError(f"{what} of {name_of(self.f)}: {len(got)} results, not {len(wanted)}")


    def _atol(self, wanted: Any, rtol: float) -> float:
        if self.atol is not None:
            return self.atol
        return rtol * min(1.0, max(_size([wanted]), 1e-3 * self.size, 1e-6))


def _size(leaves: Iterable[Any]) -> float:
    """The largest absolute value."""
    return max((float(np.max(np.abs(leaf), initial=0.0)) for leaf in leaves), default=0.0)


def _like(leaf: Any, value: Any) -> Any:
    return np.asarray(value, leaf.dtype) if isinstance(leaf, np.ndarray) else type(leaf)(value)


def _active(args: Any, like: Any) -> list[Any]:
    """The leaves of a structure like `args` in the places of its float leaves."""
    from .trees import get

    return [get(like, path) for path, _ in flatten(args)]


def _inner(a: Any, b: Any) -> float:
    """The real inner product: cotangents of complex values follow the convention `Re(sum(a * b))`."""
    return float(np.real(np.sum(np.multiply(a, b))))


def moved(args: Any, direction: Any, step: float) -> Any:
    """The point `args + step * direction`."""
    shifts = iter([leaf for _, leaf in flatten(direction)])

    def leaf(old: Any) -> Any:
        if not is_float_leaf(old):
            return duplicate(old) if isinstance(old, np.ndarray) else old
        new = old + step * next(shifts)
        return np.asarray(new, old.dtype) if isinstance(old, np.ndarray) else type(old)(new)

    return transform_places(args, leaf)


def directional(f: Run, args: tuple[Any, ...], v: Any, step: float) -> tuple[list[Any], list[Any]]:
    """The derivative of the float leaves of the result in a direction, and an estimate of its error."""

    def slope(h: float) -> list[Any]:
        above, below = f(*moved(args, v, h)), f(*moved(args, v, -h))
        return [(a - b) / (2 * h) for (_, a), (_, b) in zip(flatten(above), flatten(below))]

    size = max([1.0, *(float(np.max(np.abs(leaf), initial=0.0)) for _, leaf in flatten(v))])
    rows = [slope(step / size / 2**k) for k in range(5)]
    table = [rows]
    for order in range(1, 5):
        last, weight = table[-1], 4.0**order
        table.append([[(weight * b - a) / (weight - 1) for a, b in zip(x, y)] for x, y in itertools.pairwise(last)])
    best = [_best([level[k] for level in table[2]], [level[k] for level in table[3]]) for k in range(len(rows[0]))]
    return [b[0] for b in best], [b[1] for b in best]


def _best(lower: Sequence[Any], upper: Sequence[Any]) -> tuple[Any, Any]:
    """Of two columns of the table, the entry that moved least, with how much it moved."""
    error = np.abs(np.asarray(upper[-1]) - np.asarray(lower[-1]))
    spread = np.abs(np.asarray(upper[-1]) - np.asarray(upper[0]))
    return upper[-1], error + spread


__all__ = ["check_grads", "directional", "make_zero", "moved"]
