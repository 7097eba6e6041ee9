"""A program held against the exact oracle: every check is an equality in a finite field (`tests/oracles/field.py`).

* forward: the tangents of the result and of the arguments as the call leaves them are those of the program run on numbers with
  tangents;
* reverse: cotangents and shadows are the transpose: <w, dy> + <s, dx after> = <x cotangent, dx> + <s after, dx>;
* results, and arguments after the call, are those of the plain call;
"""

from __future__ import annotations

import copy
import random
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from diffsrc.ad.calls import Calls
from diffsrc.analysis.typeof import typeof_args
from diffsrc.api import engine
from diffsrc.compiler import driver
from diffsrc.ir.types import carries_derivative
from tests.oracles import field, lifting
from tests.oracles.structure import flat, unflat
from tests.probe.harness import _same as same

from . import kinds


class NotExact(Exception):  # noqa: N818
    """What is wrong."""


class NotKnown(Exception):  # noqa: N818
    """The oracle can't run this."""


def compiled(f: Callable[..., Any], args: tuple[Any, ...]) -> tuple[Any, Any]:
    """Both modes of `f` for the arguments: forward, reverse.

    Raises:
        UnsupportedError: the program is refused.
    """
    types = typeof_args(args)
    on = [carries_derivative(t) for t in types]
    found: list[Any] = []

    def both() -> Any:
        unit = driver.compile_unit(f, types)
        other = replace(unit, calls=Calls(unit.summaries))
        found.append(driver.forward_of(unit, ["dup" if o else "const" for o in on]))
        return driver._reverse_of(other, ["value" if o else "const" for o in on], False, True)

    reverse = driver._guarded(both)
    return found[0], reverse


def arguments(pair: tuple[Any, Any], args: tuple[Any, ...], out: Any) -> list[tuple[Any, ...]]:
    """What the two derivatives may be called with: tangents, shadows and seeds are random floats."""
    forward, reverse = pair
    rng = np.random.default_rng(5)
    moved = [unflat(a, rng.standard_normal(flat(a).size)) for a in args]
    mine, again = copy.deepcopy(args), copy.deepcopy(args)
    seed = unflat(out, rng.standard_normal(flat(out).size))
    shadows = [engine.make_zero(a) for a, k in zip(args, reverse.activity) if k == "shadow"]
    return [
        (*mine, *(v for v, k in zip(moved, forward.activity) if k == "dup")),
        (*again, *shadows, *engine.flat_seeds(reverse.result_type, seed)),
    ]


def plain(forward: Any, reverse: Any, args: tuple[Any, ...], out: Any, after: Any, world: Any = None) -> None:
    """Both derivatives on floats: result, arguments and globals bit for bit as the plain call gives and leaves them.

    Raises:
        Mismatch: they aren't.
    """
    for d, given, mode in zip((forward, reverse), arguments((forward, reverse), args, out), ("forward", "reverse")):
        returned = d.call(*given)
        got = returned[0] if isinstance(returned, tuple) else returned
        same(got, out, f"the result ({mode})")
        same(given[: len(args)], after, f"an argument ({mode})")
        if world is not None:
            world.check(mode)


def check(
    f: Callable[..., Any], args: tuple[Any, ...], out: Any, after: Any, forward: Any = None, reverse: Any = None
) -> None:
    """Hold both modes of `f` against each other and the program itself.

    `out`, `after`: what the plain call gave, and the arguments as it left them.

    Raises:
        NotExact: a derivative is wrong.
        NotKnown: the program does something that the field doesn't have.
        UnsupportedError: the program is refused.
    """
    if forward is None:
        forward, reverse = compiled(f, args)
    _Run(f, args, out, after, forward, reverse).all()


