"""Where compile time goes: a clock that charges every moment to one instance and one phase of its compilation.

Compilations nest: what a callee takes isn't charged to its caller. `compiling` opens the node of an instance, `phase` says
what is being done for the innermost one. `COUNTS` counts phases over the life of the process (`ds.stats`). Without a
recording (`ds.snoop`) nodes are forgotten when the outermost ends.
"""

from __future__ import annotations

from collections import Counter
from contextvars import ContextVar, Token
from dataclasses import field
from time import perf_counter
from types import TracebackType
from typing import Any, Protocol

from .plain import dataclass

PHASES = ("parse", "lower", "infer", "activity", "differentiate", "optimize", "emit", "exec", "native", "load")
#: how often each phase was entered, and what the disk cache did
COUNTS: Counter[str] = Counter()


@dataclass(eq=False, slots=True)
class Node:
    """The compilation of one instance: seconds by phase, its own, and the compilations that it caused."""

    name: str
    function: object = None
    types: tuple[Any, ...] = ()
    mode: str = ""
    activity: tuple[str, ...] = ()
    phases: dict[str, float] = field(default_factory=dict)
    children: list[Node] = field(default_factory=list)
    #: the instance, when it is finished
    instance: Any = None

    @property
    def exclusive(self) -> float:
        """Seconds without those of its children."""
        return sum(self.phases.values())

    @property
    def inclusive(self) -> float:
        """Seconds with those of its children."""
        return self.exclusive + sum(c.inclusive for c in self.children)


class Clock:
    """A stack of what is being done, and since when. `profile` is switched off while something is compiled."""

    __slots__ = ("profile", "since", "stack")

    def __init__(self, root: Node, doing: str, profile: Switch | None = None) -> None:
        self.stack: list[tuple[Node, str]] = [(root, doing)]
        self.profile = profile
        self.since = perf_counter()

    def charge(self) -> None:
        """Charge the time since the last change to what was being done."""
        now = perf_counter()
        node, doing = self.stack[-1]
        node.phases[doing] = node.phases.get(doing, 0.0) + now - self.since
        self.since = now

    def enter(self, node: Node, doing: str) -> None:
        if self.profile is not None and len(self.stack) == 1:
            self.profile.disable()
        self.charge()
        self.stack.append((node, doing))

    def leave(self) -> None:
        self.charge()
        self.stack.pop()
        if self.profile is not None and len(self.stack) == 1:
            self.profile.enable()


class Switch(Protocol):
    """A profiler: it would make compiling look slower than it is."""

    def enable(self) -> None:
        """Go on."""

    def disable(self) -> None:
        """Pause."""


_CLOCK: ContextVar[Clock | None] = ContextVar("diffsrc_clock", default=None)


class compiling:  # noqa: N801  used as a word in `with`
    """`with compiling(name, function, types, mode) as node:` charges what happens inside to a new node."""

    __slots__ = ("doing", "node", "token")

    def __init__(
        self, name: str, function: object = None, types: tuple[Any, ...] = (), mode: str = "", doing: str = "infer"
    ) -> None:
        self.node = Node(name, function, types, mode)
        self.doing = doing
        self.token: Token[Clock | None] | None = None

    def __enter__(self) -> Node:
        clock = _CLOCK.get()
        if clock is None:
            self.token = _CLOCK.set(Clock(self.node, self.doing))
        else:
            clock.stack[-1][0].children.append(self.node)
            clock.enter(self.node, self.doing)
        return self.node

    def __exit__(
        self, kind: type[BaseException] | None, err: BaseException | None, trace: TracebackType | None
    ) -> None:
        clock = _CLOCK.get()
        assert clock is not None
        if self.token is None:
            clock.leave()
        else:
            clock.charge()
            _CLOCK.reset(self.token)


class phase:  # noqa: N801
    """`with phase("emit"):` charges what happens inside to a phase of the instance that is being compiled."""

    __slots__ = ("clock", "name")

    def __init__(self, name: str) -> None:
        self.name = name

    def __enter__(self) -> None:
        COUNTS[self.name] += 1
        self.clock = _CLOCK.get()
        if self.clock is not None:
            self.clock.enter(self.clock.stack[-1][0], self.name)

    def __exit__(
        self, kind: type[BaseException] | None, err: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.clock is not None:
            self.clock.leave()


class recording:  # noqa: N801
    """`with recording() as root:` keeps the nodes of all that is compiled inside; what isn't compiling is charged to the
    root itself. What isn't compiling can be profiled meanwhile."""

    __slots__ = ("clock", "profile", "root", "token")

    def __init__(self, profile: Switch | None = None) -> None:
        self.profile = profile

    def __enter__(self) -> Node:
        self.root = Node("ROOT")
        self.clock = Clock(self.root, "run", self.profile)
        self.token = _CLOCK.set(self.clock)
        if self.profile is not None:
            self.profile.enable()
        return self.root

    def __exit__(
        self, kind: type[BaseException] | None, err: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.profile is not None:
            self.profile.disable()
        self.clock.charge()
        _CLOCK.reset(self.token)
