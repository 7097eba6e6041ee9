"""A clock for lines: seconds and runs of each line, by the lines that called it.

It hangs on Python's own line events (`sys.settrace`), so that code stays as it is: a profiler that swaps code objects would
make derivatives of the functions stale. A line's time is its own: what is called from it is counted for the called lines, if
these are followed, under the line that called them, which is how flame graphs and sweeps of shared functions come out exact.
The time that events take themselves is measured on a loop that does nothing, again and again between the runs, and
subtracted. Other processes disturb a run: only the quieter half of the runs counts.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from time import perf_counter_ns
from types import CodeType, FrameType, TracebackType
from typing import Any, Self


@dataclass(eq=False, slots=True)
class Ran:
    """A line in the place where it ran: below the line that called its function. The root has no code."""

    code: CodeType | None = None
    line: int = 0
    children: dict[tuple[CodeType, int], Ran] = field(default_factory=dict)
    hits: int = 0
    nanoseconds: int = 0
    #: events that interrupted it, and calls of functions that aren't followed
    events: int = 0
    calls: int = 0

    def walk(self) -> Iterator[Ran]:
        waiting = [self]
        while waiting:
            node = waiting.pop()
            yield node
            waiting += node.children.values()


def quieter(times: Sequence[float], part: float = 0.5) -> list[int]:
    """Which runs took least: a part of them, one at least."""
    return sorted(range(len(times)), key=lambda i: times[i])[: math.ceil(len(times) * part)]


def _quiet_mean(times: Sequence[float]) -> float:
    chosen = quieter(times)
    return sum(times[i] for i in chosen) / max(len(chosen), 1)


class LineClock:
    """`with clock:` measures one run: the lines of the frames that it follows, in this thread.

    `every`: seconds are means over the runs, which may differ, but for the slowest tenth, and not over the quieter half.

    Attributes:
        root: what ran. Its lines below.
        runs: how many were measured.
    """

    def __init__(self, is_followed: Callable[[FrameType], bool], every: bool = False) -> None:
        self.root = Ran()
        self.runs = 0
        self._is_followed, self._every = is_followed, every
        self._known: dict[CodeType, bool] = {}
        #: nanoseconds that were measured, and spent on measuring the clock; how often that was done
        self._spent = [0, 0]
        self._costs: tuple[list[float], list[float]] = ([], [])
        #: how long each run took; what each line took in it, with events and calls
        self._took: list[int] = []
        self._kept: list[tuple[int, Ran, int, int, int]] = []

    def __enter__(self) -> Self:
        #: of each frame: the line that called it, the line below which its own are entered, and its code where it is the
        #: outermost of it: recursion adds to the lines that are there
        self._stack: list[tuple[Ran, Ran, CodeType | None]] = []
        self._open: dict[CodeType, Ran] = {}
        self._at = self.root
        self._before = sys.gettrace()
        self._begun = self._since = perf_counter_ns()
        sys.settrace(self._call)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, err: BaseException | None, trace: TracebackType | None
    ) -> None:
        sys.settrace(self._before)
        end = perf_counter_ns()
        self._charge(end)
        self._keep(end - self._begun)
        self._spent[0] += end - self._begun
        for _ in range(_MOST):
            if len(self._costs[0]) >= _LEAST and self._spent[1] > self._spent[0] * _SHARE:
                break
            start = perf_counter_ns()
            self._weigh()
            self._spent[1] += perf_counter_ns() - start

    def _keep(self, took: int) -> None:
        """Keep what was measured in a run."""
        self.runs += 1
        self._took.append(took)
        for node in self.root.walk():
            if node.events or node.calls:
                self._kept.append((self.runs - 1, node, node.nanoseconds, node.events, node.calls))
                node.nanoseconds = node.events = node.calls = 0

    def seconds(self) -> dict[Ran, float]:
        """What each line took of its own in a run, without what the clock took."""
        event, call = (_quiet_mean(costs) for costs in self._costs)
        chosen = frozenset(quieter(self._took, 0.9 if self._every else 0.5))
        sums: dict[Ran, float] = {}
        for run, node, nanoseconds, events, calls in self._kept:
            if run in chosen:
                sums[node] = sums.get(node, 0.0) + nanoseconds - events * event - calls * call
        return {node: max(each, 0.0) / len(chosen) * 1e-9 for node, each in sums.items()}

    def _weigh(self) -> None:
        """Measure what an event, and a call that isn't followed, add to the line in which they happen."""
        event = _cost(_idle, 0.0, lambda node: node.events)
        self._costs[0].append(event)
        self._costs[1].append(_cost(_calling, event, lambda node: node.calls))

    def _charge(self, now: int) -> None:
        at = self._at
        at.nanoseconds += now - self._since
        at.events += 1

    def _call(self, frame: FrameType, event: str, arg: Any) -> Any:
        now = perf_counter_ns()
        code = frame.f_code
        followed = self._known.get(code)
        if followed is None:
            followed = self._known[code] = self._is_followed(frame)
        if not followed:
            self._at.calls += 1
            return None
        self._charge(now)
        above = self._open.get(code)
        if above is None:
            above = self._open[code] = self._at
            self._stack.append((above, above, code))
        else:
            self._stack.append((self._at, above, None))
        self._since = perf_counter_ns()
        return self._line

    def _line(self, frame: FrameType, event: str, arg: Any) -> Any:
        now = perf_counter_ns()
        at = self._at
        at.nanoseconds += now - self._since
        at.events += 1
        if event == "line":
            key = frame.f_code, frame.f_lineno
            below = self._stack[-1][1].children
            node = below.get(key)
            if node is None:
                node = below[key] = Ran(*key)
            node.hits += 1
            self._at = node
        elif event == "return" and self._stack:
            self._at, _, outermost = self._stack.pop()
            if outermost is not None:
                del self._open[outermost]
        self._since = perf_counter_ns()
        return self._line


_LOOPS = 300
#: to measure the clock itself: of the time, and how often at least and behind one run
_SHARE = 0.2
_LEAST, _MOST = 7, 30


def _idle(n: int) -> None:
    for i in range(n):
        _ = i


def _calling(n: int) -> None:
    for _ in range(n):
        _nothing()


def _nothing() -> None:
    pass


def _cost(run: Callable[[int], None], event: float, count: Callable[[Ran], int]) -> float:
    start = perf_counter_ns()
    run(_LOOPS)
    plain = perf_counter_ns() - start
    clock = _Scale(lambda frame: frame.f_code is run.__code__)
    with clock:
        run(_LOOPS)
    nodes = [*clock.root.walk()]
    measured = sum(n.nanoseconds - n.events * event for n in nodes)
    return max(measured - plain, 0.0) / max(sum(map(count, nodes)), 1)


class _Scale(LineClock):
    """A clock that isn't measured itself."""

    def _keep(self, took: int) -> None:
        pass

    def _weigh(self) -> None:
        pass
