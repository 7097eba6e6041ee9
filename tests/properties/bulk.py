"""A program judged fast: both modes compiled once, then every check that costs little; dear ones for some programs.

Always: the primal bit for bit, arguments as the plain call leaves them, and the exact oracle for forward and reverse mode.
By turns, as the seed says: the gradient compiled without its primal, all checks of `judge.py` through the public functions
(differences, dual numbers, shadows handed in, second order), every pass by running and exactly (`compiler/validate.py`), the
full Jacobian by differences with their own error estimate and by the complex step, generated text accepted again, second
derivatives exactly symmetric.
"""

from __future__ import annotations

import contextlib
import copy
import os
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

import diffsrc as ds
from tests.oracles.structure import flat, floats
from tests.probe.harness import Mismatch

from . import deep, exact
from .judge import Verdict, judge, limited, load
from .programs import Program

#: how often each dear check is made: every so many programs
TURNS = {"gradient": 6, "judge": 48, "passes": 8, "exact passes": 32, "jacobian": 24, "second": 24, "again": 48}


@dataclass
class Outcome:
    """What one program said."""

    seed: int
    verdict: Verdict
    used: frozenset[str] = frozenset()
    text: int = 0
    done: Counter[str] = field(default_factory=Counter)


def examine(p: Program, turns: frozenset[str]) -> tuple[Verdict, Counter[str]]:
    """Judge a program; `turns` are the dear checks to make."""
    done: Counter[str] = Counter()
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            f = load(p.source)
        except Exception:  # noqa: BLE001  shrinking leaves nonsense
            return Verdict("void"), done
        try:
            verdict = _examine(p, f, turns, done)
        except Exception as err:  # noqa: BLE001  any other exception is a fault
            verdict = _verdict(err)
    return verdict, done


def _verdict(err: Exception) -> Verdict:
    match err:
        case exact.NotExact() | Mismatch():
            return Verdict("WRONG", str(err).partition(":")[0][:40], str(err))
        case ds.InternalError():
            return Verdict("CRASH", "DS900", err.render())
        case ds.UnsupportedError():
            return Verdict("refused", err.code, err.render())
    return Verdict("CRASH", type(err).__name__, f"{type(err).__name__}: {err}")


def _examine(p: Program, f: Callable[..., Any], turns: frozenset[str], done: Counter[str]) -> Verdict:
    args = p.points[0]
    after = copy.deepcopy(args)
    world = World(f)
    try:
        out = limited(f, after)
    except Exception:  # noqa: BLE001  a program that fails says nothing
        return Verdict("void")
    if not floats(out) or not np.all(np.abs(np.concatenate([flat(out), flat(after)])) < 1e4):
        return Verdict("void")
    changed = world.changed()
    if changed:
        turns = turns & {"again"}
    with _validating("passes" in turns or "exact passes" in turns):
        pair = exact.compiled(f, args)
        exact.plain(*pair, args, out, after, world)
        done["plain"] += 1
        if "passes" in turns:
            _passes(pair, args, out, done)
    world.reset()
    if changed:
        done["globals written"] += 1
        return Verdict("right")
    try:
        exact.check(f, args, out, after, *pair)
        done["exact"] += 1
        if "exact passes" in turns:
            done["exact pass applications"] += deep.exact_passes(f, pair, args, out)
        if "second" in turns and isinstance(out, float):
            deep.symmetric(f, args)
            done["second"] += 1
    except exact.NotKnown:
        done["not known"] += 1
    if "gradient" in turns and isinstance(out, float):
        deep.gradient_alone(f, args)
        done["gradient alone"] += 1
    if "jacobian" in turns:
        done[deep.jacobian(f, pair, args, out)] += 1
    if "again" in turns:
        deep.accepted_again(f, pair, args, out)
        done["again"] += 1
    if "judge" in turns:
        done["judge"] += 1
        return judge(p, second=True)
    return Verdict("right")


class World:
    """The global arrays and lists of a program, which a call may change."""

    def __init__(self, f: Callable[..., Any]) -> None:
        self.held = [v for k, v in f.__globals__.items() if k in ("STATE", "LOG")]
        self.start = copy.deepcopy(self.held)
        self.end = self.start

    def reset(self) -> None:
        """As they were before the first call."""
        for now, then in zip(self.held, self.start):
            now[:] = then

    def changed(self) -> bool:
        """Note what the plain call made of them: whether that is something else; and start again."""
        self.end = copy.deepcopy(self.held)
        self.reset()
        return repr(self.end) != repr(self.start)

    def check(self, what: str) -> None:
        """What a derivative made of them.

        Raises:
            Mismatch: not what the plain call did.
        """
        got = repr(self.held)
        self.reset()
        if got != repr(self.end):
            raise Mismatch(f"globals ({what}): {got}, the plain call leaves {self.end!r}")


def _passes(pair: Any, args: Any, out: Any, done: Counter[str]) -> None:
    before = deep.applications()
    for d, given in zip(pair, exact.arguments(pair, args, out)):
        d.trail.first(d.name, given)
    done["pass applications"] += deep.applications() - before


@contextlib.contextmanager
def _validating(on: bool) -> Iterator[None]:
    old = os.environ.get("DIFFSRC_VALIDATE", "")
    os.environ["DIFFSRC_VALIDATE"] = "1" if on else old
    try:
        yield
    finally:
        os.environ["DIFFSRC_VALIDATE"] = old


def turns_of(seed: int, all_of_them: bool = False) -> frozenset[str]:
    """The dear checks that a program gets."""
    return frozenset(name for k, (name, n) in enumerate(TURNS.items()) if all_of_them or seed % n == k)
