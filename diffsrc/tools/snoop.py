"""`ds.snoop`: where compile time goes, by instance and phase.

    with ds.snoop() as t:
        ds.grad(loss)(w, x)
    print(t)

A node is one compilation of one instance; what it caused hangs below it. ROOT is the block itself: its exclusive time is
all that isn't compiling. Text, flame graphs and profiles are made from the nodes when they are asked for.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from ..errors import ActivityError
from ..timing import Node, Switch, recording

if TYPE_CHECKING:
    from ..compiler.methods import MethodInstance

_SORTED_BY = ("exclusive", "inclusive")


class InferenceTimingNode:
    """The compilation of one instance, and those that it caused.

    Attributes:
        name: of the function; "ROOT" for the block that was recorded.
        function: the function itself.
        types: of its arguments.
        mode: "primal" (typing), "forward" and "reverse" (derivatives); "grad", "split" and the like for what an entry point
        asked for as a whole; "load" for what came from the disk cache.
        activity: of the arguments, where an entry point asked.
        phases: seconds of its own by phase: parse, lower, infer, activity, differentiate, optimize, emit, exec, native.
        exclusive: seconds without its children.
        inclusive: seconds with them.
        children: what it caused.
        instance: the `MethodInstance`, as long as it is known.
    """

    def __init__(self, node: Node) -> None:
        self.name, self.function, self.types, self.mode = node.name, node.function, node.types, node.mode
        self.activity = node.activity
        self.phases = dict(node.phases)
        self.children = [InferenceTimingNode(c) for c in node.children]
        self.exclusive: float = node.exclusive
        self.inclusive: float = self.exclusive + sum(c.inclusive for c in self.children)
        self.instance: MethodInstance | None = node.instance or _instance_of(self)

    @property
    def label(self) -> str:
        """Function, types and mode."""
        if self.name == "ROOT":
            return "ROOT"
        shown = f"{self.name}({', '.join(map(str, self.types))})"
        return shown if self.mode == "primal" else f"{shown} {self.mode}"

    @property
    def place(self) -> tuple[str, int]:
        """File and line of the function; an empty name where it has none."""
        code = getattr(self.function, "__code__", None)
        if code is not None:
            return code.co_filename, code.co_firstlineno
        loc = getattr(self.function, "loc", None)
        return (loc.file, loc.line) if loc is not None else ("", 0)

    def __repr__(self) -> str:
        count = len(self.children)
        return f"InferenceTimingNode: {self._times()} on {self.label} with {count} direct children"

    def __str__(self) -> str:
        return self.tree()

    def _times(self) -> str:
        return f"{self.exclusive:.6f}/{self.inclusive:.6f}"

    def tree(self, maxdepth: int | None = None) -> str:
        """The nodes as a tree, with exclusive and inclusive seconds, down to a depth."""
        from ..compiler.methods import tree_lines

        shown: dict[int, _Shown] = {}

        def wrap(node: InferenceTimingNode, depth: int) -> _Shown:
            return shown.setdefault(id(node), _Shown(node, depth))

        def below(line: _Shown) -> list[_Shown]:
            if maxdepth is not None and line.depth >= maxdepth:
                return []
            return [wrap(c, line.depth + 1) for c in line.node.children]

        return "\n".join(tree_lines(wrap(self, 0), below))

    def walk(self) -> Iterator[InferenceTimingNode]:
        """This node and all below it, callers first."""
        waiting = [self]
        while waiting:
            node = waiting.pop()
            yield node
            waiting += reversed(node.children)

    def flatten(self, tmin: float = 0.0, sortby: str | None = "exclusive") -> list[InferenceTimingNode]:
        """All nodes in one list, the costliest last.

        Args:
            tmin: leave out nodes of fewer seconds.
            sortby: "exclusive", "inclusive", or None for the order in which they were compiled.
        """
        if sortby is None:
            return [n for n in self.walk() if n.exclusive >= tmin]
        if sortby not in _SORTED_BY:
            raise ActivityError(f"sortby {sortby!r}", hint=f"one of {', '.join(_SORTED_BY)}, or None")
        found = [n for n in self.walk() if getattr(n, sortby) >= tmin]
        return sorted(found, key=lambda n: float(getattr(n, sortby)))

    def by_source(self, tmin: float = 0.0) -> list[tuple[float, str, int]]:
        """Exclusive seconds by function, instances and modes together, the costliest last: (seconds, function, nodes)."""
        sums: dict[str, tuple[float, int]] = {}
        for node in self.walk():
            file, line = node.place
            key = f"{node.name} at {Path(file).name}:{line}" if file else node.name
            seconds, count = sums.get(key, (0.0, 0))
            sums[key] = (seconds + node.exclusive, count + 1)
        found = [(seconds, key, count) for key, (seconds, count) in sums.items() if seconds >= tmin]
        return sorted(found)

    accumulate_by_source = by_source

    def by_phase(self) -> dict[str, float]:
        """Seconds by phase, of this node and all below it."""
        sums: dict[str, float] = {}
        for node in self.walk():
            for phase, seconds in node.phases.items():
                sums[phase] = sums.get(phase, 0.0) + seconds
        return sums

    def collect_for(self, f: Callable[..., Any]) -> list[InferenceTimingNode]:
        """The nodes of one function."""
        from ..api.signature import unwrap

        fn, _, _ = unwrap(f)
        code = fn.__code__
        return [n for n in self.walk() if getattr(n.function, "__code__", None) is code]

    def stale(self) -> list[InferenceTimingNode]:
        """The nodes whose instance has been dropped since (`ds.invalidations`): their time was spent in vain."""
        from ..compiler import methods

        methods.sweep()
        return [n for n in self.walk() if n.instance is not None and not n.instance.is_current]

    staleinstances = stale

    def flamegraph(self, path: str | Path) -> None:
        """Write a flame graph as an HTML page that needs nothing else: a click on a bar widens it."""
        from .flame import page

        Path(path).write_text(page(self), encoding="utf-8")

    def speedscope(self, path: str | Path) -> None:
        """Write a profile for https://www.speedscope.app."""
        import json

        from .flame import speedscope

        Path(path).write_text(json.dumps(speedscope(self)), encoding="utf-8")

    def pprof(self, path: str | Path) -> None:
        """Write a profile for `go tool pprof` (needs the package `protobuf`)."""
        from .pprof import profile

        Path(path).write_bytes(profile(self))

    def parcel(self, tmin: float = 0.0) -> dict[str, list[tuple[float, str]]]:
        """Lines that precompile what was compiled here, by module, the costliest first: (seconds, line).

        Args:
            tmin: leave out what took fewer seconds.
        """
        from .parcel import lines

        return lines(self, tmin)

    def write(self, path: str | Path, tmin: float = 0.0) -> None:
        """Write the lines of `parcel` as a module."""
        from .parcel import text

        Path(path).write_text(text(self, tmin), encoding="utf-8")