class _Run:
    """The runs of one program for one tuple of arguments."""

    def __init__(self, f: Any, args: Any, out: Any, after: Any, forward: Any, reverse: Any) -> None:
        self.f, self.args, self.out, self.after, self.forward, self.reverse = f, args, out, after, forward, reverse
        self.rng = random.Random(3)
        self.spaces = [f.__globals__, vars(kinds), forward.call.__globals__, reverse.call.__globals__]
        self.tangents = lifting.random_like(args, self.rng)
        self.grows = len(lifting.leaves(args, args)) != len(lifting.leaves(after, after))

    def all(self) -> None:
        with lifting.runs(*self.spaces):
            self.truth()
            self.by_forward()
            self.by_reverse()

    def known(self, run: Callable[..., Any], *args: Any) -> Any:
        """A call on numbers of the field, which don't raise where Python's floats do when they are divided by zero; NumPy's
        `ufunc.at` gives a `SystemError`, a store of a whole array a `ValueError`, where they can't be put among floats."""
        try:
            return run(*args)
        except (TypeError, ZeroDivisionError, SystemError) as err:
            raise NotKnown(str(err)) from err
        except ValueError as err:
            if isinstance(err.__cause__, TypeError):
                raise NotKnown(str(err)) from err
            raise

    def truth(self) -> None:
        """The program itself, its arguments with tangents.

        It ran on floats. Where it fails here, or leaves structures of other lengths, it took another way: a comparison with
        what isn't finite, or an exception that numbers of the field don't raise.
        """
        mine = lifting.with_tangents(self.args, self.tangents)
        try:
            got = self.f(*mine)
            self.out_values, self.out_dots = lifting.values(self.out, got), lifting.dots(self.out, got)
            self.after_values, self.after_dots = lifting.values(self.after, mine), lifting.dots(self.after, mine)
        except Exception as err:
            raise NotKnown(str(err)) from err

    def by_forward(self) -> None:
        mine, moving = lifting.into_field(self.args), copy.deepcopy(self.tangents)
        given = [v for v, k in zip(moving, self.forward.activity) if k == "dup"]
        got, dot = self.known(self.forward.call, *mine, *given)
        _equal("result (forward)", lifting.values(self.out, got), self.out_values)
        _equal("argument (forward)", lifting.values(self.after, mine), self.after_values)
        _equal("tangent", lifting.values(self.out, dot), self.out_dots)
        if not self.grows:
            _equal("tangent of an argument", lifting.values(self.after, moving), self.after_dots)

    def by_reverse(self) -> None:
        d = self.reverse
        mine = lifting.into_field(self.args)
        held = [a for a, k in zip(self.args, d.activity) if k == "shadow"]
        shadows = [lifting.zeros_of(lifting.into_field(a)) if self.grows else lifting.random_like(a, self.rng) for a in held]
        seed = lifting.random_like(self.out, self.rng)
        whole = lifting.dot(lifting.values(self.out, seed), self.out_dots)
        if not self.grows:
            whole = plus(whole, lifting.dot(lifting.values(held, shadows), self._after_dots()))
        got, cotangents = self._reversed(mine, shadows, engine.flat_seeds(d.result_type, seed))
        _equal("result (reverse)", lifting.values(self.out, got), self.out_values)
        _equal("argument (reverse)", lifting.values(self.after, mine), self.after_values)
        values, mirrors = iter(cotangents), iter(shadows)
        parts: int | None = 0
        for a, v, k in zip(self.args, self.tangents, d.activity):
            if k != "const":
                found = next(values) if k == "value" else next(mirrors)
                parts = plus(parts, lifting.dot(lifting.values(a, found), lifting.values(a, v)))
        if whole is None or parts is None:
            raise NotKnown("a value isn't finite")
        if whole != parts:
            raise NotExact("reverse mode isn't the transpose of forward mode")

    def _reversed(self, mine: Any, shadows: list[Any], seeds: list[Any]) -> tuple[Any, tuple[Any, ...]]:
        returned = self.known(self.reverse.call, *mine, *shadows, *seeds)
        return (returned[0], tuple(returned[1:])) if isinstance(returned, tuple) else (returned, ())

    def _after_dots(self) -> list[int | None]:
        """The tangents of shadowed arguments after the call."""
        found: list[int | None] = []
        at = 0
        for a, k in zip(self.after, self.reverse.activity):
            n = len(lifting.leaves(a, a))
            found += self.after_dots[at : at + n] if k == "shadow" else []
            at += n
        return found


def plus(a: int | None, b: int | None) -> int | None:
    return None if a is None or b is None else (a + b) % field.P


def _equal(what: str, got: list[int | None], wanted: list[int | None]) -> None:
    if None in got or None in wanted:
        raise NotKnown("a value isn't finite")
    if got != wanted:
        raise NotExact(what)
