"""Profiles of the derivatives that a program calls, as it runs: `diffsrc profile`.

Nothing but the derivatives is looked at, so that the program keeps its pace.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field
from time import perf_counter
from types import TracebackType
from typing import Any, Self

from ..api.engine import function_behind
from ..api.trees import duplicate
from ..compiler.binding import call_by_parameters
from ..compiler.watched import watching
from .allocations import AllocationProfile, called
from .blocks import is_listening, listening
from .clock import LineClock
from .places import FORWARD, PRIMAL, is_followed
from .profiling import NO_LINE, Line, Profile, Run, lines_of, measured

#: the clock's part of the time of a program
_CLOCKED = 0.2
#: calls of a derivative on the clock
_MOST = 1000
#: to measure a function itself
_SECONDS = 0.2


class _Watching(ABC):
    """Watches the derivatives that are called in a `with` block."""

    def __enter__(self) -> Self:
        self._watching = watching(self._run)
        self._watching.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, err: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._watching.__exit__(kind, err, trace)

    @abstractmethod
    def _run(self, fn: Callable[..., Any], args: tuple[Any, ...]) -> Any: ...


class Sampler(_Watching):
    """Watches the derivatives that a program calls: runs some of them under a clock, and the others as they are.

    `with sampler:` is the program. The clock has no more than a part of the time, so that the program keeps its pace.
    `primal`: the functions that they were made of are measured as well, by calling them with the arguments of the first call
    when the program has ended.
    """

    def __init__(self, primal: bool = False) -> None:
        self._primal = primal
        self._sampled: dict[Callable[..., Any], _Sampled] = {}
        self._clocked = 0.0
        self._running = False
        self._begun = perf_counter()

    def _run(self, fn: Callable[..., Any], args: tuple[Any, ...]) -> Any:
        if self._running:  # a derivative that calls another
            return fn(*args)
        sampled = self._sampled.get(fn)
        if sampled is None:
            sampled = self._sampled[fn] = _Sampled(duplicate(list(args)) if self._primal else [])
        start = perf_counter()
        runs = sampled.clock.runs
        on_clock = not runs or (runs < _MOST and self._clocked < _CLOCKED * (start - self._begun))
        self._running = True
        try:
            if not on_clock:
                return fn(*args)
            with sampled.clock:
                return fn(*args)
        finally:
            self._running = False
            took = perf_counter() - start
            self._clocked += took * on_clock
            sampled.calls += 1
            sampled.plain += took * (not on_clock)

    def profile(self, name: str) -> Profile:
        """Seconds in the whole program, from those of the calls on the clock."""
        calls = [sampled.calls for sampled in self._sampled.values()]
        run = _together([sampled.run() for sampled in self._sampled.values()], calls)
        behind = [_primal_run(fn, sampled.first) for fn, sampled in self._sampled.items()] if self._primal else []
        found = [(r, n) for r, n in zip(behind, calls) if r is not None]
        primal = _together([r for r, _ in found], [n for _, n in found]) if found else None
        return Profile(name, run, primal, each="in derivatives")


def _primal_run(fn: Callable[..., Any], args: list[Any]) -> Run | None:
    """A call of the function that a derivative was made of; None for a reverse sweep, which takes other arguments."""
    found = function_behind(fn)
    if found is None:
        return None
    function, count = found
    return measured(call_by_parameters, (function, args[:count]), {}, PRIMAL, _SECONDS, None)


def _together(runs: list[Run], calls: list[int]) -> Run:
    """All calls of several functions as one run."""
    root = Line(NO_LINE, FORWARD)
    for run, count in zip(runs, calls):
        _add(run.root, root, count)
    return Run(root, 1, sum(run.seconds * count for run, count in zip(runs, calls)))


@dataclass(eq=False, slots=True)
class _Sampled:
    """The calls of one derivative: some of them on the clock, how many there were, the seconds of those that weren't."""

    #: the arguments of the first call, where they are kept
    first: list[Any]
    clock: LineClock = field(default_factory=lambda: LineClock(is_followed, every=True))
    calls: int = 0
    plain: float = 0.0

    def run(self) -> Run:
        """The mean of all calls: they may do different things."""
        root = lines_of(self.clock, FORWARD)
        others = self.calls - self.clock.runs
        return Run(root, self.clock.runs, self.plain / others if others else sum(line.seconds for line in root.walk()))


def _add(line: Line, to: Line, calls: int) -> None:
    """Add the lines of a call to others, as often as it was called."""
    for key, child in line.children.items():
        found = to.children.setdefault(key, Line(child.loc, child.sweep))
        found.seconds += child.seconds * calls
        for code, hits in child.hits.items():
            found.hits[code] = found.hits.get(code, 0.0) + hits * calls
        _add(child, found, calls)


class AllocationSampler(_Watching):
    """Watches the derivatives that a program calls, and counts what they allocate; `with sampler:` is the program."""

    def __init__(self) -> None:
        self._found = AllocationProfile(called.__code__, FORWARD)

    def _run(self, fn: Callable[..., Any], args: tuple[Any, ...]) -> Any:
        if is_listening():  # a derivative that calls another
            return fn(*args)
        with listening(self._found):
            return called(fn, args, {})

    def profile(self, name: str) -> AllocationProfile:
        """What was counted so far."""
        return self._found