class _Shown:
    """A node as a line of the tree."""

    def __init__(self, node: InferenceTimingNode, depth: int) -> None:
        self.node, self.depth = node, depth

    def __str__(self) -> str:
        return repr(self.node) if self.depth == 0 else f"{self.node._times()} {self.node.label}"


def _instance_of(node: InferenceTimingNode) -> MethodInstance | None:
    methods = sys.modules.get("diffsrc.compiler.methods")
    if methods is None or node.mode != "primal":
        return None
    found: MethodInstance | None = methods.find(methods.primal_key(node.function, node.types))
    return found


class Recording(InferenceTimingNode):
    """What `with ds.snoop() as t:` records; it is complete when the block ends. A profiler that is given runs meanwhile,
    except while something is compiled."""

    def __init__(self, profile: Switch | None = None) -> None:
        super().__init__(Node("ROOT"))
        self._running: recording | None = None
        self._profile = profile

    def __enter__(self) -> Self:
        self._running = recording(self._profile)
        self._root = self._running.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, err: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._running is not None
        self._running.__exit__(kind, err, trace)
        super().__init__(self._root)


def snoop() -> Recording:
    """Record what is compiled inside a `with` block, with the seconds of each instance and phase.

    >>> with snoop() as t:
    ...     ds.grad(loss)(w, x)
    >>> print(t)
    >>> t.flatten(tmin=0.001), t.by_source(), t.flamegraph("compile.html")
    """
    return Recording()


